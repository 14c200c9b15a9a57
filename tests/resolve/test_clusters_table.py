"""A corpus of clusters: each row is one thing in several ways of writing, each way in a paper of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.resolve.conftest import Record, paper, resolve, thing
from tests.resolve.cubed import Agreement, b_cubed

ROWS = [
    line.split(";") for line in Path(__file__).with_name("clusters.csv").read_text(encoding="utf-8").splitlines()[1:]
]


@pytest.fixture(scope="module")
def corpus() -> dict[str, tuple[int, Record]]:
    """Paper id → number of its cluster, the paper."""
    return {
        f"{number}.{place}": (number, paper(f"{number}.{place}", thing(type, form)))
        for number, (type, *forms) in enumerate(ROWS)
        for place, form in enumerate(forms)
    }


def test_the_clusters_are_found(corpus: dict[str, tuple[int, Record]]) -> None:
    """B-cubed F1 is at least .95 over at least 25 clusters; the failing forms are named."""
    assert len(ROWS) >= 25
    graph = resolve(*[record for _, record in corpus.values()])
    first = {id: record[1].entities[0].mentions[0] for id, (_, record) in corpus.items()}
    found = {m.paper: m.entity for m in graph.mentions if m.start == first[m.paper].start and m.extractor != "family"}
    gold = {id: number for id, (number, _) in corpus.items()}
    split = {number: {found[id] for id in gold if gold[id] == number} for number in set(gold.values())}
    mixed = {entity: {gold[id] for id in gold if found[id] == entity} for entity in set(found.values())}
    wrong = [ids for ids in split.values() if len(ids) > 1] + [
        [ROWS[number][1] for number in numbers] for numbers in mixed.values() if len(numbers) > 1
    ]
    assert b_cubed(gold, found).f1 >= 0.95, wrong


def test_b_cubed_counts_as_its_authors_do() -> None:
    """Perfect, one heap, all single; the second example of the paper; a missed item has no recall."""
    gold = {"a": 1, "b": 1, "c": 2, "d": 2}
    assert b_cubed(gold, gold) == Agreement(1.0, 1.0)
    assert b_cubed(gold, dict.fromkeys(gold, 0)).f1 == pytest.approx(2 / 3)
    assert b_cubed(gold, {item: item for item in gold}).f1 == pytest.approx(2 / 3)
    true = dict.fromkeys("12345", 1) | dict.fromkeys("67", 2) | dict.fromkeys("89ABC", 3)
    joined = true | dict.fromkeys("89ABC", 1)
    assert b_cubed(true, joined) == Agreement(pytest.approx(7 / 12), 1.0)
    assert b_cubed(gold, {"a": 1, "c": 2, "d": 2}) == Agreement(1.0, (0.5 + 1 + 1) / 4)
