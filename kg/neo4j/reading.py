"""What a database holds of a graph, to compare with the tables: counts, and nodes and edges as kg.graph has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kg import vocab
from kg.export.neo4j_rows import RELATIONSHIP_TYPES, Keys, end_label
from kg.graph import EDGE_PROPERTIES, NODE_PROPERTIES, Edge, Node
from kg.neo4j import cypher
from kg.neo4j.server import Database, connect
from kg.vocab import DEFAULT_BASE


@dataclass(frozen=True, slots=True)
class Counts:
    """Nodes per label and edges per predicate (or DENIES), each name of the vocabulary with a number, also 0."""

    nodes: Mapping[str, int]
    edges: Mapping[str, int]


def counts(*, uri: str, user: str, password: str, database: str | None = None, base_iri: str = DEFAULT_BASE) -> Counts:
    """How much a database holds of the graph with `base_iri`; raises what `connect` raises."""
    with connect(uri=uri, user=user, password=password, database=database) as db:
        return count(db, base_iri)


def count(db: Database, base_iri: str) -> Counts:
    """As `counts`, on a connection that is open."""
    prefix = Keys(base_iri).prefix
    nodes = dict(db.rows(cypher.count_nodes(), prefix=prefix, labels=list(vocab.NODE_TYPES)))
    edges = dict(db.rows(cypher.count_edges(), prefix=prefix))
    return Counts(
        {label: nodes.get(label, 0) for label in vocab.NODE_TYPES},
        {name: edges.get(type_, 0) for name, type_ in RELATIONSHIP_TYPES.items()},
    )


def read_nodes(db: Database, nodes: Iterable[Node], base_iri: str) -> dict[str, Node]:
    """Node id -> the node as the database has it, for those of `nodes` that are there."""
    keys = Keys(base_iri)
    found = {}
    for label, group in groupby(sorted(nodes, key=_label), key=_label):
        for (properties,) in db.rows(cypher.read_nodes(label), keys=[keys(node.id) for node in group]):
            node = Node(properties["id"], label, properties["name"], _props(properties, NODE_PROPERTIES[label]))
            found[node.id] = node
    return found


def read_edges(db: Database, edges: Iterable[Edge], base_iri: str) -> dict[str, Edge]:
    """Edge id -> the edge as the database has it, for those of `edges` that are there."""
    keys = Keys(base_iri)
    found = {}
    for kind, group in groupby(sorted(edges, key=_kind), key=_kind):
        rows = [[keys(edge.source), keys(edge.target), keys(edge.id)] for edge in group]
        for source, target, properties in db.rows(cypher.read_edges(*kind), rows=rows):
            edge = Edge(source, kind[0], target, properties["id"], _props(properties, EDGE_PROPERTIES))
            found[edge.id] = edge
    return found


def _label(node: Node) -> str:
    return node.label


def _kind(edge: Edge) -> tuple[str, str, str]:
    return edge.type, end_label(edge.source), end_label(edge.target)


def _props(properties: Mapping[str, Any], wanted: Mapping[str, type]) -> dict[str, Any]:
    return dict(_present(properties, wanted))


def _present(properties: Mapping[str, Any], wanted: Mapping[str, type]) -> Iterator[tuple[str, Any]]:
    for name, kind in wanted.items():
        value = properties.get(name)
        if kind is tuple:
            yield name, tuple(value or ())  # a list of nothing is absent there
        elif value is not None:
            yield name, value
