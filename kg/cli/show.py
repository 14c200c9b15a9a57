"""`kg show`: one entity or paper with its neighbours and sentences."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys

import click

from kg.cli.common import Text, err, harmless, out
from kg.cli.search import unicode_out
from kg.errors import AmbiguousError


@click.command(epilog="Example: kg show my.kg LLaMA --limit 5")
@click.argument("graph", metavar="DIR")
@click.argument("name", type=Text())
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=1), default=10, show_default=True, help="At most N in each group."
)
@click.option("--json", "as_json", is_flag=True, help="The whole card as one JSON object.")
def command(graph: str, name: str, limit: int, as_json: bool) -> None:
    """Show one entity or paper: its names, families, papers, relations and results, each with the sentence.

    NAME is a name, an alias, a title or an id. Ends with 1 if nothing is called so, or several things are.
    """
    from kg.cli.cards import Style, card_text
    from kg.query.show import show

    try:
        card = show(graph, name, limit=limit)
    except AmbiguousError as error:
        err(click.style("Error: ", fg="red", bold=True) + f"{harmless(error.name)!r} may be any of these; give the id:")
        for candidate in error.candidates:
            err(f"  {harmless(candidate)}")
        sys.exit(error.exit_code)
    if as_json:
        out(json.dumps(dataclasses.asdict(card), ensure_ascii=not unicode_out(), indent=1))
        return
    terminal = sys.stdout.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, 120) if terminal else None
    out(card_text(card, Style(colour=terminal and "NO_COLOR" not in os.environ, width=width)))
