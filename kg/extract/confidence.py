"""From scores to confidence: how often what has such a score, found in such a way, was right on annotated papers.

A logistic regression for entities, roles, relations and results each (Platt 1999, "Probabilistic Outputs for Support
Vector Machines"), over the logit of the score and how the thing was found. The weights stand in a model's settings
(`confidence`), or for the rules alone beside their decisions; `kg.train.confidence` fits them. What is kept has been
decided before: this only says how sure it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from spacy.tokens import Doc

from kg.errors import ModelError
from kg.extract.fusion import logit
from kg.extract.state import Found, Link, Outcome, Thing, get, put

Features = Mapping[str, float]
Weights = Mapping[str, Features]
"""`entities`, `roles`, `relations`, `results`: the weight of each feature, `bias` among them."""
PARTS = ("entities", "roles", "relations", "results")
FILE = "confidence.json"
LEAST, MOST = 0.01, 0.99


def entity_features(thing: Thing, found: Sequence[Found], title_end: int) -> dict[str, float]:
    """What an entity's confidence is made of."""
    mentions = [found[m] for m in thing.mentions]
    extractors = {m.extractor for m in mentions}
    return {
        "bias": 1.0, "score": logit(thing.score), f"type={thing.type}": 1.0, f"kind={thing.kind}": 1.0,
        "again": math.log(len(mentions)), "title": float(any(m.end <= title_end for m in mentions)),
        "forms": float(len({m.key for m in mentions}) > 1),
        **{f"extractor={e}": 1.0 for e in sorted(extractors)},
    }  # fmt: skip


def role_features(thing: Thing) -> dict[str, float]:
    """What the confidence of an entity's role, if it is an entity, is made of."""
    return {"bias": 1.0, "score": logit(thing.role_score), f"role={thing.role}": 1.0}


def relation_features(link: Link) -> dict[str, float]:
    """What a relation's confidence is made of (the confidence of its ends as well made it less right)."""
    return {
        "bias": 1.0, "score": logit(link.score), f"extractor={link.extractor}": 1.0,
        f"predicate={link.predicate}": 1.0,
    }  # fmt: skip


def result_features(outcome: Outcome, sure: Sequence[float]) -> dict[str, float]:
    """What a result's confidence is made of; `sure`: the confidence of the paper's entities."""
    ends = [sure[end] for end in (outcome.subject, outcome.metric) if end >= 0]
    return {
        "bias": 1.0, "score": logit(outcome.score), f"extractor={outcome.extractor}": 1.0,
        "ends": logit(math.prod(ends)), "empty": float(2 - len(ends)),
    }  # fmt: skip


def confidence(features: Features, weights: Features) -> float:
    """The probability, between LEAST and MOST, rounded to 4 decimals; a feature without a weight says nothing."""
    total = sum(value * weights.get(name, 0.0) for name, value in features.items())
    return round(min(max(1 / (1 + math.exp(-total)), LEAST), MOST), 4)


def read_weights(path: Path) -> Weights:
    """Weights from a JSON file; {} where there is none. Raises ModelError."""
    if not path.is_file():
        return {}
    try:
        weights: Weights = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: is no JSON ({error})") from error
    return weights


def write_weights(path: Path, weights: Weights) -> None:
    """What `read_weights` reads; the same weights give the same bytes."""
    path.write_text(json.dumps(weights, indent=1, sort_keys=True) + "\n", encoding="utf-8")


class Confidence:
    """Component `kg_confidence`: rewrites the scores of entities, roles, relations and results on the `Doc`."""

    NAME = "kg_confidence"
    REQUIRES = ("doc._.kg_mentions", "doc._.kg_entities", "doc._.kg_relations", "doc._.kg_results")
    ASSIGNS = ("doc._.kg_entities", "doc._.kg_relations", "doc._.kg_results")

    def __init__(self, weights: Weights) -> None:
        self.weights = {part: weights[part] for part in PARTS if part in weights}

    def __call__(self, doc: Doc) -> Doc:
        things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
        end = int(doc._.get("kg_title_end") or 0)
        scores = [self._sure("entities", entity_features(t, found, end), t.score) for t in things]
        put(doc, "kg_entities", [
            t._replace(score=score, role_score=self._sure("roles", role_features(t), t.role_score))
            for t, score in zip(things, scores, strict=True)
        ])  # fmt: skip
        links, outcomes = get(doc, "kg_relations", Link), get(doc, "kg_results", Outcome)
        put(doc, "kg_relations", [
            r._replace(score=self._sure("relations", relation_features(r), r.score)) for r in links
        ])  # fmt: skip
        put(doc, "kg_results", [
            r._replace(score=self._sure("results", result_features(r, scores), r.score)) for r in outcomes
        ])  # fmt: skip
        return doc

    def _sure(self, part: str, features: Features, score: float) -> float:
        weights = self.weights.get(part)
        return score if weights is None else confidence(features, weights)
