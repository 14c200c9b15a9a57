"""`kg cypher`: ask in Cypher, with nothing installed."""

from __future__ import annotations

import click

from kg.cli.answers import csv_lines, json_lines, notice, print_table, read_query, timeout_option, write


@click.command(
    epilog="""Example: kg cypher my.kg 'MATCH (p:Paper)-[:INTRODUCES]->(m:Model) RETURN m.name, p.title LIMIT 5'"""
)
@click.argument("graph", metavar="DIR")
@click.argument("query")
@click.option(
    "-o",
    "--output",
    metavar="FORMAT",
    type=click.Choice(("table", "json", "csv")),
    default="table",
    show_default=True,
    help="table, json or csv.",
)
@timeout_option
def command(graph: str, query: str, output: str, timeout: float) -> None:
    """Ask the graph in Cypher.

    QUERY is the text, @file, or - for stdin. Labels, types and properties are as in Neo4j; a query only reads.
    """
    from kg.query.cypher import select

    with select(graph, read_query(query), timeout=timeout, notice=notice) as rows:
        if output == "table":
            print_table(rows.columns, rows)
        else:
            for block in (csv_lines if output == "csv" else json_lines)(rows.columns, rows):
                write(block)
