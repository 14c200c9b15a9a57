"""One thing of the graph and all that is said about it: what `kg show` prints, and its JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from kg.errors import AmbiguousError, NotFoundError
from kg.model import Paper
from kg.query import lookup
from kg.query.cards import (
    EntityCard,
    EntityGroup,
    EntityLine,
    PaperCard,
    PaperLine,
    Quote,
    Ref,
    RelationGroup,
    RelationLine,
    RoleGroup,
    Stated,
)
from kg.query.phrases import RELATION_PHRASES, ROLE_PHRASES, STATEMENT_PHRASES
from kg.query.search import Hit, exact, search
from kg.store import GraphDir
from kg.vocab import ENTITY_TYPES, PAPER, RELATIONS

DEFAULT_LIMIT = 10
_QUOTES = 2  # sentences of a statement
_KINDS = 500  # how many kinds of an entity are asked about with it
_ON = ("evaluatedOn", "trainedOn")


def show(graph: GraphDir | str | Path, name: str, *, limit: int = DEFAULT_LIMIT) -> EntityCard | PaperCard:
    """The card of the entity or paper called `name`: an id, a name, an alias or a title.

    Each group of papers, statements and results holds at most `limit`, and says how many there are. Raises
    AmbiguousError where several things are called so, NotFoundError (with what may be meant) where none is.
    """
    graph = graph if isinstance(graph, GraphDir) else GraphDir.open(graph)
    hit = find(graph, name)
    limit = max(limit, 1)
    return paper_card(graph, hit.id) if hit.type == PAPER else entity_card(graph, hit.id, limit)


def find(graph: GraphDir, name: str) -> Hit:
    """The one thing that is called `name`. `Model/llama` means only models; `paper/ID` only papers.

    What is called exactly so beats what is called so but for case or separators, a name beats an alias.
    """
    hits = exact(graph, name)
    start, slash, rest = name.partition("/")
    type_ = {known.lower(): known for known in (*ENTITY_TYPES, PAPER)}.get(start.strip().lower())
    if not hits and slash and type_:
        hits = [hit for hit in exact(graph, rest) if hit.type == type_]
    best = [hit for hit in hits if (hit.match, hit.score) == (hits[0].match, hits[0].score)]
    if len(best) == 1:
        return best[0]
    if best:
        raise AmbiguousError(_short(name), [f"paper/{hit.id}" if hit.type == PAPER else hit.id for hit in best])
    near = search(graph, name, limit=5)
    meant = (
        "; did you mean " + ", ".join(f"{_short(hit.name)} ({_short(hit.id)})" for hit in near) + "?" if near else ""
    )
    raise NotFoundError(f"nothing here is called {_short(name)!r}{meant}")


def _short(name: str) -> str:
    return name if len(name) <= 80 else name[:79] + "…"


# --- an entity ----------------------------------------------------------------------------------------------------


def entity_card(graph: GraphDir, id_: str, limit: int) -> EntityCard:
    """All that the graph knows of the entity `id_`, at most `limit` things of each kind of edge."""
    row = graph.query("SELECT id, type, kind, name, aliases, links, papers, parents FROM entities WHERE id = ?", [id_])
    _, type_, kind, name, aliases, links, papers, parents = row[0]
    above = lookup.refs(graph, parents or ())
    below = lookup.kinds_of(graph, id_)
    direct = {child for (child,) in graph.query("SELECT id FROM entities WHERE list_contains(parents, ?)", [id_])}
    family = [id_, *(ref.id for ref in below[:_KINDS])]
    about = "(list_contains(?::VARCHAR[], r.subject) OR r.metric = ? OR r.dataset = ? OR r.baseline = ?)"
    values: list[object] = [family, id_, id_, id_]
    return EntityCard(
        id=id_,
        type=type_,
        kind=kind,
        name=name,
        aliases=tuple(aliases or ()),
        links=tuple(links or ()),
        papers=papers,
        parents=tuple(above[p] for p in parents or () if p in above),
        children=tuple(ref for ref in below if ref.id in direct)[: 2 * limit],
        children_total=len(direct),
        roles=_roles(graph, id_, limit),
        relations=_relations(graph, id_, family, limit),
        results=lookup.results(graph, about, values, limit=2 * limit),
        results_total=graph.query(f"SELECT count(*) FROM results r WHERE {about}", values)[0][0],
    )


def _roles(graph: GraphDir, id_: str, limit: int) -> tuple[RoleGroup, ...]:
    rows = graph.query(
        """
        SELECT predicate, id, subject, title, date, total FROM (
            SELECT s.predicate, s.id, s.subject, p.title, p.date, count(*) OVER (PARTITION BY s.predicate) AS total,
                   row_number() OVER (PARTITION BY s.predicate ORDER BY p.date DESC, s.subject) AS place
            FROM statements s JOIN papers p ON p.id = s.subject
            WHERE s.object = ? AND s.predicate IN (SELECT unnest(?::VARCHAR[]))
        ) WHERE place <= ? ORDER BY predicate, place
        """,
        [id_, list(ROLE_PHRASES), limit],
    )
    said = lookup.quotes(graph, (row[1] for row in rows), each=1)
    groups = []
    for role, (phrase, _) in ROLE_PHRASES.items():
        ours = [row for row in rows if row[0] == role]
        if ours:
            lines = tuple(PaperLine(row[2], row[3], row[4], said.get(row[1], (None,))[0]) for row in ours)
            groups.append(RoleGroup(role, phrase, ours[0][5], lines))
    return tuple(groups)


def _relations(graph: GraphDir, id_: str, family: Sequence[str], limit: int) -> tuple[RelationGroup, ...]:
    """Statements about the entity, and what is applied to its kinds: who asks about LLaMA means LLaMA-7B as well."""
    rows = graph.query(
        """
        SELECT id, subject, predicate, object, negated, support, confidence FROM statements
        WHERE predicate IN (SELECT unnest(?::VARCHAR[]))
          AND (subject = ? OR object = ? OR (predicate = 'appliedTo' AND list_contains(?::VARCHAR[], object)))
        ORDER BY (subject = ? OR object = ?) DESC, support DESC,
                 predicate = 'appliedTo' AND subject IN (SELECT subject FROM results) DESC,
                 confidence DESC, predicate, subject, object, negated
        """,
        [list(RELATIONS), id_, id_, list(family), id_, id_],
    )
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        predicate, outgoing = row[2], row[1] == id_
        direction = "both" if RELATIONS[predicate].symmetric else "out" if outgoing else "in"
        groups[predicate, direction].append((row[1], row[3], row) if outgoing else (row[3], row[1], row))
    shown = {key: lines[:limit] for key, lines in groups.items()}
    things = lookup.refs(graph, (end for lines in shown.values() for line in lines for end in line[:2]))
    said = lookup.quotes(graph, (line[2][0] for lines in shown.values() for line in lines), each=_QUOTES)
    details = _Details(graph, shown.get(("appliedTo", "in"), ()))
    return tuple(
        RelationGroup(
            predicate,
            direction,
            phrase,
            len(groups[predicate, direction]),
            tuple(
                _line(things[one], things[other], row, said, details if (predicate, direction) == _APPLIED else None)
                for one, other, row in shown[predicate, direction]
                if one in things and other in things
            ),
        )
        for (predicate, direction), phrase in RELATION_PHRASES.items()
        if (predicate, direction) in groups
    )


_APPLIED = ("appliedTo", "in")


def _line(
    one: Ref, other: Ref, row: Sequence[Any], said: dict[str, tuple[Quote, ...]], details: _Details | None
) -> RelationLine:
    id_, _, _, _, negated, support, confidence = row
    on = details.data_sets(id_, other.id) if details else ()
    results = details.results(id_, other.id) if details else ()
    return RelationLine(id_, one, other, negated, support, confidence, said.get(id_, ()), on, results)


class _Details:
    """For statements "method applied to model": data sets and numbers that the same papers give for the method."""

    def __init__(self, graph: GraphDir, lines: Sequence[tuple[str, str, Sequence[Any]]]) -> None:
        methods = sorted({method for _, method, _ in lines})
        pairs = graph.query(
            "SELECT DISTINCT about, paper FROM evidence WHERE about IN (SELECT unnest(?::VARCHAR[]))",
            [[row[0] for _, _, row in lines]],
        )
        self._papers: dict[str, set[str]] = defaultdict(set)
        for statement, paper in pairs:
            self._papers[statement].add(paper)
        rows = graph.query(
            """
            SELECT DISTINCT s.subject, s.object, e.paper FROM statements s JOIN evidence e ON e.about = s.id
            WHERE s.subject IN (SELECT unnest(?::VARCHAR[])) AND s.predicate IN (SELECT unnest(?::VARCHAR[]))
              AND NOT s.negated
            """,
            [methods, list(_ON)],
        )
        things = lookup.refs(graph, (row[1] for row in rows))
        self._on = sorted(
            ((method, things[data], paper) for method, data, paper in rows if data in things),
            key=lambda row: (-row[1].papers, row[1].id),
        )
        papers = sorted({paper for _, paper in pairs})
        self._results = lookup.results(
            graph,
            "r.subject IN (SELECT unnest(?::VARCHAR[])) AND r.paper IN (SELECT unnest(?::VARCHAR[]))",
            [methods, papers],
            limit=500,
        )

    def data_sets(self, statement: str, method: str) -> tuple[Ref, ...]:
        papers = self._papers[statement]
        return tuple(dict.fromkeys(data for other, data, paper in self._on if other == method and paper in papers))

    def results(self, statement: str, method: str) -> tuple[Any, ...]:
        papers = self._papers[statement]
        return tuple(r for r in self._results if r.subject and r.subject.id == method and r.paper in papers)[:6]


# --- a paper ------------------------------------------------------------------------------------------------------


def paper_card(graph: GraphDir, id_: str) -> PaperCard:
    """All that the graph knows of the paper `id_`."""
    columns = ", ".join(f'"{column.name}"' for column in fields(Paper))
    row = graph.query(f"SELECT {columns} FROM papers WHERE id = ?", [id_])[0]
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    paper = Paper(*values)
    return PaperCard(
        id=paper.id,
        title=paper.title,
        abstract=paper.abstract,
        date=paper.date,
        date_precision=paper.date_precision,
        authors=paper.authors,
        venue=paper.venue,
        sources=paper.sources,
        source_ids=paper.source_ids,
        urls=paper.urls,
        entities=_entities_of(graph, id_),
        relations=_stated_in(graph, id_),
        results=lookup.results(graph, "r.paper = ?", [id_], limit=1_000),
    )


def _entities_of(graph: GraphDir, paper: str) -> tuple[EntityGroup, ...]:
    rows = graph.query(
        "SELECT predicate, id, object FROM statements "
        "WHERE subject = ? AND predicate IN (SELECT unnest(?::VARCHAR[])) ORDER BY predicate, object",
        [paper, list(ROLE_PHRASES)],
    )
    things = lookup.refs(graph, (row[2] for row in rows))
    said = lookup.quotes(graph, (row[1] for row in rows), each=1)
    groups = []
    for role, (_, phrase) in ROLE_PHRASES.items():
        lines = [
            EntityLine(things[object_], said.get(id_, (None,))[0])
            for predicate, id_, object_ in rows
            if predicate == role and object_ in things
        ]
        lines.sort(key=lambda line: (line.quote.start if line.quote else 0, line.entity.id))
        if lines:
            groups.append(EntityGroup(role, phrase, tuple(lines)))
    return tuple(groups)


def _stated_in(graph: GraphDir, paper: str) -> tuple[Stated, ...]:
    rows = graph.query(
        """
        SELECT id, subject, predicate, object, negated FROM statements
        WHERE id IN (SELECT about FROM evidence WHERE paper = ?) AND predicate IN (SELECT unnest(?::VARCHAR[]))
        ORDER BY predicate, subject, object, negated
        """,
        [paper, list(RELATIONS)],
    )
    things = lookup.refs(graph, (end for row in rows for end in (row[1], row[3])))
    said = lookup.quotes(graph, (row[0] for row in rows), each=_QUOTES, paper=paper)
    order = list(STATEMENT_PHRASES)
    found = [
        Stated(id_, things[a], predicate, STATEMENT_PHRASES[predicate][negated], things[b], negated, said.get(id_, ()))
        for id_, a, predicate, b, negated in rows
        if a in things and b in things
    ]
    return tuple(sorted(found, key=lambda line: (order.index(line.predicate), line.subject.name, line.object.name)))
