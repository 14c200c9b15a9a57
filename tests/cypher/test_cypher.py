"""The embedded database holds the graph, whole; and no query gets out of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.errors import QueryError, StorageError
from kg.export.neo4j_rows import RELATIONSHIP_TYPES
from kg.graph import Graph, load
from kg.query.cypher import open_worker, request_for, select
from kg.query.worker import BrokenCache, Limits, QueryMemory, QueryTimeout, Worker
from kg.store import GraphDir
from kg.text import xml_safe
from kg.vocab import NODE_TYPES
from tests.export.rows import controls

Children = Callable[[], list[str]]
BOMBS = [
    "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b UNWIND range(1, 1000) AS c RETURN sum(a * b + c)",
    "MATCH (a), (b), (c), (d), (e), (f), (g), (h), (i), (j), (k), (l) RETURN count(*)",
    "MATCH (a)-[*1..30]-(b), (c)-[*1..30]-(d) RETURN count(*)",
]


def clean(value: Any) -> Any:
    if isinstance(value, tuple):
        return [xml_safe(item) for item in value]
    return xml_safe(value) if isinstance(value, str) else value


def present(props: dict[str, Any]) -> dict[str, Any]:
    """Properties as Neo4j has them: an empty list is absent."""
    return {name: clean(value) for name, value in props.items() if not (isinstance(value, tuple) and not any(value))}


def expected(graph: Graph) -> tuple[dict[str, Any], dict[str, Any]]:
    nodes = {
        clean(node.id): {
            "label": node.label,
            "id": clean(node.id),
            "name": clean(node.name),
            **present(dict(node.props)),
        }
        for node in graph.nodes()
    }
    edges = {
        edge.id: [
            clean(edge.source),
            {"type": RELATIONSHIP_TYPES[edge.type], "id": edge.id, **present(dict(edge.props))},
            clean(edge.target),
        ]
        for edge in graph.edges()
    }
    return nodes, edges


def rows(worker: Worker, query: str) -> Iterator[list[Any]]:
    for block in worker.ask(request_for(query)):
        yield from block


@pytest.mark.parametrize("name", ["kites", "nasty", "controls"])
def test_every_node_and_edge_is_there_with_every_property(
    name: str, kite_graph: GraphDir, nasty_graph: GraphDir, tmp_path: Path
) -> None:
    """The same as kg.graph gives, property by property, also where texts hold what breaks careless writers."""
    graph = {"kites": kite_graph, "nasty": nasty_graph}.get(name) or GraphDir.open(controls().write(tmp_path / "c.kg"))
    nodes, edges = expected(Graph(graph))
    with open_worker(graph) as worker:
        found = {row[0]["id"]: row[0] for row in rows(worker, "MATCH (n) RETURN n")}
        assert found == nodes
        told = {row[1]["id"]: row for row in rows(worker, "MATCH (a)-[r]->(b) RETURN a.id, r, b.id")}
        assert told == edges
        counted = dict(rows(worker, "MATCH (n) RETURN labels(n)[0], count(*)"))
        assert counted == Counter(node["label"] for node in nodes.values())


def test_names_of_nodes_and_relationships_do_not_clash() -> None:
    """The engine does not tell upper from lower case, nor a label from a type; so no two of ours may be alike."""
    names = [name.casefold() for name in (*NODE_TYPES, "Entity", *RELATIONSHIP_TYPES.values())]
    assert len(set(names)) == len(names)


def test_every_label_and_type_of_the_vocabulary_can_be_asked_for(kite_graph: GraphDir) -> None:
    """Also one that this graph has nothing of: no error, nothing found."""
    with open_worker(kite_graph) as worker:
        for label in NODE_TYPES:
            assert len(list(rows(worker, f"MATCH (n:{label}) RETURN count(n)"))) == 1
        for type_ in RELATIONSHIP_TYPES.values():
            assert len(list(rows(worker, f"MATCH ()-[r:{type_}]->() RETURN count(r)"))) == 1


def test_rows_stream_and_the_rest_can_be_given_up(kite_graph: GraphDir, children: Children) -> None:
    with select(kite_graph, "UNWIND range(1, 3000000) AS x RETURN x", timeout=60) as found:
        first = next(iter(found))
    assert first == (1,)
    assert found.columns == ("x",)
    assert not children()


# --- nothing gets out -------------------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        yield server


DOORS = [
    "COPY (MATCH (m:Method) RETURN m.id) TO '{folder}/out.csv'",
    "COPY (MATCH (m:Method) RETURN m.id) TO 'out.csv'",
    "COPY (MATCH (m:Method) RETURN m.id) TO '{folder}/out.parquet'",
    "LOAD FROM '{folder}/secret.csv' (file_format = 'csv', header = false) RETURN *",
    "LOAD FROM '{folder}/*.csv' (file_format = 'csv', header = false) RETURN *",
    "LOAD FROM 'http://127.0.0.1:{port}/x.csv' RETURN *",
    "EXPORT DATABASE '{folder}/dump'",
    "IMPORT DATABASE '{folder}'",
    "INSTALL httpfs",
    "LOAD EXTENSION '{folder}/x.so'",
    "ATTACH 'http://127.0.0.1:{port}/x.db' AS o (dbtype duckdb)",
    "CREATE (:Model {{id: 'z'}})",
    "MATCH (n) DETACH DELETE n",
    "MATCH (n:Model) SET n.name = 'x'",
    "CREATE NODE TABLE X(id STRING, PRIMARY KEY(id))",
    "DROP TABLE Author",
]


@pytest.mark.parametrize("door", DOORS)
def test_each_door_is_shut_twice(own_kites: Path, tmp_path: Path, listener: socket.socket, door: str) -> None:
    """The guard refuses the text; and where it did not, the worker that runs it could not do it either."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "secret.csv").write_text("secret,1\n")
    before = sorted(path.name for path in folder.iterdir())
    query = door.format(folder=folder, port=listener.getsockname()[1])
    with pytest.raises(QueryError):
        request_for(query)
    graph = GraphDir.open(own_kites)
    with open_worker(graph, limits=Limits(20)) as worker:
        seal = {path: path.read_bytes() for path in (own_kites / "cache").iterdir() if path.is_file()}
        with pytest.raises(QueryError):
            list(worker.ask({"query": query, "parameters": {}, "columns": None}))
        assert list(rows(worker, "MATCH (n) RETURN count(*)")) == [[len(list(Graph(graph).nodes()))]]
    assert sorted(path.name for path in folder.iterdir()) == before
    assert not (Path.cwd() / "out.csv").exists()
    assert {path: path.read_bytes() for path in seal} == seal
    with pytest.raises(TimeoutError):
        listener.accept()


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", BOMBS)
def test_a_query_bomb_dies_at_its_time(kite_graph: GraphDir, query: str, children: Children) -> None:
    begun = time.monotonic()
    with pytest.raises((QueryTimeout, QueryMemory), match=r"1\.5 seconds|memory"):
        list(select(kite_graph, query, timeout=1.5))
    assert time.monotonic() - begun < 30  # a loaded machine is slow to start the worker
    assert not children()


def test_a_query_that_wants_memory_dies_of_it(kite_graph: GraphDir, children: Children) -> None:
    query = "UNWIND range(1, 20000000) AS x RETURN collect(toString(x) + '-' + toString(x)) AS l"
    with (
        pytest.raises(QueryMemory, match="memory"),
        select(kite_graph, query, timeout=120, memory=300 << 20) as found,
    ):
        list(found)
    assert not children()


def test_many_queries_leave_nothing_open(kite_graph: GraphDir, children: Children) -> None:
    list(select(kite_graph, "RETURN 1 AS x"))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(4):
        assert list(select(kite_graph, "RETURN 1 AS x")) == [(1,)]
        with pytest.raises(QueryError):
            select(kite_graph, "MATCH (n) RETURN n.nope_at_all + frob(1)")
    assert len(os.listdir("/proc/self/fd")) == before
    assert not children()


# --- the cache --------------------------------------------------------------------------------------------------------


def test_a_database_that_is_damaged_is_built_again(own_kites: Path) -> None:
    want = list(select(own_kites, "MATCH (n) RETURN count(*)"))
    (database,) = (own_kites / "cache").glob("cypher-*.lbug")
    for damage in (b"", b"garbage" * 1000):
        database.write_bytes(damage)
        assert list(select(own_kites, "MATCH (n) RETURN count(*)")) == want


def test_a_file_of_no_bytes_is_no_empty_graph(tmp_path: Path) -> None:
    (tmp_path / "empty.lbug").write_bytes(b"")
    with Worker("cypher", tmp_path / "empty.lbug") as worker, pytest.raises(BrokenCache):
        worker.wait_ready()


def test_a_directory_that_cannot_be_written_is_asked_all_the_same(
    own_kites: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache goes to the temporary folder; without any place one sentence says so; nothing is deleted."""
    shutil.rmtree(own_kites / "cache", ignore_errors=True)
    (own_kites / "cache").write_text("in the way")
    places = tmp_path / "tmp"
    places.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(places))
    assert list(select(own_kites, "MATCH (n:Model) RETURN count(*)")) == [(3,)]
    assert list(places.rglob("cypher-*.lbug"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(StorageError, match="no place for a cache"):
        select(own_kites, "MATCH (n:Model) RETURN count(*)")


def test_a_newer_graph_gets_a_newer_database(own_kites: Path) -> None:
    from tests.export.rows import kites

    assert list(select(own_kites, "MATCH (n:Model) RETURN count(*)")) == [(3,)]
    more = kites()
    more.entity("model/firnet", "Model", "FirNet")
    shutil.rmtree(own_kites)
    more.write(own_kites)
    assert list(select(own_kites, "MATCH (n:Model) RETURN count(*)")) == [(4,)]
    assert load(own_kites).dir.manifest.counts["entities"] == 10


# --- the command line -------------------------------------------------------------------------------------------------

RUN = [sys.executable, "-m", "kg"]


def kg(*arguments: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*RUN, *arguments], input=stdin, capture_output=True, env={**os.environ, "NO_COLOR": "1", **env}, check=False
    )


def test_the_command_prints_tables_json_and_csv(kite_graph: GraphDir, tmp_path: Path) -> None:
    query = "MATCH (n:Model) RETURN n.name AS name, n.papers AS papers, n.aliases AS aliases ORDER BY name LIMIT 2"
    path = str(kite_graph.path)
    shown = kg("cypher", path, query)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.decode().splitlines()[2:] == ["ElmNet        1", 'KiteNet       2  ["Kite Net"]']
    table = kg("cypher", path, "-", "-o", "csv", stdin=query.encode())
    assert table.stdout.decode() == 'name,papers,aliases\nElmNet,1,\nKiteNet,2,"[""Kite Net""]"\n'
    (tmp_path / "my query.cypher").write_text(query)
    found = kg("cypher", path, f"@{tmp_path / 'my query.cypher'}", "-o", "json")
    assert found.stdout.decode().splitlines()[1] == '{"name": "ElmNet", "papers": 1, "aliases": null},'


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["MATCH (n) DELETE n"], 1, "only be read"),
        (["MATCH (n:Modell) RETURN n"], 1, "Modell"),
        (["@missing.cypher"], 2, "missing.cypher"),
        ([BOMBS[0], "--timeout", "1"], 1, "1 seconds"),
        (["RETURN 1 AS x", "-o", "ttl"], 2, "ttl"),
    ],
)
def test_errors_are_one_sentence_and_an_exit_code(
    kite_graph: GraphDir, arguments: list[str], code: int, says: str
) -> None:
    done = kg("cypher", str(kite_graph.path), *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_arguments_and_letters_arrive_as_they_are(kite_graph: GraphDir) -> None:
    """Whatever the locale, csv is UTF-8; a dollar sign and a star in a text stay."""
    query = "RETURN '$HOME * ~ β-Kite 🪁' AS x"
    for env in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "cp1252"}):
        done = kg("cypher", str(kite_graph.path), query, "-o", "csv", **env)
        assert done.stdout.decode("utf-8") == "x\n$HOME * ~ β-Kite 🪁\n", done.stderr
        assert kg("cypher", str(kite_graph.path), query, **env).returncode == 0
