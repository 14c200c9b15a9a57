"""`kg export`: the graph as files."""

from __future__ import annotations

from pathlib import Path

import click

from kg.export import EVIDENCE, FORMATS, export


@click.command(
    epilog="Example: kg export my.kg -o my.ttl; kg export my.kg -f nq -o - | head; kg export my.kg -f csv -o tables/"
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-f", "--format", "format_", type=click.Choice(list(FORMATS)), help="The format [default: by OUT's ending]."
)
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    required=True,
    help="The file to write; - for stdout; .gz compresses; csv, neo4j-csv: a folder.",
)
@click.option("--base-iri", metavar="IRI", help="What things are named under in RDF [default: as built].")
@click.option(
    "--evidence",
    type=click.Choice(EVIDENCE),
    default="relations",
    show_default=True,
    help="Which statements get RDF nodes with support, confidence and sentences; all: the papers' roles too.",
)
@click.option("--rdf12", is_flag=True, help="Annotate triples as RDF 1.2 does (ttl, nt, trig, nq).")
def command(
    directory: Path, format_: str | None, output: str, base_iri: str | None, evidence: str, rdf12: bool
) -> None:
    """Write the graph in DIR as a file: RDF in six syntaxes, GraphML, GEXF, JSON Lines, CSV, or CSV for Neo4j.

    The file appears when it is whole. RDF files hold each statement as a plain triple and as a kg:Statement with
    evidence; trig and nq add a named graph for each paper.
    """
    export(directory, format_, output, base_iri=base_iri, evidence=evidence, rdf12=rdf12)
