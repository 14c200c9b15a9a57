"""Whether a confidence of .8 means right in 8 of 10 cases: reliability and expected calibration error.

Guo et al. 2017, "On Calibration of Modern Neural Networks": answers fall into bins of equal width by their confidence;
the error is the mean, over all answers, of the distance between a bin's mean confidence and its share of right answers.
With bins of equal mass (Nguyen & O'Connor 2015) no bin holds few answers. Both lie above zero even for a perfectly
calibrated confidence, the fewer answers the more; `by_chance` says by how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.evaluate.bootstrap import RESAMPLES, SEED, Floats, Ints, interval

BINS = 10
Answers = Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers with a confidence over `low` (the first bin: from 0) up to `high`: how many, their mean, share right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of so many answers: mean confidence, share right, expected calibration error with its 95 % interval over papers.

    `equal_mass` is the error with bins of equal mass, `by_chance` what the error would be on average if every answer
    were right with just the probability that it gives.
    """

    count: int
    confidence: float
    right: float
    error: float
    low: float
    high: float
    equal_mass: float
    by_chance: float
    bins: tuple[Bin, ...]


def calibrate(papers: Sequence[Answers], drawn: Ints) -> Calibration | None:
    """The calibration of the answers of each paper; None where there are none. `drawn`: see `bootstrap.draws`."""
    flat = [(place, sure, right) for place, answers in enumerate(papers) for sure, right in answers]
    if not flat:
        return None
    owner, sure, right = (np.array(column) for column in zip(*flat, strict=True))
    place = equal_width(sure)
    each = np.stack([np.ones(len(sure)), sure, right.astype(np.float64)], axis=1)
    sums, mass = np.zeros((len(papers), BINS, 3)), np.zeros((BINS, 3))
    np.add.at(sums, (owner, place), each)
    np.add.at(mass, equal_mass(sure), each)
    total = sums.sum(axis=0)
    moved = _error(np.tensordot(drawn.astype(np.float64), sums, axes=1))
    low, high = interval(moved)
    return Calibration(
        len(sure), _round(sure.mean()), _round(right.mean()), _round(_error(total)), low, high, _round(_error(mass)),
        _round(_by_chance(sure, place)), tuple(_bin(index, *row) for index, row in enumerate(total.tolist()) if row[0]),
    )  # fmt: skip


def equal_width(sure: Floats) -> NDArray[np.intp]:
    """The bin of each confidence: bin i of n holds what lies in (i/n, (i+1)/n], the first also 0."""
    return np.clip(np.ceil(np.round(sure * BINS, 9)).astype(np.intp) - 1, 0, BINS - 1)


def equal_mass(sure: Floats) -> NDArray[np.intp]:
    """The bin of each confidence where every bin holds as many answers as any other, or one more."""
    place = np.empty(len(sure), np.intp)
    for index, part in enumerate(np.array_split(np.argsort(sure, kind="stable"), BINS)):
        place[part] = index
    return place


def _error(sums: Floats) -> Floats:
    """`[..., bins, 3]`: number, sum of confidences, right ones → `[...]`."""
    return np.asarray(
        np.abs(sums[..., 2] - sums[..., 1]).sum(axis=-1) / np.maximum(sums[..., 0].sum(axis=-1), 1), np.float64
    )


def _by_chance(sure: Floats, place: NDArray[np.intp]) -> Floats:
    held = np.eye(BINS)[place]
    right = np.random.default_rng(SEED).random((RESAMPLES, len(sure))) < sure
    return np.asarray(np.abs((right - sure) @ held).sum(axis=1).mean() / len(sure))


def _bin(index: int, count: float, sure: float, right: float) -> Bin:
    return Bin(index / BINS, (index + 1) / BINS, int(count), _round(sure / count), _round(right / count))


def _round(value: Floats | float) -> float:
    return round(float(value), 4)
