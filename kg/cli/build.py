"""`kg build`: sources to graph directory."""

from __future__ import annotations

import shlex
import time

import click

from kg.cli.common import err, harmless, out, table
from kg.cli.problems import Problems
from kg.config import Settings
from kg.errors import UsageError
from kg.pipeline import BuildReport, build
from kg.vocab import ENTITY_TYPES


@click.command(epilog="Example: kg build papers/ more.jsonl -o my.kg")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("-o", "--output", required=True, metavar="DIR", help="The graph directory; made if it is not there.")
@click.option("--fresh", is_flag=True, help="Forget what is in DIR and begin anew.")
@click.option(
    "--remove",
    multiple=True,
    metavar="ID|SOURCE",
    help="Take out a paper by its id, or a source by its name; may be repeated.",
)
@click.option("--jobs", type=int, default=0, metavar="N", help="Processes that extract (default: one for each core).")
@click.option(
    "--model", default="default", metavar="default|fast|DIR", help="The model that extracts.", show_default=True
)
@click.option("--lexicon", metavar="FILE", help="Terms of your own, JSON Lines; they win over those that ship.")
@click.option("--rules", metavar="FILE", help="Lines same|different,TYPE,NAME,NAME: what is one thing and what is not.")
@click.option("--min-confidence", type=float, default=0.0, metavar="X", help="Leave out statements below X (0 to 1).")
@click.option("--base-iri", default=Settings().base_iri, metavar="IRI", help="What the IRIs of all things begin with.")
@click.option("--format", "format_", metavar="F", help="The sources' format, where it is not recognised.")
@click.option("--encoding", metavar="NAME", help="The sources' text encoding, where it is not UTF-8.")
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", help="Where the work is done.")
@click.option("--strict", is_flag=True, help="End with exit code 1 at the first bad record, and write nothing.")
def command(
    sources: tuple[str, ...],
    output: str,
    fresh: bool,
    remove: tuple[str, ...],
    jobs: int,
    model: str,
    lexicon: str | None,
    rules: str | None,
    min_confidence: float,
    base_iri: str,
    format_: str | None,
    encoding: str | None,
    engine: str,
    strict: bool,
) -> None:
    """Read sources and build a graph directory, or add them to the one that is there.

    A SOURCE is a file, a directory, a pattern in quotes, or - for standard input; its format is recognised by its
    content. Bad records are reported, written to DIR/rejected.jsonl and passed over. A source that was built before
    under the same name is replaced. What was extracted before is not extracted again, also after an interruption.

    The result is always that of one clean build of all sources: the same input gives the same bytes.
    """
    if engine == "spark":
        raise UsageError("--engine spark is not there yet; the local engine uses all cores of this machine (--jobs)")
    began = time.perf_counter()
    problems = Problems()
    try:
        report = build(
            sources,
            output,
            model=model,
            lexicon=lexicon,
            rules=rules,
            min_confidence=min_confidence,
            base_iri=base_iri,
            format=format_,
            encoding=encoding,
            jobs=jobs,
            fresh=fresh,
            remove=remove,
            strict=strict,
            progress=problems.progress,
            on_problem=problems,
        )
    finally:
        problems.finish(f"{output.rstrip('/')}/rejected.jsonl")
    for name in report.replaced:
        err(harmless(f"{name}: replaces the source of this name that was there, whose content was another"))
    for sentence in report.changed:
        err(harmless(f"Built anew with other settings: {sentence}"))
    out(summary(report, time.perf_counter() - began))


def summary(report: BuildReport, seconds: float) -> str:
    """What was built, in a few lines, and what to do next."""
    counts = report.counts
    parts = [
        f"{harmless(str(report.path))}: {_number(counts['papers'], 'paper')} from {_number(report.sources, 'source')}",
        f"  {_number(counts['records'], 'record')} read = {counts['papers']:,} papers + "
        f"{counts['merged']:,} merged duplicates + {counts['rejected']:,} rejected",
        "",
        table(_rows(report), ("", "", "most mentioned"), indent="  "),
        "",
        f"  {_number(counts['statements'], 'statement')}, {_number(counts['results'], 'result')}, "
        f"{_number(counts['mentions'], 'mention')}; {seconds:.1f} s"
        + (f" ({report.reused:,} papers were extracted before)" if report.reused else ""),
    ]
    return "\n".join([*parts, *_next_steps(report)])


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _rows(report: BuildReport) -> list[tuple[str, int, str]]:
    return [
        (
            f"{kind}s",
            report.counts[f"entities: {kind}"],
            ", ".join(f"{entity.name} ({entity.papers})" for entity in report.top[kind]),
        )
        for kind in ENTITY_TYPES
    ]


def _next_steps(report: BuildReport) -> list[str]:
    """Commands to go on with, about the thing that most papers mention."""
    best = sorted(
        (entity for top in report.top.values() for entity in top),
        key=lambda entity: (entity.kind != "named", -entity.papers, entity.id),
    )
    if not best:
        return []
    where, name = shlex.quote(str(report.path)), shlex.quote(best[0].name)
    return [
        "",
        harmless(f"Next: kg show {where} {name}"),
        harmless(f"      kg view {where} --around {name} -o view.html"),
    ]
