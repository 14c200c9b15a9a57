"""One training run from files to a model directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from kg.errors import ModelError
from kg.extract.lexicon import Lexicon
from kg.extract.neural.features import WordPieces
from kg.extract.neural.model import Model
from kg.train.defaults import UNTUNED
from kg.train.examples import example, held_out, read_records
from kg.train.export import export, write_settings
from kg.train.loop import Plan, learn
from kg.train.network import Network, Size
from kg.train.tune import tune


@dataclass(frozen=True, slots=True)
class Paths:
    """Where everything lies."""

    corpus: tuple[Path, ...]
    out: Path
    encoder: Path
    lexicon: Path | None
    checkpoint: Path


def read_vocabulary(encoder: Path) -> list[str]:
    """The word pieces of a BERT directory, one a line."""
    path = encoder / "vocab.txt"
    if not path.is_file():
        raise ModelError(f"{encoder}: the encoder directory lacks vocab.txt")
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def train_model(
    paths: Paths, *, epochs: int, seed: int, budget_s: float | None, resume: bool, progress: Callable[[str], None],
    share: float,
) -> None:  # fmt: skip
    """Learn, export, tune on the papers held out, and write the settings."""
    torch.set_num_threads(max(1, min(8, os.cpu_count() or 1)))
    lexicon = Lexicon.load(extra=paths.lexicon)
    records = read_records(paths.corpus)
    learned = [example(r, lexicon) for r in records if not held_out(r["id"], share)]
    kept = [r for r in records if held_out(r["id"], share)]
    progress(f"{len(learned)} papers to learn from, {len(kept)} held out")
    vocabulary = read_vocabulary(paths.encoder)
    torch.manual_seed(seed)
    network = Network(Size(vocabulary=len(vocabulary)))
    network.encoder.load_minilm(paths.encoder)
    plan = Plan(epochs=epochs, seed=seed, budget_s=budget_s, bfloat16=False)
    learn(
        network, learned, WordPieces(vocabulary), plan,
        checkpoint=paths.checkpoint, resume=resume, progress=progress,
    )  # fmt: skip
    export(network, vocabulary, paths.out, UNTUNED)
    if kept:
        settings = tune(Model.load(paths.out), lexicon, kept, progress=progress)
        write_settings(paths.out, settings)
