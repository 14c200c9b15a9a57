"""JSON Lines: one record a line. A bad line is rejected and the rest is read; the record's name is its line number.

A line that holds an API answer with several records (one page a line) gives each of them, named "line.index".
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import Rejected
from kg.readers.content import Content
from kg.readers.formats import Format, Record
from kg.readers.json_record import is_record, read_record, unwrap
from kg.readers.json_values import JsonProblem, decode, open_brackets

_LOOKED_AT = 20  # lines


def looks_like_lines(content: Content) -> bool:
    """Whether the head holds one JSON value a line, and not one document over several lines.

    The first line decides if it is a whole value. If it is not, it is either a bad line of JSON Lines, or the beginning
    of a document: then the second line must continue it. Where an object begins although the first line does not let
    one begin (within a string, or where a key belongs), these are lines.
    """
    head = content.head.strip("\r\n\t ")
    lines = [line for line in (line.strip() for line in head.split("\n", _LOOKED_AT)[:_LOOKED_AT]) if line]
    if not lines:
        return False
    if len(lines) == 1:
        return _holds_object(lines[0]) and not _is_envelope(lines[0])
    first, second = lines[0], lines[1]
    if _is_value(first):
        is_array = first.startswith("[") and ("{" in first or not _holds_object(second))
        return not is_array and any(map(_holds_object, lines))
    if first[0] not in "{[":
        return any(map(_holds_object, lines[1:]))
    brackets, in_string = open_brackets(first)
    if in_string:
        return True
    may_begin = brackets.endswith("[") or first.endswith(":")
    return second.startswith("{") and not may_begin


def read_lines(content: Content) -> Iterator[Record]:
    """The records of JSON Lines."""
    for number, text, problem in content.lines():
        if problem:
            yield Rejected(content.name, str(number), problem)
        elif text := text.strip():
            yield from _read_line(text, content.name, str(number))


def _read_line(text: str, file: str, number: str) -> Iterator[Record]:
    try:
        value = decode(text)
    except JsonProblem as problem:
        yield Rejected(file, number, str(problem))
        return
    inner = unwrap(value) if isinstance(value, dict) and not is_record(value) else None
    if inner is None:
        yield from read_record(value, file, number)
    else:
        for index, item in enumerate(inner, 1):
            yield from read_record(item, file, f"{number}.{index}")


def _is_value(line: str) -> bool:
    try:
        decode(line)
    except JsonProblem:
        return False
    return True


def _holds_object(line: str) -> bool:
    return line.startswith("{") and _is_value(line)


def _is_envelope(line: str) -> bool:
    """Whether a single line is a whole API answer: read as a document, so that records are counted and not lines."""
    try:
        value = decode(line)
    except JsonProblem:
        return False
    return isinstance(value, dict) and not is_record(value) and unwrap(value) is not None


FORMAT = Format(
    "jsonl", "JSON Lines (an object a line with id, title and abstract, or id and text)", looks_like_lines, read_lines
)
