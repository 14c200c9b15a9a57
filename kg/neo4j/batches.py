"""Rows of many kinds, sorted into batches that one transaction can take. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from kg.export.neo4j_rows import Cell, Row

Kind = TypeVar("Kind", bound=Hashable)

ROWS = 10_000  # in one transaction; measured: more gains nothing
CHARACTERS = 8_000_000  # in one transaction, so that long texts do not fill the server's memory
HELD = 100_000  # rows that wait for their batch to fill, over all kinds


def batched(
    rows: Iterable[tuple[Kind, Row]], *, size: int = ROWS, characters: int = CHARACTERS, held: int = HELD
) -> Iterator[tuple[Kind, list[Row]]]:
    """The rows grouped by kind, at most `size` and about `characters` in a batch (one row may be longer by itself).

    Memory is bounded: where more than `held` rows wait, the longest batch is given although it is not full.

    >>> [(kind, len(rows)) for kind, rows in batched([("a", [1]), ("b", [2]), ("a", [3]), ("a", [4])], size=2)]
    [('a', 2), ('b', 1), ('a', 1)]
    """
    waiting: dict[Kind, list[Row]] = {}
    lengths: dict[Kind, int] = {}
    total = 0
    for kind, row in rows:
        weight = _length(row)
        if lengths.get(kind, 0) + weight > characters and kind in waiting:
            total -= len(waiting[kind])
            lengths[kind] = 0
            yield kind, waiting.pop(kind)
        waiting.setdefault(kind, []).append(row)
        lengths[kind] = lengths.get(kind, 0) + weight
        total += 1
        full = kind if len(waiting[kind]) >= size else None
        if full is None and total >= held:
            full = max(waiting, key=lambda other: len(waiting[other]))
        if full is not None:
            total -= len(waiting[full])
            lengths[full] = 0
            yield full, waiting.pop(full)
    yield from waiting.items()


def _length(row: Row) -> int:
    return sum(_cell_length(cell) for cell in row)


def _cell_length(cell: Cell) -> int:
    if isinstance(cell, str):
        return len(cell)
    return sum(map(len, cell)) if isinstance(cell, list) else 1
