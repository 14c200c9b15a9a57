"""The directory of a run: what was asked for, and what each finished step left, so that a run can go on."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from kg.errors import OutputError, UsageError
from kg.train.network import Network, Size

PLAN = "plan.json"
OURS = ("*.pt", "*.tmp", "labels-*.pickle", PLAN)


class Work:
    """Files of one run in `folder`. `plan` is everything that the result depends on."""

    def __init__(self, folder: Path, plan: Mapping[str, Any], *, resume: bool, restart: bool) -> None:
        """Raises UsageError where the folder holds a run that is not to go on as it is, OutputError for a file."""
        self.folder = folder
        wanted = json.dumps(plan, indent=1, sort_keys=True)
        if folder.exists() and not folder.is_dir():
            raise OutputError(folder, "the run's files go here, and it is no directory")
        folder.mkdir(parents=True, exist_ok=True)
        if restart:
            for pattern in OURS:
                for path in folder.glob(pattern):
                    path.unlink()
        file = folder / PLAN
        if file.exists():
            if not resume:
                raise UsageError(f"{folder} holds a run: --resume goes on with it, --restart begins anew")
            differ = _differences(json.loads(file.read_text(encoding="utf-8")), json.loads(wanted))
            if differ:
                raise UsageError(f"{folder} holds a run with another {', '.join(differ)}: --restart begins anew")
        temporary = file.with_suffix(".tmp")
        temporary.write_text(wanted + "\n", encoding="utf-8")
        temporary.replace(file)

    def checkpoint(self, step: str) -> Path:
        """Where a step that is under way keeps how far it is."""
        return self.folder / f"{step}.run.pt"

    def done(self, step: str) -> bool:
        """Whether the step's network is there."""
        return self._network(step).exists()

    def save(self, step: str, network: Network) -> None:
        """The step has ended with this network."""
        temporary = self.folder / f"{step}.tmp"
        torch.save({"size": network.size.as_dict(), "weights": network.state_dict()}, temporary)
        temporary.replace(self._network(step))
        self.checkpoint(step).unlink(missing_ok=True)

    def load(self, step: str) -> Network:
        """The network that the step ended with."""
        kept = torch.load(self._network(step), weights_only=True)
        size = dict(kept["size"])
        network = Network(Size(**{**size, "dilations": tuple(size["dilations"])}))
        network.load_state_dict(kept["weights"])
        return network

    def _network(self, step: str) -> Path:
        return self.folder / f"{step}.pt"

    def labels(self, block: int) -> Path:
        """The file with the labelled texts of one block."""
        return self.folder / f"labels-{block:04}.pickle"

    def save_labels(self, block: int, sheets: list[Any]) -> None:
        """The block is labelled."""
        temporary = self.labels(block).with_suffix(".tmp")
        with temporary.open("wb") as file:
            pickle.dump(sheets, file, protocol=5)
        temporary.replace(self.labels(block))

    def load_labels(self, block: int) -> list[Any]:
        """The sheets of a block that this run has labelled (a pickle: the folder must be one's own)."""
        with self.labels(block).open("rb") as file:
            sheets: list[Any] = pickle.load(file)
        return sheets


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [
        f"{key.replace('_', ' ')} ({_short(old.get(key))} then, {_short(new.get(key))} now)"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _short(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:19]}…"


def digest_of(parts: Iterable[str]) -> str:
    """SHA-256 of texts, each with its length in front."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()
