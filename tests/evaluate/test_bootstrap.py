"""Intervals say how far a figure would move with other papers; a comparison draws the same papers for both runs."""

from __future__ import annotations

import numpy as np
import pytest

from kg.evaluate import score
from kg.evaluate.bootstrap import RESAMPLES, Counts, counts_of, differences, draws, f1, interval, intervals
from tests.evaluate.conftest import Record


def counts(right: list[int], invented: list[int] | None = None, missed: list[int] | None = None) -> Counts:
    """One row, `entities`, of a run over papers 0, 1, …; what is not given is zero."""
    empty = [0] * len(right)
    row = np.array([right, invented or empty, missed or empty])
    return Counts(tuple(map(str, range(len(right)))), {"entities": row})


def test_draws_are_as_many_papers_and_always_the_same() -> None:
    """Every draw has as many papers as there are, each as often as the next on average."""
    drawn = draws(40)
    assert drawn.shape == (RESAMPLES, 40)
    assert set(drawn.sum(axis=1).tolist()) == {40}
    assert np.abs(drawn.mean(axis=0) - 1).max() < 0.15
    assert (drawn == draws(40)).all()


def test_f1_of_counts() -> None:
    """2 right, 1 invented, 3 missed: P 2/3, R 2/5, F1 1/2; nothing at all has no F1."""
    assert f1(np.array([[2, 0], [1, 0], [3, 0]])).tolist()[0] == 0.5
    assert np.isnan(f1(np.array([[0], [0], [0]]))[0])


def test_an_interval_is_as_wide_as_the_binomial_says() -> None:
    """With one thing a paper, right or missed, recall moves by 1.96 √(pq/n) on either side; F1 = 2R / (1 + R)."""
    right = [1] * 140 + [0] * 60
    run = counts(right, missed=[1 - r for r in right])
    low, high = intervals(run, draws(200))["entities"]
    recall = 0.7 + np.array([-1.96, 1.96]) * (0.7 * 0.3 / 200) ** 0.5
    assert [low, high] == pytest.approx(2 * recall / (1 + recall), abs=0.012)


def test_papers_are_drawn_not_things() -> None:
    """Things that are right or wrong together move the figure further than the same number that are not."""
    single = counts([1] * 80 + [0] * 80, missed=[0] * 80 + [1] * 80)
    lumped = counts([10] * 8 + [0] * 8, missed=[0] * 8 + [10] * 8)
    spread = [np.diff(intervals(run, draws(len(run.papers)))["entities"])[0] for run in (single, lumped)]
    assert spread[1] > 2 * spread[0]


def test_draws_without_a_figure_are_left_out() -> None:
    """NaN counts nowhere; where there is nothing else the interval is empty."""
    assert interval(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert interval(np.array([np.nan])) == (0.0, 0.0)
    assert intervals(counts([]), draws(0))["entities"] == (0.0, 0.0)


def test_a_run_does_not_differ_from_itself() -> None:
    run = counts([3, 1, 0, 2], [1, 0, 0, 1], [0, 2, 1, 0])
    (same,) = differences(run, run, draws(4))
    assert (same.difference, same.low, same.high, same.p, same.verdict) == (0.0, 0.0, 0.0, 1.0, "")


def test_a_better_run_is_told_from_noise() -> None:
    """A gain in most papers is certain, the same gain in two of sixty is not; from the other side all is reversed."""
    drawn = draws(60)
    before = counts([5] * 60, missed=[5] * 60)
    much = counts([6] * 60, missed=[4] * 60)
    little = counts([6, 6] + [5] * 57 + [4], missed=[4, 4] + [5] * 57 + [6])
    (clear,) = differences(much, before, drawn)
    assert (clear.verdict, clear.p < 0.01, clear.this > clear.other) == ("better", True, True)
    (unclear,) = differences(little, before, drawn)
    assert unclear.difference > 0
    assert (unclear.verdict, unclear.p > 0.05) == ("", True)
    (reverse,) = differences(before, much, drawn)
    assert (reverse.verdict, reverse.difference) == ("worse", -clear.difference)
    assert (reverse.low, reverse.high) == (-clear.high, -clear.low)


def test_pairing_cancels_what_papers_have_in_common() -> None:
    """Where papers differ much and one run is a little better in each, the difference is surer than either figure."""
    before = counts([1, 9] * 30, missed=[9, 1] * 30)
    after = counts([2, 10] * 30, missed=[8, 0] * 30)
    drawn = draws(60)
    (change,) = differences(after, before, drawn)
    low, high = intervals(before, drawn)["entities"]
    assert change.verdict == "better"
    assert change.high - change.low < (high - low) / 4


def test_rows_that_one_run_lacks_count_as_zero() -> None:
    other = Counts(("0", "1"), {"links": np.array([[1, 1], [0, 0], [0, 0]])})
    found = {d.row: (d.this, d.other) for d in differences(counts([1, 1]), other, draws(2))}
    assert found == {"entities": (1.0, 0.0), "links": (0.0, 1.0)}


def test_counts_of_scores_are_by_paper(gold: Record) -> None:
    """Right, invented and missed of each paper; a wrong role counts as both, so that F1 is the accuracy."""
    other = {**gold, "id": "2", "entities": [{**gold["entities"][0], "role": "used"}]}
    run = counts_of(score({"1": gold, "2": gold}, {"1": gold, "2": other}))
    assert run.papers == ("1", "2")
    assert run.rows["entities"].tolist() == [[3, 1], [0, 0], [0, 2]]
    assert run.rows["role accuracy"].tolist() == [[3, 0], [0, 1], [0, 1]]
    assert f1(run.rows["role accuracy"].sum(axis=1)) == 0.75
