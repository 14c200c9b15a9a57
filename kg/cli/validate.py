"""`kg validate`: is the graph whole, does it keep its own rules, and do all doors show the same?"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from kg.cli.common import harmless, out
from kg.errors import GraphError
from kg.validate import Problem, Report, validate


@click.command(epilog="Example: kg validate my.kg --stores && echo whole")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--shapes/--no-shapes", default=True, show_default=True, help="Run the SHACL shapes (needs pyshacl).")
@click.option(
    "--stores",
    is_flag=True,
    help="Compare tables, networkx, SPARQL store and Cypher database: counts by type, samples property by property.",
)
@click.option("--neo4j-uri", metavar="URI", help="Compare a Neo4j database too (as in kg load; password the same).")
@click.option("--user", envvar="NEO4J_USERNAME", default="neo4j", show_default=True, help="[env: NEO4J_USERNAME]")
@click.option("--database", envvar="NEO4J_DATABASE", help="Name of the database [default: the user's home database].")
def command(
    directory: Path, shapes: bool, stores: bool, neo4j_uri: str | None, user: str, database: str | None
) -> None:
    """Check the graph in DIR: its files, its tables, and the SHACL shapes of its RDF.

    Exit code 0 where all is well, 1 where something is wrong; every fault is a sentence with examples. --stores makes
    the stores that are not there yet and holds the whole graph in memory, as networkx does.
    """
    neo4j = _neo4j(neo4j_uri, user, database) if neo4j_uri is not None else None
    report = validate(directory, shapes=shapes)
    if (stores or neo4j is not None) and report.checked:  # files that are damaged cannot be compared
        report = _with_stores(report, directory, neo4j)
    for sentence in report.checked:
        out(f"Checked: {harmless(sentence)}")
    for notice in report.notices:
        out(f"Notice: {harmless(notice)}")
    for problem in report.problems:
        out(click.style("Problem: ", fg="red") + harmless(str(problem)))
    if not report.ok:
        raise GraphError(directory, f"{len(report.problems)} problem{'s' if len(report.problems) > 1 else ''} found")
    out("No problems.")


def _with_stores(report: Report, directory: Path, neo4j: AbstractContextManager[Any] | None) -> Report:
    from kg.validate.stores import compare_stores

    sentence, found = compare_stores(directory, neo4j=neo4j)
    return Report((*report.checked, sentence), (*report.problems, *map(Problem, found)), report.notices)


def _neo4j(uri: str, user: str, database: str | None) -> AbstractContextManager[Any]:
    from kg.cli.load import password_of
    from kg.neo4j import connect

    return connect(uri=uri, user=user, password=password_of(user), database=database)
