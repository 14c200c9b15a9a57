"""One walk through the tables that says everything in RDF; the syntax only spells it (docs/rdf.md draws the model).

Everything streams: papers a page at a time with what is said in them, statements a page at a time with their evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kg import vocab
from kg.export.nodes import Nodes, PairList
from kg.export.syntax import Syntax
from kg.graph import Graph, statement_groups
from kg.model import Paper, ResultRow
from kg.store import GraphDir

PAPERS = 5_000  # a page: bounds the memory

_ROLES = ", ".join(f"'{name}'" for name in vocab.ROLE_PREDICATES)  # a closed vocabulary, never text
_ROLE_ROWS = f"""
    SELECT subject, predicate, object FROM statements
    WHERE predicate IN ({_ROLES}) AND NOT negated AND subject BETWEEN ? AND ? ORDER BY subject, predicate, object"""
_EVIDENCE_ROWS = """
    SELECT e.paper, e.id, e.about, s.subject, s.predicate, s.object, s.negated, e."start", e."end",
        e.subject_start, e.subject_end, e.object_start, e.object_end, e.extractor, e.score
    FROM evidence e LEFT JOIN statements s ON s.id = e.about
    WHERE e.paper BETWEEN ? AND ? AND {part} ORDER BY e.paper, e.about, e."start", e."end", e.id"""
_WANTED = {
    "none": "s.negated",
    "relations": f"(s.id IS NULL OR s.negated OR s.predicate NOT IN ({_ROLES}))",
    "all": "TRUE",
}
_RESULT_ROWS = """
    SELECT paper, id, subject, metric, dataset, baseline, value, mode, low, high, unit, higher_is_better, confidence
    FROM results WHERE paper BETWEEN ? AND ? ORDER BY paper, id"""

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RdfOptions:
    """`evidence` is which statements get nodes with evidence: "none", "relations" (not the roles) or "all".

    What is denied is a node with evidence always: nothing else says it.
    """

    base: str
    evidence: str = "relations"
    quads: bool = False
    rdf12: bool = False


def rdf_text(directory: GraphDir, syntax: Syntax, options: RdfOptions) -> Iterator[str]:
    """The graph of `directory` in `syntax`, in pieces. The order is that of the tables: same graph, same bytes."""
    nodes = Nodes(syntax, options.base, rdf12=options.rdf12)
    graph = Graph(directory)
    extractors: set[str] = set()
    yield syntax.head()
    for row in directory.entities():
        yield syntax.node(nodes.entity(row.id), nodes.of_entity(row))
    links = graph.introduced_links()
    papers = directory.papers()
    while page := list(islice(papers, PAPERS)):
        yield from _paper_page(directory, nodes, options, page, links, extractors)
    yield from _statements(directory, nodes, options)
    for node in graph.metadata_nodes():
        yield syntax.node(nodes.node(node.id), nodes.of_metadata(node))
    for extractor in sorted(extractors):
        agent = [("rdf:type", syntax.name("prov:SoftwareAgent")), ("rdfs:label", syntax.text(extractor))]
        yield syntax.node(nodes.thing("extractor", extractor), agent)
    yield syntax.tail()


def _paper_page(
    directory: GraphDir,
    nodes: Nodes,
    options: RdfOptions,
    page: Sequence[Paper],
    links: dict[str, list[str]],
    extractors: set[str],
) -> Iterator[str]:
    """Each paper of the page: its own node, its results and the evidence in it; with quads also its graph."""
    syntax, ends = nodes.syntax, (page[0].id, page[-1].id)
    # A paper's graph needs its relations, whether or not their evidence is shown.
    part = _WANTED["relations" if options.quads and options.evidence == "none" else options.evidence]
    roles = _by_paper(directory.query(_ROLE_ROWS, ends))
    evidence = _by_paper(directory.query(_EVIDENCE_ROWS.format(part=part), ends))
    results = _by_paper(directory.query(_RESULT_ROWS, ends))
    for paper in page:
        said = evidence.get(paper.id, ())
        core = nodes.of_paper(paper, roles.get(paper.id, ()), links.get(paper.id, ()))
        yield syntax.node(nodes.paper(paper.id), core + nodes.more_of_paper(paper))
        found = [ResultRow(row[1], row[0], *row[2:]) for row in results.get(paper.id, ())]
        pairs = {row.id: nodes.of_result(row) for row in found}
        shown = said if options.evidence != "none" else [row for row in said if row[6]]
        about: dict[str, list[str]] = {}
        for row in shown:
            about.setdefault(row[2], []).append(row[1])
        for id_, own in pairs.items():
            yield syntax.node(nodes.thing("result", id_), own + nodes.evidence(about.get(id_, ())))
        text = paper.text
        for row in shown:
            extractors.add(row[13])
            yield syntax.node(nodes.thing("evidence", row[1]), nodes.of_evidence(paper, text, row[7:]))
        if options.quads:
            yield _paper_graph(nodes, paper, core, said, pairs)


def _paper_graph(nodes: Nodes, paper: Paper, core: PairList, said: Rows, results: dict[str, PairList]) -> str:
    """The named graph of a paper: type, title, roles, the relations that it states or denies, its results."""
    graph = nodes.thing("graph", paper.id)
    parts = [nodes.syntax.node(nodes.paper(paper.id), core, graph)]
    for about, subject, predicate, object_, negated in dict.fromkeys(row[2:7] for row in said):
        if predicate in vocab.RELATIONS:
            triple = (nodes.entity(subject), f"kg:{predicate}", nodes.entity(object_))
            if negated:
                parts.append(nodes.statement(about, triple, [], negated=True, assert_=False, graph=graph))
            else:
                parts.append(nodes.syntax.node(triple[0], [triple[1:]], graph))
    parts += [nodes.syntax.node(nodes.thing("result", id_), pairs, graph) for id_, pairs in results.items()]
    return "".join(parts)


def _statements(directory: GraphDir, nodes: Nodes, options: RdfOptions) -> Iterator[str]:
    """Relations as plain triples, and every statement that gets one as a node of its own."""
    shown = options.evidence
    for rows in statement_groups(directory, roles=shown == "all"):
        id_, subject, predicate, object_, negated, support, confidence = rows[0][:7]
        role = predicate in vocab.ROLE_PREDICATES
        source = nodes.paper(subject) if role else nodes.entity(subject)
        triple = (source, f"kg:{predicate}", nodes.entity(object_))
        if shown == "none" and not negated:
            yield nodes.syntax.node(source, [triple[1:]])
            continue
        pairs = nodes.of_statement(support, confidence, [row[10] for row in rows if row[10] is not None])
        # The triple of a role stands already on its paper's own node.
        yield nodes.statement(id_, triple, pairs, negated=negated, assert_=not (negated or role))


def _by_paper(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row)
    return groups
