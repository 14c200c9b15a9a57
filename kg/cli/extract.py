"""`kg extract`: extraction alone, one JSON record a paper."""

from __future__ import annotations

import sys

import click

from kg.cli.common import err, harmless
from kg.cli.problems import Problems
from kg.pipeline import extract


@click.command(epilog="Example: kg extract papers/ -o extracted.jsonl")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", required=True, metavar="FILE", help="The file to write, JSON Lines; - for stdout.")
@click.option("--jobs", type=int, default=0, metavar="N", help="Processes that extract (default: one for each core).")
@click.option(
    "--model", default="default", metavar="default|fast|DIR", help="The model that extracts.", show_default=True
)
@click.option("--lexicon", metavar="FILE", help="Terms of your own, JSON Lines; they win over those that ship.")
@click.option("--format", "format_", metavar="F", help="The sources' format, where it is not recognised.")
@click.option("--encoding", metavar="NAME", help="The sources' text encoding, where it is not UTF-8.")
@click.option("--strict", is_flag=True, help="End with exit code 1 at the first bad record, and write nothing.")
def command(
    sources: tuple[str, ...],
    output: str,
    jobs: int,
    model: str,
    lexicon: str | None,
    format_: str | None,
    encoding: str | None,
    strict: bool,
) -> None:
    """Extract entities, relations, results and links, one JSON record for each record that was read, in its order.

    Nothing is merged: every record keeps the id that its source gave. Bad records are reported and, unless the output
    is stdout, written to FILE.rejected.jsonl. FILE appears when all is done, or not at all.
    """
    problems = Problems()
    to_stdout = output == "-"
    try:
        report = extract(
            sources,
            sys.stdout.buffer if to_stdout else output,
            model=model,
            lexicon=lexicon,
            format=format_,
            encoding=encoding,
            jobs=jobs,
            strict=strict,
            progress=problems.progress,
            on_problem=problems,
        )
    finally:
        problems.finish("" if to_stdout else f"{output}.rejected.jsonl")
    if not to_stdout:
        rejects = f", {len(report.rejected):,} rejected ({report.rejected_path})" if report.rejected else ""
        err(harmless(f"{output}: {report.records:,} record{'' if report.records == 1 else 's'}{rejects}"))
