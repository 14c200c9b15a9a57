"""Writing leaves the last whole graph, whatever happens, and touches nothing that is not ours."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.errors import OutputError, StorageError
from kg.model import Paper
from kg.store import FILES, GraphDir, building, damages, write_graph
from kg.store.files import MANIFEST, NEXT, STAGING, whole_file
from tests.store.conftest import ROWS, Write


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_only_the_promised_files_are_there(write: Write) -> None:
    assert names(write().path) == {*FILES, MANIFEST, "cache"}


@pytest.mark.parametrize(
    "foreign",
    [
        {"notes.txt": b"mine"},
        {"manifest.json": b'{"name": "a web page"}'},
        {"papers.parquet": b"of another program"},
        {"cache": None, "x.py": b""},
        {"cache": None},
        {".hidden": b""},
    ],
    ids=lambda foreign: "+".join(foreign),
)
def test_a_directory_with_other_things_is_refused_untouched(tmp_path: Path, foreign: dict[str, bytes | None]) -> None:
    home = tmp_path / "mine"
    home.mkdir()
    for name, content in foreign.items():
        (home / name).mkdir() if content is None else (home / name).write_bytes(content)
    with pytest.raises(OutputError, match="nothing was written") as raised:
        write_graph(home, **ROWS)
    assert raised.value.exit_code == 2
    assert names(home) == set(foreign)
    assert all((home / name).read_bytes() == content for name, content in foreign.items() if content is not None)


def test_a_file_in_the_way_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    for path in ("file", "file/G", "file/deep/G", "link"):
        with pytest.raises(OutputError):
            write_graph(tmp_path / path, **ROWS)
    assert names(tmp_path) == {"file", "link"}
    assert (tmp_path / "file").read_text() == "mine"


def test_an_empty_directory_and_missing_parents_are_fine(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in ("empty", "deep/er/G"):
        write_graph(tmp_path / path, **ROWS)
        assert damages(tmp_path / path) == ()


@pytest.mark.parametrize("lost", [{MANIFEST}, {"papers.parquet"}, {MANIFEST, "mentions.parquet"}, set(FILES)])
def test_a_damaged_graph_is_still_ours_to_write(write: Write, lost: set[str]) -> None:
    graph = write()
    for name in lost:
        (graph.path / name).unlink()
    assert write().manifest.hash == graph.manifest.hash


def failing(rows: list[Any], error: BaseException) -> Iterator[Any]:
    yield from rows
    raise error


@pytest.mark.parametrize("table", ["papers", "merges", "rejected"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ZeroDivisionError()], ids=repr
)
def test_a_build_that_fails_leaves_the_old_graph_and_no_other_file(
    write: Write, table: str, error: BaseException
) -> None:
    old = write()
    before = {name: (old.path / name).read_bytes() for name in (*FILES, MANIFEST)}
    expected = StorageError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write(**{table: failing(ROWS.get(table, []), error), "entities": []})
    assert names(old.path) == {*FILES, MANIFEST, "cache"}
    assert {name: (old.path / name).read_bytes() for name in before} == before
    assert len(list(GraphDir.open(old.path).entities())) == 3


def test_a_first_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_graph(tmp_path / "G", **{**ROWS, "papers": failing([], ZeroDivisionError())})
    assert names(tmp_path) == set()


def test_what_a_killed_build_left_behind_goes_with_the_next(write: Write) -> None:
    graph = write()
    (graph.path / STAGING).mkdir()
    (graph.path / STAGING / "papers.parquet").write_bytes(b"half")
    assert GraphDir.open(graph.path).manifest.hash == graph.manifest.hash
    write()
    assert STAGING not in names(graph.path)


def test_an_interrupted_move_is_finished_by_the_next_build(write: Write, tmp_path: Path) -> None:
    old, new = write("old"), write("new", papers=[Paper("p9", "T", "Other")])
    (tmp_path / "new" / "cache").rename(tmp_path / "c")
    (tmp_path / "new").rename(old.path / NEXT)
    with building(old.path):
        assert names(old.path) == {*FILES, MANIFEST, "cache"}
        assert GraphDir.open(old.path).manifest.hash == new.manifest.hash


def limited(code: str, tmp_path: Path, size: int) -> subprocess.CompletedProcess[str]:
    """Run code in a process that cannot write files beyond `size` bytes: what a full disk does, without a mount."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    return subprocess.run(
        [sys.executable, "-c", limit + code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="no limits on file sizes there")
def test_a_file_that_cannot_grow_is_one_sentence_and_the_old_graph_answers(write: Write, tmp_path: Path) -> None:
    old = write()
    code = """
import random
from kg.errors import StorageError
from kg.model import Paper
from kg.store import write_graph
papers = [Paper(str(i), "T", random.Random(i).randbytes(400).hex()) for i in range(3000)]
try:
    write_graph("G", papers=papers, mentions=[], entities=[], statements=[], evidence=[], results=[], merges=[])
except StorageError as error:
    print(error)
"""
    shown = limited(code, tmp_path, 500_000)
    assert shown.stdout == "G/papers.parquet: larger than this system lets a file be\n", shown.stderr
    assert names(old.path) == {*FILES, MANIFEST, "cache"}
    assert GraphDir.open(old.path).manifest.hash == old.manifest.hash


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_a_directory_that_may_not_be_written_is_one_sentence(write: Write) -> None:
    graph = write()
    graph.path.chmod(0o555)
    try:
        with pytest.raises(StorageError, match="permission denied"):
            write(papers=[])
    finally:
        graph.path.chmod(0o755)
    assert GraphDir.open(graph.path).manifest.hash == graph.manifest.hash


def test_two_builds_of_one_directory_do_not_mix(write: Write) -> None:
    graph = write()
    code = f"""
from kg.errors import StorageError
from kg.store import building
try:
    with building({str(graph.path)!r}):
        print("both")
except StorageError as error:
    print("another build" in str(error))
"""
    with building(graph.path):
        shown = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
    assert shown.stdout == "True\n"
    with building(graph.path):
        pass


def test_a_whole_file_appears_at_the_end_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with whole_file(path) as file:
        file.write(b"one")
        assert not path.exists()
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(b"two" * (1 // 0))
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == {"out.txt"}


def test_a_whole_file_keeps_links_and_permissions(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "real.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real.txt")
    with whole_file(tmp_path / "link.txt") as file:
        file.write(b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o640


def test_devices_are_written_to_not_replaced() -> None:
    with whole_file(os.devnull) as file:
        file.write(b"x")
    assert not Path(os.devnull).is_file()


def test_a_full_device_is_a_sentence() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(StorageError, match="/dev/full: no space left"), whole_file("/dev/full") as file:
        file.write(b"x")


@pytest.mark.parametrize("path", [".", "missing/out.txt"])
def test_a_whole_file_that_cannot_be_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutputError), whole_file(tmp_path / path):
        pass
