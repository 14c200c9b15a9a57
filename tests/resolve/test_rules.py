"""The user's word on what is one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.resolve import Rule, parse_rules, read_rules
from tests.resolve.conftest import entity_of, paper, resolve, thing


def test_rules_are_lines_of_csv(tmp_path: Path) -> None:
    """Quotes, blanks, comments, empty lines and a byte-order mark are understood."""
    path = tmp_path / "rules.csv"
    path.write_bytes('\ufeff# mine\n\nsame,Model,"Kite, large", Kite-L\r\ndifferent,Method,"O""Kite",OKite\n'.encode())
    first, second = read_rules(path)
    assert (first.same, first.type, first.first, first.second, first.place) == (
        True,
        "Model",
        "Kite, large",
        "Kite-L",
        f"{path}:3",
    )
    assert (second.same, second.first) == (False, 'O"Kite')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("same,Model,Kite", "rules:2: 3 fields"),
        ("equal,Model,A,B", "rules:2: 'equal' is neither"),
        ("same,Kite,A,B", "rules:2: 'Kite' is none of"),
        ("same,Model,A,", "rules:2: a name is empty"),
        ("same,Model,A,A", "rules:2: both names"),
        ('same,Model,"A,B', "rules:2: not a line of CSV"),
        ("different,Model,B,A", "rules:2: contradicts rules:1"),
    ],
)
def test_a_bad_rule_is_named_with_file_and_line(line: str, message: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError) as error:
        parse_rules(["same,Model,A,B", line])
    assert message in str(error.value)


@pytest.mark.parametrize("content", [b"same,Model,A,\xff", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    """Missing, or no UTF-8."""
    path = tmp_path / "rules.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"rules\.csv"):
        read_rules(path)


def rule(same: bool, first: str, second: str, type: str = "Method") -> Rule:
    """A rule."""
    return Rule(same, type, first, second)


def test_two_names_become_one_thing() -> None:
    """Whatever they look like, also with other numbers; the row says that it was a rule."""
    records = [
        paper("a", thing("Method", "KiteX")),
        paper("b", thing("Method", "Tidal Router 3")),
        paper("c", thing("Method", "kitex")),
    ]
    graph = resolve(*records, rules=[rule(True, "KiteX", "Tidal Router 3")])
    assert len(graph.entities) == 1
    assert {row.form: row.reason for row in graph.merges}["Tidal Router 3"] == "rule"
    assert len(resolve(*records, rules=[rule(True, "KiteX", "Tidal Router 3", "Model")]).entities) == 2


def test_two_names_are_kept_apart() -> None:
    """Names that would be one by their key, by their text or by a chain."""
    records = [
        paper("a", thing("Method", "ReAct")),
        paper("b", thing("Method", "REACT")),
        paper("c", thing("Method", "React")),
    ]
    graph = resolve(*records, rules=[rule(False, "ReAct", "REACT")])
    assert entity_of(graph, "a", "ReAct") == entity_of(graph, "c", "React") != entity_of(graph, "b", "REACT")
    assert {row.reason for row in graph.merges if "kept apart" in row.reason} == {
        "rule: kept apart from REACT", "rule: kept apart from ReAct",
    }  # fmt: skip
    explained = paper("a", thing("Method", "Lattice Kite Attention|LKA"))
    graph = resolve(explained, paper("b", thing("Method", "LKA")), rules=[rule(False, "Lattice Kite Attention", "LKA")])
    assert (
        entity_of(graph, "a", "LKA") == entity_of(graph, "b", "LKA") != entity_of(graph, "a", "Lattice Kite Attention")
    )


def test_a_rule_without_such_names_does_nothing() -> None:
    """Rules may speak of things that no paper mentions."""
    record = paper("a", thing("Method", "KiteX"))
    for same in (True, False):
        assert list(resolve(record, rules=[rule(same, "KiteX", "No Such Thing")]).entities) == list(
            resolve(record).entities
        )
