"""Names in a few frames: extraction with the shipped model and lexicon, then resolution, judged together.

The measured test, with a text written for each name, is `test_texts.py`; these tables have more ways of writing.

`pairs.csv` and `clusters.csv` are what resolution was tuned with; most of their names are invented, and many are
written in ways that no text would write twice. The `held_` tables, of names as papers write them, were written
afterwards, and nothing was changed for their sake. `benchmarks/resolution.py` prints all figures.
"""

from __future__ import annotations

from collections import Counter

import pytest
from spacy.language import Language

from kg.extract import load_pipeline
from kg.extract.lexicon import Lexicon
from tests.resolve.stand import FRAMES, clusters_of, cubed, entity_at, judge, pairs_of, read, resolved, stand

TABLES = ("", "held_")


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def test_there_are_enough_and_none_twice() -> None:
    pairs = [row for table in TABLES for row in pairs_of(f"{table}pairs.csv")]
    assert len(pairs) >= 300
    assert len({(type_, frozenset({a, b}), a == b) for _, type_, a, b in pairs}) == len(pairs)
    assert len(pairs_of("held_pairs.csv")) >= 150
    assert len(clusters_of("held_clusters.csv")) >= 60


def test_each_name_stands_in_its_text() -> None:
    for type_, frames in FRAMES.items():
        assert len({frame.count("{x}") for frame in frames}) == 1, type_
    item = stand("Method", "Lattice Kite Attention|LKA", 0)
    assert [item.text[s:e] for s, e in item.spans] == ["Lattice Kite Attention", "LKA"]
    assert "Lattice Kite Attention (LKA)" in item.text
    assert stand("Method", "LoRA", 0).text != stand("Method", "LoRA", 1).text


@pytest.mark.parametrize("table", TABLES)
def test_clusters(table: str, nlp: Language, lexicon: Lexicon) -> None:
    """B-cubed F1 over all forms, those that extraction misses counted as things of their own."""
    f1, wrong = cubed(nlp, lexicon, clusters_of(f"{table}clusters.csv"))
    assert f1 >= 0.95, wrong


@pytest.mark.parametrize(("table", "least", "found"), [("", 0.7, 0.92), ("held_", 0.93, 0.96)])
def test_pairs(table: str, least: float, found: float, nlp: Language, lexicon: Lexicon) -> None:
    """The share of pairs that are told right, of all and of those of which extraction finds both names."""
    verdicts = Counter(judge(nlp, lexicon, pairs_of(f"{table}pairs.csv")))
    right = sum(count for (wanted, got), count in verdicts.items() if wanted == got)
    seen = sum(count for (_, got), count in verdicts.items() if got != "missed")
    assert right / sum(verdicts.values()) >= least, verdicts
    assert right / seen >= found, verdicts


def test_an_acronym_with_another_expansion_is_another_thing(nlp: Language, lexicon: Lexicon) -> None:
    """Even where the lexicon knows one of them, and by the acronym as its name."""
    names = {
        "a": ("Method", "Sharpness-Aware Minimization|SAM"),
        "b": ("Method", "Spatial Attention Module|SAM"),
        "c": ("Model", "Segment Anything Model|SAM"),
        "d": ("Method", "sharpness-aware minimization|SAM"),
    }
    items = {id: stand(*name, place) for place, (id, name) in enumerate(names.items())}
    graph = resolved([read(nlp, id, item) for id, item in items.items()], lexicon)
    entities = {id: entity_at(graph, id, item) for id, item in items.items()}
    assert entities["a"] == entities["d"]
    assert len(set(entities.values())) == 3, entities
