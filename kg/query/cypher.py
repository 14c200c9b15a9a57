"""Cypher on a graph directory, nothing installed: an embedded database made from the tables, each query in a process
that can be stopped.

    with select("my.kg", "MATCH (m:Model)<-[:INTRODUCES]-(p) RETURN m.name, p.title LIMIT 5") as found:
        for name, title in found:
            print(name, title)

Labels, types and properties are those of kg.graph, as in Neo4j, and Neo4j's Cypher is translated (docs/cypher.md says
what differs). A query only reads: kg.query.cypher_guard refuses the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.errors import QueryError
from kg.query.cypher_clauses import column_names
from kg.query.cypher_dialect import to_engine
from kg.query.cypher_guard import check
from kg.query.cypher_tokens import text_of, tokens
from kg.query.worker import MEMORY, Answer, Limits, Worker, start
from kg.store import GraphDir

DATABASE = "cypher.lbug"

Value = str | int | float | bool | list[Any] | dict[str, Any] | None
Row = tuple[Value, ...]
Notice = Callable[[str], None]


class Rows:
    """Rows that are still coming. Iterate once; `close`, or the end of a `with` block, gives up the rest.

    A node is {"label": …, properties}, a relationship {"type": …, properties}, a path {"nodes", "relationships"}.
    """

    def __init__(self, worker: Worker, answer: Answer) -> None:
        self._worker, self._answer = worker, answer
        self.columns: tuple[str, ...] = tuple(answer.header["columns"])

    def __iter__(self) -> Iterator[Row]:
        try:
            for block in self._answer:
                yield from map(tuple, block)
        finally:
            self.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._worker.close()


def select(
    directory: GraphDir | str | Path,
    query: str,
    *,
    parameters: Mapping[str, Value] | None = None,
    timeout: float = 30.0,
    memory: int = MEMORY,
    notice: Notice | None = None,
) -> Rows:
    """The rows of a query, as they come. `notice` is told when a database must be made first.

    Raises QueryError for a query that is wrong or does more than read, QueryTimeout and QueryMemory (in iterating too),
    GraphError for a damaged graph, StorageError.
    """
    request = request_for(query, parameters=parameters)
    graph = directory if isinstance(directory, GraphDir) else GraphDir.open(directory)
    worker = open_worker(graph, limits=Limits(timeout, memory), notice=notice)
    try:
        return Rows(worker, worker.ask(request))
    except BaseException:
        worker.close()
        raise


def open_worker(graph: GraphDir, *, limits: Limits | None = None, notice: Notice | None = None) -> Worker:
    """A worker on the database of `graph`, which is made first if there is none; for `request_for`."""

    def build(path: Path) -> None:
        from kg.query import ladybug_build

        if notice is not None:
            notice("Building the Cypher database (once a graph) …")
        ladybug_build.build(graph, path)

    return start("cypher", graph, DATABASE, build, limits or Limits())


def request_for(query: str, *, parameters: Mapping[str, Value] | None = None) -> dict[str, Any]:
    """What a worker must be told. Raises QueryError for a query that does more than read, or that is not known here."""
    parts = tokens(query)
    check(parts)
    given = dict(parameters or {})
    missing = [part.text for part in parts if part.kind == "parameter" and part.text[1:].strip("`") not in given]
    if missing:
        raise QueryError(f"the query has a parameter {missing[0]}, and no value is given for it")
    return {"query": text_of(to_engine(parts)), "parameters": given, "columns": column_names(parts, query)}
