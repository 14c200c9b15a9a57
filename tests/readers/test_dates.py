"""Dates keep their precision, and no day is invented."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.readers.dates import Date, DateProblem, parse_date, parse_listing_date, with_year


@pytest.mark.parametrize(
    ("words", "value", "precision"),
    [
        ("2024", "2024", "year"),
        ("2024-03", "2024-03", "month"),
        ("2024-3-5", "2024-03-05", "day"),
        (" 2024-03-05 ", "2024-03-05", "day"),
        ("2024/03/05", "2024-03-05", "day"),
        ("20240229", "2024-02-29", "day"),
        ("2024-03-05T23:59:59-11:00", "2024-03-05", "day"),
        ("2024-03-05 10:00", "2024-03-05", "day"),
        ("Mar 5, 2024", "2024-03-05", "day"),
        ("march 5th, 2024", "2024-03-05", "day"),
        ("5 March 2024", "2024-03-05", "day"),
        ("Tue, 5 Mar 2024 10:00:00 GMT", "2024-03-05", "day"),
        ("Sept. 2023", "2023-09", "month"),
        ("Feb 29", "--02-29", "month-day"),
        ("29 February", "--02-29", "month-day"),
        ("--02-29", "--02-29", "month-day"),
    ],
)
def test_a_date_keeps_the_precision_in_which_it_is_written(words: str, value: str, precision: str) -> None:
    assert parse_date(words) == Date(value, precision)


@pytest.mark.parametrize(
    "words",
    [
        *("2023-02-29", "2024-02-30T00:00:00Z", "2024-13-40", "2024-00-10", "20240230", "Feb 30", "Apr 31, 2024"),
        *(
            "0001-01-01",
            "9999",
            "",
            "soon",
            "05/03/2024",
            "1709596800",
            "2024\ufffd",
            "٢٠٢٤",
            "März 5, 2024",
            "2024-03-",
        ),
    ],
)
def test_what_is_no_date_is_named_and_never_shifted(words: str) -> None:
    with pytest.raises(DateProblem):
        parse_date(words)


@settings(deadline=None)  # other work on the machine is no fault
@given(st.text())
def test_no_text_makes_a_date_fail_otherwise(words: str) -> None:
    try:
        date = parse_date(words)
    except DateProblem:
        return
    assert parse_date(date.value) == date
    assert parse_listing_date(words) is None or isinstance(parse_listing_date(words), Date | DateProblem)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Dec 23, 2024", "2024-12-23"),
        ("Feb 8, 2024 1", "2024-02-08"),
        ("Oct 3, 20247", "2024-10-03"),
        ("Sep 9", "--09-09"),
        ("Mar 2 2", "--03-02"),
        ("Jun 17 4", "--06-17"),
        ("May 1 1.2k", "--05-01"),
        ("Feb 29", "--02-29"),
        ("· Aug 30, 2023", "2023-08-30"),
        ("Published on Mar 12, 2025", "2025-03-12"),
    ],
)
def test_a_date_line_of_a_listing_may_end_in_a_count(line: str, value: str) -> None:
    found = parse_listing_date(line)
    assert isinstance(found, Date)
    assert found.value == value


@pytest.mark.parametrize("line", ["Feb 30", "Jun 31 2", "Feb 29, 2023", "Mar 123"])
def test_an_impossible_date_line_is_still_a_date_line(line: str) -> None:
    assert isinstance(parse_listing_date(line), DateProblem)


@pytest.mark.parametrize(
    "line", ["Mar", "May the Source Be with You", "June", "March 5 of the Kites", "12 Mar", "", "2024"]
)
def test_other_lines_are_no_date_lines(line: str) -> None:
    assert parse_listing_date(line) is None


@pytest.mark.parametrize(
    ("date", "page", "value"),
    [
        ("--03-02", Date("2025-03-12", "day"), "2025-03-02"),
        ("--03-12", Date("2025-03-12", "day"), "2025-03-12"),
        ("--09-09", Date("2025-03-12", "day"), "--09-09"),  # would lie after the page's own day
        ("--02-29", Date("2025-03-12", "day"), "--02-29"),  # 2025 has no such day
        ("--03-02", Date("--03-12", "month-day"), "--03-02"),
        ("--03-02", None, "--03-02"),
    ],
)
def test_a_year_comes_from_the_page_only_where_that_is_certain(date: str, page: Date | None, value: str) -> None:
    assert with_year(Date(date, "month-day"), page).value == value
