"""Records to measure: gold ones and predicted ones, both in the form of the annotation guidelines.

A predicted record may say how sure it is: `confidence` and `role_confidence` in an entity, a fourth item in a relation,
`confidence` in a result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.errors import RecordError, SourceError
from kg.model import Extraction, Paper
from kg.vocab import ENTITY_TYPES, KINDS, RELATION_BY_LABEL, RELATIONS, ROLES

Record = Mapping[str, Any]
LISTS = ("entities", "relations", "results", "links")


def read_records(path: str | Path, *, annotated: bool = False) -> dict[str, dict[str, Any]]:
    """Records of a JSON Lines file by id, each with all four lists; of two with one id the later.

    `annotated`: they are gold ones, whose entities must have kind and role. Raises `SourceError` for a file that cannot
    be read and `RecordError`, with line and field, for a bad record.
    """
    records: dict[str, dict[str, Any]] = {}
    try:
        with Path(path).open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    record = parse_record(line, str(path), str(number), annotated=annotated)
                    records[record["id"]] = record
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read: {error}") from error
    return records


def parse_record(line: str, path: str, number: str, *, annotated: bool = False) -> dict[str, Any]:
    """One line as a record with all four lists; see `read_records`. Raises RecordError."""
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RecordError(path, number, f"is no JSON ({error})") from error
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise RecordError(path, number, "must be an object with an id that is a string", "id")
    for name, fault in zip(LISTS, (_entity_fault, _relation_fault, _result_fault, _link_fault), strict=True):
        items = record.setdefault(name, [])
        if not isinstance(items, list):
            raise RecordError(path, number, "must be a list", name)
        for place, item in enumerate(items):
            wrong = fault(item, annotated)
            if wrong:
                raise RecordError(path, number, wrong, f"{name}[{place}]")
    return record


def _entity_fault(entity: Any, annotated: bool) -> str:
    if not isinstance(entity, dict) or not isinstance(entity.get("name"), str):
        return "must be an object with a name that is a string"
    forms = entity.get("forms")
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        return "forms must be a list of strings"
    for field, known in (("type", ENTITY_TYPES), ("kind", KINDS), ("role", tuple(ROLES))):
        given = field in entity or field == "type" or annotated
        if given and entity.get(field) not in known:
            return f"{field} must be one of {', '.join(known)}, not {entity.get(field)!r}"
    return _unsure(entity.get("confidence"), entity.get("role_confidence"))


def _relation_fault(relation: Any, annotated: bool) -> str:
    if (
        not isinstance(relation, list)
        or not 3 <= len(relation) <= 4
        or not all(isinstance(x, str) for x in relation[:3])
    ):
        return "must be a list of head, relation and tail, and perhaps a confidence"
    if relation[1] not in RELATION_BY_LABEL:
        return f"relation must be one of {', '.join(RELATION_BY_LABEL)}, not {relation[1]!r}"
    return _unsure(*relation[3:])


def _result_fault(result: Any, annotated: bool) -> str:
    if not isinstance(result, dict) or not isinstance(result.get("value"), str):
        return "must be an object with a value that is a string"
    if not all(isinstance(result.get(slot), str | None) for slot in ("subject", "metric")):
        return "subject and metric must be names of entities, or null"
    return _unsure(result.get("confidence"))


def _link_fault(link: Any, annotated: bool) -> str:
    return "" if isinstance(link, str) else "must be a string"


def _unsure(*confidences: Any) -> str:
    good = all(
        c is None or (isinstance(c, int | float) and not isinstance(c, bool) and 0 <= c <= 1) for c in confidences
    )
    return "" if good else "a confidence must be a number between 0 and 1"


def paper_of(record: Record, file: str = "gold") -> Paper:
    """The paper that a gold record annotates: its text is the title, a line break and the abstract.

    Raises `RecordError`, with `file` and id, for a record without text.
    """
    text = record.get("text")
    if not isinstance(text, str):
        raise RecordError(file, str(record["id"]), "must be a string, to extract from", "text")
    title, _, abstract = text.partition("\n")
    return Paper(record["id"], title, abstract) if abstract else Paper(record["id"], "", text)


def with_confidence(record: Record, extraction: Extraction) -> dict[str, Any]:
    """The record that `kg.extract.to_record` made of `extraction`, with its confidences.

    The confidence of an entity is the probability that it is one, of this type; `role_confidence` that its role is
    right if it is. Of relations and results it is the confidence that the graph gives the statement in this paper.
    """
    names = [entity["name"] for entity in record["entities"]]
    sure: dict[tuple[str, str, str], float] = {}
    for r in extraction.relations:
        if not r.negated:
            triple = (names[r.head], RELATIONS[r.predicate].label, names[r.tail])
            sure[triple] = max(r.score, sure.get(triple, 0.0))
    return {
        **record,
        "entities": _zipped(record["entities"], extraction.entities, _entity_confidence),
        "relations": [[*triple, sure[triple[0], triple[1], triple[2]]] for triple in record["relations"]],
        "results": _zipped(record["results"], extraction.results, lambda result: {"confidence": result.score}),
    }


def _entity_confidence(entity: Any) -> dict[str, float]:
    return {"confidence": entity.score, "role_confidence": entity.role_score}


def _zipped(items: Sequence[Any], sources: Sequence[Any], more: Callable[[Any], dict[str, float]]) -> list[Any]:
    return [{**item, **more(source)} for item, source in zip(items, sources, strict=True)]
