"""Counts agree with the tables, lists are ordered, and an empty graph has counts as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import GraphError
from kg.query.stats import stats
from kg.store import GraphDir

from .drafts import Draft


def test_counts_agree_with_the_tables(kite_graph: GraphDir) -> None:
    counted = stats(kite_graph)
    statements = list(kite_graph.statements())
    assert (counted.papers, counted.entities, counted.results) == (3, len(list(kite_graph.entities())), 1)
    assert counted.relations + counted.roles == len(statements)
    assert sum(counted.predicates.values()) == counted.relations
    assert sum(counted.role_counts.values()) == counted.roles
    assert sum(counted.types.values()) == sum(counted.kinds.values()) == counted.entities
    assert counted.denied == 1
    assert counted.years == {"": 1, "2023": 1, "2024": 1}
    assert sum(counted.years.values()) == counted.papers


def test_top_lists_count_papers_that_use_a_thing_not_those_that_mention_it(kite_graph: GraphDir) -> None:
    top = stats(kite_graph, top=2).top
    assert [(ref.name, ref.papers) for ref in top["Model"]] == [("KiteLM", 1), ("KiteLM-7B", 1)]
    assert next((ref.name, ref.papers) for ref in top["Method"]) == ("KiteShrink", 2)
    assert all(len(refs) <= 2 for refs in top.values())


def test_hints_name_shares_of_what_there_is(kite_graph: GraphDir) -> None:
    hints = {hint.name: (hint.count, hint.total) for hint in stats(kite_graph).hints}
    assert hints["statements of one paper"] == (10, 10)
    assert hints["papers without entities"] == (0, 3)
    assert hints["entities without relations"] == (2, 12)


def test_a_month_and_day_without_a_year_is_no_year(tmp_path: Path) -> None:
    draft = Draft()
    draft.paper("p", "T", "x", date="--02-29", date_precision="month-day")
    draft.paper("q", "T", "x", date="2021-05", date_precision="month")
    assert stats(draft.write(tmp_path / "g.kg")).years == {"": 1, "2021": 1}


def test_an_empty_graph_has_counts(tmp_path: Path) -> None:
    counted = stats(Draft().write(tmp_path / "empty.kg"))
    assert (counted.papers, counted.entities, counted.top, counted.years) == (0, 0, {}, {})


def test_a_damaged_graph_gives_no_counts(own_kites: GraphDir) -> None:
    (own_kites.path / "entities.parquet").write_bytes(b"")
    with pytest.raises(GraphError, match=r"entities\.parquet"):
        stats(own_kites.path)
