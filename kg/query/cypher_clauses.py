"""The clauses of a Cypher query, and how its columns are called. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from kg.errors import QueryError
from kg.query.cypher_tokens import Token, Tokens, split, top_level

CLAUSES = frozenset(
    ("MATCH", "OPTIONAL", "WHERE", "RETURN", "WITH", "UNWIND", "ORDER", "SKIP", "LIMIT", "UNION", "CALL")
)


def clauses(parts: Tokens) -> Iterator[tuple[list[Token], list[Token]]]:
    """(keywords, rest) of each clause; what stands before the first has no keywords."""
    head: list[Token] = []
    body: list[Token] = []
    top = set(top_level(parts))
    for at, part in enumerate(parts):
        is_with = part.is_word("WITH") and at > 0 and parts[at - 1].is_word("STARTS", "ENDS")
        is_name = at > 0 and (parts[at - 1].is_mark(".", ":", "|") or parts[at - 1].is_word("AS"))
        if at in top and part.is_word(*CLAUSES) and not is_with and not is_name:
            if not (head and head[-1].is_word("OPTIONAL") and not body):
                yield head, body
                head, body = [], []
            head.append(part)
        else:
            body.append(part)
    yield head, body


def column_names(parts: Tokens, text: str) -> list[str] | None:
    """What the columns are called: as in Neo4j, what the query says. None where RETURN has a star, or is not there."""
    places = [at for at in top_level(parts) if parts[at].is_word("RETURN")]
    if not places:
        return None
    rest = parts[places[0] + 1 :]
    ends = [
        at for at in top_level(rest) if rest[at].is_word("ORDER", "SKIP", "LIMIT", "UNION") or rest[at].is_mark(";")
    ]
    items = split(rest[: ends[0]] if ends else rest)
    if items[0] and items[0][0].is_word("DISTINCT"):
        items[0] = items[0][1:]
    names = []
    for item in items:
        if not item or item[-1].is_mark("*"):
            return None
        alias = [at for at in top_level(item) if item[at].is_word("AS")]
        named = alias and alias[-1] == len(item) - 2
        names.append(item[-1].name if named else " ".join(text[item[0].start : item[-1].end].split()))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryError(f"two columns are called {twice[0]!r}: name one of them with AS")
    return names
