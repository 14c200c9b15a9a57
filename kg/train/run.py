"""One training run, from files to a model directory, in steps that each leave a file behind.

    texts ─ masked words ─┐                      (with texts)
    encoder ──────────────┴─ teachers ─ labels ─ student     (with texts: Hinton et al. 2015)
                          └─ network                          (without)
    network ─ int8 ─ confidence ─ rules beside the model ─ settings ─ card

Everything behind the first line is fitted on papers that are held out of the learning, chosen by their ids.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from kg import __version__
from kg.errors import ModelError, NothingReadable, OutputError, RecordError
from kg.extract.confidence import FILE as CONFIDENCE
from kg.extract.confidence import write_weights
from kg.extract.lexicon import Lexicon
from kg.extract.neural.features import WordPieces
from kg.extract.neural.model import FILES, Model
from kg.extract.pipeline import DECISIONS, load
from kg.train.card import Learned, write_card
from kg.train.confidence import fit_confidence
from kg.train.decisions import Fitter, write_fused
from kg.train.defaults import UNTUNED
from kg.train.distil import label, plain_example, plain_sheet
from kg.train.examples import example, held_out
from kg.train.export import export, write_settings
from kg.train.fitting import fit_settings
from kg.train.gold import Record, read_gold, read_texts
from kg.train.loop import Plan, learn
from kg.train.network import ConvEncoder, Encoder, Network, Size
from kg.train.options import Options
from kg.train.pretrain import MaskPlan, pretrain
from kg.train.report import Progress, under
from kg.train.restore import restore
from kg.train.tune import tune
from kg.train.work import Work, digest_of

BLOCK = 1000
"""So many texts are labelled at a time; a run that is cut off loses one block at most."""
FEWEST = 3
"""Fewer papers than this on either side of the division teach nothing."""
DILATIONS = (1, 1, 2, 1, 2, 4)


@dataclass(slots=True)
class Run:
    """Everything that the steps share."""

    options: Options
    work: Work
    progress: Progress
    lexicon: Lexicon
    learned: list[Record]
    kept: list[Record]
    texts: list[Any]
    vocabulary: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def pieces(self) -> WordPieces:
        """The word pieces of the network."""
        return WordPieces(self.vocabulary)

    def plan(self, seed: int, epochs: int, share: float, mixed: int = 0) -> Plan:
        """How a network learns; `share` of the run's minutes are for it, if they are limited."""
        minutes = self.options.minutes
        return Plan(
            epochs=epochs, batch=self.options.batch, seed=seed, mixed=mixed,
            budget_s=minutes * 60 * share if minutes else None, workers=1,
        )  # fmt: skip


def train_model(
    gold: Sequence[Path], out: Path, *, encoder: Path | None, start: Path | None, texts: Sequence[Path],
    lexicon: Path | None, work: Path, options: Options, resume: bool, restart: bool, progress: Progress,
    reject: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """Run all steps; returns what the model card tells. See `kg.train.train`."""
    if out.exists() and not (out.is_dir() and all((out / name).is_file() for name in FILES)):
        raise OutputError(out, "exists and is no model directory; choose another, or remove it")
    torch.set_num_threads(options.threads or max(1, os.cpu_count() or 1))
    words = Lexicon.load(extra=lexicon)
    records = read_gold(gold, lambda error: reject(str(error)))
    papers = read_texts(texts, records, reject) if texts else []
    learned = [r for r in records if not held_out(r["id"], options.held_out)]
    kept = [r for r in records if held_out(r["id"], options.held_out)]
    if min(len(learned), len(kept)) < FEWEST:
        raise NothingReadable(
            f"{len(learned)} annotated papers to learn from and {len(kept)} held out: at least {FEWEST} of each are"
            " needed; give more papers, or another --held-out share"
        )
    progress(f"{len(learned):,} papers to learn from, {len(kept):,} held out, {len(papers):,} texts without annotation")
    first, vocabulary = first_network(encoder, start, options)
    plan = {
        **asdict(options), "version": __version__,
        "annotated papers": digest_of(json.dumps(r, sort_keys=True) for r in records),
        "texts": digest_of(p.text for p in papers),
        "lexicon": digest_of(f"{t.id} {t.forms}" for t in words.terms),
        "first weights": digest_of(str(v.double().sum().item()) for v in first.state_dict().values()),
    }  # fmt: skip
    plan.pop("threads")
    run = Run(options, Work(work, plan, resume=resume, restart=restart), progress, words, learned, kept, papers,
              vocabulary)  # fmt: skip
    network = taught(run, first) if papers else alone(run, first)
    return finish(run, network, out, lexicon)


def read_vocabulary(encoder: Path) -> list[str]:
    """The word pieces of a BERT directory, one a line."""
    path = encoder / "vocab.txt"
    if not path.is_file():
        raise ModelError(f"{encoder}: the encoder directory lacks vocab.txt")
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def first_network(encoder: Path | None, start: Path | None, options: Options) -> tuple[Network, list[str]]:
    """The network that learning begins with: a model's, or a pretrained encoder with new heads. Raises ModelError."""
    torch.manual_seed(options.seed)
    if start is not None:
        return restore(start)
    if encoder is None:
        raise ModelError("no encoder to begin with: name a BERT directory, or a model to start from")
    vocabulary = read_vocabulary(encoder)
    try:
        config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
        size = Size(
            vocabulary=len(vocabulary), hidden=config["hidden_size"], inner=config["intermediate_size"],
            layers=options.layers or config["num_hidden_layers"], heads=config["num_attention_heads"],
            positions=config["max_position_embeddings"],
        )  # fmt: skip
        network = Network(size)
        assert isinstance(network.encoder, Encoder)
        network.encoder.load_minilm(encoder)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{encoder}: is no BERT directory with safetensors weights ({error!r})") from error
    return network, vocabulary


def small(run: Run, like: Network, seed: int) -> Network:
    """A convolutional network over the same word pieces."""
    torch.manual_seed(seed)
    vectors = like.encoder.word.weight.detach()
    width = min(192, vectors.shape[1], vectors.shape[0])
    size = Size(vocabulary=len(run.vocabulary), hidden=256, inner=384, embedding=width, dilations=DILATIONS)
    network = Network(size)
    assert isinstance(network.encoder, ConvEncoder)
    network.encoder.load_vectors(vectors)
    return network


def alone(run: Run, first: Network) -> Network:
    """A network that learns from the annotated papers alone."""
    if run.options.architecture == "convolution" and not first.size.dilations:
        first = small(run, first, run.options.seed)
    return lesson(run, "network", first, run.options.epochs, run.options.seed, 0.8)


def lesson(
    run: Run, step: str, network: Network, epochs: int, seed: int, share: float, labelled: Sequence[Any] = ()
) -> Network:
    """One network learns, or is taken from where it was left."""
    if not run.work.done(step):
        items = [example(record, run.lexicon) for record in run.learned]
        torch.manual_seed(seed)
        learn(
            network, items, run.pieces, run.plan(seed, epochs, share, run.options.mixed if labelled else 0),
            labelled=labelled, checkpoint=run.work.checkpoint(step), resume=True, progress=under(step, run.progress),
        )  # fmt: skip
        run.work.save(step, network)
    return run.work.load(step)


def taught(run: Run, first: Network) -> Network:
    """Masked words, teachers, labels, student."""
    options = run.options
    plain = [plain_example(paper.id, paper.text, run.lexicon) for paper in run.texts]
    if options.pretrain_epochs and not run.work.done("words"):
        limit = options.minutes * 60 * 0.2 if options.minutes else None
        mask = MaskPlan(epochs=options.pretrain_epochs, batch=options.batch, seed=options.seed, budget_s=limit)
        pretrain(
            first, [plain_sheet(item, run.pieces) for item in plain], run.pieces, mask,
            checkpoint=run.work.checkpoint("words"), progress=under("words", run.progress),
        )  # fmt: skip
    begin = "words" if options.pretrain_epochs else "start"
    if not run.work.done(begin):
        run.work.save(begin, first)
    teachers = [
        lesson(run, f"teacher-{n}", run.work.load(begin), options.epochs, options.seed + n - 1, 0.3 / options.teachers)
        for n in range(1, options.teachers + 1)
    ]
    teachers = [teacher.eval() for teacher in teachers]
    labelled: list[Any] = []
    for block, at in enumerate(range(0, len(plain), BLOCK)):
        if not run.work.labels(block).exists():
            run.progress("labels: texts", at, len(plain))
            sheets = label(teachers, plain[at : at + BLOCK], run.pieces, size=16, progress=lambda *_: None)
            run.work.save_labels(block, sheets)
        labelled += run.work.load_labels(block)
    student = run.work.load(begin)
    if options.architecture == "convolution":
        student = small(run, student, options.seed)
    return lesson(run, "student", student, options.student_epochs, options.seed, 0.3, labelled)


def finish(run: Run, network: Network, out: Path, lexicon: Path | None) -> dict[str, Any]:
    """Quantise, fit what is fitted on the papers held out, write the card; `out` appears when all is done."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as place:
        made = Path(place) / out.name
        run.progress("int8")
        export(network, run.vocabulary, made, UNTUNED)
        run.progress("confidence, on the papers held out")
        settings = tune(Model.load(made), run.lexicon, run.kept, progress=run.progress)
        write_settings(made, settings)
        rules = DECISIONS
        if run.options.rules == "fit":
            rules = Path(place) / "rules"
            run.progress("rules that have not seen the papers held out")
            Fitter(run.learned, run.lexicon, progress=run.progress).write(rules)
        run.progress("rules and model together")
        write_fused(made, rules, run.kept, run.lexicon)
        write_settings(made, fit_settings(made, run.kept, rules, lean=run.options.lean, progress=run.progress))
        run.progress("confidence of the whole")
        write_weights(made / CONFIDENCE, fit_confidence(load(made, lexicon, rules), run.kept))
        told = write_card(made, Learned(run.options, network.size, run.learned, run.kept, len(run.texts), rules))
        if out.exists():
            old = Path(place) / "old"
            out.replace(old)
            made.replace(out)
            shutil.rmtree(old)
        else:
            made.replace(out)
    return told


__all__ = ["RecordError", "train_model"]
