"""The union-find that can refuse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.resolve.clusters import Forest


def test_a_union_is_refused_for_numbers_terms_and_rules() -> None:
    """Different marks, two terms, or a rule: no union; force overrules the first two."""
    forest = Forest(["", "", "7", ""])
    assert not forest.join(0, 2, "x")
    assert forest.name(0, "term/a")
    assert forest.name(1, "term/b")
    assert not forest.join(0, 1, "x")
    assert forest.join(0, 1, "x", same_term=False)
    forest.keep_apart([0], [3])
    assert not forest.join(1, 3, "x", force=True)
    assert forest.join(0, 2, "rule", force=True)
    assert forest.clusters() == {0: [0, 1, 2], 3: [3]}


def test_reasons_are_read_off_the_way_that_was_taken() -> None:
    """Each member has the reason of the last step that says something."""
    forest = Forest([""] * 4)
    forest.join(0, 1, "alias")
    forest.join(1, 2, "spelled")
    forest.join(2, 3, "plural")
    assert forest.reasons_from(0, "name", weakest="spelled") == {0: "name", 1: "alias", 2: "alias", 3: "plural"}


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.lists(st.sampled_from("ab"), min_size=10)
)
def test_no_way_leads_from_one_mark_to_another(unions: list[tuple[int, int]], marks: list[str]) -> None:
    """Whatever is joined in whatever order, a cluster has one mark; foes never meet."""
    forest = Forest(marks[:10])
    forest.keep_apart([0], [1])
    for first, second in unions:
        forest.join(first, second, "x")
    for members in forest.clusters().values():
        assert len({marks[member] for member in members}) == 1
        assert not {0, 1} <= set(members)
