"""Relations, roles and results become statements, evidence and results."""

from __future__ import annotations

import pytest

from kg.model import DocResult
from kg.resolve.cycles import weakest_edges
from tests.resolve.conftest import paper, resolve, thing, with_results


def statement(graph, predicate):
    """The one statement with that predicate."""
    (found,) = [s for s in graph.statements if s.predicate == predicate]
    return found


def test_confidence_grows_with_papers_but_not_with_repetition() -> None:
    """Noisy-or over papers, the best place of each, four decimals, never certain."""
    a = paper(
        "a",
        thing("Method", "KitA"),
        thing("Method", "KitB"),
        relations=[(0, "basedOn", 1, 0.6), (0, "basedOn", 1, 0.2)],
    )
    b = paper("b", thing("Method", "KitA"), thing("Method", "KitB"), relations=[(0, "basedOn", 1, 0.5)])
    one, two = statement(resolve(a), "basedOn"), statement(resolve(a, b), "basedOn")
    assert (one.confidence, one.support) == (0.6, 1)
    assert (two.confidence, two.support) == (0.8, 2)
    assert one.id == two.id
    many = [
        paper(f"p{i}", *[thing("Method", "KitA"), thing("Method", "KitB")], relations=[(0, "basedOn", 1, 1.0)])
        for i in range(30)
    ]
    assert statement(resolve(*many), "basedOn").confidence == 0.9999


def test_each_place_is_evidence_and_equal_places_are_one() -> None:
    """Evidence has both ends and the sentence; of two equal rows the surer stays."""
    record = paper(
        "a",
        thing("Method", "KitA"),
        thing("Method", "KitB"),
        relations=[(0, "basedOn", 1, 0.6), (0, "basedOn", 1, 0.2)],
    )
    graph = resolve(record)
    (row,) = [row for row in graph.evidence if row.about == statement(graph, "basedOn").id]
    text = record[0].text
    assert row.score == 0.6
    assert text[row.subject_start : row.subject_end] == "KitA"
    assert text[row.object_start : row.object_end] == "KitB"
    assert (row.start, row.end, row.extractor, row.paper) == (0, len(text), "hand", "a")


def test_a_denial_is_a_statement_of_its_own() -> None:
    """Negated and asserted stand side by side with different ids."""
    graph = resolve(
        paper("a", thing("Method", "KitA"), thing("Method", "KitB"), relations=[(0, "outperforms", 1)]),
        paper("b", thing("Method", "KitA"), thing("Method", "KitB"), relations=[(0, "outperforms", 1, 0.7, True)]),
    )
    found = [s for s in graph.statements if s.predicate == "outperforms"]
    assert [s.negated for s in found] == [False, True]
    assert len({s.id for s in found}) == 2


def test_a_comparison_has_one_direction() -> None:
    """comparedWith is symmetric: one statement, the ends and their places swapped together."""
    graph = resolve(
        paper("a", thing("Method", "Zeta"), thing("Method", "Beta"), relations=[(0, "comparedWith", 1)]),
        paper("b", thing("Method", "Beta"), thing("Method", "Zeta"), relations=[(0, "comparedWith", 1)]),
    )
    found = statement(graph, "comparedWith")
    assert (found.subject, found.object, found.support) == ("method/beta", "method/zeta", 2)
    for row in graph.evidence:
        if row.about == found.id:
            places = (row.subject_start < row.object_start, row.paper)
            assert places in {(False, "a"), (True, "b")}


@pytest.mark.parametrize(
    ("relation", "count"),
    [
        ((0, "trainedOn", 1), "dropped: domain or range"),
        ((0, "basedOn", 2), "dropped: self-loop"),
        ((1, "usedFor", 0), "dropped: domain or range"),
    ],
)
def test_what_breaks_the_vocabulary_is_dropped_and_counted(relation: tuple[int, str, int], count: str) -> None:
    """A wrong type at an end, or one thing at both."""
    graph = resolve(
        paper("a", thing("Method", "KitA"), thing("Metric", "accuracy"), thing("Method", "Kit-A"), relations=[relation])
    )
    assert graph.counts[count] == 1
    assert {s.predicate for s in graph.statements} == {"mentions"}


def test_a_relation_whose_type_was_voted_down_is_dropped() -> None:
    """The settled type decides what an end may be."""
    graph = resolve(
        paper("a", thing("Method", "KitA"), thing("Task", "kite routing", score=0.5), relations=[(0, "usedFor", 1)]),
        paper("b", thing("Method", "kite routing")),
    )
    assert graph.counts["dropped: domain or range"] == 1


def test_one_role_a_paper_and_entity_the_first_that_fits() -> None:
    """Two entities of a paper that become one keep the stronger role and the place of its best mention."""
    record = paper(
        "a",
        thing("Method", "KitA", role="mentioned", score=0.99),
        thing("Method", "Kit-A", role="introduced", score=0.8, role_score=0.5),
    )
    graph = resolve(record)
    role = statement(graph, "introduces")
    assert len(graph.statements) == 1
    assert (role.subject, role.object, role.confidence, role.support) == ("a", "method/kit-a", 0.4, 1)
    (row,) = graph.evidence
    assert record[0].text[row.object_start : row.object_end] == "Kit-A"
    assert (row.subject_start, row.subject_end) == (None, None)
    assert record[0].text[row.start : row.end].startswith("It has Kit-A")
    assert graph.entities[0].papers == 1


def test_a_role_that_the_type_forbids_becomes_a_mention() -> None:
    """A data set that turns out to be a method is not evaluated on."""
    graph = resolve(
        paper("a", thing("Dataset", "Kitus", role="evaluated_on", score=0.4)),
        paper("b", thing("Method", "Kitus")),
        paper("c", thing("Method", "Kitus")),
    )
    assert {s.predicate for s in graph.statements} == {"mentions"}
    assert graph.counts["roles changed to mentions"] == 1


def test_cycles_of_families_lose_their_weakest_edge() -> None:
    """subclassOf is an order; other predicates may run in circles."""
    relations = [
        (0, "subclassOf", 1, 0.9),
        (1, "subclassOf", 2, 0.8),
        (2, "subclassOf", 0, 0.3),
        (0, "basedOn", 1),
        (1, "basedOn", 0),
    ]
    graph = resolve(paper("a", *[thing("Method", f"Kit{x}") for x in "ABC"], relations=relations))
    pairs = [(s.subject, s.object) for s in graph.statements if s.predicate == "subclassOf"]
    assert pairs == [("method/kita", "method/kitb"), ("method/kitb", "method/kitc")]
    assert graph.counts["dropped: cycle"] == 1
    assert {entity.id: entity.parents for entity in graph.entities}["method/kita"] == ("method/kitb",)
    assert len([s for s in graph.statements if s.predicate == "basedOn"]) == 2


def test_a_long_cycle_needs_no_stack() -> None:
    """Ten thousand nodes in a ring, and two rings that share a node."""
    ring = {(i, (i + 1) % 10_000): (10 + (i != 77), 1) for i in range(10_000)}
    assert weakest_edges(ring) == {(77, 78)}
    eight = {(0, 1): (5, 1), (1, 0): (4, 1), (1, 2): (3, 1), (2, 1): (9, 1), (5, 5): (1, 1)}
    assert weakest_edges(eight) == {(1, 2), (1, 0), (5, 5)}
    assert weakest_edges({(0, 1): (1, 1), (1, 2): (1, 1), (0, 2): (1, 1)}) == set()


def test_what_is_too_unsure_is_left_out() -> None:
    """Entities of a paper, results and statements below the minimum; two unsure papers together may be sure enough."""
    record = [
        paper(
            id,
            thing("Method", "KitA"),
            thing("Method", "KitB"),
            thing("Method", "KitC", score=0.2),
            relations=[(0, "basedOn", 1, 0.4)],
        )
        for id in "ab"
    ]
    assert not [s for s in resolve(record[0], min_confidence=0.5).statements if s.predicate == "basedOn"]
    graph = resolve(*record, min_confidence=0.5)
    assert statement(graph, "basedOn").confidence == 0.64
    assert {entity.name for entity in graph.entities} == {"KitA", "KitB"}
    unsure = paper("c", thing("Method", "KitA", role="introduced", role_score=0.3))
    assert {s.predicate for s in resolve(unsure, min_confidence=0.5).statements} == {"mentions"}


def result(**more: object) -> DocResult:
    """A result of the first entity."""
    fields: dict[str, object] = {
        "subject": 0, "metric": 1, "dataset": 2, "baseline": None, "value": "92.50", "start": 5, "end": 10,
        "evidence": (0, 30), "mode": "absolute", "low": 92.5, "high": 92.5, "unit": "", "higher_is_better": True,
        "extractor": "hand", "score": 0.7,
    }  # fmt: skip
    return DocResult(**(fields | more))  # type: ignore[arg-type]


def test_results_carry_entities_and_their_clause() -> None:
    """Ids in place of numbers; an end of another type, or a baseline that is the subject, is left out and counted."""
    record = paper(
        "a",
        thing("Model", "KiteNet"),
        thing("Metric", "accuracy"),
        thing("Dataset", "PondSet"),
        thing("Model", "Kite-Net"),
    )
    graph = resolve(with_results(record, result(), result(metric=2, dataset=1, start=6), result(baseline=3, start=7)))
    rows = sorted(graph.results, key=lambda row: (row.metric is None, row.baseline or "", row.id))
    assert (rows[0].subject, rows[0].metric, rows[0].dataset, rows[0].value) == (
        "model/kite-net", "metric/accuracy", "dataset/pondset", "92.50",
    )  # fmt: skip
    assert (rows[-1].metric, rows[-1].dataset) == (None, None)
    assert all(row.baseline is None for row in rows)
    assert graph.counts["dropped: end of a result"] == 3
    about = {row.about: row for row in graph.evidence}
    evidence = about[rows[0].id]
    assert (evidence.start, evidence.end, evidence.object_end) == (0, 30, 10)
    assert evidence.object_start in {5, 7}
    assert record[0].text[evidence.subject_start : evidence.subject_end] == "KiteNet"
    assert len({row.id for row in rows}) == 3
    assert not resolve(with_results(record, result()), min_confidence=0.8).results


def test_links_belong_to_what_their_paper_introduces() -> None:
    """Verbatim, sorted, once; not to what it only uses."""
    graph = resolve(
        paper(
            "a",
            thing("Method", "KitA", role="introduced"),
            thing("Method", "KitB", role="used"),
            links=("https://b.example/x", "https://a.example"),
        ),
        paper("b", thing("Method", "KitB", role="introduced"), links=()),
    )
    assert {entity.name: entity.links for entity in graph.entities} == {
        "KitA": ("https://a.example", "https://b.example/x"), "KitB": (),
    }  # fmt: skip
