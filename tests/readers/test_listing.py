"""Saved Hugging Face listings: every layout gives the same papers, and nothing of the page becomes text."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.readers.conftest import Records, notices, papers, rejects

Read = Callable[..., Records]

PAPERS = [
    (
        "RushNet: Reading Reeds at Scale",
        "Reeds are hard to read. We propose RushNet, a model for reed detection that needs no labels and trains in "
        "an hour. On MarshSet it reaches 71.0 mAP, 3.2times faster than SedgeNet. Code: https://github.com/x/rush .",
    ),
    (
        "A Note on Sedge",
        "We study SedgeNet, a well known model, and find that it learns little from its second stage. It "
        "gains 2.1\\% at most.",
    ),
    (
        "μReed: 1/2 Bit Reeds?",
        "Quantization to half a bit is possible. We introduce \\tool and reach mathcal{O}(n) cost with 2{3} of the "
        "memory on MarshSet and on FenSet, which are the two public collections. No accuracy is lost.",
    ),
]
NEWS = "Get trending papers in your email inbox"
HEADS = {
    "own lines": f"new\n\n{NEWS}!\n\nSubscribe\n\nbyAK and the research community\n\nMar 12\n\n",
    "own lines, daily": f"new\n\n{NEWS}!\n\nSubscribe\n\nDaily Papers\n\nbyAK and the research community\n\nDec 12\n\n",
    "glued": f"{NEWS} once a day!\n{NEWS}!\nSubscribe",
    "glued alone": "Subscribe",
    "an unknown line among them": "new\n\nTrending on the web\n\nSubscribe\n\nMar 12\n\n",
}
TAILS = {"nothing": "", "authors and date": "  • 3 authors\n·\nSep 9\n", "one line": "• 12 authors · Feb 8, 2024 1\n"}


def listing(head: str, tail: str, blank: bool, end: str = "\n") -> str:
    parts = [part for title, abstract in PAPERS for part in (title, abstract, tail.rstrip("\n")) if part]
    return (head + ("\n\n" if blank else "\n").join(parts) + "\n").replace("\n", end)


@pytest.mark.parametrize("blank", [True, False], ids=["blank lines", "no blank lines"])
@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_every_layout_gives_the_same_papers(read: Read, head: str, tail: str, blank: bool, end: str) -> None:
    records = read(listing(HEADS[head], TAILS[tail], blank, end))
    assert [(p.title, p.abstract) for p in papers(records)] == PAPERS
    assert len(records) == len(PAPERS)
    assert [p.sources for p in papers(records)] == [("source#1",), ("source#2",), ("source#3",)]


def test_a_paper_without_authors_and_date_between_others_is_one(read: Read) -> None:
    text = HEADS["own lines"] + "\n\n".join(
        [*PAPERS[0], "• 1 author\n·\nMay 7", *PAPERS[1], *PAPERS[2], "• 9 authors\n·\nApr 2 6"]
    )
    assert [(p.title, p.date) for p in papers(read(text))] == [
        (PAPERS[0][0], "--05-07"),
        (PAPERS[1][0], ""),
        (PAPERS[2][0], "--04-02"),
    ]


@pytest.mark.parametrize("separator", ["\n", "\n\n"])
def test_an_abstract_may_run_over_several_lines(read: Read, separator: str) -> None:
    first, second = PAPERS[0][1].split(" On MarshSet ")
    more = f"On MarshSet {second} " + "It holds for every reed that we tried, in all seasons and in any weather. " * 2
    text = HEADS["own lines"] + "\n\n".join([PAPERS[0][0], f"{first}{separator}{more.strip()}", *PAPERS[1], *PAPERS[2]])
    found = papers(read(text))
    assert [p.title for p in found] == [title for title, _ in PAPERS]
    assert found[0].abstract == f"{first}\n{more.strip()}"


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Subscriber Churn in Marshes", "Subscriber Churn in Marshes"),
        ("Subscribed Reeds", "Subscribed Reeds"),
        ("SubscribeSubscriber Churn in Marshes", "Subscriber Churn in Marshes"),
        ("SubscribepReed: Personal Reeds", "pReed: Personal Reeds"),
        ("Subscribe$\\mu$Reed", "$\\mu$Reed"),
    ],
)
def test_only_the_glued_button_is_cut_from_a_title(read: Read, title: str, kept: str) -> None:
    head = "Get trending papers in your email inbox!\n"
    [paper] = papers(read(head + title + "\n" + PAPERS[0][1]))
    assert paper.title == kept


def test_a_title_that_begins_like_the_button_is_whole_below_the_button(read: Read) -> None:
    [paper] = papers(read("Subscribe\n\nSubscribeNet\n\n" + PAPERS[0][1]))
    assert paper.title == "SubscribeNet"


def test_the_foot_of_the_page_is_no_text(read: Read) -> None:
    foot = "\n\nPrevious\n\n1\n2\n3\n...\n100\nNext\n\nCompany\n\n© Hugging Face\n\nTOS\nPrivacy\n"
    assert [(p.title, p.abstract) for p in papers(read(listing(HEADS["own lines"], "", True) + foot))] == PAPERS


def test_counts_above_and_below_a_paper_are_no_text(read: Read) -> None:
    parts = ["12\n\n" + PAPERS[0][0], PAPERS[0][1], "• 3 authors\n·\nMay 7\n\n4\n\n1.2k", *PAPERS[1], "7", *PAPERS[2]]
    assert [(p.title, p.abstract) for p in papers(read(HEADS["own lines"] + "\n\n".join(parts)))] == PAPERS


def test_a_title_without_an_abstract_is_rejected_and_counted(read: Read) -> None:
    parts = [*PAPERS[0], "• 3 authors\n·\nMay 7", PAPERS[1][0], "• 3 authors\n·\nMay 7", *PAPERS[2]]
    records = read(HEADS["own lines"] + "\n\n".join(parts))
    assert [p.title for p in papers(records)] == [PAPERS[0][0], PAPERS[2][0]]
    [rejected] = rejects(records)
    assert rejected.record == "2"
    assert rejected.reason.startswith("abstract: missing")


@pytest.mark.parametrize("line", ["Feb 30", "Jun 31 4", "Feb 29, 2023", "Mar 123"])
def test_an_impossible_day_is_no_date_and_is_reported(read: Read, line: str) -> None:
    records = read(HEADS["own lines"] + "\n\n".join([*PAPERS[0], f"• 3 authors\n·\n{line}", *PAPERS[1]]))
    assert [(p.title, p.date) for p in papers(records)] == [(PAPERS[0][0], ""), (PAPERS[1][0], "")]
    assert [notice.record for notice in notices(records)] == ["1"]


@pytest.mark.parametrize(
    ("page", "line", "other", "date"),
    [
        ("Dec 12", "Sep 9", "Dec 23, 2024", "--09-09"),
        ("Dec 12, 2025", "Sep 9", "Dec 23, 2024", "2025-09-09"),
        ("Mar 12, 2025", "Sep 9", "Dec 23, 2024", "--09-09"),
        ("Dec 12, 2025", "Sep 9", "Jan 2, 2025", "--09-09"),  # this page writes its own year too
        ("Dec 12", "Feb 29", "Dec 23, 2024", "--02-29"),
    ],
)
def test_a_year_is_taken_from_the_page_only_where_that_is_certain(
    read: Read, page: str, line: str, other: str, date: str
) -> None:
    head = f"new\n\nSubscribe\n\nDaily Papers\n\n{page}\n\n"
    tails = [f"• 3 authors\n·\n{when}" for when in (line, other)]
    assert papers(read(head + "\n\n".join([*PAPERS[0], tails[0], *PAPERS[1], tails[1]])))[0].date == date


def test_ids_come_from_the_content_alone(read: Read) -> None:
    one = papers(read(listing(HEADS["own lines"], TAILS["authors and date"], True)))
    other = papers(
        read(
            listing(HEADS["glued"], "• 9 authors\n·\nDec 1, 2023 44\n", False).replace(
                "github.com", "git.proxy.example"
            )
        )
    )
    assert [p.id for p in one] == [p.id for p in other]
    assert len({p.id for p in one}) == 3
    assert all(p.source_ids == (p.id,) for p in one)


def test_ids_of_different_papers_differ(read: Read) -> None:
    text = HEADS["own lines"]
    for title, number in itertools.product(["Reeds", "Sedges"], [1, 2]):
        text += f"{title}\n\nWe count {number} of them in a long study of marshes, fens and bogs. It took years.\n\n"
    assert len({p.id for p in papers(read(text))}) == 4


@pytest.mark.parametrize(
    "content",
    [
        "RushNet\nWe propose RushNet. It is a model.\n",
        "Title: RushNet\nAbstract: We propose RushNet, a model.\n\nTitle: B\nAbstract: It is good.\n",
        "# Reeds\n\nSome markdown with a list.\n\n- one\n- two\n",
        "@article{reed, title={Reeds}}",
        "<?xml version='1.0'?><feed></feed>",
        "<!DOCTYPE html><html><head><title>Daily Papers</title></head></html>",
        "id,title,abstract\n1,Reeds,We propose\n",
        "TY  - JOUR\nTI  - Reeds\n",
    ],
)
def test_a_layout_never_seen_says_what_was_expected_and_seen(read: Read, content: str) -> None:
    [rejected] = read(content)
    assert isinstance(rejected, type(rejects([rejected])[0]))
    assert rejected.record == ""
    assert "expected JSON Lines" in rejected.reason
    assert "Hugging Face listing" in rejected.reason
    assert "saw " in rejected.reason


@pytest.mark.parametrize(
    "body",
    [
        "\n".join(f"{title}\nAda Reed, Bo Moss, Ida Fern\n{abstract}" for title, abstract in PAPERS),
        "\n".join(title for title, _ in PAPERS),
        "\n".join(abstract * 3 for _, abstract in PAPERS),
        "",
    ],
    ids=["with names", "titles alone", "abstracts alone", "nothing"],
)
def test_a_listing_of_another_layout_is_an_error_and_not_papers(read: Read, body: str) -> None:
    [rejected] = rejects(read(HEADS["own lines"] + body))
    assert rejected.record == ""


@pytest.mark.parametrize("second", [name for name, head in HEADS.items() if NEWS in head])
@pytest.mark.parametrize("first", HEADS)
def test_joined_pages_are_read_one_by_one(read: Read, first: str, second: str) -> None:
    pages = [listing(HEADS[head], "• 3 authors\n·\nSep 9", True) for head in (first, second)]
    found = papers(read("\n".join(pages)))
    assert [(p.title, p.abstract) for p in found] == [*PAPERS, *PAPERS]
    assert {p.date for p in found} == {"--09-09"}


def test_the_format_can_be_forced(read: Read) -> None:
    text = "\n\n".join(part for paper in PAPERS for part in paper)
    assert [(p.title, p.abstract) for p in papers(read(text, format="listing"))] == PAPERS
