"""Forms → entities → statements, in two passes over the papers.

    census    what is counted: cells, forms, explanations of acronyms
    types     which type a name has
    linking   which cells are one thing          (clusters: the union-find that remembers why)
    naming    names, ids, reasons                (families: variants)
    collect   every mention, role, relation and result with its entities
    statements  support and confidence

Nothing depends on the order of papers: counters are integers, everything is numbered by its content before the first
decision, and what is written is sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kg.model import EntityRow, EvidenceRow, Extraction, MentionRow, MergeRow, Paper, ResultRow, StatementRow
from kg.resolve import reasons
from kg.resolve.census import SCALE, Census, Reader
from kg.resolve.collect import FAMILY_EXTRACTOR, PREDICATES, Collected, Collector
from kg.resolve.columns import NONE
from kg.resolve.families import Families, find_families
from kg.resolve.keys import digits
from kg.resolve.linking import Linker
from kg.resolve.naming import Cluster, merge_rows, name_clusters
from kg.resolve.rules import Rule, RuledKeys, RuledSeparator
from kg.resolve.statements import Statements, build_statements, mention_rows
from kg.resolve.terms import TermLookup, Terms, TermSeparator
from kg.resolve.types import settle_all

Papers = Callable[[], Iterator[tuple[Paper, Extraction]]]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The rows of the graph, each sequence in its stored order and readable again and again; and what was dropped."""

    entities: Sequence[EntityRow]
    mentions: Sequence[MentionRow]
    statements: Sequence[StatementRow]
    evidence: Sequence[EvidenceRow]
    results: Sequence[ResultRow]
    merges: Sequence[MergeRow]
    counts: dict[str, int]


class Resolver:
    """Decides which forms are one thing, by a lexicon, what the papers say, and the user's rules."""

    def __init__(self, lexicon: TermLookup, rules: Sequence[Rule] = ()) -> None:
        self._lexicon, self._rules = lexicon, tuple(sorted(rules, key=lambda r: (r.same, r.type, r.first, r.second)))

    def resolve(self, papers: Papers, *, min_confidence: float = 0.0) -> Resolution:
        """The graph of the papers that `papers()` yields; it is called twice and must yield the same, in any order.

        Entities of a paper, results, and statements that are less sure than `min_confidence` are left out; a role that
        is less sure becomes `mentions`.
        """
        terms = Terms(self._lexicon)
        linker = self._link(papers, terms, min_confidence)
        clusters = name_clusters(linker)
        families = find_families(linker, clusters, terms)
        merges = [row for cluster in clusters for row in merge_rows(linker, cluster)]
        clusters = sorted([*clusters, *families.created], key=lambda cluster: cluster.id)
        collector = Collector(linker.corpus, clusters, families, min_confidence)
        for _, extraction in papers():
            collector.add(extraction)
        _add_families(collector, families)
        ids = [cluster.id for cluster in clusters]
        built = build_statements(collector.found, linker.corpus.papers, ids, minimum=min_confidence)
        merges += _family_rows(families) + _rule_rows(linker, clusters, self._rules)
        results = {row.id: row for row in collector.found.results}
        return Resolution(
            entities=_entity_rows(clusters, built, collector.found),
            mentions=mention_rows(collector.found, linker.corpus.papers, ids),
            statements=built.statements,
            evidence=built.evidence,
            results=tuple(sorted(results.values(), key=lambda row: (row.paper, row.id))),
            merges=tuple(sorted(merges, key=lambda row: (row.entity, row.form, row.type))),
            counts={**dict(collector.found.counts), **_summed(built.dropped, collector.found)},
        )

    def _link(self, papers: Papers, terms: Terms, minimum: float) -> Linker:
        reader = Reader(separate=TermSeparator(terms), min_score=minimum)
        if any(not rule.same for rule in self._rules):
            keyer = RuledKeys(self._rules)
            reader = Reader(keyer, RuledSeparator(self._rules, keyer, reader.separate), minimum)
        census = Census(reader)
        for _, extraction in papers():
            census.add(extraction)
        corpus = census.corpus()
        settled, followed = settle_all(corpus, terms)
        linker = Linker(corpus, settled, terms, followed)
        linker.link(self._rules)
        return linker


def _summed(dropped: dict[str, int], found: Collected) -> dict[str, int]:
    return {name: count + found.counts[name] for name, count in dropped.items()}


def _add_families(collector: Collector, families: Families) -> None:
    """Write down the edges that come from names or from the lexicon, with the sentence of the child's best mention."""
    found = collector.found
    predicate, extractor = PREDICATES.index("subclassOf"), found.extractors(FAMILY_EXTRACTOR)
    for edge in families.edges:
        child, parent = collector.number(edge.child), collector.number(edge.parent)
        if not edge.sure and child not in found.together:
            continue
        score, paper, (start, end), sentence = found.best[child]
        trust = min(score, round(edge.score * SCALE))
        ends = (-start, -end, NONE, NONE)
        found.evidence.append(predicate, child, parent, 0, -paper, *sentence, *ends, extractor, trust, trust)


def _entity_rows(clusters: Sequence[Cluster], built: Statements, found: Collected) -> tuple[EntityRow, ...]:
    return tuple(
        EntityRow(
            id=cluster.id,
            type=cluster.type,
            kind=cluster.kind,
            name=cluster.name,
            aliases=cluster.aliases,
            parents=tuple(clusters[parent].id for parent in built.parents.get(number, ())),
            papers=int(built.papers[number]),
            links=tuple(sorted(found.links.get(number, ()))),
        )
        for number, cluster in enumerate(clusters)
    )


def _family_rows(families: Families) -> list[MergeRow]:
    """Families made from their variants: the beginning that is written otherwise than the name."""
    return [
        MergeRow(family.id, form, family.type, reasons.FAMILY, reasons.TRUST[reasons.FAMILY])
        for family in families.created
        for form in family.forms
        if form != family.name and digits(form) == digits(family.name)
    ]


def _rule_rows(linker: Linker, clusters: Sequence[Cluster], rules: Sequence[Rule]) -> list[MergeRow]:
    """A row for each name that a rule keeps apart from another."""
    of_cell = {cell: cluster for cluster in clusters for cell in cluster.cells}
    rows: dict[tuple[str, str], MergeRow] = {}
    for rule in rules:
        for name in (rule.first, rule.second):
            for cell in [] if rule.same else linker.named(name, rule.type)[:1]:
                why = f"{reasons.APART} from {rule.second if name == rule.first else rule.first}"
                row = MergeRow(of_cell[cell].id, name, rule.type, why, reasons.TRUST[reasons.APART])
                rows.setdefault((row.entity, name), row)
    return list(rows.values())
