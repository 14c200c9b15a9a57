"""Fit how the pipeline uses a trained model, on papers held out of its training: weights of rules beside the model's
word, thresholds of relations and results. Each is chosen to raise micro F1 end to end, one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from kg.evaluate import match_entities, number_key, paper_of
from kg.extract.attributes import Attributes, blend
from kg.extract.lexicon import Term
from kg.extract.neural import Encoding, EntitySpans, Model
from kg.extract.pipeline import load
from kg.extract.reader import Reader
from kg.extract.relations import Relations
from kg.extract.results import Results
from kg.extract.state import Found, Thing, get, get_text
from kg.train.report import Progress
from kg.vocab import RELATION_BY_LABEL, RELATIONS

Record = Mapping[str, Any]
RARE = 30
"""A predicate with fewer right answers than this takes the threshold that serves all predicates together."""


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


def fit_settings(directory: Path, records: Sequence[Record], decisions: Path, *, progress: Progress) -> dict[str, Any]:
    """The settings of the model in `directory` with what the pipeline needs fitted on `records`.

    `decisions` are weights of the rules that have not seen these records either: the package's own have, and would be
    trusted too much.
    """
    nlp = load(directory, decisions=decisions)
    attributes: Attributes = part(nlp, "kg_attributes")
    reader = Remembering(attributes.reader.model, attributes.reader.terms, {})
    for name in ("kg_mentions", "kg_attributes", "kg_relations", "kg_results"):
        part(nlp, name).reader = reader
    settings = reader.model.config
    cases = read_cases(nlp, reader, records)
    settings["roles"] = _fit_roles(nlp, reader, cases, progress)
    for case in cases:  # relations and results see the roles as they will be
        attributes.votes = settings["roles"]
        attributes(case.doc)
    settings.update(_fit_relations(nlp, cases, progress))
    settings.update(_fit_results(nlp, reader, settings, cases, progress))
    return settings


def part(nlp: Language, name: str) -> Any:
    """The component of that name; spaCy knows it as a callable only."""
    return nlp.get_pipe(name)


def read_cases(nlp: Language, reader: Reader, records: Sequence[Record]) -> list[Case]:
    """Every paper through the pipeline up to its entities, kinds and roles left as the rules see them."""
    cases = []
    with nlp.select_pipes(disable=["kg_attributes", "kg_relations", "kg_results"]):
        for gold in records:
            paper = paper_of(gold)
            doc = nlp.make_doc(paper.text)
            doc._.kg_title_end = len(paper.title)
            doc = nlp(doc)
            things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
            text = get_text(doc)
            said = [
                {"name": str(i), "type": t.type, "forms": [text[found[m].start : found[m].end] for m in t.mentions]}
                for i, t in enumerate(things)
            ]
            match = {int(p): g for p, g in match_entities(gold["entities"], said).items()}
            names = [match.get(i) for i in range(len(things))]
            cases.append(Case(gold, doc, things, reader.encoding(doc), reader.entities(doc), names))
    return cases


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
    best: tuple[float, dict[str, float]] = (0.0, {})
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


def _fit_relations(nlp: Language, cases: Sequence[Case], progress: Progress) -> dict[str, Any]:
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
    for share in (0.0, 0.1, 0.2, 0.35, 0.5):
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

    F1 is highest where each thing found is worth half of it (Lipton et al. 2014); half of it is therefore the price.
    """
    cuts, target = dict.fromkeys(RELATIONS, 0.5), 0.3
    for _ in range(8):
        everywhere = cut_for([pair for pairs in scored.values() for pair in pairs], target / 2)
        for predicate in RELATIONS:
            pairs = scored.get(predicate, ())
            rare = sum(good for _, good in pairs) < RARE
            cuts[predicate] = everywhere if rare else cut_for(pairs, target / 2)
        kept = [good for p, pairs in scored.items() for s, good in pairs if s >= cuts[p]]
        target = 2 * sum(kept) / max(len(kept) + total, 1)
    return cuts, target


def cut_for(scored: Sequence[tuple[float, bool]], price: float) -> float:
    """The threshold that wins most right answers less `price` for each answer, between .05 and .8."""
    best, gain = (0.0, 0.8), 0.0
    for score, good in sorted(scored, reverse=True):
        gain += good - price
        if gain > best[0]:
            best = (gain, score)
    return round(min(max(best[1], 0.05), 0.8), 3)


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
