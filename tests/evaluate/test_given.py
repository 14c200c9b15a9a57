"""The pipeline works on the entities of the annotation: relations and results by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.evaluate import paper_of, read_records, score
from kg.evaluate.given import extract_given
from kg.evaluate.places import mark, whole_words
from kg.extract import extract_text, load_pipeline
from tests.evaluate.conftest import Record


def test_given_entities_come_out_as_they_went_in(gold: Record) -> None:
    """Names, forms, types, kinds and roles are the gold ones, however odd; relations and results are found anew."""
    odd = {**gold, "entities": [
        {"name": "by", "forms": ["by"], "type": "Task", "kind": "class", "role": "addressed"}, *gold["entities"],
    ]}  # fmt: skip
    odd["entities"][2] = {**odd["entities"][2], "forms": ["OakNet"]}
    (record,) = extract_given([odd], model="rules")
    kept = [{k: e[k] for k in ("name", "forms", "type", "kind", "role")} for e in record["entities"]]
    assert sorted(kept, key=lambda e: e["name"]) == sorted(odd["entities"], key=lambda e: e["name"])
    assert ["KiteNet", "outperforms", "OakNet"] in [r[:3] for r in record["relations"]]
    assert [(r["subject"], r["value"]) for r in record["results"]] == [("KiteNet", "3.1%")]
    assert all(0 <= r[3] <= 1 for r in record["relations"])


def test_relations_follow_the_given_roles(gold: Record) -> None:
    """`main` systems are those that the annotation says are introduced, not those that the pipeline would say are."""
    text = "Oaks\nOur method outperforms KiteNet."
    entities = [
        {"name": "Oaks", "forms": ["Oaks"], "type": "Model", "kind": "class", "role": "introduced"},
        {"name": "KiteNet", "forms": ["KiteNet"], "type": "Model", "kind": "named", "role": "compared"},
    ]
    (record,) = extract_given([{**gold, "text": text, "entities": entities}], model="rules")
    assert ["Oaks", "outperforms", "KiteNet"] in [r[:3] for r in record["relations"]]


def test_a_doubted_entity_is_no_reason_to_doubt_its_relations(gold: Record) -> None:
    """With a trained model: the head's probabilities are not lowered for entities that it would not have taken."""
    text = "Walking\nWe use slow walking for tree counting. Slow walking is evaluated on PondSet."
    entities = [
        {"name": "slow walking", "forms": ["slow walking", "Slow walking"], "type": "Method", "kind": "class",
         "role": "introduced"},
        {"name": "tree counting", "forms": ["tree counting"], "type": "Task", "kind": "class", "role": "addressed"},
        {"name": "PondSet", "forms": ["PondSet"], "type": "Dataset", "kind": "named", "role": "evaluated_on"},
    ]  # fmt: skip
    (record,) = extract_given([{**gold, "text": text, "entities": entities}])
    found = {tuple(r[:3]): r[3] for r in record["relations"]}
    assert ("slow walking", "used_for", "tree counting") in found
    assert ("slow walking", "evaluated_on", "PondSet") in found


def test_kinds_and_roles_may_be_left_to_the_model(gold: Record) -> None:
    """Then they need not be the gold ones; names and types still are."""
    wrong = {**gold, "entities": [{**e, "role": "mentioned"} for e in gold["entities"]]}
    (own,) = extract_given([wrong], roles=False)
    (told,) = extract_given([wrong])
    assert {e["role"] for e in told["entities"]} == {"mentioned"}
    assert {e["name"]: e["role"] for e in own["entities"]}["PondSet"] == "evaluated_on"
    assert {e["name"] for e in own["entities"]} == {e["name"] for e in gold["entities"]}


def test_no_gold_entity_is_lost(shared: Path) -> None:
    """On real annotation entities are all right, and relations are nearer than with the pipeline's own entities."""
    every = read_records(shared / "gold" / "dev.jsonl", annotated=True)
    gold = {paper: every[paper] for paper in sorted(every)[:30]}
    nlp = load_pipeline("rules")
    assert extract_text(nlp, paper_of(gold[min(gold)])).entities  # the pipeline itself is left as it was
    found = {record["id"]: record for record in extract_given(gold.values(), model="rules")}
    rows = score(gold, found).rows()
    assert (rows["entities"]["f1"], rows["role accuracy"]["accuracy"]) == (1.0, 1.0)
    assert 0.4 < rows["relations"]["f1"] < 1.0


@pytest.mark.parametrize(
    ("text", "forms", "expected"),
    [
        ("KiteNet-2 and KiteNet", [["KiteNet"], ["KiteNet-2"]], [(0, 9, 1), (14, 21, 0)]),
        ("OakNet-large", [["OakNet-large"], ["OakNet"]], [(0, 6, 1), (0, 12, 0)]),
        ("kites and kite", [["kite"]], [(10, 14, 0)]),
        ("kites", [["kite"]], [(0, 4, 0)]),
        ("kite", [["oak"], []], []),
    ],
)
def test_mentions_of_given_entities(text: str, forms: list[list[str]], expected: list[tuple[int, int, int]]) -> None:
    """Longer forms first, whole words before parts of words; an entity within another one keeps its place."""
    assert mark(text, forms) == expected


def test_a_form_without_letters_has_places_too() -> None:
    assert list(whole_words("a+b, +", "+")) == [(1, 2), (5, 6)]
    assert list(whole_words("a", "")) == []
