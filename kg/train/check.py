"""A quick look at a network on annotated papers: each head by itself, with gold entities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from kg.extract.neural.features import WordPieces
from kg.train.batch import CLOSED, answer, best_spans, collate
from kg.train.loop import device_of
from kg.train.network import Network
from kg.train.sheets import Sheet


def check(networks: Sequence[Network], sheets: Sequence[Sheet], pieces: WordPieces, size: int = 32) -> dict[str, float]:
    """F1 of tagged spans, of relations over .4 and of results over .5; accuracy of roles and of subjects and metrics.

    Several networks are averaged. Entities, pairs and values are the gold ones.
    """
    hits = found = wanted = roles = judged = related = said = told = slots = asked = results = told_values = values = 0
    with torch.no_grad():
        for start in range(0, len(sheets), size):
            part = list(sheets[start : start + size])
            batch = collate(part, pieces).to(device_of(networks[0]))
            answers = [answer(network.eval(), batch) for network in networks]
            tags = _mean([torch.softmax(a.tags, 2) for a in answers])
            guessed = best_spans(tags.argmax(2).cpu().numpy(), batch.lengths)
            gold = best_spans(batch.tags.argmax(2).cpu().numpy(), batch.lengths)
            for one, other in zip(guessed, gold, strict=True):
                hits += len(set(one) & set(other))
                found, wanted = found + len(one), wanted + len(other)
            sure = batch.keep > 0.5
            role = _mean([torch.softmax(a.roles, 1) for a in answers]).argmax(1)
            roles += int((role == batch.roles.argmax(1))[sure].sum())
            judged += int(sure.sum())
            pair = _mean([torch.sigmoid(a.pairs) * (a.pairs > CLOSED / 2) for a in answers]) > 0.4
            related += int((pair & (batch.related > 0.5)).sum())
            said, told = said + int(pair.sum()), told + int((batch.related > 0.5).sum())
            value = _mean([torch.sigmoid(a.values) for a in answers]) > 0.5
            results += int((value & (batch.is_result > 0.5)).sum())
            told_values, values = told_values + int(value.sum()), values + int((batch.is_result > 0.5).sum())
            target = torch.zeros_like(answers[0].slots)
            target[:, -1] = batch.empty
            target = target.index_put((batch.links[:, 0], batch.links[:, 2]), batch.filled)
            best = _mean([torch.softmax(a.slots, 1) for a in answers]).argmax(1)
            right = (best == target.argmax(1))[batch.is_result > 0.5][:, :2].all(1)
            slots, asked = slots + int(right.sum()), asked + len(right)
    return {
        "spans": _f1(hits, found, wanted), "roles": roles / max(judged, 1), "relations": _f1(related, said, told),
        "values": _f1(results, told_values, values), "slots": slots / max(asked, 1),
    }  # fmt: skip


def _mean(answers: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(answers)).mean(0)


def _f1(right: int, found: int, wanted: int) -> float:
    return float(np.round(2 * right / max(found + wanted, 1), 4))
