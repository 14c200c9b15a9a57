"""Rules and trained tagger weighed together: what either says of a candidate, as features of a second decision."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from kg.extract.candidate import Candidate
from kg.vocab import ENTITY_TYPES

Probabilities = Callable[[int, int], Mapping[str, float]]
_FLOOR = 1e-3


def logit(p: float) -> float:
    p = min(max(p, _FLOOR), 1 - _FLOOR)
    return math.log(p / (1 - p))


def fused_features(
    candidate: Candidate, rule: Sequence[float], probabilities: Probabilities, tagged: Mapping[tuple[int, int], str]
) -> tuple[list[str], list[tuple[str, float]]]:
    """Features of the second decision. `rule`: the first one's probabilities; `tagged`: the tagger's own spans."""
    spans = candidate.spans[:8]
    table = [probabilities(s, e) for s, e in spans]
    best = {t: max(row[t] for row in table) for t in ENTITY_TYPES}
    mean = {t: sum(row[t] for row in table) / len(table) for t in ENTITY_TYPES}
    hits = [tagged[s] for s in spans if s in tagged]
    overlaps = sum(any(a < e and s < b for a, b in tagged) for s, e in spans)
    top = max(best.values())
    values = [("rule:", logit(rule[0]))]
    values += [(f"rule:{t}", logit(p)) for t, p in zip(ENTITY_TYPES, rule[1:], strict=True)]
    values += [(f"best:{t}", logit(best[t])) for t in ENTITY_TYPES]
    values += [(f"mean:{t}", logit(mean[t])) for t in ENTITY_TYPES]
    values += [("top", logit(top)), ("sure*top", logit(1 - rule[0]) * logit(top) / 4)]
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
    return features, values
