"""The training loop: joint loss, a learning rate that follows steps or the clock, checkpoints, resuming."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from kg.extract.neural.features import WordPieces
from kg.train.batch import Noise, collate, losses, total
from kg.train.examples import Example
from kg.train.network import Network

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to learn."""

    epochs: int = 5
    batch: int = 8
    encoder_rate: float = 2e-4
    head_rate: float = 1e-3
    warmup: float = 0.03
    decay: float = 0.01
    budget_s: float | None = None
    seed: int = 0
    bfloat16: bool = True
    checkpoint_s: float = 300.0


def buckets(items: Sequence[Example], size: int, chance: random.Random) -> list[list[Example]]:
    """Batches of papers of like length in random order; every paper once."""
    order = list(items)
    chance.shuffle(order)
    batches: list[list[Example]] = []
    for start in range(0, len(order), size * 32):
        chunk = sorted(order[start : start + size * 32], key=lambda item: len(item.words))
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


def learn(
    network: Network, items: Sequence[Example], pieces: WordPieces, plan: Plan, *,
    checkpoint: Path | None = None, resume: bool = False, progress: Progress = print,
) -> None:  # fmt: skip
    """Train `network` in place. With a budget the rate falls to zero by the time that it is spent."""
    steps = plan.epochs * -(-len(items) // plan.batch)
    adam = optimiser(network, plan)
    epoch, position, spent = 0, 0, 0.0
    if resume and checkpoint is not None and checkpoint.exists():
        state: dict[str, Any] = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        adam.load_state_dict(state["adam"])
        epoch, position, spent = state["epoch"], state["position"], state["spent"]
        progress(f"resumed at epoch {epoch}, batch {position}, {spent:.0f} s spent")
    began, saved = time.monotonic() - spent, time.monotonic()
    average: dict[str, float] = {}
    network.bfloat16 = plan.bfloat16
    network.train()
    done = epoch * -(-len(items) // plan.batch) + position
    while epoch < plan.epochs:
        batches = buckets(items, plan.batch, random.Random(f"{plan.seed}/{epoch}"))
        while position < len(batches):
            spent = time.monotonic() - began
            share = max(done / steps, spent / plan.budget_s if plan.budget_s else 0.0)
            if share >= 1.0:
                break
            scale = min(1.0, (done + 1) / (plan.warmup * steps + 1)) * (1.0 - share)
            for group in adam.param_groups:
                group["lr"] = group["top"] * scale
            torch.manual_seed(plan.seed * 1_000_003 + done)
            batch = collate(batches[position], pieces, random.Random(f"{plan.seed}/{epoch}/{position}"), Noise())
            parts = losses(network, batch, own_mistakes=done > steps * 0.1)
            loss = total(parts)
            adam.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            adam.step()
            for name, part in parts.items():
                if torch.isfinite(part):
                    average[name] = 0.98 * average.get(name, part.item()) + 0.02 * part.item()
            done, position = done + 1, position + 1
            if done % 25 == 0:
                seen = " ".join(f"{k} {v:.3f}" for k, v in sorted(average.items()))
                progress(f"epoch {epoch} step {done}/{steps} {spent:.0f} s rate {scale:.2f} | {seen}")
            if checkpoint is not None and time.monotonic() - saved > plan.checkpoint_s:
                _save(checkpoint, network, adam, epoch, position, time.monotonic() - began)
                saved = time.monotonic()
        else:
            epoch, position = epoch + 1, 0
            continue
        break
    network.eval()
    if checkpoint is not None:
        _save(checkpoint, network, adam, epoch, position, time.monotonic() - began)


def _save(path: Path, network: Network, adam: torch.optim.Optimizer, epoch: int, position: int, spent: float) -> None:
    state = {
        "network": network.state_dict(), "adam": adam.state_dict(), "size": network.size.as_dict(),
        "epoch": epoch, "position": position, "spent": spent,
    }  # fmt: skip
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)
