"""Sentences: abbreviations end none, glued ones are cut, the title is its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from kg.extract.sentences import split_sentences

CASES = [
    ("Unlike Moss et al. (2021), it wins. We show it.", 2),
    ("OakNet vs. Prior art, e.g. LeafQA, cf. Fig. 3 and Eq. 2. It is good.", 2),
    ("It has approx. 2.5 B. parameters. Trained w.r.t. v1.5 of ConeSet.", 2),
    ("It wins!No space here.New line too.", 3),
    ("We use it. vLLM is faster. iGPT too.", 3),
    ("See Node.js and README.md of kite.", 1),
    ("Is it good? Yes! It is.", 3),
    ("We reach 3.5 points (see Sec. 4). More follows.", 2),
    ("By J. K. Moss and A. Reed. We propose it.", 2),
    ("It works (really.) And more.", 2),
    ("First part.\n\nSecond part", 2),
    ("a broken\nline goes on", 1),
]


@pytest.mark.parametrize(("text", "count"), CASES)
def test_count(text: str, count: int) -> None:
    """How many sentences a text has."""
    spans = split_sentences(text)
    assert len(spans) == count, [text[s:e] for s, e in spans]


def test_title_is_its_own_sentence() -> None:
    """Also without a full stop, also with one inside."""
    text = "Kites vs. Gates. A Study\nWe look at both."
    assert [text[s:e] for s, e in split_sentences(text, 24)][-1] == "We look at both."
    assert split_sentences(text, 24)[-1][0] == 25


def test_links_are_not_cut() -> None:
    """A full stop inside an address ends nothing."""
    text = "Code is at https://kite.example/a.B now. Good."
    assert len(split_sentences(text, 0, [(11, 35)])) == 2


@given(st.text(alphabet="aB1.!? \n()'\"", max_size=120))
def test_sentences_cover_the_text(text: str) -> None:
    """All that is not blank lies in exactly one sentence, in order."""
    spans = split_sentences(text)
    inside = [i for s, e in spans for i in range(s, e)]
    assert inside == sorted(set(inside))
    assert not "".join(c for i, c in enumerate(text) if i not in set(inside)).strip()


def test_tokens_know_their_sentence(rules: Language) -> None:
    """spaCy's own `Doc.sents` gives the same sentences."""
    doc = rules("Kites\nWe propose KiteNet. It wins!No space here.")
    assert [s.text.strip() for s in doc.sents] == ["Kites", "We propose KiteNet.", "It wins!", "No space here."]
