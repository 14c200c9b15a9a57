"""Rows of a graph directory by id, many at once, as the records of cards. Reading only; no judgement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from kg.query.cards import Mark, Quote, Ref, ResultLine
from kg.store import GraphDir

_RESULT_COLUMNS = (
    "r.id, r.paper, r.subject, r.metric, r.dataset, r.baseline, r.value, r.mode, r.low, r.high, r.unit, "
    "r.higher_is_better, r.confidence"
)


def refs(graph: GraphDir, ids: Iterable[str | None]) -> dict[str, Ref]:
    """The entities with these ids, by id, with the names of what they are kinds of."""
    wanted = sorted({id_ for id_ in ids if id_})
    if not wanted:
        return {}
    rows = graph.query(
        "SELECT id, type, name, papers, parents FROM entities WHERE id IN (SELECT unnest(?::VARCHAR[]))", [wanted]
    )
    above = sorted({parent for row in rows for parent in row[4] or ()})
    names = dict(
        graph.query(
            "SELECT id, name FROM entities WHERE id IN (SELECT unnest(?::VARCHAR[])) ORDER BY papers DESC, id", [above]
        )
    )
    return {
        id_: Ref(id_, type_, name, papers, tuple(name for p, name in names.items() if p in (parents or ())))
        for id_, type_, name, papers, parents in rows
    }


def papers(graph: GraphDir, ids: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """Title, date and text of the papers with these ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = graph.query(
        "SELECT id, title, date, abstract FROM papers WHERE id IN (SELECT unnest(?::VARCHAR[]))", [wanted]
    )
    return {id_: (title, date, f"{title}\n{abstract}" if title else abstract) for id_, title, date, abstract in rows}


def quotes(
    graph: GraphDir, about: Iterable[str], *, each: int, paper: str | None = None
) -> dict[str, tuple[Quote, ...]]:
    """For each statement or result up to `each` sentences, one a paper while there are several; the surest first.

    `paper` keeps only those of one paper.
    """
    wanted = sorted(set(about))
    if not wanted or each < 1:
        return {}
    rows = graph.query(
        """
        SELECT about, paper, start, "end", subject_start, subject_end, object_start, object_end, extractor, score
        FROM (
            SELECT *, row_number() OVER (PARTITION BY about ORDER BY nth, score DESC, paper, start, id) AS place
            FROM (
                SELECT *, row_number() OVER (PARTITION BY about, paper ORDER BY score DESC, start, id) AS nth
                FROM evidence WHERE about IN (SELECT unnest(?::VARCHAR[])) AND paper = coalesce(?, paper)
            )
        ) WHERE place <= ? ORDER BY about, place
        """,
        [wanted, paper, each],
    )
    known = papers(graph, (row[1] for row in rows))
    found: dict[str, list[Quote]] = defaultdict(list)
    for row in rows:
        if row[1] in known:
            found[row[0]].append(_quote(row, *known[row[1]]))
    return {key: tuple(value) for key, value in found.items()}


def _quote(row: Sequence[Any], title: str, date: str, text: str) -> Quote:
    _, paper, start, end, subject_start, subject_end, object_start, object_end, extractor, score = row
    while start < end and text[start : start + 1].isspace():
        start += 1
    while end > start and text[end - 1 : end].isspace():
        end -= 1
    alone = subject_start is None
    spans = ((subject_start, subject_end, "subject"), (object_start, object_end, "mention" if alone else "object"))
    marks = sorted(
        (Mark(a - start, b - start, what) for a, b, what in spans if a is not None and start <= a < b <= end),
        key=lambda mark: (mark.start, -mark.end),
    )
    return Quote(paper, title, date, start, end, text[start:end], tuple(marks), extractor, score)


def results(graph: GraphDir, condition: str, values: Sequence[object], *, limit: int) -> tuple[ResultLine, ...]:
    """The results `r` that fulfil `condition`, the surest first, with what they are about and the sentence."""
    rows = graph.query(
        f"SELECT {_RESULT_COLUMNS} FROM results r WHERE {condition} ORDER BY r.confidence DESC, r.paper, r.id LIMIT ?",
        [*values, limit],
    )
    things = refs(graph, (id_ for row in rows for id_ in row[2:6]))
    known = papers(graph, (row[1] for row in rows))
    said = quotes(graph, (row[0] for row in rows), each=1)
    return tuple(_result(row, things, known, said) for row in rows)


def _result(
    row: Sequence[Any],
    things: dict[str, Ref],
    known: dict[str, tuple[str, str, str]],
    said: dict[str, tuple[Quote, ...]],
) -> ResultLine:
    id_, paper, subject, metric, dataset, baseline, value, mode, low, high, unit, better, confidence = row
    title, date, _ = known.get(paper, ("", "", ""))
    return ResultLine(
        id=id_,
        paper=paper,
        title=title,
        date=date,
        subject=things.get(subject),
        metric=things.get(metric),
        dataset=things.get(dataset),
        baseline=things.get(baseline),
        value=value,
        mode=mode,
        low=low,
        high=high,
        unit=unit,
        higher_is_better=better,
        confidence=confidence,
        quote=said.get(id_, (None,))[0],
    )


def kinds_of(graph: GraphDir, entity: str, *, depth: int = 6) -> list[Ref]:
    """What is a kind of `entity`, directly or not, the best known first."""
    found: dict[str, None] = {}
    level: Collection[str] = [entity]
    for _ in range(depth):
        rows = graph.query(
            "SELECT id FROM entities WHERE list_has_any(parents, ?::VARCHAR[]) ORDER BY id", [sorted(level)]
        )
        level = [id_ for (id_,) in rows if id_ not in found and id_ != entity]
        if not level:
            break
        found.update(dict.fromkeys(level))
    known = refs(graph, found)
    return sorted(known.values(), key=lambda ref: (-ref.papers, ref.id))
