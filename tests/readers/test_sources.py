"""From what a user names to files, and what those are called."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import threading
from pathlib import Path

import pytest

from kg.errors import SourceError, UsageError
from kg.model import Paper
from kg.readers import expand_sources, list_files, read_files, read_sources
from tests.readers.conftest import papers

RECORD = '{"id": "%s", "title": "T", "text": "x"}\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with sources, things that are none, and a graph directory."""
    names = [
        *("a.jsonl", "-b.jsonl", "sub/c.jsonl", "sub/deep/d.txt", "papers [2024]/e.jsonl", "sub/no-suffix"),
        *(".hidden.jsonl", ".git/f.jsonl", "sub/a.jsonl~", "sub/x.tmp", "README.md", "sub/LICENSE", "rejected.jsonl"),
        *("out.rejected.jsonl", "G/manifest.json", "G/papers.parquet", "G/rejected.jsonl", "__MACOSX/g.jsonl"),
    ]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RECORD % name, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*sources: str | Path) -> list[str]:
    return [file.name for file in expand_sources(sources)]


def test_a_directory_gives_its_sources_by_relative_name(tree: Path) -> None:
    inside = ["-b.jsonl", "a.jsonl", "papers [2024]/e.jsonl", "sub/c.jsonl", "sub/deep/d.txt", "sub/no-suffix"]
    assert names(tree) == names(".") == names("sub/..") == inside


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.jsonl", ["a.jsonl"]),
        ("sub/c.jsonl", ["c.jsonl"]),
        ("-b.jsonl", ["-b.jsonl"]),
        (".hidden.jsonl", [".hidden.jsonl"]),
        ("README.md", ["README.md"]),
        ("papers [2024]/e.jsonl", ["e.jsonl"]),
        ("papers [2024]", ["e.jsonl"]),
        ("papers [2024]/*.jsonl", ["e.jsonl"]),
        ("*.jsonl", ["-b.jsonl", "a.jsonl"]),
        ("./**/*.jsonl", ["-b.jsonl", "a.jsonl", "papers [2024]/e.jsonl", "sub/c.jsonl"]),
        ("sub/**", ["c.jsonl", "deep/d.txt", "no-suffix"]),
        ("s?b/[cd]*", ["sub/c.jsonl", "sub/deep/d.txt"]),
        ("sub/[cd]*", ["c.jsonl", "deep/d.txt"]),
    ],
)
def test_a_source_is_a_file_a_directory_or_a_pattern(tree: Path, source: str, expected: list[str]) -> None:
    assert names(source) == sorted(expected)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("missing.jsonl", "no such file or directory"),
        ("no such *.jsonl", "no file matches this pattern"),
        ("papers [2025]/a.jsonl", "no file matches this pattern"),
        ("empty", "a directory without files to read"),
        ("only-foreign", "a directory without files to read"),
        ("G", "a graph directory, not a source"),
        ("dangling", "a link to nothing"),
        ("", "no name of a file"),
        ("a\0b", "no name of a file"),
    ],
)
def test_a_wrong_source_is_named_before_anything_is_read(tree: Path, source: str, reason: str) -> None:
    (tree / "empty").mkdir()
    (tree / "only-foreign").mkdir()
    (tree / "only-foreign" / "README.md").touch()
    (tree / "dangling").symlink_to("nowhere")
    with pytest.raises(SourceError, match=reason) as caught:
        read_sources(["a.jsonl", source])
    assert source.replace("\0", "\\x00") in str(caught.value)


def test_no_source_an_unknown_format_and_an_unknown_encoding_are_wrong_usage(tree: Path) -> None:
    with pytest.raises(UsageError, match="no source"):
        read_sources([])
    with pytest.raises(UsageError, match="'xml': expected one of jsonl, json, listing"):
        read_sources(["a.jsonl"], format="xml")
    for encoding in ("klingon", "base64", "a\0b", "idna", "unicode_escape"):
        with pytest.raises(UsageError, match="no text encoding"):
            read_sources(["a.jsonl"], encoding=encoding)


def test_order_and_repetition_of_sources_do_not_matter(tree: Path) -> None:
    (tree / "link.jsonl").symlink_to("a.jsonl")
    sources = ["sub", "a.jsonl", "*.jsonl", "./a.jsonl", str(tree / "a.jsonl"), "link.jsonl"]
    assert expand_sources(sources) == expand_sources(sources[::-1])
    assert names(*sources) == ["-b.jsonl", "a.jsonl", "c.jsonl", "deep/d.txt", "no-suffix"]
    assert list(read_sources(sources)) == list(read_sources(sources[::-1]))


def test_files_of_one_name_are_told_apart_by_their_directories(tree: Path) -> None:
    for folder in ("old/x", "new/x", "other"):
        (tree / folder).mkdir(parents=True)
        (tree / folder / "c.jsonl").write_text(RECORD % folder, encoding="utf-8")
    assert names("old/x/c.jsonl", "new/x/c.jsonl") == ["new/x/c.jsonl", "old/x/c.jsonl"]
    assert names("old/x/c.jsonl", "other/c.jsonl", "a.jsonl") == ["a.jsonl", "other/c.jsonl", "x/c.jsonl"]
    assert names("old/x", "other") == ["other/c.jsonl", "x/c.jsonl"]
    assert names("old", "x/c.jsonl") if os.path.exists("x/c.jsonl") else True
    assert len(set(names("old", "new/x/c.jsonl", "new", "other"))) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not take such names")
def test_names_that_are_not_utf8_are_readable_and_stay_different(tree: Path) -> None:
    folder = os.fsencode(tree / "odd")
    os.mkdir(folder)
    for name in (b"a\xff.jsonl", b"a\xfe.jsonl", b"b\nc.jsonl", "ü.jsonl".encode()):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(RECORD % "x")
    assert names("odd") == sorted(["a\\xfe.jsonl", "a\\xff.jsonl", "b\\x0ac.jsonl", "ü.jsonl"])
    assert names("odd/a*") == ["a\\xfe.jsonl", "a\\xff.jsonl"]
    assert names(os.fsdecode(os.path.join(folder, b"a\xff.jsonl"))) == ["a\\xff.jsonl"]
    assert len(papers(list(read_sources(["odd"])))) == 4


def test_hashes_are_of_the_bytes_as_stored(tree: Path) -> None:
    packed = gzip.compress((RECORD % "z").encode(), mtime=0)
    (tree / "z.gz").write_bytes(packed)
    [file] = list_files(["z.gz"])
    assert (file.name, file.sha256, file.size) == ("z.gz", hashlib.sha256(packed).hexdigest(), len(packed))
    assert [p.id for p in papers(list(read_files([file])))] == ["z"]


def test_linked_files_are_followed_and_linked_directories_inside_are_not(tree: Path) -> None:
    (tree / "links").mkdir()
    (tree / "links" / "file.jsonl").symlink_to(tree / "a.jsonl")
    (tree / "links" / "loop").symlink_to(tree / "links")
    assert names("links") == ["file.jsonl"]


def test_standard_input_is_read_once_and_kept(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO((RECORD % "s").encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    files = list_files(["-", "a.jsonl", "-"])
    assert [file.name for file in files] == ["-", "a.jsonl"]
    for _ in range(2):
        found = papers(list(read_files(files)))
        assert [p.id for p in found] == ["s", "a.jsonl"]
    assert found[0].sources == ("-#1",)


def test_standard_input_may_be_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(RECORD % "s"))
    assert [p.id for p in papers(list(read_sources(["-"])))] == ["s"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_given_by_name_is_read_and_one_in_a_directory_is_not(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    writer = threading.Thread(target=lambda: (tree / "pipe").write_text(RECORD % "p", encoding="utf-8"))
    writer.start()
    files = list_files(["pipe"])
    writer.join()
    assert files[0].size == len(RECORD % "p")
    assert [p.id for p in papers(list(read_files(files)))] == ["p"]
    assert "pipe" not in names(tree)


def test_a_file_that_vanished_is_one_reject(tree: Path) -> None:
    files = list_files(["a.jsonl", "-b.jsonl"])
    (tree / "a.jsonl").unlink()
    (tree / "-b.jsonl").unlink()
    (tree / "-b.jsonl").mkdir()
    first, second = list(read_files(files))
    assert not isinstance(first, Paper)
    assert not isinstance(second, Paper)
    assert [file.sha256 for file in list_files(["sub/c.jsonl"])] != [""]
