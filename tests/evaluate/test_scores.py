"""Scores are counted exactly as the annotation's own scorer counts them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.evaluate import number_key, read_records, score
from kg.evaluate.matching import right_results
from tests.evaluate.conftest import Record, damaged


def figures(gold: Record, predicted: Record | None) -> dict[str, dict[str, float | int]]:
    return score({"1": gold}, {} if predicted is None else {"1": predicted}).rows()


def test_the_same_is_perfect(gold: Record) -> None:
    """Gold against itself has F1 1 in every row."""
    assert {row["f1"] for row in figures(gold, gold).values() if "f1" in row} == {1.0}


def test_nothing_is_found_in_nothing(gold: Record) -> None:
    """A paper without a prediction counts as empty."""
    rows = figures(gold, None)
    assert (rows["entities"]["tp"], rows["entities"]["fn"], rows["relations"]["fn"]) == (0, 3, 2)


def test_forms_match_without_case_hyphen_and_plural(gold: Record) -> None:
    """One shared form is enough, the type must be the same, a weaker relation counts."""
    predicted = {**gold, "entities": [
        {"name": "kite-net", "forms": ["kite-net"], "type": "Model", "kind": "class", "role": "used"},
        {"name": "oak-nets", "forms": ["oak-nets"], "type": "Model", "kind": "named", "role": "compared"},
        {"name": "PondSet", "forms": ["PondSet"], "type": "Task", "kind": "named", "role": "addressed"},
    ], "relations": [["oak-nets", "compared_with", "kite-net"]], "results": [], "links": []}  # fmt: skip
    rows = figures(gold, predicted)
    assert (rows["entities"]["tp"], rows["entities"]["fp"], rows["entities"]["fn"]) == (2, 1, 1)
    assert rows["relations"]["tp"] == 1
    assert rows["introduced"]["fn"] == 1
    assert rows["role accuracy"] == {"accuracy": 0.5, "of": 2}
    assert (rows["roles/introduced"]["fn"], rows["roles/used"]["fp"], rows["roles/compared"]["tp"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("value", "key"),
    [("43.1\\%", "43.1%"), ("up to 3.3x", "3.3x"), ("2times", "2x"), ("+2.59%", "2.59%"), ("twice", "twice")],
)
def test_values_are_compared_by_their_digits(value: str, key: str) -> None:
    """Unit words, signs in front and LaTeX make no difference."""
    assert number_key(value) == key


def test_of_equal_results_the_surest_are_right() -> None:
    """A fact that gold says once and the prediction three times is right once: where it is surest."""
    fact = ("KiteNet", None, "3.1%")
    other = ("KiteNet", "accuracy", "3.1%")
    assert right_results({fact: 1}, [fact, fact, other, fact], [0.2, 0.9, 1.0, 0.5]) == [False, True, False, False]


def test_answers_say_how_sure_and_whether_right(gold: Record) -> None:
    """Each entity, role, relation and result that has a confidence is an answer; a role needs its entity."""
    predicted = {
        **gold,
        "entities": [
            {**gold["entities"][0], "confidence": 0.9, "role_confidence": 0.5, "role": "used"},
            {**gold["entities"][1], "forms": ["Elm"], "name": "Elm", "confidence": 0.6, "role_confidence": 0.5},
            gold["entities"][2],
        ],
        "relations": [["KiteNet", "evaluated_on", "PondSet", 0.7], ["KiteNet", "outperforms", "Elm", 0.4]],
        "results": [{**gold["results"][0], "confidence": 0.8}],
    }
    answers = score({"1": gold}, {"1": predicted}).papers["1"].answers
    assert answers == {
        "entities": [(0.9, True), (0.6, False)],
        "roles": [(0.45, False), (0.3, False)],
        "relations": [(0.7, True), (0.4, False)],
        "results": [(0.8, True)],
    }


def scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("annotation_scorer", shared / "gold" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(6))
def test_same_figures_as_the_annotation_scorer(shared: Path, seed: int) -> None:
    """On the development papers, damaged in several ways, every figure is the scorer's to the last digit."""
    gold = read_records(shared / "gold" / "dev.jsonl", annotated=True)
    predicted = {i: damaged(r, seed) for i, r in gold.items() if len(i) % 9 != seed}
    theirs, missed, invented = scorer(shared).score(gold, predicted)
    ours = score(gold, predicted)
    rows = {name: row for name, row in ours.rows().items() if not name.startswith("roles/")}
    assert rows == theirs
    assert (ours.missed, ours.invented) == (missed, invented)


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_counts_add_up(gold: list[str], predicted: list[str]) -> None:
    """Right plus missed is what gold holds, right plus invented what was predicted."""

    def record(names: list[str]) -> Record:
        found = [
            {"name": n, "forms": [n * 4], "type": "Task", "kind": "class", "role": "used"} for n in dict.fromkeys(names)
        ]
        return {"id": "1", "entities": found, "relations": [], "results": [], "links": []}

    rows = score({"1": record(gold)}, {"1": record(predicted)}).rows()
    row = rows.get("entities", {"tp": 0, "fp": 0, "fn": 0})
    assert row["tp"] + row["fn"] == len(set(gold))
    assert row["tp"] + row["fp"] == len(set(predicted))
