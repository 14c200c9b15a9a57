"""Ladybug inside a query worker: a database opened for reading, rows as plain values."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import ladybug

from kg.errors import QueryError
from kg.query.cypher_tokens import HIDDEN
from kg.query.inside import HEAD, ROWS, Send, batches

_THREADS = 2
_MEMORY = ("buffer pool is full", "bad_alloc", "unable to allocate memory")
_POOL = 64 << 20  # bytes that the buffer pool has at least


class Engine:
    """Answers {"query", "parameters", "columns"}; `columns` is how they are called, None: as the engine does."""

    opens_later = False

    def __init__(self, path: str, memory: int) -> None:
        pool = max(memory // 2, _POOL)
        self._database = ladybug.Database(path, read_only=True, max_num_threads=_THREADS, buffer_pool_size=pool)
        self._connection = ladybug.Connection(self._database)
        names = self._connection.execute("CALL show_tables() RETURN name")
        assert not isinstance(names, list)
        if not names.has_next():  # a file of no bytes opens as an empty database
            raise ValueError("holds no graph")
        names.get_all()

    def answer(self, request: dict[str, Any], send: Send) -> None:
        try:
            result = self._connection.execute(request["query"], request["parameters"])
            if isinstance(result, list):
                raise QueryError("one statement at a time")
            names = result.get_column_names()
            columns = request["columns"] if request["columns"] and len(request["columns"]) == len(names) else names
            shown = [at for at, name in enumerate(names) if not name.startswith(HIDDEN)]
            send(HEAD, {"columns": [columns[at] for at in shown]})
            for batch in batches(_rows(result, shown)):
                send(ROWS, batch)
        except RuntimeError as error:
            if any(words in str(error).lower() for words in _MEMORY):
                raise MemoryError(str(error)) from error
            raise QueryError(readable(str(error))) from error


def readable(message: str) -> str:
    """The engine's words without what only its makers need.

    >>> readable("Binder exception: Cannot find property nope for n.")
    'the query cannot be answered: Cannot find property nope for n.'
    """
    kind, _, rest = message.partition(" exception: ")
    said = rest if rest and " " not in kind else message
    lines = said.strip().splitlines()
    if "out of range" in said and "list_extract" in said:
        return "a list has no such place: ask for size(list) first, as in CASE WHEN size(list) > 0 THEN list[0] END"
    return f"the query cannot be {'read' if kind == 'Parser' else 'answered'}: {' '.join(lines[:1])[:400]}"


def _rows(result: Any, shown: list[int]) -> Iterator[list[Any]]:
    while result.has_next():
        row = result.get_next()
        yield [plain(row[at]) for at in shown]


def plain(value: Any) -> Any:
    """A value as MessagePack and JSON have it; a node is {"label", properties}, a relationship {"type", properties}."""
    if value is None or isinstance(value, bool | int | float | str):
        return value if not isinstance(value, int) or -(2**63) <= value < 2**64 else str(value)
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, decimal.Decimal | uuid.UUID | datetime.timedelta):
        return str(value)
    return str(value)


def _mapping(value: Mapping[Any, Any]) -> Any:
    if "_NODES" in value and "_RELS" in value:
        return {"nodes": plain(value["_NODES"]), "relationships": plain(value["_RELS"])}
    if value.keys() == {"offset", "table"}:  # what id(n) gives
        return f"{value['table']}:{value['offset']}"
    if "_LABEL" in value and "_ID" in value:
        what = "type" if "_SRC" in value else "label"
        props = {name: plain(item) for name, item in value.items() if item is not None and not name.startswith("_")}
        return {what: value["_LABEL"], **props}
    return {str(name): plain(item) for name, item in value.items()}
