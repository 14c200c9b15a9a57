"""Dates as sources write them: kept with their own precision, checked against the calendar, never guessed.

Nothing here depends on today's date or on a locale: month names are English, digits are ASCII.
"""

from __future__ import annotations

import re
from calendar import monthrange
from typing import NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_TIME = r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}.*)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_ORDINAL = r"(?:st|nd|rd|th)?"
_LEAP_YEAR = 2000  # a day without a year is possible when it is in some year
_YEARS = range(1000, 3000)

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<year>[0-9]{{4}})(?:-(?P<number>[0-9]{{1,2}})(?:-(?P<day>[0-9]{{1,2}}){_TIME})?)?",
        rf"(?P<year>[0-9]{{4}})/(?P<number>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}}){_TIME}",
        r"(?P<year>[0-9]{4})(?P<number>[0-9]{2})(?P<day>[0-9]{2})",
        r"--(?P<number>[0-9]{2})-(?P<day>[0-9]{2})",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}}){_ORDINAL}(?:,?\s+(?P<year>[0-9]{{4}}){_TIME})?",
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}}){_ORDINAL}\s+{_MONTH}(?:,?\s+(?P<year>[0-9]{{4}}){_TIME})?",
        rf"{_MONTH},?\s+(?P<year>[0-9]{{4}})",
    )
)
# A date line of a listing, perhaps with the number of comments or votes after it: "Feb 8, 2024 1", "Mar 2 2".
_LINE = re.compile(
    rf"(?:[·•|]\s*)?(?:(?:published|submitted)\s+(?:on\s+)?)?{_MONTH}\s+(?P<day>[0-9]{{1,3}})(?:,\s*(?P<year>[0-9]{{4}}))?"
    r"(?:\s*[0-9]+(?:\.[0-9]+)?k?)?",
    re.IGNORECASE,
)


class Date(NamedTuple):
    """A date as written: "2024-03-05" day, "2024-03" month, "2024" year, "--03-05" month-day (no year known)."""

    value: str
    precision: str


class DateProblem(ValueError):
    """The words are no date that we know, or name a day that the calendar does not have."""


def make_date(year: int | None, month: int | None = None, day: int | None = None) -> Date:
    """A checked date.

    Raises `DateProblem` for a day, month or year that does not exist (it is never shifted to a neighbour).

    >>> make_date(None, 2, 29)
    Date(value='--02-29', precision='month-day')
    """
    if year is not None and year not in _YEARS:
        raise DateProblem("no year between 1000 and 2999")
    if month is not None and not 1 <= month <= 12:
        raise DateProblem("no month of the calendar")
    if day is not None and month is not None and not 1 <= day <= monthrange(year or _LEAP_YEAR, month)[1]:
        raise DateProblem("no day of the calendar")
    if year is None:
        return Date(f"--{month:02}-{day:02}", "month-day")
    if month is None:
        return Date(f"{year:04}", "year")
    return Date(f"{year:04}-{month:02}", "month") if day is None else Date(f"{year:04}-{month:02}-{day:02}", "day")


def parse_date(words: str) -> Date:
    """The date that `words` name; a time after the day is dropped without shifting the day.

    Raises `DateProblem` where they name none, or one that cannot be.

    >>> parse_date("2024-03-05T23:30:00-05:00").value, parse_date("Feb 29").value, parse_date("20240229").value
    ('2024-03-05', '--02-29', '2024-02-29')
    """
    words = words.strip()
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(words):
            return _from_groups(found.groupdict())
    raise DateProblem("not a date that we know (expected for example 2024-03-05, 2024-03 or 2024)")


def parse_listing_date(line: str) -> Date | DateProblem | None:
    """What a line of a listing says: a date, a date that cannot be (`DateProblem`), or none: the line is no date line.

    A number after the date counts comments or votes. Only after a comma is a number of four digits a year.

    >>> parse_listing_date("Feb 8, 2024 1"), parse_listing_date("Mar 2 2")
    (Date(value='2024-02-08', precision='day'), Date(value='--03-02', precision='month-day'))
    """
    found = _LINE.fullmatch(line.strip())
    if found is None:
        return None
    try:
        return _from_groups(found.groupdict())
    except DateProblem as problem:
        return problem


def with_year(date: Date, page: Date | None) -> Date:
    """`date` with the year of the page's own date, where that is certain: the page names a day with its year, and
    `date` lacks one and does not lie after that day. Otherwise `date` as it is.

    >>> with_year(Date("--03-02", "month-day"), Date("2025-03-12", "day")).value
    '2025-03-02'
    """
    if page is None or page.precision != "day" or date.precision != "month-day" or date.value[2:] > page.value[5:]:
        return date
    try:
        return parse_date(page.value[:4] + date.value[1:])
    except DateProblem:  # 29 February of a year that has none
        return date


def _from_groups(groups: dict[str, str | None]) -> Date:
    month = groups.get("number") or ""
    named = groups.get("month")
    number = int(month) if month else _MONTHS.index(named[:3].lower()) + 1 if named else None
    year, day = groups.get("year"), groups.get("day")
    return make_date(int(year) if year else None, number, int(day) if day else None)
