"""Hand-made papers: what an extraction would hold, without extracting anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kg.model import DocEntity, DocRelation, DocResult, Extraction, Mention, Paper
from kg.resolve import NoTerms, Resolution, Resolver, Rule, TermLookup
from kg.vocab import KINDS

Record = tuple[Paper, Extraction]


@dataclass(frozen=True)
class Known:
    """A term of a lexicon for tests."""

    name: str
    type: str
    forms: tuple[str, ...] = ()
    kind: str = "named"
    parent: str | None = None
    ambiguous: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.type.lower()}/{self.name.lower().replace(' ', '-')}"


class Terms:
    """A lexicon of a few terms, looked up by exact form."""

    def __init__(self, *terms: Known) -> None:
        self._terms = terms

    def lookup(self, form: str, type: str | None = None) -> Known | None:
        """The first term with that form."""
        fit = [t for t in self._terms if form in (t.name, *t.forms) and type in (None, t.type)]
        return min(fit, key=lambda t: t.id, default=None)


@dataclass(frozen=True)
class Thing:
    """An entity of a paper: its forms, the first is the name; `short` are those that the text explains."""

    type: str
    forms: tuple[str, ...]
    short: tuple[str, ...] = ()
    role: str = "mentioned"
    kind: str = ""
    score: float = 0.9
    role_score: float = 1.0


def thing(type: str, *forms: str, **more: object) -> Thing:
    """A thing; a form "Lattice Kite Attention|LKA" is a long form and the abbreviation that the text gives of it."""
    written = tuple(part for form in forms for part in form.split("|"))
    short = tuple(part for form in forms for part in form.split("|")[1:])
    return Thing(type, written, short, **more)  # type: ignore[arg-type]


def paper(id: str, *things: Thing, relations: Sequence[tuple[Any, ...]] = (), links: Sequence[str] = ()) -> Record:
    """A paper whose text names the things, one sentence each.

    Relations are (number of the head, predicate, number of the tail[, score[, negated]]).
    """
    text, entities, sentences = "", [], []
    for one in things:
        mentions, start = [], len(text)
        text += "It has "
        for form in one.forms:
            mentions.append(Mention(len(text), len(text) + len(form), form, "hand", one.score))
            text += f"{form}, "
        text += "you see. "
        sentences.append((start, len(text) - 1))
        kind = one.kind or KINDS[one.forms[0].islower() and one.forms[0].replace(" ", "").isalpha()]
        entities.append(
            DocEntity(one.forms[0], one.type, kind, one.role, one.score, tuple(mentions), "", one.short, one.role_score)
        )
    found = []
    for head, predicate, tail, *rest in relations:
        first, second = entities[head].mentions[0], entities[tail].mentions[0]
        score, negated = (*rest, *(0.8, False)[len(rest) :])
        spans = ((first.start, first.end), (second.start, second.end))
        found.append(DocRelation(head, predicate, tail, 0, len(text), *spans, "hand", score, negated))
    return Paper(id, "", text), Extraction(id, tuple(entities), tuple(found), (), tuple(links), tuple(sentences))


def with_results(record: Record, *results: DocResult) -> Record:
    """The paper with results."""
    text, found = record
    return text, Extraction(
        found.paper, found.entities, found.relations, results, found.links, found.sentences, found.notes
    )


def resolve(
    *records: Record, lexicon: TermLookup | None = None, rules: Sequence[Rule] = (), min_confidence: float = 0.0
) -> Resolution:
    """The graph of some papers."""
    return Resolver(lexicon or NoTerms(), rules).resolve(lambda: iter(records), min_confidence=min_confidence)


def entity_of(graph: Resolution, paper: str, form: str) -> str:
    """The one entity that `form` is a mention of in a paper."""
    found = {row.entity for row in graph.mentions if row.paper == paper and row.form == form}
    assert len(found) == 1, (paper, form, found)
    return found.pop()


def as_lists(graph: Resolution) -> dict[str, object]:
    """Everything that a resolution holds, for comparing."""
    names = ("entities", "mentions", "statements", "evidence", "results", "merges")
    return {name: list(getattr(graph, name)) for name in names} | {"counts": dict(sorted(graph.counts.items()))}


def unescaped(cell: str) -> str:
    """A cell of a table of the tests: {U+00A0} stands for that character."""
    return re.sub(r"\{U\+([0-9A-F]{4,6})\}", lambda match: chr(int(match.group(1), 16)), cell)
