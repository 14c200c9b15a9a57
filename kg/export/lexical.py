"""Numbers and dates as XML Schema writes them, in the form that stores give back unchanged."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import isfinite

# Oxigraph's decimal: a 128-bit integer of 10**-18.
_DECIMAL_LIMIT = Decimal(170141183460469231731)
_DECIMAL_DIGITS = 18
_DATATYPES = {
    "year": ("gYear", re.compile(r"\d{4}")),
    "month": ("gYearMonth", re.compile(r"\d{4}-\d\d")),
    "day": ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    "month-day": ("gMonthDay", re.compile(r"--\d\d-\d\d")),
}


@lru_cache(maxsize=65536)
def number(value: float) -> tuple[str, str] | None:
    """(lexical form, datatype) of a number: a canonical decimal, a double beyond what stores hold as one, else None.

    >>> number(92.50), number(1.0), number(-0.0), number(3e23)
    (('92.5', 'decimal'), ('1', 'decimal'), ('0', 'decimal'), ('300000000000000000000000', 'double'))
    """
    if not isfinite(value):
        return None
    exact = Decimal(repr(value)) if value else Decimal(0)
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    fits = abs(exact) < _DECIMAL_LIMIT and len(text.partition(".")[2]) <= _DECIMAL_DIGITS
    return text, "decimal" if fits else "double"


def dated(text: str, precision: str) -> tuple[str, str] | None:
    """(lexical form, datatype) of a date of that precision, or None where there is no such day.

    >>> dated("2024", "year"), dated("--02-29", "month-day"), dated("2024-02-30", "day")
    (('2024', 'gYear'), ('--02-29', 'gMonthDay'), None)
    """
    datatype, form = _DATATYPES.get(precision, ("", re.compile("(?!)")))
    if not form.fullmatch(text) or not text.isascii():
        return None
    # The missing parts are filled with those of a leap year, so that 29 February stands.
    whole = {"year": f"{text}-01-01", "month": f"{text}-01", "day": text, "month-day": f"2000{text[1:]}"}[precision]
    try:
        date.fromisoformat(whole)
    except ValueError:
        return None
    return text, datatype
