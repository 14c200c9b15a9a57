"""Relations and results by themselves: the pipeline with the entities of the annotation in place of its own.

The mentions of a gold entity are the places where its forms stand in the text. Kinds and roles are the gold ones too,
unless `roles` is false; then the model decides them, and the gold ones weigh beside it as little as the rules' word.
The trained head of relations lowers its probabilities where the model doubts that the ends are entities: that is off,
since here they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.evaluate.places import mark
from kg.evaluate.records import Record, paper_of, with_confidence
from kg.extract import load_pipeline, to_record
from kg.extract.lexicon import Term
from kg.extract.pipeline import extraction_of
from kg.extract.priors import form_key
from kg.extract.reader import Reader
from kg.extract.state import Found, Hit, Thing, get, get_text, put

_REPLACED = {"kg_mentions", "kg_clustering"}


def extract_given(
    gold: Iterable[Record], *, model: str = "default", lexicon: Path | None = None, roles: bool = True
) -> Iterator[dict[str, Any]]:
    """The record that the pipeline makes of each gold record when it is given its entities, with confidences."""
    nlp = load_pipeline(model, lexicon)
    relations: Any = nlp.get_pipe("kg_relations")
    results: Any = nlp.get_pipe("kg_results")
    if relations.reader is not None:
        sure = relations.reader.model.with_settings({**relations.reader.model.config, "trust": 0.0})
        relations.reader = results.reader = Reader(sure, relations.reader.terms)
    skipped = {"kg_attributes"} if roles else set()
    for record in gold:
        paper = paper_of(record)
        doc = nlp.make_doc(paper.text)
        doc._.kg_title_end = len(paper.title)
        for name, component in nlp.pipeline:
            if name == "kg_mentions":
                _give(doc, record["entities"], relations.terms)
            elif name not in _REPLACED | skipped:
                doc = component(doc)
        extraction = extraction_of(doc, paper.id)
        yield with_confidence(to_record(extraction, paper.text), extraction)


def _give(doc: Any, entities: Sequence[Record], terms: Mapping[str, Term]) -> None:
    """Write the gold entities on the document as mentions and things."""
    text = get_text(doc)
    hits = {(h.start, h.end): h.terms for h in get(doc, "kg_lexicon", Hit)}
    found: list[Found] = []
    members: list[list[int]] = [[] for _ in entities]
    for start, end, index in mark(text, [entity["forms"] for entity in entities]):
        entity = entities[index]
        term = next((t for t in hits.get((start, end), ()) if terms[t].type == entity["type"]), "")
        members[index].append(len(found))
        found.append(
            Found(start, end, entity["type"], "gold", 1.0, term, form_key(text[start:end]), entity["kind"],
                  entity["role"], 1.0)
        )  # fmt: skip
    things = [
        Thing(e["name"], e["type"], e["kind"], e["role"], 1.0, 1.0, tuple(places),
              next((found[i].term for i in places if found[i].term), ""), ())
        for e, places in zip(entities, members, strict=True) if places
    ]  # fmt: skip
    put(doc, "kg_mentions", found)
    put(doc, "kg_entities", sorted(things, key=lambda thing: found[thing.mentions[0]].start))
