"""Further pretraining of the encoder on texts without annotation: masked words, as BERT learned (Devlin et al. 2019),
whole words at a time. Shape and lexicon embeddings learn along; both are hidden where the word is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from kg.extract.neural.encode import FRAME_SHAPE
from kg.extract.neural.features import WordPieces
from kg.train.loop import batches_of
from kg.train.network import Network
from kg.train.report import Progress
from kg.train.sheets import Sheet

TOLD = 25
"""After so many steps progress is told."""


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """How long and how fast; `share` of the words are to be guessed, of `longest` pieces a text at most."""

    epochs: int = 3
    batch: int = 128
    rate: float = 5e-4
    warmup: float = 0.05
    share: float = 0.2
    longest: int = 384
    seed: int = 0
    bfloat16: bool = False
    budget_s: float | None = None
    checkpoint_s: float = 300.0


class MaskHead(nn.Module):  # type: ignore[misc,unused-ignore]
    """From a piece's vector to the vocabulary; the output matrix is the encoder's own table of pieces."""

    def __init__(self, hidden: int, vocabulary: int) -> None:
        super().__init__()
        self.dense, self.norm = nn.Linear(hidden, hidden), nn.LayerNorm(hidden, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, x: Tensor, table: Tensor) -> Tensor:
        logits: Tensor = self.norm(F.gelu(self.dense(x))) @ table.T + self.bias
        return logits


def masked(
    sheets: Sequence[Sheet], pieces: WordPieces, chance: np.random.Generator, plan: MaskPlan
) -> tuple[NDArray[Any], ...]:
    """Ids, shapes, lexicon tags, mask, and what is to be guessed (-100 elsewhere), each `[texts, pieces]`."""
    counts = [min(len(sheet.cuts[0].ids), plan.longest - 2) for sheet in sheets]
    size = (len(sheets), -(-(max(counts) + 2) // 8) * 8)
    ids, shape = np.full(size, pieces.pad, np.int64), np.full(size, FRAME_SHAPE, np.int64)
    lexicon, real, wanted = np.zeros(size, np.int64), np.zeros(size, np.bool_), np.full(size, -100, np.int64)
    for row, (sheet, n) in enumerate(zip(sheets, counts, strict=True)):
        own, written = sheet.cuts[0].owner[:n], sheet.cuts[0].ids[:n]
        words = len(sheet.shape) + 1
        hit = chance.random(words) < plan.share
        fate = chance.random(words)
        guessed = hit[own]
        hidden, replaced = guessed & (fate[own] < 0.8), guessed & (fate[own] >= 0.9)
        shown = np.where(hidden, pieces.mask, written)
        shown = np.where(replaced, chance.integers(min(1000, len(pieces.ids) // 10), len(pieces.ids), n), shown)
        ids[row, : n + 2] = [pieces.cls, *shown, pieces.sep]
        shape[row, 1 : n + 1] = np.where(hidden, FRAME_SHAPE, sheet.shape[own])
        lexicon[row, 1 : n + 1] = np.where(guessed, 0, sheet.lexicon[own])
        real[row, : n + 2] = True
        wanted[row, 1 : n + 1] = np.where(guessed, written, -100)
    return ids, shape, lexicon, real, wanted


def pretrain(
    network: Network, sheets: Sequence[Sheet], pieces: WordPieces, plan: MaskPlan, *,
    checkpoint: Path | None = None, progress: Progress,
) -> None:  # fmt: skip
    """Train the encoder of `network` in place, where it lies; goes on from `checkpoint` if that is there."""
    encoder = network.encoder
    device = encoder.word.weight.device
    torch.manual_seed(plan.seed)
    head = MaskHead(network.size.hidden, network.size.vocabulary).to(device)
    parameters = [*encoder.parameters(), *head.parameters()]
    adam = torch.optim.AdamW(parameters, lr=plan.rate, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01, fused=True)
    lengths = [len(sheet.cuts[0].ids) for sheet in sheets]
    chunks = [
        chunk for epoch in range(plan.epochs)
        for chunk in batches_of(lengths, plan.batch, random.Random(f"{plan.seed}/{epoch}"))
    ]  # fmt: skip
    steps, average, first, before = len(chunks), 0.0, 0, 0.0
    if checkpoint is not None and checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True, map_location=device)
        network.load_state_dict(kept["network"])
        head.load_state_dict(kept["head"])
        adam.load_state_dict(kept["adam"])
        first, before = kept["done"], kept["spent"]
        progress(f"resumed at step {first}, {before:.0f} s spent")
    began, saved = time.monotonic() - before, time.monotonic()
    network.train()

    def prepare(number: int) -> list[Tensor]:
        chance = np.random.default_rng([plan.seed, number])
        return [torch.from_numpy(a) for a in masked([sheets[i] for i in chunks[number]], pieces, chance, plan)]

    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(prepare, n) for n in range(first, min(first + 8, steps))]
        for number in range(first, steps):
            if number + 8 < steps:
                waiting.append(threads.submit(prepare, number + 8))
            tensors = waiting.pop(0).result()
            spent = time.monotonic() - began
            share = max(number / steps, spent / plan.budget_s if plan.budget_s else 0.0)
            if share >= 1:
                break
            for group in adam.param_groups:
                group["lr"] = plan.rate * min(1.0, (number + 1) / (plan.warmup * steps + 1)) * (1 - share)
            torch.manual_seed(plan.seed * 1_000_003 + number)
            ids, shape, lexicon, real, wanted = (t.to(device, non_blocking=True) for t in tensors)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=plan.bfloat16):
                vectors = encoder(ids, shape, lexicon, real)
                places = wanted >= 0
                logits = head(vectors[places], encoder.word.weight)
            loss = F.cross_entropy(logits.float(), wanted[places])
            adam.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call,unused-ignore]
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            adam.step()
            if number % TOLD == TOLD - 1 or number + 1 == steps:
                average = loss.item() if not average else 0.7 * average + 0.3 * loss.item()
                progress(f"step {number + 1}/{steps} {spent:.0f} s loss {average:.3f}", number + 1, steps)
            if checkpoint is not None and time.monotonic() - saved > plan.checkpoint_s:
                state = {
                    "network": network.state_dict(), "head": head.state_dict(), "adam": adam.state_dict(),
                    "done": number + 1, "spent": time.monotonic() - began,
                }  # fmt: skip
                temporary = checkpoint.with_suffix(".tmp")
                torch.save(state, temporary)
                temporary.replace(checkpoint)
                saved = time.monotonic()
    network.eval()
