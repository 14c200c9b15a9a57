"""The model card that a training run writes into the model directory (Mitchell et al. 2019, "Model Cards for Model
Reporting"): what it learned from, how, how well it does on the papers held out, what it is not for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import __version__
from kg.evaluate import paper_of, score
from kg.extract.pipeline import extract, load
from kg.extract.record import to_record
from kg.train.gold import Record
from kg.train.network import Size
from kg.train.options import Options

FIGURES = (
    "entities", "entities/named", "introduced", "role accuracy", "relations", "results", "result values",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """What a run learned from and how."""

    options: Options
    size: Size
    learned: Sequence[Record]
    kept: Sequence[Record]
    texts: int
    rules: Path


def figures(directory: Path, records: Sequence[Record], rules: Path) -> dict[str, float]:
    """F1 (accuracy for roles) of the whole pipeline with the model in `directory`, on annotated papers."""
    nlp = load(directory, decisions=rules)
    found = {}
    for record in records:
        paper = paper_of(record)
        found[paper.id] = to_record(extract(nlp, paper), paper.text)
    rows = score({record["id"]: record for record in records}, found).rows()
    return {name: float(rows[name].get("f1", rows[name].get("accuracy", 0.0))) for name in FIGURES}


def write_card(directory: Path, run: Learned) -> dict[str, Any]:
    """Write README.md; returns the figures."""
    options, size = run.options, run.size
    told = figures(directory, run.kept, run.rules)
    encoder = (
        f"{len(size.dilations)} layers of dilated convolutions of width {size.hidden}"
        if size.dilations
        else f"{size.layers} transformer layers of width {size.hidden}"
    )
    megabytes = sum(path.stat().st_size for path in directory.iterdir()) / 1e6
    steps = [f"{options.epochs} epochs over the annotated papers, seed {options.seed}"]
    if run.texts:
        steps = [
            f"masked words, {options.pretrain_epochs} epochs over the texts",
            f"{options.teachers} teachers, {options.epochs} epochs over the annotated papers each",
            "their labels of the texts",
            f"a student, {options.student_epochs} epochs, {options.mixed} labelled texts for each annotated paper",
        ]
    rows = "\n".join(f"| {name} | {value:.3f} |" for name, value in told.items())
    texts = f" and {run.texts:,} texts without annotation" if run.texts else ""
    limit = f"; limited to {options.minutes:g} minutes" if options.minutes else ""
    rules = "rules fitted without them" if options.rules == "fit" else "the package's rules"
    (directory / "README.md").write_text(
        f"""# Model `{directory.name}`

Reads the title and abstract of a machine-learning paper: entities, kinds and roles, relations, results. Made by
`kg train` {__version__}.

- **Network**: {encoder}; matrices in int8, {megabytes:.1f} MB in all.
- **Learned from**: {len(run.learned):,} annotated papers{texts}.
- **Steps**: {"; ".join(steps)}{limit}.
- **Held out**: {len(run.kept):,} annotated papers, chosen by a hash of their ids. Confidence, thresholds and the weight
  of the rules beside the model were fitted on them ({rules}).

## Figures

Of the whole pipeline on the papers held out. Thresholds were chosen on the same papers: measure on others (`kg eval`)
before you report figures.

| | F1 (roles: accuracy) |
| --- | --- |
{rows}

## Limits

What the annotated papers do not show was not learned: other fields, other languages, full texts. Licences of the
papers and of the encoder that learning began with hold for this directory too.
""",
        encoding="utf-8",
    )
    return {**told, "learned": len(run.learned), "held_out": len(run.kept), "texts": run.texts}
