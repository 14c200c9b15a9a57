"""`kg stats`: what a graph holds."""

from __future__ import annotations

import dataclasses
import json

import click

from kg.cli.common import out, table
from kg.cli.search import unicode_out


@click.command(epilog="Example: kg stats my.kg --top 5")
@click.argument("graph", metavar="DIR")
@click.option(
    "--top", metavar="N", type=click.IntRange(min=0), default=10, show_default=True, help="Length of the top lists."
)
@click.option("--json", "as_json", is_flag=True, help="All counts as one JSON object.")
def command(graph: str, top: int, as_json: bool) -> None:
    """Count papers, entities, statements and results; list the most used models, data sets, metrics and tasks."""
    from kg.query.stats import stats

    counted = stats(graph, top=top)
    if as_json:
        out(json.dumps(dataclasses.asdict(counted), ensure_ascii=not unicode_out(), indent=1))
        return
    names = ("papers", "entities", "mentions", "relations", "roles", "results", "evidence", "rejected")
    out(table([(name, getattr(counted, name)) for name in names]))
    plural = {"Method": "methods", "Model": "models", "Dataset": "data sets", "Metric": "metrics", "Task": "tasks"}
    sections: list[tuple[str, list[tuple[object, ...]]]] = [
        ("entities by type", list(counted.types.items())),
        ("entities by kind", list(counted.kinds.items())),
        ("relations", [*counted.predicates.items(), *([("(denied)", counted.denied)] if counted.denied else [])]),
        ("roles in papers", list(counted.role_counts.items())),
        ("results by mode", list(counted.modes.items())),
        ("papers by year", [(year or "(none)", count) for year, count in counted.years.items()]),
        *(
            (f"most used {plural[type_]}", [tuple[object, ...]((ref.name, ref.papers, ref.id)) for ref in refs])
            for type_, refs in counted.top.items()
        ),
        (
            "to be careful with",
            [(h.name, h.count, f"{h.count / h.total:.0%} of {h.total:,}", h.meaning) for h in counted.hints if h.total],
        ),
    ]
    for title, rows in sections:
        if rows:
            out(f"\n{click.style(title.upper(), fg='cyan', bold=True)}")
            out(table(rows, indent="  "))
