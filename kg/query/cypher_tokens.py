"""The tokens of a Cypher text, and the text of tokens. Pure.

What the engine gets is written anew from the tokens, without comments: it cannot see another query than the guard saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.errors import QueryError

HIDDEN = "_kg"  # begins the names that the translation gives to what has none
DEEPEST = 60  # brackets in brackets
LONGEST = 20_000_000  # characters of a query

_TOKEN = re.compile(
    r"""
    (?P<blank>(?:\s|//[^\r\n]*|/\*.*?\*/)+)
  | (?P<string>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
  | (?P<quoted>`(?:[^`]|``)+`)
  | (?P<parameter>\$(?:\w+|`(?:[^`]|``)+`))
  | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<mark>\.\.|<=|>=|<>|=~|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `blank` says whether blanks or a comment stand before it, `start` and `end` its place in the text."""

    kind: str
    text: str
    blank: bool = True
    start: int = 0
    end: int = 0

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words

    def is_mark(self, *marks: str) -> bool:
        return self.kind == "mark" and self.text in marks

    @property
    def name(self) -> str:
        """The name that a word or a quoted name stands for."""
        return self.text[1:-1].replace("``", "`") if self.kind == "quoted" else self.text


Tokens = Sequence[Token]


def tokens(text: str) -> list[Token]:
    """The tokens of a text, comments left out. Raises QueryError for a quote or bracket that is not closed."""
    if len(text) > LONGEST:
        raise QueryError(f"the query has {len(text):,} characters; at most {LONGEST:,} are read")
    found: list[Token] = []
    blank = False
    open_: list[str] = []
    for match in _TOKEN.finditer(text):
        kind, piece = str(match.lastgroup), match[0]
        if kind == "blank":
            blank = True
            continue
        if kind == "mark":
            _check_mark(piece, text, match.start(), open_)
        found.append(Token(kind, piece, blank, match.start(), match.end()))
        blank = False
    if open_:
        raise QueryError(f"a {open_[-1]!r} of the query is not closed")
    return found


def _check_mark(mark: str, text: str, at: int, open_: list[str]) -> None:
    if mark in "'\"`" or (mark == "/" and text.startswith("/*", at)):
        raise QueryError(f"what begins with {text[at : at + 20]!r} is not closed")
    if mark in _CLOSING:
        open_.append(mark)
        if len(open_) > DEEPEST:
            raise QueryError(f"brackets stand in one another more than {DEEPEST} deep")
    elif mark in _OPENING and (not open_ or open_.pop() != _OPENING[mark]):
        raise QueryError(f"a {mark!r} of the query closes nothing")


def text_of(parts: Tokens) -> str:
    """The text of tokens, on one line but for what strings hold."""
    return "".join((" " if part.blank else "") + part.text for part in parts).strip()


def closing(parts: Tokens, at: int) -> int:
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for place in range(at, len(parts)):
        if parts[place].kind == "mark":
            depth += (parts[place].text in _CLOSING) - (parts[place].text in _OPENING)
            if depth == 0:
                return place
    raise QueryError(f"a {parts[at].text!r} of the query is not closed")


def top_level(parts: Tokens) -> Iterator[int]:
    """The indices of the tokens that stand in no bracket (an opening bracket is one of them, what it holds not)."""
    depth = 0
    for at, part in enumerate(parts):
        if part.is_mark(*_OPENING):
            depth -= 1
        elif depth == 0:
            yield at
        if part.is_mark(*_CLOSING):
            depth += 1


def split(parts: Tokens, mark: str = ",") -> list[list[Token]]:
    """The parts between the marks that stand in no bracket."""
    places = [at for at in top_level(parts) if parts[at].is_mark(mark)]
    return [list(parts[a + 1 : b]) for a, b in zip([-1, *places], [*places, len(parts)], strict=True)]


def words(text: str) -> list[Token]:
    """Tokens of a text of ours, to be put into a query: the first with a blank before it."""
    found = tokens(text)
    return [Token(part.kind, part.text, part.blank or at == 0) for at, part in enumerate(found)]
