"""Settings of a model that has not been tuned yet."""

from __future__ import annotations

from typing import Any

from kg.extract.neural.labels import PREDICATES
from kg.vocab import RELATIONS

UNTUNED: dict[str, Any] = {
    "format": 2,
    "bias": 1.0,
    "open_bias": -0.5,
    "relations": dict.fromkeys(PREDICATES, 0.4),
    "results": 0.2,
    "none": [0.0, 0.0, 0.0, 0.0],
    "keep": None,
    "trust": 0.75,
    "keep_threshold": 0.0,
    "roles": {"rules": 0.6, "cue": 0.5, "introduced": 0.0},
    "rule_share": 0.35,
    "statements": dict.fromkeys(RELATIONS, 0.2),
    "outcomes": 0.03,
}
