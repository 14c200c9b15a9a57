"""A graph directory answers only when it is whole, and never from a mixture of two builds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.errors import GraphError, NotFoundError
from kg.model import Paper
from kg.store import FILES, TABLES, GraphDir, damages
from kg.store.files import MANIFEST, NEXT, STAGING
from kg.store.verify import strangers
from tests.store.conftest import REJECTED, ROWS, Write


def test_rows_come_back_by_table(write: Write) -> None:
    graph = write()
    for name in TABLES:
        assert sorted(map(repr, getattr(graph, name)())) == sorted(map(repr, ROWS[name]))
    assert list(graph.rejected()) == REJECTED
    assert damages(graph.path) == ()


def test_the_same_rows_give_the_same_directory(write: Write) -> None:
    one, two = write("one"), write("two", **{name: rows[::-1] for name, rows in ROWS.items()})
    for name in (*FILES, MANIFEST):
        assert (one.path / name).read_bytes() == (two.path / name).read_bytes(), name
    assert one.manifest.hash == two.manifest.hash


def test_text_of_a_paper_is_title_line_break_abstract(write: Write) -> None:
    graph = write()
    assert graph.text_of("p1") == "Kites, 𝒪(n)\nWe propose KiteNet."
    assert graph.text_of("p2") == "OakNet gains 3.1 points on LeafSet."
    with pytest.raises(NotFoundError, match="p3"):
        graph.text_of("p3")


def test_sql_joins_tables_by_name(write: Write) -> None:
    rows = write().query(
        "SELECT e.name, m.start FROM mentions m JOIN entities e ON e.id = m.entity WHERE m.paper = ? ORDER BY m.start",
        ["p2"],
    )
    assert rows == [("OakNet", 0), ("LeafSet", 27)]


@pytest.mark.parametrize("name", ["it's [2024] *?", "ä 雪", "a%20b", "$HOME"])
def test_any_directory_name_can_be_asked(write: Write, name: str) -> None:
    """DuckDB would take brackets and stars in a path for a pattern, and a quote for the end of it."""
    graph = write(name)
    assert graph.query("SELECT count(*) FROM papers") == [(2,)]
    assert len(list(graph.papers())) == 2


def test_queries_run_from_several_threads(write: Write) -> None:
    graph = write()
    found: list[object] = []

    def ask() -> None:
        found.extend(graph.query("SELECT count(*) FROM statements")[0][0] for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 80


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


DAMAGE: list[Callable[[Path], None]] = [halve, empty, flip, append, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_every_damage_to_every_file_is_found_and_named(write: Write, name: str, damage: Callable[[Path], None]) -> None:
    graph = write()
    damage(graph.path / name)
    with pytest.raises(GraphError) as raised:
        GraphDir.open(graph.path)
    assert name in str(raised.value)
    assert any(name in sentence for sentence in damages(graph.path))


def test_swapped_tables_are_both_named(write: Write) -> None:
    graph = write()
    one, two = graph.path / "statements.parquet", graph.path / "mentions.parquet"
    one.rename(graph.path / "x")
    two.rename(one)
    (graph.path / "x").rename(two)
    assert [sentence.split(": ")[0].rsplit("/")[-1] for sentence in damages(graph.path)] == [two.name, one.name]


@pytest.mark.parametrize("change", [("counts", "papers", 3), ("files", "papers.parquet", "rows"), ("settings", "x", 1)])
def test_a_changed_manifest_is_found(write: Write, change: tuple[str, str, object]) -> None:
    graph = write()
    manifest = graph.path / MANIFEST
    content = json.loads(manifest.read_text(encoding="utf-8"))
    section, key, value = change
    if value == "rows":
        content[section][key]["rows"] += 1
    else:
        content[section][key] = value
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with pytest.raises(GraphError, match=r"manifest\.json: is damaged"):
        GraphDir.open(graph.path)


def test_a_newer_format_is_named_not_misread(write: Write) -> None:
    graph = write()
    manifest = graph.path / MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b'"format_version": 1', b'"format_version": 2'))
    with pytest.raises(GraphError, match="format version 2; this kg reads version 1"):
        GraphDir.open(graph.path)


@pytest.mark.parametrize("content", [b"[]", b"null", b"{", b'{"format": "other"}', b"\xff\xfe", b"[" * 100_000])
def test_any_other_manifest_is_a_sentence(write: Write, content: bytes) -> None:
    graph = write()
    (graph.path / MANIFEST).write_bytes(content)
    with pytest.raises(GraphError, match=r"manifest\.json"):
        GraphDir.open(graph.path)


def test_what_is_no_graph_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    for name, reason in (("file", "is a file"), ("empty", "no graph directory"), ("missing", "no such graph")):
        with pytest.raises(GraphError, match=reason):
            GraphDir.open(tmp_path / name)
        with pytest.raises(GraphError):
            damages(tmp_path / name)


def test_foreign_files_do_not_disturb_and_can_be_listed(write: Write) -> None:
    graph = write()
    (graph.path / "statements.parquet.tmp").write_bytes(b"half")
    (graph.path / STAGING).mkdir()
    assert len(list(GraphDir.open(graph.path).statements())) == 2
    assert damages(graph.path) == ()
    assert strangers(graph.path) == (STAGING, "statements.parquet.tmp")


def test_an_open_graph_that_is_built_anew_says_so(write: Write) -> None:
    """The old object never mixes the tables that it has read with those of another build."""
    old = write()
    before = list(old.entities())
    new = write(papers=[Paper("p9", "T", "Another abstract, and a longer one.")], statements=[])
    assert old.manifest.hash != new.manifest.hash
    for ask in (
        lambda: list(old.papers()),
        lambda: old.query("SELECT count(*) FROM papers"),
        lambda: old.text_of("p1"),
    ):
        with pytest.raises(GraphError, match="open it again"):
            ask()
    assert list(new.entities()) == before


@pytest.mark.parametrize("moved", range(len(FILES) + 2))
def test_a_move_that_was_interrupted_anywhere_leaves_the_new_graph(write: Write, tmp_path: Path, moved: int) -> None:
    """Once all files of the new graph are whole it is the valid one, wherever each of them lies."""
    old, new = write("old"), write("new", statements=[], papers=[Paper("p9", "T", "Other")])
    coming = old.path / NEXT
    coming.mkdir()
    for name in (*FILES, MANIFEST):
        shutil.copy(new.path / name, coming / name)
    for name in (*FILES, MANIFEST)[:moved]:
        os.replace(coming / name, old.path / name)
    graph = GraphDir.open(old.path)
    assert graph.manifest.hash == new.manifest.hash
    assert [paper.id for paper in graph.papers()] == ["p9"]
    assert graph.query("SELECT count(*) FROM statements") == [(0,)]
    assert damages(old.path) == ()


def test_a_graph_can_be_asked_where_nothing_can_be_written(write: Write) -> None:
    """Reading makes no file: a graph on a read-only mount, without cache, home or working directory, answers."""
    graph = write()
    shutil.rmtree(graph.path / "cache")
    before = sorted(graph.path.rglob("*"))
    graph.path.chmod(0o555)
    code = f"from kg.store import GraphDir; g = GraphDir.open({str(graph.path)!r}); "
    code += "print(g.query('SELECT count(*) FROM papers')[0][0], len(list(g.mentions())))"
    try:
        shown = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            cwd="/proc" if Path("/proc").is_dir() else "/",
            env={**os.environ, "HOME": "/nonexistent", "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        graph.path.chmod(0o755)
    assert (shown.stdout, shown.stderr) == ("2 3\n", "")
    assert sorted(graph.path.rglob("*")) == before
