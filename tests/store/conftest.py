"""A small graph of invented papers, with every kind of row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.model import EntityRow, EvidenceRow, MentionRow, MergeRow, Paper, Rejected, ResultRow, StatementRow
from kg.store import GraphDir, write_graph

ROWS: dict[str, list[Any]] = {
    "papers": [
        Paper("p2", "", "OakNet gains 3.1 points on LeafSet."),
        Paper(
            "p1",
            "Kites, 𝒪(n)",
            "We propose KiteNet.",
            "2024-03",
            "month",
            ("Ada Pine", "Bo Fir"),
            "Workshop on Kites",
            ("a.jsonl#1", "b.jsonl#7"),
            ("p1", "x/1"),
            ("https://example.org/1",),
        ),
    ],
    "mentions": [
        MentionRow("p2", "dataset/leafset", "LeafSet", 27, 34, "Dataset", "lexicon", 0.9),
        MentionRow("p2", "model/oaknet", "OakNet", 0, 6, "Model", "rules", 0.5),
        MentionRow("p1", "model/kitenet", "KiteNet", 22, 29, "Model", "coined", 0.75),
    ],
    "entities": [
        EntityRow(
            "model/oaknet", "Model", "named", "OakNet", ("Oak-Net",), ("model/net",), 1, ("https://oak.example/",)
        ),
        EntityRow("dataset/leafset", "Dataset", "named", "LeafSet", (), (), 1),
        EntityRow("model/kitenet", "Model", "named", "KiteNet", (), (), 1),
    ],
    "statements": [
        StatementRow("s2", "model/oaknet", "outperforms", "model/kitenet", True, 1, 0.4),
        StatementRow("s1", "model/oaknet", "evaluatedOn", "dataset/leafset", False, 1, 0.6),
    ],
    "evidence": [
        EvidenceRow("e2", "s1", "p2", 0, 35, 0, 6, 27, 34, "rules", 0.6),
        EvidenceRow("e1", "s1", "p2", 0, 35, None, None, 27, 34, "rules", 0.6),
    ],
    "results": [
        ResultRow(
            "r1", "p2", "model/oaknet", None, "dataset/leafset", None, "3.1", "change", 3.1, None, "points", None, 0.5
        ),
        ResultRow("r0", "p2", None, None, None, None, "9", "absolute", 9.0, 9.0, "", True, 0.5),
    ],
    "merges": [MergeRow("model/oaknet", "Oak-Net", "Model", "hyphens", 1.0)],
}
REJECTED = [Rejected("a.jsonl", "2", "abstract: missing"), Rejected("ä b.bin", "", "not a text file")]

Write = Callable[..., GraphDir]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the small graph (with some tables replaced) to a directory below the test's and opens it."""

    def write_there(name: str = "G", **replaced: Any) -> GraphDir:
        write_graph(tmp_path / name, **{**ROWS, "rejected": REJECTED, **replaced})
        return GraphDir.open(tmp_path / name)

    return write_there
