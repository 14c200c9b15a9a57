"""From tag scores to mentions: Viterbi over BIO tags, with a bias towards O."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kg.extract.neural.labels import TAGS

Floats = NDArray[np.float32]


def transition_penalties() -> NDArray[np.float64]:
    """`[from, to]`: 0 where a tag may follow another, a large negative number where it may not."""
    size = len(TAGS)
    penalties = np.zeros((size, size))
    for to in range(2, size, 2):
        penalties[:, to] = -1e9
        penalties[to - 1, to] = penalties[to, to] = 0.0
    return penalties


_PENALTIES = transition_penalties()


def best_tags(scores: Floats, bias: float = 0.0) -> list[int]:
    """The best possible sequence of tags for log-probabilities `[words, tags]`; `bias` is added to O."""
    if not len(scores):
        return []
    emissions = scores.astype(np.float64)
    emissions[:, 0] += bias
    best = emissions[0] + _PENALTIES[0]
    back = np.zeros(emissions.shape, dtype=np.int64)
    for index in range(1, len(emissions)):
        table = best[:, None] + _PENALTIES
        back[index] = table.argmax(axis=0)
        best = table[back[index], np.arange(len(best))] + emissions[index]
    tags = [int(best.argmax())]
    for index in range(len(emissions) - 1, 0, -1):
        tags.append(int(back[index, tags[-1]]))
    return tags[::-1]


def spans_of(tags: list[int]) -> list[tuple[int, int, int]]:
    """`(first word, word after the last, type)` of each mention in a sequence of tags."""
    spans: list[tuple[int, int, int]] = []
    for index, tag in enumerate(tags):
        if tag % 2:
            spans.append((index, index + 1, tag // 2))
        elif tag:
            spans[-1] = (spans[-1][0], index + 1, spans[-1][2])
    return spans


def span_log_probabilities(scores: Floats, first: int, stop: int) -> NDArray[np.float64]:
    """For each type the mean log-probability per word that exactly these words are one mention of it.

    The word after the span counts too: it must not carry the span on.
    """
    rows = scores.astype(np.float64)
    begin = rows[first, 1::2].copy()
    inside = rows[first + 1 : stop, 2::2].sum(axis=0)
    total = begin + inside
    count = stop - first
    if stop < len(rows):
        total += np.log1p(-np.minimum(np.exp(rows[stop, 2::2]), 1 - 1e-6))
        count += 1
    return np.asarray(total / count)
