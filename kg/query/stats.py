"""What a graph holds, in numbers: counts, top lists, and what to be careful with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.query.cards import Ref
from kg.store import GraphDir
from kg.vocab import ENTITY_TYPES, MODES, RELATIONS, ROLE_PREDICATES

DEFAULT_TOP = 10
UNSURE = 0.5  # a single statement below this confidence is counted as weak


@dataclass(frozen=True, slots=True)
class Hint:
    """Something about the quality of the graph: `count` of `total`, and what that means."""

    name: str
    count: int
    total: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of a graph. Every mapping has its keys in the order of the vocabulary, years ascending.

    `years` counts papers, under "" those without a year; `top` holds for each entity type the entities that most
    papers use (as more than a mention).
    """

    papers: int
    entities: int
    mentions: int
    relations: int
    roles: int
    results: int
    evidence: int
    rejected: int
    types: dict[str, int]
    kinds: dict[str, int]
    predicates: dict[str, int]
    denied: int
    role_counts: dict[str, int]
    modes: dict[str, int]
    years: dict[str, int]
    top: dict[str, tuple[Ref, ...]]
    hints: tuple[Hint, ...]


def stats(graph: GraphDir | str | Path, *, top: int = DEFAULT_TOP) -> Stats:
    """The counts of `graph`, with the `top` best known entities of each type. Raises GraphError for a damaged one."""
    graph = graph if isinstance(graph, GraphDir) else GraphDir.open(graph)
    statements = dict(graph.query("SELECT predicate, count(*) FROM statements GROUP BY predicate"))
    types = dict(graph.query("SELECT type, count(*) FROM entities GROUP BY type"))
    modes = dict(graph.query("SELECT mode, count(*) FROM results GROUP BY mode"))
    predicates = {name: statements[name] for name in RELATIONS if name in statements}
    roles = {name: statements[name] for name in ROLE_PREDICATES if name in statements}
    return Stats(
        papers=_count(graph, "papers"),
        entities=_count(graph, "entities"),
        mentions=_count(graph, "mentions"),
        relations=sum(predicates.values()),
        roles=sum(roles.values()),
        results=_count(graph, "results"),
        evidence=_count(graph, "evidence"),
        rejected=sum(1 for _ in graph.rejected()),
        types={name: types[name] for name in ENTITY_TYPES if name in types},
        kinds=dict(graph.query("SELECT kind, count(*) FROM entities GROUP BY kind ORDER BY kind DESC")),
        predicates=predicates,
        denied=_count(graph, "statements", "negated"),
        role_counts=roles,
        modes={name: modes[name] for name in MODES if name in modes},
        years=dict(graph.query(_YEARS)),
        top=_top(graph, top),
        hints=_hints(graph),
    )


_YEARS = """
    SELECT CASE WHEN date_precision IN ('day', 'month', 'year') THEN left(date, 4) ELSE '' END AS year, count(*)
    FROM papers GROUP BY year ORDER BY year
"""
_TOP = """
    SELECT * FROM (
        SELECT e.type, e.id, e.name, count(*) AS papers,
               row_number() OVER (PARTITION BY e.type ORDER BY count(*) DESC, e.id) AS place
        FROM entities e JOIN statements s ON s.object = e.id
        WHERE s.predicate IN (SELECT unnest(?::VARCHAR[])) AND s.predicate <> 'mentions'
        GROUP BY e.type, e.id, e.name
    ) WHERE place <= ? ORDER BY type, place
"""


def _count(graph: GraphDir, table: str, condition: str = "true") -> int:
    count: int = graph.query(f"SELECT count(*) FROM {table} WHERE {condition}")[0][0]
    return count


def _top(graph: GraphDir, top: int) -> dict[str, tuple[Ref, ...]]:
    rows = graph.query(_TOP, [list(ROLE_PREDICATES), top])
    lists = {
        type_: tuple(Ref(id_, type_, name, papers) for kind, id_, name, papers, _ in rows if kind == type_)
        for type_ in ENTITY_TYPES
    }
    return {type_: refs for type_, refs in lists.items() if refs}


def _hints(graph: GraphDir) -> tuple[Hint, ...]:
    relations = list(RELATIONS)
    is_relation = "predicate IN (SELECT unnest(?::VARCHAR[]))"

    def count(sql: str, *values: object) -> int:
        number: int = graph.query(sql, values)[0][0]
        return number

    all_relations = count(f"SELECT count(*) FROM statements WHERE {is_relation}", relations)
    weak = count(
        f"SELECT count(*) FROM statements WHERE support <= 1 AND confidence < ? AND {is_relation}", UNSURE, relations
    )
    single = count(f"SELECT count(*) FROM statements WHERE support <= 1 AND {is_relation}", relations)
    bare = count(
        "SELECT count(*) FROM papers WHERE id NOT IN (SELECT subject FROM statements WHERE NOT " + is_relation + ")",
        relations,
    )
    linked = f"SELECT unnest([subject, object]) FROM statements WHERE {is_relation}"
    alone = count(f"SELECT count(*) FROM entities WHERE id NOT IN ({linked})", relations)
    entities, results = _count(graph, "entities"), _count(graph, "results")
    loose = _count(graph, "results", "metric IS NULL OR subject IS NULL")
    return (
        Hint("weak statements", weak, all_relations, f"said once only, with a confidence below {UNSURE}"),
        Hint("statements of one paper", single, all_relations, "said by a single paper"),
        Hint("entities of one paper", _count(graph, "entities", "papers <= 1"), entities, "known to a single paper"),
        Hint("entities without relations", alone, entities, "only papers lead to them"),
        Hint("papers without entities", bare, _count(graph, "papers"), "nothing was found in them"),
        Hint("results without metric or subject", loose, results, "a number whose meaning stands only in its sentence"),
    )
