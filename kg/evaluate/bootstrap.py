"""How far a figure would move with other papers: the bootstrap over papers (Efron & Tibshirani 1993).

Papers, not entities, are drawn, since what stands in one abstract is right or wrong together. Two runs are compared on
the same draws (the paired bootstrap, Koehn 2004). Drawn with a fixed seed: the same counts give the same intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.evaluate.scores import Scores

RESAMPLES, SEED = 1000, 1
PERCENT = (2.5, 97.5)
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of a run paper by paper: for each row of the table `[3, papers]`, right, invented and missed."""

    papers: tuple[str, ...]
    rows: Mapping[str, Ints]

    def of(self, row: str) -> Ints:
        """The counts of a row; zeros for one that the run does not have."""
        return self.rows.get(row, np.zeros((3, len(self.papers)), np.int64))


def counts_of(scores: Scores) -> Counts:
    """The counts of `score`."""
    papers = tuple(scores.papers)
    rows = {name: np.zeros((3, len(papers)), np.int64) for name in scores.tallies}
    for place, judged in enumerate(scores.papers.values()):
        for name, tally in judged.tallies.items():
            rows[name][:, place] = tally.tp, tally.fp, tally.fn
    return Counts(papers, rows)


def draws(papers: int) -> Ints:
    """`[RESAMPLES, papers]`: how often each paper is in each draw of as many papers with replacement."""
    if not papers:
        return np.zeros((RESAMPLES, 0), np.int64)
    return np.random.default_rng(SEED).multinomial(papers, np.full(papers, 1 / papers), size=RESAMPLES)


def f1(counts: Ints) -> Floats:
    """F1 of counts `[3, ...]`; NaN where there is nothing to find and nothing found."""
    right, invented, missed = counts
    total = 2 * right + invented + missed
    return np.where(total > 0, 2 * right / np.maximum(total, 1), np.nan)


def interval(values: Floats) -> Interval:
    """Where 95 of 100 draws lie, 4 decimals; draws in which there is no figure (NaN) are left out."""
    known = values[~np.isnan(values)]
    low, high = np.percentile(known, PERCENT) if len(known) else (0.0, 0.0)
    return round(float(low), 4), round(float(high), 4)


def intervals(counts: Counts, drawn: Ints) -> dict[str, Interval]:
    """The interval of the F1 of each row."""
    return {name: interval(f1(rows @ drawn.T)) for name, rows in counts.rows.items()}


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of this run less that of another, with its interval, and how likely so much of one sign comes by chance."""

    row: str
    this: float
    other: float
    difference: float
    low: float
    high: float
    p: float

    @property
    def verdict(self) -> str:
        """Whether the interval leaves out zero, and on which side."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else ""


def differences(this: Counts, other: Counts, drawn: Ints) -> list[Difference]:
    """Each row of either run; both hold the same papers in the same order.

    `p` is two-sided: twice the share of draws on the less common side of zero, at least 1 / (RESAMPLES + 1)
    (Davison & Hinkley 1997).
    """
    found = []
    for row in sorted({*this.rows, *other.rows}):
        mine, theirs = this.of(row), other.of(row)
        moved = np.nan_to_num(f1(mine @ drawn.T)) - np.nan_to_num(f1(theirs @ drawn.T))
        rest = min(int((moved <= 0).sum()), int((moved >= 0).sum()))
        a, b = (float(np.nan_to_num(f1(counts.sum(axis=1)))) for counts in (mine, theirs))
        p = min(1.0, 2 * (rest + 1) / (RESAMPLES + 1))
        found.append(Difference(row, round(a, 4), round(b, 4), round(a - b, 4), *interval(moved), round(p, 4)))
    return found
