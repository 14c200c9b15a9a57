"""The records that flow through `kg`, all frozen.

    readers ──Paper | Rejected──▶ extract ──Extraction──▶ resolve ──EntityRow, StatementRow …──▶ store

Offsets are Unicode code points into `Paper.text`, half open. Scores lie in [0, 1] and are rounded to 4 decimals.
Predicates and types are the names of `kg.vocab` (camelCase, as in the graph); only `kg extract` writes them
in the snake_case of the annotation guidelines.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as a source gives it, or several merged.

    `title` may be empty: a record may give the whole text alone. `date` is written with the precision that
    `date_precision` names: "day" 2024-03-05, "month" 2024-03, "year" 2024, "month-day" --02-29; "" where there is none.
    `source_ids` are the ids that the sources gave, `sources` the files as "path#record"; `urls` are the metadata's.
    """

    id: str
    title: str
    abstract: str
    date: str = ""
    date_precision: str = ""
    authors: tuple[str, ...] = ()
    venue: str = ""
    sources: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is extracted from, and what every offset points into."""
        return f"{self.title}\n{self.abstract}" if self.title else self.abstract


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record (or a whole unreadable file, `record` "") that could not be used, and why."""

    file: str
    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a user should know about an accepted record (an impossible date that was dropped)."""

    file: str
    record: str
    message: str


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of an entity; `form == text[start:end]`."""

    start: int
    end: int
    form: str
    extractor: str
    score: float


@dataclass(frozen=True, slots=True)
class DocEntity:
    """One thing in one paper with all its mentions (sorted by offset, never empty).

    `name` is its fullest form in the text. `term` is the id of the lexicon term that it was recognised as, "" if none.
    `short_forms` are those forms which this text itself defines as abbreviations of a longer one.
    """

    name: str
    type: str
    kind: str
    role: str
    score: float
    mentions: tuple[Mention, ...]
    term: str = ""
    short_forms: tuple[str, ...] = ()
    role_score: float = 1.0

    @property
    def forms(self) -> tuple[str, ...]:
        """The different forms, in order of first occurrence."""
        return tuple(dict.fromkeys(mention.form for mention in self.mentions))


@dataclass(frozen=True, slots=True)
class DocRelation:
    """A statement of one paper: indices into `Extraction.entities`, where it says so, and how surely.

    `start`/`end` is the sentence (or the stretch of sentences that spans both ends).
    """

    head: int
    predicate: str
    tail: int
    start: int
    end: int
    head_span: Span
    tail_span: Span
    extractor: str
    score: float
    negated: bool = False


@dataclass(frozen=True, slots=True)
class DocResult:
    """A number that the paper reports: entity indices (or None), the value verbatim and parsed, the sentence.

    `mode` is "absolute" (81.2 %), "change" (+2.1) or "ratio" (3.3x); `low`/`high` are equal unless it is a range
    or a bound ("up to 3x": low None). `evidence` is the clause, `start`/`end` the value itself.
    """

    subject: int | None
    metric: int | None
    dataset: int | None
    baseline: int | None
    value: str
    start: int
    end: int
    evidence: Span
    mode: str
    low: float | None
    high: float | None
    unit: str
    higher_is_better: bool | None
    extractor: str
    score: float


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything found in one paper. `sentences` cover the text in order; `links` are verbatim addresses."""

    paper: str
    entities: tuple[DocEntity, ...] = ()
    relations: tuple[DocRelation, ...] = ()
    results: tuple[DocResult, ...] = ()
    links: tuple[str, ...] = ()
    sentences: tuple[Span, ...] = ()
    notes: tuple[str, ...] = field(default=())  # e.g. "text cut at 1,000,000 characters"


# --- rows of the graph directory: one class a table, one field a column -------------------------------------------


@dataclass(frozen=True, slots=True)
class MentionRow:
    """mentions.parquet: `entity` is an id."""

    paper: str
    entity: str
    form: str
    start: int
    end: int
    type: str
    extractor: str
    score: float


@dataclass(frozen=True, slots=True)
class EntityRow:
    """entities.parquet: `aliases` without the name, sorted; `parents` ids; `papers` how many mention it."""

    id: str
    type: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    parents: tuple[str, ...]
    papers: int
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementRow:
    """statements.parquet: relations between entities (ids) and the one role of each entity in each paper.

    For a role `subject` is the paper's id and `predicate` one of `vocab.ROLE_PREDICATES`.
    """

    id: str
    subject: str
    predicate: str
    object: str
    negated: bool
    support: int
    confidence: float


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """evidence.parquet: where `about` (a statement or a result) is said; the sentence and the two ends in it."""

    id: str
    about: str
    paper: str
    start: int
    end: int
    subject_start: int | None
    subject_end: int | None
    object_start: int | None
    object_end: int | None
    extractor: str
    score: float


@dataclass(frozen=True, slots=True)
class ResultRow:
    """results.parquet: subject, metric, dataset and baseline are entity ids or None."""

    id: str
    paper: str
    subject: str | None
    metric: str | None
    dataset: str | None
    baseline: str | None
    value: str
    mode: str
    low: float | None
    high: float | None
    unit: str
    higher_is_better: bool | None
    confidence: float


@dataclass(frozen=True, slots=True)
class MergeRow:
    """merges.parquet: that `form` (of `type` as extracted) became part of `entity`, and why."""

    entity: str
    form: str
    type: str
    reason: str
    score: float
