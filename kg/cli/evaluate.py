"""`kg eval`: how near extraction comes to annotated papers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from kg.cli.common import err, out, progress, table


@click.command(epilog="Example: kg eval gold.jsonl predicted.jsonl --misses 20")
@click.argument("gold", type=click.Path(path_type=Path))
@click.argument("predicted", type=click.Path(path_type=Path), required=False)
@click.option("--model", default="default", show_default=True, help="default, fast, rules, or a model directory.")
@click.option("--lexicon", type=click.Path(path_type=Path), help="Terms of your own, JSON Lines.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0: one a core.")
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
@click.option(
    "--misses",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="List the N entities most often missed and invented.",
)
def command(
    gold: Path, predicted: Path | None, model: str, lexicon: Path | None, jobs: int, as_json: bool, misses: int
) -> None:
    """Precision, recall and F1 of PREDICTED, or of extraction from GOLD's own texts, against GOLD.

    GOLD holds one record a line with `id`, `text`, `entities`, `relations`, `results` and `links`; PREDICTED what
    `kg extract` writes.
    """
    from kg.evaluate import read_records, score

    wanted = read_records(gold)
    if predicted is not None:
        found: dict[str, dict[str, Any]] = read_records(predicted)
    else:
        found = _extract(wanted, model, lexicon, jobs)
    strangers = sorted(set(found) - set(wanted))
    if strangers:
        err(f"{len(strangers)} papers that {gold.name} does not hold were passed over")
    scores = score(wanted, found)
    if as_json:
        out(json.dumps(scores.rows(), indent=1))
        return
    rows = [[name, *(f"{row[c]:.4f}" if c in {"precision", "recall", "f1"} else row[c] for c in _COLUMNS)]
            for name, row in scores.rows().items() if "f1" in row]  # fmt: skip
    out(table(rows, ["", "P", "R", "F1", "right", "invented", "missed"]))
    accuracy = scores.rows()["role accuracy"]
    out(f"role accuracy {accuracy['accuracy']:.4f} of {accuracy['of']} matched entities")
    for title, counts in (("missed", scores.missed), ("not in gold", scores.invented)):
        if misses:
            out(f"\n{title}:")
            ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            out("\n".join(f"  {n:3} {name}" for name, n in ranked[:misses]))


def _extract(
    wanted: dict[str, dict[str, Any]], model: str, lexicon: Path | None, jobs: int
) -> dict[str, dict[str, Any]]:
    """The records that extraction makes of the gold texts."""
    from kg.evaluate import paper_of
    from kg.extract import to_record
    from kg.extract.worker import Done
    from kg.pipeline.extracting import extract_all

    papers = [paper_of(record) for record in wanted.values()]
    found: dict[str, dict[str, Any]] = {}
    with progress("extracting", len(papers)) as advance:
        for paper, outcome in zip(papers, extract_all(papers, model=model, lexicon=lexicon, jobs=jobs), strict=True):
            if isinstance(outcome, Done):
                found[paper.id] = to_record(outcome.extraction, paper.text)
            else:
                err(f"{paper.id}: {outcome.reason}")
            advance()
    return found


_COLUMNS = ("precision", "recall", "f1", "tp", "fp", "fn")
