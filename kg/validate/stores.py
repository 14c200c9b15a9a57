"""Do all doors hold the same graph? Counts by type, and samples property by property.

    tables       what SQL counts in the Parquet files, and the nodes and edges that kg.graph makes of them
    networkx, the SPARQL store, the embedded Cypher database, and Neo4j where one is named: compared with these

RDF has no nodes for roles and for edges of results and metadata, only triples: there a sample shows whether the triple
is there. A denied statement is a kg:Statement with kg:negated in RDF and an edge DENIES elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import vocab
from kg.export.neo4j_rows import RELATIONSHIP_TYPES
from kg.graph import METADATA_LABEL, Edge, Graph, Node
from kg.query import cypher, sparql
from kg.query.worker import Limits, Worker
from kg.store import GraphDir
from kg.text import xml_safe
from kg.validate.rdf_samples import edges_in_rdf, nodes_in_rdf, rdf_edge, rdf_node

SAMPLE = 25  # nodes of each label and edges of each type, spread evenly
SECONDS = 600.0  # for one count of a large store
_SHOWN = 5  # differences of one store that are spelled out

Props = dict[str, Any]
Read = Callable[[Node | Edge], Props]


@dataclass(frozen=True, slots=True)
class Sample:
    """Nodes and edges of the tables to look for in a store."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def things(self) -> Iterator[Node | Edge]:
        """Nodes, then edges."""
        yield from self.nodes
        yield from self.edges


@dataclass(frozen=True, slots=True)
class Holding:
    """What a store holds: how many of each label and type, and the properties of a sample by id.

    `seen` says how it shows a node or edge of the tables: None where all its properties are there.
    """

    name: str
    nodes: Mapping[str, int]
    edges: Mapping[str, int]
    things: Mapping[str, Props] = field(default_factory=dict)
    seen: Read | None = None


def compare_stores(directory: str | Path, *, neo4j: AbstractContextManager[Any] | None = None) -> tuple[str, list[str]]:
    """What was compared, as a sentence, and what differs, one sentence each.

    `neo4j` is what kg.neo4j.connect returns. Raises GraphError for a damaged graph, StorageError, ServerError.
    """
    graph = GraphDir.open(directory)
    tables, sample = in_tables(graph)
    stores = [in_networkx(graph, sample), in_sparql(graph, sample), in_cypher(graph, sample)]
    if neo4j is not None:
        stores.append(in_neo4j(graph, sample, neo4j))
    found = [sentence for store in stores for sentence in differences(tables, sample, store)]
    sentence = (
        f"tables, {', '.join(store.name for store in stores)}: {sum(tables.nodes.values()):,} nodes of "
        f"{len(tables.nodes)} types and {sum(tables.edges.values()):,} edges of {len(tables.edges)} types counted, "
        f"{len(sample.nodes):,} nodes and {len(sample.edges):,} edges compared property by property"
    )
    return sentence, found


def differences(tables: Holding, sample: Sample, store: Holding) -> Iterator[str]:
    """What `store` holds otherwise than the tables, in sentences."""
    for what, ours, theirs in (("nodes", tables.nodes, store.nodes), ("edges", tables.edges, store.edges)):
        for name in sorted(ours.keys() | theirs.keys()):
            if ours.get(name, 0) != theirs.get(name, 0):
                yield f"{store.name}: {theirs.get(name, 0):,} {what} {name}, and {ours.get(name, 0):,} in the tables"
    wrong = [sentence for thing in sample.things for sentence in _unlike(thing, store)]
    yield from wrong[:_SHOWN]
    if len(wrong) > _SHOWN:
        yield f"{store.name}: {len(wrong) - _SHOWN:,} more differences in the sample"


def _unlike(thing: Node | Edge, store: Holding) -> Iterator[str]:
    ours = (store.seen or plain)(thing)
    theirs = store.things.get(thing.id)
    if theirs is None:
        yield f"{store.name}: {_named(thing)} is not there"
        return
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield (
                f"{store.name}: {_named(thing)} has {name} {_shown(theirs.get(name))}, "
                f"and {_shown(ours.get(name))} in the tables"
            )


def _named(thing: Node | Edge) -> str:
    if isinstance(thing, Node):
        return f"{thing.label} {thing.id}"
    return f"edge {thing.id} ({thing.source} {thing.type} {thing.target})"


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def plain(thing: Node | Edge) -> Props:
    """All properties of a node or edge; what says nothing ("", an empty list) is absent."""
    if isinstance(thing, Node):
        return _clean({"label": thing.label, "name": thing.name, **thing.props})
    return _clean({"type": thing.type, "source": thing.source, "target": thing.target, **thing.props})


def _clean(props: Mapping[str, Any]) -> Props:
    found: Props = {}
    for name, value in props.items():
        if isinstance(value, str):
            value = xml_safe(value)
        elif isinstance(value, list | tuple):
            value = tuple(xml_safe(item) for item in value)
        if value not in ("", (), None) and value == value:  # nan says nothing
            found[name] = value
    return found


# --- the stores -----------------------------------------------------------------------------------------------------


def in_tables(directory: GraphDir) -> tuple[Holding, Sample]:
    """What the tables hold, counted by SQL (metadata by kg.graph), and an even sample of each type."""
    nodes: Counter[str] = Counter(dict.fromkeys(vocab.NODE_TYPES, 0))
    edges: Counter[str] = Counter(dict.fromkeys(RELATIONSHIP_TYPES, 0))
    nodes.update(dict(directory.query("SELECT type, count(*) FROM entities GROUP BY type")))
    for label, table in ((vocab.PAPER, "papers"), (vocab.RESULT, "results")):
        nodes[label] = directory.query(f"SELECT count(*) FROM {table}")[0][0]
    kind = f"CASE WHEN negated THEN '{vocab.DENIES}' ELSE predicate END"
    edges.update(dict(directory.query(f"SELECT {kind} AS kind, count(*) FROM statements GROUP BY kind")))
    for column, edge in vocab.RESULT_EDGES.items():  # columns of a closed vocabulary
        edges[edge.name] = directory.query(f"SELECT count({column}) FROM results")[0][0]
    graph = Graph(directory)
    keys: dict[str, set[str]] = {}
    for _, predicate, key, _ in graph.metadata():
        edges[predicate] += 1
        keys.setdefault(METADATA_LABEL[predicate], set()).add(key)
    nodes.update({label: len(found) for label, found in keys.items()})
    sample = Sample(
        tuple(_spread(graph.nodes(), nodes, lambda node: node.label)),
        tuple(_spread(graph.edges(), edges, lambda edge: edge.type)),
    )
    return Holding("the tables", nodes, edges), sample


def _spread(things: Iterable[Any], counts: Mapping[str, int], kind: Callable[[Any], str]) -> Iterator[Any]:
    """Every n-th of each kind, so that there are about SAMPLE of each."""
    met: Counter[str] = Counter()
    for thing in things:
        name = kind(thing)
        if met[name] % max(1, counts[name] // SAMPLE) == 0:
            yield thing
        met[name] += 1


def in_networkx(directory: GraphDir, sample: Sample) -> Holding:
    """The whole graph as networkx has it (all of it in memory)."""
    view = Graph(directory).to_networkx()
    nodes = Counter(type_ for _, type_ in view.nodes(data="type"))
    edges = Counter(type_ for *_, type_ in view.edges(data="type"))
    things = {}
    for node in sample.nodes:
        if node.id in view:
            props = dict(view.nodes[node.id])
            things[node.id] = _clean({"label": props.pop("type"), **_without(props, "id")})
    for edge in sample.edges:
        for props in (view.get_edge_data(edge.source, edge.target) or {}).values():
            if props["id"] == edge.id:
                things[edge.id] = _clean({"source": edge.source, "target": edge.target, **_without(props, "id")})
    return Holding("networkx", nodes, edges, things)


def in_sparql(directory: GraphDir, sample: Sample) -> Holding:
    """The Oxigraph store, asked in SPARQL."""
    with sparql.open_worker(directory, limits=Limits(SECONDS)) as worker:

        def ask(query: str) -> list[list[Any]]:
            answer = worker.ask(sparql.request_for(directory, query, {"solutions": "rows"}))
            return [row for block in answer for row in block]

        types = {row[0][1]: int(row[1][1]) for row in ask("SELECT ?t (COUNT(*) AS ?n) { ?x a ?t } GROUP BY ?t")}
        triples = {row[0][1]: int(row[1][1]) for row in ask("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")}
        edges = {name: triples.get(predicate.iri, 0) for name, predicate in vocab.PREDICATES.items()}
        edges[vocab.DENIES] = int(ask("SELECT (COUNT(*) AS ?n) { ?s kg:negated true }")[0][0][1])
        base = directory.manifest.base_iri
        things = {**nodes_in_rdf(ask, base, sample.nodes), **edges_in_rdf(ask, base, sample.edges)}
    nodes = {label: types.get(vocab.VOCAB + label, 0) for label in vocab.NODE_TYPES}
    return Holding("the SPARQL store", nodes, edges, things, _in_rdf)


def _in_rdf(thing: Node | Edge) -> Props:
    return rdf_node(thing) if isinstance(thing, Node) else rdf_edge(thing)


def in_cypher(directory: GraphDir, sample: Sample) -> Holding:
    """The embedded database, asked in Cypher."""
    with cypher.open_worker(directory, limits=Limits(SECONDS)) as worker:
        nodes: dict[str, int] = dict(_ask_cypher(worker, "MATCH (n) RETURN labels(n)[0], count(*)"))
        found: dict[str, int] = dict(_ask_cypher(worker, "MATCH ()-[r]->() RETURN type(r), count(*)"))
        things: dict[str, Props] = {}
        for label, ids in _by_kind(sample.nodes, lambda node: node.label).items():
            for (node,) in _ask_cypher(worker, f"MATCH (n:{label}) WHERE n.id IN $ids RETURN n", ids=ids):
                things[node["id"]] = _clean(_without(node, "id"))
        for type_, ids in _by_kind(sample.edges, lambda edge: RELATIONSHIP_TYPES[edge.type]).items():
            query = f"MATCH (a)-[r:{type_}]->(b) WHERE r.id IN $ids RETURN a.id, r, b.id"
            for source, edge, target in _ask_cypher(worker, query, ids=ids):
                name = _NAMES[edge["type"]]
                props = {**_without(edge, "id"), "type": name, "source": source, "target": target}
                things[edge["id"]] = _clean(props)
    edges = {name: found.get(type_, 0) for name, type_ in RELATIONSHIP_TYPES.items()}
    return Holding("the Cypher database", nodes, edges, things)


_NAMES = {type_: name for name, type_ in RELATIONSHIP_TYPES.items()}


def _ask_cypher(worker: Worker, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for block in worker.ask(cypher.request_for(query, parameters=parameters)) for row in block]


def in_neo4j(directory: GraphDir, sample: Sample, connection: AbstractContextManager[Any]) -> Holding:
    """A Neo4j database: what lies in it of the graph with this base IRI."""
    from kg.neo4j import count, read_edges, read_nodes

    base = directory.manifest.base_iri
    with connection as db:
        counts = count(db, base)
        things = {id_: plain(node) for id_, node in read_nodes(db, sample.nodes, base).items()}
        things |= {id_: plain(edge) for id_, edge in read_edges(db, sample.edges, base).items()}
    return Holding("Neo4j", counts.nodes, counts.edges, things)


def _by_kind(things: Iterable[Any], kind: Callable[[Any], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for thing in things:
        groups.setdefault(kind(thing), []).append(thing.id)
    return groups


def _without(props: Mapping[str, Any], name: str) -> Props:
    return {key: value for key, value in props.items() if key != name}
