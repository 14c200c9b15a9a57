"""The same papers, in any order and in any number of steps, give the same rows."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.resolve import NoTerms, Resolver
from kg.resolve.keys import digits
from tests.resolve.conftest import Known, Record, Terms, Thing, as_lists, paper, resolve, thing

FORMS = [
    "LKA", "Lattice Kite Attention|LKA", "Linear Key Averaging|LKA", "lattice kite attention", "Kite", "kites", "KITE",
    "Kite-2", "Kite II", "Kite 2.0", "Kite2-7B", "Kite2-72B", "Kite v2", "PondSet", "PondSet dataset", "Pond Set",
    "SAM", "Sharpness-Aware Minimization|SAM", "Segment Anything Model|SAM", "PondNet", "accuracy", "accuracies", ".",
]  # fmt: skip
LEXICON = Terms(
    Known("Kite", "Model", ("Kite", "Kites")),
    Known("Kite 2", "Model", ("Kite-2",), parent="Kite"),
    Known("accuracy", "Metric", ("accuracy", "accuracies"), kind="class"),
    Known("PondSet", "Dataset", ("PondSet", "Pond Set"), ambiguous=("Pond Set",)),
)

things = st.builds(
    lambda type, form, role, score: Thing(
        type, tuple(form.split("|")), tuple(form.split("|")[1:]), role, "", score, 0.9
    ),
    st.sampled_from(["Model", "Method", "Dataset", "Metric", "Task"]),
    st.sampled_from(FORMS),
    st.sampled_from(["introduced", "used", "mentioned", "measured", "evaluated_on"]),
    st.sampled_from([0.3, 0.55, 0.9]),
)


@st.composite
def corpora(draw: st.DrawFn) -> list[Record]:
    """A few papers with a few things and relations."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        some = draw(st.lists(things, min_size=1, max_size=5))
        ends = st.integers(0, len(some) - 1)
        predicates = st.sampled_from(["subclassOf", "comparedWith", "basedOn", "evaluatedOn", "usedFor"])
        relations = draw(st.lists(st.tuples(ends, predicates, ends), max_size=4))
        found.append(paper(f"p{number}", *some, relations=relations))
    return found


@settings(max_examples=60, deadline=None)
@given(corpora(), st.randoms(use_true_random=False), st.sampled_from([0.0, 0.5]))
def test_the_order_of_papers_leaves_no_trace(records: list[Record], chance: random.Random, minimum: float) -> None:
    """Shuffled papers give the same entities, ids, statements, evidence, merges and counts."""
    shuffled = records[:]
    chance.shuffle(shuffled)
    for lexicon in (NoTerms(), LEXICON):
        first = resolve(*records, lexicon=lexicon, min_confidence=minimum)
        assert as_lists(first) == as_lists(resolve(*shuffled, lexicon=lexicon, min_confidence=minimum))


@settings(max_examples=60, deadline=None)
@given(corpora())
def test_what_always_holds(records: list[Record]) -> None:
    """Ids are unique and resolve, one role a paper and entity, one row a merge, numbers keep apart, all is sorted."""
    graph = resolve(*records, lexicon=LEXICON)
    ids = [entity.id for entity in graph.entities]
    assert ids == sorted(set(ids))
    names = {entity.id: entity.name for entity in graph.entities}
    assert {mention.entity for mention in graph.mentions} == set(ids)
    texts = {text.id: text.text for text, _ in records}
    for mention in graph.mentions:
        assert texts[mention.paper][mention.start : mention.end] == mention.form
    roles = [(s.subject, s.object) for s in graph.statements if s.subject in texts]
    assert len(roles) == len(set(roles)) == sum(entity.papers for entity in graph.entities)
    assert {s.object for s in graph.statements} | {s.subject for s in graph.statements} <= set(ids) | set(texts)
    evidence = [row.about for row in graph.evidence]
    assert set(evidence) == {s.id for s in graph.statements}
    assert len({row.id for row in graph.evidence}) == len(evidence)
    for row in graph.merges:
        assert digits(row.form) == digits(names[row.entity]) or row.reason.startswith("version written differently")
        assert row.form in {m.form for m in graph.mentions if m.entity == row.entity}
    explained = {(row.entity, row.form) for row in graph.merges}
    for mention in graph.mentions:
        assert mention.form == names[mention.entity] or (mention.entity, mention.form) in explained
    orders = {
        "mentions": [(m.paper, m.start, m.end, m.entity) for m in graph.mentions],
        "statements": [(s.predicate, s.subject, s.object, s.negated) for s in graph.statements],
        "evidence": [(e.about, e.paper, e.start) for e in graph.evidence],
        "merges": [(m.entity, m.form, m.type) for m in graph.merges],
    }
    for order in orders.values():
        assert order == sorted(order)


def test_the_papers_are_asked_for_twice_and_the_rows_can_be_read_again() -> None:
    """Each pass gets a fresh iterator; what comes out is a sequence."""
    calls = []

    def papers() -> Iterator[Record]:
        calls.append(1)
        return iter([paper("a", thing("Model", "KiteNet")), paper("b", thing("Model", "Kite-Net"))])

    graph = Resolver(NoTerms()).resolve(papers)
    assert len(calls) == 2
    assert list(graph.mentions) == list(graph.mentions)
    assert len(graph.mentions) == 2
    assert graph.mentions[-1] == graph.mentions[1]
    assert graph.mentions[0:1] == (graph.mentions[0],)
    with pytest.raises(IndexError):
        graph.mentions[2]


def test_no_paper_gives_an_empty_graph() -> None:
    """Nothing in, nothing out."""
    assert all(not rows for name, rows in as_lists(resolve()).items() if name != "counts")
    assert not list(resolve(paper("a")).entities)


def test_what_only_one_paper_knew_goes_with_it() -> None:
    """An expansion that only a removed paper gave is gone; what the other says stays."""
    a = paper("a", thing("Method", "Lattice Kite Attention|LKA", role="introduced"), thing("Method", "Kite Attention"))
    b = paper(
        "b", thing("Method", "LKA"), thing("Method", "Kite Attention"), thing("Dataset", "PondSet"),
        thing("Method", "LKA-Lite"), relations=[(0, "outperforms", 1)],
    )  # fmt: skip
    both, alone = resolve(a, b), resolve(b)
    assert "method/lattice-kite-attention" in {entity.id for entity in both.entities}
    assert len([e for e in both.entities if "LKA" in (e.name, *e.aliases)]) == 1
    left = {entity.id: entity for entity in alone.entities}
    assert left["method/lka"].aliases == ()
    assert {(s.subject, s.predicate, s.object) for s in alone.statements} >= {
        ("method/lka", "outperforms", "method/kite-attention"),
        ("method/lka-lite", "subclassOf", "method/lka"),
    }
    assert {row.paper for row in alone.evidence} == {"b"}
