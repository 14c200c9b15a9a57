"""Is a graph whole and does it keep its own rules? First the files, then the tables by SQL, then the SHACL shapes.

The tables are checked in full whatever their size. The shapes are run on the RDF of the whole graph up to about
250,000 triples (some ten seconds), beyond that on every n-th paper with all that it says; the report says which.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import vocab
from kg.config import schemas_dir
from kg.errors import ExtraMissing, GraphError
from kg.export.lexical import dated
from kg.model import EntityRow, EvidenceRow, MentionRow, Paper, ResultRow, StatementRow
from kg.store import GraphDir, damages, write_graph
from kg.store.verify import strangers

if TYPE_CHECKING:
    import rdflib

SHAPES_LIMIT = 250_000  # triples
_SHOWN = 3  # examples of each fault
_TEXT = "CASE WHEN p.title = '' THEN p.abstract ELSE p.title || chr(10) || p.abstract END"
_ROLES = ", ".join(f"'{name}'" for name in vocab.ROLE_PREDICATES)
_ALLOWED = ", ".join(  # (predicate, subject type, object type): closed vocabulary, never text
    f"('{p.name}', '{a}', '{b}')"
    for p in (*vocab.RELATIONS.values(), *vocab.ROLE_PREDICATES.values())
    for a in sorted(p.domain)
    for b in sorted(p.range)
    if p.allows(a, b)
)
_ENDS = (  # column, its name, the type that it must have
    "(subject, 'subject', ''), (metric, 'metric', 'Metric'), "
    "(dataset, 'dataset', 'Dataset'), (baseline, 'baseline', '')"
)

# Sentence -> the query for those that break it: one column `example`. DuckDB's substring and length count code points.
_RULES: dict[str, str] = {
    **{
        f"ids in {table} are unique": f"SELECT id AS example FROM {table} GROUP BY id HAVING count(*) > 1"
        for table in ("papers", "entities", "statements", "evidence", "results")
    },
    "an entity's type and kind are of the vocabulary": f"""
        SELECT id || ': ' || type || ', ' || kind AS example FROM entities
        WHERE type NOT IN {vocab.ENTITY_TYPES} OR kind NOT IN {vocab.KINDS}
            OR NOT starts_with(id, lower(type) || '/')""",
    "an entity's parents are entities of its type": """
        SELECT e.id || ' under ' || e.parent AS example
        FROM (SELECT id, type, unnest(parents) AS parent FROM entities) e
        LEFT JOIN entities up ON up.id = e.parent WHERE up.id IS NULL OR up.type <> e.type""",
    "an entity's number of papers is that of the papers that mention it": """
        SELECT e.id || ': ' || e.papers || ', not ' || coalesce(m.n, 0) AS example FROM entities e
        LEFT JOIN (SELECT entity, count(DISTINCT paper) AS n FROM mentions GROUP BY entity) m ON m.entity = e.id
        WHERE e.papers <> coalesce(m.n, 0)""",
    "a mention's paper and entity exist": """
        SELECT m.form || ' in ' || m.paper AS example FROM mentions m LEFT JOIN papers p ON p.id = m.paper
        LEFT JOIN entities e ON e.id = m.entity WHERE p.id IS NULL OR e.id IS NULL""",
    "a mention's form is the text at its offsets": f"""
        SELECT m.form || ' at ' || m.paper || ':' || m."start" || '-' || m."end" AS example
        FROM mentions m JOIN papers p ON p.id = m.paper
        WHERE m."start" < 0 OR m."end" <= m."start"
            OR substring({_TEXT}, m."start" + 1, m."end" - m."start") <> m.form""",
    "a statement's ends exist": f"""
        SELECT s.id || ': ' || s.subject || ' ' || s.predicate || ' ' || s.object AS example FROM statements s
        LEFT JOIN papers p ON p.id = s.subject AND s.predicate IN ({_ROLES})
        LEFT JOIN entities a ON a.id = s.subject AND s.predicate NOT IN ({_ROLES})
        LEFT JOIN entities b ON b.id = s.object WHERE (p.id IS NULL AND a.id IS NULL) OR b.id IS NULL""",
    "a statement keeps domain and range": f"""
        WITH allowed(predicate, a, b) AS (VALUES {_ALLOWED})
        SELECT s.id || ': ' || s.subject || ' ' || s.predicate || ' ' || s.object AS example FROM statements s
        JOIN entities b ON b.id = s.object
        LEFT JOIN entities a ON a.id = s.subject AND s.predicate NOT IN ({_ROLES})
        LEFT JOIN allowed ON allowed.predicate = s.predicate AND allowed.b = b.type
            AND allowed.a = CASE WHEN s.predicate IN ({_ROLES}) THEN 'Paper' ELSE a.type END
        WHERE allowed.predicate IS NULL""",
    "no statement leads from a thing to itself": """
        SELECT id || ': ' || subject || ' ' || predicate AS example FROM statements WHERE subject = object""",
    "a paper and an entity have one role": f"""
        SELECT subject || ' and ' || object AS example FROM statements WHERE predicate IN ({_ROLES})
        GROUP BY subject, object HAVING count(*) > 1""",
    "what a paper mentions has a role in it": f"""
        SELECT m.entity || ' in ' || m.paper AS example FROM (SELECT DISTINCT paper, entity FROM mentions) m
        LEFT JOIN statements s ON s.subject = m.paper AND s.object = m.entity AND s.predicate IN ({_ROLES})
        WHERE s.id IS NULL""",
    "a statement's support is the number of papers that say it": """
        SELECT s.id || ': ' || s.support || ', not ' || coalesce(e.n, 0) AS example FROM statements s
        LEFT JOIN (SELECT about, count(DISTINCT paper) AS n FROM evidence GROUP BY about) e ON e.about = s.id
        WHERE s.support <> coalesce(e.n, 0)""",
    "a result has evidence in its paper": """
        SELECT r.id AS example FROM results r LEFT JOIN evidence e ON e.about = r.id AND e.paper = r.paper
        WHERE e.id IS NULL""",
    "evidence is about a statement or result, in a paper": """
        SELECT e.id AS example FROM evidence e LEFT JOIN papers p ON p.id = e.paper
        LEFT JOIN statements s ON s.id = e.about LEFT JOIN results r ON r.id = e.about
        WHERE p.id IS NULL OR (s.id IS NULL AND r.id IS NULL)""",
    "evidence lies inside the text": f"""
        SELECT e.id || ' at ' || e.paper || ':' || e."start" || '-' || e."end" AS example
        FROM evidence e JOIN papers p ON p.id = e.paper
        WHERE e."start" < 0 OR e."end" <= e."start" OR e."end" > length({_TEXT})
            OR e.subject_start < 0 OR e.subject_end <= e.subject_start OR e.subject_end > length({_TEXT})
            OR e.object_start < 0 OR e.object_end <= e.object_start OR e.object_end > length({_TEXT})""",
    "a result's paper and ends exist and have the right types": f"""
        SELECT r.id || ': ' || r.what || ' ' || r.entity AS example FROM (
            SELECT results.id, ends.* FROM results, LATERAL (VALUES {_ENDS}) ends(entity, what, type)
        ) r LEFT JOIN entities e ON e.id = r.entity
        WHERE r.entity IS NOT NULL AND (e.id IS NULL OR (r.type <> '' AND e.type <> r.type))
        UNION ALL SELECT r.id || ': paper ' || r.paper FROM results r LEFT JOIN papers p ON p.id = r.paper
        WHERE p.id IS NULL""",
    "a result's values make sense": f"""
        SELECT id || ': ' || value AS example FROM results
        WHERE mode NOT IN {vocab.MODES} OR low > high OR isnan(low) OR isnan(high) OR value = ''""",
    "confidences and scores lie between 0 and 1": """
        SELECT id AS example FROM statements WHERE NOT confidence BETWEEN 0 AND 1
        UNION ALL SELECT id FROM results WHERE NOT confidence BETWEEN 0 AND 1
        UNION ALL SELECT id FROM evidence WHERE NOT score BETWEEN 0 AND 1
        UNION ALL SELECT form || ' in ' || paper FROM mentions WHERE NOT score BETWEEN 0 AND 1""",
    "a merge belongs to an entity": """
        SELECT m.form || ' into ' || m.entity AS example FROM merges m LEFT JOIN entities e ON e.id = m.entity
        WHERE e.id IS NULL""",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that is broken, how often, and some examples."""

    rule: str
    count: int = 1
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = "; ".join(self.examples)
        more = f" and {self.count - len(self.examples):,} more" if self.count > len(self.examples) else ""
        return f"{self.rule}: {shown}{more}" if shown else self.rule


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked (sentences), what is wrong, and what a user may want to know besides."""

    checked: tuple[str, ...]
    problems: tuple[Problem, ...]
    notices: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def validate(directory: str | Path, *, shapes: bool = True) -> Report:
    """Check files, tables and (with `shapes`) the SHACL shapes of the graph in `directory`.

    Where a file is damaged the report names every one that is, and says no more: what it holds cannot be trusted.
    Raises GraphError where `directory` is no graph at all, ExtraMissing where pyshacl is not installed.
    """
    if shapes and find_spec("pyshacl") is None:
        raise ExtraMissing("pyshacl", "validate", "checking the shapes")
    found = tuple(Problem(sentence) for sentence in damages(directory))
    left, notices = _left_overs(directory)
    if found:
        return Report((), found + left, notices)
    graph = GraphDir.open(directory)
    counts = graph.manifest.counts
    checked = [
        f"{len(graph.manifest.files)} files are those that the manifest names: "
        f"{counts.get('papers', 0):,} papers, {counts.get('entities', 0):,} entities, "
        f"{counts.get('statements', 0):,} statements, {counts.get('results', 0):,} results",
        f"{len(_RULES) + 3} rules of the tables",
    ]
    problems = [*left, *_table_problems(graph)]
    if shapes:
        sentence, broken = _shape_problems(graph)
        checked.append(sentence)
        problems += broken
    return Report(tuple(checked), tuple(problems), notices)


def _left_overs(directory: str | Path) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """What lies in the directory and is not ours: half-written tables are problems, anything else a notice."""
    problems, notices = [], []
    for name in strangers(directory):
        if name.endswith(".tmp") or ".parquet" in name or name.startswith(".kg-"):
            problems.append(Problem(f"{Path(directory) / name}: is no part of the graph, a write left it; delete it"))
        else:
            notices.append(f"{Path(directory) / name}: is no part of the graph")
    return tuple(problems), tuple(notices)


# --- tables ---------------------------------------------------------------------------------------------------------


def _table_problems(graph: GraphDir) -> Iterator[Problem]:
    for rule, sql in _RULES.items():
        rows = graph.query(f"SELECT example, count(*) OVER () FROM ({sql}) ORDER BY example LIMIT {_SHOWN}")
        if rows:
            yield Problem(f"broken rule: {rule}", rows[0][1], tuple(str(row[0]) for row in rows))
    yield from _cycles(graph)
    yield from _dates(graph)
    yield from _counts(graph)


def _cycles(graph: GraphDir) -> Iterator[Problem]:
    above: dict[str, list[str]] = {}
    for child, parent in graph.query(
        "SELECT subject, object FROM statements WHERE predicate = 'subclassOf' AND NOT negated ORDER BY ALL"
    ):
        above.setdefault(child, []).append(parent)
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        yield Problem("broken rule: a thing is not a kind of itself", 1, (" under ".join(error.args[1]),))


def _dates(graph: GraphDir) -> Iterator[Problem]:
    rows = graph.query(
        "SELECT id, date, date_precision FROM papers WHERE date <> '' OR date_precision <> '' ORDER BY id"
    )
    wrong = [f"{id_}: {date} ({precision})" for id_, date, precision in rows if dated(date, precision) is None]
    if wrong:
        yield Problem("broken rule: a date is a day, month or year that exists", len(wrong), tuple(wrong[:_SHOWN]))


def _counts(graph: GraphDir) -> Iterator[Problem]:
    counts = graph.manifest.counts
    for name, file in graph.manifest.files.items():
        table = name.partition(".")[0]
        if table in counts and counts[table] != file.rows and table != "records":
            yield Problem(f"manifest.json: counts {counts[table]:,} {table}, and {name} holds {file.rows:,}")
        if name.endswith(".parquet") and table != "records":
            held = graph.query(f"SELECT count(*) FROM {table}")[0][0]
            if held != file.rows:
                yield Problem(f"{name}: holds {held:,} rows where the manifest says {file.rows:,}")
    if {"records", "merged", "rejected"} <= counts.keys():
        said = counts["papers"] + counts["merged"] + counts["rejected"]
        if said != counts["records"]:
            yield Problem(
                f"manifest.json: {counts['papers']:,} papers, {counts['merged']:,} merged and {counts['rejected']:,} "
                f"rejected records are not the {counts['records']:,} that were read"
            )


# --- shapes ---------------------------------------------------------------------------------------------------------


def _shape_problems(graph: GraphDir) -> tuple[str, list[Problem]]:
    rows = {table: graph.query(f"SELECT count(*) FROM {table}")[0][0] for table in ("papers", "statements", "evidence")}
    about = 15 * rows["papers"] + 6 * rows["statements"] + 6 * rows["evidence"]
    if about <= SHAPES_LIMIT:
        data = _rdf(graph)
        part = "the whole graph"
    else:
        step = -(-about // SHAPES_LIMIT)
        with tempfile.TemporaryDirectory() as folder:
            data = _rdf(GraphDir.open(_sample(graph, step, Path(folder) / "part.kg")))
        part = f"one paper in {step} and all that it says (the whole graph is too large for them)"
    return f"the SHACL shapes on {part}: {len(data):,} triples", list(_shacl(data))


def _rdf(graph: GraphDir) -> rdflib.Graph:
    import rdflib

    from kg.export.ntriples import NTriples
    from kg.export.rdf import RdfOptions, rdf_text

    text = "".join(rdf_text(graph, NTriples(), RdfOptions(graph.manifest.base_iri)))
    return rdflib.Graph().parse(data=text, format="nt")


def _sample(graph: GraphDir, step: int, place: Path) -> Path:
    """A graph directory of every `step`-th paper, with what is said in it and what that is about."""
    papers = [row[0] for row in graph.query("SELECT id FROM papers ORDER BY id")][::step]
    inside = "IN (SELECT unnest(?::VARCHAR[]))"
    about = f"SELECT about FROM evidence WHERE paper {inside}"
    statements = _rows(graph, StatementRow, f"FROM statements WHERE id IN ({about})", papers)
    results = _rows(graph, ResultRow, f"FROM results WHERE paper {inside}", papers)
    ends = {end for row in statements for end in (row.subject, row.object)}
    ends |= {end for row in results for end in (row.subject, row.metric, row.dataset, row.baseline) if end}
    write_graph(
        place,
        papers=_rows(graph, Paper, f"FROM papers WHERE id {inside}", papers),
        mentions=_rows(graph, MentionRow, f"FROM mentions WHERE paper {inside}", papers),
        entities=_rows(graph, EntityRow, f"FROM entities WHERE id {inside}", sorted(ends)),
        statements=statements,
        evidence=_rows(graph, EvidenceRow, f"FROM evidence WHERE paper {inside}", papers),
        results=results,
        merges=(),
        manifest_fields={"base_iri": graph.manifest.base_iri},
    )
    return place


def _rows(graph: GraphDir, row: type[Any], part: str, ids: list[str]) -> list[Any]:
    columns = ", ".join(f'"{field.name}"' for field in fields(row))
    found = graph.query(f"SELECT {columns} {part}", (ids,))
    return [row(*(tuple(value) if isinstance(value, list) else value for value in values)) for values in found]


def _shacl(data: rdflib.Graph) -> Iterator[Problem]:
    import pyshacl
    import rdflib

    shapes = rdflib.Graph().parse(schemas_dir() / "shapes.ttl")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)
    if not isinstance(report, rdflib.Graph):
        raise GraphError("shapes.ttl", f"pyshacl could not run: {report}")
    found: dict[str, set[str]] = {}
    for result in report.subjects(rdflib.RDF.type, sh.ValidationResult):
        message = min((str(text) for text in report.objects(result, sh.resultMessage)), default="a shape is broken")
        focus = report.value(result, sh.focusNode)
        at_fault = report.value(result, sh.value) if str(focus).startswith(vocab.VOCAB) else focus
        found.setdefault(message, set()).add(str(at_fault))
    for message in sorted(found):
        nodes = sorted(found[message])
        yield Problem(f"broken shape: {message}", len(nodes), tuple(nodes[:_SHOWN]))
