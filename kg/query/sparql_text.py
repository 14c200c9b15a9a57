"""The text of a SPARQL query: its tokens, what it may not say, the graphs it names, and kg:matches. Pure.

Only what must be known before the engine sees a query is read here; everything else is left to the engine's parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from kg.errors import QueryError
from kg.vocab import VOCAB

MATCHES = f"{VOCAB}matches"
UPDATES = frozenset(("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"))
LONGEST = 20_000_000  # characters of a query
CALLS = 100  # of kg:matches in one query

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|\#[^\r\n]*)
  | (?P<iri><[^\x00-\x20<>"{}|^`\\]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*')
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<variable>[?$]\w+)
  | (?P<name>(?:[^\W\d][\w.-]*)?:(?:(?:[\w:%.-]|\\[_~.\-!$&'()*+,;=/?\#@%])*(?:[\w:%-]|\\[_~.\-!$&'()*+,;=/?\#@%]))?)
  | (?P<word>[^\W\d]\w*)
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_OPEN = {"(": ")", "{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token: `kind` is the name of its group above, `start` and `end` its place, `inside` the index of the bracket
    token that it stands in (-1: none)."""

    kind: str
    text: str
    start: int
    end: int
    inside: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may be asked: its text, and the graphs of its FROM and FROM NAMED (None: it has neither)."""

    text: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None
    texts: tuple[str, ...]  # what kg:matches is asked for


def tokens(text: str) -> list[Token]:
    """The tokens of a query, comments and blanks left out."""
    found: list[Token] = []
    stack = [-1]
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "blank":
            continue
        if kind == "mark" and match[0] in ")}]" and len(stack) > 1:
            stack.pop()
        found.append(Token(kind, match[0], match.start(), match.end(), stack[-1]))
        if kind == "mark" and match[0] in _OPEN:
            stack.append(len(found) - 1)
    return found


def read(text: str, *, prefixes: Mapping[str, str], base: str) -> tuple[Query, list[Token]]:
    """What must be known of a query before it is asked. Raises QueryError for what only reading does not need."""
    if len(text) > LONGEST:
        raise QueryError(f"the query has {len(text):,} characters; at most {LONGEST:,} are read")
    parts = tokens(text)
    known, base, start = _prologue(parts, prefixes, base)
    _refuse(parts, start)
    default, named = _dataset(parts, known, base)
    found = list(islice(_matches(parts, known, base), CALLS + 1))
    if len(found) > CALLS:
        raise QueryError(f"kg:matches is called more than {CALLS} times in one query")
    texts = tuple(dict.fromkeys(match.text for match in found))
    return Query(text, default, named, texts), parts


def with_hits(
    query: Query, parts: Sequence[Token], hits: Mapping[str, Sequence[str]], *, prefixes: Mapping[str, str]
) -> str:
    """The query with `FILTER(kg:matches(?e, "text"))` as `VALUES ?e {…}` where that means the same.

    It does where the variable is bound in the same group, outside of OPTIONAL and the like; the engine can then begin
    with what was found. Everywhere else the function itself is called. `hits` are IRIs by text.
    """
    known, base, _ = _prologue(parts, prefixes, "")
    text = query.text
    for match in reversed(list(_matches(parts, known, base))):
        span = _filter_of(parts, match)
        if match.variable and span is not None and _is_bound(parts, match.variable, parts[span[0]].inside):
            values = " ".join(f"<{iri}>" for iri in hits[match.text])
            text = f"{text[: parts[span[0]].start]}VALUES {match.variable} {{ {values} }}{text[parts[span[1]].end :]}"
    return text


def _prologue(parts: Sequence[Token], prefixes: Mapping[str, str], base: str) -> tuple[dict[str, str], str, int]:
    """All prefixes, the base, and the index of the first token after BASE, PREFIX and VERSION."""
    known, at = dict(prefixes), 0
    while at + 1 < len(parts) and parts[at].is_word("PREFIX", "BASE", "VERSION"):
        if parts[at].is_word("PREFIX"):
            if at + 2 >= len(parts):
                break
            known[parts[at + 1].text[:-1]] = urljoin(base, parts[at + 2].text[1:-1])
            at += 3
        else:
            if parts[at].is_word("BASE"):
                base = urljoin(base, parts[at + 1].text[1:-1])
            at += 2
    return known, base, at


def _refuse(parts: Sequence[Token], start: int) -> None:
    if not parts:
        raise QueryError("the query is empty")
    if start < len(parts) and parts[start].kind == "word" and parts[start].text.upper() in UPDATES:
        word = parts[start].text.upper()
        raise QueryError(
            f"{word} is an update, and a graph can only be read: ask with SELECT, ASK, CONSTRUCT or DESCRIBE"
        )
    if any(part.is_word("SERVICE") for part in parts):
        raise QueryError("SERVICE asks another server, and no query leaves this machine: take it out")


def _resolve(token: Token, known: Mapping[str, str], base: str) -> str:
    if token.kind == "iri":
        return urljoin(base, token.text[1:-1]) if base and ":" not in token.text else token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return known.get(prefix, f"{prefix}:") + re.sub(r"\\(.)", r"\1", local)


def _dataset(
    parts: Sequence[Token], known: Mapping[str, str], base: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    default: list[str] = []
    named: list[str] = []
    for at, part in enumerate(parts):
        if part.is_word("FROM") and part.inside == -1:
            is_named = at + 1 < len(parts) and parts[at + 1].is_word("NAMED")
            place = at + 1 + is_named
            if place < len(parts) and parts[place].kind in ("iri", "name"):
                (named if is_named else default).append(_resolve(parts[place], known, base))
    return (tuple(default), tuple(named)) if default or named else (None, None)


@dataclass(frozen=True, slots=True)
class _Match:
    """A call of kg:matches: indices of its name and its last bracket, the variable if it is one, the text."""

    first: int
    last: int
    variable: str
    text: str


def _matches(parts: Sequence[Token], known: Mapping[str, str], base: str) -> Iterator[_Match]:
    for at, part in enumerate(parts):
        if part.kind not in ("iri", "name") or "matches" not in part.text or _resolve(part, known, base) != MATCHES:
            continue
        if at + 1 >= len(parts) or parts[at + 1].text != "(":
            raise QueryError('kg:matches is a function: FILTER(kg:matches(?entity, "text"))')
        commas, last = _arguments(parts, at + 1)
        if last < 0 or len(commas) != 1 or last != commas[0] + 2 or parts[commas[0] + 1].kind != "string":
            raise QueryError('kg:matches wants a thing and a text between quotes: kg:matches(?entity, "text")')
        variable = parts[at + 2].text if commas[0] == at + 3 and parts[at + 2].kind == "variable" else ""
        yield _Match(at, last, variable, unquoted(parts[commas[0] + 1].text))


def _arguments(parts: Sequence[Token], bracket: int) -> tuple[list[int], int]:
    """The indices of the commas between the arguments in a bracket, and of what closes it (-1: nothing does)."""
    commas: list[int] = []
    for at in range(bracket + 1, len(parts)):
        if parts[at].inside == parts[bracket].inside:
            return commas, at if parts[at].text == ")" else -1
        if parts[at].inside == bracket and parts[at].kind == "mark" and parts[at].text == ",":
            commas.append(at)
    return commas, -1


def unquoted(literal: str) -> str:
    """The text that a string of a query stands for.

    >>> unquoted('"a \\\\"b\\\\""'), unquoted("'''x'y'''")
    ('a "b"', "x'y")
    """
    size = 3 if literal[:3] in ('"""', "'''") and len(literal) >= 6 else 1
    return _ESCAPE.sub(_unescape, literal[size:-size])


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _ESCAPED.get(match[3], match[3])


def _filter_of(parts: Sequence[Token], match: _Match) -> tuple[int, int] | None:
    """The indices of FILTER and of its end where it holds nothing but the match."""
    first, last = match.first, match.last
    while first > 0 and parts[first - 1].text == "(" and last + 1 < len(parts) and parts[last + 1].text == ")":
        first, last = first - 1, last + 1
    return (first - 1, last) if first > 0 and parts[first - 1].is_word("FILTER") else None


def _is_bound(parts: Sequence[Token], variable: str, group: int) -> bool:
    """Whether a pattern that stands directly in the group `group` binds the variable."""
    return group >= 0 and any(
        part.inside == group
        and part.kind == "variable"
        and part.text[1:] == variable[1:]
        and not parts[at - 1].is_word("VALUES")
        for at, part in enumerate(parts)
    )
