"""The model's heads in numpy; the same arithmetic as `kg.train.network.Heads`, which a test holds together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


class Heads:
    """Weights by name (`kind.weight`, `kind.bias`, …), each linear layer stored `[out, in]`."""

    def __init__(self, weights: Mapping[str, NDArray[np.generic]]) -> None:
        self._weights = {name: np.asarray(array, dtype=np.float32) for name, array in weights.items()}

    def _linear(self, name: str, x: Floats) -> Floats:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _embed(self, name: str, index: Indices) -> Floats:
        return self._weights[f"{name}.weight"][index]

    def tags(self, words: Floats) -> Floats:
        """Log-probabilities of the tags of each word."""
        return log_softmax(self._linear("tag", words))

    def entities(self, vectors: Floats, types: Indices, whole: Floats) -> tuple[Floats, Floats]:
        """Logits of the kinds, and of the roles with "is an entity at all" as last column."""
        x = np.concatenate([vectors, self._embed("type_of", types), whole], axis=1)
        return self._linear("kind", x), self._linear("entity2", relu(self._linear("entity1", x)))

    def pairs(
        self, vectors: Floats, types: Indices, head: Indices, tail: Indices,
        near_head: Floats, near_tail: Floats, between: Floats, bucket: Indices, judged: Floats,
    ) -> Floats:  # fmt: skip
        """Logits of the predicates for each pair of entities; `judged` has a row an entity (see `judgement`)."""
        kinds = self._embed("type_of", types)
        h = self._linear("head", np.concatenate([vectors[head], near_head, kinds[head]], axis=1))
        t = self._linear("tail", np.concatenate([vectors[tail], near_tail, kinds[tail]], axis=1))
        x = np.concatenate([h, t, h * t, self._linear("between", between), self._embed("bucket", bucket)], axis=1)
        believed = np.concatenate([judged[head], judged[tail]], axis=1) @ self._weights["pair_judged.weight"].T
        return self._linear("pair2", relu(self._linear("pair1", relu(x)) + believed))

    def values(self, vectors: Floats, around: Floats) -> tuple[Floats, Floats]:
        """Each value's projection, and its logits: "is a result", then "none" for each slot."""
        v = self._linear("value", np.concatenate([vectors, around], axis=1))
        return v, self._linear("value2", relu(self._linear("value1", np.maximum(v, np.float32(0)))))

    def links(
        self, values: Floats, value: Indices, vectors: Floats, types: Indices, entity: Indices,
        near: Floats, between: Floats, bucket: Indices, judged: Floats,
    ) -> Floats:  # fmt: skip
        """Logits of the slots for each pair of a value (projection) and an entity."""
        kinds = self._embed("type_of", types)
        e = self._linear("filler", np.concatenate([vectors[entity], near, kinds[entity]], axis=1))
        v = values[value]
        x = np.concatenate([v, e, v * e, self._linear("link_between", between), self._embed("bucket", bucket)], axis=1)
        believed = judged[entity] @ self._weights["link_judged.weight"].T
        return self._linear("link2", relu(self._linear("link1", relu(x)) + believed))


def judgement(kinds: Floats, roles: Floats, keep: Floats) -> Floats:
    """What is believed of each entity, `[entities, kinds + roles + 1]`: probabilities of kinds, roles, being one."""
    return np.concatenate([kinds, roles, sigmoid(keep)[:, None]], axis=1)


def relu(x: Floats) -> Floats:
    """In place: what is given is not needed any more."""
    return np.maximum(x, np.float32(0), out=x)


def log_softmax(x: Floats) -> Floats:
    shifted = x - x.max(axis=-1, keepdims=True)
    out: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return out


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), dtype=np.float32)


def running_sums(words: Floats) -> NDArray[np.float64]:
    """Row `n` is the sum of the first `n` rows of `words`; what `span_means` takes."""
    sums = np.zeros((words.shape[1], len(words) + 1), dtype=np.float64)
    # Along rows that lie in one piece it is several times faster than down the columns.
    np.cumsum(np.ascontiguousarray(words.T), axis=1, dtype=np.float64, out=sums[:, 1:])
    return np.ascontiguousarray(sums.T)


def span_means(sums: NDArray[np.float64], spans: NDArray[np.int64]) -> Floats:
    """The mean of the words `first:stop` for each row `(first, stop)` of `spans`."""
    counts = np.maximum(spans[:, 1] - spans[:, 0], 1)[:, None]
    means: Floats = ((sums[spans[:, 1]] - sums[spans[:, 0]]) / counts).astype(np.float32)
    return means
