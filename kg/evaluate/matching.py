"""What of a prediction is right, within one paper.

Entities are matched one to one: a predicted one matches a gold one of the same type that shares a form with it
(without case, punctuation, blanks and a plural s), most shared forms first. Relations match when both ends do and the
relation is the same (`compared_with` is right, if weak, where gold says `outperforms`). Results match on subject,
metric and value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.evaluate.records import Record
from kg.vocab import RELATION_BY_LABEL

Triple = tuple[str, str, str]
"""Head, relation, tail; an end that matches no gold entity is `?` and its name."""
Fact = tuple[str | None, str | None, str]
"""Subject, metric, number key of the value."""
_STRONGER = {"compared_with": "outperforms"}


def norm(form: str) -> str:
    """A form without case, punctuation (but +), blanks and a plural s."""
    key = re.sub(r"[^a-z0-9+]+", "", form.casefold())
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key


def number_key(value: str) -> str:
    """The digits and signs of a value, by which two values are compared."""
    kept = re.sub(r"[^0-9.x%+-]", "", value.replace("times", "x").replace("×", "x"))
    return kept.strip("+.") or norm(value)


def match_entities(gold: Sequence[Record], predicted: Sequence[Record]) -> dict[str, str]:
    """Predicted name → gold name, one to one."""
    pairs = []
    keys = [{norm(form) for form in p["forms"]} for p in predicted]
    for g in gold:
        gold_keys = {norm(form) for form in g["forms"]}
        for p, own in zip(predicted, keys, strict=True):
            shared = len(gold_keys & own)
            if shared and p["type"] == g["type"]:
                pairs.append((-shared, g["name"], p["name"]))
    matched: dict[str, str] = {}
    used: set[str] = set()
    for _, gold_name, name in sorted(pairs):
        if name not in matched and gold_name not in used:
            matched[name] = gold_name
            used.add(gold_name)
    return matched


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of one paper: predicted triple → the gold one that it hits, or None; gold ones that none hits."""

    predicted: dict[Triple, Triple | None]
    missed: list[Triple]
    gold: set[Triple]


def match_relations(
    gold: Iterable[Sequence[Any]], predicted: Iterable[Sequence[Any]], matched: Mapping[str, str]
) -> Relations:
    """Every predicted triple, once, in sorted order; `matched`: predicted entity → gold entity."""
    wanted = {triple(r) for r in gold}
    left = set(wanted)
    found: dict[Triple, Triple | None] = {}
    for item in sorted({triple(r, matched) for r in predicted}):
        stronger = (
            other
            for other in sorted(left)
            if other[1] == _STRONGER.get(item[1]) and {other[0], other[2]} == {item[0], item[2]}
        )
        hit = item if item in left else next(stronger, None)
        found[item] = hit
        if hit is not None:
            left.discard(hit)
    return Relations(found, sorted(left), wanted)


def triple(relation: Sequence[Any], names: Mapping[str, str] | None = None) -> Triple:
    """A relation between gold entities; of a symmetric one the ends are sorted. `names`: predicted → gold name."""
    head, label, tail = relation[:3]
    a, b = (end if names is None else names.get(end, f"?{end}") for end in (head, tail))
    predicate = RELATION_BY_LABEL.get(label)
    return (b, label, a) if predicate is not None and predicate.symmetric and b < a else (a, label, b)


def fact(result: Record, names: Mapping[str, str]) -> Fact:
    """What a result says; `names`: entity → gold entity."""
    ends = ((result.get(slot) or None) for slot in ("subject", "metric"))
    subject, metric = (None if end is None else names.get(end, f"?{end}") for end in ends)
    return subject, metric, number_key(result["value"])


def right_results(wanted: Mapping[Fact, int], found: Sequence[Fact], sure: Sequence[float]) -> list[bool]:
    """Whether each of `found` is right; where gold says a fact less often than found, the surest are."""
    left = Counter(wanted)
    right = [False] * len(found)
    for index in sorted(range(len(found)), key=lambda i: (-sure[i], i)):
        if left[found[index]] > 0:
            left[found[index]] -= 1
            right[index] = True
    return right
