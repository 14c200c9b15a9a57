"""A disk that is full, and one that may not be written: one sentence, the older graph answers, nothing is left over."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import kg.pipeline
from kg.errors import StorageError
from kg.store import FILES, GraphDir
from kg.store.files import MANIFEST
from tests.pipeline.conftest import names_only, paper, write_lines

build = partial(kg.pipeline.build, extractor=names_only)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB, another one than that of the temporary folder."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "none", str(place)], capture_output=True, check=False
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("mounting a small file system needs more rights than these")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A source whose graph has more than a megabyte: its texts cannot be compressed."""
    noise = random.Random(5)
    papers = (paper(str(i), f"We propose OakNet. {noise.randbytes(700).hex()}") for i in range(1500))
    return write_lines(tmp_path / "large.jsonl", *papers)


@pytest.fixture
def little(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "little.jsonl", paper("a", "We propose KiteNet and test it on PondSet."))


def visible(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_full_disk_leaves_the_older_graph_and_room_lets_it_go_on(
    small_disk: Path, large: Path, little: Path, tmp_path: Path
) -> None:
    build(little, small_disk / "G")
    before = GraphDir.open(small_disk / "G").manifest.hash
    with pytest.raises(StorageError, match=r"small/G/\w+\.\w+: no space left on this disk$"):
        build(large, small_disk / "G")
    assert visible(small_disk / "G") == {*FILES, MANIFEST, "cache"}
    assert GraphDir.open(small_disk / "G").manifest.hash == before
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    build(large, small_disk / "G")
    build([little, large], tmp_path / "clean")
    assert GraphDir.open(small_disk / "G").manifest == GraphDir.open(tmp_path / "clean").manifest


def test_a_first_build_on_a_full_disk_leaves_nothing_that_looks_like_a_graph(small_disk: Path, large: Path) -> None:
    with pytest.raises(StorageError, match="no space left"):
        build(large, small_disk / "G")
    assert visible(small_disk) <= {"G"}
    assert not (small_disk / "G").exists() or visible(small_disk / "G") == {"cache"}


def test_a_full_disk_leaves_no_part_of_an_output_file(small_disk: Path, large: Path) -> None:
    out = small_disk / "out.jsonl"
    (small_disk / "filler").write_bytes(os.urandom(500_000))
    with pytest.raises(StorageError, match=r"out\.jsonl: no space left"):
        kg.pipeline.extract(large, out, extractor=names_only)
    assert visible(small_disk) == {"filler"}


def test_a_read_only_disk_is_one_sentence(small_disk: Path, little: Path) -> None:
    build(little, small_disk / "G")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for out in ("G", "new"):
        with pytest.raises(StorageError, match="read-only file system"):
            build(little, small_disk / out)
    with pytest.raises(StorageError, match="read-only file system"):
        kg.pipeline.extract(little, small_disk / "out.jsonl", extractor=names_only)
    assert [p.id for p in GraphDir.open(small_disk / "G").papers()] == ["a"]
    assert GraphDir.open(small_disk / "G").query("SELECT count(*) FROM papers") == [(1,)]
