"""The registry of source formats: how each is recognised by content, and how it is read.

A format is one module with a `FORMAT`; to add one, write the module and name it in `FORMATS`. Recognition looks only at
the beginning of the content (`Content.head`), never at a file's name, and the first format that says yes reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.errors import LayoutError, UsageError
from kg.model import Notice, Paper, Rejected
from kg.readers.content import Content, reject_binary

Record = Paper | Rejected | Notice

_SEEN = (  # what an unknown source may be: pattern of its first characters, in words
    (r"<!doctype html|<html", "an HTML page: save it as text, or its data as JSON"),
    (r"<\?xml|<feed|<rss", "an XML document"),
    (r"@\w+\s*\{", "a BibTeX file"),
    (r"TY  - ", "an RIS file"),
    (r"%PDF-", "a PDF document"),
    (r'(?:"?\w+"?[,;\t]){2,}', "a table"),
)


@dataclass(frozen=True, slots=True)
class Format:
    """A source format: `name` for forcing it, `expects` for the message when nothing is recognised."""

    name: str
    expects: str
    recognise: Callable[[Content], bool]
    read: Callable[[Content], Iterator[Record]]


def find_format(name: str, formats: tuple[Format, ...]) -> Format:
    """The format of that name. Raises `UsageError` naming those that there are."""
    for candidate in formats:
        if candidate.name == name:
            return candidate
    raise UsageError(f"unknown format {name!r}: expected one of {', '.join(f.name for f in formats)}")


def recognise(content: Content, formats: tuple[Format, ...]) -> Format:
    """The format of `content`.

    Raises `LayoutError` that says what was expected and what was seen, `EncodingError` where the bytes are not text in
    the expected encoding.
    """
    first = content.head.lstrip()[:1]
    if first not in ("{", "["):  # JSON says of each record what is wrong
        reject_binary(content)
    for candidate in formats:
        if candidate.recognise(content):
            return candidate
    expected = "; or ".join(f.expects for f in formats)
    raise LayoutError(content.name, f"no known layout: expected {expected}; saw {_seen(content.head)}")


def _seen(head: str) -> str:
    start = head.lstrip()
    for pattern, words in _SEEN:
        if re.match(pattern, start, re.IGNORECASE):
            return words
    line = start.split("\n", 1)[0].strip()
    return f"text that begins with {line[:60] + ('…' if len(line) > 60 else '')!r}"
