"""From scores to confidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.config import model_dir
from kg.errors import ModelError
from kg.extract import extract_text, load_pipeline
from kg.extract.confidence import (
    FILE,
    LEAST,
    MOST,
    PARTS,
    confidence,
    entity_features,
    read_weights,
    relation_features,
    write_weights,
)
from kg.extract.pipeline import DECISIONS
from kg.extract.state import Found, Link, Thing
from kg.model import Paper

TEXT = Paper(
    "p", "KiteNet: Counting Leaves",
    "We present KiteNet, a network for leaf counting. KiteNet reaches 91.5% accuracy on PondSet and outperforms BERT.",
)  # fmt: skip
FOUND = [Found(0, 7, "Model", "coined", 0.9, "", "kitenet", "named", "introduced", 0.9)] * 3
THING = Thing("KiteNet", "Model", "named", "introduced", 0.9, 0.9, (0, 1, 2), "", ())


def test_the_probability_is_a_logistic_one_within_bounds() -> None:
    assert confidence({"bias": 1.0, "score": 2.0}, {"bias": 0.0, "score": 0.0}) == 0.5
    assert confidence({"bias": 1.0}, {"bias": 99.0}) == MOST
    assert confidence({"bias": 1.0}, {"bias": -99.0}) == LEAST
    assert confidence({"bias": 1.0, "new": 5.0}, {"bias": 0.0}) == 0.5  # what has no weight says nothing


def test_surer_scores_are_surer() -> None:
    weights = read_weights(model_dir("default") / FILE)
    low, high = (
        confidence(entity_features(THING._replace(score=score), FOUND, 24), weights["entities"])
        for score in (0.5, 0.95)
    )
    assert low < high
    link = Link(0, "outperforms", 1, 0, 10, 0, 3, 4, 7, "model", 0.6, False)
    doubted, sure = (
        confidence(relation_features(link._replace(score=score)), weights["relations"]) for score in (0.3, 0.9)
    )
    assert doubted < sure


@pytest.mark.parametrize(
    "folder", [model_dir("default"), model_dir("fast"), DECISIONS], ids=["default", "fast", "rules"]
)
def test_what_ships_has_weights_for_all(folder: Path) -> None:
    weights = read_weights(folder / FILE)
    assert set(weights) == set(PARTS)
    assert all("bias" in part and "score" in part for part in weights.values())


def test_without_weights_scores_stay(tmp_path: Path) -> None:
    """The same things, only the numbers differ."""
    nlp = load_pipeline("rules")
    told = extract_text(nlp, TEXT)
    nlp.disable_pipe("kg_confidence")
    plain = extract_text(nlp, TEXT)
    assert [e.name for e in told.entities] == [e.name for e in plain.entities]
    assert [(r.head, r.predicate, r.tail) for r in told.relations] == [
        (r.head, r.predicate, r.tail) for r in plain.relations
    ]
    assert [e.score for e in told.entities] != [e.score for e in plain.entities]
    assert read_weights(tmp_path / "none.json") == {}


def test_weights_come_back_and_bad_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / FILE
    write_weights(path, {"entities": {"bias": 0.5}})
    assert read_weights(path) == {"entities": {"bias": 0.5}}
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"confidence\.json: is no JSON"):
        read_weights(path)
