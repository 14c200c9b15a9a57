"""Comparing names is symmetric where it should be, and never invents a match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.query.names import is_typo_of, loose, slip, spaced


@given(st.text(max_size=30))
def test_a_loose_form_is_its_own_loose_form_but_for_its_case(text: str) -> None:
    assert loose(spaced(text)) == loose(text)


@given(st.text("abcdefgh", min_size=1, max_size=12), st.text("abcdefgh", min_size=1, max_size=12))
def test_slips_go_both_ways(one: str, other: str) -> None:
    assert slip(one, other) == slip(other, one)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("near", "neat"),
        ("kite 4", "kite 5"),
        ("f1@10", "f1"),
        ("a*", "a"),
        ("c++", "c"),
        ("gan", "gam"),
        ("10 000", "10"),
    ],
)
def test_no_slip_is_assumed_in_short_words_numbers_and_symbols(typed: str, form: str) -> None:
    assert not is_typo_of(typed, form)
