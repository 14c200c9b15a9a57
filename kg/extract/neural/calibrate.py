"""How sure the model is of an entity: a logistic regression over what the whole text says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extract.neural.decode import span_log_probabilities
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
    rows = []
    for index, (places, type_) in enumerate(zip(spans, types, strict=True)):
        table = np.array([span_log_probabilities(enc.tag_scores, s, e) for s, e in places])
        own = np.clip(np.exp(table[:, type_]), 1e-4, 1 - 1e-4)
        logits = np.log(own / (1 - own))
        others = np.exp(np.delete(table, type_, axis=1)).max()
        first, stop = places[0]
        words = enc.words.texts[first:stop]
        tags = [enc.lexicon[first] for first, _ in places]
        kinds = [(tag - 1) // 2 for tag in tags if tag]
        rows.append([
            logits.max(), logits.mean(), float(own.max() - others), others, float(head[index]), float(named[index]),
            np.log(len(places)), float(any(enc.words.starts[s] < title_end for s, _ in places)),
            float(any(c.isupper() for w in words for c in w)), float(np.log(stop - first)),
            first / max(len(enc.words), 1), float("-" in words),
            float(any(k == type_ for k in kinds)), float(any(k < len(TYPES) and k != type_ for k in kinds)),
            float(any(k >= len(TYPES) for k in kinds)),
            *(float(type_ == t) for t in range(len(TYPES))), *(float(p) for p in roles[index]),
        ])  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))


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
