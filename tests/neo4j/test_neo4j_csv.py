"""`kg export -f neo4j-csv` and the real import tool: the bulk files hold what `kg load` writes."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from kg import vocab
from kg.errors import OutputError
from kg.export import Options
from kg.export.neo4j_csv import header, import_script, write_neo4j_csv
from kg.graph import load as load_graph
from kg.neo4j import connect, count, load, read_edges, read_nodes
from kg.store import GraphDir
from tests.export.rows import Rows, nasty
from tests.neo4j import neo4j_server
from tests.neo4j.conftest import find_java
from tests.neo4j.neo4j_server import LTS, NEWEST, PASSWORD, Server

pytestmark = pytest.mark.xdist_group("neo4j")  # one server for all, where xdist runs by groups


def troubles() -> Rows:
    """What has broken bulk imports: delimiters, quotes, line ends and back-ticks in values, nulls, huge fields."""
    rows = nasty()
    rows.paper(
        "q1",
        'Ferry;Lantern|"Wick"',
        'We propose Ferry;Lantern, also `Wick` SET n:Evil, O\'Wick\\, K|G.\n"Second line" starts so.\nIt ends so.\n',
        authors=("X; Y", "", "Z\\"),
    )
    rows.paper("big", '"', "ferry " * 850_000 + '\n"quoted" to the end\\', venue="\n")
    rows.paper("wide", "灯" * 9_000, "灯" * 9_000 + "\r\n", venue="船" * 3_000, authors=("",))
    rows.entity("model/" + "w" * 150, "Model", "W" * 9_000, ";", "\n", '"')
    return rows


def bulk(directory: Path, out: Path) -> Path:
    graph = GraphDir.open(directory)
    write_neo4j_csv(graph, Options(graph.manifest.base_iri), out)
    return out


def admin_on_the_path(server: Server, folder: Path) -> dict[str, str]:
    """An environment in which `neo4j-admin` is the tool of this server."""
    folder.mkdir(exist_ok=True)
    script = folder / "neo4j-admin"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(server.command("org.neo4j.cli.AdminTool"))} "$@"\n')
    script.chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "NEO4J_HOME": str(server.home), "NEO4J_CONF": str(server.home / "conf")}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", [LTS, NEWEST])
def test_the_import_tool_makes_the_same_database_as_load(version: str, tmp_path: Path) -> None:
    """The command line of import.sh works as it stands; every property equals the graph's; `kg load` adds nothing."""
    java = find_java(version)
    directory = troubles().write(tmp_path / "troubles.kg")
    folder = bulk(directory, tmp_path / "bulk files")
    server = Server(version, java, neo4j_server.jars(version, java), tmp_path / "server")
    server.prepare()
    env = admin_on_the_path(server, tmp_path / "bin")
    for more in ([], ["neo4j", "--overwrite-destination"]):  # twice: nothing doubles
        done = subprocess.run(["sh", folder / "import.sh", *more], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    graph = load_graph(directory)
    nodes, edges = {node.id: node for node in graph.nodes()}, {edge.id: edge for edge in graph.edges()}
    options = {"uri": server.uri, "user": "neo4j", "password": PASSWORD}
    try:
        server.start()
        for _ in range(2):  # as imported, then as `kg load` leaves it
            with connect(**options) as db:
                found = read_nodes(db, nodes.values(), vocab.DEFAULT_BASE)
                different = {key for key in nodes if found.get(key) != nodes[key]}
                assert different == {"paper/wide"}  # whose only author has no name
                assert read_edges(db, edges.values(), vocab.DEFAULT_BASE) == edges
                counts = count(db, vocab.DEFAULT_BASE)
            assert (sum(counts.nodes.values()), sum(counts.edges.values())) == (len(nodes), len(edges))
            report = load(directory, **options)
            assert (report.nodes_created, report.edges_created) == (0, 0)
    finally:
        server.stop()


def test_the_same_graph_gives_the_same_files(tmp_path: Path, nasty_graph: Path) -> None:
    first, second = bulk(nasty_graph, tmp_path / "one"), bulk(nasty_graph, tmp_path / "two")
    files = {path.name: path.read_bytes() for path in first.iterdir()}
    assert files == {path.name: path.read_bytes() for path in second.iterdir()}
    assert b"nasty" not in files["import.sh"]
    assert str(tmp_path).encode() not in files["import.sh"]


def test_an_export_replaces_an_earlier_one_and_nothing_else(
    tmp_path: Path, nasty_graph: Path, kite_graph: Path
) -> None:
    folder = bulk(kite_graph, tmp_path / "bulk")
    bulk(nasty_graph, folder)
    assert not (folder / "nodes-Task.csv").exists()  # of the earlier export
    (folder / "mine.txt").write_text("keep")
    with pytest.raises(OutputError, match=r"mine\.txt"):
        bulk(kite_graph, folder)
    with pytest.raises(OutputError, match="is a file"):
        bulk(kite_graph, folder / "mine.txt")
    assert (folder / "mine.txt").read_text() == "keep"


def test_every_file_of_a_graph_has_its_header_and_its_argument(tmp_path: Path, kite_graph: Path) -> None:
    folder = bulk(kite_graph, tmp_path / "bulk")
    script = (folder / "import.sh").read_text()
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8") as lines:
            assert next(lines) == header(path.name)
        assert f"=./{path.name} \\\n" in script or f"=./{path.name}\n" in script


def test_the_read_buffer_is_larger_than_the_longest_row() -> None:
    assert "--read-buffer-size=4194304 " in import_script(["nodes-Task.csv"], 1_000)
    assert "--read-buffer-size=20000000 " in import_script(["nodes-Task.csv"], 10_000_000)
