"""The network in torch: an encoder with shape and lexicon embeddings, and the joint heads on top of it.

Two encoders: a transformer that starts from MiniLM's weights, and a convolutional one that runs several times faster.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kg.extract.neural.features import BUCKETS, LEXICON_TAGS
from kg.extract.neural.labels import KINDS, PREDICATES, ROLES, SLOTS, TAGS, TYPES
from kg.extract.words import SHAPES

JUDGED = len(KINDS) + len(ROLES) + 1
"""What is believed of one entity: its kind, its role, whether it is an entity at all."""


@dataclass(frozen=True, slots=True)
class Size:
    """The shape of the network. `embedding` is the width of the word pieces of the convolutional encoder, `dilations`
    has one number for each of its layers; without dilations the encoder is a transformer."""

    vocabulary: int = 30522
    hidden: int = 384
    inner: int = 1536
    layers: int = 6
    heads: int = 12
    positions: int = 512
    pair: int = 128
    dropout: float = 0.1
    embedding: int = 192
    dilations: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def layers_before_context(self) -> int:
        """Before this layer of the convolutional encoder the mean over the text is added."""
        return len(self.dilations) // 2


def drop(x: Tensor, rate: float, training: bool) -> Tensor:
    """Dropout, on a CPU with one mask for all rows of a batch: drawing it is what costs time there."""
    if not training or not rate:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, rate)
    mask = torch.empty(1, *x.shape[1:], dtype=x.dtype).bernoulli_(1 - rate).div_(1 - rate)
    return x * mask


class Layer(nn.Module):  # type: ignore[misc,unused-ignore]
    """One transformer layer, post-norm as in BERT."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.heads = size.heads
        self.dropout = size.dropout
        self.qkv = nn.Linear(size.hidden, 3 * size.hidden)
        self.out = nn.Linear(size.hidden, size.hidden)
        self.norm1 = nn.LayerNorm(size.hidden, eps=1e-12)
        self.up = nn.Linear(size.hidden, size.inner)
        self.down = nn.Linear(size.inner, size.hidden)
        self.norm2 = nn.LayerNorm(size.hidden, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, hidden = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=mask)
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, hidden))
        x = self.norm1(x + drop(seen, self.dropout, self.training))
        inner = self.down(F.gelu(self.up(x)))
        result: Tensor = self.norm2(x + drop(inner, self.dropout, self.training))
        return result


class Encoder(nn.Module):  # type: ignore[misc,unused-ignore]
    """Word pieces, shapes and lexicon tags to vectors: `[batch, pieces, hidden]`."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.word = nn.Embedding(size.vocabulary, size.hidden)
        self.position = nn.Embedding(size.positions, size.hidden)
        self.shape = nn.Embedding(SHAPES + 1, size.hidden)
        self.lexicon = nn.Embedding(LEXICON_TAGS, size.hidden)
        self.norm = nn.LayerNorm(size.hidden, eps=1e-12)
        self.layer = nn.ModuleList(Layer(size) for _ in range(size.layers))
        nn.init.normal_(self.shape.weight, std=0.01)
        nn.init.normal_(self.lexicon.weight, std=0.01)

    def forward(self, ids: Tensor, shape: Tensor, lexicon: Tensor, mask: Tensor) -> Tensor:
        x: Tensor = self.word(ids) + self.position.weight[: ids.shape[1]] + self.shape(shape) + self.lexicon(lexicon)
        x = drop(self.norm(x), self.size.dropout, self.training)
        unseen = torch.zeros_like(mask, dtype=x.dtype).masked_fill_(~mask, float("-inf"))[:, None, None, :]
        for layer in self.layer:
            x = layer(x, unseen.to(x.dtype))
        return x

    def load_minilm(self, folder: Path) -> None:
        """Take the weights of a Hugging Face BERT directory (`model.safetensors`, uncased, this width).

        A deeper encoder takes each of the six layers as often as it needs to (Gong et al. 2019, "Efficient Training of
        BERT by Progressively Stacking"), a shallower one takes some of them.
        """
        from safetensors.torch import load_file

        weights = load_file(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["hidden_size"] != self.size.hidden:
            raise ValueError(f"{folder}: hidden size {config['hidden_size']}, expected {self.size.hidden}")

        def take(name: str) -> Tensor:
            return weights[name] if name in weights else weights["bert." + name]

        with torch.no_grad():
            self.word.weight.copy_(take("embeddings.word_embeddings.weight"))
            token_type = take("embeddings.token_type_embeddings.weight")[0]
            self.position.weight.copy_(take("embeddings.position_embeddings.weight") + token_type)
            self.norm.load_state_dict(
                {"weight": take("embeddings.LayerNorm.weight"), "bias": take("embeddings.LayerNorm.bias")}
            )
            known = int(config["num_hidden_layers"])
            for number, layer in enumerate(self.layer):
                base = f"encoder.layer.{number * known // len(self.layer)}."
                for kind in ("weight", "bias"):
                    parts = [take(f"{base}attention.self.{part}.{kind}") for part in ("query", "key", "value")]
                    getattr(layer.qkv, kind).copy_(torch.cat(parts))
                    getattr(layer.out, kind).copy_(take(f"{base}attention.output.dense.{kind}"))
                    getattr(layer.norm1, kind).copy_(take(f"{base}attention.output.LayerNorm.{kind}"))
                    getattr(layer.up, kind).copy_(take(f"{base}intermediate.dense.{kind}"))
                    getattr(layer.down, kind).copy_(take(f"{base}output.dense.{kind}"))
                    getattr(layer.norm2, kind).copy_(take(f"{base}output.LayerNorm.{kind}"))


class ConvLayer(nn.Module):  # type: ignore[misc,unused-ignore]
    """A word piece and its two neighbours at some distance, to a change of the piece's vector."""

    def __init__(self, size: Size, dilation: int) -> None:
        super().__init__()
        self.dilation, self.dropout = dilation, size.dropout
        self.up = nn.Linear(3 * size.hidden, size.inner)
        self.down = nn.Linear(size.inner, size.hidden)
        self.norm = nn.LayerNorm(size.hidden, eps=1e-12)

    def forward(self, x: Tensor) -> Tensor:
        far = self.dilation
        wide = F.pad(x, (0, 0, far, far))
        around = torch.cat([wide[:, : -2 * far], x, wide[:, 2 * far :]], 2)
        changed = self.down(F.relu(self.up(around)))
        result: Tensor = self.norm(x + drop(changed, self.dropout, self.training))
        return result


class ConvEncoder(nn.Module):  # type: ignore[misc,unused-ignore]
    """Word pieces, shapes and lexicon tags to vectors by dilated convolutions, `[batch, pieces, hidden]`.

    Half-way the mean over the text is added to every piece; the first piece's vector is the mean of all at the end.
    Nothing of a text depends on the padding that a batch adds to it.
    """

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.word = nn.Embedding(size.vocabulary, size.embedding)
        self.widen = nn.Linear(size.embedding, size.hidden)
        self.shape = nn.Embedding(SHAPES + 1, size.hidden)
        self.lexicon = nn.Embedding(LEXICON_TAGS, size.hidden)
        self.norm = nn.LayerNorm(size.hidden, eps=1e-12)
        self.layer = nn.ModuleList(ConvLayer(size, dilation) for dilation in size.dilations)
        self.context = nn.Linear(size.hidden, size.hidden)
        nn.init.normal_(self.word.weight, std=0.1)
        nn.init.normal_(self.shape.weight, std=0.1)
        nn.init.normal_(self.lexicon.weight, std=0.1)

    def forward(self, ids: Tensor, shape: Tensor, lexicon: Tensor, mask: Tensor) -> Tensor:
        real = mask.unsqueeze(2)
        count = real.sum(1, keepdim=True)
        x = self.norm(self.widen(self.word(ids)) + self.shape(shape) + self.lexicon(lexicon))
        x = drop(x, self.size.dropout, self.training)
        for number, layer in enumerate(self.layer):
            if number == self.size.layers_before_context:
                x = x + self.context((x * real).sum(1, keepdim=True) / count)
            x = layer(x * real)
        whole = (x * real).sum(1, keepdim=True) / count
        return torch.cat([whole, x[:, 1:]], 1)

    def load_vectors(self, vectors: Tensor) -> None:
        """Begin with the principal components of other word-piece vectors, `[vocabulary, any]`."""
        with torch.no_grad():
            centred = vectors.float() - vectors.float().mean(0)
            _, _, axes = torch.pca_lowrank(centred, q=self.size.embedding, center=False)
            projected = centred @ axes
            self.word.weight.copy_(projected / projected.std() * 0.1)


def span_means(vectors: Tensor, rows: Tensor, first: Tensor, stop: Tensor) -> Tensor:
    """The mean of `vectors[row, first:stop]` for each span: `[spans, hidden]`."""
    sums = F.pad(vectors.cumsum(1), (0, 0, 1, 0))
    return (sums[rows, stop] - sums[rows, first]) / (stop - first).clamp(min=1).unsqueeze(1)


class Heads(nn.Module):  # type: ignore[misc,unused-ignore]
    """Everything above the word vectors. Flat tensors: entities, pairs and values of the whole batch in one list."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        h, p = size.hidden, size.pair
        self.dropout = size.dropout
        self.tag = nn.Linear(h, len(TAGS))
        self.type_of = nn.Embedding(len(TYPES), 32)
        self.kind = nn.Linear(2 * h + 32, 2)
        self.entity1 = nn.Linear(2 * h + 32, p)
        self.entity2 = nn.Linear(p, len(ROLES) + 1)
        self.head = nn.Linear(2 * h + 32, p)
        self.tail = nn.Linear(2 * h + 32, p)
        self.between = nn.Linear(h, p)
        self.bucket = nn.Embedding(BUCKETS, 32)
        self.pair1 = nn.Linear(4 * p + 32, p)
        self.pair_judged = nn.Linear(2 * JUDGED, p, bias=False)
        self.pair2 = nn.Linear(p, len(PREDICATES))
        self.value = nn.Linear(2 * h, p)
        self.value1 = nn.Linear(p, p)
        self.value2 = nn.Linear(p, 1 + len(SLOTS))
        self.filler = nn.Linear(2 * h + 32, p)
        self.link_between = nn.Linear(h, p)
        self.link1 = nn.Linear(4 * p + 32, p)
        self.link_judged = nn.Linear(JUDGED, p, bias=False)
        self.link2 = nn.Linear(p, len(SLOTS))

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training)

    def entities(self, vectors: Tensor, types: Tensor, whole: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the kinds, and of the roles with "is an entity at all" as last column."""
        x = self._drop(torch.cat([vectors, self.type_of(types), whole], 1))
        return self.kind(x), self.entity2(self._drop(F.relu(self.entity1(x))))

    def pairs(
        self, vectors: Tensor, types: Tensor, head: Tensor, tail: Tensor,
        near_head: Tensor, near_tail: Tensor, between: Tensor, bucket: Tensor, judged: Tensor,
    ) -> Tensor:  # fmt: skip
        """Logits of the predicates for each pair; `head` and `tail` index `vectors` and `judged` (see `JUDGED`)."""
        kinds = self.type_of(types)
        h = self.head(self._drop(torch.cat([vectors[head], near_head, kinds[head]], 1)))
        t = self.tail(self._drop(torch.cat([vectors[tail], near_tail, kinds[tail]], 1)))
        x = torch.cat([h, t, h * t, self.between(between), self.bucket(bucket)], 1)
        believed = self.pair_judged(torch.cat([judged[head], judged[tail]], 1))
        logits: Tensor = self.pair2(self._drop(F.relu(self.pair1(F.relu(x)) + believed)))
        return logits

    def values(self, vectors: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
        """Each value's projection, and its logits: "is a result", then "none" for each slot."""
        v = self.value(self._drop(torch.cat([vectors, around], 1)))
        return v, self.value2(self._drop(F.relu(self.value1(F.relu(v)))))

    def links(
        self, values: Tensor, value: Tensor, vectors: Tensor, types: Tensor, entity: Tensor,
        near: Tensor, between: Tensor, bucket: Tensor, judged: Tensor,
    ) -> Tensor:  # fmt: skip
        """Logits of the slots for each pair of a value (projection) and an entity."""
        e = self.filler(self._drop(torch.cat([vectors[entity], near, self.type_of(types)[entity]], 1)))
        v = values[value]
        x = torch.cat([v, e, v * e, self.link_between(between), self.bucket(bucket)], 1)
        believed = self.link_judged(judged[entity])
        logits: Tensor = self.link2(self._drop(F.relu(self.link1(F.relu(x)) + believed)))
        return logits


class Network(nn.Module):  # type: ignore[misc,unused-ignore]
    """Encoder and heads."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.low_precision = False  # bfloat16 where it is safe; the name "bfloat16" is torch's own
        self.encoder: Encoder | ConvEncoder = ConvEncoder(size) if size.dilations else Encoder(size)
        self.heads = Heads(size)
