"""Which Cypher may be asked: what only reads the graph. Pure; works on tokens, so names and texts say what they like.

Two rules, each enough by itself. A statement is made of clauses that read: a word that can only be a keyword must be
one of those that are known here. And a word that writes, reads files or loads code is refused wherever it is no name.
"""

from __future__ import annotations

from kg.errors import QueryError
from kg.query.cypher_tokens import Token, Tokens

# Words that may begin a statement
BEGIN = frozenset(("MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "CALL"))
# Words that may follow something that is complete
FOLLOW = BEGIN | frozenset(
    (
        *("WHERE", "ORDER", "BY", "ASC", "ASCENDING", "DESC", "DESCENDING", "SKIP", "LIMIT", "UNION", "ALL"),
        *("AS", "DISTINCT", "YIELD", "AND", "OR", "XOR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE"),
        *("STARTS", "ENDS", "CONTAINS", "CASE", "WHEN", "THEN", "ELSE", "END", "EXISTS", "COUNT"),
        *("TRAIL", "ACYCLIC", "WALK", "SHORTEST", "WSHORTEST"),
    )
)
# Keywords after which something is still missing
_OPEN = FOLLOW - frozenset(("NULL", "END", "ASC", "ASCENDING", "DESC", "DESCENDING", "TRUE", "FALSE"))

_CHANGES = "changes the graph, and it can only be read"
_FILES = "reads or writes files, and a query touches nothing but the graph"
_ENGINE = "changes the engine, and a query only reads the graph"
REFUSED: dict[str, str] = {
    **dict.fromkeys(("CREATE", "MERGE", "SET", "DELETE", "DETACH", "REMOVE"), _CHANGES),
    **dict.fromkeys(("DROP", "ALTER", "FOREACH", "RENAME"), _CHANGES),
    **dict.fromkeys(("COPY", "LOAD", "EXPORT", "IMPORT"), _FILES),
    **dict.fromkeys(("INSTALL", "UNINSTALL", "UPDATE", "ATTACH", "USE", "FORCE"), _ENGINE),
    **dict.fromkeys(("BEGIN", "COMMIT", "ROLLBACK", "CHECKPOINT", "COMMENT", "MACRO"), _ENGINE),
}
CALLS = frozenset(("show_tables", "table_info", "show_connection", "show_functions", "db_version"))


def check(parts: Tokens) -> None:
    """Raise QueryError, with a sentence, for a query that is not one statement that only reads."""
    if parts and parts[-1].is_mark(";"):
        parts = parts[:-1]
    if not parts:
        raise QueryError("the query is empty")
    if any(part.is_mark(";") for part in parts):
        raise QueryError("one statement at a time: take out the ';' and what follows it")
    begins = True
    for at, part in enumerate(parts):
        before = parts[at - 1] if at else None
        after = parts[at + 1] if at + 1 < len(parts) else None
        if part.kind == "word" and not _is_name(parts, at):
            word = part.text.upper()
            if word in REFUSED:
                raise QueryError(f"{word} {REFUSED[word]} (if it is a name, put it between back-ticks: `{part.text}`)")
            if begins and word in ("EXPLAIN", "PROFILE"):
                continue
            if begins and word not in BEGIN and word != "ALL":
                raise QueryError(f"a query begins with {', '.join(sorted(BEGIN))}, not with {part.text[:40]!r}")
            if before is not None and _is_complete(parts, at - 1) and word not in FOLLOW:
                said = f"{part.text[:40]!r} is not expected after {before.text[:40]!r}"
                raise QueryError(f"{said}: no such clause is known here")
            if word == "CALL":
                _check_call(after, parts[at + 2] if at + 2 < len(parts) else None)
            begins = word == "UNION" or (word == "ALL" and begins)
        elif begins:
            raise QueryError(f"a query begins with {', '.join(sorted(BEGIN))}, not with {part.text[:40]!r}")


def _is_name(parts: Tokens, at: int) -> bool:
    """Whether a word is surely a name: of a property, a label, a column or the key of a map."""
    before = parts[at - 1] if at else None
    if before is not None and before.is_mark("."):  # but "1." might be a number to the engine
        return at < 2 or parts[at - 2].kind != "number"
    if before is not None and (before.is_mark(":", "|", "&", "!") or before.is_word("AS")):
        return True
    follows = at + 1 < len(parts) and parts[at + 1].is_mark(":")
    return follows and before is not None and before.is_mark("{", ",")


def _is_complete(parts: Tokens, at: int) -> bool:
    """Whether what ends with this token needs nothing after it, so that a word that follows is a keyword."""
    part = parts[at]
    if part.kind == "word":
        return _is_name(parts, at) or part.text.upper() not in _OPEN
    if part.is_mark("*"):  # all columns, unless it is a product or the reach of a relationship
        return at > 0 and (parts[at - 1].is_word("RETURN", "WITH", "DISTINCT") or parts[at - 1].is_mark(","))
    return part.kind != "mark" or part.text in (")", "]", "}")


def _check_call(name: Token | None, bracket: Token | None) -> None:
    known = f"only {', '.join(sorted(CALLS))} can be called"
    if name is not None and name.is_mark("{"):
        raise QueryError("CALL { … } is not known here: write what it holds before the rest, and WITH between them")
    called = name.text if name is not None and name.kind == "word" else ""
    if called.lower() not in CALLS or bracket is None or not bracket.is_mark("("):
        raise QueryError(f"CALL {called[:40]} is not allowed: {known}")
