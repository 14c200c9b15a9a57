"""Kinds of faults that users of like software met, from the text on: what `test_cases.py` asks of resolution alone."""

from __future__ import annotations

import pytest
from spacy.language import Language

from kg.extract import extract_text, load_pipeline
from kg.extract.lexicon import Lexicon
from kg.model import Paper
from kg.resolve import Resolution, Resolver, reasons
from kg.resolve.keys import digits

SENTENCES = "We evaluate {0}, a model, on PondSet. Compared with larger models, {0} reaches an accuracy of 81.2%."


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


def graph_of(nlp: Language, *texts: tuple[str, str]) -> Resolution:
    """The graph of papers "p0", "p1" … given by title and abstract."""
    papers = [Paper(f"p{number}", *text) for number, text in enumerate(texts)]
    records = [(paper, extract_text(nlp, paper)) for paper in papers]
    return Resolver(Lexicon.load()).resolve(lambda: iter(records))


def entity(graph: Resolution, paper: str, form: str) -> str:
    """The entity that a form stands for in a paper."""
    found = {row.entity for row in graph.mentions if (row.paper, row.form) == (paper, form)}
    assert len(found) == 1, (paper, form, found)
    return found.pop()


def test_numbers_keep_apart_and_spellings_do_not(nlp: Language) -> None:
    """Sizes, versions, years and layers: one entity for each number, whatever stands before it."""
    graph = graph_of(
        nlp,
        (
            "Kites",
            "We compare HeronLM-1603, HeronLM-1605, Heron2-7B, Heron2-72B, AlderBERT-v2, AlderBERT-v3 and PondNet-50 "
            "on WMT14, WMT15, CIFAR-10 and CIFAR-100.",
        ),
        (
            "Ponds",
            "We train PondNet50 and PondNet-101 on images. The models AlderBERT v2 and Heron2 7B are trained on WMT'14 "
            "and evaluated on WMT-15.",
        ),
    )
    for first, second in [("PondNet-50", "PondNet50"), ("AlderBERT-v2", "AlderBERT v2"), ("WMT14", "WMT'14")]:
        assert entity(graph, "p0", first) == entity(graph, "p1", second)
    names = {row.id: row.name for row in graph.entities}
    parents = {row.name: {names[id] for id in row.parents} for row in graph.entities}
    assert all(digits(row.form) == digits(names[row.entity]) for row in graph.merges)
    assert parents["HeronLM-1603"] == parents["HeronLM-1605"] == {"HeronLM"}
    assert parents["CIFAR-10"] == parents["CIFAR-100"] == {"CIFAR"}
    assert parents["PondNet-101"] == {"PondNet"}


@pytest.mark.parametrize(
    ("forms", "digits_differ"),
    [(("Heron 2.0", "Heron 2"), True), (("Heron III", "Heron 3"), True), (("HeronNet-50", "HeronNet50"), False)],
)
def test_equal_versions_are_merged_and_say_why(forms: tuple[str, str], digits_differ: bool, nlp: Language) -> None:
    """The row of a form with other digits than the name has its own reason."""
    graph = graph_of(nlp, *[("Birds", SENTENCES.format(form)) for form in forms])
    assert entity(graph, "p0", forms[0]) == entity(graph, "p1", forms[1])
    rows = [row.reason for row in graph.merges if row.form in forms]
    assert (rows == [reasons.VERSION]) is digits_differ


@pytest.mark.parametrize(
    "forms",
    [
        ("na\u00efve Heron", "nai\u0308ve Heron"), ("\ufb01ne-heron", "fine-heron"), ("Heron\u00a02", "Heron 2"),
        ("Heron\u20104", "Heron\u20114", "Heron-4"), ("\u03bcHeron", "\u00b5Heron"), ("Heron\u200bNet", "HeronNet"),
    ],
)  # fmt: skip
def test_names_that_look_the_same_are_one(forms: tuple[str, ...], nlp: Language) -> None:
    """Composition, ligatures, hyphens, blanks, micro signs and what cannot be seen."""
    graph = graph_of(nlp, *[("Birds", SENTENCES.format(form)) for form in forms])
    assert len({entity(graph, f"p{number}", form) for number, form in enumerate(forms)}) == 1


@pytest.mark.parametrize(
    "forms", [("β-HAE", "HAE"), ("Heron++", "Heron"), ("A*", "A"), ("π₀", "π₀.₅"), ("悟道", "盘古")]
)
def test_names_that_differ_in_a_symbol_are_two(forms: tuple[str, ...], nlp: Language) -> None:
    graph = graph_of(nlp, *[("Birds", SENTENCES.format(form)) for form in forms])
    assert len({entity(graph, f"p{number}", form) for number, form in enumerate(forms)}) == 2


def test_what_a_removed_paper_alone_knew_is_gone(nlp: Language) -> None:
    """The acronym stays, with the statements of the paper that stays, and has no long form any more."""
    first = ("A", "We propose Lattice Heron Attention (LHA), a method based on Heron Attention.")
    second = ("B", "LHA outperforms Heron Attention on PondSet. A variant, LHA-Lite, is faster.")
    both = graph_of(nlp, first, second)
    assert entity(both, "p0", "LHA") == entity(both, "p1", "LHA") == "method/lattice-heron-attention"
    alone = graph_of(nlp, second)
    (left,) = [row for row in alone.entities if row.name == "LHA"]
    assert left.aliases == ()
    assert any(s.subject == left.id and s.predicate == "outperforms" for s in alone.statements)
    assert not any("lattice" in row.id for row in alone.entities)


def test_an_acronym_with_a_number_is_another_thing(nlp: Language) -> None:
    """Brackets of all kinds, before and behind; "LLMs" and its long form are one."""
    graph = graph_of(
        nlp,
        (
            "(GPR) Fast Herons",
            "Graph Prompt Routing (GPR) and the Gated Path Reranker (GPR-2) differ; Deep Heron Search [DHS] (also: "
            "DHS; see (1)) is a method. LLMs (large language models) help.",
        ),
    )
    assert entity(graph, "p0", "GPR") == entity(graph, "p0", "Graph Prompt Routing") != entity(graph, "p0", "GPR-2")
    assert entity(graph, "p0", "LLMs") == entity(graph, "p0", "large language models")
