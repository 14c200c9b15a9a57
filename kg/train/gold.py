"""Reading what is learned from: annotated papers, each checked, and texts without annotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kg.errors import RecordError, SourceError
from kg.evaluate.records import parse_record
from kg.model import Paper
from kg.readers import read_sources

Record = dict[str, Any]


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
    """A gold record that can be learned from: with a text, a form for each entity, and relations between entities."""
    record = parse_record(line, path, number, annotated=True)
    if not isinstance(record.get("text"), str) or not record["text"]:
        raise RecordError(path, number, "must be a string that is not empty", "text")
    for place, entity in enumerate(record["entities"]):
        if not all(entity["forms"]) or not entity["forms"]:
            raise RecordError(path, number, "forms must hold at least one, none of them empty", f"entities[{place}]")
    names = {entity["name"] for entity in record["entities"]}
    for place, relation in enumerate(record["relations"]):
        for end in (relation[0], relation[2]):
            if end not in names:
                raise RecordError(path, number, f"{end!r} is no entity of the record", f"relations[{place}]")
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
