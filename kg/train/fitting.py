"""Fit how the pipeline uses a trained model, on papers held out of its training: weights of rules beside the model's
word, thresholds of relations and results. Each is chosen to raise micro F1 end to end, one after the other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc

from kg.evaluate import match_entities, number_key, paper_of
from kg.extract.attributes import Attributes, blend
from kg.extract.fusion import logit
from kg.extract.lexicon import Term
from kg.extract.neural import Encoding, EntitySpans, Model
from kg.extract.pipeline import load
from kg.extract.reader import Reader
from kg.extract.relations import Relations
from kg.extract.results import Results
from kg.extract.sift import Sift
from kg.extract.state import Found, Thing, get, get_text, put
from kg.train.decisions import fold
from kg.train.report import Progress
from kg.train.tune import fit_logistic
from kg.vocab import RELATION_BY_LABEL, RELATIONS

Record = Mapping[str, Any]
SHARES = (0.0, 0.1, 0.2, 0.35, 0.5)
OPENINGS = (0.45, 0.35, 0.25, 0.15)
BIASES = (0.5, 0.0, -0.5, -1.0)
FOLDS = 5
OWN = 0.25
"""How much F1 of what a paper introduces counts beside F1 of all entities: few, but what people look for."""
SHIFTS = 4.0
"""How strongly a predicate's shift is held to zero."""


class Remembering(Reader):
    """A reader that keeps what it has encoded: every paper is asked about many times."""

    def __init__(self, model: Model, terms: Mapping[str, Term], known: dict[str, Encoding]) -> None:
        super().__init__(model, terms)
        self.known = known

    def encoding(self, doc: Doc) -> Encoding:
        text = get_text(doc)
        if text not in self.known:
            self.known[text] = super().encoding(doc)
        return self.known[text]


@dataclass(frozen=True, slots=True)
class Case:
    """A held-out paper as the pipeline reads it, and the name of the gold entity that each of its things is."""

    gold: Record
    doc: Doc
    things: list[Thing]
    encoding: Encoding
    spans: list[EntitySpans]
    names: list[str | None]


def fit_settings(
    directory: Path, records: Sequence[Record], decisions: Path, *, lean: bool = False, progress: Progress
) -> dict[str, Any]:
    """The settings of the model in `directory` with what the pipeline needs fitted on `records`.

    `decisions` are weights of the rules that have not seen these records either: the package's own have, and would be
    trusted too much. `lean`: the tagger alone proposes entities, and the head alone relations.
    """
    nlp = load(directory, decisions=decisions)
    if lean and "kg_coined" in nlp.pipe_names:
        nlp.disable_pipe("kg_coined")  # it will not be there
    attributes: Attributes = part(nlp, "kg_attributes")
    reader = Remembering(attributes.reader.model, attributes.reader.terms, {})
    for name in ("kg_mentions", "kg_attributes", "kg_relations", "kg_results"):
        part(nlp, name).reader = reader
    settings = reader.model.config
    sift = fit_sift(nlp, reader, records, lean=lean, progress=progress)
    settings["sift"] = asdict(sift)
    part(nlp, "kg_mentions").sift, attributes.sift = sift, Sift()  # cases are sifted already
    cases = read_cases(nlp, reader, records, sift)
    settings["roles"] = _fit_roles(nlp, reader, cases, progress)
    for case in cases:  # relations and results see the roles as they will be
        attributes.votes = settings["roles"]
        attributes(case.doc)
    settings.update(_fit_relations(nlp, cases, progress, (0.0,) if lean else SHARES))
    settings["rule_share"] = 0.0 if lean else settings["rule_share"]  # also where there was nothing to fit
    settings.update(_fit_results(nlp, reader, settings, cases, progress))
    return settings


def part(nlp: Language, name: str) -> Any:
    """The component of that name; spaCy knows it as a callable only."""
    return nlp.get_pipe(name)


def read_cases(nlp: Language, reader: Reader, records: Sequence[Record], sift: Sift | None = None) -> list[Case]:
    """Every paper through the pipeline up to its entities, sifted, kinds and roles left as the rules see them."""
    sift = sift or Sift()
    cases = []
    with nlp.select_pipes(disable=["kg_attributes", "kg_relations", "kg_results", "kg_confidence"]):
        for gold in records:
            paper = paper_of(gold)
            doc = nlp.make_doc(paper.text)
            doc._.kg_title_end = len(paper.title)
            doc = nlp(doc)
            things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
            if sift.least:
                said_of = reader.model.attributes(reader.encoding(doc), reader.entities(doc))
                scores = [sift.judge(t.score, a.keep) for t, a in zip(things, said_of, strict=True)]
                things = [t._replace(score=s) for t, s in zip(things, scores, strict=True) if s >= sift.least]
                put(doc, "kg_entities", things)
            text = get_text(doc)
            said = [
                {"name": str(i), "type": t.type, "forms": [text[found[m].start : found[m].end] for m in t.mentions]}
                for i, t in enumerate(things)
            ]
            match = {int(p): g for p, g in match_entities(gold["entities"], said).items()}
            names = [match.get(i) for i in range(len(things))]
            cases.append(Case(gold, doc, things, reader.encoding(doc), reader.entities(doc), names))
    return cases


def fit_sift(nlp: Language, reader: Reader, records: Sequence[Record], *, lean: bool, progress: Progress) -> Sift:
    """How entities are sifted (see `kg.extract.sift`): how far mentions are let through, and the weights of the second
    look; each way to let them through is judged by weights fitted without the papers at hand."""
    total = sum(len(record["entities"]) for record in records)
    own_total = sum(e["role"] == "introduced" for record in records for e in record["entities"])
    ways = [Sift(candidates=False, bias=b) for b in BIASES] if lean else [Sift(open=o) for o in OPENINGS]
    best: tuple[float, Sift] = (0.0, ways[0])
    told = "entities: too few to sift"
    for way in ways:
        part(nlp, "kg_mentions").sift = way
        rows, right, folds, own, own_right = [], [], [], [], []
        for case in read_cases(nlp, reader, records):
            said = reader.model.attributes(case.encoding, case.spans)
            rows += [[logit(t.score), logit(a.keep)] for t, a in zip(case.things, said, strict=True)]
            right += [name is not None for name in case.names]
            folds += [fold(case.gold["id"], FOLDS)] * len(case.things)
            roles = {e["name"]: e["role"] for e in case.gold["entities"]}
            own += [t.role == "introduced" for t in case.things]
            own_right += [roles.get(name or "") == "introduced" for name in case.names]
        table, labels, part_of = np.array(rows).reshape(-1, 2), np.array(right, np.float64), np.array(folds)
        if not 0 < labels.sum() < len(labels):
            continue
        chances = np.zeros(len(labels))
        for number in range(FOLDS):
            rest = part_of != number
            if 0 < labels[rest].sum() < rest.sum():
                chances[~rest] = _chances(table[~rest], fit_logistic(table[rest], labels[rest]))
        for least in np.arange(0.1, 0.61, 0.05).round(2).tolist():
            kept = chances >= least
            f1 = 2 * labels[kept].sum() / max(kept.sum() + total, 1)
            named_own = np.array(own)[kept]
            hits = (named_own & np.array(own_right)[kept]).sum()
            score = f1 + OWN * 2 * hits / max(named_own.sum() + own_total, 1)
            if score > best[0]:
                best = (score, _sift(way, fit_logistic(table, labels), least))
                told = f"entities: F1 {f1:.3f} with {best[1]}"
    progress(told)
    return best[1]


def _sift(way: Sift, fitted: Mapping[str, Any], least: float) -> Sift:
    weights = [w / d for w, d in zip(fitted["weights"], fitted["deviation"], strict=True)]
    intercept = fitted["intercept"] - sum(w * m for w, m in zip(weights, fitted["mean"], strict=True))
    score, keep, shift = (round(float(x), 4) for x in (*weights, intercept))
    return replace(way, score=score, keep=keep, intercept=shift, least=least)


def _chances(table: NDArray[np.float64], fitted: Mapping[str, Any]) -> NDArray[np.float64]:
    scaled = (table - fitted["mean"]) / fitted["deviation"]
    return np.asarray(1 / (1 + np.exp(-(scaled @ fitted["weights"] + fitted["intercept"]))))


def _fit_roles(nlp: Language, reader: Reader, cases: Sequence[Case], progress: Progress) -> dict[str, float]:
    attributes: Attributes = part(nlp, "kg_attributes")
    rows = []
    wanted = 0
    for case in cases:
        roles = {e["name"]: e["role"] for e in case.gold["entities"]}
        wanted += sum(role == "introduced" for role in roles.values())
        answers = reader.model.attributes(case.encoding, case.spans)
        cues = attributes.cues(case.doc)
        for thing, answer, name in zip(case.things, answers, case.names, strict=True):
            rows.append((thing, answer.role_probs, attributes.is_own(case.doc, thing, cues), roles.get(name or "")))
    best: tuple[float, dict[str, float]] = (0.0, dict(reader.model.config["roles"]))
    told = "roles: no entity to fit on"
    for rules, cue, more in product((0.0, 0.15, 0.3, 0.6), (0.0, 0.2, 0.5), (0.0, 0.1, 0.2)):
        votes = {"rules": rules, "cue": cue, "introduced": more}
        right = hits = found = judged = 0
        for thing, probabilities, own, gold in rows:
            role = blend(thing, probabilities, votes, own=own)[0]
            found += role == "introduced"
            hits += role == gold == "introduced"
            judged += gold is not None
            right += role == gold
        score = right / max(judged, 1) + 0.5 * 2 * hits / max(found + wanted, 1)
        if score > best[0]:
            best = (score, votes)
            told = f"roles: accuracy {right / max(judged, 1):.3f}, introduced {2 * hits / max(found + wanted, 1):.3f}"
    progress(f"{told} with {best[1]}")
    return best[1]


def _fit_relations(nlp: Language, cases: Sequence[Case], progress: Progress, shares: Sequence[float]) -> dict[str, Any]:
    relations: Relations = part(nlp, "kg_relations")
    total = sum(len(case.gold["relations"]) for case in cases)
    asked: list[tuple[str, float, float, bool]] = []
    for case in cases:
        gold = {(h, p, t) for h, p, t in (r[:3] for r in case.gold["relations"])}
        label = {p.name: name for name, p in RELATION_BY_LABEL.items()}
        for head, predicate, tail, rule, model in relations.chances(case.doc):
            key = (case.names[head], label[predicate], case.names[tail])
            asked.append((predicate, rule, model, key in gold))
    best: tuple[float, dict[str, Any]] = (0.0, {})
    for share in shares:
        scored: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        for predicate, rule, model, good in asked:
            scored[predicate].append((share * rule + (1 - share) * model, good))
        cuts, f1 = cut_all(scored, total)
        if f1 > best[0]:
            best = (f1, {"rule_share": share, "statements": cuts})
    progress(f"relations: F1 {best[0]:.3f} with {best[1]}")
    return best[1]


def cut_all(scored: Mapping[str, Sequence[tuple[float, bool]]], total: int) -> tuple[dict[str, float], float]:
    """A threshold for each predicate and the micro F1 that they give when `total` relations are to be found.

    F1 is highest where each thing found is worth half of it (Lipton et al. 2014): the threshold is the score at which a
    relation is right with that probability. The probability is a logistic regression over the logit of the score, with
    a shift for each predicate that few examples move little.
    """
    pairs = [(name, score, good) for name in RELATIONS for score, good in scored.get(name, ())]
    right = np.array([float(good) for _, _, good in pairs])
    if not 0 < right.sum() < len(right):
        return dict.fromkeys(RELATIONS, 0.5), 0.0
    columns = {name: place for place, name in enumerate(RELATIONS, 1)}
    table = np.zeros((len(pairs), 1 + len(columns)))
    for row, (name, score, _) in enumerate(pairs):
        table[row, 0], table[row, columns[name]] = logit(score), 1.0
    fitted = fit_logistic(table, right, SHIFTS, least=0.6)
    steep = fitted["weights"][0] / fitted["deviation"][0]
    level = fitted["intercept"] - float(np.dot(np.divide(fitted["weights"], fitted["deviation"]), fitted["mean"]))
    cuts, target = dict.fromkeys(RELATIONS, 0.5), 0.3
    for _ in range(12):
        wanted = logit(target / 2)
        for name, place in columns.items():
            shift = fitted["weights"][place] / fitted["deviation"][place]
            cuts[name] = round(min(max(1 / (1 + math.exp(-(wanted - level - shift) / steep)), 0.05), 0.8), 3)
        kept = [good for name, score, good in pairs if score >= cuts[name]]
        target = 2 * sum(kept) / max(len(kept) + total, 1)
    return cuts, target


def _fit_results(
    nlp: Language, reader: Remembering, settings: Mapping[str, Any], cases: Sequence[Case], progress: Progress
) -> dict[str, Any]:
    results: Results = part(nlp, "kg_results")
    best: tuple[float, dict[str, Any]] = (0.0, {})
    total = sum(len(case.gold["results"]) for case in cases)
    for subject, metric in product((-2.0, -1.0, 0.0), (-1.5, -0.75, 0.0, 0.75)):
        none = [subject, metric, 0.0, 0.0]
        results.reader = Remembering(reader.model.with_settings({**settings, "none": none}), reader.terms, reader.known)
        for told, outcome in product((0.15, 0.3, 0.4, 0.5), (0.03, 0.15, 0.3, 1.1)):
            results.threshold, results.least = told, outcome
            hits = found = 0
            for case in cases:
                gold = {(r.get("subject"), r.get("metric"), number_key(r["value"])) for r in case.gold["results"]}
                text = get_text(case.doc)
                for r in results.predict(case.doc):
                    ends = (case.names[i] if i >= 0 else None for i in (r.subject, r.metric))
                    hits += (*ends, number_key(text[r.start : r.end])) in gold
                    found += 1
            f1 = 2 * hits / max(found + total, 1)
            if f1 > best[0]:
                best = (f1, {"none": none, "results": told, "outcomes": outcome})
    progress(f"results: F1 {best[0]:.3f} with {best[1]}")
    return best[1]
