"""Expected calibration error as Guo et al. 2017 define it."""

from __future__ import annotations

import numpy as np
import pytest

from kg.evaluate.bootstrap import draws
from kg.evaluate.calibration import BINS, Bin, calibrate, equal_mass, equal_width

Answers = list[tuple[float, bool]]


def papers(answers: Answers, size: int = 5) -> list[Answers]:
    return [answers[i : i + size] for i in range(0, len(answers), size)]


def test_by_hand() -> None:
    """(4 · |.75 - .95| + 2 · |.5 - .25| + 4 · |.25 - .55|) / 10 = .25"""
    answers = (
        [(0.95, True)] * 3 + [(0.95, False)] + [(0.25, True), (0.25, False)] + [(0.55, True)] + [(0.55, False)] * 3
    )
    found = calibrate([answers], draws(1))
    assert found is not None
    assert (found.count, found.confidence, found.right, found.error) == (10, 0.65, 0.5, 0.25)
    assert (found.low, found.high) == (0.25, 0.25)  # one paper: every draw is the same
    assert found.bins == (Bin(0.2, 0.3, 2, 0.25, 0.5), Bin(0.5, 0.6, 4, 0.55, 0.25), Bin(0.9, 1.0, 4, 0.95, 0.75))


@pytest.mark.parametrize(("sure", "place"), [(0.0, 0), (0.1, 0), (0.1001, 1), (0.3, 2), (0.7, 6), (0.95, 9), (1.0, 9)])
def test_bins_are_closed_above(sure: float, place: int) -> None:
    """Bin m holds ((m-1)/M, m/M], also where the border is no binary fraction."""
    assert equal_width(np.array([sure])).tolist() == [place]


def test_bins_of_equal_mass_hold_equally_many() -> None:
    """In the order of the confidences, whose number need not be a multiple of ten."""
    sure = np.random.default_rng(3).random(57)
    place = equal_mass(sure)
    assert set(np.bincount(place, minlength=BINS)) == {5, 6}
    assert (np.diff(place[np.argsort(sure)]) >= 0).all()


def test_a_calibrated_confidence_has_no_more_error_than_chance() -> None:
    """Answers drawn with their own confidence: the error lies about `by_chance`."""
    random = np.random.default_rng(5)
    sure = random.uniform(0.2, 1, 2000)
    answers = [(float(c), bool(r)) for c, r in zip(sure, random.random(2000) < sure, strict=True)]
    found = calibrate(papers(answers), draws(400))
    assert found is not None
    assert 0.5 < found.error / found.by_chance < 2
    assert found.error < 0.05


def test_too_sure_is_seen_by_both_kinds_of_bins() -> None:
    """Confidences that are .2 too high have an error of .2, far above chance, and the interval holds it."""
    random = np.random.default_rng(7)
    sure = random.uniform(0.3, 1, 3000)
    answers = [(float(c), bool(r)) for c, r in zip(sure, random.random(3000) < sure - 0.2, strict=True)]
    found = calibrate(papers(answers), draws(600))
    assert found is not None
    assert found.error == pytest.approx(0.2, abs=0.03)
    assert found.equal_mass == pytest.approx(0.2, abs=0.03)
    assert found.low < found.error < found.high
    assert found.by_chance < 0.05


def test_nothing_that_says_how_sure_it_is_has_no_calibration() -> None:
    assert calibrate([[], []], draws(2)) is None
