"""The property graph of a directory, streamed or as networkx: the one projection that every other door shows.

    papers      -> Paper         paper/{id}
    entities    -> Method …      {type}/{key}
    results     -> Result        r{hash}
    metadata    -> Author        author/{folded name}, Venue venue/{folded name}, Repository repository/{address}
    statements  -> edges named as the predicate; a negated one is an edge DENIES with the property `predicate`

Offsets in `evidence` ("paper:start-end") count Unicode code points in the paper's text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg import vocab
from kg.errors import NotFoundError, UsageError
from kg.model import EntityRow, Paper, ResultRow
from kg.store import GraphDir
from kg.text import bounded, digest, fold

if TYPE_CHECKING:
    import networkx

Value = str | int | float | bool | tuple[str, ...]

EVIDENCE_SHOWN = 20  # of an edge; all of it stands in evidence.parquet
PAGE = 20_000  # rows a query: bounds the memory of a walk through everything

_ENTITY_PROPERTIES: dict[str, type] = {"aliases": tuple, "kind": str, "papers": int, "links": tuple}
# Label -> the properties of such a node besides id and name. One that has no value is absent.
NODE_PROPERTIES: dict[str, dict[str, type]] = {
    vocab.PAPER: {
        "title": str,
        "abstract": str,
        "date": str,
        "date_precision": str,
        "authors": tuple,
        "venue": str,
        "sources": tuple,
        "source_ids": tuple,
        "urls": tuple,
    },
    **dict.fromkeys(vocab.ENTITY_TYPES, _ENTITY_PROPERTIES),
    vocab.RESULT: {
        "value": str,
        "mode": str,
        "low": float,
        "high": float,
        "unit": str,
        "higher_is_better": bool,
        "confidence": float,
    },
    vocab.AUTHOR: {},
    vocab.VENUE: {},
    vocab.REPOSITORY: {"url": str},
}
# `predicate` stands on DENIES alone, the others on every edge.
EDGE_PROPERTIES: dict[str, type] = {
    "predicate": str,
    "support": int,
    "confidence": float,
    "papers": tuple,
    "evidence": tuple,
}
EDGE_TYPES = (*vocab.PREDICATES, vocab.DENIES)

METADATA_LABEL = {p.name: next(iter(p.range)) for p in vocab.METADATA.values()}
METADATA_LABELS = frozenset(METADATA_LABEL.values())
_ROLES = ", ".join(f"'{name}'" for name in vocab.ROLE_PREDICATES)  # a closed vocabulary, never text

# Pages of a table by id. The evidence is sorted by what it is about, so that its range is read and nothing else.
_LAST_OF_PAGE = "SELECT max(id) FROM (SELECT id FROM {table} WHERE id > ? AND {part} ORDER BY id LIMIT ?)"
_STATEMENT_PAGE = """
    SELECT s.id, subject, predicate, object, negated, support, confidence, e.paper, e."start", e."end", e.id
    FROM (SELECT * FROM statements WHERE id > ? AND id <= ? AND {part}) s
    LEFT JOIN (SELECT * FROM evidence WHERE about > ? AND about <= ?) e ON e.about = s.id
    ORDER BY s.id, e.paper, e."start", e."end", e.id"""
_AMONG = f"""
    (CASE WHEN predicate IN ({_ROLES}) THEN 'paper/' || subject ELSE subject END) IN (SELECT unnest(?::VARCHAR[]))
    AND object IN (SELECT unnest(?::VARCHAR[]))"""
_NO_ROLES = f"(negated OR predicate NOT IN ({_ROLES}))"
_RESULT_PAGE = """
    SELECT r.id, r.paper, subject, metric, dataset, baseline, confidence, e."start", e."end"
    FROM (SELECT * FROM results WHERE id > ? AND id <= ? AND {part}) r
    LEFT JOIN (SELECT * FROM evidence WHERE about > ? AND about <= ?) e ON e.about = r.id
    ORDER BY r.id, e."start", e."end", e.id"""
_INTRODUCED_LINKS = """
    SELECT s.subject, e.links FROM statements s JOIN entities e ON e.id = s.object
    WHERE s.predicate = 'introduces' AND len(e.links) > 0 ORDER BY s.subject, s.object"""
_NEIGHBOURS = f"""
    WITH links AS (
        SELECT CASE WHEN predicate IN ({_ROLES}) THEN 'paper/' || subject ELSE subject END AS a, object AS b
        FROM statements
        UNION ALL SELECT id, unnest([subject, metric, dataset, baseline, 'paper/' || paper]) FROM results
    )
    SELECT DISTINCT a, b FROM links
    WHERE b IS NOT NULL AND (a IN (SELECT unnest(?::VARCHAR[])) OR b IN (SELECT unnest(?::VARCHAR[])))"""
_BY_ID = "SELECT {columns} FROM {table} WHERE id IN (SELECT unnest(?::VARCHAR[])) ORDER BY id"

_CODE_HOSTS = {"github.com": 2, "gitlab.com": 2, "bitbucket.org": 2, "codeberg.org": 2, "sourceforge.net": 2}
_HUB_ROOMS = ("datasets", "spaces")


@dataclass(frozen=True, slots=True)
class Node:
    """A node: `label` is its type, `props` what NODE_PROPERTIES names for it."""

    id: str
    label: str
    name: str
    props: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge: `type` is a predicate's name or DENIES, `props` what EDGE_PROPERTIES names."""

    source: str
    type: str
    target: str
    id: str
    props: Mapping[str, Value]


def paper_node(paper_id: str) -> str:
    """The node id of a paper.

    >>> paper_node("2301.00010")
    'paper/2301.00010'
    """
    return f"paper/{paper_id}"


def name_key(name: str) -> str:
    """What makes two authors (or venues) one: the folded name, bounded in length; "" for a name of nothing."""
    return bounded(fold(name))


def repository(address: str) -> str | None:
    """The repository that an address at a known code host points into, or None.

    Deeper paths, fragments, `www.`, `.git` and `http` lead to the same repository.

    >>> repository("http://www.github.com/kites/KiteNet.git"), repository("https://github.com/kites/KiteNet/tree/main")
    ('https://github.com/kites/KiteNet', 'https://github.com/kites/KiteNet')
    >>> repository("https://huggingface.co/datasets/kites/PondSet")
    'https://huggingface.co/datasets/kites/PondSet'
    >>> repository("https://github.com/kites") is repository("https://kites.example.org/a/b") is None
    True
    """
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # an address that is none, such as http://[::1
        return None
    segments = [segment for segment in parts.path.split("/") if segment]
    wanted = _CODE_HOSTS.get(host, 0)
    if host in ("huggingface.co", "hf.co"):
        host = "huggingface.co"
        wanted = 3 if segments[:1] and segments[0] in _HUB_ROOMS else 2
        if segments[:1] == ["papers"]:
            return None
    if parts.scheme not in ("http", "https") or not wanted or len(segments) < wanted:
        return None
    kept = segments[:wanted]
    kept[-1] = kept[-1].removesuffix(".git").rstrip(".,;:")
    return f"https://{host}/{'/'.join(kept)}" if kept[-1] else None


def load(directory: str | Path) -> Graph:
    """The graph in `directory`. Raises GraphError where that is damaged or no graph."""
    return Graph(GraphDir.open(directory))


class Graph:
    """The property graph of a directory; nothing is read before it is asked for."""

    def __init__(self, directory: GraphDir) -> None:
        self.dir = directory

    def nodes(self) -> Iterator[Node]:
        """All nodes, streamed: papers, entities, results, then authors, venues and repositories, each sorted."""
        yield from map(_paper, self.dir.papers())
        yield from map(_entity, self.dir.entities())
        yield from map(_result, self.dir.results())
        yield from self.metadata_nodes()

    def edges(self) -> Iterator[Edge]:
        """All edges, streamed: statements by id, then those of results, then those of metadata."""
        yield from self._statement_edges()
        yield from self._result_edges()
        yield from self._metadata_edges()

    def to_networkx(
        self, *, around: str | None = None, hops: int = 1, types: Collection[str] = ()
    ) -> networkx.MultiDiGraph:
        """The graph as a MultiDiGraph: nodes by id, edges keyed by predicate, properties as attributes.

        `around` (a node's id) keeps what lies within `hops` edges of it, in either direction; `types` keeps nodes of
        these types, and paths go through them alone. Node attributes: id, name, type and NODE_PROPERTIES; edge
        attributes: id, type and EDGE_PROPERTIES. Raises NotFoundError where `around` is no node of the graph.
        """
        import networkx

        if unknown := sorted(set(types) - set(vocab.NODE_TYPES)):
            raise UsageError(f"no such node type: {', '.join(unknown)}; there are {', '.join(vocab.NODE_TYPES)}")
        view = networkx.MultiDiGraph()
        nodes, edges = self._part(around, hops, types) if around is not None else (self.nodes(), self.edges())
        for node in nodes:
            if not types or node.label in types or node.id == around:
                view.add_node(node.id, id=node.id, name=node.name, type=node.label, **node.props)
        for edge in edges:
            if edge.source in view and edge.target in view:
                key = edge.type
                if view.has_edge(edge.source, edge.target, key):  # two denials of different predicates
                    key = f"{edge.type} {edge.props['predicate']}"
                view.add_edge(edge.source, edge.target, key, id=edge.id, type=edge.type, **edge.props)
        return view

    # --- nodes and edges of the whole -------------------------------------------------------------------------------

    def metadata_nodes(self) -> Iterator[Node]:
        """The authors, venues and repositories, each sorted by key; named as the first paper names them."""
        names: dict[str, dict[str, str]] = {label: {} for label in METADATA_LABEL.values()}
        for _, type_, key, name in self.metadata():
            names[METADATA_LABEL[type_]].setdefault(key, name)
        for label, found in names.items():
            for key in sorted(found):
                name = found[key].removeprefix("https://") if label == vocab.REPOSITORY else found[key]
                props = {"url": found[key]} if label == vocab.REPOSITORY else {}
                yield Node(f"{label.lower()}/{key}", label, name, props)

    def metadata(self) -> Iterator[tuple[Paper, str, str, str]]:
        """(paper, predicate, key, name) of each author, venue and repository of each paper, without repetition."""
        linked = self.introduced_links()
        for paper in self.dir.papers():
            yield from ((paper, *found) for found in metadata_of(paper, linked.get(paper.id, ())))

    def introduced_links(self) -> dict[str, list[str]]:
        """Paper id -> the addresses that texts give for the things that it introduces."""
        linked: dict[str, list[str]] = {}
        for paper, links in self.dir.query(_INTRODUCED_LINKS):
            linked.setdefault(paper, []).extend(links)
        return linked

    def _metadata_edges(self) -> Iterator[Edge]:
        for paper, type_, key, _ in self.metadata():
            source, target = paper_node(paper.id), f"{METADATA_LABEL[type_].lower()}/{key}"
            props: dict[str, Value] = {"support": 1, "confidence": 1.0, "papers": (paper.id,), "evidence": ()}
            yield Edge(source, type_, target, f"m{digest(source, type_, target)}", props)

    def _result_edges(self, among: Collection[str] | None = None) -> Iterator[Edge]:
        for group in _pages(self.dir, "results", _RESULT_PAGE):
            yield from (
                e for e in _edges_of_result(group) if among is None or (e.source in among and e.target in among)
            )

    def _statement_edges(self, among: Collection[str] | None = None) -> Iterator[Edge]:
        yield from map(_edge_of_statement, statement_groups(self.dir, among=among))

    # --- a part -----------------------------------------------------------------------------------------------------

    def _part(self, around: str, hops: int, types: Collection[str]) -> tuple[Iterable[Node], Iterable[Edge]]:
        metadata: list[tuple[str, str]] = []
        if not types or not METADATA_LABELS.isdisjoint(types):
            metadata = [(edge.source, edge.target) for edge in self._metadata_edges()]
        frontier = [around]
        found = {node.id: node for node in self._nodes_by_id(frontier)}
        if not found:
            raise NotFoundError(f"no node {around!r} in {self.dir.path}")
        for _ in range(hops):
            fresh = sorted(self._neighbours(frontier, metadata) - found.keys())
            nodes = {n.id: n for n in self._nodes_by_id(fresh) if not types or n.label in types}
            found.update(nodes)
            frontier = sorted(nodes)
        edges: list[Edge] = [*self._statement_edges(found), *self._result_edges(found)]
        if any(n.label in METADATA_LABELS for n in found.values()):
            edges.extend(e for e in self._metadata_edges() if e.source in found and e.target in found)
        return [found[key] for key in sorted(found)], edges

    def _neighbours(self, frontier: Sequence[str], metadata: Sequence[tuple[str, str]]) -> set[str]:
        inside = set(frontier)
        near = {node for row in self.dir.query(_NEIGHBOURS, (list(frontier), list(frontier))) for node in row}
        near |= {b for a, b in metadata if a in inside} | {a for a, b in metadata if b in inside}
        return near

    def _nodes_by_id(self, ids: Sequence[str]) -> Iterator[Node]:
        papers = [key.removeprefix("paper/") for key in ids if key.startswith("paper/")]
        for row in self.dir.query(_BY_ID.format(table="papers", columns=_columns(Paper)), (papers,)):
            yield _paper(Paper(*map(_frozen, row)))
        for row in self.dir.query(_BY_ID.format(table="entities", columns=_columns(EntityRow)), (list(ids),)):
            yield _entity(EntityRow(*map(_frozen, row)))
        for row in self.dir.query(_BY_ID.format(table="results", columns=_columns(ResultRow)), (list(ids),)):
            yield _result(ResultRow(*row))
        wanted = {key for key in ids if key.startswith(("author/", "venue/", "repository/"))}
        if wanted:
            yield from (node for node in self.metadata_nodes() if node.id in wanted)


def statement_groups(
    directory: GraphDir, *, roles: bool = True, among: Collection[str] | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Each statement with its evidence, by id, a page at a time: one row an evidence, or one if there is none.

    A row is (id, subject, predicate, object, negated, support, confidence, paper, start, end, evidence id). Without
    `roles` positive roles are left out; with `among` only those whose two node ids lie in it are given.
    """
    conditions = [_NO_ROLES] if not roles else []
    conditions += [_AMONG] if among is not None else []
    values = [] if among is None else [list(among)] * 2
    return _pages(directory, "statements", _STATEMENT_PAGE, part=" AND ".join(conditions) or "TRUE", values=values)


def metadata_of(paper: Paper, links: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(predicate, key, name) of each author, venue and repository of `paper`, without repetition.

    A repository comes from the paper's own addresses, or from one of `links` that its text gives.
    """
    authors: dict[str, str] = {}
    for name in paper.authors:
        authors.setdefault(name_key(name), name.strip())
    yield from (("authoredBy", key, name) for key, name in authors.items() if key)
    if key := name_key(paper.venue):
        yield "publishedIn", key, paper.venue.strip()
    text = paper.text
    addresses = [*paper.urls, *(link for link in links if link in text)]
    found = dict.fromkeys(filter(None, map(repository, addresses)))
    yield from (("hasRepository", bounded(address), address) for address in found)


def _pages(
    directory: GraphDir, table: str, sql: str, *, part: str = "TRUE", values: Sequence[object] = ()
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a paged query, grouped by their first column (an id, by which they are sorted).

    `part` is the condition for rows of `table`, `values` fill its `?`.
    """
    before = ""
    while True:
        last = directory.query(_LAST_OF_PAGE.format(table=table, part=part), (before, *values, PAGE))[0][0]
        if last is None:
            return
        rows = directory.query(sql.format(part=part), (before, last, *values, before, last))
        for _, group in groupby(rows, key=lambda row: row[0]):
            yield list(group)
        before = last


def _columns(row: type[Any]) -> str:
    return ", ".join(f'"{field.name}"' for field in fields(row))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _present(**props: Value | None) -> dict[str, Value]:
    return {name: value for name, value in props.items() if value is not None}


def _paper(paper: Paper) -> Node:
    props = {name: getattr(paper, name) for name in NODE_PROPERTIES[vocab.PAPER]}
    return Node(paper_node(paper.id), vocab.PAPER, paper.title or paper.id, props)


def _entity(row: EntityRow) -> Node:
    props = _present(aliases=row.aliases, kind=row.kind, papers=row.papers, links=row.links)
    return Node(row.id, row.type, row.name, props)


def _result(row: ResultRow) -> Node:
    props = _present(**{name: getattr(row, name) for name in NODE_PROPERTIES[vocab.RESULT]})
    return Node(row.id, vocab.RESULT, row.value, props)


def _evidence(rows: Iterable[tuple[str | None, int, int]]) -> tuple[str, ...]:
    """Up to 20 of "paper:start-end", without repetition; a missing row of the join says nothing."""
    shown = dict.fromkeys(f"{paper}:{start}-{end}" for paper, start, end in rows if paper is not None)
    return tuple(shown)[:EVIDENCE_SHOWN]


def _edge_of_statement(rows: list[tuple[Any, ...]]) -> Edge:
    id_, subject, predicate, object_, negated, support, confidence = rows[0][:7]
    props: dict[str, Value] = {"predicate": predicate} if negated else {}
    props["support"] = support
    props["confidence"] = confidence
    props["papers"] = tuple(dict.fromkeys(row[7] for row in rows if row[7] is not None))
    props["evidence"] = _evidence(row[7:10] for row in rows)
    source = paper_node(subject) if predicate in vocab.ROLE_PREDICATES else subject
    return Edge(source, vocab.DENIES if negated else predicate, object_, id_, props)


def _edges_of_result(rows: list[tuple[Any, ...]]) -> Iterator[Edge]:
    id_, paper, subject, metric, dataset, baseline, confidence = rows[0][:7]
    props = {
        "support": 1,
        "confidence": confidence,
        "papers": (paper,),
        "evidence": _evidence((None if row[7] is None else paper, *row[7:9]) for row in rows),
    }
    ends = {"subject": subject, "metric": metric, "dataset": dataset, "baseline": baseline, "paper": paper_node(paper)}
    for column, target in ends.items():
        if target is not None:
            type_ = vocab.RESULT_EDGES[column].name
            yield Edge(id_, type_, target, f"m{digest(id_, type_, target)}", props)
