"""Caches are built once, never seen half, built again when damaged, and need no writable graph."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kg.errors import StorageError
from kg.query.cache import ask, cached
from kg.query.search import search
from kg.store import GraphDir


def block(graph: GraphDir) -> None:
    """Make the cache folder one that nobody can write (a superuser could write a read-only one): a file."""
    shutil.rmtree(graph.path / "cache", ignore_errors=True)
    (graph.path / "cache").write_text("")


class Builder:
    """Writes `content`, counts how often it is asked to."""

    def __init__(self, content: bytes = b"content") -> None:
        self.calls, self.content = 0, content

    def file(self, path: Path) -> None:
        self.calls += 1
        path.write_bytes(self.content)

    def folder(self, path: Path) -> None:
        self.calls += 1
        (path / "deep").mkdir(parents=True)
        (path / "deep" / "part").write_bytes(self.content)
        (path / "LOG").write_text("engines write such files while they read")


def test_a_cache_is_built_once_and_lies_in_the_graph_under_the_manifests_hash(own_kites: GraphDir) -> None:
    build = Builder()
    path = cached(own_kites, "thing.bin", build.file)
    assert path == cached(own_kites, "thing.bin", build.file)
    assert path.parent == own_kites.path / "cache"
    assert own_kites.manifest.hash[:16] in path.name
    assert (path.read_bytes(), build.calls) == (b"content", 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"con"),
        lambda file: file.write_bytes(b"cXntent"),
        lambda file: file.unlink(),
        lambda file: file.with_name("more").write_bytes(b"x"),
    ],
    ids=["emptied", "cut", "a byte changed", "removed", "a file too many"],
)
def test_a_damaged_cache_is_built_again(own_kites: GraphDir, damage: object) -> None:
    build = Builder()
    damage(cached(own_kites, "thing", build.folder) / "deep" / "part")  # type: ignore[operator]
    again = cached(own_kites, "thing", build.folder)
    assert (again / "deep" / "part").read_bytes() == b"content"
    assert sorted(file.name for file in (again / "deep").iterdir()) == ["part"]
    assert build.calls == 2


@pytest.mark.parametrize("seal", [b"", b"{", b"[]", b"{}", b'{"": 1}', b"\xff"])
def test_a_damaged_seal_means_a_new_build(own_kites: GraphDir, seal: bytes) -> None:
    build = Builder()
    path = cached(own_kites, "thing.bin", build.file)
    path.with_name(path.name + ".seal").write_bytes(seal)
    cached(own_kites, "thing.bin", build.file)
    assert build.calls == 2


def test_what_engines_write_beside_their_data_is_no_damage(own_kites: GraphDir) -> None:
    build = Builder()
    path = cached(own_kites, "thing", build.folder)
    (path / "LOG").write_text("another")
    (path / "LOCK").write_text("")
    cached(own_kites, "thing", build.folder)
    assert build.calls == 1


def test_a_copied_cache_is_still_good(own_kites: GraphDir) -> None:
    build = Builder()
    path = cached(own_kites, "thing.bin", build.file)
    os.utime(path, (1, 1))
    cached(own_kites, "thing.bin", build.file)
    assert build.calls == 1


def test_caches_of_earlier_states_go_others_stay(own_kites: GraphDir) -> None:
    folder = own_kites.path / "cache"
    folder.mkdir(exist_ok=True)
    for name in ("thing-0123456789abcdef.bin", "other-0123456789abcdef.bin", "note.txt"):
        (folder / name).write_text("old")
    cached(own_kites, "thing.bin", Builder().file)
    names = {file.name for file in folder.iterdir()}
    assert "thing-0123456789abcdef.bin" not in names
    assert {"other-0123456789abcdef.bin", "note.txt"} <= names


def test_a_build_that_fails_leaves_nothing_behind(own_kites: GraphDir) -> None:
    def build(path: Path) -> None:
        path.write_bytes(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cached(own_kites, "thing.bin", build)
    assert not list((own_kites.path / "cache").rglob("*thing-*"))


def test_a_build_that_was_killed_leaves_nothing_that_the_next_one_takes(own_kites: GraphDir) -> None:
    left = own_kites.path / "cache" / f".thing-{own_kites.manifest.hash[:16]}-abc"
    left.mkdir(parents=True)
    (left / "thing.bin").write_bytes(b"half")
    assert cached(own_kites, "thing.bin", Builder().file).read_bytes() == b"content"
    assert not left.exists()


def test_where_the_graph_cannot_be_written_the_temporary_folder_serves(
    own_kites: GraphDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block(own_kites)
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    build = Builder()
    path = cached(own_kites, "thing.bin", build.file)
    assert elsewhere in path.parents
    assert path == cached(own_kites, "thing.bin", build.file)
    assert build.calls == 1
    if os.name != "nt":
        assert path.parent.stat().st_mode & 0o077 == 0


def test_a_folder_in_the_temporary_one_that_others_may_write_is_not_trusted(
    own_kites: GraphDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name == "nt":
        pytest.skip("permissions of another kind")
    block(own_kites)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    planted = tmp_path / f"mlpapers-kg-{os.getuid()}"
    planted.mkdir(mode=0o700)
    planted.chmod(0o777)
    assert planted not in cached(own_kites, "thing.bin", Builder().file).parents


def test_with_no_place_at_all_one_sentence_says_so_and_search_works_in_memory(
    own_kites: GraphDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block(own_kites)
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    with pytest.raises(StorageError, match="no place for a cache"):
        cached(own_kites, "thing.bin", Builder().file)
    assert search(own_kites, "KiteLM")[0].id == "model/kitelm"


def test_damage_that_only_the_engine_notices_is_built_again_once(own_kites: GraphDir) -> None:
    build, asked = Builder(), []

    def question(path: Path) -> str:
        asked.append(path)
        if len(asked) == 1:
            raise LookupError
        return "answer"

    assert ask(own_kites, "thing.bin", build.file, question, broken=(LookupError,)) == "answer"
    assert build.calls == 2
    with pytest.raises(KeyError):
        ask(own_kites, "thing.bin", build.file, lambda path: {}[path], broken=(LookupError,))


def test_a_damaged_search_index_is_built_again(own_kites: GraphDir) -> None:
    before = search(own_kites, "Kite")
    (index,) = (own_kites.path / "cache").glob("search-*.sqlite")
    index.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    assert search(own_kites, "Kite") == before


def test_processes_that_ask_at_once_get_one_whole_cache(own_kites: GraphDir) -> None:
    code = f"from kg.query.search import search; print(search({str(own_kites.path)!r}, 'KiteLM')[0].id)"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in running]
    assert [answer[0].split() for answer in answers] == [[b"model/kitelm"]] * 4
    assert [answer[1] for answer in answers] == [b""] * 4
    left = [file.name for file in (own_kites.path / "cache").iterdir() if file.name.startswith(".search")]
    assert not left
