"""The real listings: every record, every different paper, and nothing of the page in any text."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from kg.model import Paper
from kg.readers import MergeOutcome, list_files, merge_papers, read_sources

COUNTS = {"000": 86, "001": 90, "002": 216, "003": 48, "004": 297}
FURNITURE = re.compile(
    r"Subscribe|Get trending|Daily Papers|byAK|and the research community$|[0-9] authors?$|^·|^new$"
    r"|^[A-Z][a-z]{2} [0-9]{1,2}\b",
    re.MULTILINE,
)
# How the first title of each listing begins, and how long it is
TITLES = {
    "000": ("Demystifying Platform Requirements for", 70),
    "001": ("In defense of parameter", 53),
    "002": ("One-shot Video Imitation via", 70),
    "003": ("Resource-Aware Arabic LLM Creation:", 91),
    "004": ("FFSplit: Split Feed-Forward Network", 108),
}


@pytest.fixture(scope="module")
def records(shared: Path) -> list[Paper]:
    found = list(read_sources([shared / "seeds"]))
    assert all(isinstance(record, Paper) for record in found)
    return [record for record in found if isinstance(record, Paper)]


@pytest.fixture(scope="module")
def merged(records: list[Paper]) -> MergeOutcome:
    return merge_papers(records)


def test_every_listing_gives_all_its_records(records: list[Paper]) -> None:
    assert Counter(paper.sources[0][:3] for paper in records) == COUNTS
    assert len(records) == 737


def test_the_first_title_of_each_listing_is_clean(records: list[Paper]) -> None:
    first = {p.sources[0][:3]: p.title for p in records if p.sources[0].endswith("#1")}
    assert first.keys() == TITLES.keys()
    for listing, (start, length) in TITLES.items():
        assert first[listing].startswith(start)
        assert len(first[listing]) == length


def test_the_different_papers_are_675(merged: MergeOutcome) -> None:
    assert (len(merged.papers), merged.records, merged.duplicates, merged.conflicts) == (675, 737, 62, 0)
    assert len({paper.title.casefold() for paper in merged.papers}) == 675
    for paper in merged.papers:  # a paper stands once in a listing
        assert len({source.split("#")[0] for source in paper.sources}) == len(paper.sources)


def test_nothing_of_the_page_is_in_any_text(records: list[Paper]) -> None:
    assert [p.sources[0] for p in records if FURNITURE.search(p.text)] == []
    assert all(
        len(p.title) < 200 and len(p.abstract) > 200 and "\n" not in p.text.replace("\n", "", 1) for p in records
    )


def test_dates_keep_their_precision(records: list[Paper]) -> None:
    dates = Counter((p.sources[0][:3], p.date_precision) for p in records)
    assert dates == {
        **{(name, ""): count for name, count in COUNTS.items() if name != "003"},
        ("003", "day"): 32,
        ("003", "month-day"): 15,
        ("003", ""): 1,
    }
    by_title = {p.title.split(":")[0]: p.date for p in records if p.sources[0].startswith("003")}
    assert (by_title["PASER"], by_title["PELA"], by_title["Predictive Data Selection"]) == (
        "--02-18",
        "2023-10-16",
        "--03-02",
    )


def test_a_listing_saved_through_a_mirror_gives_the_same_id(records: list[Paper]) -> None:
    found = [p for p in records if p.title.startswith("OpenELM")]
    assert len({p.abstract for p in found}) == 2
    assert len({p.id for p in found}) == 1


def test_the_texts_are_those_that_were_annotated(shared: Path, records: list[Paper]) -> None:
    texts = {paper.text for paper in records}
    rows = [json.loads(line) for line in (shared / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows if row["text"] not in texts] == []


def test_files_are_listed_by_relative_name(shared: Path) -> None:
    files = list_files([shared / "seeds"])
    assert [file.name[:3] for file in files] == sorted(COUNTS)
    assert all("/" not in file.name and len(file.sha256) == 64 for file in files)
