"""Training: from annotated papers and a MiniLM encoder to a model directory that `kg` can load.

    train([Path("train.jsonl")], Path("my-model"), encoder=Path("minilm"), epochs=8)

Needs the extra `train` (torch, onnx, safetensors). A share of the papers, chosen by their ids, is held out of the
learning; thresholds and the confidence of entities are fitted on it. Report figures on papers of neither part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["train"]


def train(
    corpus: Sequence[Path], out: Path, *, encoder: Path, epochs: int = 8, seed: int = 1, budget_s: float | None = None,
    resume: bool = False, progress: Callable[[str], None] = print, lexicon: Path | None = None, held_out: float = 0.075,
    checkpoint: Path | None = None,
) -> None:  # fmt: skip
    """Train on gold records (JSON Lines) and write the model directory `out`.

    `encoder` is a directory with the weights (`model.safetensors`), `config.json` and `vocab.txt` of an uncased BERT of
    width 384 and six layers. With `budget_s` the learning rate falls to zero by that many seconds, whatever the epoch.
    The checkpoint (default: `out` with the suffix `.checkpoint.pt`) is written every five minutes; `resume` goes on
    from it. The same corpus, encoder, seed and number of threads give the same model if no budget cuts it short.
    """
    from kg.train.run import Paths, train_model

    paths = Paths(tuple(corpus), out, encoder, lexicon, checkpoint or out.with_suffix(".checkpoint.pt"))
    train_model(paths, epochs=epochs, seed=seed, budget_s=budget_s, resume=resume, progress=progress, share=held_out)
