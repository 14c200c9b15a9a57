"""Reading what is learned from: annotated papers, each checked, and texts without annotation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kg.errors import RecordError, SourceError
from kg.extract.neural.labels import KINDS, ROLES, TYPES
from kg.model import Paper
from kg.readers import read_sources
from kg.vocab import RELATION_BY_LABEL

Record = dict[str, Any]
_LABELS = {"type": TYPES, "kind": KINDS, "role": ROLES}


def read_gold(paths: Sequence[Path], reject: Callable[[RecordError], None]) -> list[Record]:
    """The records of JSON Lines files in order, an id that comes again left out; `reject` is told of each bad one.

    Raises SourceError for a file that cannot be read or that holds no record that is right.
    """
    records: dict[str, Record] = {}
    for path in paths:
        before = len(records)
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(str(path), f"cannot be read: {error}") from error
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = _checked(line, str(path), str(number))
            except RecordError as error:
                reject(error)
                continue
            if record["id"] in records:
                reject(RecordError(str(path), str(number), f"{record['id']!r} came before", "id"))
            records.setdefault(record["id"], record)
        if len(records) == before:
            raise SourceError(str(path), "holds no annotated paper that could be used")
    return list(records.values())


def _checked(line: str, path: str, number: str) -> Record:
    def bad(reason: str, field: str | None = None) -> RecordError:
        return RecordError(path, number, reason, field)

    try:
        record = json.loads(line)
    except ValueError as error:
        raise bad(f"is no JSON ({error})") from error
    if not isinstance(record, dict):
        raise bad("must be an object")
    for field in ("id", "text"):
        if not isinstance(record.get(field), str) or not record[field]:
            raise bad("must be a string that is not empty", field)
    for field in ("entities", "relations", "results"):
        if not isinstance(record.setdefault(field, []), list):
            raise bad("must be a list", field)
    record.setdefault("links", [])
    names = set()
    for place, entity in enumerate(record["entities"]):
        field = f"entities[{place}]"
        if not isinstance(entity, dict) or not isinstance(entity.get("name"), str):
            raise bad("must be an object with a name", field)
        forms = entity.get("forms")
        if not isinstance(forms, list) or not forms or not all(isinstance(form, str) and form for form in forms):
            raise bad("must be a list of strings, at least one", f"{field}.forms")
        for key, known in _LABELS.items():
            if entity.get(key) not in known:
                raise bad(f"{entity.get(key)!r} is none of {', '.join(known)}", f"{field}.{key}")
        names.add(entity["name"])
    for place, relation in enumerate(record["relations"]):
        field = f"relations[{place}]"
        if not isinstance(relation, list) or len(relation) < 3:
            raise bad("must be a list of head, relation and tail", field)
        if relation[1] not in RELATION_BY_LABEL:
            raise bad(f"{relation[1]!r} is none of {', '.join(RELATION_BY_LABEL)}", field)
        for end in (relation[0], relation[2]):
            if end not in names:
                raise bad(f"{end!r} is no entity of the record", field)
    for place, result in enumerate(record["results"]):
        if not isinstance(result, dict) or not isinstance(result.get("value"), str):
            raise bad("must be an object with a value that is a string", f"results[{place}]")
    return record


def read_texts(sources: Sequence[Path], without: Sequence[Record], reject: Callable[[str], None]) -> list[Paper]:
    """Papers of sources of any format that `kg build` reads, in order, none that is annotated (by id or title) and
    none twice. Raises SourceError, UsageError for a source that is not there."""
    ids = {record["id"] for record in without}
    titles = {_title(record["text"].partition("\n")[0]) for record in without}
    found: list[Paper] = []
    for item in read_sources(list(sources)):
        if not isinstance(item, Paper):
            reject(str(item))
        elif item.abstract and item.id not in ids and _title(item.title) not in titles:
            ids.add(item.id)
            found.append(item)
    return found


def _title(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def texts_of(papers: Sequence[Paper]) -> Iterator[tuple[str, str]]:
    """Id and text of each paper."""
    for paper in papers:
        yield paper.id, paper.text
