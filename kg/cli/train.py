"""`kg train`: a model directory from annotated papers."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import TracebackType

import click

from kg.cli.common import err, harmless, out, table, warn
from kg.train.options import ARCHITECTURES, RULES, Options

_OPTIONS = Options()
_SHOWN = 10  # bad records that are spelled out


class _Told:
    """What a run tells: a bar for each step on a terminal, lines elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._open = False

    def __call__(self, text: str, done: int = 0, total: int = 0, /) -> None:
        if not self._terminal:
            err(harmless(text))
        elif total:
            filled = round(24 * done / total)
            line = f"[{'#' * filled}{'-' * (24 - filled)}] {100 * done // total:3}%  {harmless(text)}"
            click.echo("\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1], err=True, nl=False)
            self._open = True
        else:
            self.close()
            err(harmless(text))

    def close(self) -> None:
        """End the line of a bar."""
        if self._open:
            err()
            self._open = False

    def __enter__(self) -> _Told:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@click.command(epilog="Example: kg train gold.jsonl -o my-model && kg build papers/ -o my.kg --model my-model")
@click.argument("gold", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="GOLD...")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR",
    help="The model directory to write; one that is there is replaced.",
)  # fmt: skip
@click.option(
    "--unlabelled", "texts", multiple=True, type=click.Path(path_type=Path), metavar="SOURCE",
    help="Papers without annotation, in any format that kg build reads, for self-training; can be given again.",
)  # fmt: skip
@click.option(
    "--start", metavar="default|fast|DIR", help="Go on from the weights of this model instead of an encoder's."
)
@click.option(
    "--encoder", type=click.Path(path_type=Path), metavar="DIR",
    help="A BERT directory (config.json, vocab.txt, model.safetensors) to begin with [default: the extra's MiniLM].",
)  # fmt: skip
@click.option(
    "--architecture", type=click.Choice(ARCHITECTURES), default=_OPTIONS.architecture, show_default=True,
    help="Of the model that is made; convolution is smaller and faster.",
)  # fmt: skip
@click.option(
    "--layers", type=click.IntRange(0, 24), default=_OPTIONS.layers, metavar="N",
    help="Layers of a transformer [default: as the encoder].",
)  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), default=_OPTIONS.epochs, show_default=True, help="Rounds over GOLD.")
@click.option(
    "--pretrain-epochs", type=click.IntRange(0), default=_OPTIONS.pretrain_epochs, show_default=True,
    help="With texts: rounds of guessing masked words in them first.",
)  # fmt: skip
@click.option(
    "--teachers", type=click.IntRange(1, 20), default=_OPTIONS.teachers, show_default=True,
    help="With texts: networks whose labels are averaged.",
)  # fmt: skip
@click.option(
    "--student-epochs", type=click.IntRange(1), default=_OPTIONS.student_epochs, show_default=True,
    help="With texts: rounds of the model that learns from GOLD and labels.",
)  # fmt: skip
@click.option(
    "--mixed", type=click.IntRange(1, 50), default=_OPTIONS.mixed, show_default=True,
    help="With texts: labelled ones for each annotated paper.",
)  # fmt: skip
@click.option("--batch", type=click.IntRange(1), default=_OPTIONS.batch, show_default=True, help="Papers a step.")
@click.option(
    "--held-out", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=_OPTIONS.held_out,
    show_default=True, metavar="SHARE", help="Of GOLD, chosen by id, for thresholds and confidence; not learned from.",
)  # fmt: skip
@click.option(
    "--rules", type=click.Choice(RULES), default=_OPTIONS.rules, show_default=True,
    help="fit: weigh the model against rules fitted on GOLD without the papers held out; right where the package's own"
    " rules were fitted on these papers.",
)  # fmt: skip
@click.option("--lean", is_flag=True, help="Entities and relations from the model alone: faster, a little less found.")
@click.option("--lexicon", type=click.Path(path_type=Path), metavar="FILE", help="Terms of your own, JSON Lines.")
@click.option("--seed", type=int, default=_OPTIONS.seed, show_default=True, help="Of everything that is drawn.")
@click.option(
    "--minutes", type=click.FloatRange(0, min_open=True), metavar="M",
    help="Learn for so long at most; rates fall to zero in time [default: all epochs].",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(0), default=_OPTIONS.threads, metavar="N",
    help="Threads of torch [default: one a core].",
)  # fmt: skip
@click.option(
    "--work", type=click.Path(path_type=Path), metavar="DIR",
    help="Where each step leaves its file [default: the output's name with .work].",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on where a run was cut off.")
@click.option("--restart", is_flag=True, help="Begin anew where there is a run already.")
def command(
    gold: tuple[Path, ...],
    output: Path,
    texts: tuple[Path, ...],
    start: str | None,
    encoder: Path | None,
    lexicon: Path | None,
    work: Path | None,
    resume: bool,
    restart: bool,
    **settings: object,
) -> None:
    """Train a model directory from annotated papers, and optionally texts without annotation.

    GOLD holds one record a line with `id`, `text`, `entities`, `relations` and `results`, as kg eval reads them. Needs
    the extra `train`. A run can be killed at any time: with --resume it goes on, and ends with the same model.
    """
    from kg.config import model_dir
    from kg.train import train

    if start and encoder:
        raise click.UsageError("--start and --encoder: give one of them")
    if resume and restart:
        raise click.UsageError("--resume and --restart: give one of them")
    rejected: list[str] = []
    with _Told() as told:
        figures = train(
            gold, output, texts=texts, encoder=encoder, start=model_dir(start) if start else None, lexicon=lexicon,
            work=work, options=Options(**settings), resume=resume, restart=restart, progress=told,  # type: ignore[arg-type]
            reject=rejected.append,
        )  # fmt: skip
    for reason in rejected[:_SHOWN]:
        warn(reason)
    if len(rejected) > _SHOWN:
        warn(f"{len(rejected) - _SHOWN} more records could not be used")
    rows = [[name, f"{value:.3f}"] for name, value in figures.items() if isinstance(value, float)]
    out(table(rows, ["on the papers held out", "F1"]))
    err(f"{output}: a model from {figures['learned']:,} annotated papers; its card is {output / 'README.md'}")
