"""`records.parquet`: every record of every source as it was read, so that a source can be added, replaced, taken out.

One row a record, and one for each source file itself. `state` says what a row is:

    source      a file; `message` is the SHA-256 of its bytes
    accepted    a record that was used; the columns of a paper hold it
    rejected    a record that was not; `message` is the reason
    notice      something to know about an accepted record; `message` says what
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, BinaryIO

from kg.model import Notice, Paper, Rejected

Item = Paper | Rejected | Notice


@dataclass(frozen=True, slots=True)
class SourceRecords:
    """All that was read from one source file: its name, its hash, and the records in the order of the file."""

    name: str
    sha256: str
    items: tuple[Item, ...]

    @property
    def papers(self) -> tuple[Paper, ...]:
        return tuple(item for item in self.items if isinstance(item, Paper))

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        return tuple(item for item in self.items if isinstance(item, Rejected))

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(item for item in self.items if isinstance(item, Notice))


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row of the table; the last columns are those of a paper, empty unless `state` is `accepted`."""

    source: str
    position: int
    state: str
    record: str
    message: str
    id: str = ""
    title: str = ""
    abstract: str = ""
    date: str = ""
    date_precision: str = ""
    authors: tuple[str, ...] = ()
    venue: str = ""
    sources: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


_PAPER = tuple(field.name for field in fields(Paper))


def rows_of(source: SourceRecords) -> Iterator[RecordRow]:
    """The rows of one source file."""
    yield RecordRow(source.name, -1, "source", "", source.sha256)
    for position, item in enumerate(source.items):
        match item:
            case Paper():
                values = {name: getattr(item, name) for name in _PAPER}
                yield RecordRow(source.name, position, "accepted", "", "", **values)
            case Rejected():
                yield RecordRow(source.name, position, "rejected", item.record, item.reason)
            case Notice():
                yield RecordRow(source.name, position, "notice", item.record, item.message)


def item_of(row: RecordRow) -> Item:
    """What a row (that is no `source`) holds."""
    match row.state:
        case "accepted":
            return Paper(**{name: getattr(row, name) for name in _PAPER})
        case "rejected":
            return Rejected(row.source, row.record, row.message)
        case "notice":
            return Notice(row.source, row.record, row.message)
    raise ValueError(f"a record of state {row.state!r}")


def write(file: Any, sources: Iterable[SourceRecords]) -> int:
    """Write the table to a writable file object; returns its rows."""
    from kg.store.tables import RECORDS, write_rows

    return write_rows(file, RECORDS, (row for source in sources for row in rows_of(source)))


def read(file: BinaryIO) -> dict[str, SourceRecords]:
    """Source name → its records. Every page is checked; raises `kg.store.tables.TableError`."""
    from kg.store.tables import RECORDS, TableError, read_rows

    hashes: dict[str, str] = {}
    items: dict[str, list[Item]] = {}
    for row in read_rows(file, RECORDS, verify=True):
        if row.state == "source":
            hashes[row.source] = row.message
            items[row.source] = []
        elif row.source in items:
            items[row.source].append(item_of(row))
        else:
            raise TableError(f"holds records of {row.source!r} without the source itself")
    return {name: SourceRecords(name, hashes[name], tuple(items[name])) for name in hashes}
