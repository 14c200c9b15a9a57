"""`kg eval`: how near extraction comes to annotated papers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kg.cli.common import err, out, progress
from kg.errors import UsageError


@click.command(
    epilog="Example: kg eval gold.jsonl --json > before.json; after a change: kg eval gold.jsonl --compare before.json"
)
@click.argument("gold", type=click.Path(path_type=Path))
@click.argument("predicted", type=click.Path(path_type=Path), required=False)
@click.option("--model", default="default", show_default=True, help="default, fast, rules, or a model directory.")
@click.option("--lexicon", type=click.Path(path_type=Path), help="Terms of your own, JSON Lines.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0: one a core.")
@click.option("--gold-entities", is_flag=True, help="Give the pipeline GOLD's entities: relations and results alone.")
@click.option(
    "--compare", "other", type=click.Path(path_type=Path), metavar="OTHER",
    help="A former run: what --json printed, or records. Differences come with paired bootstrap intervals.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object, with the counts of each paper.")
@click.option(
    "--misses", type=click.IntRange(min=0), default=0, metavar="N",
    help="List the N commonest errors of each sort, and the N entities most often missed and invented.",
)  # fmt: skip
def command(
    gold: Path,
    predicted: Path | None,
    model: str,
    lexicon: Path | None,
    jobs: int,
    gold_entities: bool,
    other: Path | None,
    as_json: bool,
    misses: int,
) -> None:
    """Precision, recall and F1 of PREDICTED, or of extraction from GOLD's own texts, against GOLD.

    By type, kind, role and relation, with 95 % bootstrap intervals over papers, the errors most often made, and how
    well calibrated the confidences are. GOLD holds one record a line with `id`, `text`, `entities`, `relations`,
    `results` and `links`; PREDICTED what `kg extract` writes.
    """
    from kg.cli import figures
    from kg.evaluate import paper_of, read_records
    from kg.evaluate.report import compare, dumps, read_run, report, to_json

    if predicted is not None and gold_entities:
        raise UsageError("--gold-entities extracts anew: leave PREDICTED out")
    wanted = read_records(gold, annotated=True)
    if not wanted:
        raise UsageError(f"{gold}: holds no records")
    if predicted is None:
        for record in wanted.values():
            paper_of(record, str(gold))  # a record without text is told before the work begins
    former = None if other is None else read_run(other, wanted)
    if predicted is not None:
        found: Mapping[str, Mapping[str, Any]] = read_records(predicted)
    elif gold_entities:
        found = _extract_given(wanted, model, lexicon)
    else:
        found = _extract(wanted, model, lexicon, jobs)
    strangers = set(found) - set(wanted)
    if strangers:
        many = len(strangers) > 1
        err(
            f"{len(strangers)} paper{'s' * many} that {gold.name} does not hold {'were' if many else 'was'} passed over"
        )
    name = predicted.name if predicted else f"{model}, given gold entities" if gold_entities else model
    measured = report(wanted, found, on=gold.name, of=name, given=gold_entities)
    changes = [] if former is None else compare(measured, former)
    against = "" if other is None else other.name
    if as_json:
        out(dumps(to_json(measured, changes, against)))
        return
    out(f"{name} on {len(wanted):,} paper{'s' * (len(wanted) > 1)} of {gold.name}\n")
    parts = [*figures.sections(measured), figures.errors(measured.mistakes), figures.calibration(measured.calibration)]
    if misses:
        parts += figures.error_lists(measured.mistakes, misses)
        parts.append(figures.names("entities most often missed", measured.scores.missed, misses))
        parts.append(figures.names("entities most often invented", measured.scores.invented, misses))
    if former is not None:
        parts.append(figures.compared(changes, against))
    out("\n\n".join(part for part in parts if part))
    if not measured.calibration:
        err(f"\nNo calibration: the records of {name} do not say how sure they are.")


def _extract(wanted: Mapping[str, Any], model: str, lexicon: Path | None, jobs: int) -> dict[str, dict[str, Any]]:
    """The records that extraction makes of the gold texts."""
    from kg.evaluate import paper_of, with_confidence
    from kg.extract import to_record
    from kg.extract.worker import Done
    from kg.pipeline.extracting import extract_all

    papers = [paper_of(record) for record in wanted.values()]
    found: dict[str, dict[str, Any]] = {}
    with progress("extracting", len(papers)) as advance:
        for paper, outcome in zip(papers, extract_all(papers, model=model, lexicon=lexicon, jobs=jobs), strict=True):
            if isinstance(outcome, Done):
                found[paper.id] = with_confidence(to_record(outcome.extraction, paper.text), outcome.extraction)
            else:
                err(f"{paper.id}: {outcome.reason}")
            advance()
    return found


def _extract_given(wanted: Mapping[str, Any], model: str, lexicon: Path | None) -> dict[str, dict[str, Any]]:
    """The records that the pipeline makes of the gold texts and entities."""
    from kg.evaluate.given import extract_given

    found: dict[str, dict[str, Any]] = {}
    with progress("extracting", len(wanted)) as advance:
        for record in extract_given(wanted.values(), model=model, lexicon=lexicon):
            found[record["id"]] = record
            advance()
    return found
