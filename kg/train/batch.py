"""Batches of sheets, and the losses of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from kg.extract.neural.encode import FRAME_SHAPE
from kg.extract.neural.features import WordPieces
from kg.extract.neural.labels import SLOTS, TAGS, predicate_mask, role_mask, slot_mask
from kg.train.network import Network, span_means
from kg.train.sheets import Sheet

WEIGHTS = {"tag": 1.0, "kind": 0.1, "role": 0.15, "keep": 0.1, "pair": 0.4, "value": 0.1, "slot": 0.1}
CLOSED = -1e4
"""The logit of what cannot be."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How a paper is disturbed while learning: the share of papers with invented names, of lexicon tags dropped, of
    words hidden."""

    names: float = 0.33
    lexicon: float = 0.15
    words: float = 0.02


@dataclass(slots=True)
class Batch:
    """Some papers side by side. Pieces are padded; entities, pairs, values and links are in one list each.

    `owner` is the word of each piece, and one more than the longest text's words for padding. Every row of the flat
    lists begins with what it belongs to: entity, head and tail, value and entity are numbers in the whole batch.
    """

    ids: Tensor  # [b, pieces]
    shape: Tensor
    lexicon: Tensor
    mask: Tensor
    owner: Tensor
    tags: Tensor  # [b, words, tags]
    lengths: list[int]
    row: Tensor  # [e]: the paper of each entity
    types: Tensor
    kinds: Tensor
    roles: Tensor
    keep: Tensor
    mentions: Tensor  # [m, 4]: entity, paper, first, stop
    pairs: Tensor  # [p, 10]: head, tail, paper, spans, between, bucket
    related: Tensor
    values: Tensor  # [v, 5]: paper, words, words around
    is_result: Tensor
    links: Tensor  # [k, 9]: value, entity, entity's number in its paper, paper, span, between, bucket
    filled: Tensor
    empty: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        moved: dict[str, Any] = {
            name: value.to(device, non_blocking=True) if isinstance(value, Tensor) else value
            for name, value in ((name, getattr(self, name)) for name in self.__slots__)
        }
        return Batch(**moved)


def collate(
    sheets: Sequence[Sheet], pieces: WordPieces, chance: np.random.Generator | None = None, noise: Noise | None = None
) -> Batch:
    """Put sheets together; with `chance` they are disturbed as for training."""
    noise = noise or Noise()
    cuts = [
        s.cuts[0] if chance is None or len(s.cuts) < 2 or chance.random() >= noise.names
        else s.cuts[int(chance.integers(1, len(s.cuts)))]
        for s in sheets
    ]  # fmt: skip
    lengths = [len(sheet.shape) for sheet in sheets]
    longest = max(*lengths, 1)
    kept = [int(np.searchsorted(cut.owner, length)) for cut, length in zip(cuts, lengths, strict=True)]
    width = -(-(max(kept) + 2) // 8) * 8
    ids = np.full((len(sheets), width), pieces.pad, np.int64)
    shape = np.full((len(sheets), width), FRAME_SHAPE, np.int64)
    lexicon = np.zeros((len(sheets), width), np.int64)
    owner = np.full((len(sheets), width), longest, np.int64)
    mask = np.zeros((len(sheets), width), np.bool_)
    tags = np.zeros((len(sheets), longest, len(TAGS)), np.float32)
    for row, (sheet, cut, n) in enumerate(zip(sheets, cuts, kept, strict=True)):
        own, tagged, written = cut.owner[:n], sheet.lexicon, cut.ids[:n]
        if chance is not None:
            tagged = drop_lexicon(tagged, cut.renamed, chance, noise.lexicon)
            hidden = chance.random(lengths[row] + 1) < noise.words
            written = np.where(hidden[own], pieces.unknown, written)
        ids[row, : n + 2] = [pieces.cls, *written, pieces.sep]
        shape[row, 1 : n + 1] = sheet.shape[own]
        lexicon[row, 1 : n + 1] = tagged[own]
        owner[row, 1 : n + 1] = own
        mask[row, : n + 2] = True
        tags[row, : lengths[row]] = sheet.tags
    e0, v0 = _starts([len(s.types) for s in sheets]), _starts([len(s.values) for s in sheets])
    mentions, pairs, values, links = [], [], [], []
    for row, s in enumerate(sheets):
        mentions.append(_columns(s.mentions[:, :1] + e0[row], row, s.mentions[:, 1:]))
        pairs.append(_columns(s.pairs[:, :2] + e0[row], row, s.pairs[:, 2:]))
        values.append(_columns(s.values[:, :0], row, s.values))
        here = np.concatenate([s.links[:, :1] + v0[row], s.links[:, 1:2] + e0[row], s.links[:, 1:2]], 1)
        links.append(_columns(here, row, s.links[:, 2:]))
    rows = np.repeat(np.arange(len(sheets)), [len(s.types) for s in sheets])
    return Batch(
        ids=torch.from_numpy(ids), shape=torch.from_numpy(shape), lexicon=torch.from_numpy(lexicon),
        mask=torch.from_numpy(mask), owner=torch.from_numpy(owner), tags=torch.from_numpy(tags), lengths=lengths,
        row=torch.from_numpy(rows), types=_join([s.types for s in sheets]).long(),
        kinds=_join([s.kinds for s in sheets]).float(), roles=_join([s.roles for s in sheets]).float(),
        keep=_join([s.keep for s in sheets]).float(), mentions=_join(mentions), pairs=_join(pairs),
        related=_join([s.related for s in sheets]).float(), values=_join(values),
        is_result=_join([s.is_result for s in sheets]).float(), links=_join(links),
        filled=_join([s.filled for s in sheets]).float(), empty=_join([s.empty for s in sheets]).float(),
    )  # fmt: skip


def _starts(counts: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


def _columns(left: NDArray[np.generic], row: int, right: NDArray[np.generic]) -> NDArray[np.int64]:
    return np.concatenate([left, np.full((len(right), 1), row), right], axis=1).astype(np.int64)


def _join(arrays: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.concatenate(arrays))


def drop_lexicon(
    tags: NDArray[np.int32], renamed: NDArray[np.int32], chance: np.random.Generator, share: float
) -> NDArray[np.int32]:
    """Lexicon tags without those of renamed words and without a share of the hits, now and then without any."""
    begins = tags % 2 == 1
    dropped = chance.random(int(begins.sum()) + 1) < share
    if chance.random() < share / 2:
        dropped[:] = True
    left = np.where(dropped[np.cumsum(begins)], 0, tags)
    left[renamed[renamed < len(left)]] = 0
    return np.asarray(left, np.int32)


def word_vectors(network: Network, batch: Batch) -> tuple[Tensor, Tensor]:
    """`[b, words, hidden]`, each the mean of its pieces, and `[b, hidden]`, the vector of the whole text."""
    device = batch.ids.device
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=network.low_precision):
        pieces = network.encoder(batch.ids, batch.shape, batch.lexicon, batch.mask)
    pieces = pieces.float()
    rows, _, hidden = pieces.shape
    longest = batch.tags.shape[1]
    index = batch.owner.unsqueeze(2).expand_as(pieces)
    sums = torch.zeros(rows, longest + 1, hidden, device=device).scatter_add(1, index, pieces)
    ones = torch.ones_like(batch.owner, dtype=torch.float)
    counts = torch.zeros(rows, longest + 1, device=device).scatter_add(1, batch.owner, ones)
    return (sums / counts.clamp(min=1).unsqueeze(2))[:, :longest], pieces[:, 0]


@dataclass(slots=True)
class Answers:
    """What the network says of a batch, in the order of the batch's lists; logits."""

    tags: Tensor
    kinds: Tensor
    roles: Tensor
    keep: Tensor
    pairs: Tensor
    values: Tensor
    slots: Tensor  # [v, entities of the longest paper + 1, slots]; the last row is "nothing"


def answer(network: Network, batch: Batch) -> Answers:
    """Run the network; what types forbid is closed."""
    device = batch.ids.device
    heads = network.heads
    words, whole = word_vectors(network, batch)
    tags = heads.tag(F.dropout(words, 0.1, network.training))
    count = len(batch.types)
    entity, row, first, stop = batch.mentions.T
    sums = torch.zeros(count, words.shape[2], device=device).index_add(0, entity, span_means(words, row, first, stop))
    vectors = sums / torch.bincount(entity, minlength=count).clamp(min=1).unsqueeze(1)
    kinds, outputs = heads.entities(vectors, batch.types, whole[batch.row])
    allowed = torch.from_numpy(role_mask()).to(device)[batch.types]
    roles = outputs[:, :-1].masked_fill(~allowed, CLOSED)
    judged = judgement(kinds, roles, outputs[:, -1])
    head, tail, row, hs, he, ts, te, bs, be, bucket = batch.pairs.T
    near_head, near_tail = span_means(words, row, hs, he), span_means(words, row, ts, te)
    between = span_means(words, row, bs, be)
    pairs = heads.pairs(vectors, batch.types, head, tail, near_head, near_tail, between, bucket, judged)
    open_pairs = torch.from_numpy(predicate_mask()).to(device)[batch.types[head], batch.types[tail]]
    pairs = pairs.masked_fill(~open_pairs, CLOSED)
    row, first, stop, left, right = batch.values.T
    projected, logits = heads.values(span_means(words, row, first, stop), span_means(words, row, left, right))
    value, entity, number, row, es, ee, bs, be, bucket = batch.links.T
    near, between = span_means(words, row, es, ee), span_means(words, row, bs, be)
    scores = heads.links(projected, value, vectors, batch.types, entity, near, between, bucket, judged)
    scores = scores.masked_fill(~torch.from_numpy(slot_mask()).to(device)[batch.types[entity]], CLOSED)
    places = int(torch.bincount(batch.row, minlength=1).max()) if count else 0
    slots = torch.full((len(projected), places + 1, len(SLOTS)), CLOSED, device=device)
    slots[:, -1] = logits[:, 1:].to(slots.dtype)
    slots = slots.index_put((value, number), scores)
    return Answers(tags, kinds, roles, outputs[:, -1], pairs, logits[:, 0], slots)


def judgement(kinds: Tensor, roles: Tensor, keep: Tensor) -> Tensor:
    """What is believed of each entity, `[e, kinds + roles + 1]`: an input of the heads for pairs, not learned there."""
    parts = [torch.softmax(kinds, 1), torch.softmax(roles, 1), torch.sigmoid(keep).unsqueeze(1)]
    return torch.cat(parts, 1).detach()


def losses(network: Network, batch: Batch) -> dict[str, Tensor]:
    """The loss of every head on one batch, not yet weighted."""
    found = answer(network, batch)
    out = {"tag": _cross_entropy(found.tags.flatten(0, 1), batch.tags.flatten(0, 1))}
    if len(batch.types):
        out["kind"] = _cross_entropy(found.kinds, batch.kinds)
        out["role"] = _cross_entropy(found.roles, batch.roles * (found.roles > CLOSED / 2))
        out["keep"] = F.binary_cross_entropy_with_logits(found.keep, batch.keep)
    if len(batch.pairs):
        out["pair"] = (_binary(found.pairs, batch.related) * (found.pairs > CLOSED / 2)).sum() / len(batch.pairs)
    if len(batch.values):
        out["value"] = F.binary_cross_entropy_with_logits(found.values, batch.is_result)
        wanted = torch.zeros_like(found.slots)
        wanted[:, -1] = batch.empty
        value, number = batch.links[:, 0], batch.links[:, 2]
        wanted = wanted.index_put((value, number), batch.filled)
        wanted = wanted * (found.slots > CLOSED / 2)
        out["slot"] = _cross_entropy(found.slots.transpose(1, 2).flatten(0, 1), wanted.transpose(1, 2).flatten(0, 1))
    return out


def _cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Mean over the rows that have a target, each as heavy as its target's sum."""
    return -(wanted * F.log_softmax(logits, 1)).sum() / wanted.sum().clamp(min=1e-6)


def _binary(logits: Tensor, wanted: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")


def total(parts: dict[str, Tensor]) -> Tensor:
    """The weighted sum of the losses."""
    return torch.stack([WEIGHTS[name] * loss for name, loss in parts.items()]).sum()


def best_spans(tags: NDArray[np.int64], lengths: Sequence[int]) -> list[list[tuple[int, int, int]]]:
    """`(first, stop, type)` spans of the best tag at each word, taken one by one; `tags` is `[b, words]`."""
    rows = []
    for row, length in zip(tags.tolist(), lengths, strict=True):
        spans: list[tuple[int, int, int]] = []
        for index, tag in enumerate(row[:length]):
            if tag % 2:
                spans.append((index, index + 1, tag // 2))
            elif tag and spans and spans[-1][1] == index and spans[-1][2] == tag // 2 - 1:
                spans[-1] = (spans[-1][0], index + 1, spans[-1][2])
        rows.append(spans)
    return rows
