"""Bring a database to the state of a graph directory: create, update, and on request take away what is gone."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.config import schemas_dir
from kg.errors import GraphError
from kg.export.neo4j_rows import RELATIONSHIP_TYPES, Keys, Row, edge_row, end_label, node_row
from kg.graph import Graph
from kg.graph import load as load_graph
from kg.neo4j import cypher
from kg.neo4j.batches import ROWS, ahead, batched
from kg.neo4j.server import BatchTooBig, Database, ServerError, Written, chunks, connect

Advance = Callable[[int], None]
EdgeKind = tuple[str, str, str]  # predicate (or DENIES), labels by which source and target are looked up


@dataclass
class LoadReport:
    """What a load found and did. `kept`: nodes that are gone from the graph, but others' relationships hang on them."""

    server: str = ""
    nodes: int = 0
    edges: int = 0
    nodes_created: int = 0
    edges_created: int = 0
    nodes_deleted: int = 0
    edges_deleted: int = 0
    kept: int = 0


def load(
    directory: str | Path,
    *,
    uri: str,
    user: str,
    password: str,
    database: str | None = None,
    prune: bool = False,
    batch: int = ROWS,
    advance: Advance = lambda _: None,
) -> LoadReport:
    """Load the graph in `directory` into a Neo4j database; `prune` deletes what an earlier load of it left there.

    Idempotent: what is there already is compared and only differences are written, so an interrupted load is
    continued by the same call. Nodes, relationships and properties that are not ours are not touched.
    `advance` is called with the number of nodes or edges that were just done. Raises GraphError for a damaged graph,
    what `connect` raises, StorageError where the server's disk is full, ServerError for what else it refuses.
    """
    graph = load_graph(directory)
    with connect(uri=uri, user=user, password=password, database=database) as db:
        return Loader(db, graph, batch=batch, advance=advance).run(prune=prune)


def size(directory: str | Path) -> int:
    """How many nodes and edges `load` will advance by."""
    graph = load_graph(directory)
    counts = {name: file.rows for name, file in graph.dir.manifest.files.items()}
    rows = sum(counts[f"{table}.parquet"] for table in ("papers", "entities", "results", "statements"))
    ends = graph.dir.query(
        "SELECT count(subject) + count(metric) + count(dataset) + count(baseline) + count(paper) FROM results"
    )
    return rows + int(ends[0][0]) + sum(1 for _ in graph.metadata_nodes()) + sum(1 for _ in graph.metadata())


@dataclass
class Loader:
    """One load of a graph into a connected database."""

    db: Database
    graph: Graph
    batch: int = ROWS
    advance: Advance = lambda _: None
    report: LoadReport = field(default_factory=LoadReport)

    def __post_init__(self) -> None:
        self.keys = Keys(self.graph.dir.manifest.base_iri)
        self.report.server = self.db.agent

    def run(self, *, prune: bool) -> LoadReport:
        """Schema, nodes, edges, then what is gone."""
        self.define_schema()
        self.merge_nodes()
        self.merge_edges()
        if prune:
            self.prune()
        return self.report

    def merge_nodes(self) -> None:
        """Create or update all nodes."""
        for label, rows in ahead(batched(self._node_rows(), size=self.batch)):
            self._merge(cypher.merge_nodes(label), rows, f"nodes {label}")
            self.report.nodes += len(rows)

    def merge_edges(self) -> None:
        """Create or update all edges; their ends are there."""
        for kind, rows in ahead(batched(self._edge_rows(), size=self.batch)):
            self._merge(cypher.merge_edges(*kind), rows, f"relationships {RELATIONSHIP_TYPES[kind[0]]}")
            self.report.edges += len(rows)

    def define_schema(self) -> None:
        """Constraints and indexes of schemas/neo4j.cypher; those that are there stay."""
        text = (schemas_dir() / "neo4j.cypher").read_text(encoding="utf-8")
        for statement in cypher.schema_statements(text):
            self.db.define(statement)

    def prune(self) -> None:
        """Delete what is marked as this graph's and is not in it any more: edges first, then nodes."""
        edges = (self.keys(edge.id) for edge in self.graph.edges())
        for elements in self._gone(cypher.edge_keys(), edges):
            self.report.edges_deleted += self._write(cypher.delete_edges(), "elements", elements).done
        nodes = (self.keys(node.id) for node in self.graph.nodes())
        for elements in self._gone(cypher.node_keys(), nodes):
            deleted = self._write(cypher.delete_nodes(), "elements", elements).done
            self.report.nodes_deleted += deleted
            self.report.kept += len(elements) - deleted

    def _gone(self, query: str, present: Iterable[str]) -> Iterator[list[str]]:
        """Batches of element ids of what the database has and `present` has not."""
        known = KeySet(present, self.keys.prefix)
        gone = [element for key, element in self.db.stream(query, prefix=self.keys.prefix) if key not in known]
        yield from map(list, chunks(gone, self.batch))

    def _node_rows(self) -> Iterator[tuple[str, Row]]:
        for node in self.graph.nodes():
            yield node.label, node_row(node, self.keys)

    def _edge_rows(self) -> Iterator[tuple[EdgeKind, Row]]:
        for edge in self.graph.edges():
            yield (edge.type, end_label(edge.source), end_label(edge.target)), edge_row(edge, self.keys)

    def _merge(self, query: str, rows: list[Row], what: str) -> None:
        written = self._write(query, "rows", rows)
        if written.done != len(rows):
            missing = len(rows) - written.done
            raise GraphError(self.graph.dir.path, f"{missing} {what} have an end that is no node of the graph")
        self.report.nodes_created += written.nodes_created
        self.report.edges_created += written.edges_created
        self.advance(len(rows))

    def _write(self, query: str, parameter: str, items: Sequence[Any]) -> Written:
        """One transaction for `items`, or, where the server lacks the memory for it, one for each half."""
        try:
            return self.db.write(query, **{parameter: items})
        except BatchTooBig as error:
            if len(items) == 1:
                raise ServerError(self.db.uri, "the server has not the memory for a transaction of one row") from error
        halves = [self._write(query, parameter, half) for half in chunks(items, (len(items) + 1) // 2)]
        return Written(*map(sum, zip(*halves, strict=True)))


class KeySet:
    """A set of `kg_key`s with one prefix in 8 bytes each, for graphs of many millions.

    >>> "p00000000000000ff" in KeySet(["p00000000000000ff"], "p"), "p00" in KeySet([], "p")
    (True, False)
    """

    def __init__(self, keys: Iterable[str], prefix: str) -> None:
        self._skip = len(prefix)
        self._sorted = array("Q", sorted(array("Q", (int(key[self._skip :], 16) for key in keys))))

    def __contains__(self, key: str) -> bool:
        number = int(key[self._skip :], 16)
        place = bisect_left(self._sorted, number)
        return place < len(self._sorted) and self._sorted[place] == number
