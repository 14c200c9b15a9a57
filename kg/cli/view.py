"""`kg view`: an offline HTML page of a part of the graph."""

from __future__ import annotations

import click

from kg.cli.common import Text, err, harmless


@click.command(epilog="Example: kg view my.kg --around LoRA --hops 2 --type Method --type Model -o lora.html")
@click.argument("graph", metavar="DIR")
@click.option("--around", type=Text(), metavar="NAME", help="Only what lies near this entity or paper (a name or id).")
@click.option("--hops", metavar="N", type=click.IntRange(min=0), default=1, show_default=True, help="How near.")
@click.option("--type", "types", metavar="T", multiple=True, help="Only nodes of this type (Model …); repeatable.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 1000), default=300, show_default=True, help="At most N nodes."
)
@click.option("-o", "--output", metavar="FILE", required=True, help="The HTML file to write.")
def command(graph: str, around: str | None, hops: int, types: tuple[str, ...], limit: int, output: str) -> None:
    """Write a page that any browser opens, also without a network: nodes, edges, their sentences, a search box.

    Of more nodes than fit the best supported ones are kept.
    """
    from kg.views import view

    report = view(graph, output, around=around, hops=hops, types=types, limit=limit)
    left = f", {report.left_out:,} nodes left out" if report.left_out else ""
    err(f"{harmless(report.path)}: {report.nodes:,} nodes, {report.edges:,} edges{left}")
