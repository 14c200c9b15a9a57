"""Which of a document's candidates stay, once all its mentions are together: the trained head's second look.

Mentions are let through more easily than they are believed (`open`); then each entity of the document is judged by what
spoke for its mentions and by what the head makes of all of them (`keep`), and dropped if it is likelier wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.extract.fusion import logit


@dataclass(frozen=True, slots=True)
class Sift:
    """How entities are sifted.

    `open`: the score from which a mention is let through. `candidates`: whether rules propose mentions beside the
    tagger; without them the tagger's own are taken, with `bias` towards none. `intercept`, `score`, `keep`: weights of
    a logistic regression over the logits of an entity's score and of the head's word; `least`: what it must give.
    """

    open: float = 0.45
    candidates: bool = True
    bias: float = 0.0
    intercept: float = 0.0
    score: float = 1.0
    keep: float = 0.0
    least: float = 0.0

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Sift:
        """As a model's settings say (`sift`); nothing is dropped where they do not."""
        return cls(**config.get("sift", {}))

    def judge(self, score: float, keep: float) -> float:
        """The probability that an entity with that score and that word of the head is right, rounded."""
        total = self.intercept + self.score * logit(score) + self.keep * logit(keep)
        return round(1 / (1 + math.exp(-total)), 4)
