"""Known terms in the text."""

from __future__ import annotations

from spacy.tokens import Doc

from kg.extract.lexicon import Lexicon
from kg.extract.state import Hit, get_view, put


def find_hits(lexicon: Lexicon, text: str) -> list[Hit]:
    """Hits of the lexicon with the ids of their terms, none overlapping."""
    return [Hit(h.start, h.end, tuple(t.id for t in h.terms), h.ambiguous) for h in lexicon.match(text)]


class LexiconHits:
    """Component `kg_lexicon`: writes `doc._.kg_lexicon`."""

    NAME = "kg_lexicon"
    REQUIRES = ()
    ASSIGNS = ("doc._.kg_lexicon",)

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Hit]:
        return find_hits(self.lexicon, get_view(doc).text)

    def set_annotations(self, doc: Doc, hits: list[Hit]) -> Doc:
        put(doc, "kg_lexicon", hits)
        return doc
