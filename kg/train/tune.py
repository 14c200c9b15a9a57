"""Fit what the network itself does not learn, on papers held out of its training.

In order: the confidence of entities (logistic regression over `entity_features`), the confidence below which one is
dropped, a threshold for each relation, a threshold for results. Each is chosen to raise micro F1 end to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extract.lexicon import Lexicon
from kg.extract.neural import EntitySpans, Model
from kg.extract.neural.calibrate import FEATURES
from kg.extract.neural.labels import PREDICATES
from kg.extract.values import find_values
from kg.train.examples import form_key, number_key
from kg.train.measure import Read, read_text
from kg.train.report import Progress

Settings = dict[str, Any]
RARE = 30
"""A predicate with fewer right answers than this takes the threshold that serves all predicates together."""
OPEN_BIAS = -0.5
"""The bias towards no mention with which candidates are gathered: below 0, more of them."""


@dataclass(frozen=True, slots=True)
class Case:
    """A held-out paper as it was read, and for each cluster the gold entity that it is, or None."""

    gold: dict[str, Any]
    read: Read
    match: tuple[str | None, ...]


def match_clusters(gold: dict[str, Any], read: Read) -> tuple[str | None, ...]:
    """One to one: same type and a shared form, most shared forms first."""
    pairs = []
    for entity in gold["entities"]:
        keys = {form_key(form) for form in entity["forms"]}
        for index, cluster in enumerate(read.clusters):
            shared = len(keys & {form_key(form) for form in cluster.forms})
            if shared and cluster.type == entity["type"]:
                pairs.append((-shared, entity["name"], index))
    found: dict[int, str] = {}
    for _, name, index in sorted(pairs):
        if index not in found and name not in found.values():
            found[index] = name
    return tuple(found.get(index) for index in range(len(read.clusters)))


def read_cases(model: Model, lexicon: Lexicon, records: Sequence[dict[str, Any]], bias: float) -> list[Case]:
    """Read every paper once."""
    cases = []
    for gold in records:
        read = read_text(model, lexicon, gold["text"], bias)
        cases.append(Case(gold, read, match_clusters(gold, read)))
    return cases


def fit_logistic(
    features: NDArray[np.float64], labels: NDArray[np.float64], strength: float = 3.0, least: float = 1e-6
) -> Settings:
    """Weights of a logistic regression by Newton's method, with an L2 penalty on standardised columns; columns that
    deviate less than `least` are left as they are, so that what is rare gets little weight."""
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation[deviation < least] = 1.0
    x = np.column_stack([(features - mean) / deviation, np.ones(len(features))])
    weights = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], strength)
    penalty[-1] = 1e-6
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - labels) + penalty * weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    rounded = [round(float(w), 5) for w in weights]
    return {
        "features": list(FEATURES), "mean": [round(float(m), 5) for m in mean],
        "deviation": [round(float(d), 5) for d in deviation], "weights": rounded[:-1], "intercept": rounded[-1],
    }  # fmt: skip


def best_cut(scores: Sequence[float], right: Sequence[bool], total: int) -> tuple[float, float]:
    """The threshold with the best F1 when `total` things are to be found, and that F1."""
    best, found, hits = (1.0, 0.0), 0, 0
    order = sorted(zip(scores, right, strict=True), reverse=True)
    for index, (score, good) in enumerate(order):
        found, hits = found + 1, hits + good
        f1 = 2 * hits / (found + total)
        if f1 > best[1] and (index + 1 == len(order) or order[index + 1][0] < score):
            best = (score, f1)
    return best


def tune(model: Model, lexicon: Lexicon, records: Sequence[dict[str, Any]], *, progress: Progress) -> Settings:
    """The settings of `model` with everything fitted on `records`."""
    settings: Settings = {**model.config, "open_bias": OPEN_BIAS, "keep": None, "keep_threshold": 0.0}
    cases = read_cases(model, lexicon, records, OPEN_BIAS)
    features = np.concatenate([model.entity_features(c.read.enc, _spans(c.read)) for c in cases])
    labels = np.array([float(m is not None) for c in cases for m in c.match])
    if 0 < labels.sum() < len(labels):  # a model that finds nothing, or nothing wrong, leaves nothing to fit
        settings["keep"] = fit_logistic(features, labels)
    keep = model.with_settings(settings)
    scores = [a.keep for c in cases for a in keep.attributes(c.read.enc, _spans(c.read))]
    total = sum(len(c.gold["entities"]) for c in cases)
    settings["keep_threshold"], f1 = best_cut(scores, [bool(x) for x in labels], total)
    progress(f"entities: confidence over {settings['keep_threshold']:.3f} gives F1 {f1:.3f}")
    position, kept_of = 0, []
    for case in cases:
        count = len(case.match)
        kept_of.append([i for i in range(count) if scores[position + i] >= settings["keep_threshold"]])
        position += count
    settings["relations"] = _tune_relations(keep, cases, kept_of, progress)
    best = 0.0
    for subject, metric in product((-2.0, 0.0), (-0.75, 0.0, 0.75, 1.5)):
        none = [subject, metric, 0.0, 0.0]
        cut, f1 = _tune_results(keep.with_settings({**settings, "results": 0.02, "none": none}), cases, kept_of)
        if f1 > best:
            best, settings["results"], settings["none"] = f1, cut, none
    progress(f"results: F1 {best:.3f} over {settings['results']}, with {settings['none']} added to 'none'")
    return settings


def _spans(read: Read, kept: Sequence[int] | None = None) -> list[EntitySpans]:
    numbers = range(len(read.clusters)) if kept is None else kept
    return [EntitySpans(read.clusters[i].spans, read.clusters[i].type) for i in numbers]


def _tune_relations(
    model: Model, cases: Sequence[Case], kept_of: Sequence[Sequence[int]], progress: Progress
) -> dict[str, float]:
    """One factor on the odds would not do: predicates differ. Each gets the cut that serves the sum over all best."""
    scores: dict[str, list[float]] = {p: [] for p in PREDICATES}
    right: dict[str, list[bool]] = {p: [] for p in PREDICATES}
    total = 0
    for case, kept in zip(cases, kept_of, strict=True):
        gold = {tuple(r[:3]) for r in case.gold["relations"]}
        gold |= {(t, p, h) for h, p, t in gold if p == "compared_with"}
        total += len(case.gold["relations"])
        names = [case.match[i] for i in kept]
        for link in model.relations(case.read.enc, _spans(case.read, kept), 0.1):
            scores[link.predicate].append(link.score)
            right[link.predicate].append((names[link.head], link.predicate, names[link.tail]) in gold)
    cuts = dict.fromkeys(PREDICATES, 0.5)
    target = 0.3
    for _ in range(6):
        pooled = [(s, g) for p in PREDICATES for s, g in zip(scores[p], right[p], strict=True)]
        everywhere = _cut_for([s for s, _ in pooled], [g for _, g in pooled], target / 2)
        for predicate in PREDICATES:
            rare = sum(right[predicate]) < RARE
            cuts[predicate] = everywhere if rare else _cut_for(scores[predicate], right[predicate], target / 2)
        hits = sum(g for p in PREDICATES for s, g in zip(scores[p], right[p], strict=True) if s >= cuts[p])
        found = sum(s >= cuts[p] for p in PREDICATES for s in scores[p])
        target = 2 * hits / (found + total)
    progress(f"relations: F1 {target:.3f}, thresholds {cuts}")
    return cuts


def _cut_for(scores: Sequence[float], right: Sequence[bool], price: float) -> float:
    """The cut that wins most hits less `price` for each thing found (the optimum of F1 at price F1 / 2)."""
    best, gain = (0.0, 0.8), 0.0
    for score, good in sorted(zip(scores, right, strict=True), reverse=True):
        gain += good - price
        if gain > best[0]:
            best = (gain, score)
    return round(min(max(best[1], 0.05), 0.8), 3)


def _tune_results(model: Model, cases: Sequence[Case], kept_of: Sequence[Sequence[int]]) -> tuple[float, float]:
    scores, right, total = [], [], 0
    for case, kept in zip(cases, kept_of, strict=True):
        gold = {(r.get("subject"), r.get("metric"), number_key(r["value"])) for r in case.gold["results"]}
        total += len(case.gold["results"])
        values = find_values(case.gold["text"])
        names = [case.match[i] or "?" for i in kept]
        for found in model.results(case.read.enc, _spans(case.read, kept), values):
            subject = None if found.subject is None else names[found.subject]
            metric = None if found.metric is None else names[found.metric]
            scores.append(found.score)
            right.append((subject, metric, number_key(values[found.value].verbatim)) in gold)
    cut, f1 = best_cut(scores, right, total)
    return round(min(max(cut, 0.05), 0.5), 3), f1
