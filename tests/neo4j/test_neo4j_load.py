"""`kg load` on a real server: what the database then holds, and what a second load does."""

from __future__ import annotations

from pathlib import Path

import neo4j
import pytest

from kg import vocab
from kg.export.neo4j_rows import NODE_COLUMNS, RELATIONSHIP_TYPES
from kg.graph import load as load_graph
from kg.neo4j import connect, count, read_edges, read_nodes, size
from tests.neo4j.conftest import Load, Target, dump

pytestmark = pytest.mark.xdist_group("neo4j")  # one server for all, where xdist runs by groups


@pytest.mark.parametrize("name", ["kite_graph", "nasty_graph"])
def test_the_database_holds_the_graph_property_by_property(
    name: str, request: pytest.FixtureRequest, target: Target, database: neo4j.Session, loaded: Load
) -> None:
    directory: Path = request.getfixturevalue(name)
    graph = load_graph(directory)
    nodes, edges = list(graph.nodes()), list(graph.edges())
    report = loaded(directory)
    assert (report.nodes, report.edges) == (report.nodes_created, report.edges_created) == (len(nodes), len(edges))
    assert size(directory) == len(nodes) + len(edges)
    with connect(**target.options) as db:
        assert read_nodes(db, nodes, vocab.DEFAULT_BASE) == {node.id: node for node in nodes}
        assert read_edges(db, edges, vocab.DEFAULT_BASE) == {edge.id: edge for edge in edges}
        found = count(db, vocab.DEFAULT_BASE)
    assert found.nodes == {label: sum(n.label == label for n in nodes) for label in vocab.NODE_TYPES}
    assert found.edges == {name: sum(e.type == name for e in edges) for name in RELATIONSHIP_TYPES}


def test_loading_twice_changes_nothing(database: neo4j.Session, loaded: Load, kite_graph: Path) -> None:
    loaded(kite_graph)
    before = dump(database)
    report = loaded(kite_graph, prune=True)
    assert dump(database) == before
    assert [report.nodes_created, report.edges_created, report.nodes_deleted, report.edges_deleted] == [0] * 4


def test_labels_types_and_properties_are_those_of_the_vocabulary(
    database: neo4j.Session, loaded: Load, kite_graph: Path, nasty_graph: Path
) -> None:
    loaded(kite_graph)
    loaded(nasty_graph)
    used = {label for (labels,) in database.run("MATCH (n) RETURN DISTINCT labels(n)").values() for label in labels}
    assert used <= {*vocab.NODE_TYPES, vocab.ENTITY_LABEL}
    types = {row[0] for row in database.run("MATCH ()-[r]->() RETURN DISTINCT type(r)").values()}
    assert types <= set(RELATIONSHIP_TYPES.values())
    keys = {row[0] for row in database.run("MATCH (n) UNWIND keys(n) AS key RETURN DISTINCT key").values()}
    assert keys <= {"kg_key"}.union(*NODE_COLUMNS.values())


def test_the_extracted_types_are_entities_too(database: neo4j.Session, loaded: Load, kite_graph: Path) -> None:
    loaded(kite_graph)
    shown = database.run("MATCH (n) RETURN DISTINCT labels(n)").values()
    assert all((vocab.ENTITY_LABEL in found) == (set(found) & set(vocab.ENTITY_TYPES) != set()) for (found,) in shown)


def test_a_negated_statement_is_a_denial_and_no_claim(database: neo4j.Session, loaded: Load, kite_graph: Path) -> None:
    loaded(kite_graph)
    query = "MATCH (a {name: 'KiteNet'})-[r]->(b:Model {name: $other}) RETURN type(r), r.predicate"
    assert ["DENIES", "outperforms"] in database.run(query, other="ElmNet").values()
    assert ["OUTPERFORMS", None] not in database.run(query, other="ElmNet").values()
    assert ["OUTPERFORMS", None] in database.run(query, other="OakNet").values()


def test_names_are_found_in_the_full_text_index(database: neo4j.Session, loaded: Load, kite_graph: Path) -> None:
    loaded(kite_graph)
    database.run("CALL db.awaitIndexes(60)").consume()
    query = "CALL db.index.fulltext.queryNodes('kg_names', $text) YIELD node RETURN node.id"
    assert ["model/kitenet"] in database.run(query, text='"Kite Net"').values()
    assert ["model/oaknet"] in database.run(query, text="oaknet").values()
