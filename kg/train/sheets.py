"""Training papers as arrays: everything the network reads and everything it is to say of one paper.

Targets are probabilities, so that a gold paper (zeros and ones) and a paper that other networks labelled (anything
between) are learned from in the same way. Made once a paper: putting papers together into a batch is then cheap.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extract.neural.features import Span, WordPieces, pair_up
from kg.extract.neural.labels import KINDS, PREDICATES, ROLES, SLOTS, TAGS, predicate_mask
from kg.train.examples import Example, form_key, invent_names, piece_up

Ints = NDArray[np.int32]
Floats = NDArray[np.float16]
TypedSpan = tuple[int, int, int]
"""First word, word after the last, type."""

PAIR_MASK = predicate_mask()
AROUND = 6
"""So many words on either side of a value are read with it."""
SPURIOUS = 6
"""At most this many of the tagger's own mistakes a paper are shown to the heads."""
VARIANTS, INVENTED = 2, 0.3
"""How often a paper is cut into pieces again with some of its names replaced, and which share of them."""


@dataclass(slots=True)
class Cut:
    """One way of writing a paper: piece ids, the word of each piece, the words whose lexicon tag does not hold."""

    ids: Ints
    owner: Ints
    renamed: Ints


@dataclass(slots=True)
class Sheet:
    """One paper. `w` words, `e` entities, `m` mentions, `p` pairs, `v` values, `k` pairs of a value and an entity.

    Only the `w` words that fit into the encoder count. Indices of entities and values are local to the paper.
    """

    cuts: list[Cut]
    shape: Ints  # [w]
    lexicon: Ints  # [w]
    tags: Floats  # [w, tags]
    types: Ints  # [e]
    kinds: Floats  # [e, kinds]; a row of zeros where the kind is not to be learned
    roles: Floats  # [e, roles]; likewise
    keep: Floats  # [e]
    mentions: Ints  # [m, 3]: entity, first word, word after the last
    pairs: Ints  # [p, 9]: head, tail, nearest spans of both, words between, bucket
    related: Floats  # [p, predicates]
    values: Ints  # [v, 4]: the value's words, the words around it
    is_result: Floats  # [v]
    links: Ints  # [k, 7]: value, entity, nearest span, words between, bucket
    filled: Floats  # [k, slots]: the probability that the entity fills the value's slot
    empty: Floats  # [v, slots]: that nothing does; a row of zeros where slots are not to be learned


def one_hot(labels: Sequence[int], classes: int) -> Floats:
    """`[labels, classes]`; a row of zeros for a negative label."""
    table = np.zeros((len(labels), classes), dtype=np.float16)
    for row, label in enumerate(labels):
        if label >= 0:
            table[row, label] = 1
    return table


def cut_up(item: Example, pieces: WordPieces, variants: int = 0) -> list[Cut]:
    """The paper as it is, then `variants` times with some names invented anew (the same each time it is called)."""
    cuts = []
    for number in range(1 + variants):
        texts: Sequence[str] = item.words.texts
        if number:
            texts = invent_names(item, random.Random(f"{item.id}/{number}"), INVENTED)
        ids, owner = piece_up(texts, pieces)
        renamed = [i for i, (old, new) in enumerate(zip(item.words.texts, texts, strict=True)) if old != new]
        if not number or renamed:
            cuts.append(Cut(np.array(ids, np.int32), np.array(owner, np.int32), np.array(renamed, np.int32)))
    return cuts


def gold_sheet(item: Example, pieces: WordPieces, guessed: Sequence[TypedSpan] = (), variants: int = VARIANTS) -> Sheet:
    """The sheet of an annotated paper. `guessed`: what a tagger found in it, of which the mistakes become entities
    that are none."""
    cuts = cut_up(item, pieces, variants)
    length = min((int(cut.owner[-1]) + 1 if len(cut.owner) else 0) for cut in cuts)
    members: dict[int, int] = {}
    spans: list[list[Span]] = []
    types, kinds, roles = [], [], []
    for index, entity in enumerate(item.entities):
        inside = [s for s in entity.spans if s[1] <= length]
        if inside:
            members[index] = len(spans)
            spans.append(inside)
            types.append(entity.type)
            kinds.append(entity.kind)
            roles.append(entity.role)
    right = len(spans)
    for type_, found in mistakes(item, [g for g in guessed if g[1] <= length]):
        spans.append(found)
        types.append(type_)
    wrong = len(spans) - right
    sheet = blank_sheet(item, cuts, length, spans, types)
    sheet.tags = one_hot(item.tags[:length], len(TAGS))
    sheet.kinds = one_hot([*kinds, *[-1] * wrong], len(KINDS))
    sheet.roles = one_hot([*roles, *[-1] * wrong], len(ROLES))
    sheet.keep = np.array([1] * right + [0] * wrong, np.float16)
    said = {(members[h], members[t], p) for h, p, t in item.relations if h in members and t in members}
    for row, (h, t) in enumerate(sheet.pairs[:, :2].tolist()):
        for p in range(len(PREDICATES)):
            sheet.related[row, p] = (h, t, p) in said
    readable = [result for result in item.results if result.span[1] <= length]
    sheet.is_result = np.array([r.is_result for r in readable], np.float16)
    filled = {(v, members[s], slot) for v, r in enumerate(readable) for slot, s in enumerate(r.slots) if s in members}
    for v, result in enumerate(readable):
        for slot in range(len(SLOTS)) if result.is_result else ():
            sheet.empty[v, slot] = result.slots[slot] not in members
    for row, (v, e) in enumerate(sheet.links[:, :2].tolist()):
        for slot in range(len(SLOTS)):
            sheet.filled[row, slot] = (v, e, slot) in filled
    return sheet


def blank_sheet(
    item: Example, cuts: list[Cut], length: int, spans: Sequence[Sequence[Span]], types: Sequence[int]
) -> Sheet:
    """A sheet with these entities and all pairs that they form, every target zero."""
    pairs: list[Any] = []
    for h, head in enumerate(spans):
        for t, tail in enumerate(spans):
            if h != t and PAIR_MASK[types[h], types[t]].any():
                near = pair_up(head, tail, item.sentences)
                pairs.append((h, t, *near.first, *near.second, *near.between, near.bucket))
    values: list[Any] = []
    links: list[Any] = []
    for result in item.results:
        first, stop = result.span
        if stop > length:
            continue
        for e, found in enumerate(spans):
            near = pair_up([result.span], found, item.sentences)
            links.append((len(values), e, *near.second, *near.between, near.bucket))
        values.append((first, stop, max(0, first - AROUND), min(length, stop + AROUND)))
    return Sheet(
        cuts=cuts, shape=np.array(item.shapes[:length], np.int32), lexicon=np.array(item.lexicon[:length], np.int32),
        tags=np.zeros((length, len(TAGS)), np.float16), types=np.array(types, np.int32),
        kinds=np.zeros((len(types), len(KINDS)), np.float16), roles=np.zeros((len(types), len(ROLES)), np.float16),
        keep=np.zeros(len(types), np.float16),
        mentions=_table([(n, s, e) for n, found in enumerate(spans) for s, e in found], 3),
        pairs=_table(pairs, 9), related=np.zeros((len(pairs), len(PREDICATES)), np.float16),
        values=_table(values, 4), is_result=np.zeros(len(values), np.float16),
        links=_table(links, 7), filled=np.zeros((len(links), len(SLOTS)), np.float16),
        empty=np.zeros((len(values), len(SLOTS)), np.float16),
    )  # fmt: skip


def _table(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, dtype=np.int32).reshape(len(rows), columns)


def mistakes(item: Example, guessed: Sequence[TypedSpan]) -> list[tuple[int, list[Span]]]:
    """The tagger's entities that share neither form nor type with a gold one."""
    gold = {(span_key(item, s), e.type) for e in item.entities for s in e.spans}
    return [(t, spans) for (key, t), spans in group_spans(item, guessed).items() if (key, t) not in gold][:SPURIOUS]


def group_spans(item: Example, guessed: Sequence[TypedSpan]) -> dict[tuple[str, int], list[Span]]:
    """The spans of each form and type, in order."""
    found: dict[tuple[str, int], list[Span]] = {}
    for first, stop, type_ in guessed:
        found.setdefault((span_key(item, (first, stop)), type_), []).append((first, stop))
    return found


def span_key(item: Example, span: Span) -> str:
    """The form of a span, by which two are compared."""
    return form_key(item.text[item.words.starts[span[0]] : item.words.ends[span[1] - 1]])
