"""What is let through, and what stays."""

from __future__ import annotations

import pytest

from kg.extract import extract_text, load_pipeline
from kg.extract.attributes import Attributes
from kg.extract.pipeline import load
from kg.extract.sift import Sift
from kg.model import Paper

TEXT = Paper(
    "p",
    "KiteNet: Counting Leaves",
    "We present KiteNet, a network for leaf counting. KiteNet reaches 91.5% accuracy on PondSet and beats OakNet.",
)


def test_settings_are_read_and_may_be_absent() -> None:
    assert Sift.of({}) == Sift()
    assert Sift.of({"sift": {"open": 0.3, "least": 0.4}}) == Sift(open=0.3, least=0.4)
    with pytest.raises(TypeError):
        Sift.of({"sift": {"opne": 0.3}})


def test_both_words_count() -> None:
    sift = Sift(intercept=0.0, score=1.0, keep=1.0, least=0.5)
    assert sift.judge(0.5, 0.5) == 0.5
    assert sift.judge(0.9, 0.5) == 0.9
    assert sift.judge(0.5, 0.9) == 0.9
    assert sift.judge(0.9, 0.1) == 0.5
    assert sift.judge(0.99, 0.99) > 0.99


def test_nothing_is_left_where_all_is_doubted() -> None:
    """But for what the text itself sets against something else."""
    nlp = load("default")
    attributes = nlp.get_pipe("kg_attributes")
    assert isinstance(attributes, Attributes)
    attributes.sift = Sift(intercept=-99.0, least=0.9)
    assert {e.name for e in extract_text(nlp, TEXT).entities} <= {"KiteNet", "OakNet"}
    attributes.sift = Sift()
    assert len(extract_text(nlp, TEXT).entities) > 3


def test_the_fast_model_takes_its_own_tags() -> None:
    found = extract_text(load_pipeline("fast"), TEXT)
    assert {m.extractor for e in found.entities for m in e.mentions} <= {"tagger", "lexicon"}
    assert {"KiteNet", "OakNet"} <= {e.name for e in found.entities}
