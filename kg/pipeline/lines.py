"""Extraction alone: records in the form of the annotation guidelines, as JSON Lines."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from kg import readers
from kg.config import Settings
from kg.errors import OutputError
from kg.extract import to_record
from kg.extract.worker import Done, Failed
from kg.model import Notice, Paper, Rejected
from kg.pipeline.extracting import Extractor
from kg.pipeline.report import Advance, OnProblem
from kg.readers import SourceFile
from kg.store.files import storage_errors, whole_file


def accepted(files: Iterable[SourceFile], settings: Settings, on_problem: OnProblem) -> Iterator[Paper]:
    """The papers of the files in their order, one for each record; everything else is reported."""
    for file in files:
        for item in readers.read_files([file], format=settings.format, encoding=settings.encoding):
            if isinstance(item, Paper):
                yield item
            else:
                on_problem(item)


def records(
    papers: Iterable[Paper], extractor: Extractor, on_problem: OnProblem, advance: Advance
) -> Iterator[dict[str, Any]]:
    """One record for each paper that could be extracted from, in order, under the id that its source gave."""
    under_way: deque[Paper] = deque()

    def remembered() -> Iterator[Paper]:
        for paper in papers:
            under_way.append(paper)
            yield paper

    for outcome in extractor(remembered()):
        paper = under_way.popleft()
        match outcome:
            case Done(extraction):
                record = to_record(extraction, paper.text)
                yield {**record, "id": paper.source_ids[0] if paper.source_ids else paper.id}
            case Failed(reason):
                file, _, number = paper.sources[0].rpartition("#")
                on_problem(Rejected(file, number, reason))
        advance(1)


def write_lines(file: BinaryIO, rows: Iterable[dict[str, Any]]) -> int:
    """Write the rows as JSON Lines, UTF-8; returns how many they are."""
    total = 0
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        total += 1
    return total


def write_file(
    out: Path, rows: Iterable[dict[str, Any]], problems: Sequence[Rejected | Notice]
) -> tuple[int, Path | None]:
    """Write `out` and, where there are rejects when all rows are written, the file beside it that holds them.

    Without any row `out` is left as it was. Returns the number of rows and the path of the rejects.
    """
    with suppress(_Empty), whole_file(out) as file:
        written = write_lines(file, rows)
        if not written:
            raise _Empty
    rejected = [problem for problem in problems if isinstance(problem, Rejected)]
    return written, _write_rejected(out, rejected)


class _Empty(Exception):
    """There was no row."""


def _write_rejected(out: Path, rejected: Sequence[Rejected]) -> Path | None:
    """Write `OUT.rejected.jsonl`, or remove that of an earlier run where nothing was rejected."""
    path = out.with_name(f"{out.name}.rejected.jsonl")
    if out.exists() and not out.is_file():  # /dev/null and the like
        return None
    if not rejected:
        with storage_errors(path), suppress(FileNotFoundError):
            path.unlink()
        return None
    with whole_file(path) as file:
        write_lines(file, ({"file": row.file, "record": row.record, "reason": row.reason} for row in rejected))
    return path


def ensure_no_source(out: str | Path, files: Iterable[SourceFile]) -> None:
    """Raises OutputError where writing `out` would destroy one of the sources."""
    for file in files:
        if file.path is not None and os.path.realpath(file.path) == os.path.realpath(out):
            raise OutputError(out, "is one of the sources, and would be overwritten")
