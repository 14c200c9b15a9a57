"""`kg load`: the graph into Neo4j."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from kg.cli.common import err, out, progress, table
from kg.errors import UsageError
from kg.neo4j import LoadReport, load, size


@click.command(epilog="Example: NEO4J_PASSWORD=… kg load my.kg --uri neo4j://localhost:7687 --user neo4j --prune")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--uri",
    envvar="NEO4J_URI",
    default="bolt://localhost:7687",
    show_default=True,
    help="Address of the server: bolt://, neo4j://, with TLS bolt+s://, neo4j+s:// [env: NEO4J_URI].",
)
@click.option("--user", envvar="NEO4J_USERNAME", default="neo4j", show_default=True, help="[env: NEO4J_USERNAME]")
@click.option("--database", envvar="NEO4J_DATABASE", help="Name of the database [default: the user's home database].")
@click.option("--prune", is_flag=True, help="Delete what an earlier load of this graph left and the graph has no more.")
@click.option(
    "--batch",
    type=click.IntRange(1, 100_000),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Most rows in one transaction.",
)
def command(directory: Path, uri: str, user: str, database: str | None, prune: bool, batch: int) -> None:
    """Load the graph in DIR into a Neo4j database (5 or later; the Community edition will do, APOC is not needed).

    The password comes from NEO4J_PASSWORD, else it is asked for. Loading again changes nothing, continues what was
    interrupted, or updates to a newer build. Nodes and relationships that are not this graph's are not touched.
    """
    password = password_of(user)
    with progress("Loading", size(directory)) as advance:
        report = load(
            directory,
            uri=uri,
            user=user,
            password=password,
            database=database,
            prune=prune,
            batch=batch,
            advance=advance,
        )
    out(_summary(report, uri))
    if report.kept:
        err(f"{report.kept:,} nodes are gone from the graph but stay: relationships that are not ours hang on them.")


def password_of(user: str) -> str:
    """From the environment, else from the terminal; there is no option, which other users of the machine could see."""
    if (password := os.environ.get("NEO4J_PASSWORD")) is not None:
        return password
    if not sys.stdin.isatty():
        raise UsageError(f"no password for user {user!r}: set NEO4J_PASSWORD")
    asked: str = click.prompt(f"Password for {user}", hide_input=True, err=True)
    return asked


def _summary(report: LoadReport, uri: str) -> str:
    rows = [
        ("nodes", report.nodes, report.nodes_created, report.nodes_deleted),
        ("relationships", report.edges, report.edges_created, report.edges_deleted),
    ]
    return f"{uri} ({report.server})\n" + table(rows, ("", "in the graph", "created", "deleted"), indent="  ")
