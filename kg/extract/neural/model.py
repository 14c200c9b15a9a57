"""The model: loading a directory, and what can be asked of an encoded text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.errors import ModelError
from kg.extract.lexicon import LexiconHit
from kg.extract.neural.answers import Attributes, EntitySpans, Link, MentionSpan, ResultLink
from kg.extract.neural.calibrate import FEATURES, entity_features, logistic
from kg.extract.neural.decode import best_tags, span_log_probabilities, spans_log_probabilities, spans_of
from kg.extract.neural.encode import Encoding, encoding, run_encoder
from kg.extract.neural.features import Span, WordPieces, pair_up, word_span
from kg.extract.neural.heads import Heads, judgement, log_softmax, sigmoid, span_means
from kg.extract.neural.labels import KINDS, PREDICATES, ROLES, SLOTS, TYPES, predicate_mask, role_mask, slot_mask
from kg.extract.values import Value

FORMAT = 2
FILES = ("config.json", "encoder.onnx", "heads.npz", "vocab.txt")
SETTINGS = {
    "bias", "open_bias", "relations", "results", "none", "keep", "keep_threshold", "trust", "roles", "rule_share",
    "statements", "outcomes",
}  # fmt: skip
MAX_ENTITIES = 96
"""Relations and results are looked for among the first so many entities of a text."""
MAX_SPANS = 12
"""Of an entity's mentions the first so many are looked at for relations and results."""
AROUND = 6

Floats = NDArray[np.float32]


@dataclass(slots=True)
class _Entities:
    """Entities of one text as arrays; `rows` are those that have a word in the part that was read."""

    spans: list[list[Span]]
    types: NDArray[np.int64]
    vectors: Floats
    rows: list[int]


class Model:
    """A trained model; load one with `Model.load`."""

    def __init__(self, session: Any, heads: Heads, pieces: WordPieces, config: dict[str, Any], version: str) -> None:
        self._session, self._heads, self._pieces, self._config = session, heads, pieces, config
        self.version = version
        self._believed: Any = None
        self._gathered: tuple[Encoding, list[EntitySpans], _Entities] | None = None
        self._pair_mask, self._role_mask, self._slot_mask = predicate_mask(), role_mask(), slot_mask()
        self._thresholds = np.array([config["relations"][name] for name in PREDICATES], dtype=np.float32)

    @classmethod
    def load(cls, path: Path) -> Model:
        """The model in directory `path`. Raises `ModelError`, which names the file that is missing or wrong."""
        for name in FILES:
            if not (path / name).is_file():
                raise ModelError(f"{path}: the model directory lacks {name}")
        try:
            config = json.loads((path / "config.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelError(f"{path / 'config.json'}: is no JSON ({error})") from error
        if config.get("format") != FORMAT:
            raise ModelError(f"{path / 'config.json'}: format {config.get('format')!r}, this version reads {FORMAT}")
        lacking = sorted(SETTINGS - set(config)) + sorted(set(PREDICATES) - set(config.get("relations", ())))
        if lacking:
            raise ModelError(f"{path / 'config.json'}: lacks {', '.join(lacking)}")
        digest = hashlib.sha256()
        for name in FILES:
            digest.update((path / name).read_bytes())
        try:
            with np.load(path / "heads.npz", allow_pickle=False) as arrays:
                heads = Heads({name: arrays[name] for name in arrays.files})
        except (OSError, ValueError) as error:
            raise ModelError(f"{path / 'heads.npz'}: cannot be read ({error})") from error
        pieces = WordPieces((path / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1])
        return cls(_session(path / "encoder.onnx"), heads, pieces, config, digest.hexdigest()[:16])

    @property
    def config(self) -> dict[str, Any]:
        """A copy of the model's settings (`config.json`)."""
        return dict(self._config)

    @property
    def keep_threshold(self) -> float:
        """The confidence (`Attributes.keep`) below which an entity is better dropped."""
        return float(self._config["keep_threshold"])

    @property
    def open_bias(self) -> float:
        """The bias for `mentions` that lets more candidates through, to be sifted by `keep_threshold`."""
        return float(self._config["open_bias"])

    def with_settings(self, config: dict[str, Any]) -> Model:
        """The same model with other settings; for tuning."""
        return Model(self._session, self._heads, self._pieces, config, self.version)

    def encode(self, text: str, hits: Sequence[LexiconHit]) -> Encoding:
        """Read a text; `hits` are what the lexicon finds in it."""
        parts = run_encoder(self._session, self._pieces, text, hits)
        return encoding(text, parts, self._heads.tags(parts[1]))

    def mentions(self, enc: Encoding, bias: float | None = None) -> list[MentionSpan]:
        """The most likely mentions, left to right, none overlapping; `bias` towards none: the model's, if not given."""
        lean = self._config["bias"] if bias is None else bias
        spans = spans_of(best_tags(enc.tag_scores, lean))
        if not spans:
            return []
        places = np.array(spans, dtype=np.int64)
        scores = np.exp(spans_log_probabilities(enc.tag_scores, places[:, :2]))
        starts, ends = enc.words.starts, enc.words.ends
        return [
            MentionSpan(starts[first], ends[stop - 1], TYPES[type_], round(float(row[type_]), 4))
            for (first, stop, type_), row in zip(spans, scores, strict=True)
        ]

    def type_probabilities(self, enc: Encoding, start: int, end: int) -> dict[str, float]:
        """How likely exactly `text[start:end]` is a mention, for each type; zeros beyond the part that was read."""
        first, stop = word_span(enc.words, start, end)
        if not len(enc.words) or start >= enc.words.ends[-1]:
            return dict.fromkeys(TYPES, 0.0)
        scores = np.exp(span_log_probabilities(enc.tag_scores, first, stop))
        return {type_: round(float(p), 4) for type_, p in zip(TYPES, scores, strict=True)}

    def span_probabilities(self, enc: Encoding, spans: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
        """`type_probabilities` of many spans at once, `[spans, TYPES]`."""
        table = np.zeros((len(spans), len(TYPES)))
        end = enc.words.ends[-1] if len(enc.words) else 0
        known = [row for row, (start, _) in enumerate(spans) if start < end]
        if known:
            words = np.array([word_span(enc.words, *spans[row]) for row in known], dtype=np.int64)
            table[known] = np.exp(spans_log_probabilities(enc.tag_scores, words)).round(4)
        return table

    def attributes(self, enc: Encoding, entities: Sequence[EntitySpans]) -> list[Attributes]:
        """Kind, role and confidence of each entity, in order."""
        here = self._gather(enc, entities)
        blank = Attributes("class", 0.5, "mentioned", {"mentioned": 1.0}, 0.0)
        found = [blank] * len(entities)
        if not here.rows:
            return found
        kind_p, role_p, _, keep = self._believe(enc, here)
        for row, index in enumerate(here.rows):
            kind, role = int(kind_p[row].argmax()), int(role_p[row].argmax())
            allowed = np.flatnonzero(self._role_mask[here.types[row]])
            probabilities = {ROLES[r]: round(float(role_p[row, r]), 4) for r in allowed}
            found[index] = Attributes(
                KINDS[kind], round(float(kind_p[row, kind]), 4), ROLES[role], probabilities, round(float(keep[row]), 4)
            )
        return found

    def entity_features(self, enc: Encoding, entities: Sequence[EntitySpans]) -> NDArray[np.float64]:
        """What the confidence is computed from, `[entities, FEATURES]`; zeros for entities that were not read."""
        here = self._gather(enc, entities)
        table = np.zeros((len(entities), len(FEATURES)))
        if here.rows:
            kind_p, role_p, head = self._judge(enc, here)
            table[here.rows] = entity_features(enc, here.spans, here.types, kind_p[:, 0], role_p, head)
        return table

    def _judge(self, enc: Encoding, here: _Entities) -> tuple[Floats, Floats, Floats]:
        """Probabilities of the kinds and the roles, and the logit of being an entity at all."""
        whole = np.repeat(enc.whole[None, :], len(here.rows), axis=0)
        kinds, outputs = self._heads.entities(here.vectors, here.types, whole)
        roles = np.where(self._role_mask[here.types], outputs[:, :-1], np.float32(-1e4))
        return np.exp(log_softmax(kinds)), np.exp(log_softmax(roles)), outputs[:, -1]

    def _believe(self, enc: Encoding, here: _Entities) -> tuple[Floats, Floats, Floats, NDArray[np.float64]]:
        """Probabilities of the kinds and roles, the logit of being an entity, and the calibrated confidence.

        Attributes, relations and results of a text ask for the same in turn: the last answer is kept.
        """
        key = (here.spans, here.types.tolist())
        if self._believed is None or self._believed[0] is not enc or self._believed[1] != key:
            kind_p, role_p, head = self._judge(enc, here)
            features = entity_features(enc, here.spans, here.types, kind_p[:, 0], role_p, head)
            self._believed = (enc, key, (kind_p, role_p, head, logistic(features, self._config["keep"])))
        believed: tuple[Floats, Floats, Floats, NDArray[np.float64]] = self._believed[2]
        return believed

    def relations(self, enc: Encoding, entities: Sequence[EntitySpans], factor: float = 1.0) -> list[Link]:
        """Relations over their predicate's threshold (times `factor`), sorted by head, tail, predicate.

        The score is the relation's probability, lowered where the model doubts the entities that it joins. Of
        `outperforms` and `compared_with` over one pair only the likelier is given.
        """
        here = self._gather(enc, entities[:MAX_ENTITIES])
        pairs, near, geometry, buckets = [], [], [], []
        for h in range(len(here.rows)):
            for t in range(len(here.rows)):
                if h != t and self._pair_mask[here.types[h], here.types[t]].any():
                    pairing = pair_up(here.spans[h], here.spans[t], enc.sentences)
                    pairs.append((h, t))
                    near.append((*pairing.first, *pairing.second))
                    geometry.append(pairing.between)
                    buckets.append(pairing.bucket)
        if not pairs:
            return []
        *believed, keep = self._believe(enc, here)
        judged = judgement(*believed)
        head, tail = np.array(pairs, dtype=np.int64).T
        spots = np.array(near, dtype=np.int64)
        logits = self._heads.pairs(
            here.vectors, here.types, head, tail, span_means(enc.sums, spots[:, :2]),
            span_means(enc.sums, spots[:, 2:]), span_means(enc.sums, np.array(geometry, dtype=np.int64)),
            np.array(buckets, dtype=np.int64), judged,
        )  # fmt: skip
        trust = keep ** self._config["trust"]
        scores = sigmoid(logits) * self._pair_mask[here.types[head], here.types[tail]]
        scores = scores * (trust[head] * trust[tail])[:, None]
        found = [
            Link(here.rows[head[row]], PREDICATES[column], here.rows[tail[row]], round(float(scores[row, column]), 4))
            for row, column in np.argwhere(scores >= self._thresholds * factor)
        ]
        return sorted(_one_comparison(found), key=lambda link: (link.head, link.tail, link.predicate))

    def results(self, enc: Encoding, entities: Sequence[EntitySpans], values: Sequence[Value]) -> list[ResultLink]:
        """The values that are results, with what they are results of; in the order of `values`.

        The score is the probability that it is a result, times those of its subject and its metric.
        """
        readable = enc.words.ends[-1] if len(enc.words) else 0
        known = [index for index, value in enumerate(values) if value.end <= readable]
        if not known:
            return []
        spans = [word_span(enc.words, values[index].start, values[index].end) for index in known]
        around = [(max(0, first - AROUND), min(len(enc.words), stop + AROUND)) for first, stop in spans]
        projected, logits = self._heads.values(
            span_means(enc.sums, np.array(spans, dtype=np.int64)),
            span_means(enc.sums, np.array(around, dtype=np.int64)),
        )
        scores = sigmoid(logits[:, 0])
        here = self._gather(enc, entities[:MAX_ENTITIES])
        judged = judgement(*self._believe(enc, here)[:3]) if here.rows else np.zeros((0, 0), dtype=np.float32)
        found = []
        for row in np.flatnonzero(scores >= self._config["results"]):
            slots, sure = self._slots(enc, here, judged, spans[row], projected[row : row + 1], logits[row, 1:])
            score = round(float(scores[row] * sure), 4)
            if score >= self._config["results"]:
                found.append(ResultLink(known[row], slots[0], slots[1], slots[2], slots[3], score))
        return found

    def _slots(
        self, enc: Encoding, here: _Entities, judged: Floats, span: Span, projected: Floats, none: Floats
    ) -> tuple[list[int | None], float]:
        """What fills the slots of one value, and how likely subject and metric both are what they are said to be."""
        if not here.rows:
            return [None] * len(SLOTS), 1.0
        pairings = [pair_up([span], spans, enc.sentences) for spans in here.spans]
        count = len(pairings)
        logits = self._heads.links(
            projected, np.zeros(count, dtype=np.int64), here.vectors, here.types, np.arange(count),
            span_means(enc.sums, np.array([p.second for p in pairings], dtype=np.int64)),
            span_means(enc.sums, np.array([p.between for p in pairings], dtype=np.int64)),
            np.array([p.bucket for p in pairings], dtype=np.int64), judged,
        )  # fmt: skip
        table = np.where(self._slot_mask[here.types], logits, np.float32(-1e4))
        table = np.concatenate([table, none[None, :] + np.array(self._config["none"], dtype=np.float32)])
        best = table.argmax(axis=0)
        slots: list[int | None] = [here.rows[b] if b < count else None for b in best]
        if slots[3] is not None and slots[3] == slots[0]:
            slots[3] = None
        likely = np.exp(log_softmax(table.T)).max(axis=1)
        return slots, float(likely[0] * likely[1])

    def _gather(self, enc: Encoding, entities: Sequence[EntitySpans]) -> _Entities:
        """The entities as arrays; relations and results of a text ask for the same in turn: the last answer is kept."""
        if self._gathered is None or self._gathered[0] is not enc or self._gathered[1] != entities:
            self._gathered = (enc, list(entities), self._gather_anew(enc, entities))
        return self._gathered[2]

    def _gather_anew(self, enc: Encoding, entities: Sequence[EntitySpans]) -> _Entities:
        readable = enc.words.ends[-1] if len(enc.words) else 0
        rows, spans, means = [], [], []
        for index, entity in enumerate(entities):
            inside = sorted({word_span(enc.words, s, e) for s, e in entity.spans if e <= readable})[:MAX_SPANS]
            if inside:
                rows.append(index)
                spans.append(inside)
                means.append(span_means(enc.sums, np.array(inside, dtype=np.int64)).mean(axis=0))
        types = np.array([TYPES.index(entities[index].type) for index in rows], dtype=np.int64)
        vectors = np.stack(means) if means else np.zeros((0, enc.vectors.shape[1]), dtype=np.float32)
        return _Entities(spans, types, vectors, rows)


def _one_comparison(links: Sequence[Link]) -> list[Link]:
    best: dict[frozenset[int], Link] = {}
    for link in links:
        if link.predicate in {"compared_with", "outperforms"}:
            pair = frozenset((link.head, link.tail))
            if pair not in best or (link.score, link.predicate) > (best[pair].score, best[pair].predicate):
                best[pair] = link
    return [link for link in links if link.predicate not in {"compared_with", "outperforms"} or link in best.values()]


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    # More would fuse sums and layer norms into a node that takes six times as long.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no public base
        raise ModelError(f"{path}: cannot be loaded ({error})") from error
