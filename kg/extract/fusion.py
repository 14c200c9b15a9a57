"""Rules and trained tagger weighed together: what either says of a candidate, as features of a second decision."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kg.extract.candidate import Candidate
from kg.extract.decision import Decider
from kg.vocab import ENTITY_TYPES

Table = NDArray[np.float64]
Probabilities = Callable[[int, int], Mapping[str, float]]
_FLOOR = 1e-3


VALUES = (
    "rule:", *(f"rule:{t}" for t in ENTITY_TYPES), *(f"best:{t}" for t in ENTITY_TYPES),
    *(f"mean:{t}" for t in ENTITY_TYPES), "top", "sure*top",
)  # fmt: skip
"""The names of the second decision's numbers, in the order in which `fuse` computes them."""
MOST = 8
"""Of a candidate's occurrences the first so many are looked at."""


def fuse(
    decider: Decider, candidates: Sequence[Candidate], rules: Table, spans: Callable[[list[tuple[int, int]]], Table],
    tagged: Mapping[tuple[int, int], str],
) -> Table:  # fmt: skip
    """`[candidates, classes]`: the second decision on all candidates of a text; see `fused_features`."""
    if not candidates:
        return np.zeros((0, len(decider.classes)))
    flat = [span for c in candidates for span in c.spans[:MOST]]
    counts = np.array([min(len(c.spans), MOST) for c in candidates])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    table = spans(flat)
    best = np.maximum.reduceat(table, starts, axis=0)
    mean = np.add.reduceat(table, starts, axis=0) / counts[:, None]
    top = logits(best.max(axis=1, keepdims=True))
    sure = logits(1 - rules[:, :1]) * top / 4
    values = np.hstack([logits(rules), logits(best), logits(mean), top, sure])
    features = [
        _said(c, c.spans[:MOST], [float(p) for p in row], tagged) for c, row in zip(candidates, rules, strict=True)
    ]
    return decider.weighed(features, VALUES, values)


def logits(p: Table) -> Table:
    """`logit` of every number."""
    p = np.clip(p, _FLOOR, 1 - _FLOOR)
    return np.asarray(np.log(p / (1 - p)))


def logit(p: float) -> float:
    p = min(max(p, _FLOOR), 1 - _FLOOR)
    return math.log(p / (1 - p))


def fused_features(
    candidate: Candidate, rule: Sequence[float], probabilities: Probabilities, tagged: Mapping[tuple[int, int], str]
) -> tuple[list[str], list[tuple[str, float]]]:
    """Features of the second decision. `rule`: the first one's probabilities; `tagged`: the tagger's own spans."""
    spans = candidate.spans[:MOST]
    table = [probabilities(s, e) for s, e in spans]
    best = {t: max(row[t] for row in table) for t in ENTITY_TYPES}
    mean = {t: sum(row[t] for row in table) / len(table) for t in ENTITY_TYPES}
    top = max(best.values())
    values = [("rule:", logit(rule[0]))]
    values += [(f"rule:{t}", logit(p)) for t, p in zip(ENTITY_TYPES, rule[1:], strict=True)]
    values += [(f"best:{t}", logit(best[t])) for t in ENTITY_TYPES]
    values += [(f"mean:{t}", logit(mean[t])) for t in ENTITY_TYPES]
    values += [("top", logit(top)), ("sure*top", logit(1 - rule[0]) * logit(top) / 4)]
    return _said(candidate, spans, rule, tagged), values


def _said(
    candidate: Candidate, spans: Sequence[tuple[int, int]], rule: Sequence[float], tagged: Mapping[tuple[int, int], str]
) -> list[str]:
    """The features that are there or not."""
    hits = [tagged[s] for s in spans if s in tagged]
    overlaps = sum(any(a < e and s < b for a, b in tagged) for s, e in spans)
    features = [
        "bias",
        f"tagged={min(len(hits), 3)}",
        f"taggedshare={int(4 * len(hits) / len(spans))}",
        f"overlap={min(overlaps, 2)}/{bool(hits)}",
    ]
    features += [f"tag={t}" for t in sorted(set(hits))]
    features += [f"tag={t}/{ENTITY_TYPES[max(range(5), key=lambda i: rule[1 + i])]}" for t in sorted(set(hits))]
    features += [
        f
        for f in candidate.features
        if f.startswith(("src=", "count=", "title=", "inside=", "size=", "lex=", "cuetype=", "shape="))
    ]
    return features
