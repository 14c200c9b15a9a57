"""One JSON object as a Paper. Text is taken verbatim; of it only characters that XML forbids are replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kg.errors import RecordError
from kg.model import Notice, Paper, Rejected
from kg.readers.json_values import Number
from kg.readers.metadata import find_authors, find_date, find_other_ids, find_urls, find_venue, is_words
from kg.text import bounded, xml_safe

_IDS = ("id", "paperId", "paper_id", "_id", "arxiv_id", "arxivId", "doi", "DOI")
_TEXTS = ("title", "abstract", "text", "abstract_inverted_index")
_LISTS = ("data", "results", "papers", "items", "works", "records", "documents", "docs", "articles", "entries", "hits")
_WRAPPERS = ("message", "response", "result", "hits", "data")
_MAX_POSITION = 9  # digits
_KINDS = {bool: "true or false", list: "a list", dict: "an object", Number: "a number", type(None): "null"}


def is_list_name(name: str) -> bool:
    """Whether an API envelope keeps its records under this name."""
    return name in _LISTS


def is_wrapper_name(name: str) -> bool:
    """Whether an API envelope keeps the object with its records under this name."""
    return name in _WRAPPERS


def is_record(fields: dict[str, Any]) -> bool:
    """Whether an object is meant as a paper, good or bad (otherwise it may be an envelope)."""
    return any(name in fields for name in _TEXTS)


def unwrap(fields: dict[str, Any]) -> list[Any] | None:
    """The records inside an object that is no record itself: a list under a usual name, or its only list of objects."""
    for name in _LISTS:
        if isinstance(fields.get(name), list):
            return list(fields[name])
    for name in _WRAPPERS:
        inner = fields.get(name)
        if isinstance(inner, dict) and not is_record(inner) and (found := unwrap(inner)) is not None:
            return found
    lists = [v for v in fields.values() if isinstance(v, list) and v and all(isinstance(item, dict) for item in v)]
    return lists[0] if len(lists) == 1 else None


def read_record(value: object, file: str, record: str) -> Iterator[Paper | Rejected | Notice]:
    """The Paper that a JSON value describes and notices about fields left out, or one Rejected that names the field."""
    try:
        paper, notices = make_paper(value, file, record)
    except RecordError as error:
        yield Rejected(file, record, f"{error.field}: {error.reason}" if error.field else error.reason)
        return
    yield paper
    for message in notices:
        yield Notice(file, record, message)


def make_paper(value: object, file: str, record: str) -> tuple[Paper, list[str]]:
    """A Paper and what is to be said about fields left out. Raises `RecordError`.

    `source_ids` begins with the id as given; a longer one than 200 characters is cut in `id`.
    """
    if not isinstance(value, dict):
        raise RecordError(file, record, f"not a JSON object but {_kind(value)}")
    identifier = _identifier(value, file, record)
    title, abstract = _texts(value, file, record)
    date, notices = find_date(value)
    paper = Paper(
        id=bounded(identifier),
        title=xml_safe(title),
        abstract=xml_safe(abstract),
        date=date.value if date else "",
        date_precision=date.precision if date else "",
        authors=find_authors(value),
        venue=find_venue(value),
        sources=(f"{file}#{record}",),
        source_ids=tuple(dict.fromkeys((identifier, *find_other_ids(value)))),
        urls=find_urls(value),
    )
    return paper, notices


def _identifier(fields: dict[str, Any], file: str, record: str) -> str:
    name = next((name for name in _IDS if fields.get(name) is not None), None)
    if name is None:
        raise RecordError(file, record, "missing (or null)", "id")
    given = fields[name]
    if not isinstance(given, str):  # a number is a str here: as written
        raise RecordError(file, record, f"must be a string, not {_kind(given)}", name)
    if not given.strip():
        raise RecordError(file, record, "empty", name)
    return xml_safe(given)


def _texts(fields: dict[str, Any], file: str, record: str) -> tuple[str, str]:
    """Title and abstract; title "" where the record gives `text` alone."""
    title = _field(fields, "title", file, record)
    abstract = _field(fields, "abstract", file, record)
    if abstract is None and fields.get("abstract_inverted_index") is not None:
        abstract = _from_index(fields["abstract_inverted_index"], file, record)
    text = _field(fields, "text", file, record) if not abstract else None
    if title is None and (abstract or not text):
        raise RecordError(file, record, _lack(fields, "title"), "title")
    body = abstract or text
    if not body:
        raise RecordError(file, record, _lack(fields, "abstract"), "abstract")
    return title or "", body


def _lack(fields: dict[str, Any], name: str) -> str:
    given = fields.get(name)
    return ("null" if name in fields else "missing") if given is None else "empty"


def _field(fields: dict[str, Any], name: str, file: str, record: str) -> str | None:
    """The string under `name`; None where there is none or only blanks."""
    given = fields.get(name)
    if given is None:
        return None
    if not is_words(given):
        raise RecordError(file, record, f"must be a string, not {_kind(given)}", name)
    return given if given.strip() else None


def _from_index(index: object, file: str, record: str) -> str:
    """The abstract from OpenAlex's inverted index: word → list of positions, words in order of position."""
    name = "abstract_inverted_index"
    if not isinstance(index, dict):
        raise RecordError(file, record, f"must be an object of words and positions, not {_kind(index)}", name)
    placed = []
    for word, positions in index.items():
        if not isinstance(positions, list):
            raise RecordError(file, record, "the positions of a word must be a list", name)
        for position in positions:
            digits = position if isinstance(position, Number) else ""
            if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_POSITION):
                raise RecordError(file, record, "a position must be a whole number", name)
            placed.append((int(digits), word))
    return " ".join(word for _, word in sorted(placed))


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a string")
