"""Batches of examples, and the losses of one batch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from kg.extract.neural.features import Span, WordPieces, pair_up
from kg.extract.neural.labels import PREDICATES, SLOTS, predicate_mask, role_mask, slot_mask
from kg.train.examples import Example, form_key, invent_names, piece_up
from kg.train.network import Network, span_means

PAIR_MASK, ROLE_MASK, SLOT_MASK = predicate_mask(), role_mask(), slot_mask()
WEIGHTS = {"tag": 1.0, "kind": 0.1, "role": 0.15, "keep": 0.1, "pair": 0.4, "value": 0.1, "slot": 0.1}
AROUND = 6
SPURIOUS = 6
"""At most this many of the tagger's own mistakes a paper are shown to the heads."""


@dataclass(slots=True)
class Batch:
    """Padded pieces of some examples; `owner` is the word of each piece, one more than the last word for padding."""

    items: list[Example]
    ids: Tensor
    shape: Tensor
    lexicon: Tensor
    mask: Tensor
    owner: Tensor
    lengths: list[int]
    tags: Tensor


@dataclass(slots=True)
class Noise:
    """How a training example is disturbed: share of names invented, lexicon tags dropped, words hidden."""

    names: float = 0.1
    lexicon: float = 0.15
    words: float = 0.02


def collate(items: Sequence[Example], pieces: WordPieces, chance: random.Random | None, noise: Noise) -> Batch:
    """Cut and pad; with `chance` the examples are disturbed as for training."""
    rows = []
    for item in items:
        texts: Sequence[str] = item.words.texts
        lexicon = list(item.lexicon)
        if chance is not None:
            invented = invent_names(item, chance, noise.names)
            drop_all = chance.random() < noise.lexicon / 2
            dropping = False
            for index, (old, new) in enumerate(zip(texts, invented, strict=True)):
                if lexicon[index] % 2:
                    dropping = chance.random() < noise.lexicon
                if drop_all or dropping or old != new:
                    lexicon[index] = 0
            texts = invented
        ids, owner = piece_up(texts, pieces)
        if chance is not None:
            hidden = {w for w in range(len(texts)) if chance.random() < noise.words}
            ids = [pieces.unknown if owner[i] in hidden else piece for i, piece in enumerate(ids)]
        rows.append((ids, owner, lexicon))
    width = max(len(ids) for ids, _, _ in rows) + 2
    lengths = [(owner[-1] + 1 if owner else 0) for _, owner, _ in rows]
    longest = max(max(lengths), 1)
    shape_ids = np.full((len(rows), width), 14, dtype=np.int64)
    piece_ids = np.full((len(rows), width), pieces.pad, dtype=np.int64)
    lexicon_ids = np.zeros((len(rows), width), dtype=np.int64)
    owners = np.full((len(rows), width), longest, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.bool_)
    tags = np.full((len(rows), longest), -100, dtype=np.int64)
    for row, ((ids, owner, lexicon), item, length) in enumerate(zip(rows, items, lengths, strict=True)):
        n = len(ids)
        piece_ids[row, : n + 2] = [pieces.cls, *ids, pieces.sep]
        shape_ids[row, 1 : n + 1] = np.asarray(item.shapes, dtype=np.int64)[owner]
        lexicon_ids[row, 1 : n + 1] = np.asarray(lexicon, dtype=np.int64)[owner]
        owners[row, 1 : n + 1] = owner
        mask[row, : n + 2] = True
        tags[row, :length] = item.tags[:length]
    return Batch(
        items=list(items), ids=torch.from_numpy(piece_ids), shape=torch.from_numpy(shape_ids),
        lexicon=torch.from_numpy(lexicon_ids), mask=torch.from_numpy(mask), owner=torch.from_numpy(owners),
        lengths=lengths, tags=torch.from_numpy(tags),
    )  # fmt: skip


def word_vectors(network: Network, batch: Batch) -> tuple[Tensor, Tensor]:
    """`[batch, words, hidden]`, each the mean of its pieces, and `[batch, hidden]`, the vector of the whole text."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=network.bfloat16 and network.training):
        pieces = network.encoder(batch.ids, batch.shape, batch.lexicon, batch.mask).float()
    rows, _, hidden = pieces.shape
    longest = batch.tags.shape[1]
    index = batch.owner.unsqueeze(2).expand_as(pieces)
    sums = torch.zeros(rows, longest + 1, hidden).scatter_add(1, index, pieces)
    counts = torch.zeros(rows, longest + 1).scatter_add(1, batch.owner, torch.ones_like(batch.owner, dtype=torch.float))
    return (sums / counts.clamp(min=1).unsqueeze(2))[:, :longest], pieces[:, 0]


@dataclass(slots=True)
class Flat:
    """Entities, pairs and values of a whole batch in flat lists."""

    mentions: list[tuple[int, int, int, int]] = field(default_factory=list)
    types: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    keep: list[float] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    pairs: list[tuple[int, ...]] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    values: list[tuple[int, int, int, int, int, float]] = field(default_factory=list)
    slots: list[tuple[int, ...]] = field(default_factory=list)
    links: list[tuple[int, ...]] = field(default_factory=list)


def flatten(batch: Batch, guessed: Sequence[Sequence[tuple[int, int, int]]]) -> Flat:
    """The heads' inputs and targets; `guessed` are the tagger's own `(first, stop, type)` spans, a list a row."""
    flat = Flat()
    for row, item in enumerate(batch.items):
        length = batch.lengths[row]
        members: dict[int, int] = {}
        spans: list[list[Span]] = []
        base = len(flat.types)
        for index, entity in enumerate(item.entities):
            inside = [s for s in entity.spans if s[1] <= length]
            if inside:
                members[index] = len(spans)
                spans.append(inside)
                _add_entity(flat, row, entity.type, entity.kind, entity.role, 1.0)
        for kind_of, found in _mistakes(item, guessed[row] if guessed else ()):
            spans.append(found)
            _add_entity(flat, row, kind_of, -100, -100, 0.0)
        for number, found in enumerate(spans):
            flat.mentions.extend((base + number, row, s, e) for s, e in found)
        wanted: dict[tuple[int, int], int] = {}
        for h, p, t in item.relations:
            if h in members and t in members:
                key = (base + members[h], base + members[t])
                wanted[key] = wanted.get(key, 0) | 1 << p
        for h in range(base, base + len(spans)):
            for t in range(base, base + len(spans)):
                if h != t and PAIR_MASK[flat.types[h], flat.types[t]].any():
                    near = pair_up(spans[h - base], spans[t - base], item.sentences)
                    flat.pairs.append((h, t, row, *near.first, *near.second, *near.between, near.bucket))
                    flat.targets.append(wanted.get((h, t), 0))
        for result in item.results:
            first, stop = result.span
            if stop > length:
                continue
            value = len(flat.values)
            around = (max(0, first - AROUND), min(length, stop + AROUND))
            flat.values.append((row, first, stop, *around, float(result.is_result)))
            flat.slots.append(tuple(base + members[s] if s in members else -1 for s in result.slots))
            for number, found in enumerate(spans):
                near = pair_up([result.span], found, item.sentences)
                flat.links.append((value, base + number, row, *near.second, *near.between, near.bucket))
    return flat


def _add_entity(flat: Flat, row: int, type_: int, kind: int, role: int, keep: float) -> None:
    flat.row.append(row)
    flat.types.append(type_)
    flat.kinds.append(kind)
    flat.roles.append(role)
    flat.keep.append(keep)


def _mistakes(item: Example, guessed: Sequence[tuple[int, int, int]]) -> list[tuple[int, list[Span]]]:
    """The tagger's entities that share neither form nor type with a gold one."""
    gold = {(_key(item, s), e.type) for e in item.entities for s in e.spans}
    found: dict[tuple[str, int], list[Span]] = {}
    for first, stop, type_ in guessed:
        key = (_key(item, (first, stop)), type_)
        if key not in gold:
            found.setdefault(key, []).append((first, stop))
    return [(key[1], spans) for key, spans in list(found.items())[:SPURIOUS]]


def _key(item: Example, span: Span) -> str:
    return form_key(item.text[item.words.starts[span[0]] : item.words.ends[span[1] - 1]])


def guess_spans(logits: Tensor, lengths: Sequence[int]) -> list[list[tuple[int, int, int]]]:
    """The spans of the best tag at each word, taken one by one."""
    rows = []
    for row, length in zip(logits.argmax(2).tolist(), lengths, strict=True):
        spans: list[tuple[int, int, int]] = []
        for index, tag in enumerate(row[:length]):
            if tag % 2:
                spans.append((index, index + 1, tag // 2))
            elif tag and spans and spans[-1][1] == index and spans[-1][2] == tag // 2 - 1:
                spans[-1] = (spans[-1][0], index + 1, spans[-1][2])
        rows.append(spans)
    return rows


def losses(network: Network, batch: Batch, *, own_mistakes: bool) -> dict[str, Tensor]:
    """The loss of every head on one batch, not yet weighted."""
    words, whole = word_vectors(network, batch)
    heads = network.heads
    logits = heads.tag(F.dropout(words, 0.1, network.training))
    out = {"tag": F.cross_entropy(logits.flatten(0, 1), batch.tags.flatten(), ignore_index=-100)}
    guessed = guess_spans(logits.detach(), batch.lengths) if own_mistakes else []
    flat = flatten(batch, guessed)
    if not flat.types:
        return out
    types, rows = torch.tensor(flat.types), torch.tensor(flat.row)
    owner, row, first, stop = torch.tensor(flat.mentions).T
    sums = torch.zeros(len(flat.types), words.shape[2]).index_add(0, owner, span_means(words, row, first, stop))
    vectors = sums / torch.bincount(owner, minlength=len(flat.types)).unsqueeze(1)
    kinds, roles = heads.entities(vectors, types, whole[rows])
    out["kind"] = F.cross_entropy(kinds, torch.tensor(flat.kinds), ignore_index=-100)
    allowed = torch.from_numpy(ROLE_MASK)[types]
    wanted = torch.tensor(flat.roles)
    wrong = (wanted >= 0) & ~allowed[torch.arange(len(wanted)), wanted.clamp(min=0)]
    role_logits = roles[:, :-1].masked_fill(~allowed, -1e4)
    out["role"] = F.cross_entropy(role_logits, wanted.masked_fill(wrong, -100), ignore_index=-100)
    out["keep"] = F.binary_cross_entropy_with_logits(roles[:, -1], torch.tensor(flat.keep))
    if flat.pairs:
        out["pair"] = _pair_loss(network, flat, words, vectors, types)
    if flat.values:
        out.update(_value_losses(network, flat, words, vectors, types))
    return out


def _pair_loss(network: Network, flat: Flat, words: Tensor, vectors: Tensor, types: Tensor) -> Tensor:
    head, tail, row, hs, he, ts, te, bs, be, bucket = torch.tensor(flat.pairs).T
    near_head, near_tail = span_means(words, row, hs, he), span_means(words, row, ts, te)
    between = span_means(words, row, bs, be)
    logits = network.heads.pairs(vectors, types, head, tail, near_head, near_tail, between, bucket)
    target = (torch.tensor(flat.targets).unsqueeze(1) >> torch.arange(len(PREDICATES))) & 1
    mask = torch.from_numpy(PAIR_MASK)[types[head], types[tail]]
    loss = F.binary_cross_entropy_with_logits(logits, target.float(), reduction="none")
    return (loss * mask).sum() / len(flat.pairs)


def _value_losses(network: Network, flat: Flat, words: Tensor, vectors: Tensor, types: Tensor) -> dict[str, Tensor]:
    columns = torch.tensor(flat.values)
    row, first, stop, left, right = columns[:, :5].long().T
    spans, around = span_means(words, row, first, stop), span_means(words, row, left, right)
    projected, logits = network.heads.values(spans, around)
    out = {"value": F.binary_cross_entropy_with_logits(logits[:, 0], columns[:, 5])}
    if not flat.links or not columns[:, 5].any():
        return out
    value, entity, row, es, ee, bs, be, bucket = torch.tensor(flat.links).T
    near, between = span_means(words, row, es, ee), span_means(words, row, bs, be)
    scores = network.heads.links(projected, value, vectors, types, entity, near, between, bucket)
    scores = scores.masked_fill(~torch.from_numpy(SLOT_MASK)[types[entity]], -1e4)
    lowest = int(entity.min())
    table = torch.full((len(columns), int(entity.max()) - lowest + 2, len(SLOTS)), -1e4)
    table[:, -1] = logits[:, 1:]
    table = table.index_put((value, entity - lowest), scores)
    slots = torch.tensor(flat.slots)
    target = torch.where(slots < 0, table.shape[1] - 1, slots - lowest)
    target = target.masked_fill((columns[:, 5] == 0).unsqueeze(1), -100)
    fine = torch.gather(table, 1, target.clamp(min=0).unsqueeze(1)).squeeze(1) > -1e3
    target = target.masked_fill(~fine, -100)
    out["slot"] = F.cross_entropy(table, target, ignore_index=-100)
    return out


def total(parts: dict[str, Tensor]) -> Tensor:
    """The weighted sum of the losses; a loss without any target (nan) does not count."""
    kept = [WEIGHTS[name] * loss for name, loss in parts.items() if torch.isfinite(loss)]
    return torch.stack(kept).sum()
