"""Which part of a graph goes on a page: around one thing, or the best supported part of the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kg.graph import Edge, Graph, Node, paper_node
from kg.vocab import DENIES, ENTITY_TYPES, PAPER, RELATIONS, ROLE_PREDICATES

_CONSIDERED = 50_000  # statements, best supported first, among which the nodes of a page are chosen
_NO_RELATIONS = 200  # without any relation to draw: how many things are shown as dots


@dataclass(frozen=True, slots=True)
class Part:
    """Nodes and edges of a page, `centre` first if there is one; `reachable`: how many there were to choose from."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    centre: str | None
    reachable: int


def around(graph: Graph, centre: str, *, hops: int, types: Collection[str], limit: int) -> Part:
    """What lies within `hops` edges of the node `centre`: of too many the nearest, then the best supported ones."""
    view = graph.to_networkx(around=centre, hops=hops, types=types)
    distance = _distances(view, centre)
    weight = {node: sum(_weight(data) for _, _, data in _touching(view, node)) for node in view}
    ordered = sorted(view, key=lambda n: (distance.get(n, hops + 1), -_importance(view.nodes[n], weight[n]), n))
    return _part(view, ordered[:limit], centre, len(ordered))


def whole(graph: Graph, *, types: Collection[str], limit: int) -> Part:
    """The best supported statements between things of `types` (entities, if none is given) and what they join."""
    wanted = set(types) or set(ENTITY_TYPES)
    if wanted - set(ENTITY_TYPES):
        view = graph.to_networkx(types=wanted)
        weight = {node: sum(_weight(data) for _, _, data in _touching(view, node)) for node in view}
        ordered = sorted(view, key=lambda n: (-_importance(view.nodes[n], weight[n]), n))
        return _part(view, ordered[:limit], None, len(ordered))
    return _entities(graph, sorted(wanted), limit)


def _entities(graph: Graph, types: Sequence[str], limit: int) -> Part:
    rows = graph.dir.query(
        """
        SELECT s.subject, s.object FROM statements s
        JOIN entities a ON a.id = s.subject JOIN entities b ON b.id = s.object
        WHERE a.type IN (SELECT unnest($1::VARCHAR[])) AND b.type IN (SELECT unnest($1::VARCHAR[]))
          AND s.predicate IN (SELECT unnest($2::VARCHAR[]))
        ORDER BY s.support DESC, least(a.papers, b.papers) DESC, a.papers + b.papers DESC, s.confidence DESC, s.id
        LIMIT $3
        """,
        [list(types), list(RELATIONS), _CONSIDERED],
    )
    chosen = _greedy(rows, limit)
    reachable = graph.dir.query(
        "SELECT count(*) FROM entities WHERE type IN (SELECT unnest(?::VARCHAR[]))", [list(types)]
    )[0][0]
    if not chosen:  # nothing is related: at least what there is
        best = graph.dir.query(
            "SELECT id FROM entities WHERE type IN (SELECT unnest(?::VARCHAR[])) ORDER BY papers DESC, id LIMIT ?",
            [list(types), min(limit, _NO_RELATIONS)],
        )
        chosen = [id_ for (id_,) in best]
    if not chosen:
        return _papers_alone(graph, limit)
    return Part(tuple(_nodes(graph, chosen)), tuple(_edges(graph, chosen)), None, reachable)


def _greedy(pairs: Iterable[tuple[str, str]], limit: int) -> list[str]:
    """The ends of the first pairs, `limit` at most; a pair that has no room for both of its ends is left out."""
    chosen: dict[str, None] = {}
    for pair in pairs:
        fresh = [end for end in pair if end not in chosen]
        if len(chosen) + len(fresh) <= limit:
            chosen.update(dict.fromkeys(fresh))
        if len(chosen) >= limit:
            break
    return list(chosen)


def _nodes(graph: Graph, ids: Sequence[str]) -> Iterable[Node]:
    rows = graph.dir.query(
        "SELECT id, type, name, kind, aliases, papers, links FROM entities WHERE id IN (SELECT unnest(?::VARCHAR[])) "
        "ORDER BY papers DESC, id",
        [list(ids)],
    )
    for id_, type_, name, kind, aliases, papers, links in rows:
        props = {"kind": kind, "aliases": tuple(aliases), "papers": papers, "links": tuple(links)}
        yield Node(id_, type_, name, props)


def _edges(graph: Graph, ids: Sequence[str]) -> Iterable[Edge]:
    rows = graph.dir.query(
        "SELECT id, subject, predicate, object, negated, support, confidence FROM statements "
        "WHERE subject IN (SELECT unnest($1::VARCHAR[])) AND object IN (SELECT unnest($1::VARCHAR[])) ORDER BY id",
        [list(ids)],
    )
    for id_, subject, predicate, object_, negated, support, confidence in rows:
        props: dict[str, Any] = {"predicate": predicate} if negated else {}
        props |= {"support": support, "confidence": confidence}
        yield Edge(subject, DENIES if negated else predicate, object_, id_, props)


def _papers_alone(graph: Graph, limit: int) -> Part:
    """A graph of papers in which nothing was found: the papers."""
    rows = graph.dir.query(
        "SELECT id, title, date FROM papers ORDER BY date DESC, id LIMIT ?", [min(limit, _NO_RELATIONS)]
    )
    count = graph.dir.query("SELECT count(*) FROM papers")[0][0]
    nodes = tuple(Node(paper_node(id_), PAPER, title or id_, {"date": date}) for id_, title, date in rows)
    return Part(nodes, (), None, count)


# --- parts of a networkx view -------------------------------------------------------------------------------------


def _part(view: Any, chosen: Sequence[str], centre: str | None, reachable: int) -> Part:
    kept = set(chosen)
    nodes = []
    for id_ in chosen:
        data = dict(view.nodes[id_])
        nodes.append(Node(id_, data.pop("type"), data.pop("name"), {k: v for k, v in data.items() if k != "id"}))
    edges = []
    for source, target, data in sorted(view.edges(data=True), key=lambda edge: edge[2]["id"]):
        if source in kept and target in kept:
            props = {key: value for key, value in data.items() if key not in ("id", "type")}
            edges.append(Edge(source, data["type"], target, data["id"], props))
    return Part(tuple(nodes), tuple(edges), centre, reachable)


def _touching(view: Any, node: str) -> Iterable[tuple[str, str, dict[str, Any]]]:
    yield from view.in_edges(node, data=True)
    yield from view.out_edges(node, data=True)


def _distances(view: Any, centre: str) -> dict[str, int]:
    """Hops from `centre`, whatever the direction of edges."""
    found, frontier = {centre: 0}, [centre]
    while frontier:
        near = {other for node in frontier for a, b, _ in _touching(view, node) for other in (a, b)}
        fresh = sorted(near - found.keys())
        found.update(dict.fromkeys(fresh, found[frontier[0]] + 1))
        frontier = fresh
    return found


def _weight(edge: dict[str, Any]) -> float:
    """What an edge says for its ends: a relation more than a role, a mention least."""
    worth = 0.1 if edge["type"] == "mentions" else 1.0 if edge["type"] in ROLE_PREDICATES else 3.0
    return worth * (1.0 + float(edge.get("support", 1))) * float(edge.get("confidence", 1.0))


def _importance(node: dict[str, Any], weight: float) -> float:
    papers = node.get("papers", 0)
    return weight + (papers if isinstance(papers, int) else 0)
