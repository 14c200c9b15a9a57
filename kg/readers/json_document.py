"""JSON documents: an array of records, one record, or an API's answer with the records inside; also several in a row.

Read as a stream: at most one record and one piece of the file are in memory. The record's name is its number, from 1.
An envelope keeps its records under a usual name ("data", "results", "items", …), perhaps one object deeper
("message", "response"), or in its only list of objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kg.model import Notice, Rejected
from kg.readers.content import MAX_RECORD, Content
from kg.readers.formats import Format, Record
from kg.readers.json_record import is_list_name, is_record, is_wrapper_name, read_record, unwrap
from kg.readers.json_values import JsonProblem, Values


def looks_like_document(content: Content) -> bool:
    """Whether the content begins as a JSON object or array."""
    return content.head.lstrip()[:1] in ("{", "[")


def read_document(content: Content) -> Iterator[Record]:
    """The records of a JSON document, or of several one after the other."""
    return _Document(content).records()


class _Document:
    """One pass over a document: counts its records and turns what is broken into Rejected."""

    def __init__(self, content: Content) -> None:
        self._file = content.name
        self._values = Values(content.chunks())
        self._count = 0

    def records(self) -> Iterator[Record]:
        try:
            while character := self._values.peek():
                if character == "[":
                    yield from self._array()
                elif character == "{":
                    yield from self._object(nested=False)
                else:
                    yield from self._record()
        except JsonProblem as problem:  # nothing after it can be read
            self._count += 1
            yield Rejected(self._file, str(self._count), str(problem))

    def _record(self) -> Iterator[Record]:
        """The value at hand, as a record."""
        try:
            value = self._values.value()
        except JsonProblem as problem:
            self._count += 1
            yield Rejected(self._file, str(self._count), str(problem))
        else:
            yield from self._as_record(value)

    def _as_record(self, value: object) -> Iterator[Record]:
        self._count += 1
        yield from read_record(value, self._file, str(self._count))

    def _array(self) -> Iterator[Record]:
        self._values.skip()
        while not self._values.take("]"):
            if not self._values.peek():
                yield Notice(self._file, "", "the list of records is not closed: the file may have been cut off")
                return
            if self._values.peek() in (",", ":", "}"):  # left over from a broken record
                self._values.skip()
            else:
                yield from self._record()

    def _object(self, *, nested: bool) -> Iterator[Record]:
        """An object at hand: an envelope, whose list is streamed, or a record, whose fields are collected."""
        self._values.skip()
        fields: dict[str, Any] = {}
        size, streamed = 0, False
        while not self._values.take("}"):
            if not self._values.peek():
                raise JsonProblem("not valid JSON: the file ends in the middle of an object")
            key = self._key()
            if not is_record(fields) and is_list_name(key) and self._values.peek() == "[":
                streamed = True
                yield from self._array()
            elif not (nested or is_record(fields)) and is_wrapper_name(key) and self._values.peek() == "{":
                streamed = True
                yield from self._object(nested=True)
            else:
                before = self._values.position
                fields[key] = self._values.value()
                size += self._values.position - before
                if size > MAX_RECORD:
                    raise JsonProblem(f"an object of more than {MAX_RECORD >> 20} million characters; not read further")
            self._values.take(",")
        if not streamed:
            yield from self._whole(fields, nested=nested)

    def _key(self) -> str:
        key = self._values.value() if self._values.peek() == '"' else None
        if not isinstance(key, str) or not self._values.take(":"):
            raise JsonProblem("not valid JSON: a name and a colon are expected inside an object; not read further")
        return key

    def _whole(self, fields: dict[str, Any], *, nested: bool) -> Iterator[Record]:
        inner = None if is_record(fields) else unwrap(fields)
        if inner is None and nested and not is_record(fields):
            return  # {"message": {"status": "ok"}, …}: the records stand elsewhere
        for value in [fields] if inner is None else inner:
            yield from self._as_record(value)


FORMAT = Format("json", "a JSON array or an API's answer with such objects", looks_like_document, read_document)
