"""Optional fields of a JSON record, in the shapes that sources give them: date, authors, venue, addresses, other ids.

Nothing here rejects a record: what cannot be used is left out, and reported where the user would miss it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from kg.readers.dates import Date, DateProblem, parse_date
from kg.readers.json_values import Number
from kg.text import xml_safe

Record = Mapping[str, Any]

_DATES = (
    *("date", "publication_date", "publicationDate", "published", "published_date", "submitted", "update_date"),
    *("year", "publication_year", "publicationYear"),
)
_AUTHORS = ("authors", "author", "authorships", "creators")
_VENUES = (
    "venue",
    "publicationVenue",
    "journal",
    "booktitle",
    "conference",
    "journal_ref",
    "journal-ref",
    "container-title",
)
_NESTED_VENUES = (("primary_location", "source"), ("host_venue",))
_URLS = (
    *("url", "urls", "pdf_url", "html_url", "code", "code_url", "repository", "repo", "github", "project_page"),
    *("openAccessPdf", "links"),
)
_NAMES = ("name", "display_name", "full_name", "fullName", "title")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/|arxiv:\s*)?"
    r"([0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7})(v[0-9]+)?(?:\.pdf)?",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\s+")


def find_date(record: Record) -> tuple[Date | None, list[str]]:
    """The first usable date of a record, and what is to be said about those before it."""
    problems = []
    for name in _present(record, _DATES):
        given = record[name]
        words = _date_words(given)
        if words is None:
            if given not in (None, "", [], {}):
                problems.append(f"{name}: not a date that we know, left out")
            continue
        if not words.strip():
            continue
        try:
            return parse_date(words), problems
        except DateProblem as problem:
            problems.append(f"{name}: {clip(words)!r} is {problem}, left out")
    return None, problems


def find_authors(record: Record) -> tuple[str, ...]:
    """The names of the authors in their order, each once."""
    for name in _present(record, _AUTHORS):
        if found := _unique(_people(record[name])):
            return found
    return ()


def find_venue(record: Record) -> str:
    """Where the paper appeared, "" if that is not said."""
    nested = [_descend(record, path) for path in _NESTED_VENUES if path[0] in record]
    for given in [*(record[name] for name in _present(record, _VENUES)), *nested]:
        if found := _unique(_names(given)):
            return found[0]
    return ""


def find_urls(record: Record) -> tuple[str, ...]:
    """The addresses that the metadata give, as written, sorted."""
    found = (_address(url) for name in _present(record, _URLS) for url in _flat(record[name]))
    return tuple(sorted({clean(url) for url in found if url} - {""}))


def find_other_ids(record: Record) -> tuple[str, ...]:
    """DOI and arXiv id, in the forms `doi:10.…` (lower case) and `arxiv:2301.00010v2`."""
    outer: list[Record] = [record]
    outer += [inner for name in ("externalIds", "ids", "external_ids") if isinstance(inner := record.get(name), dict)]
    found = set()
    for fields in outer:
        for name, given in fields.items():
            if (read := _OTHER_IDS.get(name.lower().replace("_", ""))) and isinstance(given, str):
                found.add(read(clean(given)))
    return tuple(sorted(found - {""}))


def arxiv_id(words: str) -> str:
    """`arxiv:…` with the version where one is given, "" if `words` are no arXiv id.

    >>> arxiv_id("http://arxiv.org/abs/2301.00010v2")
    'arxiv:2301.00010v2'
    """
    found = _ARXIV.fullmatch(words.strip())
    return f"arxiv:{found[1]}{(found[2] or '').lower()}" if found else ""


def doi(words: str) -> str:
    """`doi:…` in lower case, "" if `words` are no DOI."""
    found = _DOI.fullmatch(words.strip())
    return f"doi:{found[1].lower()}" if found else ""


def clean(words: str) -> str:
    """A metadata field on one line, without characters that XML forbids."""
    return _BLANKS.sub(" ", xml_safe(words)).strip()  # in this order: a form feed is a blank too


def is_words(given: object) -> TypeGuard[str]:
    """Whether `given` is a JSON string; a number is none."""
    return isinstance(given, str) and not isinstance(given, Number)


def clip(words: str, limit: int = 40) -> str:
    """`words` short enough for a message."""
    return words if len(words) <= limit else words[: limit - 1] + "…"


_OTHER_IDS: dict[str, Callable[[str], str]] = {"doi": doi, "arxiv": arxiv_id, "arxivid": arxiv_id, "eprint": arxiv_id}


def _present(record: Record, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in record]


def _date_words(given: object) -> str | None:
    if isinstance(given, str):  # a Number too: 20240229
        return xml_safe(given)
    if isinstance(given, dict):  # {"date-parts": [[2024, 2, 29]]}
        parts = given.get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list):
            return "-".join(str(part) for part in parts[0] if isinstance(part, str))
    return None


def _people(given: object) -> Iterator[str]:
    if is_words(given):
        yield from _split_people(given)
    elif isinstance(given, list):
        for person in given:
            yield from _names(person)
    elif isinstance(given, dict):
        yield from _names(given)


def _split_people(words: str) -> list[str]:
    """Names written in one string: by ";", else by "and" and by those commas that stand between full names."""
    if ";" in words or "\n" in words.strip():
        return re.split(r"[;\n]", words)
    parts = [part.strip() for part in re.split(r",|\band\b|&", words) if part.strip()]
    if all(" " in part for part in parts):
        return parts
    return re.split(r"\s+and\s+", words)


def _names(given: object) -> Iterator[str]:
    """The names that a string, an object or a list of them gives."""
    if is_words(given):
        yield given
    elif isinstance(given, list):
        for item in given:
            yield from _names(item) if not isinstance(item, list) else ()
    elif isinstance(given, dict):
        named = next((given[key] for key in _NAMES if is_words(given.get(key))), None)
        if named is not None:
            yield named
        elif isinstance(given.get("author"), dict):  # OpenAlex: {"author": {"display_name": …}}
            yield from _names({**given["author"], "author": None})
        else:
            parts = [
                given.get(key) for key in ("given", "first", "first_name", "middle", "family", "last", "last_name")
            ]
            yield " ".join(part for part in parts if is_words(part))


def _flat(given: object) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _address(given: object) -> str:
    if isinstance(given, dict):
        given = next((given[key] for key in ("url", "href", "URL") if is_words(given.get(key))), None)
    return given if is_words(given) else ""


def _descend(record: Record, path: tuple[str, ...]) -> object:
    inner: Any = record
    for name in path:
        inner = inner.get(name) if isinstance(inner, dict) else None
    return inner


def _unique(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(clean(name) for name in names) if name)
