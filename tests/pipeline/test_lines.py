"""`extract`: one record for each accepted one, in the order of the sources, and a file that is whole or not there."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import kg.pipeline
from kg.errors import NothingReadable, OutputError, RecordError, UsageError
from kg.extract.worker import Outcome
from kg.model import Paper
from tests.pipeline.conftest import names_only, paper, write_lines

extract = partial(kg.pipeline.extract, extractor=names_only)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_records_keep_order_ids_and_duplicates(tmp_path: Path) -> None:
    long = "x" * 300
    write_lines(
        tmp_path / "in" / "b.jsonl", paper("2", "KiteNet on PondSet."), paper("1", "OakNet."), paper("2", "KiteNet.")
    )
    write_lines(tmp_path / "in" / "a.jsonl", paper("9", "No name."), paper(long, "OakNet."))
    report = extract(tmp_path / "in", tmp_path / "out.jsonl")
    records = read(tmp_path / "out.jsonl")
    assert [record["id"] for record in records] == ["9", long, "2", "1", "2"]
    assert report.records == 5
    assert set(records[0]) == {"id", "entities", "relations", "results", "links"}
    assert [(e["name"], e["type"], e["role"]) for e in records[2]["entities"]] == [
        ("KiteNet", "Model", "used"),
        ("PondSet", "Dataset", "evaluated_on"),
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out.jsonl"}


def test_rejects_stand_beside_the_output_and_go_when_there_are_none(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."), "{", paper("2", "Unspeakable"), paper("3", "x"))
    report = extract(source, tmp_path / "out.jsonl")
    rejects = tmp_path / "out.jsonl.rejected.jsonl"
    assert report.rejected_path == rejects
    assert [(row["file"], row["record"]) for row in read(rejects)] == [("a.jsonl", "2"), ("a.jsonl", "3")]
    assert [record["id"] for record in read(tmp_path / "out.jsonl")] == ["1", "3"]
    write_lines(source, paper("1", "OakNet."))
    assert extract(source, tmp_path / "out.jsonl").rejected_path is None
    assert not rejects.exists()


def test_where_nothing_is_readable_the_old_output_stays(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("old\n")
    source = write_lines(tmp_path / "a.jsonl", {"id": "1"}, {"id": "2"})
    with pytest.raises(NothingReadable, match=r"a\.jsonl"):
        extract(source, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == "old\n"
    assert len(read(tmp_path / "out.jsonl.rejected.jsonl")) == 2


def test_strict_stops_at_the_first_bad_record_without_a_file(tmp_path: Path) -> None:
    for bad in ("{", paper("2", "Unspeakable")):
        source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."), bad)
        with pytest.raises(RecordError, match=r"^a\.jsonl:2: "):
            extract(source, tmp_path / "out.jsonl", strict=True)
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl"}


def test_an_open_file_gets_the_records_as_they_come(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."), "{", paper("ä", "KiteNet."))
    file = io.BytesIO()
    report = extract(source, file)
    assert [json.loads(line)["id"] for line in file.getvalue().splitlines()] == ["1", "ä"]
    assert report.rejected_path is None
    assert len(report.rejected) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl"}


def test_a_source_is_never_overwritten(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."))
    (tmp_path / "link.jsonl").symlink_to(source)
    before = source.read_bytes()
    for out in (source, tmp_path / "link.jsonl"):
        with pytest.raises(OutputError, match="one of the sources"):
            extract(source, out)
    assert source.read_bytes() == before


@pytest.mark.parametrize("out", [".", "missing/out.jsonl"])
def test_an_output_that_cannot_be_is_wrong_usage(tmp_path: Path, out: str) -> None:
    source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."))
    with pytest.raises(UsageError):
        extract(source, tmp_path / out)


def test_a_device_is_written_to(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."), "{")
    report = extract(source, os.devnull)
    assert (report.records, report.rejected_path) == (1, None)


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def breaks(papers: Iterable[Paper]) -> Iterator[Outcome]:
        yield from list(names_only(papers))[:1]
        raise KeyboardInterrupt

    source = write_lines(tmp_path / "a.jsonl", paper("1", "OakNet."), paper("2", "OakNet."))
    with pytest.raises(KeyboardInterrupt):
        kg.pipeline.extract(source, tmp_path / "out.jsonl", extractor=breaks)
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl"}
