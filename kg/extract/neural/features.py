"""Features that training and runtime share, so that both see the same numbers."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from kg.extract.lexicon import LexiconHit
from kg.extract.neural.labels import TYPES
from kg.extract.words import Words

LEXICON_TAGS = 1 + 4 * len(TYPES)
"""0, then B and I of each type for sure hits, then the same for ambiguous ones."""

GAPS = (0, 1, 2, 4, 7, 12, 20, 40)
"""Upper bounds of the buckets of distance in words between two spans; one more bucket lies beyond."""

BUCKETS = (len(GAPS) + 1) * 4
BETWEEN = 40
"""Of the words between two spans at most this many are read."""

Span = tuple[int, int]
"""Words from the first index up to, not including, the second."""


def lexicon_tags(words: Words, hits: Sequence[LexiconHit]) -> list[int]:
    """The lexicon tag of each word: 0 outside of hits."""
    tags = [0] * len(words)
    for hit in hits:
        first, stop = word_span(words, hit.start, hit.end)
        base = 1 + 2 * TYPES.index(hit.terms[0].type) + (2 * len(TYPES) if hit.ambiguous else 0)
        for index in range(first, stop):
            tags[index] = base if index == first else base + 1
    return tags


def word_span(words: Words, start: int, end: int) -> Span:
    """The words that the characters `start` … `end` touch (at least one if there is any word)."""
    first = bisect_right(words.ends, start)
    stop = bisect_left(words.starts, end)
    first = min(first, max(len(words) - 1, 0))
    return first, max(stop, min(first + 1, len(words)))


def sentence_numbers(words: Words, text: str) -> list[int]:
    """The sentence number of each word, cut after full stops that are followed by a blank, and after the title."""
    title_end = text.find("\n")
    numbers, current = [], 0
    for index in range(len(words)):
        if index and not words.glued(index):
            crossed_title = words.ends[index - 1] <= title_end <= words.starts[index]
            current += words.texts[index - 1] in {".", "!", "?"} or crossed_title
        numbers.append(current)
    return numbers


@dataclass(frozen=True, slots=True)
class Pairing:
    """Where two things stand to each other: their nearest spans, the words between, and a bucket."""

    first: Span
    second: Span
    between: Span
    bucket: int


def pair_up(first: Sequence[Span], second: Sequence[Span], sentences: Sequence[int]) -> Pairing:
    """The nearest two spans of two things, of equals the leftmost; spans must be sorted."""
    best: tuple[int, int, Span, Span] | None = None
    for a in first:
        for b in second:
            gap = max(b[0] - a[1], a[0] - b[1], 0)
            if best is None or (gap, min(a[0], b[0])) < best[:2]:
                best = (gap, min(a[0], b[0]), a, b)
    assert best is not None
    gap, _, a, b = best
    low, high = min(a[1], b[1]), max(a[0], b[0])
    between = (low, min(high, low + BETWEEN)) if high > low else (min(a[0], b[0]), max(a[1], b[1]))
    crosses = sentences[a[0]] != sentences[b[0]]
    bucket = (bisect_left(GAPS, gap) * 2 + (b[0] < a[0])) * 2 + crosses
    return Pairing(a, b, between, bucket)


class WordPieces:
    """Greedy longest-match word pieces of single words, lower-cased and stripped of accents (BERT uncased)."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.ids = {piece: index for index, piece in enumerate(vocabulary)}
        self.unknown = self.ids["[UNK]"]
        self.cls, self.sep, self.pad = self.ids["[CLS]"], self.ids["[SEP]"], self.ids["[PAD]"]
        self.mask = self.ids.get("[MASK]", self.unknown)
        self._cache: dict[str, tuple[int, ...]] = {}

    def cut(self, word: str) -> tuple[int, ...]:
        """Piece ids of one word; a word over 64 characters, or one that cannot be cut, is unknown."""
        known = self._cache.get(word)
        if known is None:
            known = self._cut(word)
            if len(self._cache) < 200_000:
                self._cache[word] = known
        return known

    def _cut(self, word: str) -> tuple[int, ...]:
        low = unicodedata.normalize("NFD", word.lower())
        low = "".join(c for c in low if unicodedata.category(c) != "Mn") or word.lower()
        if len(low) > 64:
            return (self.unknown,)
        pieces: list[int] = []
        start = 0
        while start < len(low):
            for end in range(len(low), start, -1):
                piece = self.ids.get(("##" if start else "") + low[start:end])
                if piece is not None:
                    pieces.append(piece)
                    start = end
                    break
            else:
                return (self.unknown,)
        return tuple(pieces)
