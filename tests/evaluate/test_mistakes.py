"""Every wrong answer is of one sort, and the sorts add up to what the table calls invented and missed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kg.evaluate import read_records, score
from kg.evaluate.mistakes import most_often
from tests.evaluate.conftest import Record, damaged


def entity(name: str, type_: str = "Method", role: str = "used", *forms: str) -> Record:
    return {"name": name, "forms": [name, *forms], "type": type_, "kind": "class", "role": role}


def paper(text: str, entities: list[Record], relations: Any = (), results: Any = ()) -> Record:
    return {"id": "1", "text": text, "entities": entities, "relations": relations, "results": results, "links": []}


def found(gold: Record, predicted: Record) -> set[tuple[str, str, str]]:
    return {(m.sort, m.what, m.example) for m in most_often(score({"1": gold}, {"1": predicted}))}


TEXT = "Visual reasoning with leaf pooling and tide tuning. The leaf pools help tide tuning by 3.1% and 4.2%."


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ([entity("leaf pooling")], [], {("entity missed: not seen", "Method", "leaf pooling")}),
        ([], [entity("leaf pooling")], {("entity invented: nothing there", "Method", "leaf pooling")}),
        (
            [entity("leaf pooling")],
            [entity("leaf pooling", "Task")],
            {
                ("entity missed: wrong type", "Method as Task", "leaf pooling"),
                ("entity invented: wrong type", "Method as Task", "leaf pooling"),
            },
        ),
        (
            [entity("Visual reasoning", "Task")],
            [entity("reasoning", "Task")],
            {
                ("entity missed: other borders", "Task", "Visual reasoning | reasoning"),
                ("entity invented: other borders", "Task", "reasoning | Visual reasoning"),
            },
        ),
        (
            [entity("leaf pooling", "Method", "used", "leaf pools")],
            [entity("leaf pooling"), entity("leaf pools")],
            {("entity invented: second half of a found one", "Method", "leaf pools | leaf pooling")},
        ),
        (
            [entity("leaf pooling"), entity("tide tuning")],
            [entity("leaf pooling", "Method", "used", "tide tuning")],
            {("entity missed: put together with another", "Method", "tide tuning | leaf pooling")},
        ),
        (
            [entity("leaf pooling")],
            [entity("leaf pooling", role="compared")],
            {("role", "used as compared", "leaf pooling")},
        ),
    ],
)
def test_sorts_of_entities(gold: list[Record], predicted: list[Record], expected: set[tuple[str, str, str]]) -> None:
    """Not there, another type, other borders, one thing made two or two made one, another role."""
    assert found(paper(TEXT, gold), paper(TEXT, predicted)) == expected


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ([("a", "based_on", "b")], [], {("relation missed: not seen", "based_on", "a based_on b")}),
        ([], [("a", "based_on", "b")], {("relation invented: nothing said", "based_on", "a based_on b")}),
        (
            [("a", "based_on", "b")],
            [("a", "part_of", "b")],
            {
                ("relation missed: another relation", "based_on as part_of", "a based_on b"),
                ("relation invented: another relation", "based_on as part_of", "a part_of b"),
            },
        ),
        (
            [("a", "based_on", "b")],
            [("b", "based_on", "a")],
            {
                ("relation missed: turned round", "based_on", "a based_on b"),
                ("relation invented: turned round", "based_on", "b based_on a"),
            },
        ),
        ([("a", "based_on", "c")], [], {("relation missed: an end was not found", "based_on", "a based_on c")}),
        ([], [("a", "based_on", "x")], {("relation invented: an end is no entity", "based_on", "a based_on x")}),
    ],
)
def test_sorts_of_relations(gold: list[Any], predicted: list[Any], expected: set[tuple[str, str, str]]) -> None:
    """Not there, another predicate, head and tail exchanged, an end that the other side lacks."""
    a, b, c = entity("a"), entity("b"), entity("c")
    known, seen = paper("", [a, b, c], gold), paper("", [a, b, entity("x")], predicted)
    assert {m for m in found(known, seen) if m[0].startswith("relation")} == expected


def test_sorts_of_results() -> None:
    """The value is not there, or its subject or metric is another."""

    def result(subject: str | None, metric: str | None, value: str) -> Record:
        return {"subject": subject, "metric": metric, "value": value}

    known = [entity("a"), entity("b"), entity("m", "Metric", "measured")]
    gold = [result("a", "m", "1"), result("a", "m", "2"), result("a", "m", "3"), result("a", None, "4")]
    predicted = [result("b", "m", "1"), result("a", None, "2"), result("b", None, "3"), result("a", None, "5")]
    shown = found(paper("", known, (), gold), paper("", known, (), predicted))
    assert {(sort, example) for sort, _, example in shown} == {
        ("result missed: other subject", "a m 1"), ("result invented: other subject", "b m 1"),
        ("result missed: other metric", "a m 2"), ("result invented: other metric", "a 2"),
        ("result missed: other subject and metric", "a m 3"), ("result invented: other subject and metric", "b 3"),
        ("result missed: value not found", "a 4"), ("result invented: value is no result", "a 5"),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_the_sorts_add_up(shared: Path, seed: int) -> None:
    """On real annotation, damaged in several ways: each missed and invented thing is counted once."""
    gold = read_records(shared / "gold" / "dev.jsonl", annotated=True)
    scores = score(gold, {i: damaged(r, seed) for i, r in gold.items()})
    total: Counter[str] = Counter()
    for often in most_often(scores):
        total[often.sort.partition(":")[0]] += often.count
    rows = scores.rows()
    for noun, row in (("entity", "entities"), ("relation", "relations"), ("result", "results")):
        assert total[f"{noun} missed"] == rows[row]["fn"]
        assert total[f"{noun} invented"] == rows[row]["fp"]
    accuracy = rows["role accuracy"]
    assert total["role"] == accuracy["of"] - round(accuracy["accuracy"] * accuracy["of"])
