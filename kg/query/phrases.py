"""How people say what a predicate means, from either end; in the order in which a reader wants to know."""

from __future__ import annotations

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def spoken_date(date: str) -> str:
    """A date as people read it: as it is, but a day of an unknown year as "29 Feb", whatever the locale.

    >>> spoken_date("2024-03"), spoken_date("--02-29"), spoken_date("")
    ('2024-03', '29 Feb', '')
    """
    if not date.startswith("--"):
        return date
    month, _, day = date[2:].partition("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]}"


# (predicate, direction) -> phrase, seen from the entity of the card; the order is that of the groups on a card
RELATION_PHRASES: dict[tuple[str, str], str] = {
    ("appliedTo", "in"): "what is applied to it",
    ("appliedTo", "out"): "applied to",
    ("usedFor", "out"): "used for",
    ("usedFor", "in"): "what is used for it",
    ("benchmarkFor", "out"): "a benchmark for",
    ("benchmarkFor", "in"): "benchmarks for it",
    ("evaluatedOn", "out"): "evaluated on",
    ("evaluatedOn", "in"): "what is evaluated on it",
    ("trainedOn", "out"): "trained on",
    ("trainedOn", "in"): "what is trained on it",
    ("outperforms", "out"): "outperforms",
    ("outperforms", "in"): "outperformed by",
    ("comparedWith", "both"): "compared with",
    ("basedOn", "out"): "builds on",
    ("basedOn", "in"): "what builds on it",
    ("measuredBy", "out"): "measured by",
    ("measuredBy", "in"): "what is measured by it",
    ("partOf", "out"): "part of",
    ("partOf", "in"): "its parts",
    ("subtaskOf", "out"): "a subtask of",
    ("subtaskOf", "in"): "its subtasks",
    ("subclassOf", "out"): "a kind of",
    ("subclassOf", "in"): "kinds of it",
}

# predicate -> (what stands between subject and object, the same denied)
STATEMENT_PHRASES: dict[str, tuple[str, str]] = {
    "usedFor": ("is used for", "is not used for"),
    "appliedTo": ("is applied to", "is not applied to"),
    "basedOn": ("builds on", "does not build on"),
    "partOf": ("is part of", "is not part of"),
    "subclassOf": ("is a kind of", "is not a kind of"),
    "trainedOn": ("is trained on", "is not trained on"),
    "evaluatedOn": ("is evaluated on", "is not evaluated on"),
    "measuredBy": ("is measured by", "is not measured by"),
    "comparedWith": ("is compared with", "is not compared with"),
    "outperforms": ("outperforms", "does not outperform"),
    "benchmarkFor": ("is a benchmark for", "is not a benchmark for"),
    "subtaskOf": ("is a subtask of", "is not a subtask of"),
}

# role -> (on an entity's card, before the papers; on a paper's card, before the entities)
ROLE_PHRASES: dict[str, tuple[str, str]] = {
    "introduces": ("introduced in", "introduces"),
    "uses": ("used in", "uses"),
    "comparesWith": ("a competitor in", "compares with"),
    "evaluatesOn": ("test data in", "evaluates on"),
    "trainsOn": ("training data in", "trains on"),
    "measures": ("measured in", "measures"),
    "addresses": ("worked on in", "works on"),
    "mentions": ("mentioned in", "mentions"),
}
