"""The database of `kg cypher`, filled from the tables: one node table a label, one relationship table a type.

What can be said in SQL goes from Parquet to Parquet through DuckDB; what Python must work out (authors, venues,
repositories) goes through CSV. Then the engine copies whole files. Same labels, types and properties as kg.graph.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ladybug

from kg import vocab
from kg.errors import StorageError
from kg.export.neo4j_rows import EDGE_COLUMNS, NODE_COLUMNS, RELATIONSHIP_TYPES
from kg.graph import EVIDENCE_SHOWN, METADATA_LABEL, METADATA_LABELS, Graph, paper_node
from kg.store import GraphDir
from kg.text import digest, xml_safe

Copied = tuple[str, str, Path]  # table, options of COPY, file
WRITERS = max(1, min(4, os.cpu_count() or 1))
_TYPES = {str: "STRING", int: "INT64", float: "DOUBLE", bool: "BOOLEAN", tuple: "STRING[]"}
_ROLES = ", ".join(f"'{name}'" for name in vocab.ROLE_PREDICATES)  # a closed vocabulary, never text
# As kg.text.xml_safe, in DuckDB's regular expressions.
_FORBIDDEN = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"

_STATEMENTS = f"""
    WITH said AS (
        SELECT about, paper, "start", "end" FROM evidence GROUP BY ALL
    ), shown AS (
        SELECT about, list(paper ORDER BY paper, "start", "end") AS papers,
            list(paper || ':' || "start" || '-' || "end" ORDER BY paper, "start", "end")[1:{EVIDENCE_SHOWN}] AS evidence
        FROM said GROUP BY about
    )
    SELECT CASE WHEN predicate IN ({_ROLES}) THEN 'paper/' || subject ELSE subject END AS source, object AS target,
        id, CASE WHEN negated THEN predicate END AS predicate, support::BIGINT AS support, confidence,
        list_sort(list_distinct(papers)) AS papers, evidence,
        CASE WHEN negated THEN '{vocab.DENIES}' ELSE predicate END AS "type"
    FROM statements LEFT JOIN shown ON about = id"""
_RESULT_ENDS = ("subject", "metric", "dataset", "baseline", "paper")
_RESULT_TYPES = ", ".join(f"'{vocab.RESULT_EDGES[end].name}'" for end in _RESULT_ENDS)
_RESULT_EDGES = f"""
    WITH said AS (
        SELECT about, paper, "start", "end" FROM evidence GROUP BY ALL
    ), shown AS (
        SELECT r.id,
            list(r.paper || ':' || "start" || '-' || "end" ORDER BY "start", "end")[1:{EVIDENCE_SHOWN}] AS shown
        FROM results r JOIN said ON about = r.id GROUP BY r.id
    ), ends AS (
        SELECT id, paper, confidence, unnest([subject, metric, dataset, baseline, 'paper/' || paper]) AS target,
            unnest([{_RESULT_TYPES}]) AS "type"
        FROM results
    )
    SELECT ends.id AS source, target,
        'm' || left(sha256(length(ends.id) || ':' || ends.id || length("type") || ':' || "type"
            || length(target) || ':' || target), 16) AS id,
        NULL::VARCHAR AS predicate, 1::BIGINT AS support, confidence, [paper] AS papers, shown AS evidence, "type"
    FROM ends LEFT JOIN shown ON shown.id = ends.id WHERE target IS NOT NULL"""
_METADATA_EDGES = """
    SELECT source, target, id, NULL::VARCHAR AS predicate, 1::BIGINT AS support, 1.0::DOUBLE AS confidence,
        [paper] AS papers, NULL::VARCHAR[] AS evidence, "type"
    FROM {table}"""
# What is called otherwise in the tables
_OURS = {
    vocab.PAPER: {"id": "'paper/' || id", "name": "CASE WHEN title = '' THEN id ELSE title END"},
    vocab.RESULT: {"name": '"value"'},
}
_CLEAN_IDS = f"""
    SELECT NOT coalesce(bool_or(regexp_matches(id, '{_FORBIDDEN}')), false)
    FROM (SELECT id FROM papers UNION ALL SELECT id FROM entities)"""
_LABEL = "CASE WHEN contains({end}, '/') THEN split_part({end}, '/', 1) ELSE 'result' END"


def build(graph: GraphDir, path: Path, ready: Callable[[], None] = lambda: None) -> None:
    """Make the database at `path`; beside it lie its tables while it is made. Raises StorageError, OSError.

    `ready` is called when the tables are there and the engine begins.
    """
    folder = path.parent / "tables"
    folder.mkdir()
    projection = Graph(graph)
    files = [*_node_files(projection, folder), *_edge_files(projection, folder)]
    ready()
    try:
        # A checkpoint once, at the end; tables side by side, since the engine copies a file by one thread.
        database = ladybug.Database(str(path), auto_checkpoint=False, enable_multi_writes=True)
        connection = ladybug.Connection(database)
        for statement in schema():
            connection.execute(statement)
        copy(database, [copied for copied in files if not copied[1]])
        copy(database, [copied for copied in files if copied[1]])  # the ends of relationships are there now
        connection.execute("CHECKPOINT")
        connection.close()
        database.close()
    except RuntimeError as error:  # all that ladybug raises
        if "IO exception" not in str(error):
            raise
        raise StorageError(path, f"the Cypher database cannot be made ({error})") from error


def copy(database: Any, files: Sequence[Copied]) -> None:
    """Copy files into their tables, those of one table one after the other, the largest tables first."""
    tables: dict[str, list[Copied]] = {}
    for copied in files:
        tables.setdefault(copied[0], []).append(copied)
    ordered = sorted(tables.values(), key=lambda group: -sum(file.stat().st_size for _, _, file in group))

    def work(group: Sequence[Copied]) -> None:
        connection = ladybug.Connection(database)
        try:
            for table, options, file in group:
                connection.execute(f"COPY {table} FROM {_quoted(file)}{options}")
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(work, ordered):  # raises what a writer raised
            pass


def schema() -> Iterator[str]:
    """The statements that make the tables: labels, types and properties of kg.graph."""
    for label, columns in NODE_COLUMNS.items():
        fields = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in columns.items())
        yield f"CREATE NODE TABLE `{label}` ({fields}, PRIMARY KEY (id))"
    fields = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in EDGE_COLUMNS.items())
    for name, type_ in RELATIONSHIP_TYPES.items():
        ends = ", ".join(f"FROM `{a}` TO `{b}`" for a, b in pairs(name))
        yield f"CREATE REL TABLE `{type_}` ({ends}, {fields})"


def pairs(name: str) -> list[tuple[str, str]]:
    """The labels that a predicate (or DENIES) can join, in the order of the vocabulary."""
    denied = [*vocab.RELATIONS.values(), *vocab.ROLE_PREDICATES.values()]
    predicates = denied if name == vocab.DENIES else [vocab.PREDICATES[name]]
    joins = ((a, b) for a in vocab.NODE_TYPES for b in vocab.NODE_TYPES)
    return [(a, b) for a, b in joins if any(predicate.allows(a, b) for predicate in predicates)]


def _node_files(graph: Graph, folder: Path) -> Iterator[Copied]:
    directory = graph.dir
    for label, columns in NODE_COLUMNS.items():
        if label in METADATA_LABELS:
            continue
        table = {vocab.PAPER: "papers", vocab.RESULT: "results"}.get(label, "entities")
        ours = _OURS.get(label, {})
        values = [f'{_safe(ours.get(name, _named(name)), kind)} AS "{name}"' for name, kind in columns.items()]
        where = f" WHERE type = '{label}'" if table == "entities" else ""
        file = folder / f"{label}.parquet"
        directory.query(f"COPY (SELECT {', '.join(values)} FROM {table}{where}) TO {_sql(file)} (FORMAT parquet)")
        yield f"`{label}`", "", file
    file = folder / "metadata-nodes.csv"
    nodes = ((n.label, n.id, n.name, n.props.get("url", "")) for n in graph.metadata_nodes())
    _write_csv(file, ([xml_safe(str(cell)) for cell in cells] for cells in nodes))
    for label in METADATA_LABEL.values():
        target = folder / f"{label}.parquet"
        url = ", url" if label == vocab.REPOSITORY else ""
        directory.query(
            f"COPY (SELECT id, name{url} FROM {_csv(file, 'label', 'id', 'name', 'url')} WHERE label = '{label}')"
            f" TO {_sql(target)} (FORMAT parquet)"
        )
        yield f"`{label}`", "", target


def _edge_files(graph: Graph, folder: Path) -> Iterator[Copied]:
    """One Parquet file for each type and pair of labels."""
    file = folder / "metadata-edges.csv"
    _write_csv(file, _metadata_rows(graph))
    source = _csv(file, "source", "target", "id", "paper", "type")
    parts = {"statements": _STATEMENTS, "results": _RESULT_EDGES, "metadata": _METADATA_EDGES.format(table=source)}
    labels = {label.lower(): label for label in vocab.NODE_TYPES}
    columns = {"source": str, "target": str, "papers": tuple, "evidence": tuple}
    clean = ", ".join(f"{_safe(name, kind)} AS {name}" for name, kind in columns.items())
    if graph.dir.query(_CLEAN_IDS)[0][0]:
        clean = "source AS source"  # there is nothing to clean, and it takes time
    for name, sql in parts.items():
        place = folder / name
        graph.dir.query(
            f"COPY (SELECT * REPLACE ({clean}),"
            f" {_LABEL.format(end='source')} AS a, {_LABEL.format(end='target')} AS b FROM ({sql}))"
            f' TO {_sql(place)} (FORMAT parquet, PARTITION_BY ("type", a, b))'
        )
        for found in sorted(place.rglob("*.parquet")):
            type_, a, b = (part.partition("=")[2] for part in found.relative_to(place).parts[:3])
            ends = f" (from='{labels[a]}', to='{labels[b]}')"
            yield f"`{RELATIONSHIP_TYPES[type_]}`", ends, found


def _metadata_rows(graph: Graph) -> Iterator[list[str]]:
    for paper, type_, key, _ in graph.metadata():
        source, target = paper_node(paper.id), f"{METADATA_LABEL[type_].lower()}/{key}"
        yield [source, target, f"m{digest(source, type_, target)}", paper.id, type_]


def _write_csv(path: Path, rows: Iterable[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)


def _csv(path: Path, *columns: str) -> str:
    """The CSV file as a table of DuckDB, all of it text."""
    names = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    return (
        f"read_csv({_sql(path)}, header = false, columns = {{{names}}}, quote = '\"', escape = '\"', delim = ',',"
        " auto_detect = false, new_line = '\\n', max_line_size = 100000000)"
    )


def _named(name: str) -> str:
    return f'"{name}"'


def _safe(value: str, kind: type) -> str:
    """A column clean as kg.text.xml_safe makes it, an empty list absent as in Neo4j."""
    if kind is str:
        return f"regexp_replace({value}, '{_FORBIDDEN}', chr(65533), 'g')"
    if kind is tuple:
        inner = f"[regexp_replace(x, '{_FORBIDDEN}', chr(65533), 'g') for x in {value}]"
        return f"CASE WHEN list_bool_or([x <> '' for x in {value}]) THEN {inner} END"
    return f"{value}::BIGINT" if kind is int else value


def _sql(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"
