"""From tag scores to mentions: Viterbi over BIO tags, with a bias towards O."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def best_tags(scores: Floats, bias: float = 0.0) -> list[int]:
    """The best possible sequence of tags for log-probabilities `[words, tags]`; `bias` is added to O.

    Viterbi, but as one tag in two may follow any tag and the others (I) only two, a word needs one maximum over all
    tags of the word before, and one over two for each type. Of equals the first tag wins.
    """
    if not len(scores):
        return []
    rows = scores.astype(np.float64)
    rows[:, 0] += bias
    plain = (rows[:, 0] - rows[:, 1:].max(axis=1) > _PLAIN).tolist()
    emissions = rows.tolist()
    best = emissions[0]
    for inside in range(2, len(best), 2):
        best[inside] += _NEVER
    back: list[list[int]] = []
    for row, is_plain in zip(emissions[1:], plain[1:], strict=True):
        top = max(best)
        origin = best.index(top)
        before = [origin] * len(row)
        if is_plain:
            back.append(before)
            best = [top + row[0], *[top + _NEVER] * (len(row) - 1)]
            continue
        now = [top + score for score in row]
        for inside in range(2, len(row), 2):
            begun = best[inside - 1] >= best[inside]
            came = best[inside - 1] if begun else best[inside]
            before[inside] = inside - 1 if begun else inside
            if top + _NEVER > came:  # every way is barred: as good as the best one
                came, before[inside] = top + _NEVER, origin
            now[inside] = came + row[inside]
        back.append(before)
        best = now
    tags = [best.index(max(best))]
    for before in reversed(back):
        tags.append(before[tags[-1]])
    return tags[::-1]


_NEVER = -1e9
_PLAIN = 8.0
"""A word that is so much likelier (in nats) to belong to no mention than to any is taken for such: most words are."""


def spans_of(tags: list[int]) -> list[tuple[int, int, int]]:
    """`(first word, word after the last, type)` of each mention in a sequence of tags."""
    spans: list[tuple[int, int, int]] = []
    for index, tag in enumerate(tags):
        if tag % 2:
            spans.append((index, index + 1, tag // 2))
        elif tag:
            spans[-1] = (spans[-1][0], index + 1, spans[-1][2])
    return spans


def spans_log_probabilities(scores: Floats, spans: NDArray[np.int64]) -> NDArray[np.float64]:
    """`span_log_probabilities` of many spans `[n, 2]` at once, `[n, types]`."""
    rows = scores.astype(np.float64)
    inside = np.zeros((len(rows) + 1, rows[:, 2::2].shape[1]))
    np.cumsum(rows[:, 2::2], axis=0, out=inside[1:])
    first, stop = spans.T
    total = rows[first, 1::2] + inside[stop] - inside[first + 1]
    more = stop < len(rows)
    following = rows[stop[more], 2::2]
    total[more] += np.log1p(-np.minimum(np.exp(following), 1 - 1e-6))
    return np.asarray(total / (stop - first + more)[:, None])


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
