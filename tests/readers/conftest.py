"""What the readers' tests share: write a source, read it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.model import Notice, Paper, Rejected
from kg.readers import read_sources

Records = list[Paper | Rejected | Notice]


def papers(records: Records) -> list[Paper]:
    return [record for record in records if isinstance(record, Paper)]


def rejects(records: Records) -> list[Rejected]:
    return [record for record in records if isinstance(record, Rejected)]


def notices(records: Records) -> list[Notice]:
    return [record for record in records if isinstance(record, Notice)]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Records]:
    """Reads one source given as text or bytes, written to a file of that name."""

    def write_and_read(content: str | bytes, name: str = "source", **options: str) -> Records:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return list(read_sources([path], **options))

    return write_and_read
