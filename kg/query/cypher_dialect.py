"""Neo4j's Cypher into the engine's: so that one query gives one answer in both. Pure; works on tokens.

What is rewritten, and what remains different, is listed in docs/cypher.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, count

from kg.errors import QueryError
from kg.query.cypher_clauses import CLAUSES, clauses
from kg.query.cypher_functions import MISSING, RENAMED, SPECIAL
from kg.query.cypher_labels import NODE_NAMES, TYPE_NAMES, in_order, read_names
from kg.query.cypher_tokens import HIDDEN, Token, Tokens, closing, split, text_of, top_level, words
from kg.query.cypher_words import quoted_names

_NO_FUNCTIONS = CLAUSES | frozenset(
    ("AND", "OR", "XOR", "NOT", "IN", "IS", "WHEN", "THEN", "ELSE", "CASE", "BY", "AS", "DISTINCT", "CONTAINS", "YIELD")
)
_LONGEST_PLACE = 2_000  # characters
_EVERYTHING = 10**15  # rows
_PATHS = {"shortestpath": "SHORTEST", "allshortestpaths": "ALL SHORTEST"}


def to_engine(parts: Tokens) -> list[Token]:
    """A query that the guard let through, as the engine understands it. Raises QueryError that names a substitute."""
    parts = parts[:-1] if parts and parts[-1].is_mark(";") else parts
    return Rewriter().clauses(quoted_names(parts))


@dataclass(frozen=True, slots=True)
class _Relationship:
    """A relationship of a pattern: what it is called, the types that it can have, whether it has a fixed length."""

    name: str
    types: frozenset[str] | None
    single: bool


@dataclass
class _Pattern:
    """The pattern of one MATCH, as it is rewritten."""

    parts: list[Token] = field(default_factory=list)
    relationships: list[_Relationship] = field(default_factory=list)


@dataclass
class _Order:
    """Keeps the order of `WITH … ORDER BY`, which the engine wants a LIMIT for, and forgets before an aggregation.

    It does not forget where an UNWIND stands between the two.
    """

    last: str = ""  # WITH or RETURN, whichever came last
    ordered: bool = False
    limited: bool = False

    def before(self, word: str, name: Callable[[], str]) -> list[Token]:
        """What must stand before the clause that begins with `word`."""
        found: list[Token] = []
        if word == "ORDER":
            self.ordered = self.last == "WITH"
        elif word in ("SKIP", "LIMIT"):
            self.limited = True
        elif self.ordered:
            found += [] if self.limited else words(f"LIMIT {_EVERYTHING}")
            self.limited = True
            if word != "WHERE":
                found += words(f"UNWIND [1] AS {name()}")
                self.ordered = self.limited = False
        else:
            self.limited = False
        self.last = word if word in ("WITH", "RETURN") else self.last
        return found


class Rewriter:
    """Rewrites one query; it numbers the names that it gives."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._chains: set[str] = set()  # names of relationships of any length: lists in Neo4j

    # --- clauses ----------------------------------------------------------------------------------------------------

    def clauses(self, parts: Tokens) -> list[Token]:
        """A sequence of clauses, as a query or the inside of EXISTS { … } is one."""
        found: list[Token] = []
        apart: list[Token] = []  # conditions of the last MATCH
        order = _Order()
        for head, body in clauses(parts):
            word = head[-1].text.upper() if head else ""
            if apart and word != "WHERE":
                found += words("WHERE") + apart
            found += order.before(word, self._name)
            if word == "MATCH":
                pattern = self._pattern(body)
                found += [*head, *pattern.parts]
                apart = _all_different(pattern.relationships)
                continue
            expression = self._passed_on(body) if word == "WITH" else self.expression(body)
            if word == "WHERE" and apart:
                expression = [*apart, *words("AND"), Token("mark", "("), *expression, Token("mark", ")")]
            found += [*head, *expression]
            apart = []
        return [*found, *words("WHERE"), *apart] if apart else found

    def _passed_on(self, parts: Tokens) -> list[Token]:
        """The items of a WITH; what is only passed on stays what it is."""
        found: list[Token] = []
        for number, item in enumerate(split(parts)):
            found += [Token("mark", ",", blank=False)] if number else []
            plain = [part for part in item if not part.is_word("DISTINCT")]
            found += item if len(plain) == 1 else self.expression(item)
        return found

    # --- patterns ---------------------------------------------------------------------------------------------------

    def _pattern(self, parts: Tokens, *, reach: str = "") -> _Pattern:
        """What stands after MATCH. `reach` is how far-reaching relationships go: "SHORTEST" in shortestPath(…)."""
        found = _Pattern()
        at = 0
        while at < len(parts):
            part = parts[at]
            following = parts[at + 1] if at + 1 < len(parts) else Token("mark", "")
            if part.kind == "word" and part.text.lower() in _PATHS and following.is_mark("("):
                end = closing(parts, at + 1)
                inner = self._pattern(parts[at + 2 : end], reach=_PATHS[part.text.lower()])
                found.parts += [_spaced(inner.parts[0]), *inner.parts[1:]]
                found.relationships += inner.relationships
            elif part.is_mark("("):
                end = closing(parts, at)
                found.parts += [part, *self._inside(parts[at + 1 : end], "node", reach)[0], parts[end]]
            elif part.is_mark("["):
                end = closing(parts, at)
                inside, relationship = self._inside(parts[at + 1 : end], "relationship", reach)
                found.parts += [part, *inside, parts[end]]
                found.relationships.append(relationship)
            elif part.is_mark("-") and following.is_mark("-"):
                name = self._name()
                found.parts += [part, *words(f"[{name}]"), parts[at + 1]]
                found.relationships.append(_Relationship(name, None, True))
                end = at + 1
            elif part.is_mark("{") and found.parts and found.parts[-1].is_mark(">", "-", ")", "+"):
                raise QueryError("{1,3} after a relationship is not known here: write [:TYPE*1..3]")
            else:
                found.parts.append(part)
                end = at
            at = end + 1
        return found

    def _inside(self, parts: Tokens, kind: str, reach: str) -> tuple[list[Token], _Relationship]:
        """What stands in ( ) or [ ] of a pattern: name, labels, reach, properties."""
        found: list[Token] = []
        names, single, at, name = None, True, 0, ""
        if parts and parts[0].kind in ("word", "quoted") and not parts[0].is_word("WHERE"):
            found, name, at = [parts[0]], parts[0].text, 1
        elif kind == "relationship":
            name = self._name()
            found = words(name)
        if at < len(parts) and parts[at].is_mark(":"):
            names, at = read_names(parts, at + 1, NODE_NAMES if kind == "node" else TYPE_NAMES)
            found += words(f":{'|'.join(in_order(names))}")
        if kind == "relationship" and at < len(parts) and parts[at].is_mark("*"):
            single, found = False, [*found, Token("mark", "*")]
            self._chains.add(name)
            at += 1
            if not (at < len(parts) and parts[at].kind == "word"):  # Neo4j: no relationship twice
                found += words(reach or "TRAIL")
            end = next((i for i in top_level(parts) if i >= at and parts[i].is_mark("{")), len(parts))
            found += _first_spaced(list(parts[at:end]))
            at = end
        rest = parts[at:]
        if any(part.is_word("WHERE") for part in rest[:1]):
            raise QueryError("WHERE inside a pattern is not known here: write it after the MATCH")
        return [*found, *self.expression(rest)], _Relationship(name, names, single)

    def _name(self) -> str:
        return f"{HIDDEN}{next(self._numbers)}"

    # --- expressions ------------------------------------------------------------------------------------------------

    def expression(self, parts: Tokens) -> list[Token]:
        """Any expression, or several with what stands between them."""
        found: list[Token] = []
        at = 0
        while at < len(parts):
            more, at = self._step(parts, at)
            found += more
        return found

    def _step(self, parts: Tokens, at: int) -> tuple[list[Token], int]:
        """The rewriting of what begins at `at`, and the index after it."""
        part = parts[at]
        following = parts[at + 1] if at + 1 < len(parts) else Token("mark", "")
        before = parts[at - 1] if at else Token("mark", "")
        if part.is_word("EXISTS", "COUNT") and following.is_mark("{"):
            return self._subquery(parts, at)
        if part.kind == "word" and following.is_mark("(") and not part.is_word(*_NO_FUNCTIONS):
            return self._call(parts, at)
        if part.text in self._chains and not before.is_mark(".") and not before.is_word("AS"):
            return words(f"rels({part.text})"), at + 1
        if part.kind in ("word", "quoted") and following.is_mark(":") and not before.is_mark("."):
            names, end = read_names(parts, at + 2, {**NODE_NAMES, **TYPE_NAMES})
            among = ", ".join(f"'{name}'" for name in in_order(names))
            return words(f"(label({part.text}) IN [{among}])"), end
        if part.is_mark("("):
            end = _end_of_pattern(parts, at)
            if end:
                return self._pattern(parts[at:end]).parts, end
            end = closing(parts, at)
            return [part, *self.expression(parts[at + 1 : end]), parts[end]], end + 1
        if part.is_mark("["):
            end = closing(parts, at)
            return self._brackets(parts[at : end + 1], is_index=_is_value(before) and at > 0), end + 1
        if part.is_mark("{"):
            end = closing(parts, at)
            if before.kind in ("word", "quoted") and at and not before.is_word(*CLAUSES, "AS", "IN", "THEN", "ELSE"):
                raise QueryError(f"{before.text}{{…}} is not known here: write {{name: {before.text}.name}}")
            return [part, *self._entries(parts[at + 1 : end]), parts[end]], end + 1
        return [part], at + 1

    def _entries(self, parts: Tokens) -> list[Token]:
        """The keys and values of a map."""
        found: list[Token] = []
        for number, entry in enumerate(split(parts)):
            found += [Token("mark", ",", blank=False)] if number else []
            if len(entry) > 1 and entry[1].is_mark(":"):
                found += [*entry[:2], *self.expression(entry[2:])]
            else:
                found += self.expression(entry)
        return found

    def _subquery(self, parts: Tokens, at: int) -> tuple[list[Token], int]:
        end = closing(parts, at + 1)
        inner = parts[at + 2 : end]
        if inner and inner[0].is_mark("("):
            inner = [*words("MATCH"), *inner]
        return [parts[at], parts[at + 1], *_first_spaced(self.clauses(inner)), _spaced(parts[end])], end + 1

    def _brackets(self, parts: Tokens, *, is_index: bool) -> list[Token]:
        """[ … ]: an index, a part of a list, a list that is made from another, or a list."""
        inner = parts[1:-1]
        if is_index:
            pieces = split(inner, "..")
            if len(pieces) == 1:
                return [parts[0], *self._from_one(inner), parts[-1]]
            first, last = pieces[0], pieces[1]
            return [
                parts[0],
                *(self._from_one(first) if first else [Token("number", "1", blank=False)]),
                Token("mark", "..", blank=False),
                *(self._before(last) if last else []),
                parts[-1],
            ]
        if len(inner) > 2 and inner[0].kind in ("word", "quoted") and inner[1].is_word("IN"):
            return self._comprehension(inner)
        if inner and inner[0].is_mark("(") and _end_of_pattern(inner, 0):
            raise QueryError("[(a)-->(b) | b.name] is not known here: use OPTIONAL MATCH and collect(b.name)")
        return [parts[0], *self.expression(inner), parts[-1]]

    def _from_one(self, parts: Tokens) -> list[Token]:
        """A place in a list, counted from 0, as the engine counts: from 1 (and -1 is the last for both)."""
        if len(parts) == 1 and parts[0].kind == "number" and parts[0].text.isdigit():
            return [Token("number", str(int(parts[0].text) + 1), blank=False)]
        if len(parts) == 1 and parts[0].kind == "string":
            return list(parts)
        if len(parts) == 2 and parts[0].is_mark("-") and parts[1].kind == "number":
            return list(parts)
        inner = self._place(parts)
        return _glued(words(f"CASE WHEN ({inner}) >= 0 THEN ({inner}) + 1 ELSE ({inner}) END"))

    def _place(self, parts: Tokens) -> str:
        """The text of an index that must be worked out; it is written several times, so it may not be long."""
        inner = text_of(self.expression(parts))
        if len(inner) > _LONGEST_PLACE:
            raise QueryError("what stands between [ and ] after a list is too long: name it in a WITH before")
        return inner

    def _before(self, parts: Tokens) -> list[Token]:
        """An end that is not meant, counted from 0, as the last one that is, counted from 1."""
        if len(parts) == 1 and parts[0].kind == "number":
            return list(parts)
        inner = self._place(parts)
        return _glued(words(f"CASE WHEN ({inner}) >= 0 THEN ({inner}) ELSE ({inner}) - 1 END"))

    def _comprehension(self, inner: Tokens) -> list[Token]:
        """[x IN list WHERE condition | value]"""
        bars = [at for at in top_level(inner) if inner[at].is_mark("|")]
        value = inner[bars[0] + 1 :] if bars else []
        rest = inner[2 : bars[0]] if bars else inner[2:]
        wheres = [at for at in top_level(rest) if rest[at].is_word("WHERE")]
        condition = rest[wheres[0] + 1 :] if wheres else []
        source = text_of(self.expression(rest[: wheres[0]] if wheres else rest))
        name = inner[0].text
        if condition:
            source = f"list_filter({source}, {name} -> {text_of(self.expression(condition))})"
        if value:
            source = f"list_transform({source}, {name} -> {text_of(self.expression(value))})"
        return words(source)

    def _call(self, parts: Tokens, at: int) -> tuple[list[Token], int]:
        """A function with its arguments."""
        end = closing(parts, at + 1)
        name, inside = parts[at].text.lower(), parts[at + 2 : end]
        if name in MISSING and not (name == "exists" and not inside):
            raise QueryError(f"{parts[at].text}() is not known here: {MISSING[name]}")
        if name in _PATHS:
            raise QueryError(f"{parts[at].text}() is known in MATCH only: MATCH p = {parts[at].text}((a)-[*1..8]->(b))")
        if name in ("any", "all", "none", "single"):
            return [parts[at], parts[at + 1], *self.expression(inside), parts[end]], end + 1
        arguments = [text_of(self.expression(argument)) for argument in split(inside)] if inside else []
        special = SPECIAL.get(name)
        if special is not None and arguments:
            is_first = name == "labels" and [part.text for part in parts[end + 1 : end + 4]] == ["[", "0", "]"]
            return words(f"label({arguments[0]})" if is_first else special(arguments)), end + (4 if is_first else 1)
        head = Token("word", RENAMED.get(name, parts[at].text), parts[at].blank)
        return [head, parts[at + 1], *self.expression(inside), parts[end]], end + 1


def _all_different(relationships: Sequence[_Relationship]) -> list[Token]:
    """In Neo4j a pattern never uses one relationship twice: the condition that says so, in full."""
    single = [r for r in relationships if r.single]
    pairs = [
        f"id({a.name}) <> id({b.name})"
        for a, b in combinations(single, 2)
        if a.name != b.name and (a.types is None or b.types is None or a.types & b.types)
    ]
    return words(" AND ".join(pairs)) if pairs else []


def _end_of_pattern(parts: Tokens, at: int) -> int:
    """The index after the pattern that begins with the bracket at `at`: (a)-[…]-(b) …; 0 if it is no pattern."""
    end = closing(parts, at) + 1
    while True:
        place = end
        if place < len(parts) and parts[place].is_mark("<"):
            place += 1
        if not (place + 1 < len(parts) and parts[place].is_mark("-") and parts[place + 1].is_mark("-", "[")):
            break
        place = closing(parts, place + 1) + 1 if parts[place + 1].is_mark("[") else place + 1
        if not (place < len(parts) and parts[place].is_mark("-")):
            break
        place += 1
        if place < len(parts) and parts[place].is_mark(">"):
            place += 1
        if not (place < len(parts) and parts[place].is_mark("(")):
            break
        end = closing(parts, place) + 1
    return end if end > closing(parts, at) + 1 else 0


def _is_value(part: Token) -> bool:
    """Whether something ends here that can have an index."""
    if part.kind == "word":
        return not part.is_word(*_NO_FUNCTIONS)
    return part.kind in ("quoted", "parameter", "string") or part.is_mark(")", "]", "}")


def _spaced(part: Token) -> Token:
    return Token(part.kind, part.text, True, part.start, part.end)


def _glued(parts: list[Token]) -> list[Token]:
    return [Token(parts[0].kind, parts[0].text, blank=False), *parts[1:]]


def _first_spaced(parts: list[Token]) -> list[Token]:
    return [_spaced(parts[0]), *parts[1:]] if parts else parts
