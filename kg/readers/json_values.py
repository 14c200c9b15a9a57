"""JSON without surprises: numbers as written, and values taken one by one from text of any length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from kg.readers.content import MAX_RECORD

_BLANK = re.compile(r"[\s\ufeff]*")  # a byte-order mark stays behind where files were joined
_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|"|[\[\]{},]', re.DOTALL)
_PLAIN_END = re.compile(r"[\s,\]}]")


class Number(str):
    """A JSON number, exactly as written (an identifier such as 2301.00010 must keep its last zero)."""

    __slots__ = ()


# strict=False: raw control characters in strings are let in; the record's fields are cleaned later.
_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number, strict=False)


class JsonProblem(ValueError):
    """What is wrong with a value, in words for a user."""


def decode(text: str) -> Any:
    """The value that `text` holds, numbers as `Number`. Raises `JsonProblem`."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = "not valid JSON: it ends in the middle" if cut else _words(error)
        raise JsonProblem(f"{what} (character {error.pos + 1})") from None
    except RecursionError:
        raise JsonProblem("not JSON that we can read: nested too deeply") from None


def _words(error: json.JSONDecodeError) -> str:
    return f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"


def open_brackets(text: str) -> tuple[str, bool]:
    """The brackets left open at the end of `text`, outermost first, and whether it ends inside a string."""
    stack: list[str] = []
    for found in _STRUCTURE.finditer(text):
        token = found[0]
        if token == '"':
            return "".join(stack), True
        if token in "[{":
            stack.append(token)
        elif token in "]}" and stack:
            stack.pop()
    return "".join(stack), False


class Values:
    """JSON values taken from pieces of text as they come; holds one value and one piece at a time."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._before = 0  # characters of earlier pieces
        self._ended = False

    def peek(self) -> str:
        """The next character that is not blank, "" at the end."""
        while True:
            self._at = _blank_end(self._text, self._at)
            if self._at < len(self._text) or not self._more(1):
                return self._text[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Whether the next character is `character`; if so it is passed."""
        if self.peek() != character:
            return False
        self._at += 1
        return True

    def skip(self) -> None:
        """Passes one character."""
        self._at += 1

    def value(self) -> Any:
        """The next value.

        Raises `JsonProblem` where there is none, it is broken (then it is passed, to its closing bracket or the next
        comma), longer than `MAX_RECORD`, or cut off by the end of the text.
        """
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                problem = _words(error)
            except RecursionError:
                problem = "not JSON that we can read: nested too deeply"
            else:
                # A number may go on in the next piece.
                if end < len(self._text) or not isinstance(value, Number) or not self._more(1):
                    self._at = end
                    return value
                continue
            bracket = self._extent()
            if bracket is not None:
                self._at = bracket
                raise JsonProblem(problem)
            if not self._more(len(self._text) - self._at):
                self._at = len(self._text)
                raise JsonProblem("not valid JSON: the file ends in the middle of this value")

    @property
    def position(self) -> int:
        """How many characters have been passed."""
        return self._before + self._at

    def _extent(self) -> int | None:
        """Where the value at hand ends, judged by brackets alone; None where that lies beyond the text held."""
        if self._text[self._at : self._at + 1] not in ('"', "[", "{"):
            found = _PLAIN_END.search(self._text, self._at)
            return None if found is None else max(found.start(), self._at + 1)
        depth = 0
        for found in _STRUCTURE.finditer(self._text, self._at):
            token = found[0]
            if token == '"':
                return None
            depth += (token in "[{") - (token in "]}")
            if depth <= 0 and token != ",":
                return found.end()
        return None

    def _more(self, wanted: int) -> bool:
        """Adds pieces of at least `wanted` characters; False where there are none."""
        if self._ended:
            return False
        if len(self._text) - self._at > MAX_RECORD:
            self._at, self._ended = len(self._text), True
            raise JsonProblem(f"a record of more than {MAX_RECORD >> 20} million characters; the rest is not read")
        pieces, size = [self._text[self._at :]], 0
        self._before += self._at
        while size < wanted:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            pieces.append(piece)
            size += len(piece)
        self._text, self._at = "".join(pieces), 0
        return size > 0


def _blank_end(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
