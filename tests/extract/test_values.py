"""Values: numbers that could be results, verbatim and parsed."""

from __future__ import annotations

import itertools
import time

import pytest

from kg.extract.values import find_values


@pytest.mark.parametrize(
    ("text", "verbatim", "low", "high", "unit", "mode"),
    [
        (r"ToyNet scores 43.1\% on Maple", r"43.1\%", 43.1, 43.1, "%", "absolute"),
        ("it is 1.25sim1.56times faster", "1.25sim1.56times", 1.25, 1.56, "x", "ratio"),
        ("runs up to 3.3x faster", "up to 3.3x", 3.3, 3.3, "x", "ratio"),
        ("a +2.59% gain", "+2.59%", 2.59, 2.59, "%", "change"),
        ("scores 92.50 on Maple", "92.50", 92.5, 92.5, "", "absolute"),
        ("rises from 70.1% to 75.2% on Maple", "75.2%", 75.2, 75.2, "%", "absolute"),
        ("needs 32times less", "32times", 32, 32, "x", "ratio"),
        (r"about sim50\% of cases", r"50\%", 50, 50, "%", "absolute"),
        (r"is $10\times$ smaller", r"$10\times$", 10, 10, "x", "ratio"),
        ("gains 1.5 points over it", "1.5 points", 1.5, 1.5, "points", "change"),
        ("an error of 1e-3 on Maple", "1e-3", 0.001, 0.001, "", "absolute"),
        ("handles 12,500 tokens/s on Maple", "12,500 tokens/s", 12500, 12500, "tokens/s", "absolute"),
        ("costs fall by 20-30%", "20-30%", 20, 30, "%", "change"),
        ("falls by two orders of magnitude", "two orders of magnitude", 100, 100, "x", "ratio"),
        ("is four times faster", "four times", 4, 4, "x", "ratio"),
        ("needs less than 1% of it", "less than 1%", 1, 1, "%", "absolute"),
        ("reaches 30 FPS", "30 FPS", 30, 30, "FPS", "absolute"),
    ],
)
def test_a_value_is_kept_verbatim_and_parsed(
    text: str, verbatim: str, low: float, high: float, unit: str, mode: str
) -> None:
    (value,) = find_values(text)
    assert value.verbatim == verbatim == text[value.start : value.end]
    assert (value.low, value.high) == pytest.approx((low, high))
    assert (value.unit, value.mode) == (unit, mode)


@pytest.mark.parametrize(
    "text",
    ["CIFAR-10 and GPT-4", "ToyNet2 in 2024", "a 5-shot, 8-bit run", "in 3D", "on LLaMA-2-7B", "H2O", "no number"],
)
def test_numbers_in_names_years_and_settings_are_no_values(text: str) -> None:
    assert find_values(text) == []


def test_values_stand_in_order_and_do_not_overlap() -> None:
    text = "It scores 81.2%, 79.9% and 60.1% at 3.5x to 4x the speed, twice as fast."
    values = find_values(text)
    assert [v.verbatim for v in values] == ["81.2%", "79.9%", "60.1%", "3.5x to 4x", "twice"]
    assert all(a.end <= b.start for a, b in itertools.pairwise(values))


@pytest.mark.parametrize(
    "text",
    [
        "0." * 60_000,
        "9" * 200_000,
        "1-" * 60_000,
        "0 to " * 30_000,
        "up to ~$" * 20_000,
        "1,000" * 30_000,
        "%" * 99_999,
    ],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    began = time.perf_counter()
    find_values(text)
    assert time.perf_counter() - began < 5
