"""Fit how sure the pipeline is of what it finds, on annotated papers that nothing in it has seen; see
`kg.extract.confidence`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from spacy.language import Language

from kg.evaluate import match_entities, number_key, paper_of
from kg.evaluate.matching import match_relations, right_results
from kg.extract.confidence import (
    Features,
    Weights,
    confidence,
    entity_features,
    relation_features,
    result_features,
    role_features,
)
from kg.extract.state import Found, Link, Outcome, Thing, get, get_text
from kg.train.tune import fit_logistic
from kg.vocab import RELATIONS

Record = Mapping[str, Any]
Case = tuple[Features, bool]
FEWEST = 20
"""With fewer right or wrong answers than this there is nothing to fit: the score stays as it is."""
STRENGTH = 6.0


class Paper:
    """One annotated paper as the pipeline reads it, before confidence, and what of it is right."""

    def __init__(self, nlp: Language, gold: Record) -> None:
        paper = paper_of(gold)
        doc = nlp.make_doc(paper.text)
        doc._.kg_title_end = len(paper.title)
        with nlp.select_pipes(disable=["kg_confidence"]):
            doc = nlp(doc)
        self.gold, self.title_end, self.text = gold, len(paper.title), get_text(doc)
        self.things, self.found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
        self.links = [r for r in get(doc, "kg_relations", Link) if not r.negated]
        self.outcomes = get(doc, "kg_results", Outcome)
        said = [
            {"name": str(i), "type": t.type, "forms": [self.text[self.found[m].start : self.found[m].end]
                                                       for m in t.mentions]}
            for i, t in enumerate(self.things)
        ]  # fmt: skip
        self.matched = match_entities(gold["entities"], said)
        self.roles = {e["name"]: e["role"] for e in gold["entities"]}

    def entities(self) -> list[Case]:
        """Each entity, and whether it is one."""
        features = (entity_features(t, self.found, self.title_end) for t in self.things)
        return [(f, str(i) in self.matched) for i, f in enumerate(features)]

    def all_roles(self) -> list[Case]:
        """The role of each entity that is one, and whether it is right."""
        return [
            (role_features(t), t.role == self.roles[self.matched[str(i)]])
            for i, t in enumerate(self.things)
            if str(i) in self.matched
        ]

    def relations(self) -> list[Case]:
        """Each relation, and whether it is right."""
        triples = [(str(r.head), RELATIONS[r.predicate].label, str(r.tail)) for r in self.links]
        hit = match_relations(self.gold["relations"], triples, self.matched).predicted
        right = {triple for triple, gold in hit.items() if gold is not None}
        cases: list[Case] = []
        for link, (head, label, tail) in zip(self.links, triples, strict=True):
            a, b = (self.matched.get(end, f"?{end}") for end in (head, tail))
            cases.append((relation_features(link), (a, label, b) in right or (b, label, a) in right))
        return cases

    def results(self, sure: Sequence[float]) -> list[Case]:
        """Each result, and whether it is right."""
        wanted: dict[tuple[str | None, str | None, str], int] = {}
        for r in self.gold["results"]:
            fact = (r.get("subject") or None, r.get("metric") or None, number_key(r["value"]))
            wanted[fact] = wanted.get(fact, 0) + 1

        def name(end: int) -> str | None:
            return self.matched.get(str(end), f"?{end}") if end >= 0 else None

        facts = [(name(r.subject), name(r.metric), number_key(self.text[r.start : r.end])) for r in self.outcomes]
        right = right_results(wanted, facts, [r.score for r in self.outcomes])
        return [(result_features(r, sure), good) for r, good in zip(self.outcomes, right, strict=True)]


def fit_confidence(nlp: Language, records: Sequence[Record]) -> Weights:
    """Weights for `kg_confidence`, fitted on papers that neither the rules nor the model in `nlp` have seen."""
    papers = [Paper(nlp, record) for record in records]
    found: dict[str, Features] = {}

    def fit(part: str, cases: list[Case]) -> None:
        weights = fit_weights(cases)
        if weights:
            found[part] = weights

    fit("entities", [case for paper in papers for case in paper.entities()])
    fit("roles", [case for paper in papers for case in paper.all_roles()])
    known = found.get("entities")
    sure = [
        [confidence(f, known) if known else t.score for (f, _), t in zip(p.entities(), p.things, strict=True)]
        for p in papers
    ]
    fit("relations", [case for paper in papers for case in paper.relations()])
    fit("results", [case for paper, own in zip(papers, sure, strict=True) for case in paper.results(own)])
    return found


def fit_weights(cases: Sequence[Case]) -> dict[str, float]:
    """A logistic regression over named features; {} if there is too little to fit."""
    right = sum(good for _, good in cases)
    if min(right, len(cases) - right) < FEWEST:
        return {}
    names = sorted({name for features, _ in cases for name in features} - {"bias"})
    table = np.array([[features.get(name, 0.0) for name in names] for features, _ in cases])
    fitted = fit_logistic(table, np.array([float(good) for _, good in cases]), STRENGTH, least=0.6)
    scaled = [w / d for w, d in zip(fitted["weights"], fitted["deviation"], strict=True)]
    bias = fitted["intercept"] - sum(w * m for w, m in zip(scaled, fitted["mean"], strict=True))
    return {"bias": round(bias, 4), **{name: round(w, 4) for name, w in zip(names, scaled, strict=True)}}
