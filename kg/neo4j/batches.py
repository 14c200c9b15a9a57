"""Rows of many kinds, sorted into batches that one transaction can take, and made ahead of need."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, TypeVar

from kg.export.neo4j_rows import Row

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


Item = TypeVar("Item")


def ahead(items: Iterable[Item], most: int = 2) -> Iterator[Item]:
    """The same items, made in a thread of their own, up to `most` before they are asked for: while the server works on
    one batch the next one is made. What making them raises is raised here.

    >>> list(ahead(range(5)))
    [0, 1, 2, 3, 4]
    """
    made: Queue[tuple[str, Any]] = Queue(most)
    left = Event()

    def put(what: str, item: Any) -> None:
        while not left.is_set():
            with suppress(Full):
                made.put((what, item), timeout=0.2)
                break

    def make() -> None:
        try:
            for item in items:
                put("item", item)
                if left.is_set():
                    return
            put("end", None)
        except BaseException as error:  # for the reader to raise
            put("error", error)

    worker = Thread(target=make, name="kg-batches", daemon=True)
    worker.start()
    try:
        while True:
            what, item = made.get()
            if what == "end":
                return
            if what == "error":
                raise item
            yield item
    finally:
        left.set()
        worker.join()


def _length(row: Row) -> int:
    total = 0
    for cell in row:  # spelled out: it runs for every row
        if type(cell) is str:
            total += len(cell)
        elif type(cell) is list:
            total += sum(map(len, cell))
        else:
            total += 1
    return total
