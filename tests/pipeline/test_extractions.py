"""Kept extractions: what is there is right, what is damaged is made again, and nothing depends on them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.config import PACKAGE
from kg.extract.worker import Done
from kg.model import Extraction, Paper
from kg.pipeline.extractions import Extractions, pipeline_version, tree_hash
from tests.pipeline.conftest import names_only

PAPERS = [
    Paper(f"p{i}", f"On {i}", f"We propose OakNet and test it on Leaf{'x' * i}Set. " * (i + 1)) for i in range(20)
]
FOUND = {p.id: o.extraction for p, o in zip(PAPERS, names_only(PAPERS), strict=True) if isinstance(o, Done)}


def fill(folder: Path, papers: list[Paper], version: str = "v") -> Path:
    with Extractions.open(folder, version) as kept:
        for paper in papers:
            kept.put(paper, FOUND[paper.id])
    return folder / f"{version}.frames"


def kept_ids(folder: Path, version: str = "v") -> list[str]:
    """The papers that are there; what is there is what was put in."""
    with Extractions.open(folder, version) as kept:
        there = [paper for paper in PAPERS if paper in kept]
        assert all(kept.get(paper) == FOUND[paper.id] for paper in there)
    return [paper.id for paper in there]


def test_what_was_kept_is_there_in_the_next_run(tmp_path: Path) -> None:
    fill(tmp_path, PAPERS[:12])
    fill(tmp_path, PAPERS[5:])
    assert kept_ids(tmp_path) == [paper.id for paper in PAPERS]


def test_the_same_text_under_another_id_is_known(tmp_path: Path) -> None:
    fill(tmp_path, PAPERS[:1])
    with Extractions.open(tmp_path, "v") as kept:
        twin = Paper("twin", PAPERS[0].title, PAPERS[0].abstract, venue="elsewhere")
        assert kept.get(twin).paper == "twin"
        assert kept.get(twin).entities == FOUND["p0"].entities
        moved = Paper("moved", "", PAPERS[0].text)  # the same text without a title is another input
        assert moved not in kept
        with pytest.raises(KeyError):
            kept.get(moved)


def test_versions_are_apart(tmp_path: Path) -> None:
    fill(tmp_path, PAPERS)
    assert kept_ids(tmp_path, "w") == []


def test_only_the_versions_used_last_stay(tmp_path: Path) -> None:
    for number in range(6):
        os.utime(fill(tmp_path, PAPERS[:1], f"v{number}"), (number, number))
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["v3", "v4", "v5"]


def test_a_file_that_is_cut_anywhere_loses_only_what_was_cut(tmp_path: Path) -> None:
    whole = fill(tmp_path / "whole", PAPERS).read_bytes()
    for size in range(0, len(whole), 97):
        folder = tmp_path / str(size)
        folder.mkdir()
        (folder / "v.frames").write_bytes(whole[:size])
        there = kept_ids(folder)
        assert there == [paper.id for paper in PAPERS[: len(there)]]
        fill(folder, PAPERS)
        assert kept_ids(folder) == [paper.id for paper in PAPERS]


def test_damage_anywhere_is_never_believed(tmp_path: Path) -> None:
    whole = fill(tmp_path / "whole", PAPERS).read_bytes()
    for place in range(0, len(whole), 41):
        folder = tmp_path / str(place)
        folder.mkdir()
        raw = bytearray(whole)
        raw[place] ^= 0x40
        (folder / "v.frames").write_bytes(bytes(raw))
        assert len(kept_ids(folder)) < len(PAPERS)
        fill(folder, PAPERS)
        assert kept_ids(folder) == [paper.id for paper in PAPERS]


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"no frames at all, but some text", os.urandom(10_000)])
def test_any_other_content_is_no_obstacle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.frames").write_bytes(content)
    assert kept_ids(tmp_path) == []
    fill(tmp_path, PAPERS)
    assert kept_ids(tmp_path) == [paper.id for paper in PAPERS]


def test_without_a_place_to_write_they_are_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder, version in ((tmp_path / "file" / "x", "v"), (tmp_path, "")):
        with Extractions.open(folder, version) as kept:
            kept.put(PAPERS[0], FOUND["p0"])
            assert kept.get(PAPERS[0]) == FOUND["p0"]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="no limits on file sizes there")
def test_a_full_disk_keeps_the_rest_in_memory_and_the_file_whole(tmp_path: Path) -> None:
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))
from pathlib import Path
from kg.pipeline.extractions import Extractions
from tests.pipeline.test_extractions import FOUND, PAPERS
with Extractions.open(Path({str(tmp_path)!r}), "v") as kept:
    for paper in PAPERS:
        kept.put(paper, FOUND[paper.id])
    assert all(kept.get(paper) == FOUND[paper.id] for paper in PAPERS)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGE.parent), *sys.path])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    there = kept_ids(tmp_path)
    assert 0 < len(there) < len(PAPERS)


def test_every_extraction_survives_the_file(tmp_path: Path) -> None:
    """Also one with nothing in it."""
    with Extractions.open(tmp_path, "v") as kept:
        kept.put(PAPERS[0], Extraction("p0"))
        assert kept.get(PAPERS[0]) == Extraction("p0")


def test_the_version_follows_model_and_lexicon(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "weights").write_bytes(b"1")
    lexicon = tmp_path / "terms.jsonl"
    lexicon.write_text("{}\n")
    versions = [pipeline_version(str(model), None), pipeline_version(str(model), lexicon)]
    (model / "weights").write_bytes(b"2")
    versions.append(pipeline_version(str(model), None))
    lexicon.write_text("{ }\n")
    versions.append(pipeline_version(str(model), lexicon))
    assert len(set(versions)) == 4
    shutil.copytree(model, tmp_path / "copy")
    assert pipeline_version(str(tmp_path / "copy"), None) == versions[2]
    assert tree_hash(tmp_path / "missing") == ""
