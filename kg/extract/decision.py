"""Choosing among classes by multinomial logistic regression over sparse features.

The rules' decisions (keep a candidate, and as what; kind; role; relation; one thing or two) all have this form. Weights
lie in an `.npz`: `classes`, `names` (one a line) and `weights` (float16, one row a feature).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.errors import ModelError

Floats = NDArray[np.float64]


_UNKNOWN = repeat(-1)  # the row of zeros


class Decider:
    """Probabilities of the classes from the names of the active features."""

    def __init__(self, classes: Sequence[str], names: Sequence[str], weights: Floats) -> None:
        self.classes = tuple(classes)
        self._rows = {name: index for index, name in enumerate(names)}
        self._weights = np.vstack([weights, np.zeros((1, len(self.classes)))])  # the last row: an unknown feature

    def many(self, items: Sequence[Sequence[str]]) -> Floats:
        """`[items, classes]`: the probabilities for each list of features."""
        return softmax(self._logits(items)) if items else np.zeros((0, len(self.classes)))

    def _logits(self, items: Sequence[Sequence[str]]) -> Floats:
        known = self._rows.get
        rows: list[int] = []
        cuts: list[int] = []
        for features in items:
            cuts.append(len(rows))
            rows.extend(map(known, features, _UNKNOWN) if features else (-1,))
        return np.asarray(np.add.reduceat(self._weights[rows], cuts, axis=0))

    def weighed(self, items: Sequence[Sequence[str]], names: Sequence[str], values: Floats) -> Floats:
        """As `many`, with numbers besides, `[items, names]`: their weights count times their value."""
        rows = [self._rows.get(name, -1) for name in names]
        return softmax(self._logits(items) + values @ self._weights[rows])

    def probabilities(self, features: Sequence[str], values: Sequence[tuple[str, float]] = ()) -> list[float]:
        """One number a class; the weights of `values` count times their value."""
        known = self._rows.get
        rows = [row for f in features if (row := known(f)) is not None]
        total = self._weights[rows].sum(axis=0)
        for name, value in values:
            row = known(name)
            if row is not None:
                total = total + self._weights[row] * value
        return [float(x) for x in softmax(total[None, :])[0]]


def softmax(logits: Floats) -> Floats:
    """Along the last axis."""
    parts = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True))


def write_decider(path: Path, classes: Sequence[str], weights: Mapping[str, Sequence[float]]) -> None:
    """Write weights; the same weights give the same bytes."""
    names = sorted(weights)
    table = np.array([list(weights[n]) for n in names], dtype=np.float64).reshape(len(names), len(classes))
    np.savez_compressed(
        path,
        classes=np.frombuffer("\n".join(classes).encode("utf-8"), dtype=np.uint8),
        names=np.frombuffer("\n".join(n.replace("\n", " ") for n in names).encode("utf-8"), dtype=np.uint8),
        weights=np.round(table, 2).astype(np.float16),
    )


@lru_cache(maxsize=16)
def read_decider(path: Path) -> Decider:
    """Read what `write_decider` wrote; raises `ModelError` if the file is missing or wrong."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            classes = arrays["classes"].tobytes().decode("utf-8").split("\n")
            written = arrays["names"].tobytes().decode("utf-8")
            names = written.split("\n") if written else []
            weights = arrays["weights"].astype(np.float64)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: no weights of a decision ({error})") from error
    if weights.shape != (len(names), len(classes)):
        raise ModelError(
            f"{path}: {len(names)} features and {len(classes)} classes do not fit the weights {weights.shape}"
        )
    return Decider(classes, names, weights)
