"""A measured run as a whole, in memory and as the JSON that `kg eval --json` writes and `--compare` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kg.errors import SourceError, UsageError
from kg.evaluate.bootstrap import Counts, Difference, Interval, counts_of, differences, draws, intervals
from kg.evaluate.calibration import Calibration, calibrate
from kg.evaluate.mistakes import Often, most_often
from kg.evaluate.records import Record, read_records
from kg.evaluate.scores import ROLE_ACCURACY, Scores, score

FORMAT = "kg eval 1"
CALIBRATED = ("entities", "roles", "relations", "results")
GIVEN = ("relations", "results")
"""What is still to be found when the entities are given."""
ANNOTATED = ("entities", "relations", "results")
"""Rows of which right and missed together are what gold holds."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on what, and all its figures. `gold` and `measured` are names for people.

    `given`: the entities were the gold ones, so that only relations and results say something.
    """

    gold: str
    measured: str
    given: bool
    scores: Scores
    counts: Counts
    intervals: Mapping[str, Interval]
    calibration: Mapping[str, Calibration]
    mistakes: Sequence[Often]

    def figures(self) -> dict[str, dict[str, float | int]]:
        """The rows of `Scores.rows`, each with the 95 % interval of its F1 (or accuracy) over papers."""
        rows = {}
        for name, row in self.scores.rows().items():
            low, high = self.intervals.get(name, (0.0, 0.0))
            rows[name] = {**row, "low": low, "high": high}
        return rows


def report(
    gold: Mapping[str, Record], predicted: Mapping[str, Record], *, on: str = "", of: str = "", given: bool = False
) -> Report:
    """Measure `predicted` against `gold`; `on` and `of` are the names of both, `given`: see `Report`."""
    scores = score(gold, predicted)
    counts = counts_of(scores)
    drawn = draws(len(counts.papers))
    found = {what: calibrate(scores.answers(what), drawn) for what in CALIBRATED if not given or what in GIVEN}
    known = {what: calibration for what, calibration in found.items() if calibration is not None}
    return Report(on, of, given, scores, counts, intervals(counts, drawn), known, most_often(scores))


def to_json(measured: Report, compared: Sequence[Difference] = (), other: str = "") -> dict[str, Any]:
    """Everything as plain data. `by_paper` holds right, invented and missed of each row, paper by paper."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "gold": measured.gold,
        "measured": measured.measured,
        "given": measured.given,
        "figures": measured.figures(),
        "calibration": {what: asdict(c) for what, c in measured.calibration.items()},
        "mistakes": [asdict(often) for often in measured.mistakes],
    }
    if other:
        content["compared"] = {"with": other, "rows": [asdict(difference) for difference in compared]}
    content["by_paper"] = {
        "papers": list(measured.counts.papers),
        "rows": {name: rows.tolist() for name, rows in measured.counts.rows.items()},
    }
    return content


def dumps(value: Any, level: int = 0) -> str:
    """JSON with a line for each row, not for each number: an object of plain values, or a list of such, is one line."""
    if _plain(value):
        return json.dumps(value)
    pad, end = "\n" + " " * (level + 1), "\n" + " " * level
    if isinstance(value, list | tuple):
        return "[" + ",".join(pad + dumps(item, level + 1) for item in value) + end + "]"
    items = (f"{pad}{json.dumps(key)}: {dumps(item, level + 1)}" for key, item in value.items())
    return "{" + ",".join(items) + end + "}"


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return not any(isinstance(item, dict | list | tuple) for item in value.values())
    return not isinstance(value, list | tuple) or not any(isinstance(item, dict) for item in value)


def read_run(path: Path, gold: Mapping[str, Record]) -> Counts:
    """The counts of a former run, from what `--json` wrote, or from predicted records measured against `gold`.

    Raises `SourceError` for a file that is neither, `UsageError` for a run on other papers.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError):
        content = None  # more than one line: records
    if content is None or (isinstance(content, dict) and "entities" in content and "id" in content):
        records = read_records(path)
        if not records:
            raise SourceError(str(path), "is empty: there is nothing to compare with")
        return counts_of(score(gold, records))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise SourceError(str(path), f"holds neither records nor what `kg eval --json` writes (format {FORMAT!r})")
    try:
        table = content["by_paper"]
        papers = tuple(table["papers"])
        rows = {name: np.array(row, np.int64).reshape(3, len(papers)) for name, row in table["rows"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SourceError(str(path), f"by_paper: holds no counts of each paper ({error})") from error
    return _in_order(Counts(papers, rows), tuple(gold), path)


def _in_order(counts: Counts, papers: tuple[str, ...], path: Path) -> Counts:
    if set(counts.papers) != set(papers):
        odd = sorted(set(counts.papers) ^ set(papers))
        raise UsageError(f"{path}: is a run on other papers ({odd[0]} and {len(odd) - 1} more are on one side only)")
    place = {paper: index for index, paper in enumerate(counts.papers)}
    order = [place[paper] for paper in papers]
    return Counts(papers, {name: rows[:, order] for name, rows in counts.rows.items()})


def compare(measured: Report, other: Counts) -> list[Difference]:
    """The rows of both runs, their differences with intervals; raises `UsageError` if gold has changed in between."""
    for row in ANNOTATED:
        mine, theirs = measured.counts.of(row), other.of(row)
        changed = np.flatnonzero(mine[0] + mine[2] != theirs[0] + theirs[2])
        if len(changed):
            paper = measured.counts.papers[changed[0]]
            raise UsageError(f"the other run was measured against another annotation: {row} of paper {paper} differ")
    return differences(measured.counts, other, draws(len(other.papers)))


def figure(row: Mapping[str, float | int]) -> float:
    """The one figure of a row: F1, or the accuracy of roles."""
    return float(row["accuracy"] if "accuracy" in row else row["f1"])


__all__ = [
    "CALIBRATED", "FORMAT", "ROLE_ACCURACY", "Report", "compare", "dumps", "figure", "read_run", "report", "to_json",
]  # fmt: skip
