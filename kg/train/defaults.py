"""Settings of a model that has not been tuned yet."""

from __future__ import annotations

from typing import Any

from kg.extract.neural.labels import PREDICATES

UNTUNED: dict[str, Any] = {
    "format": 1,
    "bias": 1.0,
    "open_bias": -0.5,
    "relations": dict.fromkeys(PREDICATES, 0.4),
    "results": 0.2,
    "none": [0.0, 0.0, 0.0, 0.0],
    "keep": None,
    "trust": 0.75,
    "keep_threshold": 0.0,
}
