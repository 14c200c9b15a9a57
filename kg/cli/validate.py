"""`kg validate`: is the graph whole, and does it keep its own rules?"""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.common import harmless, out
from kg.errors import GraphError
from kg.validate import validate


@click.command(epilog="Example: kg validate my.kg && echo whole")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--shapes/--no-shapes", default=True, show_default=True, help="Run the SHACL shapes (needs pyshacl).")
def command(directory: Path, shapes: bool) -> None:
    """Check the graph in DIR: its files, its tables, and the SHACL shapes of its RDF.

    Exit code 0 where all is well, 1 where something is wrong; every fault is a sentence with examples.
    """
    report = validate(directory, shapes=shapes)
    for sentence in report.checked:
        out(f"Checked: {harmless(sentence)}")
    for notice in report.notices:
        out(f"Notice: {harmless(notice)}")
    for problem in report.problems:
        out(click.style("Problem: ", fg="red") + harmless(str(problem)))
    if not report.ok:
        raise GraphError(directory, f"{len(report.problems)} problem{'s' if len(report.problems) > 1 else ''} found")
    out("No problems.")
