"""Names that the engine takes for words of its language and Neo4j does not: `AS end`, `(group:Method)`. Pure.

Such a name is put between back-ticks wherever it stands as one. It is known by the place where it is given: behind
`AS`, or first in the brackets of a node or relationship.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kg.errors import QueryError
from kg.query.cypher_tokens import Token, Tokens

NAMES = frozenset(
    (
        "ALL", "ANY", "COLUMN", "DEFAULT", "END", "ENDS", "GLOB", "GROUP", "HEADERS", "HINT", "INDEX",
        "JOIN", "NONE", "ONLY", "ORDER", "PRIMARY", "PROFILE", "SHORTEST", "SINGLE", "STARTS", "TABLE",
        "TRAIL",
    )
)  # fmt: skip
"""Words of the engine's language that are names in Neo4j's where a name may stand."""
WORDS = frozenset(
    (
        "AND", "ASC", "CASE", "CAST", "CREATE", "DESC", "DISTINCT", "ELSE", "EXISTS", "FALSE", "IN", "NOT",
        "NULL", "ON", "OPTIONAL", "OR", "THEN", "TRUE", "UNION", "UNWIND", "WHEN", "WHERE", "WITH", "XOR",
    )
)  # fmt: skip
"""Words that mean something where a name may stand: as a name they need back-ticks, which both understand."""
_FOLLOWED = {"ORDER": "BY", "ENDS": "WITH", "STARTS": "WITH"}
_CALLED = frozenset(("ALL", "ANY", "NONE", "SINGLE"))


def quoted_names(parts: Tokens) -> list[Token]:
    """The tokens with such names between back-ticks. Raises QueryError for a name that is better quoted by hand."""
    given = {parts[at].text.upper() for at in _given(parts)}
    if not given:
        return list(parts)
    found: list[Token] = []
    cases = 0
    for at, part in enumerate(parts):
        word = part.text.upper() if part.kind == "word" else ""
        after = parts[at + 1] if at + 1 < len(parts) else None
        cases += word == "CASE"
        meant = word in given
        if word == "END" and cases:
            meant, cases = False, cases - 1
        elif word in _FOLLOWED:
            meant = meant and not (after is not None and after.is_word(_FOLLOWED[word]))
        elif word in _CALLED:
            meant = meant and not (after is not None and after.is_mark("("))
        elif word in ("SHORTEST", "TRAIL"):
            meant = meant and not (at and parts[at - 1].is_mark("*"))
        if at and parts[at - 1].is_mark("."):
            meant = False  # a property
        found.append(replace(part, kind="quoted", text=f"`{part.text}`") if meant else part)
    return found


def _given(parts: Tokens) -> Iterator[int]:
    """Where a name is given that the engine takes for a word."""
    for at, part in enumerate(parts):
        if part.kind != "word" or part.text.upper() not in NAMES | WORDS:
            continue
        before = parts[at - 1] if at else None
        after = parts[at + 1] if at + 1 < len(parts) else None
        behind_as = before is not None and before.is_word("AS")
        in_pattern = (
            before is not None
            and before.is_mark("(", "[")
            and after is not None
            and after.is_mark(":", ")", "]", "{", "*")
        )
        if part.text.upper() in NAMES and (behind_as or in_pattern):
            yield at
        elif behind_as:
            raise QueryError(
                f"{part.text!r} is a word of the language; as a name it stands between back-ticks: `{part.text}`"
            )
