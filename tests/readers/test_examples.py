"""The bundled papers are read whole, and two of their records are one paper."""

from __future__ import annotations

from pathlib import Path

from kg.model import Paper
from kg.readers import merge_papers, read_sources


def test_the_bundled_papers_are_read_without_a_reject(examples: Path) -> None:
    records = list(read_sources([examples]))
    assert {type(record) for record in records} == {Paper}
    outcome = merge_papers(record for record in records if isinstance(record, Paper))
    assert (outcome.records, len(outcome.papers), outcome.duplicates, outcome.conflicts) == (20, 19, 1, 0)
    [both] = [paper for paper in outcome.papers if len(paper.sources) == 2]
    assert both.id == "kite-2024-001"
    assert both.sources == ("listing.txt#1", "papers.jsonl#1")
