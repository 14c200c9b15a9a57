"""A made-up document in the corpora's format, and what the pipeline may have found in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ONE = {"id": "kites#0", "text": "KiteNet counts leaves on PondSet.",
       "entities": [[0, 7, "Method"], [25, 32, "Dataset"]], "relations": [[0, 1, "Evaluated-With"]]}  # fmt: skip
TWO = {"id": "kites#1", "text": "It beats OakNet.", "entities": [[9, 15, "Method"]], "relations": []}
OTHER = {"id": "ponds#0", "text": "PondSet is new.", "entities": [[0, 7, "Dataset"]]}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Rows to a file of JSON Lines."""

    def write_rows(*rows: dict[str, Any], name: str = "c.jsonl") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write_rows
