"""The bare model end to end, with a plain clustering of forms: what the thresholds are tuned with.

The pipeline in `kg.extract` clusters better; here only what the model itself can do is to be seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kg.extract.lexicon import Lexicon
from kg.extract.neural import Attributes, Encoding, EntitySpans, Model
from kg.extract.neural.labels import SLOTS, TYPES
from kg.extract.values import find_values
from kg.train.examples import form_key, occurrences

CharSpan = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The mentions of one supposed entity."""

    spans: tuple[CharSpan, ...]
    type: str
    forms: tuple[str, ...]

    @property
    def name(self) -> str:
        """The longest form, of equals the first in order."""
        return max(self.forms, key=lambda form: (len(form), form))


def cluster(model: Model, enc: Encoding, mentions: Iterable[CharSpan]) -> list[Cluster]:
    """Mentions of one form, and "long form (SF)", made one; the type is the likeliest over all of them."""
    by_key: dict[str, set[CharSpan]] = defaultdict(set)
    for start, end in mentions:
        by_key[form_key(enc.text[start:end])].add((start, end))
    taken = sorted(span for spans in by_key.values() for span in spans)
    for spans in by_key.values():
        for form in {enc.text[s:e] for s, e in spans}:
            spans.update(o for o in occurrences(enc.text, form) if not _touches(o, taken))
    keys = {span: key for key, spans in by_key.items() for span in spans}
    parent = {key: key for key in by_key}
    for left, right in _bracketed(enc.text, sorted(keys)):
        a, b = _root(parent, keys[left]), _root(parent, keys[right])
        parent[max(a, b)] = min(a, b)
    groups: dict[str, set[CharSpan]] = defaultdict(set)
    for key, spans in by_key.items():
        groups[_root(parent, key)] |= spans
    return [_one(model, enc, sorted(spans)) for _, spans in sorted(groups.items(), key=lambda g: min(g[1]))]


def _touches(span: CharSpan, taken: Sequence[CharSpan]) -> bool:
    return any(s < span[1] and span[0] < e for s, e in taken)


def _root(parent: dict[str, str], key: str) -> str:
    while parent[key] != key:
        key = parent[key]
    return key


def _bracketed(text: str, spans: Sequence[CharSpan]) -> Iterator[tuple[CharSpan, CharSpan]]:
    for left, right in pairwise(spans):
        if text[left[1] : right[0]] in {" (", "(", " [", ": "} and _fits(text[slice(*left)], text[slice(*right)]):
            yield left, right


def _fits(one: str, other: str) -> bool:
    """Whether the initials of the longer form begin as the shorter one does, roughly."""
    short, long = sorted((one, other), key=len)
    letters = [c.lower() for c in short if c.isalpha()]
    position = 0
    low = long.lower()
    for letter in letters[:-1] if letters[-1:] == ["s"] else letters:
        position = low.find(letter, position) + 1
        if not position:
            return False
    return bool(letters) and len(short) < len(long) and low[:1] == letters[0]


def _one(model: Model, enc: Encoding, spans: list[CharSpan]) -> Cluster:
    votes = dict.fromkeys(TYPES, 0.0)
    for start, end in spans:
        for type_, p in model.type_probabilities(enc, start, end).items():
            votes[type_] += p
    forms = tuple(dict.fromkeys(enc.text[s:e] for s, e in spans))
    return Cluster(tuple(spans), max(TYPES, key=lambda t: votes[t]), forms)


@dataclass(frozen=True, slots=True)
class Read:
    """One text as the bare model reads it, before anything is dropped."""

    enc: Encoding
    clusters: list[Cluster]
    attributes: list[Attributes]


def read_text(model: Model, lexicon: Lexicon, text: str, bias: float | None = None) -> Read:
    """Mentions, clusters and attributes of a text."""
    enc = model.encode(text, lexicon.match(text))
    clusters = cluster(model, enc, [(m.start, m.end) for m in model.mentions(enc, bias)])
    return Read(enc, clusters, model.attributes(enc, [EntitySpans(c.spans, c.type) for c in clusters]))


def record(model: Model, read: Read, identifier: str, keep: float) -> dict[str, Any]:
    """What the bare model finds, in the form of the gold records; entities under `keep` are dropped."""
    kept = [index for index, a in enumerate(read.attributes) if a.keep >= keep]
    clusters = [read.clusters[index] for index in kept]
    names = [cluster.name for cluster in clusters]
    spans = [EntitySpans(c.spans, c.type) for c in clusters]
    values = find_values(read.enc.text)
    entities = [
        {"name": c.name, "forms": list(c.forms), "type": c.type, "kind": a.kind, "role": a.role}
        for c, a in ((read.clusters[i], read.attributes[i]) for i in kept)
    ]
    results = []
    for found in model.results(read.enc, spans, values):
        numbers = (found.subject, found.metric, found.dataset, found.baseline)
        filled = {slot: None if n is None else names[n] for slot, n in zip(SLOTS, numbers, strict=True)}
        results.append({**filled, "value": values[found.value].verbatim, "evidence": ""})
    relations = [[names[r.head], r.predicate, names[r.tail]] for r in model.relations(read.enc, spans)]
    return {"id": identifier, "entities": entities, "relations": relations, "results": results, "links": []}
