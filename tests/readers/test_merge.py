"""Which records are one paper: order does not matter, nothing is lost, every id is unique."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Paper
from kg.readers import MergeOutcome, merge_papers

WORDS = (
    "the marsh holds reeds of many kinds and every model that we know confuses them in spring because young leaves "
    "look alike so we train a network on pictures of roots which nobody has done before and measure accuracy on three "
    "public sets where it wins by a wide margin over all earlier work at half of the cost"
)


def paper(identifier: str = "a", title: str = "Reed Nets", abstract: str = WORDS, **fields: object) -> Paper:
    given_ids = (identifier, *fields.pop("ids", ()))  # type: ignore[misc]
    made = Paper(identifier, title, abstract, sources=(f"f#{identifier}",), source_ids=given_ids)
    return replace(made, **fields)  # type: ignore[arg-type]


def one(*papers: Paper) -> Paper:
    outcome = check(papers)
    assert len(outcome.papers) == 1
    return outcome.papers[0]


def two(*papers: Paper) -> MergeOutcome:
    outcome = check(papers)
    assert len(outcome.papers) == 2
    return outcome


def check(papers: Sequence[Paper]) -> MergeOutcome:
    """What holds of every outcome."""
    outcome = merge_papers(papers)
    for seed in range(3):
        shuffled = list(papers)
        random.Random(seed).shuffle(shuffled)
        assert merge_papers(shuffled) == outcome
    ids = [p.id for p in outcome.papers]
    assert ids == sorted(set(ids))
    assert outcome.records == len(papers) == len(outcome.papers) + outcome.duplicates
    assert {s for p in papers for s in p.sources} == {s for p in outcome.papers for s in p.sources}
    assert {i for p in papers for i in p.source_ids} == {i for p in outcome.papers for i in p.source_ids}
    return outcome


def test_same_id_and_same_title_is_one_paper_with_all_sources() -> None:
    found = one(
        paper(title="Reed-Nets", sources=("x#1",), authors=("A", "B"), urls=("http://b",)),
        paper(title="reed  nets", sources=("y#7",), authors=("A",), venue="V", urls=("http://a",), date="2024"),
        paper(title="$\\mathbb{R}$", sources=("z#1",), id="b", source_ids=("b",))
        if False
        else paper(title="Reed nets."),
    )
    assert found.id == "a"
    assert found.sources == ("f#a", "x#1", "y#7")
    assert (found.authors, found.venue, found.urls) == (("A", "B"), "V", ("http://a", "http://b"))


@pytest.mark.parametrize(
    ("texts", "chosen"),
    [
        ({"old": "2023-01-05", "newer": "2024"}, "newer"),
        (
            {"a long old text": "2023", "new": "2023-01-01"},
            "a long old text",
        ),  # the same year: which is older is not known
        ({"no date": "", "dated but short": "2024"}, "dated but short"),
        ({"no date but longer than": "", "dated": "2024"}, "no date but longer than"),
        ({"aa": "", "ab": ""}, "aa"),
        ({"longer": "", "ab": ""}, "longer"),
        ({"month and day": "--12-31", "b": "--01-01"}, "month and day"),
    ],
)
def test_the_text_is_that_of_the_latest_version_else_the_longer_else_the_lesser(
    texts: dict[str, str], chosen: str
) -> None:
    precision = {0: "", 4: "year", 7: "month-day", 10: "day"}
    papers = [paper(abstract=t, date=d, date_precision=precision[len(d)], sources=(t,)) for t, d in texts.items()]
    assert one(*papers).abstract == chosen


def test_a_higher_version_counts_as_later() -> None:
    first = paper("x", ids=("arxiv:2401.00010v2",), abstract=f"{WORDS} and much more of it in the end")
    assert one(first, paper("y", ids=("arxiv:2401.00010v10",), date="2020")).abstract == WORDS


def test_the_date_is_the_most_precise_of_those_not_older() -> None:
    found = one(paper(date="2024", date_precision="year"), paper(date="2024-03", date_precision="month", abstract="x"))
    assert (found.date, found.date_precision) == ("2024-03", "month")
    found = one(paper(date="--03-02", date_precision="month-day"), paper(date="2024", date_precision="year"))
    assert (found.date, found.date_precision) == ("2024", "year")


def test_same_id_and_another_title_keeps_both_under_own_ids() -> None:
    outcome = two(paper(title="Reeds"), paper(title="Sedges"), paper(title="reeds"))
    assert outcome.conflicts == 1
    for found in outcome.papers:
        assert found.id.startswith("a~")
        assert len(found.id) == 10
        assert found.source_ids == ("a",)
    assert {p.id for p in outcome.papers} == {
        p.id for p in merge_papers([paper(title="Sedges"), paper(title="Reeds")]).papers
    }


def test_ids_in_conflict_stay_short() -> None:
    assert all(len(p.id) <= 200 for p in two(paper("x" * 200), paper("x" * 200, "Sedges", "another text")).papers)


def test_an_id_that_a_conflict_would_make_is_still_unique() -> None:
    first, second = two(paper(title="Reeds", abstract="x"), paper(title="Sedges", abstract="y")).papers
    again = [
        paper(title="Reeds", abstract="x"),
        paper(title="Sedges", abstract="y"),
        paper(first.id, first.title, "longer"),
    ]
    assert len(check(again).papers) == 2
    check([*again, paper(second.id, "Another Title", "z")])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("x", "arxiv:2401.00010v1"), ("y", "arxiv:2401.00010v3")),
        (("2401.00010", ""), ("http://arxiv.org/abs/2401.00010v2", "")),
        (("x", "doi:10.48550/arxiv.2401.00010"), ("arXiv:2401.00010", "")),
    ],
)
def test_the_same_arxiv_id_is_one_paper_under_any_title(left: tuple[str, str], right: tuple[str, str]) -> None:
    papers = [paper(i, title, title, ids=(o,) if o else ()) for (i, o), title in zip((left, right), "AB", strict=True)]
    found = one(*papers)
    assert set(found.source_ids) >= {left[0], right[0]}


def test_the_same_doi_is_one_paper_where_title_or_abstract_are_similar() -> None:
    doi = ("doi:10.5555/x",)
    assert one(paper("x", "Reed Nets", "a", ids=doi), paper("y", "Reed Nets: Extended", "b", ids=doi)).id == "x"
    assert one(paper("x", "Reeds", ids=doi), paper("y", "Something Else", f"{WORDS} too", ids=doi)).id == "x"
    two(paper("x", "Preface", "On reeds.", ids=doi), paper("y", "Index", "Of sedges.", ids=doi))  # a volume's DOI


def test_titles_and_abstracts_alike_are_one_paper() -> None:
    assert one(paper("x", "H$_2$O: Reeds"), paper("y", "H2O: reeds")).id == "x"
    assert (
        one(paper("x"), paper("y", abstract=WORDS.replace("many", "several").replace("spring", "autumn") + " today")).id
        == "x"
    )
    assert one(paper("x"), paper("y", abstract=" ".join(WORDS.split()[:45]))).abstract == WORDS
    assert one(paper("x", abstract="Short."), paper("y", abstract="short")).id == "x"
    assert one(paper("x", title="", abstract=f"Reed Nets\n{WORDS}"), paper("y")).title == "Reed Nets"


def test_one_title_alone_does_not_make_one_paper() -> None:
    two(paper("x"), paper("y", abstract=" ".join(WORDS.split()[::-1])))
    two(
        paper("x", abstract="We propose ReedOne, a model, on PondSet."),
        paper("y", abstract="We propose ReedTwo, a model, on PondSet."),
    )
    two(paper("x", title="Part I"), paper("y", title="Part II"))
    two(paper("x", title="Reeds"), paper("y", title="Sedges"))


def test_an_id_of_a_source_goes_before_one_made_from_content() -> None:
    found = one(paper("hf-0123456789abcdef"), paper("zzz"), paper("yyy"))
    assert found.id == "yyy"
    assert found.source_ids == ("hf-0123456789abcdef", "yyy", "zzz")


def test_papers_in_conflict_are_still_found_under_other_ids() -> None:
    outcome = two(paper("a", "Reeds"), paper("a", "Sedges", "quite another text"), paper("b", "Reeds"))
    assert [p.id for p in outcome.papers if p.title == "Reeds"] == ["b"]


def test_nothing_in_nothing_out() -> None:
    assert merge_papers([]) == MergeOutcome((), 0, 0, 0)


ids = st.sampled_from(["a", "b", "hf-0123456789abcdef", "2401.00010", "a~12345678", ""])
titles = st.sampled_from(["", "Reeds", "reeds!", "Sedges", "***", "Reeds\nof the marsh"])
abstracts = st.sampled_from(
    [WORDS, WORDS + " more", "Reeds\n" + WORDS, "short", "other", " ".join(WORDS.split()[::-1])]
)
dates = st.sampled_from(
    [("", ""), ("2024", "year"), ("2024-03", "month"), ("2023-01-02", "day"), ("--02-29", "month-day")]
)
others = st.lists(st.sampled_from(["doi:10.5555/x", "arxiv:2401.00010v2", "arxiv:2401.00011"]), max_size=2, unique=True)


@st.composite
def many_papers(draw: st.DrawFn) -> list[Paper]:
    rows = draw(st.lists(st.tuples(ids, titles, abstracts, dates, others), max_size=9))
    return [
        Paper(i, t, a, d[0], d[1], sources=(f"f#{n}",), source_ids=(i, *o), venue=str(n % 2))
        for n, (i, t, a, d, o) in enumerate(rows)
    ]


@settings(deadline=None)  # other work on the machine is no fault
@given(many_papers())
def test_any_records_in_any_order_give_one_outcome(papers: list[Paper]) -> None:
    check(papers)


@pytest.mark.parametrize("kind", ["one id", "one title", "one text", "one DOI", "all different"])
def test_time_stays_near_linear_for_many_records(kind: str) -> None:
    def make(number: int) -> Paper:
        identifier = "a" if kind == "one id" else f"i{number}"
        title = "Editorial" if kind in ("one id", "one title") else f"Reeds {number}"
        abstract = WORDS if kind == "one text" else f"{number} {WORDS} {number}"
        return paper(identifier, title, abstract, ids=("doi:10.5555/v",) if kind == "one DOI" else ())

    papers = [make(number) for number in range(4000)]
    start = time.process_time()
    outcome = merge_papers(papers)
    assert time.process_time() - start < 6
    assert outcome.records == 4000
