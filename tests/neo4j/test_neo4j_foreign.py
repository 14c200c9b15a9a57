"""A database that holds other people's things, newer builds, and graphs side by side: only what is ours changes."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import neo4j
import pytest

from kg.errors import KgError
from kg.neo4j import ServerError, counts
from tests.export.rows import Rows, kites
from tests.neo4j.conftest import Load, Target, dump

pytestmark = pytest.mark.xdist_group("neo4j")  # one server for all, where xdist runs by groups

OTHERS = """
CREATE (:Paper {id: 1, name: 'theirs'}), (:Paper {id: 1, name: 'theirs'}), (:Person {name: 'Ada Reed'}), ({id: 'free'})
CREATE (:Method:Entity {id: 'method/pruning', name: 'theirs'})-[:SUBCLASS_OF {id: 's1'}]->(:Method {name: 'theirs'})
CREATE (:Model {id: 'model/kitenet', name: 'theirs', kg: 1})-[:DENIES]->(:`Odd ``label`` here`)
"""
THEIRS = "MATCH (n) WHERE n.kg_key IS NULL OPTIONAL MATCH (n)-[r]->(m) RETURN labels(n), n, type(r), r, m.name"


def theirs(session: neo4j.Session) -> list[str]:
    rows = session.run(THEIRS).values()
    return sorted(f"{labels} {dict(n)} {type_} {dict(r) if r else None} {name}" for labels, n, type_, r, name in rows)


def newer() -> Rows:
    """The kites of a later build: a paper, an entity and statements gone, a name and a confidence changed, one new."""
    rows = kites()
    rows.papers = [paper for paper in rows.papers if paper.id != "oak"]
    rows.mentions = [mention for mention in rows.mentions if mention.paper != "oak"]
    gone = ("dataset/mereset", "task/leaf counting", "method/pruning", "method/magnitude pruning")
    rows.entities = [e for e in rows.entities if e.id not in gone]
    rows.statements = [s for s in rows.statements if s.subject != "oak" and not {s.subject, s.object} & set(gone)]
    rows.statements = [replace(s, confidence=0.5) for s in rows.statements]
    kept = {s.id for s in rows.statements} | {r.id for r in rows.results}
    rows.evidence = [e for e in rows.evidence if e.paper != "oak" and e.about in kept]
    rows.entities = [replace(e, name="OakNet 2", aliases=()) if e.id == "model/oaknet" else e for e in rows.entities]
    rows.paper("elm", "Elms", "ElmNet is based on OakNet.")
    rows.say("model/elmnet", "basedOn", "model/oaknet", ("elm", "ElmNet is based on OakNet."))
    return rows


def test_what_is_not_ours_is_never_touched(
    database: neo4j.Session, loaded: Load, kite_graph: Path, tmp_path: Path
) -> None:
    """Nodes under our labels and ids, duplicates, relationships of our types: all as before, and ours complete."""
    database.run(OTHERS).consume()
    before = theirs(database)
    report = loaded(kite_graph)
    assert report.nodes_created == report.nodes
    loaded(newer().write(tmp_path / "newer.kg"), prune=True)
    assert theirs(database) == before


def test_what_others_add_to_our_nodes_stays(
    database: neo4j.Session, loaded: Load, kite_graph: Path, tmp_path: Path
) -> None:
    """A property, a label, a relationship survive a second load; a gone node on which one hangs is kept and counted."""
    loaded(kite_graph)
    database.run("MATCH (n:Model {id: 'model/kitenet'}) SET n.rank = 0.5, n:Favourite").consume()
    database.run("MATCH (n:Task) CREATE (:Person {name: 'Ada'})-[:LIKES]->(n)").consume()
    assert loaded(kite_graph, prune=True).kept == 0
    report = loaded(newer().write(tmp_path / "newer.kg"), prune=True)
    assert report.kept == 1
    assert database.run("MATCH (n:Favourite {rank: 0.5}) RETURN n.id").values() == [["model/kitenet"]]
    assert database.run("MATCH (:Person)-[:LIKES]->(n:Task) RETURN n.id").values() == [["task/leaf counting"]]


def test_a_newer_build_updates_and_prune_removes_what_is_gone(
    database: neo4j.Session, loaded: Load, kite_graph: Path, tmp_path: Path
) -> None:
    """Without --prune the union stays; with it the database equals one that only ever saw the newer build."""
    later = newer().write(tmp_path / "newer.kg")
    loaded(later)
    fresh = dump(database)
    database.run("MATCH (n) DETACH DELETE n").consume()
    loaded(kite_graph)
    first = loaded(later)
    assert (first.nodes_deleted, first.edges_deleted) == (0, 0)
    assert database.run("MATCH (p:Paper) RETURN count(p)").values() == [[3]]
    second = loaded(later, prune=True)
    assert second.nodes_deleted >= 5
    assert second.edges_deleted >= 8
    assert dump(database) == fresh


def test_what_was_changed_or_deleted_by_hand_is_put_right(
    database: neo4j.Session, loaded: Load, kite_graph: Path
) -> None:
    loaded(kite_graph)
    before = dump(database)
    database.run("MATCH (n:Dataset) DETACH DELETE n").consume()
    database.run("MATCH (n:Model) SET n.name = 'x', n.aliases = ['y'] REMOVE n:Entity").consume()
    database.run("MATCH ()-[r:OUTPERFORMS]->() SET r.confidence = 0, r.predicate = 'z'").consume()
    loaded(kite_graph)
    assert dump(database) == before


def test_graphs_of_two_base_iris_live_side_by_side(
    target: Target, database: neo4j.Session, loaded: Load, kite_graph: Path, tmp_path: Path
) -> None:
    other = newer().write(tmp_path / "other.kg", base_iri="https://example.org/kites/")
    report = loaded(kite_graph)
    loaded(other)
    loaded(other, prune=True)
    found = counts(**target.options)
    assert (sum(found.nodes.values()), sum(found.edges.values())) == (report.nodes, report.edges)
    assert counts(**target.options, base_iri="https://example.org/kites/").nodes["Paper"] == 2


def test_two_loads_at_once_make_one_graph(
    target: Target, database: neo4j.Session, loaded: Load, kite_graph: Path
) -> None:
    """Deadlocks are tried again; nothing is doubled."""
    failures: list[KgError] = []

    def work() -> None:
        try:
            loaded(kite_graph, batch=3)
        except KgError as error:
            failures.append(error)

    loaded(kite_graph)
    database.run("MATCH (n) DETACH DELETE n").consume()
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    both = dump(database)
    database.run("MATCH (n) DETACH DELETE n").consume()
    loaded(kite_graph)
    assert dump(database) == both


def test_anothers_constraint_that_forbids_a_node_is_named(
    database: neo4j.Session, loaded: Load, kite_graph: Path
) -> None:
    database.run("CREATE (:Author {id: 'author/x', name: 'Ada Reed'})").consume()
    database.run("CREATE CONSTRAINT theirs FOR (n:Author) REQUIRE n.name IS UNIQUE").consume()
    with pytest.raises(ServerError, match="a constraint of the database, not one of ours, forbids it"):
        loaded(kite_graph)


def test_anothers_long_id_under_our_label_stops_no_load(
    database: neo4j.Session, loaded: Load, kite_graph: Path
) -> None:
    """It is too long for the index on id, which the server then leaves unusable; everything else works."""
    database.run("DROP INDEX kg_paper_id IF EXISTS").consume()
    database.run("CREATE (:Paper {id: $id})", id="z" * 20_000).consume()
    assert loaded(kite_graph).nodes_created == 16
    database.run("DROP INDEX kg_paper_id").consume()
