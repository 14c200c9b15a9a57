"""One text to word vectors: word pieces, windows for long texts, one run of the encoder a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extract.lexicon import LexiconHit
from kg.extract.neural.features import WordPieces, lexicon_tags, sentence_numbers
from kg.extract.neural.heads import running_sums
from kg.extract.words import Words, shapes, split_words

WINDOW = 510
"""Pieces that one run of the encoder reads, besides the two that frame them."""
OVERLAP = 96
"""Pieces that two neighbouring windows share."""
MAX_PIECES = 4096
"""Pieces of a text that are read at all (some 20,000 characters); the words beyond get no mentions."""
FRAME_SHAPE = 14

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the heads need of one text. `words`, `vectors` and `sentences` are equally long; `sums` has a row more."""

    text: str
    words: Words
    vectors: Floats
    sums: NDArray[np.float64]
    whole: Floats
    tag_scores: Floats
    sentences: tuple[int, ...]
    lexicon: tuple[int, ...]
    truncated: bool


def read_words(text: str) -> Words:
    """The words of the part of `text` that can be read at all; splitting the rest would only cost time."""
    return split_words(text[: MAX_PIECES * 16])


def windows(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Cut words with so many pieces each into `(first word, word after the last)` windows that overlap."""
    cut: list[tuple[int, int]] = []
    first = 0
    while True:
        stop, pieces = first, 0
        while stop < len(lengths) and pieces + lengths[stop] <= WINDOW:
            pieces += lengths[stop]
            stop += 1
        cut.append((first, stop))
        if stop == len(lengths):
            return cut
        back = 0
        first = stop
        while first - 1 > cut[-1][0] and back + lengths[first - 1] <= OVERLAP:
            first -= 1
            back += lengths[first]


def limit(pieces: Sequence[Sequence[int]]) -> int:
    """How many words fit into `MAX_PIECES`."""
    total = 0
    for index, cut in enumerate(pieces):
        total += len(cut)
        if total > MAX_PIECES:
            return index
    return len(pieces)


def run_encoder(
    session: Any, cutter: WordPieces, text: str, hits: Sequence[LexiconHit]
) -> tuple[Words, Floats, Floats, list[int], bool]:
    """Words, a vector a word, the vector of the whole text (its first window), lexicon tags, whether text was cut."""
    words = read_words(text)
    pieces = [cutter.cut(word) for word in words.texts]
    readable = limit(pieces)
    truncated = readable < len(pieces) or (bool(words) and bool(text[words.ends[-1] :].strip()))
    if readable < len(words):
        words = Words(words.texts[:readable], words.starts[:readable], words.ends[:readable])
        pieces = pieces[:readable]
    last = words.ends[-1] if len(words) else 0
    tags = lexicon_tags(words, [hit for hit in hits if hit.end <= last])
    shape = shapes(words)
    vectors: Floats | None = None
    whole: Floats | None = None
    reach = 0
    for first, stop in windows([len(cut) for cut in pieces]):
        rows = _run(session, cutter, pieces[first:stop], shape[first:stop], tags[first:stop])
        if vectors is None or whole is None:
            whole = rows[0]
            vectors = np.zeros((len(words), rows.shape[1]), dtype=np.float32)
        means = _word_means(rows[1:-1], pieces[first:stop])
        fresh = first + (reach - first) // 2 if reach > first else first
        vectors[fresh:stop] = means[fresh - first :]
        reach = stop
    assert vectors is not None
    assert whole is not None
    return words, vectors, whole, tags, truncated


def _run(
    session: Any, cutter: WordPieces, pieces: Sequence[Sequence[int]], shape: Sequence[int], tags: Sequence[int]
) -> Floats:
    ids = [cutter.cls, *(piece for cut in pieces for piece in cut), cutter.sep]
    shape_ids = [FRAME_SHAPE, *(s for s, cut in zip(shape, pieces, strict=True) for _ in cut), FRAME_SHAPE]
    tag_ids = [0, *(t for t, cut in zip(tags, pieces, strict=True) for _ in cut), 0]
    feeds = {
        "ids": np.asarray(ids, dtype=np.int64),
        "shape": np.asarray(shape_ids, dtype=np.int64),
        "lexicon": np.asarray(tag_ids, dtype=np.int64),
        "position": np.arange(len(ids), dtype=np.int64),
    }
    feeds = {one.name: feeds[one.name] for one in session.get_inputs()}
    rows: Floats = session.run(["vectors"], feeds)[0]
    return rows


def _word_means(rows: Floats, pieces: Sequence[Sequence[int]]) -> Floats:
    counts = np.array([len(cut) for cut in pieces], dtype=np.int64)
    if not len(counts):
        return np.zeros((0, rows.shape[1]), dtype=np.float32)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    sums = rows[starts]
    for more in range(1, int(counts.max())):  # most words are one piece: adding the few others up is the fastest way
        longer = np.flatnonzero(counts > more)
        sums[longer] += rows[starts[longer] + more]
    return np.asarray(sums / counts[:, None], dtype=np.float32)


def encoding(text: str, parts: tuple[Words, Floats, Floats, list[int], bool], tag_scores: Floats) -> Encoding:
    """Put an `Encoding` together."""
    words, vectors, whole, tags, truncated = parts
    sentences = tuple(sentence_numbers(words, text))
    return Encoding(text, words, vectors, running_sums(vectors), whole, tag_scores, sentences, tuple(tags), truncated)
