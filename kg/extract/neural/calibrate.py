"""How sure the model is of an entity: a logistic regression over what the whole text says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extract.neural.decode import spans_log_probabilities
from kg.extract.neural.encode import Encoding
from kg.extract.neural.features import Span
from kg.extract.neural.labels import ROLES, TYPES

Floats = NDArray[np.float32]

FEATURES = (
    "best", "mean", "margin", "others", "head", "named", "many", "title", "capital", "length", "first", "hyphen",
    "lexicon_same", "lexicon_other", "lexicon_unsure",
    *(f"type_{t}" for t in TYPES), *(f"role_{r}" for r in ROLES),
)  # fmt: skip


def entity_features(
    enc: Encoding, spans: Sequence[Sequence[Span]], types: NDArray[np.int64], named: Floats, roles: Floats, head: Floats
) -> NDArray[np.float64]:
    """`[entities, FEATURES]`."""
    title_end = enc.text.find("\n")
    flat = np.array([span for places in spans for span in places], dtype=np.int64).reshape(-1, 2)
    counts = np.array([len(places) for places in spans], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
    table = np.exp(spans_log_probabilities(enc.tag_scores, flat)) if len(flat) else np.zeros((0, len(TYPES)))
    owner = np.repeat(types, counts)
    own = np.clip(table[np.arange(len(flat)), owner], 1e-4, 1 - 1e-4)
    rest = table.copy()
    rest[np.arange(len(flat)), owner] = 0.0
    logits = np.log(own / (1 - own))
    if not len(spans):
        return np.zeros((0, len(FEATURES)))
    best, mean = np.maximum.reduceat(logits, starts), np.add.reduceat(logits, starts) / counts
    top, others = np.maximum.reduceat(own, starts), np.maximum.reduceat(rest.max(axis=1), starts)
    rows = []
    for index, (places, type_) in enumerate(zip(spans, types.tolist(), strict=True)):
        first, stop = places[0]
        words = enc.words.texts[first:stop]
        kinds = [(enc.lexicon[first] - 1) // 2 for first, _ in places if enc.lexicon[first]]
        rows.append([
            best[index], mean[index], top[index] - others[index], others[index], head[index], named[index],
            math.log(len(places)), any(enc.words.starts[s] < title_end for s, _ in places),
            any(c.isupper() for w in words for c in w), math.log(stop - first),
            first / max(len(enc.words), 1), "-" in words,
            any(k == type_ for k in kinds), any(k < len(TYPES) and k != type_ for k in kinds),
            any(k >= len(TYPES) for k in kinds),
        ])  # fmt: skip
    seen = np.array(rows, dtype=np.float64)
    return np.hstack([seen, np.eye(len(TYPES))[types], roles.astype(np.float64)])


def logistic(features: NDArray[np.float64], settings: Mapping[str, Any] | None) -> NDArray[np.float64]:
    """Probabilities from a model's fitted weights (standardised features and their pairwise terms, if any);
    without weights, from the best tag score alone."""
    if settings is None:
        z = features[:, 0]
    else:
        z = expand(features, settings) @ np.array(settings["weights"]) + settings["intercept"]
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -30, 30))))


def expand(features: NDArray[np.float64], settings: Mapping[str, Any]) -> NDArray[np.float64]:
    """Standardise, then append the products of the pairs of columns that `settings` lists."""
    scaled = (features - np.array(settings["mean"])) / np.array(settings["deviation"])
    products = [scaled[:, a] * scaled[:, b] for a, b in settings.get("products", [])]
    return np.column_stack([scaled, *products]) if products else scaled
