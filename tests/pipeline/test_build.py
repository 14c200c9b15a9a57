"""`build`: the graph of a directory is always that of one clean build of its sources."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import kg.pipeline
from kg.errors import (
    AmbiguousError,
    GraphError,
    ModelError,
    NotFoundError,
    NothingReadable,
    OutputError,
    RecordError,
    SourceError,
    UsageError,
)
from kg.model import Notice, Rejected
from kg.pipeline import BuildReport
from kg.store import FILES, GraphDir
from kg.store.files import MANIFEST
from tests.pipeline.conftest import Same, content, names_only, paper, write_lines

build = partial(kg.pipeline.build, extractor=names_only)

A = paper("a", "We propose LatticeNet, a model based on KiteNet.", title="Lattices")
B = paper("b", "LatticeNet outperforms KiteNet on PondSet.", title="Ponds")
C = paper("c", "OakNet is faster than LatticeNet on PondSet and LeafSet.", title="Leaves", date="2024-02-30")
BAD = '{"id": "cut", "title": "Cut", "abst'


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Path]:
    """Three files: one paper and a bad line; one paper; one paper again (with another text) and another paper."""
    return {
        "a": write_lines(tmp_path / "a.jsonl", A, BAD),
        "b": write_lines(tmp_path / "b.jsonl", B),
        "c": write_lines(tmp_path / "c.jsonl", C, {**A, "abstract": "LatticeNet."}),
    }


def accounts(report: BuildReport) -> tuple[int, int, int, int]:
    counts = report.counts
    assert counts["papers"] + counts["merged"] + counts["rejected"] == counts["records"]
    return counts["records"], counts["papers"], counts["merged"], counts["rejected"]


def test_papers_merged_and_rejected_add_up_to_records(sources: dict[str, Path], tmp_path: Path) -> None:
    report = build(sources.values(), tmp_path / "G")
    assert accounts(report) == (5, 3, 1, 1)
    graph = GraphDir.open(tmp_path / "G")
    assert len(list(graph.papers())) == 3
    assert [(row.file, row.record) for row in graph.rejected()] == [("a.jsonl", "2")]
    assert report.rejected == tuple(graph.rejected())
    assert [notice.file for notice in report.notices] == ["c.jsonl"]
    assert [(s.name, s.records, s.rejected) for s in graph.manifest.sources] == [
        ("a.jsonl", 2, 1),
        ("b.jsonl", 1, 0),
        ("c.jsonl", 2, 0),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations("abc")), ids="".join)
def test_sources_one_by_one_in_any_order_give_the_clean_build(
    sources: dict[str, Path], tmp_path: Path, order: tuple[str, ...], same: Same
) -> None:
    build([sources[name] for name in reversed(order)], tmp_path / "clean")
    for name in order:
        report = build(sources[name], tmp_path / "G")
    assert accounts(report) == (5, 3, 1, 1)
    same(tmp_path / "G", tmp_path / "clean")


@pytest.mark.parametrize("names", ["a", "b", "c", "ab", "bc", "ca"])
def test_taking_sources_out_gives_the_clean_build_of_the_others(
    sources: dict[str, Path], tmp_path: Path, names: str, same: Same
) -> None:
    build(sources.values(), tmp_path / "G")
    build([], tmp_path / "G", remove=[f"{name}.jsonl" for name in names])
    build([sources[name] for name in sources if name not in names], tmp_path / "clean")
    same(tmp_path / "G", tmp_path / "clean")


def test_taking_a_paper_out_takes_all_its_records_and_its_source_if_nothing_is_left(tmp_path: Path, same: Same) -> None:
    one = write_lines(tmp_path / "one.jsonl", A)
    two = write_lines(tmp_path / "two.jsonl", B, C)
    both = write_lines(tmp_path / "three.jsonl", A)
    build([one, two, both], tmp_path / "G")
    report = build([], tmp_path / "G", remove=["a"])
    build(two, tmp_path / "clean")
    same(tmp_path / "G", tmp_path / "clean")
    assert accounts(report) == (2, 2, 0, 0)


def test_taking_one_paper_of_a_file_out_leaves_the_others(tmp_path: Path) -> None:
    build(write_lines(tmp_path / "abc.jsonl", A, BAD, B, C), tmp_path / "G")
    report = build([], tmp_path / "G", remove=["c", "a"])
    graph = GraphDir.open(tmp_path / "G")
    assert [p.id for p in graph.papers()] == ["b"]
    assert accounts(report) == (2, 1, 0, 1)
    assert report.notices == ()
    assert not [e.name for e in graph.entities() if e.name in ("OakNet", "LeafSet")]
    assert {row.paper for row in graph.evidence()} | {row.paper for row in graph.mentions()} == {"b"}


def test_a_changed_source_replaces_what_it_was(sources: dict[str, Path], tmp_path: Path, same: Same) -> None:
    build(sources.values(), tmp_path / "G")
    write_lines(sources["b"], {**B, "abstract": "FirNet outperforms OakNet."}, "[]")
    report = build(sources["b"], tmp_path / "G")
    assert report.replaced == ("b.jsonl",)
    build(sources.values(), tmp_path / "clean")
    same(tmp_path / "G", tmp_path / "clean")


def test_building_again_changes_nothing(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources.values(), tmp_path / "G")
    before = content(tmp_path / "G")
    report = build(sources.values(), tmp_path / "G")
    assert content(tmp_path / "G") == before
    assert report.replaced == ()


def test_fresh_forgets_what_was_there(sources: dict[str, Path], tmp_path: Path, same: Same) -> None:
    build(sources.values(), tmp_path / "G")
    build(sources["b"], tmp_path / "G", fresh=True)
    build(sources["b"], tmp_path / "clean")
    same(tmp_path / "G", tmp_path / "clean")


def test_a_moved_source_gives_the_same_bytes(sources: dict[str, Path], tmp_path: Path, same: Same) -> None:
    """No place of this machine gets into a graph."""
    build(sources.values(), tmp_path / "G")
    (tmp_path / "elsewhere").mkdir()
    moved = [shutil.copy(path, tmp_path / "elsewhere") for path in sources.values()]
    build(moved, tmp_path / "elsewhere" / "G")
    same(tmp_path / "G", tmp_path / "elsewhere" / "G")
    assert all(str(tmp_path).encode() not in raw for raw in content(tmp_path / "G").values())


def test_what_cannot_be_taken_out_changes_nothing(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources.values(), tmp_path / "G")
    before = content(tmp_path / "G")
    with pytest.raises(NotFoundError, match="neither a source nor a paper"):
        build([], tmp_path / "G", remove=["a", "z"])
    assert content(tmp_path / "G") == before


def test_a_name_that_is_a_source_and_a_paper_is_asked_about(tmp_path: Path) -> None:
    build([write_lines(tmp_path / "a", A), write_lines(tmp_path / "b.jsonl", B)], tmp_path / "G")
    with pytest.raises(AmbiguousError, match="paper a"):
        build([], tmp_path / "G", remove=["a"])


def test_a_directory_of_sources_can_be_taken_out(tmp_path: Path) -> None:
    write_lines(tmp_path / "in" / "old" / "1.jsonl", A)
    write_lines(tmp_path / "in" / "old" / "2.jsonl", B)
    write_lines(tmp_path / "in" / "new" / "1.jsonl", C)
    build(tmp_path / "in", tmp_path / "G")
    build([], tmp_path / "G", remove=["old/"])
    assert [p.id for p in GraphDir.open(tmp_path / "G").papers()] == ["c"]


# --- damage -------------------------------------------------------------------------------------------------------


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 4
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize("damage", [truncate, flip, Path.unlink], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", [*FILES, MANIFEST])
def test_a_build_repairs_any_damage(
    sources: dict[str, Path], tmp_path: Path, name: str, damage: Callable[[Path], None], same: Same
) -> None:
    """To the bytes of a clean build, from all sources."""
    build(sources.values(), tmp_path / "clean")
    shutil.copytree(tmp_path / "clean", tmp_path / "G")
    damage(tmp_path / "G" / name)
    build(sources.values(), tmp_path / "G")
    same(tmp_path / "G", tmp_path / "clean")


@pytest.mark.parametrize("name", sorted({*FILES, MANIFEST} - {"records.parquet"}))
def test_a_build_of_one_source_repairs_what_the_records_can_tell(
    sources: dict[str, Path], tmp_path: Path, name: str, same: Same
) -> None:
    build(sources.values(), tmp_path / "clean")
    shutil.copytree(tmp_path / "clean", tmp_path / "G")
    truncate(tmp_path / "G" / name)
    build(sources["b"], tmp_path / "G")
    same(tmp_path / "G", tmp_path / "clean")


def test_lost_records_are_named_with_the_sources_that_are_needed(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources.values(), tmp_path / "G")
    truncate(tmp_path / "G" / "records.parquet")
    before = content(tmp_path / "G")
    with pytest.raises(GraphError, match=r"records\.parquet: is damaged.* give a\.jsonl, c\.jsonl too.*--fresh"):
        build(sources["b"], tmp_path / "G")
    assert content(tmp_path / "G") == before


def test_foreign_files_in_a_graph_are_left_alone(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources["a"], tmp_path / "G")
    (tmp_path / "G" / "statements.parquet.tmp").write_bytes(b"half")
    build(sources["b"], tmp_path / "G")
    assert (tmp_path / "G" / "statements.parquet.tmp").read_bytes() == b"half"
    assert GraphDir.open(tmp_path / "G").manifest.counts["papers"] == 2


# --- bad input ----------------------------------------------------------------------------------------------------


def test_problems_are_told_as_they_are_met(sources: dict[str, Path], tmp_path: Path) -> None:
    told: list[Rejected | Notice] = []
    build(sources.values(), tmp_path / "G", on_problem=told.append)
    assert [(type(p), p.file, p.record) for p in told] == [(Rejected, "a.jsonl", "2"), (Notice, "c.jsonl", "1")]


def test_strict_names_the_bad_record_and_writes_nothing(sources: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"^a\.jsonl:2: ") as raised:
        build(sources.values(), tmp_path / "G", strict=True)
    assert raised.value.exit_code == 1
    assert not (tmp_path / "G").exists()
    build([sources["b"], sources["c"]], tmp_path / "G", strict=True)
    before = content(tmp_path / "G")
    with pytest.raises(RecordError):
        build(sources["a"], tmp_path / "G", strict=True)
    assert content(tmp_path / "G") == before


def test_where_nothing_is_readable_the_rejects_can_be_read(tmp_path: Path) -> None:
    bad = [write_lines(tmp_path / "x.jsonl", BAD, "[1]"), write_lines(tmp_path / "empty.jsonl")]
    with pytest.raises(NothingReadable, match=r"^no record could be read: empty\.jsonl: .* \(and 2 more\)$"):
        build(bad, tmp_path / "G")
    graph = GraphDir.open(tmp_path / "G")
    assert graph.manifest.counts["papers"] == 0
    assert graph.manifest.counts["records"] == graph.manifest.counts["rejected"] == 3
    assert [(row.file, row.record) for row in graph.rejected()] == [
        ("empty.jsonl", ""),
        ("x.jsonl", "1"),
        ("x.jsonl", "2"),
    ]
    for table in (graph.papers, graph.entities, graph.statements, graph.results, graph.merges):
        assert list(table()) == []
    assert graph.query("SELECT count(*) FROM papers") == [(0,)]


def test_one_good_record_is_enough(tmp_path: Path) -> None:
    write_lines(tmp_path / "x.jsonl", BAD, A)
    report = build([tmp_path / "x.jsonl", write_lines(tmp_path / "empty.jsonl")], tmp_path / "G")
    assert accounts(report) == (3, 1, 0, 2)


def test_a_paper_that_cannot_be_extracted_is_rejected_by_name(tmp_path: Path) -> None:
    """With all the records that became it; and it is tried again by the next build."""
    hard = paper("h", "We propose Unspeakable.")
    source = [write_lines(tmp_path / "x.jsonl", A, hard), write_lines(tmp_path / "y.jsonl", hard)]
    told: list[Rejected | Notice] = []
    report = build(source, tmp_path / "G", on_problem=told.append)
    assert accounts(report) == (3, 1, 0, 2)
    assert [str(row.record) for row in report.rejected] == ["2", "1"]
    assert told == list(report.rejected) == list(GraphDir.open(tmp_path / "G").rejected())
    with pytest.raises(RecordError, match="too hard"):
        build(source, tmp_path / "G", strict=True)

    def braver(papers: Any) -> Any:
        return names_only(p for p in papers if "Unspeakable" not in p.text)

    report = build([], tmp_path / "G", remove=["h"])
    assert accounts(report) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_confidence": 1.5},
        {"min_confidence": float("nan")},
        {"jobs": -1},
        {"base_iri": "https://example.org/my graph/"},
        {"base_iri": "example.org/"},
        {"base_iri": "https:///x/"},
        {"base_iri": "https://example.org"},
        {"lexicon": "no such file"},
        {"rules": "no such file"},
        {"format": "no such format"},
        {"encoding": "no such encoding"},
        {"sources": []},
    ],
    ids=str,
)
def test_wrong_settings_are_refused_before_anything_is_written(
    sources: dict[str, Path], tmp_path: Path, wrong: dict[str, Any]
) -> None:
    with pytest.raises(UsageError) as raised:
        build(**{"sources": sources.values(), "out": tmp_path / "G", **wrong})
    assert raised.value.exit_code == 2
    assert not (tmp_path / "G").exists()


def test_a_model_that_is_not_there_is_named_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no-such-model"):
        build(tmp_path / "missing.jsonl", tmp_path / "G", model="no-such-model")
    assert not (tmp_path / "G").exists()


@pytest.mark.parametrize("source", ["missing.jsonl", "empty", "no such *.jsonl"])
def test_sources_that_are_not_there_are_named_and_nothing_is_written(tmp_path: Path, source: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=source.replace("*", r"\*")):
        build([tmp_path / source], tmp_path / "G")
    assert not (tmp_path / "G").exists()


def test_an_output_that_is_not_ours_is_left_alone(sources: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").touch()
    for out in (tmp_path / "mine", sources["b"]):
        with pytest.raises(OutputError):
            build(sources["a"], out)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["x"]
    assert json.loads(sources["b"].read_text()) == B


def test_settings_that_change_the_graph_are_in_the_manifest(sources: dict[str, Path], tmp_path: Path) -> None:
    build(sources["a"], tmp_path / "G", min_confidence=0.25, base_iri="urn:example:kites#")
    manifest = GraphDir.open(tmp_path / "G").manifest
    assert manifest.settings["min_confidence"] == 0.25
    assert manifest.base_iri == "urn:example:kites#"
    assert manifest.model["name"] == "default"
    assert manifest.lexicon["version"]


def test_settings_that_differ_from_those_before_are_told(sources: dict[str, Path], tmp_path: Path, same: Same) -> None:
    """The whole graph follows the new ones, as a clean build does."""
    report = build(sources["a"], tmp_path / "G", base_iri="https://example.org/kites/")
    assert report.changed == ()
    report = build(sources["b"], tmp_path / "G", min_confidence=0.5)
    assert [sentence.split(" was ")[0] for sentence in report.changed] == ["the base IRI", "min_confidence"]
    build([sources["a"], sources["b"]], tmp_path / "clean", min_confidence=0.5)
    same(tmp_path / "G", tmp_path / "clean")


def test_a_graph_inside_its_own_source_is_no_source(sources: dict[str, Path], tmp_path: Path) -> None:
    """Nor is what an interrupted build has left of it."""
    (tmp_path / "in").mkdir()
    shutil.copy(sources["b"], tmp_path / "in")
    build(tmp_path / "in", tmp_path / "in" / "G")
    first = content(tmp_path / "in" / "G")
    for name in (*FILES, MANIFEST):
        (tmp_path / "in" / "G" / name).unlink()
    for _ in range(2):
        build(tmp_path / "in", tmp_path / "in" / "G")
        assert content(tmp_path / "in" / "G") == first
