"""The other formats, and where exports go: whole files or none."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import GraphError, OutputError, StorageError, UsageError
from kg.export import FORMATS, export, guess_format
from kg.export.csv_files import csv_text
from kg.export.xml import attribute, content
from kg.graph import load
from kg.text import xml_safe
from tests.export.reading import exported

GRAPHS = ("kite_graph", "nasty_graph", "empty_graph", "lone_graph")


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> Path:
    path = request.getfixturevalue(request.param)
    assert isinstance(path, Path)
    return path


@pytest.fixture(params=["graphml", "gexf"])
def xml_format(request: pytest.FixtureRequest) -> str:
    assert isinstance(request.param, str)
    return request.param


def test_networkx_reads_the_same_graph(graph: Path, xml_format: str) -> None:
    """GraphML and GEXF hold the nodes, edges and properties of the networkx view; lists are JSON arrays."""
    raw = io.BytesIO(exported(graph, xml_format))
    read = networkx.read_graphml(raw, force_multigraph=True) if xml_format == "graphml" else networkx.read_gexf(raw)
    expected = load(graph).to_networkx()
    assert set(read) == set(expected)
    assert read.number_of_edges() == expected.number_of_edges()
    for id_, attributes in expected.nodes(data=True):
        for name, value in attributes.items():
            if name != "id" and value not in ("", ()):
                found = read.nodes[id_][name]
                assert (tuple(json.loads(found)) if isinstance(value, tuple) else found) == value
    ids = {data.get("id", key) for *_, key, data in read.edges(keys=True, data=True)} if read.is_multigraph() else None
    assert ids is None or ids == {data["id"] for *_, data in expected.edges(data=True)}


@given(st.text(st.characters(codec=None), max_size=30))
def test_any_text_is_well_formed_xml(text: str) -> None:
    """In an element and in an attribute, with U+FFFD for what XML forbids; line ends and tabs survive."""
    element = ElementTree.fromstring(f'<a b="{attribute(text)}">{content(text)}</a>')
    assert element.get("b") == xml_safe(text)
    assert (element.text or "") == xml_safe(text)


@pytest.mark.parametrize("format_", FORMATS)
def test_what_xml_forbids_is_in_no_file(control_graph: Path, tmp_path: Path, format_: str) -> None:
    """Were a control character to come through a reader, every format has U+FFFD for it, and XML stays well-formed."""
    export(control_graph, format_, tmp_path / "out")
    paths = [tmp_path / "out"] if (tmp_path / "out").is_file() else sorted((tmp_path / "out").glob("*.csv"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert any("\ufffd" in text for text in texts)
    for text in texts:
        if format_ == "neo4j-csv":
            text = text.replace("\x1f", ";")  # what parts the elements of a list there, since no text can hold it
        assert xml_safe(text) == text
        if format_ in ("rdfxml", "graphml", "gexf"):
            ElementTree.fromstring(text)


def test_json_lines_are_nodes_then_edges(graph: Path) -> None:
    """One object a line, whatever ends a line for the reader; ends of edges are nodes."""
    text = exported(graph, "jsonl").decode()
    assert text.count("\n") == len(text.splitlines())
    records = [json.loads(line) for line in text.splitlines()]
    nodes = {record["id"] for record in records if record["element"] == "node"}
    edges = [record for record in records if record["element"] == "edge"]
    assert [r["element"] for r in records] == ["node"] * len(nodes) + ["edge"] * len(edges)
    assert {end for edge in edges for end in (edge["source"], edge["target"])} <= nodes
    assert len({edge["id"] for edge in edges}) == len(edges)


def test_csv_is_two_tables(graph: Path, tmp_path: Path) -> None:
    """A folder or an archive with the same bytes, which Python's csv module reads to the networkx view."""
    export(graph, "csv", tmp_path / "tables")
    export(graph, None, tmp_path / "tables.zip")
    export(graph, "csv", tmp_path / "tables")  # again: replaced
    with zipfile.ZipFile(tmp_path / "tables.zip") as archive:
        assert archive.namelist() == ["nodes.csv", "edges.csv"]
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "tables" / name).read_bytes()
    expected = load(graph).to_networkx()
    with (tmp_path / "tables/nodes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == list(expected)
    for row in rows:
        assert row["name"] == expected.nodes[row["id"]]["name"]
        assert tuple(json.loads(row["aliases"] or "[]")) == expected.nodes[row["id"]].get("aliases", ())
    with (tmp_path / "tables/edges.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == expected.number_of_edges()


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=3), max_size=4))
def test_any_row_comes_back_from_csv(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO("".join(csv_text(rows)), newline=""))) == rows


@pytest.mark.parametrize("format_", [name for name, about in FORMATS.items() if not about.folder])
def test_bytes_are_the_same_each_time(kite_graph: Path, tmp_path: Path, format_: str) -> None:
    """Twice, to a file and to a stream; compressed too, under any name and at any time."""
    raw = exported(kite_graph, format_)
    export(kite_graph, format_, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == raw
    export(kite_graph, format_, tmp_path / "x.gz")
    export(kite_graph, format_, tmp_path / "y.gz")
    assert (tmp_path / "x.gz").read_bytes() == (tmp_path / "y.gz").read_bytes()
    assert gzip.decompress((tmp_path / "x.gz").read_bytes()) == raw


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.ttl", "ttl"),
        ("a.nt.gz", "nt"),
        ("A.TRIG", "trig"),
        ("x.y/a.jsonld", "jsonld"),
        ("a.zip", "csv"),
        ("a.rdf", "rdfxml"),
    ],
)
def test_the_ending_says_the_format(name: str, format_: str) -> None:
    assert guess_format(name) == format_


@pytest.mark.parametrize("name", ["a", "a.txt", "ttl", ".gz", "a.parquet"])
def test_an_unknown_ending_is_a_usage_error(kite_graph: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="-f"):
        export(kite_graph, None, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_wrong_calls_are_usage_errors(kite_graph: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format 'pdf'"):
        export(kite_graph, "pdf", tmp_path / "a")
    with pytest.raises(UsageError, match="evidence"):
        export(kite_graph, "ttl", tmp_path / "a", evidence="some")
    with pytest.raises(UsageError, match="needs a format"):
        export(kite_graph, None, io.BytesIO())
    with pytest.raises(UsageError, match="stream"):
        export(kite_graph, "csv", "-")
    assert not list(tmp_path.iterdir())


def test_outputs_that_are_in_the_way(kite_graph: Path, tmp_path: Path) -> None:
    """A folder where a file goes, a file where a folder goes, a folder with other things, no folder to write in."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for format_, place in (("ttl", "folder"), ("csv", "file"), ("csv", "folder"), ("ttl", "no/such/x.ttl")):
        with pytest.raises(OutputError):
            export(kite_graph, format_, tmp_path / place)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder", "mine.txt"]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("format_", FORMATS)
def test_the_graph_itself_is_never_overwritten(kite_graph: Path, format_: str) -> None:
    """An output inside the graph directory is refused, also by a detour."""
    before = {p.name: p.read_bytes() for p in kite_graph.iterdir() if p.is_file()}
    for place in (kite_graph / "papers.parquet", kite_graph, kite_graph.parent / "x" / ".." / kite_graph.name / "a"):
        with pytest.raises(OutputError):
            export(kite_graph, format_, place)
    assert {p.name: p.read_bytes() for p in kite_graph.iterdir() if p.is_file()} == before


@pytest.mark.parametrize("format_", FORMATS)
def test_a_damaged_graph_is_not_exported(tmp_path: Path, format_: str) -> None:
    from tests.export.rows import kites

    graph = kites().write(tmp_path / "g")
    with (graph / "evidence.parquet").open("r+b") as file:
        file.truncate(100)
    with pytest.raises(GraphError, match=r"evidence\.parquet"):
        export(graph, format_, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("format_", [name for name, about in FORMATS.items() if not about.folder])
def test_a_full_device_is_a_storage_error(kite_graph: Path, format_: str) -> None:
    with pytest.raises(StorageError, match="/dev/full"):
        export(kite_graph, format_, "/dev/full")


@pytest.mark.skipif(os.name == "nt", reason="limits of file size are those of Unix")
@pytest.mark.parametrize("format_", [name for name, about in FORMATS.items() if about.suffixes])
def test_a_file_that_cannot_be_finished_is_not_there(kite_graph: Path, tmp_path: Path, format_: str) -> None:
    """Where the disk ends in the middle, the older file stays, no temporary file does, and one sentence says why."""
    name = "out" if format_ != "csv" else "out.zip"
    (tmp_path / name).write_text("older")
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))\n"
        "from kg.errors import StorageError\n"
        "from kg.export import export\n"
        "try:\n    export(*sys.argv[1:])\n"
        "except StorageError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(kite_graph), format_, str(tmp_path / name)], capture_output=True, text=True
    )
    assert done.stdout.startswith(str(tmp_path / name)), done.stderr
    assert done.stdout.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "older"


@pytest.mark.skipif(os.name == "nt", reason="limits of file size are those of Unix")
def test_a_folder_that_cannot_be_filled_is_not_there(kite_graph: Path, tmp_path: Path) -> None:
    code = 'ulimit -f 2; trap \'\' XFSZ; exec "$0" -m kg export "$1" -f csv -o "$2"'
    done = subprocess.run(
        ["bash", "-c", code, sys.executable, str(kite_graph), str(tmp_path / "tables")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def kg(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "kg", *arguments], capture_output=True, env={**os.environ, **environment}, check=False
    )


def test_the_command_writes_to_stdout_and_files(kite_graph: Path, tmp_path: Path) -> None:
    """The same bytes in any locale; nothing else on stdout, nothing on stderr."""
    shown = kg("export", str(kite_graph), "-f", "nt", "-o", "-", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="cp1252")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout == exported(kite_graph, "nt")
    done = kg("export", str(kite_graph), "-o", str(tmp_path / "a.ttl"), LC_ALL="C", PYTHONUTF8="0")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "a.ttl").read_bytes() == exported(kite_graph, "ttl")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-f", "ttl", "-o", "x.ttl", "--base-iri", "https://example.org/my graph/"], 2),
        (["-o", "x"], 2),
        (["-f", "doc", "-o", "x"], 2),
        (["-f", "rdfxml", "--rdf12", "-o", "x"], 2),
    ],
)
def test_wrong_usage_ends_with_2_and_one_sentence(
    kite_graph: Path, tmp_path: Path, arguments: list[str], code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kg", "export", str(kite_graph), *arguments],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_closed_pipe_ends_quietly(nasty_graph: Path) -> None:
    """`| head -1`: the first line arrives, stderr is empty."""
    for unbuffered in ("", "1"):
        with subprocess.Popen(
            [sys.executable, "-m", "kg", "export", str(nasty_graph), "-f", "nt", "-o", "-"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline().startswith(b"<")
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode in (0, 141)
