"""A real Neo4j server for the session, and an empty database for each test.

Where there is no Java or Maven the tests are skipped (in CI they fail). KG_NEO4J_URI, with KG_NEO4J_USER and
KG_NEO4J_PASSWORD, names a server to use instead: its database must be empty, and the tests empty it again.

This folder has no __init__.py: it would make the folder a package `neo4j`, which is the driver's name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import neo4j
import pytest

from kg.neo4j import LoadReport, load
from tests.conftest import require
from tests.export.rows import kites, nasty
from tests.neo4j import neo4j_server
from tests.neo4j.neo4j_server import LTS, NEWEST, Server


@dataclass(frozen=True)
class Target:
    """A server to test against: what the options of `kg load` say, and the fixture's own server if it has one."""

    uri: str
    user: str
    password: str
    server: Server | None = None

    @property
    def options(self) -> dict[str, str]:
        return {"uri": self.uri, "user": self.user, "password": self.password}


def find_java(version: str) -> Path:
    """A Java for this release of Neo4j, and Maven; skips where they are missing, fails where CI must have them."""
    java = neo4j_server.find_java(neo4j_server.JAVA_FOR[version])
    wanted = neo4j_server.JAVA_FOR[version]
    if java is None and version == NEWEST:
        pytest.skip(f"no Java {wanted.start} or later is installed, which Neo4j {version} needs")
    require(java is not None, f"no Java {wanted.start} to {wanted.stop - 1} is installed, which Neo4j {version} needs")
    require(shutil.which("mvn") is not None, "Maven is not installed, which fetches Neo4j's jars")
    assert java is not None
    return java


@pytest.fixture(scope="session", params=[LTS, NEWEST])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server of each release that we promise to work with."""
    if uri := os.environ.get("KG_NEO4J_URI"):
        if request.param == NEWEST:
            pytest.skip("KG_NEO4J_URI names the one server to test")
        found = Target(uri, os.environ.get("KG_NEO4J_USER", "neo4j"), os.environ.get("KG_NEO4J_PASSWORD", ""))
        with neo4j.GraphDatabase.driver(uri, auth=(found.user, found.password)) as driver:
            if driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"]:
                pytest.fail("KG_NEO4J_URI names a database that is not empty; the tests would empty it")
        yield found
        return
    java = find_java(request.param)
    with neo4j_server.running(request.param, java, tmp_path_factory.mktemp("neo4j")) as server:
        yield Target(server.uri, "neo4j", neo4j_server.PASSWORD, server)


@pytest.fixture(scope="session")
def session(target: Target) -> Iterator[neo4j.Session]:
    """What a user of the database has: the driver, without anything of ours."""
    with (
        neo4j.GraphDatabase.driver(target.uri, auth=(target.user, target.password)) as driver,
        driver.session() as session,
    ):
        yield session


@pytest.fixture
def database(session: neo4j.Session) -> Iterator[neo4j.Session]:
    """The session on an empty database, emptied again afterwards."""
    empty(session)
    yield session
    empty(session)


def empty(session: neo4j.Session) -> None:
    """Delete all nodes, and the constraints and indexes that are not ours (making ours anew would take a while)."""
    session.run("MATCH (n) DETACH DELETE n").consume()
    for kind in ("CONSTRAINT", "INDEX"):
        names = [row["name"] for row in session.run(f"SHOW {kind}") if row.get("type") != "LOOKUP"]
        for name in names:
            if not name.startswith("kg_"):
                session.run(f"DROP {kind} `{name}`").consume()


def dump(session: neo4j.Session) -> tuple[list[object], list[object]]:
    """Everything in the database, in an order that depends on content alone."""
    nodes = session.run("MATCH (n) RETURN labels(n), properties(n)").values()
    edges = session.run("MATCH (a)-[r]->(b) RETURN a.id, type(r), b.id, properties(r)").values()
    return sorted(nodes, key=repr), sorted(edges, key=repr)


Load = Callable[..., LoadReport]


@pytest.fixture
def loaded(target: Target) -> Load:
    """`load` with the server's address and password filled in."""

    def call(directory: Path, **more: object) -> LoadReport:
        return load(directory, **{**target.options, **more})  # type: ignore[arg-type]

    return call


@pytest.fixture(scope="session")
def kite_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small graph with every role, a negated statement, a result and metadata."""
    return kites().write(tmp_path_factory.mktemp("graphs") / "kites.kg")


@pytest.fixture(scope="session")
def nasty_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ids and texts that break careless writers."""
    return nasty().write(tmp_path_factory.mktemp("graphs") / "nasty.kg")
