"""What the components hand to each other on a `Doc`: plain tuples in extension attributes.

They hold only numbers and strings, so that a `Doc` can be written to bytes, put in a `DocBin` and sent between
processes. After a round trip tuples come back as lists; `get` gives the records back in either case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from spacy.tokens import Doc

from kg.extract.view import View, read_view

ATTRIBUTES = (
    "kg_title_end", "kg_view", "kg_sentences", "kg_links", "kg_lexicon", "kg_abbreviations", "kg_coined", "kg_mentions",
    "kg_entities", "kg_relations", "kg_results", "kg_notes",
)  # fmt: skip


class Hit(NamedTuple):
    """A form of the lexicon: ids of the terms it may be."""

    start: int
    end: int
    terms: tuple[str, ...]
    ambiguous: bool


class Pair(NamedTuple):
    """A long form and the abbreviation that the text defines for it."""

    long_start: int
    long_end: int
    short_start: int
    short_end: int


class Coined(NamedTuple):
    """A name that the text coins or declares: `type` "" if nothing says it, `cue` names the pattern that found it."""

    start: int
    end: int
    type: str
    cue: str
    own: bool  # whether this paper presents it


class Found(NamedTuple):
    """A mention that was decided on."""

    start: int
    end: int
    type: str
    extractor: str
    score: float
    term: str
    key: str  # under which it was decided
    kind: str
    role: str
    role_score: float


class Thing(NamedTuple):
    """An entity of the document: indices into the mentions."""

    name: str
    type: str
    kind: str
    role: str
    role_score: float
    score: float
    mentions: tuple[int, ...]
    term: str
    short_forms: tuple[str, ...]


class Link(NamedTuple):
    """A relation of the document, as `kg.model.DocRelation`."""

    head: int
    predicate: str
    tail: int
    start: int
    end: int
    head_start: int
    head_end: int
    tail_start: int
    tail_end: int
    extractor: str
    score: float
    negated: bool


class Outcome(NamedTuple):
    """A result of the document, as `kg.model.DocResult`; -1 stands for none."""

    subject: int
    metric: int
    dataset: int
    baseline: int
    start: int
    end: int
    clause_start: int
    clause_end: int
    mode: str
    low: float | None
    high: float | None
    unit: str
    higher_is_better: bool | None
    extractor: str
    score: float


R = TypeVar("R", bound=tuple[Any, ...])


def register() -> None:
    """Make the extension attributes known to spaCy; may be called again."""
    for name in ATTRIBUTES:
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


def put(doc: Doc, name: str, records: Iterable[Any]) -> None:
    """Store records under `doc._.<name>`."""
    doc._.set(name, list(records))


def get(doc: Doc, name: str, record: type[R]) -> list[R]:
    """The records under `doc._.<name>`; [] where no component has written any."""
    stored = doc._.get(name) or []
    return [
        r if isinstance(r, record) else record(*(tuple(f) if isinstance(f, list) else f for f in r)) for r in stored
    ]


def spans(doc: Doc, name: str) -> list[tuple[int, int]]:
    """Plain spans under `doc._.<name>`."""
    return [(int(s), int(e)) for s, e in doc._.get(name) or []]


def _reading(doc: Doc) -> tuple[str, str, tuple[tuple[int, int], ...]]:
    """Text, view and atoms, made once a document: `Doc.text` puts the text together from its tokens on every call."""
    stored = doc._.get("kg_view")
    if stored is None:
        text = str(doc.text)
        view = read_view(text)
        stored = (text, view.text, view.atoms)
        doc._.set("kg_view", stored)
    return stored[0], stored[1], tuple((int(s), int(e)) for s, e in stored[2])


def get_text(doc: Doc) -> str:
    """The text of the document."""
    return _reading(doc)[0]


def get_view(doc: Doc) -> View:
    """The reading of the text that every component looks at."""
    _, text, atoms = _reading(doc)
    return View(text, atoms)


MAX_READ = 1_000_000
"""Characters of a text in which names and statements are looked for; what lies beyond is noted, not read."""
MAX_STRETCH = 2_000
"""Characters of one sentence that a pattern looks at together; a longer one is read in pieces."""

MAX_WORD = 10_000
"""Characters of the longest word that may be a name."""


def stretches(sentences: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Sentences as patterns read them: none longer than `MAX_STRETCH` (cut at a blank), none beyond `MAX_READ`."""
    pieces = []
    for start, end in sentences:
        if start >= MAX_READ:
            break
        while end - start > MAX_STRETCH:
            if end - start < MAX_STRETCH + MAX_WORD and text.count(" ", start, end) < MAX_STRETCH // 5:
                break  # few words, one of them very long
            cut = text.rfind(" ", start + 1, start + MAX_STRETCH) + 1 or start + MAX_STRETCH
            pieces.append((start, cut))
            start = cut
        pieces.append((start, min(end, MAX_READ)))
    return pieces


def title_end(doc: Doc) -> int:
    """Where the title ends: as the caller said, else at the first line break if the first line looks like one."""
    stored = doc._.get("kg_title_end")
    if stored is not None:
        return int(stored)
    text = get_text(doc)
    first = text.find("\n")
    return first if 0 < first <= 300 and not text[:first].rstrip().endswith(".") else 0
