"""What `kg show` tells of one thing, as frozen records; `kg.query.show` fills them, the command line renders them.

Offsets count Unicode code points: a Quote's `start` and `end` in the text of its paper, a Mark's in the Quote's text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """Another thing of the graph: `kinds` are the names of what it is a kind of, the best known first."""

    id: str
    type: str
    name: str
    papers: int = 0
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a quote: `what` is "subject", "object" or "mention"."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a paper, and where the things stand in it."""

    paper: str
    title: str
    date: str
    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]
    extractor: str
    score: float


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper that knows an entity, with the sentence of its best mention."""

    id: str
    title: str
    date: str
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """The papers in which an entity has one role: `total` of them, the newest in `papers`."""

    role: str
    phrase: str
    total: int
    papers: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True)
class EntityLine:
    """An entity of a paper, with the sentence of its best mention."""

    entity: Ref
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class EntityGroup:
    """The entities that have one role in a paper."""

    role: str
    phrase: str
    entities: tuple[EntityLine, ...]


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A number that a paper reports, with the clause that says so. `mode`, `low` and `high` as in results.parquet."""

    id: str
    paper: str
    title: str
    date: str
    subject: Ref | None
    metric: Ref | None
    dataset: Ref | None
    baseline: Ref | None
    value: str
    mode: str
    low: float | None
    high: float | None
    unit: str
    higher_is_better: bool | None
    confidence: float
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class RelationLine:
    """One statement, told from `one` end: `one predicate other`, or the other way round in an incoming group.

    `one` is the entity of the card, or one of its kinds (LLaMA-7B on the card of LLaMA). For what is applied to a
    model `on` holds the data sets and `results` the numbers of the same papers.
    """

    statement: str
    one: Ref
    other: Ref
    negated: bool
    support: int
    confidence: float
    quotes: tuple[Quote, ...]
    on: tuple[Ref, ...] = ()
    results: tuple[ResultLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationGroup:
    """The statements of one predicate and direction ("out", "in", "both" for a symmetric one); `total` there are."""

    predicate: str
    direction: str
    phrase: str
    total: int
    lines: tuple[RelationLine, ...]


@dataclass(frozen=True, slots=True)
class EntityCard:
    """All about an entity. `results` and what is applied to it include those of its kinds."""

    id: str
    type: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    links: tuple[str, ...]
    papers: int
    parents: tuple[Ref, ...]
    children: tuple[Ref, ...]
    children_total: int
    roles: tuple[RoleGroup, ...]
    relations: tuple[RelationGroup, ...]
    results: tuple[ResultLine, ...]
    results_total: int


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement between two entities that a paper makes."""

    statement: str
    subject: Ref
    predicate: str
    phrase: str
    object: Ref
    negated: bool
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class PaperCard:
    """All about a paper."""

    id: str
    title: str
    abstract: str
    date: str
    date_precision: str
    authors: tuple[str, ...]
    venue: str
    sources: tuple[str, ...]
    source_ids: tuple[str, ...]
    urls: tuple[str, ...]
    entities: tuple[EntityGroup, ...]
    relations: tuple[Stated, ...]
    results: tuple[ResultLine, ...]
