"""The trained model as the components see it: one reading of a text, shared by all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from spacy.tokens import Doc

from kg.extract.lexicon import LexiconHit, Term
from kg.extract.neural import Encoding, EntitySpans, Model, ResultLink
from kg.extract.state import Found, Hit, Thing, get, get_text
from kg.extract.values import Value

LEAST = 0.03  # probability of being a result from which the rules may still say that a value is one


class Reader:
    """Encodes a document once, although several components ask; remembers only the last one.

    An `Encoding` holds arrays that cannot travel with a `Doc`, so it is kept here and made again where it is missing:
    it depends on the text and the lexicon's hits alone.
    """

    def __init__(self, model: Model, terms: Mapping[str, Term]) -> None:
        self.model, self.terms = model, terms
        self._lenient = model.with_settings({**model.config, "results": LEAST})
        self._last: tuple[str, Encoding] | None = None

    @classmethod
    def load(cls, path: Path, terms: Mapping[str, Term]) -> Reader:
        """A reader with the model in directory `path`; raises `ModelError`."""
        return cls(Model.load(path), terms)

    def encoding(self, doc: Doc) -> Encoding:
        """What the encoder makes of the document."""
        text = get_text(doc)
        if self._last is None or self._last[0] != text:
            hits = [
                LexiconHit(h.start, h.end, tuple(self.terms[t] for t in h.terms), h.ambiguous)
                for h in get(doc, "kg_lexicon", Hit)
            ]
            self._last = (text, self.model.encode(text, hits))
        return self._last[1]

    def results(self, doc: Doc, values: Sequence[Value]) -> list[ResultLink]:
        """What the model says of the values, also of those that it takes for results with `LEAST` probability only."""
        return self._lenient.results(self.encoding(doc), self.entities(doc), values)

    def entities(self, doc: Doc) -> list[EntitySpans]:
        """The document's entities in the form that the model's heads take."""
        found = get(doc, "kg_mentions", Found)
        return [
            EntitySpans(tuple(sorted((found[m].start, found[m].end) for m in thing.mentions)), thing.type)
            for thing in get(doc, "kg_entities", Thing)
        ]
