"""An extraction in the form of the annotation guidelines."""

from __future__ import annotations

from typing import Any

from kg.model import Extraction
from kg.vocab import RELATIONS


def to_record(extraction: Extraction, text: str) -> dict[str, Any]:
    """One record: `id`, `entities`, `relations`, `results`, `links`; names are unique, negated statements left out."""
    names: list[str] = []
    for entity in extraction.entities:
        free = [form for form in (entity.name, *entity.forms) if form not in names]
        names.append(free[0] if free else f"{entity.name} ({entity.type})")
    entities = [
        {"name": name, "forms": list(e.forms), "type": e.type, "kind": e.kind, "role": e.role}
        for name, e in zip(names, extraction.entities, strict=True)
    ]
    relations = []
    for relation in extraction.relations:
        triple = [names[relation.head], RELATIONS[relation.predicate].label, names[relation.tail]]
        if not relation.negated and triple not in relations:
            relations.append(triple)
    results = [
        {
            "subject": None if r.subject is None else names[r.subject],
            "metric": None if r.metric is None else names[r.metric],
            "value": r.value,
            "dataset": None if r.dataset is None else names[r.dataset],
            "baseline": None if r.baseline is None else names[r.baseline],
            "evidence": text[slice(*r.evidence)],
        }
        for r in extraction.results
    ]
    return {
        "id": extraction.paper,
        "entities": entities,
        "relations": relations,
        "results": results,
        "links": list(extraction.links),
    }
