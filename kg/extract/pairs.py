"""What the text says of two entities, as features for the learned relations of the rules."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kg.extract.priors import form_key
from kg.extract.sameness import content
from kg.vocab import RELATIONS

Span = tuple[int, int]
_WORDS = re.compile(r"[A-Za-z][A-Za-z'-]*|\d+|[^\w\s]")
_GAPS = (0, 1, 2, 4, 7, 12, 20, 40)
MAX_MENTIONS = 6
MAX_THINGS = 40
NONE = ""


@dataclass(frozen=True, slots=True)
class Party:
    """An entity as it is looked at here."""

    type: str
    kind: str
    role: str
    name: str
    spans: tuple[Span, ...]
    parent_keys: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    main: bool = False


@dataclass(slots=True)
class Page:
    """The words of one text (a view) with their places, and where its sentences start."""

    low: list[str]
    starts: list[int]
    ends: list[int]
    sentence_starts: list[int]
    title_end: int
    parties: list[Party] = field(default_factory=list)

    @classmethod
    def read(cls, text: str, sentences: Sequence[Span], title_end: int, parties: Sequence[Party]) -> Page:
        """Cut the text into words."""
        words = list(_WORDS.finditer(text))
        return cls(
            [w.group().lower() for w in words], [w.start() for w in words], [w.end() for w in words],
            [s for s, _ in sentences], title_end, list(parties)[:MAX_THINGS],
        )  # fmt: skip


def allowed(head: str, tail: str) -> tuple[str, ...]:
    """The predicates that may join two types."""
    return _ALLOWED[head, tail]


_TYPES = ("Method", "Model", "Dataset", "Metric", "Task")
_ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {
    (h, t): tuple(name for name, p in RELATIONS.items() if p.allows(h, t)) for h in _TYPES for t in _TYPES
}


def pair_features(page: Page, h: int, t: int, words: Mapping[int, tuple[tuple[int, int, int], ...]]) -> list[str]:
    """Features of the ordered pair `h`, `t`; `words`: for each party its mentions as (first word, stop, sentence)."""
    head, tail = page.parties[h], page.parties[t]
    types = f"{head.type}>{tail.type}"
    near = _nearest(words[h], words[t])
    features = [
        types,
        f"{types}/{head.role}>{tail.role}",
        f"{types}/{head.kind}>{tail.kind}",
        f"{types}/main={head.main}>{tail.main}",
        f"tailrole={types}/{tail.role}/{head.main}",
    ]
    features += _names(head, tail, types)
    if near is None:
        return [*features, f"{types}/far"]
    a, b, gap, crosses = near
    order = "<" if a[0] < b[0] else ">"
    bucket = bisect_left(_GAPS, gap)
    features += [f"{types}/{order}{bucket}/{crosses}", f"{order}{crosses}/{head.role}>{tail.role}/{types}"]
    first, second = (a, b) if a[0] < b[0] else (b, a)
    between = page.low[first[1] : second[0]]
    if not crosses and len(between) <= 14:
        features += [f"{types}{order}b={w}" for w in set(between)]
        if len(between) <= 4:
            features.append(f"{types}{order}seq={' '.join(between)}")
        pairs = {f"{x} {y}" for x, y in pairwise(between)}
        features += [f"{order}bb={w}" for w in pairs]
        features += [f"{order}tb={w}" for w in set(between)]
    elif crosses:
        features.append(f"{types}/crosses={min(abs(a[2] - b[2]), 4)}{order}")
    if not crosses:
        before = page.low[max(0, first[0] - 3) : first[0]]
        features += [f"{types}{order}pre={w}" for w in before]
        features += [f"{types}{order}post={w}" for w in page.low[second[1] : second[1] + 2]]
    return features


def _names(head: Party, tail: Party, types: str) -> list[str]:
    features = [f"tail={form_key(tail.name)[:40]}/{types}", f"head={form_key(head.name)[:40]}/{types}"]
    if head.parent_keys & tail.keys:
        features.append(f"parent/{types}")
    if tail.parent_keys & head.keys:
        features.append(f"child/{types}")
    a, b = content(head.name), content(tail.name)
    if a != b:
        if b == a[-len(b) :]:
            features.append(f"ends/{types}/{head.type == tail.type}")
        elif b == a[: len(b)]:
            features.append(f"begins/{types}")
        elif set(b) < set(a):
            features.append(f"holds/{types}")
        elif set(a) < set(b):
            features.append(f"held/{types}")
        if a[-1] == b[-1]:
            features.append(f"lastsame/{types}")
    return features


def _nearest(
    first: Sequence[tuple[int, int, int]], second: Sequence[tuple[int, int, int]]
) -> tuple[tuple[int, int, int], tuple[int, int, int], int, bool] | None:
    """The nearest two mentions, those of one sentence before others."""
    best = None
    for a in first:
        for b in second:
            gap = max(b[0] - a[1], a[0] - b[1], 0)
            rank = (a[2] != b[2], gap, min(a[0], b[0]))
            if best is None or rank < best[0]:
                best = (rank, a, b)
    if best is None:
        return None
    return best[1], best[2], best[0][1], best[0][0]


def word_spans(page: Page, party: Party) -> tuple[tuple[int, int, int], ...]:
    """A party's first mentions in words, with their sentences."""
    found = []
    for start, end in party.spans[:MAX_MENTIONS]:
        first = bisect_right(page.ends, start)
        stop = max(bisect_left(page.starts, end), first + 1)
        found.append((first, stop, bisect_right(page.sentence_starts, start)))
    return tuple(found)


def questions(
    page: Page, worth: Callable[[int, int], bool] = lambda head, tail: True
) -> list[tuple[int, int, list[str]]]:
    """Every ordered pair of parties that some predicate may join and that is `worth` asking, with its features."""
    words = {i: word_spans(page, p) for i, p in enumerate(page.parties)}
    return [
        (h, t, pair_features(page, h, t, words))
        for h, a in enumerate(page.parties)
        for t, b in enumerate(page.parties)
        if h != t and allowed(a.type, b.type) and worth(h, t)
    ]
