"""`kg view`: the page of a part of a graph, as a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import UsageError
from kg.graph import Graph, paper_node
from kg.query import lookup
from kg.query.cards import Quote
from kg.query.show import find
from kg.store import GraphDir
from kg.store.files import whole_file
from kg.views import page, select
from kg.vocab import METADATA, NODE_TYPES, PAPER, RESULT, RESULT_EDGES, ROLE_PREDICATES

DEFAULT_LIMIT, MOST = 300, 1_000
_RESULT_EDGES = {predicate.name for predicate in RESULT_EDGES.values()}


@dataclass(frozen=True, slots=True)
class Report:
    """What is on a page: how many nodes and edges, and how many nodes were left out for want of room."""

    path: str
    nodes: int
    edges: int
    left_out: int


def view(
    graph: GraphDir | str | Path,
    out: str | Path,
    *,
    around: str | None = None,
    hops: int = 1,
    types: Collection[str] = (),
    limit: int = DEFAULT_LIMIT,
) -> Report:
    """Write the page `out`: what lies within `hops` edges of the thing called `around`, or the best supported part.

    `types` keeps only nodes of those types. At most `limit` nodes (up to 1,000) are drawn, the best supported ones.
    Raises NotFoundError or AmbiguousError for `around`, UsageError for an impossible limit or type, OutputError where
    `out` cannot be a file, StorageError where it cannot be written; then no file is left.
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"a page holds 1 to {MOST:,} nodes, not {limit:,}")
    if hops < 0:
        raise UsageError("the number of hops cannot be negative")
    graph = graph if isinstance(graph, GraphDir) else GraphDir.open(graph)
    wanted, whole = _types(types), Graph(graph)
    if around is None:
        name, part = "", select.whole(whole, types=wanted, limit=limit)
    else:
        hit = find(graph, around)
        name, centre = hit.name, paper_node(hit.id) if hit.type == PAPER else hit.id
        part = select.around(whole, centre, hops=hops, types=wanted, limit=limit)
    content = page.html(part, _texts(graph, part, name, hops))
    with whole_file(out) as file:
        file.write(content.encode("utf-8", "replace"))
    return Report(str(out), len(part.nodes), len(part.edges), part.reachable - len(part.nodes))


def _types(types: Collection[str]) -> tuple[str, ...]:
    known = {name.casefold(): name for name in NODE_TYPES}
    for name in types:
        if name.casefold() not in known:
            raise UsageError(f"{name!r} is no node type: one of {', '.join(NODE_TYPES)}")
    return tuple(known[name.casefold()] for name in types)


def _texts(graph: GraphDir, part: select.Part, name: str, hops: int) -> page.Texts:
    return page.Texts(
        title=name or "Best supported part of the graph",
        subtitle=_subtitle(part, name, hops),
        of_nodes=_node_quotes(graph, part),
        of_edges=_edge_quotes(graph, part),
    )


def _subtitle(part: select.Part, name: str, hops: int) -> str:
    if not part.nodes:
        return ""
    count = f"{_number(len(part.nodes), 'node')}, {_number(len(part.edges), 'edge')}"
    where = f" within {_number(hops, 'step')} of {name}" if name else ""
    left = part.reachable - len(part.nodes)
    return f"{count}{where}" + (f"; {left:,} less supported nodes are left out" if left > 0 else "")


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _edge_quotes(graph: GraphDir, part: select.Part) -> dict[str, Sequence[Quote]]:
    """By edge id the sentences that say so; an edge of a result has that of the result."""
    about = {
        edge.id: edge.source if edge.type in _RESULT_EDGES else edge.id
        for edge in part.edges
        if edge.type not in METADATA
    }
    said = lookup.quotes(graph, about.values(), each=2)
    return {edge: said[source] for edge, source in about.items() if source in said}


def _node_quotes(graph: GraphDir, part: select.Part) -> dict[str, Sequence[Quote]]:
    """By node id one sentence: of the paper that introduces the thing, else of the newest one that knows it."""
    order = [*ROLE_PREDICATES]
    rows = graph.query(
        """
        SELECT object, id FROM (
            SELECT s.object, s.id, row_number() OVER (
                PARTITION BY s.object
                ORDER BY list_position(?::VARCHAR[], s.predicate), p.date DESC, s.subject
            ) AS place
            FROM statements s JOIN papers p ON p.id = s.subject
            WHERE s.object IN (SELECT unnest(?::VARCHAR[]))
        ) WHERE place = 1
        """,
        [order, [node.id for node in part.nodes]],
    )
    about = {**dict(rows), **{node.id: node.id for node in part.nodes if node.label == RESULT}}
    said = lookup.quotes(graph, about.values(), each=1)
    return {node: said[source] for node, source in about.items() if source in said}
