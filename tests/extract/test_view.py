"""Left-overs of LaTeX and of web pages are read as what they mean, and no offset moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extract.view import read_view

CASES = [
    ("32times faster", "32×     faster"),
    (r"sim50\% less", "~  50 % less"),
    ("approx 3 GB", "~      3 GB"),
    (r"\textbf{Kite} wins", "        Kite  wins"),
    (r"$10\times$ smaller", "10×"),
    ("naïve\u00a0Kite\u20114", "naïve Kite-4"),
    (r"our \kite tool", "our  kite tool"),
    ("mathcal{O}(n)", "O"),
]


@pytest.mark.parametrize(("text", "seen"), CASES)
def test_reading(text: str, seen: str) -> None:
    """Each left-over is understood."""
    view = read_view(text).text
    assert len(view) == len(text)
    assert seen in view or seen.split() == view.split()[: len(seen.split())]


def test_times_as_a_word_stays() -> None:
    """ "Three times" and "10 times as many" are words."""
    assert "times as" in read_view("10 times as many, three times").text


def test_formulas_in_names_are_not_cut() -> None:
    """`$\\beta$-VAE` is seen as β-VAE, and a span of it widens to the whole formula."""
    text = r"We use $\beta$-VAE here"
    view = read_view(text)
    start = view.text.index("β-VAE")
    assert text[slice(*view.widen(start, start + 5))] == r"$\beta$-VAE"


@given(st.text(alphabet="a1 $\\{}%_^times~", max_size=80))
def test_length_never_changes(text: str) -> None:
    """Whatever the text, its view is as long."""
    assert len(read_view(text).text) == len(text)
