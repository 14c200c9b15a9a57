"""The training loop: joint loss, a learning rate that follows steps or the clock, checkpoints, resuming."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kg.extract.neural.features import WordPieces
from kg.train.batch import Batch, Noise, best_spans, collate, losses, total, word_vectors
from kg.train.examples import Example
from kg.train.network import Network
from kg.train.report import Progress
from kg.train.sheets import Sheet, TypedSpan, gold_sheet

TOLD = 25
"""After so many steps progress is told."""
AHEAD = 4
"""So many batches are put together before they are needed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to learn.

    `mixed` papers with soft labels go with each annotated one. At each of the shares `mistakes` of the way, the
    network's own mistakes are collected anew, for the heads to learn from. `workers` are processes.
    """

    epochs: int = 5
    batch: int = 8
    mixed: int = 0
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    warmup: float = 0.03
    decay: float = 0.01
    mistakes: tuple[float, ...] = (0.15, 0.45)
    budget_s: float | None = None
    seed: int = 0
    bfloat16: bool = False
    checkpoint_s: float = 300.0
    workers: int = 1


@dataclass(slots=True)
class State:
    """How far a run is: batches done, seconds spent, how often mistakes were collected, and the last ones."""

    done: int = 0
    spent: float = 0.0
    collected: int = 0
    guessed: list[list[TypedSpan]] | None = None


def device_of(network: Network) -> torch.device:
    """Where the network's weights lie."""
    device: torch.device = next(network.parameters()).device
    return device


def batches_of(lengths: Sequence[int], size: int, chance: random.Random) -> list[list[int]]:
    """Batches of indices of papers of like length in random order; every paper once."""
    order = list(range(len(lengths)))
    chance.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), size * 32):
        chunk = sorted(order[start : start + size * 32], key=lambda index: lengths[index])
        batches.extend(chunk[i : i + size] for i in range(0, len(chunk), size))
    chance.shuffle(batches)
    return batches


def optimiser(network: Network, plan: Plan) -> torch.optim.Optimizer:
    """AdamW with a rate for the encoder and one for the heads and the new embeddings; no decay on vectors."""
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        new = name.startswith("heads.") or ".shape." in name or "encoder.lexicon" in name
        rate = plan.head_rate if new else plan.encoder_rate
        decay = 0.0 if parameter.ndim < 2 or "embed" in name else plan.decay
        groups.setdefault((rate, decay), []).append(parameter)
    ordered = sorted(groups.items(), key=lambda group: group[0])
    settings = [{"params": p, "lr": rate, "top": rate, "weight_decay": decay} for (rate, decay), p in ordered]
    return torch.optim.AdamW(settings, betas=(0.9, 0.98), eps=1e-6, fused=True)


def make_sheets(
    items: Sequence[Example], pieces: WordPieces, guessed: Sequence[Sequence[TypedSpan]] | None, workers: int
) -> list[Sheet]:
    """The sheets of annotated papers, in order."""
    make = partial(_make, pieces)
    rows = list(zip(items, guessed or repeat(()), strict=False))
    if workers < 2:
        return [make(row) for row in rows]
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        return list(pool.map(make, rows, chunksize=32))


def _make(pieces: WordPieces, row: tuple[Example, Sequence[TypedSpan]]) -> Sheet:
    return gold_sheet(row[0], pieces, row[1])


def guess(network: Network, sheets: Sequence[Sheet], pieces: WordPieces, size: int = 64) -> list[list[TypedSpan]]:
    """What the network's tagger finds in each paper."""
    was = network.training
    network.eval()
    found: list[list[TypedSpan]] = [[] for _ in sheets]
    order = sorted(range(len(sheets)), key=lambda index: len(sheets[index].shape))
    with torch.no_grad():
        for start in range(0, len(order), size):
            chunk = order[start : start + size]
            batch = collate([sheets[i] for i in chunk], pieces).to(device_of(network))
            words, _ = word_vectors(network, batch)
            tags = network.heads.tag(words).argmax(2).cpu().numpy()
            for index, spans in zip(chunk, best_spans(tags, batch.lengths), strict=True):
                found[index] = spans
    network.train(was)
    return found


class Feed:
    """The batches of a run, each depending on the seed and its number alone, put together ahead of need."""

    def __init__(self, sheets: Sequence[Sheet], mixed: Sequence[Sheet], pieces: WordPieces, plan: Plan) -> None:
        self.sheets, self.mixed, self.pieces, self.plan = sheets, mixed, pieces, plan
        self.epoch_steps = -(-len(sheets) // plan.batch)
        self._orders: dict[tuple[str, int], list[list[int]]] = {}

    def _order(self, what: str, sheets: Sequence[Sheet], size: int, epoch: int) -> list[list[int]]:
        key = (what, epoch)
        if key not in self._orders:
            self._orders = {k: v for k, v in self._orders.items() if k[1] >= epoch - 1 or k[0] != what}
            chance = random.Random(f"{self.plan.seed}/{what}/{epoch}")
            self._orders[key] = batches_of([len(s.shape) for s in sheets], size, chance)
        return self._orders[key]

    def batch(self, number: int) -> Batch:
        """Batch `number` of the run."""
        epoch, position = divmod(number, self.epoch_steps)
        chosen = [self.sheets[i] for i in self._order("gold", self.sheets, self.plan.batch, epoch)[position]]
        if self.mixed and self.plan.mixed:
            size = self.plan.batch * self.plan.mixed
            round_, place = divmod(number, -(-len(self.mixed) // size))
            chosen += [self.mixed[i] for i in self._order("mixed", self.mixed, size, round_)[place]]
        return collate(chosen, self.pieces, np.random.default_rng([self.plan.seed, number]), Noise())

    def run(self, first: int, stop: int) -> Iterator[Batch]:
        """The batches `first` … `stop`."""
        with ThreadPoolExecutor(1) as thread:
            waiting = [thread.submit(self.batch, n) for n in range(first, min(stop, first + AHEAD))]
            for number in range(first, stop):
                if number + AHEAD < stop:
                    waiting.append(thread.submit(self.batch, number + AHEAD))
                yield waiting.pop(0).result()


def learn(
    network: Network, items: Sequence[Example], pieces: WordPieces, plan: Plan, *, labelled: Sequence[Sheet] = (),
    checkpoint: Path | None = None, resume: bool = False, progress: Progress,
) -> None:  # fmt: skip
    """Train `network` in place, on the device where it lies. With a budget the rate falls to zero by the time that it
    is spent. `labelled` are papers with soft labels."""
    adam = optimiser(network, plan)
    state = State()
    if resume and checkpoint is not None and checkpoint.exists():
        state = _restore(checkpoint, network, adam)
        progress(f"resumed at step {state.done}, {state.spent:.0f} s spent")
    steps = plan.epochs * -(-len(items) // plan.batch)
    network.low_precision = plan.bfloat16
    network.train()
    began, saved, average = time.monotonic() - state.spent, time.monotonic(), dict[str, float]()
    sheets = make_sheets(items, pieces, state.guessed, plan.workers)
    while state.done < steps and not (plan.budget_s and state.spent >= plan.budget_s):
        due = sum(state.done >= share * steps for share in plan.mistakes)
        if due > state.collected:
            state.collected, state.guessed = due, guess(network, sheets, pieces)
            sheets = make_sheets(items, pieces, state.guessed, plan.workers)
        ahead = [int(np.ceil(share * steps)) for share in plan.mistakes]
        stop = min([at for at in ahead if at > state.done] + [steps])
        for batch in Feed(sheets, labelled, pieces, plan).run(state.done, stop):
            state.spent = time.monotonic() - began
            share = max(state.done / steps, state.spent / plan.budget_s if plan.budget_s else 0.0)
            if share >= 1.0:
                break
            scale = min(1.0, (state.done + 1) / (plan.warmup * steps + 1)) * (1.0 - share)
            for group in adam.param_groups:
                group["lr"] = group["top"] * scale
            torch.manual_seed(plan.seed * 1_000_003 + state.done)
            parts = losses(network, batch.to(device_of(network)))
            loss = total(parts)
            adam.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call,unused-ignore]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            adam.step()
            state.done += 1
            if state.done % TOLD == 0 or state.done == steps:
                for name, part in parts.items():
                    average[name] = 0.7 * average.get(name, part.item()) + 0.3 * part.item()
                seen = " ".join(f"{k} {v:.3f}" for k, v in sorted(average.items()))
                progress(f"step {state.done}/{steps} {state.spent:.0f} s rate {scale:.2f} | {seen}", state.done, steps)
            if checkpoint is not None and time.monotonic() - saved > plan.checkpoint_s:
                state.spent = time.monotonic() - began
                _save(checkpoint, network, adam, state)
                saved = time.monotonic()
    network.eval()
    if checkpoint is not None:
        _save(checkpoint, network, adam, state)


def _save(path: Path, network: Network, adam: torch.optim.Optimizer, state: State) -> None:
    kept = {
        "network": network.state_dict(), "adam": adam.state_dict(), "size": network.size.as_dict(),
        "done": state.done, "spent": state.spent, "collected": state.collected, "guessed": state.guessed,
    }  # fmt: skip
    temporary = path.with_suffix(".tmp")
    torch.save(kept, temporary)
    temporary.replace(path)


def _restore(path: Path, network: Network, adam: torch.optim.Optimizer) -> State:
    kept: dict[str, Any] = torch.load(path, weights_only=True, map_location=device_of(network))
    network.load_state_dict(kept["network"])
    adam.load_state_dict(kept["adam"])
    guessed = kept["guessed"]
    spans = None if guessed is None else [[(s, e, t) for s, e, t in row] for row in guessed]
    return State(kept["done"], kept["spent"], kept["collected"], spans)
