"""Neo4j holds what the tables and the other stores hold, and answers the cookbook's Cypher as `kg cypher` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import neo4j
import pytest

from kg.neo4j import connect
from kg.pipeline import build
from kg.query import cypher
from kg.validate.stores import compare_stores
from tests.neo4j.conftest import Load, Target
from tests.test_queries import asked, plain

pytestmark = pytest.mark.xdist_group("neo4j")


@pytest.mark.parametrize("name", ["kite_graph", "nasty_graph"])
def test_all_stores_hold_the_same(
    name: str, request: pytest.FixtureRequest, target: Target, database: neo4j.Session, loaded: Load
) -> None:
    directory: Path = request.getfixturevalue(name)
    loaded(directory)
    sentence, found = compare_stores(directory, neo4j=connect(**target.options))
    assert found == []
    assert "Neo4j" in sentence


def test_a_difference_is_a_sentence_and_exit_code_1(
    target: Target, database: neo4j.Session, loaded: Load, kite_graph: Path
) -> None:
    loaded(kite_graph)
    database.run("MATCH (n {id: 'model/kitenet'}) SET n.name = 'KeteNit'").consume()
    database.run("MATCH ()-[r:OUTPERFORMS]->() DELETE r").consume()
    done = subprocess.run(
        [sys.executable, "-m", "kg", "validate", str(kite_graph), "--no-shapes", "--neo4j-uri", target.uri]
        + ["--user", target.user],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "NEO4J_PASSWORD": target.password},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Problem: Neo4j: 0 edges outperforms, and 1 in the tables" in done.stdout
    assert "Problem: Neo4j: Model model/kitenet has name 'KeteNit', and 'KiteNet' in the tables" in done.stdout
    assert all("Neo4j" in line for line in done.stdout.splitlines() if line.startswith("Problem"))


@pytest.fixture(scope="module")
def example(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cookbook") / "example.kg"
    build([examples], place)
    return place


def test_the_cookbook_runs_as_it_stands(database: neo4j.Session, loaded: Load, example: Path) -> None:
    loaded(example)
    for question in asked():
        query = question.values[1]
        with cypher.select(example, query) as rows:
            here = [tuple(map(plain, row)) for row in rows]
        there = [tuple(map(plain, row)) for row in database.run(query).values()]
        assert there == here, question.id
