"""Learning from other networks: several teachers label texts without annotation, a student learns their averages.

(Hinton et al. 2015, "Distilling the Knowledge in a Neural Network"; here every head's probabilities are kept.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kg.extract.lexicon import Lexicon
from kg.extract.neural.decode import best_tags, spans_of
from kg.extract.neural.features import Span, WordPieces, lexicon_tags, sentence_numbers, word_span
from kg.extract.neural.labels import TYPES
from kg.extract.values import find_values
from kg.extract.words import shapes, split_words
from kg.train.batch import answer, collate, word_vectors
from kg.train.examples import Example, GoldResult
from kg.train.loop import device_of
from kg.train.network import Network
from kg.train.report import Progress
from kg.train.sheets import Sheet, blank_sheet, cut_up, span_key

BIAS = -0.3
"""Added to "no mention" when the teachers' tags are read: below 0, so that doubtful entities are labelled as such."""
SLOTS_OF_ONE = 4


def plain_example(identifier: str, text: str, lexicon: Lexicon) -> Example:
    """A text without annotation; every number in it may be a result."""
    words = split_words(text)
    tags = lexicon_tags(words, lexicon.match_words(text, words))
    values = find_values(text)
    results = tuple(GoldResult(word_span(words, v.start, v.end), False, (-1,) * SLOTS_OF_ONE) for v in values)
    return Example(
        identifier, text, words, tuple(shapes(words)), tuple(tags), (), tuple(sentence_numbers(words, text)), (), (),
        results,
    )  # fmt: skip


def plain_sheet(item: Example, pieces: WordPieces) -> Sheet:
    """The sheet of a text without annotation, with no entities."""
    cuts = cut_up(item, pieces)
    length = int(cuts[0].owner[-1]) + 1 if len(cuts[0].owner) else 0
    return blank_sheet(item, cuts, length, [], [])


def label(
    teachers: Sequence[Network], items: Sequence[Example], pieces: WordPieces, *, workers: int = 1, size: int = 64,
    progress: Progress,
) -> list[Sheet]:  # fmt: skip
    """Sheets of texts with the average of what the teachers say of them."""
    sheets = spread(partial(_blank, pieces), items, workers)
    progress(f"{len(sheets)} texts cut up")
    tag_up(teachers, sheets, pieces, size)
    progress("tags labelled")
    rows = [(item, sheet.tags) for item, sheet in zip(items, sheets, strict=True)]
    sheets = spread(partial(_with_entities, pieces), rows, workers)
    progress("entities found")
    judge(teachers, sheets, pieces, size)
    progress("entities, relations and results labelled")
    return sheets


def spread(work: Callable[[Any], Sheet], rows: Sequence[Any], workers: int) -> list[Sheet]:
    """`work` on every row, in order, by so many processes."""
    if workers < 2:
        return [work(row) for row in rows]
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        return list(pool.map(work, rows, chunksize=64))


def _blank(pieces: WordPieces, item: Example) -> Sheet:
    return plain_sheet(item, pieces)


def _chunks(sheets: Sequence[Sheet], size: int) -> Iterator[list[int]]:
    order = sorted(range(len(sheets)), key=lambda index: len(sheets[index].shape))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def tag_up(teachers: Sequence[Network], sheets: Sequence[Sheet], pieces: WordPieces, size: int) -> None:
    """Fill `tags` with the teachers' mean probabilities."""
    with torch.no_grad():
        for chunk in _chunks(sheets, size):
            batch = collate([sheets[i] for i in chunk], pieces).to(device_of(teachers[0]))
            mean = torch.zeros_like(batch.tags)
            for teacher in teachers:
                mean += torch.softmax(teacher.heads.tag(word_vectors(teacher, batch)[0]), 2)
            table = (mean / len(teachers)).half().cpu().numpy()
            for row, index in enumerate(chunk):
                sheets[index].tags = table[row, : len(sheets[index].shape)].copy()


def _with_entities(pieces: WordPieces, row: tuple[Example, NDArray[np.float16]]) -> Sheet:
    """A sheet with the entities that the tags tell, nothing said of them yet."""
    item, tags = row
    groups = join_forms(item, spans_of(best_tags(np.log(tags.astype(np.float32) + 1e-6), BIAS)))
    kinds = []
    for spans in groups:
        votes = np.array([[float(tags[s, 1 + 2 * t]) for t in range(len(TYPES))] for s, _ in spans])
        kinds.append(int(votes.sum(axis=0).argmax()))
    cuts = cut_up(item, pieces)
    sheet = blank_sheet(item, cuts, len(tags), groups, kinds)
    sheet.tags = tags
    return sheet


def join_forms(item: Example, found: Sequence[tuple[int, int, int]]) -> list[list[Span]]:
    """Spans of one form, and "long form (SF)", made one entity; in order of their first mention."""
    keys = {(s, e): span_key(item, (s, e)) for s, e, _ in found}
    same = {key: key for key in keys.values()}

    def root(key: str) -> str:
        while same[key] != key:
            key = same[key]
        return key

    for left, right in pairwise(sorted(keys)):
        bracket = item.text[item.words.ends[left[1] - 1] : item.words.starts[right[0]]]
        short = "".join(item.words.texts[right[0] : right[1]])
        initials = "".join(word[0] for word in item.words.texts[left[0] : left[1]] if word[0].isalnum()).lower()
        if bracket in {" (", "("} and initials[:1] == short[:1].lower() and len(short) <= 2 * len(initials) + 2:
            same[root(keys[right])] = root(keys[left])
    groups: dict[str, list[Span]] = {}
    for span in sorted(keys):
        groups.setdefault(root(keys[span]), []).append(span)
    return list(groups.values())


def judge(teachers: Sequence[Network], sheets: Sequence[Sheet], pieces: WordPieces, size: int) -> None:
    """Fill in what the teachers say, on average, of entities, pairs, values and slots.

    Kind and role weigh as much as the entity is likely to be one, slots as much as the value is likely a result.
    """
    with torch.no_grad():
        for chunk in _chunks(sheets, size):
            batch = collate([sheets[i] for i in chunk], pieces).to(device_of(teachers[0]))
            means: list[Tensor] = []
            for teacher in teachers:
                a = answer(teacher, batch)
                said = [
                    torch.softmax(a.kinds, 1), torch.softmax(a.roles, 1), torch.sigmoid(a.keep),
                    torch.sigmoid(a.pairs), torch.sigmoid(a.values), torch.softmax(a.slots, 1),
                ]  # fmt: skip
                means = [m + s for m, s in zip(means, said, strict=True)] if means else said
            kinds, roles, keep, pairs, values, slots = (m / len(teachers) for m in means)
            filled = slots[batch.links[:, 0], batch.links[:, 2]] * values[batch.links[:, 0]].unsqueeze(1)
            empty = slots[:, -1] * values.unsqueeze(1)
            sure = keep.unsqueeze(1)
            tables = [t.half().cpu().numpy() for t in (kinds * sure, roles * sure, keep, pairs, values, filled, empty)]
            _hand_out([sheets[i] for i in chunk], tables)


def _hand_out(sheets: Sequence[Sheet], tables: Sequence[NDArray[np.float16]]) -> None:
    e = p = v = k = 0
    kinds, roles, keep, pairs, values, filled, empty = tables
    for s in sheets:
        e2, p2, v2, k2 = e + len(s.types), p + len(s.pairs), v + len(s.values), k + len(s.links)
        s.kinds, s.roles, s.keep = kinds[e:e2].copy(), roles[e:e2].copy(), keep[e:e2].copy()
        s.related, s.is_result = pairs[p:p2].copy(), values[v:v2].copy()
        s.filled, s.empty = filled[k:k2].copy(), empty[v:v2].copy()
        e, p, v, k = e2, p2, v2, k2
