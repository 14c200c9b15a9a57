"""How near extracted records come to gold ones: precision, recall and F1 as the annotation's own scorer counts them.

Entities are matched one to one within a paper: a predicted one matches a gold one of the same type that shares a form
with it (without case, punctuation, blanks and a plural s), most shared forms first. Relations match when both ends do
and the relation is the same (`compared_with` is right, if weak, where gold says `outperforms`); `relation pairs`
ignores which. Results match on subject, metric and value. All figures are micro averages over the gold papers; a gold
paper without a prediction counts as empty, a predicted paper that gold lacks is passed over.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import RecordError, SourceError
from kg.model import Paper
from kg.vocab import RELATION_BY_LABEL

Record = Mapping[str, Any]
_STRONGER = {"compared_with": "outperforms"}
_EMPTY: Record = {"entities": [], "relations": [], "results": [], "links": []}


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
class Scores:
    """The tallies by name, how many roles were right of how many matched entities, and what was missed or invented."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    roles_right: int = 0
    roles: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)

    def rows(self) -> dict[str, dict[str, float | int]]:
        """The rows by name, sorted, with `role accuracy` last."""
        rows = {name: self.tallies[name].row() for name in sorted(self.tallies)}
        accuracy = round(self.roles_right / self.roles, 4) if self.roles else 0.0
        return {**rows, "role accuracy": {"accuracy": accuracy, "of": self.roles}}

    def add(self, name: str, *, tp: int = 0, fp: int = 0, fn: int = 0) -> None:
        """Count under `name`."""
        tally = self.tallies.setdefault(name, Tally())
        tally.tp += tp
        tally.fp += fp
        tally.fn += fn


def read_records(path: str | Path) -> dict[str, dict[str, Any]]:
    """Records of a JSON Lines file by id; raises `SourceError` or, for a bad line, `RecordError`."""
    records: dict[str, dict[str, Any]] = {}
    try:
        with Path(path).open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    record = _record(line, str(path), number)
                    records[record["id"]] = record
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read: {error}") from error
    return records


def _record(line: str, path: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise RecordError(path, str(number), f"is no JSON ({error})") from error
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise RecordError(path, str(number), "must be an object with an id that is a string", "id")
    for name in ("entities", "relations", "results", "links"):
        if not isinstance(record.get(name, []), list):
            raise RecordError(path, str(number), "must be a list", name)
    return record


def paper_of(record: Record) -> Paper:
    """The paper that a gold record annotates: its text is the title, a line break and the abstract."""
    text = record.get("text")
    if not isinstance(text, str):
        raise RecordError("gold", str(record["id"]), "must be a string, to extract from", "text")
    title, _, abstract = text.partition("\n")
    return Paper(record["id"], title, abstract) if abstract else Paper(record["id"], "", text)


def norm(form: str) -> str:
    """A form without case, punctuation (but +), blanks and a plural s."""
    key = re.sub(r"[^a-z0-9+]+", "", form.casefold())
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key


def number_key(value: str) -> str:
    """The digits and signs of a value, by which two values are compared."""
    kept = re.sub(r"[^0-9.x%+-]", "", value.replace("times", "x").replace("×", "x"))
    return kept.strip("+.") or norm(value)


def match_entities(gold: Sequence[Record], predicted: Sequence[Record]) -> dict[str, str]:
    """Predicted name → gold name, one to one."""
    pairs = []
    keys = [{norm(form) for form in p["forms"]} for p in predicted]
    for g in gold:
        gold_keys = {norm(form) for form in g["forms"]}
        for p, own in zip(predicted, keys, strict=True):
            shared = len(gold_keys & own)
            if shared and p["type"] == g["type"]:
                pairs.append((-shared, g["name"], p["name"]))
    matched: dict[str, str] = {}
    used: set[str] = set()
    for _, gold_name, name in sorted(pairs):
        if name not in matched and gold_name not in used:
            matched[name] = gold_name
            used.add(gold_name)
    return matched


def score(gold: Mapping[str, Record], predicted: Mapping[str, Record]) -> Scores:
    """All tallies over the papers of `gold`."""
    scores = Scores()
    for paper, want in gold.items():
        got = {**_EMPTY, **predicted.get(paper, _EMPTY)}
        matched = match_entities(want["entities"], got["entities"])
        _score_entities(scores, want["entities"], got["entities"], matched)
        _score_relations(scores, want["relations"], got["relations"], matched)
        _score_results(scores, want, got, matched)
        gold_links, links = set(want["links"]), set(got["links"])
        both = len(gold_links & links)
        scores.add("links", tp=both, fp=len(links) - both, fn=len(gold_links) - both)
    return scores


def _score_entities(
    scores: Scores, gold: Sequence[Record], predicted: Sequence[Record], matched: Mapping[str, str]
) -> None:
    by_name = {entity["name"]: entity for entity in gold}
    for entity in predicted:
        want = by_name.get(matched.get(entity["name"], ""))
        introduced = entity.get("role") == "introduced"
        kind = want["kind"] if want else entity.get("kind", "class")
        for name in ("entities", f"entities/{entity['type']}", f"entities/{kind}"):
            scores.add(name, tp=want is not None, fp=want is None)
        if want is None:
            if introduced:
                scores.add("introduced", fp=1)
            scores.invented[f"{entity['type']}: {entity['name']}"] += 1
            continue
        scores.roles += 1
        scores.roles_right += entity.get("role") == want["role"]
        if want["role"] == "introduced":
            scores.add("introduced", tp=introduced, fn=not introduced)
        elif introduced:
            scores.add("introduced", fp=1)
        scores.add(
            f"roles/{want['role']}", tp=entity.get("role") == want["role"], fn=entity.get("role") != want["role"]
        )
        if entity.get("role") != want["role"]:
            scores.add(f"roles/{entity.get('role')}", fp=1)
    hit = set(matched.values())
    for entity in gold:
        if entity["name"] not in hit:
            for name in ("entities", f"entities/{entity['type']}", f"entities/{entity['kind']}"):
                scores.add(name, fn=1)
            if entity["role"] == "introduced":
                scores.add("introduced", fn=1)
            scores.missed[f"{entity['type']}: {entity['name']}"] += 1


def _triples(relations: Iterable[Sequence[str]], names: Mapping[str, str] | None) -> Iterator[tuple[str, str, str]]:
    for head, label, tail in (r[:3] for r in relations):
        a = head if names is None else names.get(head, f"?{head}")
        b = tail if names is None else names.get(tail, f"?{tail}")
        predicate = RELATION_BY_LABEL.get(label)
        if predicate is not None and predicate.symmetric and b < a:
            a, b = b, a
        yield a, label, b


def _score_relations(
    scores: Scores, gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], matched: Mapping[str, str]
) -> None:
    left = set(_triples(gold, None))
    want_pairs = {frozenset((a, b)) for a, _, b in left}
    got = sorted(set(_triples(predicted, matched)))
    for triple in got:
        stronger = [
            other
            for other in sorted(left)
            if other[1] == _STRONGER.get(triple[1]) and {other[0], other[2]} == {triple[0], triple[2]}
        ]
        found = triple if triple in left else stronger[0] if stronger else None
        for name in ("relations", f"relations/{triple[1]}"):
            scores.add(name, tp=found is not None, fp=found is None)
        if found is not None:
            left.discard(found)
    for _, label, _ in sorted(left):
        scores.add("relations", fn=1)
        scores.add(f"relations/{label}", fn=1)
    got_pairs = {frozenset((a, b)) for a, _, b in got}
    both = len(want_pairs & got_pairs)
    scores.add("relation pairs", tp=both, fp=len(got_pairs) - both, fn=len(want_pairs) - both)


def _score_results(scores: Scores, gold: Record, predicted: Record, matched: Mapping[str, str]) -> None:
    same = {entity["name"]: entity["name"] for entity in gold["entities"]}

    def facts(results: Iterable[Record], names: Mapping[str, str]) -> Counter[tuple[str | None, str | None, str]]:
        def end(name: str | None) -> str | None:
            return names.get(name, f"?{name}") if name else None

        return Counter((end(r.get("subject")), end(r.get("metric")), number_key(r["value"])) for r in results)

    _count(scores, "results", facts(gold["results"], same), facts(predicted["results"], matched))
    values = (Counter(number_key(r["value"]) for r in side["results"]) for side in (gold, predicted))
    _count(scores, "result values", *values)


def _count(scores: Scores, name: str, want: Counter[Any], got: Counter[Any]) -> None:
    both = sum((want & got).values())
    scores.add(name, tp=both, fp=sum(got.values()) - both, fn=sum(want.values()) - both)
