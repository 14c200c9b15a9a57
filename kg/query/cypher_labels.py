"""Expressions of labels and relationship types (`:Entity`, `:A|B`, `:!A`, `:A&B`) as sets of the vocabulary. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kg import vocab
from kg.errors import QueryError
from kg.export.neo4j_rows import RELATIONSHIP_TYPES
from kg.query.cypher_tokens import Token, Tokens

LABELS = tuple(vocab.NODE_TYPES)
TYPES = tuple(dict.fromkeys(RELATIONSHIP_TYPES.values()))
Names = Mapping[str, frozenset[str]]

NODE_NAMES: Names = {
    **{label.casefold(): frozenset((label,)) for label in LABELS},
    vocab.ENTITY_LABEL.casefold(): frozenset(vocab.ENTITY_TYPES),
}
TYPE_NAMES: Names = {type_.casefold(): frozenset((type_,)) for type_ in TYPES}


def read_names(parts: Tokens, at: int, names: Names) -> tuple[frozenset[str], int]:
    """The labels or types that the expression after the colon at `at - 1` means, and the index after it.

    Raises QueryError for a name that is none, and for an expression that nothing can fulfil.
    """
    found, end = _either(parts, at, names)
    if not found:
        said = "".join(part.text for part in parts[at:end])
        raise QueryError(f"nothing is {':' + said!r}: each node has one type (and :Entity); for either write :A|B")
    return found, end


def in_order(found: Collection[str]) -> list[str]:
    """The labels or types in the order of the vocabulary."""
    return [name for name in (*LABELS, *TYPES) if name in found]


def _either(parts: Tokens, at: int, names: Names) -> tuple[frozenset[str], int]:
    found, at = _both(parts, at, names)
    while at < len(parts) and parts[at].is_mark("|"):
        at += 1
        if at < len(parts) and parts[at].is_mark(":"):  # the old way to write it
            at += 1
        more, at = _both(parts, at, names)
        found |= more
    return found, at


def _both(parts: Tokens, at: int, names: Names) -> tuple[frozenset[str], int]:
    found, at = _one(parts, at, names)
    while at < len(parts) and parts[at].is_mark("&", ":"):
        more, at = _one(parts, at + 1, names)
        found &= more
    return found, at


def _one(parts: Tokens, at: int, names: Names) -> tuple[frozenset[str], int]:
    everything = frozenset().union(*names.values())
    part = parts[at] if at < len(parts) else Token("mark", "")
    if part.is_mark("!"):
        found, at = _one(parts, at + 1, names)
        return everything - found, at
    if part.is_mark("%"):
        return everything, at + 1
    if part.is_mark("("):
        found, at = _either(parts, at + 1, names)
        return found, at + 1
    if part.kind not in ("word", "quoted"):
        raise QueryError(f"a label or type is missing before {part.text!r}")
    if part.name.casefold() not in names:
        kind, known = ("label", (*LABELS, vocab.ENTITY_LABEL)) if names is NODE_NAMES else ("relationship type", TYPES)
        raise QueryError(f"there is no {kind} {part.name[:60]!r}; there are {', '.join(known)}")
    return names[part.name.casefold()], at + 1
