"""Evidence → statements: one for each subject, predicate, object and sign, with support and confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.model import EvidenceRow, MentionRow, StatementRow
from kg.resolve.census import SCALE
from kg.resolve.collect import (
    CYCLE,
    E_END,
    E_EXTRACTOR,
    E_NEGATED,
    E_OBJECT,
    E_OBJECT_END,
    E_PAPER,
    E_PREDICATE,
    E_SCORE,
    E_START,
    E_SUBJECT,
    E_TRUST,
    M_EXTRACTOR,
    PREDICATES,
    UNSURE,
    Collected,
)
from kg.resolve.columns import NONE, Rows, distinct, sorted_rows
from kg.resolve.cycles import weakest_edges
from kg.text import digest
from kg.vocab import ENTITY_TYPES, ROLE_PREDICATES

CERTAIN = 0.9999
"""No confidence is higher: papers can be misread together."""

_STATEMENT = [E_PREDICATE, E_SUBJECT, E_OBJECT, E_NEGATED]
Table = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements in their stored order, their evidence, and the parents of each entity (by number)."""

    statements: Rows[StatementRow]
    evidence: Rows[EvidenceRow]
    parents: dict[int, list[int]]
    papers: NDArray[np.int64]
    dropped: dict[str, int]


def noisy_or(trust: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The confidence of each statement from what each of its papers is worth, 4 decimals, at most `CERTAIN`.

    1 - Π (1 - t): the papers are taken as independent witnesses, each of them right with probability t (Pearl 1988,
    noisy-or; Agichtein & Gravano 2000 score extracted tuples so). `starts`: where each statement begins in `trust`.
    """
    if not len(starts):
        return np.empty(0)
    doubt = np.add.reduceat(np.log1p(-np.minimum(trust, CERTAIN)), starts)
    return np.asarray(np.round(np.minimum(-np.expm1(doubt), CERTAIN), 4), np.float64)


def build_statements(
    collected: Collected, papers: Sequence[str], entities: Sequence[str], *, minimum: float
) -> Statements:
    """Group the evidence; `papers` and `entities` are the ids by number."""
    table = collected.evidence.table()
    names, table = _ranked(collected, table, E_EXTRACTOR)
    order = [*range(E_SCORE), E_TRUST, E_SCORE]
    table = sorted_rows(table, order)
    first = distinct(table, _STATEMENT)
    group = np.cumsum(first) - 1
    confidence, support = _weigh(table, group)
    keep, dropped = _kept(table[first], confidence, support, minimum)
    table = table[keep[group]]
    heads, confidence, support = table[distinct(table, _STATEMENT)], confidence[keep], support[keep]
    ids = _ids(heads, papers, entities)
    parents: dict[int, list[int]] = {}
    family = PREDICATES.index("subclassOf")
    for row in heads[(heads[:, E_PREDICATE] == family) & (heads[:, E_NEGATED] == 0)].tolist():
        parents.setdefault(row[E_SUBJECT], []).append(row[E_OBJECT])
    roles = [PREDICATES.index(name) for name in ROLE_PREDICATES]
    mentioned = heads[np.isin(heads[:, E_PREDICATE], roles)][:, E_OBJECT]

    def statement(index: int) -> StatementRow:
        predicate, subject, object, negated = heads[index, _STATEMENT].tolist()
        return StatementRow(
            id=f"s{ids[index]:016x}",
            subject=papers[subject] if PREDICATES[predicate] in ROLE_PREDICATES else entities[subject],
            predicate=PREDICATES[predicate],
            object=entities[object],
            negated=bool(negated),
            support=int(support[index]),
            confidence=float(confidence[index]),
        )

    return Statements(
        Rows(len(heads), statement),
        _evidence(collected, table, ids, names, papers),
        parents,
        np.bincount(mentioned, minlength=len(entities)),
        dropped,
    )


def _ranked(collected: Collected, table: Table, column: int) -> tuple[list[str], Table]:
    """The table with the numbers of extractors in the order of their names."""
    names, ranks = collected.extractors.ranks()
    table = table.copy()
    if len(table):
        table[:, column] = ranks[table[:, column]]
    return names, table


def _weigh(table: Table, group: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Confidence and support of each group; of several places in one paper the best counts."""
    if not len(table):
        return np.empty(0), np.empty(0, np.int64)
    voices = np.flatnonzero(distinct(table, [*_STATEMENT, E_PAPER]))
    trust = np.maximum.reduceat(table[:, E_TRUST], voices) / SCALE
    starts = np.searchsorted(group[voices], np.arange(group[-1] + 1))
    return noisy_or(trust, starts), np.bincount(group[voices])


def _kept(
    heads: Table, confidence: NDArray[np.float64], support: NDArray[np.int64], minimum: float
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which statements stay: sure enough, and no cycle of `subclassOf`."""
    keep = np.asarray(confidence >= minimum)
    dropped = {UNSURE: int((~keep).sum())}
    family = keep & (heads[:, E_PREDICATE] == PREDICATES.index("subclassOf")) & (heads[:, E_NEGATED] == 0)
    places = np.flatnonzero(family).tolist()
    edges = {
        (int(heads[i, E_SUBJECT]), int(heads[i, E_OBJECT])): (round(float(confidence[i]) * SCALE), int(support[i]))
        for i in places
    }
    broken = weakest_edges(edges)
    for place in places:
        if (int(heads[place, E_SUBJECT]), int(heads[place, E_OBJECT])) in broken:
            keep[place] = False
    return keep, dropped | {CYCLE: len(broken)}


def _ids(heads: Table, papers: Sequence[str], entities: Sequence[str]) -> NDArray[np.uint64]:
    """The hashes that the statements' ids are made of."""
    found = np.empty(len(heads), np.uint64)
    for place, (predicate, subject, object, negated) in enumerate(heads[:, _STATEMENT].tolist()):
        name = PREDICATES[predicate]
        who = papers[subject] if name in ROLE_PREDICATES else entities[subject]
        found[place] = int(digest(who, name, entities[object], "-" if negated else "+"), 16)
    return found


def _evidence(
    collected: Collected, table: Table, ids: NDArray[np.uint64], names: list[str], papers: Sequence[str]
) -> Rows[EvidenceRow]:
    """All evidence in its stored order; of rows that differ in their score alone the best."""
    about = ids[np.cumsum(distinct(table, _STATEMENT)) - 1] if len(table) else np.empty(0, np.uint64)
    rank = {name: number for number, name in enumerate(names)}
    results = [
        (0, 0, 0, 0, paper, *clause, *(subject or (NONE, NONE)), *value, rank[extractor], round(score * SCALE), 0)
        for _, paper, clause, subject, value, extractor, score in collected.result_evidence
    ]
    of_results = np.array([int(key[1:], 16) for key, *_ in collected.result_evidence], np.uint64)
    table = np.concatenate([np.array(results, np.int32).reshape(-1, E_TRUST + 1), table])
    about = np.concatenate([of_results, about])
    kind = np.repeat(np.array([0, 1], np.int8), [len(results), len(table) - len(results)])
    places = range(E_PAPER, E_EXTRACTOR + 1)
    order = np.lexsort([-table[:, E_SCORE], *(table[:, c] for c in reversed(places)), about, kind])
    table, about, kind = table[order], about[order], kind[order]
    if len(table) > 1:
        same = np.zeros(len(table), np.bool_)
        same[1:] = (about[1:] == about[:-1]) & (kind[1:] == kind[:-1]) & ~distinct(table, list(places))[1:]
        table, about, kind = table[~same], about[~same], kind[~same]

    def evidence(index: int) -> EvidenceRow:
        row = table[index].tolist()
        what = f"{'s' if kind[index] else 'r'}{about[index]:016x}"
        paper, extractor = papers[row[E_PAPER]], names[row[E_EXTRACTOR]]
        places = [None if number == NONE else number for number in row[E_START : E_OBJECT_END + 1]]
        return EvidenceRow(
            id=f"e{digest(what, paper, *map(str, places), extractor)}",
            about=what,
            paper=paper,
            start=row[E_START],
            end=row[E_END],
            subject_start=places[2],
            subject_end=places[3],
            object_start=places[4],
            object_end=places[5],
            extractor=extractor,
            score=row[E_SCORE] / SCALE,
        )

    return Rows(len(table), evidence)


def mention_rows(collected: Collected, papers: Sequence[str], entities: Sequence[str]) -> Rows[MentionRow]:
    """All mentions in their stored order: paper, start, end, entity."""
    names, table = _ranked(collected, collected.mentions.table(), M_EXTRACTOR)
    table = sorted_rows(table, range(4))
    forms = collected.forms.texts

    def mention(index: int) -> MentionRow:
        paper, start, end, entity, form, type, extractor, score = table[index].tolist()
        return MentionRow(
            papers[paper],
            entities[entity],
            forms[form],
            start,
            end,
            ENTITY_TYPES[type],
            names[extractor],
            score / SCALE,
        )

    return Rows(len(table), mention)
