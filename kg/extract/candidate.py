"""A candidate form of a document, and the material that candidates are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kg.extract.state import Coined, Hit, Pair

Span = tuple[int, int]


@dataclass(slots=True)
class Candidate:
    """One form of the document with all places where it was found."""

    key: str
    spans: list[Span] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    terms: tuple[str, ...] = ()
    features: list[str] = field(default_factory=list)
    neural: tuple[float, ...] = ()  # log-odds of each type by the tagger, best over the occurrences; () without one


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that the candidates of one document are made from."""

    text: str  # the view
    title_end: int
    sentences: Sequence[Span]
    hits: Sequence[Hit]
    pairs: Sequence[Pair]
    coined: Sequence[Coined]
    links: Sequence[Span]
    term_types: Mapping[str, tuple[str, str]]  # term id -> (type, kind)
    tagged: Sequence[tuple[int, int, str, float]] = ()
