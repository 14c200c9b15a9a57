"""Counting: what was right, invented and missed, by row of the table and by paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.evaluate.matching import (
    Fact,
    Relations,
    Triple,
    fact,
    match_entities,
    match_relations,
    number_key,
    right_results,
    triple,
)
from kg.evaluate.records import LISTS, Record

ROLE_ACCURACY = "role accuracy"
_EMPTY: Record = dict.fromkeys(LISTS, ())


@dataclass(slots=True)
class Tally:
    """Counts of one row of the table."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def row(self) -> dict[str, float | int]:
        """Precision, recall and F1, rounded to 4 decimals, with the counts."""
        precision = self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0
        recall = self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {
            "precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4),
            "tp": self.tp, "fp": self.fp, "fn": self.fn,
        }  # fmt: skip


@dataclass(slots=True)
class Judged:
    """One paper: its tallies, and for each thing found that has a confidence, how sure and whether right.

    `answers` has the keys `entities`, `roles`, `relations` and `results`. The tally of `role accuracy` counts every
    wrong role as invented and as missed, so that its F1 is the accuracy.
    """

    gold: Record
    predicted: Record
    matched: Mapping[str, str]
    relations: Relations
    tallies: dict[str, Tally] = field(default_factory=dict)
    answers: dict[str, list[tuple[float, bool]]] = field(default_factory=dict)

    @property
    def missed(self) -> list[Record]:
        """The gold entities that nothing matches."""
        hit = set(self.matched.values())
        return [entity for entity in self.gold["entities"] if entity["name"] not in hit]

    @property
    def invented(self) -> list[Record]:
        """The predicted entities that match nothing."""
        return [entity for entity in self.predicted["entities"] if entity["name"] not in self.matched]

    def add(self, *names: str, tp: int = 0, fp: int = 0, fn: int = 0) -> None:
        """Count under each of `names`."""
        for name in names:
            tally = self.tallies.setdefault(name, Tally())
            tally.tp += tp
            tally.fp += fp
            tally.fn += fn

    def answer(self, what: str, confidence: float | None, right: bool) -> None:
        """Keep how sure one thing was, if it says so, and whether it is right."""
        if confidence is not None:
            self.answers.setdefault(what, []).append((confidence, right))


@dataclass(frozen=True, slots=True)
class Scores:
    """All papers, judged one by one."""

    papers: Mapping[str, Judged]

    @property
    def tallies(self) -> dict[str, Tally]:
        """The counts over all papers by name, sorted."""
        total: dict[str, Tally] = {}
        for judged in self.papers.values():
            for name, tally in judged.tallies.items():
                row = total.setdefault(name, Tally())
                row.tp, row.fp, row.fn = row.tp + tally.tp, row.fp + tally.fp, row.fn + tally.fn
        return {name: total[name] for name in sorted(total)}

    @property
    def missed(self) -> Counter[str]:
        """How often each gold entity (`type: name`) was missed."""
        return Counter(f"{e['type']}: {e['name']}" for judged in self.papers.values() for e in judged.missed)

    @property
    def invented(self) -> Counter[str]:
        """How often each entity (`type: name`) was found that gold lacks."""
        return Counter(f"{e['type']}: {e['name']}" for judged in self.papers.values() for e in judged.invented)

    def answers(self, what: str) -> list[Sequence[tuple[float, bool]]]:
        """How sure and whether right, paper by paper; `what`: see `Judged.answers`."""
        return [judged.answers.get(what, ()) for judged in self.papers.values()]

    def rows(self) -> dict[str, dict[str, float | int]]:
        """The rows by name, sorted, with `role accuracy` last."""
        tallies = self.tallies
        roles = tallies.pop(ROLE_ACCURACY, Tally())
        of = roles.tp + roles.fn
        accuracy = round(roles.tp / of, 4) if of else 0.0
        return {**{name: t.row() for name, t in tallies.items()}, ROLE_ACCURACY: {"accuracy": accuracy, "of": of}}


def score(gold: Mapping[str, Record], predicted: Mapping[str, Record]) -> Scores:
    """Judge every paper of `gold`."""
    return Scores({paper: judge(want, predicted.get(paper, _EMPTY)) for paper, want in gold.items()})


def judge(gold: Record, predicted: Record) -> Judged:
    """Judge one paper."""
    got = {**_EMPTY, **predicted}
    matched = match_entities(gold["entities"], got["entities"])
    judged = Judged(gold, got, matched, match_relations(gold["relations"], got["relations"], matched))
    _judge_entities(judged)
    _judge_relations(judged)
    _judge_results(judged)
    links, found = Counter(set(gold["links"])), Counter(set(got["links"]))
    _count(judged, "links", links, found)
    return judged


def _judge_entities(judged: Judged) -> None:
    gold = {entity["name"]: entity for entity in judged.gold["entities"]}
    for entity in judged.predicted["entities"]:
        want = gold.get(judged.matched.get(entity["name"], ""))
        kind = want["kind"] if want else entity.get("kind", "class")
        judged.add(*_rows_of(entity["type"], kind), tp=want is not None, fp=want is None)
        judged.answer("entities", entity.get("confidence"), want is not None)
        _judge_role(judged, entity, want)
    for entity in judged.missed:
        judged.add(*_rows_of(entity["type"], entity["kind"]), fn=1)
        if entity["role"] == "introduced":
            judged.add("introduced", fn=1)


def _rows_of(type_: str, kind: str) -> tuple[str, str, str]:
    return "entities", f"entities/{type_}", f"entities/{kind}"


def _judge_role(judged: Judged, entity: Record, want: Record | None) -> None:
    role, right = entity.get("role"), want is not None and entity.get("role") == want["role"]
    introduced = role == "introduced"
    if want is not None and want["role"] == "introduced":
        judged.add("introduced", tp=introduced, fn=not introduced)
    elif introduced:
        judged.add("introduced", fp=1)
    if want is not None:
        judged.add(ROLE_ACCURACY, tp=right, fp=not right, fn=not right)
        judged.add(f"roles/{want['role']}", tp=right, fn=not right)
        if not right and role is not None:
            judged.add(f"roles/{role}", fp=1)
    sure, of_role = entity.get("confidence"), entity.get("role_confidence")
    judged.answer("roles", None if sure is None or of_role is None else sure * of_role, right)


def _judge_relations(judged: Judged) -> None:
    relations, sure = judged.relations, _surest(judged)
    for said, hit in relations.predicted.items():
        judged.add("relations", f"relations/{said[1]}", tp=hit is not None, fp=hit is None)
        judged.answer("relations", sure.get(said), hit is not None)
    for _, label, _ in relations.missed:
        judged.add("relations", f"relations/{label}", fn=1)
    wanted, found = (
        Counter({frozenset((a, b)) for a, _, b in triples}) for triples in (relations.gold, relations.predicted)
    )
    _count(judged, "relation pairs", wanted, found)


def _surest(judged: Judged) -> dict[Triple, float]:
    """How sure each predicted triple is that says so; of several that match the same ends the surest counts."""
    sure: dict[Triple, float] = {}
    for relation in judged.predicted["relations"]:
        if len(relation) > 3:
            key = triple(relation, judged.matched)
            sure[key] = max(relation[3], sure.get(key, 0.0))
    return sure


def _judge_results(judged: Judged) -> None:
    wanted, found = facts(judged)
    _count(judged, "results", Counter(wanted), Counter(found))
    values = (Counter(number_key(r["value"]) for r in side["results"]) for side in (judged.gold, judged.predicted))
    _count(judged, "result values", *values)
    sure = [r.get("confidence") for r in judged.predicted["results"]]
    right = right_results(Counter(wanted), found, [c or 0.0 for c in sure])
    for confidence, good in zip(sure, right, strict=True):
        judged.answer("results", confidence, good)


def facts(judged: Judged) -> tuple[list[Fact], list[Fact]]:
    """What the results of gold and prediction say, each in order."""
    same = {entity["name"]: entity["name"] for entity in judged.gold["entities"]}
    return (
        [fact(r, same) for r in judged.gold["results"]],
        [fact(r, judged.matched) for r in judged.predicted["results"]],
    )


def _count(judged: Judged, name: str, want: Counter[Any], got: Counter[Any]) -> None:
    both = sum((want & got).values())
    judged.add(name, tp=both, fp=sum(got.values()) - both, fn=sum(want.values()) - both)
