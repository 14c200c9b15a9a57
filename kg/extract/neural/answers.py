"""What the model is asked about and what it answers."""

from __future__ import annotations

from typing import NamedTuple


class MentionSpan(NamedTuple):
    """`text[start:end]` is a mention of a thing of this type."""

    start: int
    end: int
    type: str
    score: float


class EntitySpans(NamedTuple):
    """An entity of one text: the code-point spans of its mentions, and its type."""

    spans: tuple[tuple[int, int], ...]
    type: str


class Attributes(NamedTuple):
    """What an entity is: kind and role with their probabilities, and how sure it is that it is an entity at all."""

    kind: str
    kind_p: float
    role: str
    role_probs: dict[str, float]
    keep: float


class Link(NamedTuple):
    """A relation between entities `head` and `tail` (indices)."""

    head: int
    predicate: str
    tail: int
    score: float


class ResultLink(NamedTuple):
    """Value `value` (index) is a result; the others are entity indices or None."""

    value: int
    subject: int | None
    metric: int | None
    dataset: int | None
    baseline: int | None
    score: float
