"""Fits the weights of the rules' decisions: what is an entity and as what, kind, role, one thing or two, relations.

Counts over the training papers are taken without the paper at hand (`own`), so that a decision is fitted to how it will
see a new paper. The second decision, which weighs rules and trained tagger, is fitted on papers that neither has seen.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extract.abbreviations import find_abbreviations
from kg.extract.candidate import Candidate, Material
from kg.extract.candidates import candidates_of
from kg.extract.clustering import joined_for_sure
from kg.extract.coined import find_coined
from kg.extract.decision import read_decider, softmax, write_decider
from kg.extract.fusion import fused_features
from kg.extract.lexicon import Lexicon
from kg.extract.lexicon_hits import find_hits
from kg.extract.links import find_links
from kg.extract.mentions import judged_features
from kg.extract.neural import Model
from kg.extract.pairs import Page, Party, questions
from kg.extract.priors import Priors, count_priors, form_key, read_priors, write_priors
from kg.extract.relations import most_own
from kg.extract.sameness import Form, linked, marks, pair_features, setting_of
from kg.extract.sentences import split_sentences
from kg.extract.view import read_view
from kg.train.examples import mark_mentions, read_records
from kg.train.report import Progress
from kg.vocab import ENTITY_TYPES, KINDS, RELATION_BY_LABEL, RELATIONS, ROLES

Record = Mapping[str, Any]
Sample = tuple[Sequence[str], int]
Seen = tuple[Record, dict[str, str], list[Candidate]]
"""A paper, its gold forms, its candidates."""
CLASSES = ("", *ENTITY_TYPES)
LEXICAL = ("last=", "first=", "suf3", "suf4", "pre3", "lexkey", "firstword", "lastword", "weakest", "edges")
"""Features that know single words; hidden now and then while learning, so that the others learn to do without."""


def fit(
    samples: Sequence[Sample], classes: int, *, epochs: int = 5, rate: float = 0.08, least: int = 4, hide: float = 0.0,
    floor: float = 0.1,
) -> dict[str, list[float]]:  # fmt: skip
    """Multinomial logistic regression by AdaGrad; features seen fewer than `least` times or weaker than `floor` go."""
    counts = Counter(f for features, _ in samples for f in features)
    index = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= least))}
    lexical = np.array([f.startswith(LEXICAL) for f in index], dtype=bool)
    rows = [np.array([index[f] for f in features if f in index], dtype=np.int64) for features, _ in samples]
    labels = np.array([y for _, y in samples])
    weights, squares = np.zeros((len(index), classes)), np.full((len(index), classes), 1e-2)
    chance = np.random.default_rng(0)
    for _ in range(epochs):
        order = chance.permutation(len(rows))
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            active = [rows[i][~lexical[rows[i]]] if hide and chance.random() < hide else rows[i] for i in batch]
            _step(weights, squares, active, labels[batch], rate)
    return {f: weights[i].tolist() for f, i in index.items() if np.abs(weights[i]).max() > floor}


def _step(
    weights: NDArray[np.float64], squares: NDArray[np.float64], active: Sequence[NDArray[np.int64]],
    labels: NDArray[np.int64], rate: float,
) -> None:  # fmt: skip
    flat = np.concatenate(active)
    if not len(flat):
        return
    owner = np.repeat(np.arange(len(active)), [len(a) for a in active])
    logits = np.zeros((len(active), weights.shape[1]))
    np.add.at(logits, owner, weights[flat])
    error = softmax(logits)
    error[np.arange(len(active)), labels] -= 1
    used, back = np.unique(flat, return_inverse=True)
    gradient = 1e-3 * weights[used]
    np.add.at(gradient, back, error[owner])
    squares[used] += gradient * gradient
    weights[used] -= rate * gradient / np.sqrt(squares[used])


def material_of(text: str, lexicon: Lexicon) -> Material:
    """What the pipeline's components find in a text."""
    title_end, view, links = max(text.find("\n"), 0), read_view(text).text, find_links(text)
    sentences = split_sentences(view, title_end, links)
    types = term_types(lexicon)
    return Material(
        view, title_end, sentences, find_hits(lexicon, view), find_abbreviations(view, sentences, title_end),
        find_coined(view, sentences, title_end), links, types,
    )  # fmt: skip


@lru_cache(maxsize=4)
def term_types(lexicon: Lexicon) -> dict[str, tuple[str, str]]:
    """Type and kind of each term by its id."""
    return {t.id: (t.type, t.kind) for t in lexicon.terms}


class Fitter:
    """Fits everything from gold records and writes it into a directory."""

    def __init__(self, records: Sequence[Record], lexicon: Lexicon, *, progress: Progress) -> None:
        self.records, self.lexicon, self.progress = records, lexicon, progress
        progress("counting forms")
        self.priors: Priors = count_priors([dict(r) for r in records])

    def write(self, out: Path) -> None:
        """All weights of the rules into `out`."""
        self.write_rules(out, [(r, own_forms(r), self.candidates(r)) for r in self.records])

    def write_rules(self, out: Path, seen: Sequence[Seen]) -> None:
        """The decisions that need no model."""
        out.mkdir(parents=True, exist_ok=True)
        write_priors(self.priors, out / "priors.json.gz")
        self.progress("candidates")
        mention = [(c.features, CLASSES.index(own.get(c.key, ""))) for _, own, found in seen for c in found]
        write_decider(out / "rules.npz", CLASSES, fit(mention, len(CLASSES), hide=0.35))
        self.progress("kinds and roles")
        for name, classes, attribute in (("kinds", KINDS, "kind"), ("roles", tuple(ROLES), "role")):
            samples = list(_attribute_samples(seen, classes, attribute))
            write_decider(out / f"{name}.npz", classes, fit(samples, len(classes), epochs=4))
        self.progress("one thing or two")
        same = [s for r in self.records for s in self.same_samples(r)]
        write_decider(out / "same.npz", ("two", "one"), fit(same, 2, epochs=8, least=3))
        self.progress("relations")
        names = ("", *RELATIONS)
        chance = random.Random(1)
        related = [s for r in self.records for s in self.relation_samples(r, names, chance)]
        write_decider(out / "relations.npz", names, fit(related, len(names), epochs=4, least=5, floor=0.12))

    def candidates(self, record: Record) -> list[Candidate]:
        """The candidates of a training paper, counts taken without it."""
        return candidates_of(material_of(record["text"], self.lexicon), self.priors, own_forms(record))

    def same_samples(self, record: Record) -> Iterator[Sample]:
        """Pairs of forms that have something in common, and whether they name one entity."""
        material = material_of(record["text"], self.lexicon)
        starts = [s for s, _ in material.sentences]
        places: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for start, end, entity in mark_mentions(record["text"], record["entities"]):
            places.setdefault((form_key(record["text"][start:end]), entity), []).append((start, end))
        forms, owners = [], []
        for (key, entity), spans in places.items():
            text, type_ = record["text"][slice(*spans[0])], record["entities"][entity]["type"]
            term = self.lexicon.lookup(text, type_)
            inside = frozenset(bisect_right(starts, s) for s, _ in spans)
            in_title = any(e <= material.title_end for _, e in spans)
            forms.append(Form(key, type_, text, spans[0][0], len(spans), inside, term.id if term else "", in_title))
            owners.append(entity)
        pairs = [
            (form_key(material.text[p.long_start : p.long_end]), form_key(material.text[p.short_start : p.short_end]))
            for p in material.pairs
        ]
        roots, setting = joined_for_sure(forms, pairs), setting_of(forms, pairs)
        for i, j in combinations(range(len(forms)), 2):
            a, b = forms[i], forms[j]
            if a.type == b.type and roots[i] != roots[j] and linked(a, b) and marks(a.text) == marks(b.text):
                yield pair_features(a, b, setting), int(owners[i] == owners[j])

    def relation_samples(self, record: Record, names: Sequence[str], chance: random.Random) -> Iterator[Sample]:
        """Ordered pairs of gold entities with one of their relations; some roles are made wrong, as they will be."""
        spans: list[list[tuple[int, int]]] = [[] for _ in record["entities"]]
        for start, end, entity in mark_mentions(record["text"], record["entities"]):
            spans[entity].append((start, end))
        here = [(e, tuple(s)) for e, s in zip(record["entities"], spans, strict=True) if s]
        parties = most_own([self._party(e, s, chance) for e, s in here])
        said: dict[tuple[str, str], list[str]] = {}
        for head, label, tail in (r[:3] for r in record["relations"]):
            said.setdefault((head, tail), []).append(RELATION_BY_LABEL[label].name)
        material = material_of(record["text"], self.lexicon)
        for h, t, features in questions(Page.read(material.text, material.sentences, material.title_end, parties)):
            yield features, names.index(chance.choice(said.get((here[h][0]["name"], here[t][0]["name"]), [""])))

    def _party(self, entity: Record, spans: tuple[tuple[int, int], ...], chance: random.Random) -> Party:
        role = entity["role"]
        if chance.random() < 0.15:
            role = chance.choice([r for r in ROLES if ROLES[r].range >= {entity["type"]}])
        term = self.lexicon.lookup(entity["name"], entity["type"])
        keys = {form_key(f) for f in entity["forms"]} | ({form_key(term.name)} if term else set())
        parents = {form_key(term.parent)} if term and term.parent else set()
        return Party(entity["type"], entity["kind"], role, entity["name"], spans, frozenset(parents), frozenset(keys))


def fuse(model: Model, rules: Path, records: Sequence[Record], lexicon: Lexicon) -> dict[str, list[float]]:
    """Weights of the second decision, which weighs `rules` (a directory) and `model`, fitted on papers that neither has
    seen."""
    decider, priors = read_decider(rules / "rules.npz"), read_priors(rules / "priors.json.gz")
    samples = []
    for record in records:
        own = own_forms(record)
        encoding = model.encode(record["text"], lexicon.match(record["text"]))
        tagged = {(m.start, m.end): m.type for m in model.mentions(encoding)}
        material = replace(
            material_of(record["text"], lexicon), tagged=tuple((s, e, t, 1.0) for (s, e), t in tagged.items())
        )
        for c in candidates_of(material, priors):
            believed = decider.probabilities(c.features)
            features, values = fused_features(c, believed, partial(model.type_probabilities, encoding), tagged)
            samples.append((features, values, CLASSES.index(own.get(c.key, ""))))
    return fit_dense(samples, len(CLASSES))


def write_fused(directory: Path, rules: Path, records: Sequence[Record], lexicon: Lexicon) -> None:
    """Fit the second decision and write it into the model's directory (`fused.npz`); see `fuse`."""
    write_decider(directory / "fused.npz", CLASSES, fuse(Model.load(directory), rules, records, lexicon))


def fit_decisions(corpus: Sequence[Path], out: Path, *, lexicon: Path | None = None, progress: Progress) -> None:
    """Fit all decisions of the rules from gold records and write them to `out` (the package's own: `DECISIONS`)."""
    Fitter(read_records(corpus), Lexicon.load(extra=lexicon), progress=progress).write(out)


def own_forms(record: Record) -> dict[str, str]:
    """Key → type of each gold form."""
    return {form_key(f): e["type"] for e in record["entities"] for f in e["forms"]}


def _attribute_samples(
    seen: Iterable[tuple[Record, dict[str, str], list[Candidate]]], classes: Sequence[str], attribute: str
) -> Iterator[Sample]:
    for record, _, candidates in seen:
        gold = {form_key(f): e for e in record["entities"] for f in e["forms"]}
        for c in candidates:
            entity = gold.get(c.key)
            if entity is not None:
                yield judged_features(c.features, entity["type"]), classes.index(entity[attribute])


def fit_dense(
    samples: Sequence[tuple[Sequence[str], Sequence[tuple[str, float]], int]], classes: int, *, steps: int = 800,
    least: int = 10, penalty: float = 2e-4,
) -> dict[str, list[float]]:  # fmt: skip
    """Full-batch Adam for the few, real-valued features of the second decision."""
    counts = Counter(f for features, _, _ in samples for f in features)
    names = sorted({f for f, n in counts.items() if n >= least} | {n for _, values, _ in samples for n, _ in values})
    index = {n: i for i, n in enumerate(names)}
    table = np.zeros((len(samples), len(names)))
    for row, (features, values, _) in enumerate(samples):
        for f in features:
            if f in index:
                table[row, index[f]] += 1
        for name, value in values:
            table[row, index[name]] += value
    wanted = np.eye(classes)[[y for _, _, y in samples]]
    weights = np.zeros((len(names), classes))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        gradient = table.T @ (softmax(table @ weights) - wanted) / len(samples) + penalty * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient * gradient
        weights -= 0.02 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return {n: weights[i].tolist() for n, i in index.items()}


def fold(identifier: str, folds: int) -> int:
    """Which of `folds` parts a paper belongs to, by its id alone."""
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[4:8], "big") % folds
