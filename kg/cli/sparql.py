"""`kg sparql`: ask in SPARQL, with nothing installed."""

from __future__ import annotations

from collections.abc import Callable

import click

from kg.cli.answers import csv_lines, notice, print_table, read_query, timeout_option, write


@click.command(epilog="Example: kg sparql my.kg 'SELECT ?name { ?m a kg:Model ; skos:prefLabel ?name } LIMIT 5' -o csv")
@click.argument("graph", metavar="DIR")
@click.argument("query")
@click.option(
    "-o",
    "--output",
    metavar="FORMAT",
    type=click.Choice(("table", "json", "csv", "ttl", "nt", "jsonld")),
    help="table, json or csv for SELECT and ASK; ttl, nt or jsonld for CONSTRUCT and DESCRIBE.  [default: table; ttl]",
)
@timeout_option
def command(graph: str, query: str, output: str | None, timeout: float) -> None:
    """Ask the graph in SPARQL.

    QUERY is the text, @file, or - for stdin. Common prefixes are known; kg:matches(?thing, "text") finds as kg search
    does. A query only reads.
    """
    from kg.query.sparql import Rows, answering, prefixes, shortened
    from kg.query.worker import Limits
    from kg.store import GraphDir

    directory = GraphDir.open(graph)
    worker, answer = answering(
        directory,
        read_query(query),
        _formats(output),
        limits=Limits(seconds=timeout),
        wanted=output or "table",
        notice=notice,
    )
    with worker:
        kind, form = answer.header["kind"], answer.header["format"]
        if kind == "boolean" and output in (None, "table", "csv"):
            said = "true" if answer.header["value"] else "false"
            for line in csv_lines(["answer"], [[said]]) if output == "csv" else [f"{said}\n".encode()]:
                write(line)
        elif form == "rows":
            rows = Rows(worker, answer)
            shown: Callable[..., object] = shortened(prefixes(directory.manifest.base_iri))
            if output == "csv":
                for line in csv_lines(rows.variables, ([term and term.value for term in row] for row in rows)):
                    write(line)
            else:
                print_table(rows.variables, ([shown(term) for term in row] for row in rows))
        else:
            for block in answer:
                write(block)
            if form == "json":
                write(b"\n")


def _formats(output: str | None) -> dict[str, str]:
    """Which format an answer of each kind has; no entry: that kind cannot be written so."""
    if output in ("ttl", "nt", "jsonld"):
        return {"graph": output}
    if output == "json":
        return {"solutions": "json", "boolean": "json"}
    rows = {"solutions": "rows", "boolean": "rows"}
    return rows | ({} if output else {"graph": "ttl"})
