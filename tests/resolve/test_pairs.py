"""A table of pairs of names: same thing, different things, the first a variant of the second."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.resolve.conftest import entity_of, paper, resolve, thing, unescaped

PAIRS = [
    tuple(unescaped(cell) for cell in row.values())
    for row in csv.DictReader(Path(__file__).with_name("pairs.csv").read_text(encoding="utf-8").splitlines())
]


def test_the_table_has_enough_of_each_kind() -> None:
    """There are at least 120 pairs, none twice."""
    assert len(PAIRS) >= 120
    assert len({(type, frozenset({first, second})) for _, type, first, second, _ in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize(("verdict", "type", "first", "second", "why"), PAIRS)
def test_two_names_in_two_papers(verdict: str, type: str, first: str, second: str, why: str) -> None:
    """Each pair is resolved as the table says, whichever paper comes first and whatever else is there."""
    left, right = paper("a", thing(type, first)), paper("b", thing(type, second))
    graph = resolve(left, right, paper("c", thing("Task", "something else")))
    one, two = (entity_of(graph, id, name.split("|")[0]) for id, name in (("a", first), ("b", second)))
    assert (one == two) == (verdict == "same")
    subclass = {(s.subject, s.object) for s in graph.statements if s.predicate == "subclassOf"}
    if verdict == "variant":
        assert (one, two) in subclass or any((one, x) in subclass and (x, two) in subclass for _, x in subclass)
    else:
        assert (one, two) not in subclass
        assert (two, one) not in subclass


@pytest.mark.parametrize(("verdict", "type", "first", "second", "why"), [p for p in PAIRS if p[0] != "variant"])
def test_a_merge_gives_a_reason(verdict: str, type: str, first: str, second: str, why: str) -> None:
    """Each form that is not its entity's name is an alias of it and has a row with a reason."""
    graph = resolve(paper("a", thing(type, first)), paper("b", thing(type, second)))
    names = {entity.id: entity.name for entity in graph.entities}
    aliases = {entity.id: entity.aliases for entity in graph.entities}
    rows = {(row.entity, row.form) for row in graph.merges}
    for mention in graph.mentions:
        if mention.extractor != "family" and mention.form != names[mention.entity]:
            assert (mention.entity, mention.form) in rows
            assert mention.form in aliases[mention.entity]
