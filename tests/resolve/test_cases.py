"""Kinds of faults that users of like software met: numbers, symbols, spellings, removed papers, ids."""

from __future__ import annotations

import pytest

from kg.resolve.keys import digits
from kg.text import percent_encode
from kg.vocab import entity_iri
from tests.resolve.conftest import Known, Terms, entity_of, paper, resolve, thing


def numbered() -> list:
    """Two papers full of names that differ in a number only."""
    models = ["KiteLM-1603", "KiteLM-1605", "Kite2-7B", "Kite2-72B", "ConeBERT-v2", "ConeBERT-v3", "LeafNet-50"]
    sets = ["WMT14", "WMT15", "CIFAR-10", "CIFAR-100"]
    first = paper("d1", *[thing("Model", name) for name in models], *[thing("Dataset", name) for name in sets])
    second = paper(
        "d2",
        *[thing("Model", name) for name in ("LeafNet50", "LeafNet-101", "ConeBERT v2", "Kite2 7B")],
        *[thing("Dataset", name) for name in ("WMT'14", "WMT-15")],
    )
    return [first, second]


def test_numbers_keep_things_apart_and_spelling_does_not() -> None:
    """Names that differ in a number are different things, spellings of one name one; sized ones have a family."""
    graph = resolve(*numbered())
    for one, other in [
        ("LeafNet-50", "LeafNet50"),
        ("ConeBERT-v2", "ConeBERT v2"),
        ("WMT14", "WMT'14"),
        ("WMT15", "WMT-15"),
    ]:
        assert entity_of(graph, "d1", one) == entity_of(graph, "d2", other)
    named = [
        entity
        for entity in graph.entities
        if entity.name not in {"KiteLM", "Kite2", "ConeBERT", "LeafNet", "WMT", "CIFAR"}
    ]
    assert len(named) == 12
    assert all(entity.parents for entity in named)
    names = {entity.id: entity.name for entity in graph.entities}
    assert all(digits(row.form) == digits(names[row.entity]) for row in graph.merges)


@pytest.mark.parametrize(
    ("forms", "name"),
    [
        (("Kite 2.0", "Kite 2", "Kite 2"), "Kite 2"),
        (("Kite III", "Kite-3", "Kite-3"), "Kite-3"),
        (("KiteVOC 12", "KiteVOC 2012"), ""),
    ],
)
def test_equal_versions_are_merged_with_that_reason(forms: tuple[str, ...], name: str) -> None:
    """The only rows whose forms hold different digits say why."""
    graph = resolve(*[paper(f"p{i}", thing("Dataset", form)) for i, form in enumerate(forms)])
    (entity,) = graph.entities
    assert entity.name in {name, *forms}
    assert [row.reason for row in graph.merges if digits(row.form) != digits(entity.name)] == [
        row.reason for row in graph.merges if row.reason == "version written differently"
    ]


def test_numbers_in_one_papers_forms_keep_apart_too() -> None:
    """Forms that a text takes for one thing are split by number; relations go to what stands at their place."""
    graph = resolve(
        paper(
            "a",
            thing("Method", "Brain to Text|B2T"),
            thing("Method", "Kite"),
            relations=[(1, "basedOn", 0)],
        ),
        paper("b", thing("Model", "Kite-7B", "Kite-13B", "Kite")),
    )
    assert entity_of(graph, "a", "Brain to Text") != entity_of(graph, "a", "B2T")
    assert len({entity_of(graph, "b", form) for form in ("Kite-7B", "Kite-13B", "Kite")}) == 3
    assert [s.object for s in graph.statements if s.predicate == "basedOn"] == ["method/brain-to-text"]


def test_a_lexicon_cannot_merge_different_numbers() -> None:
    """A form of a term with another number is a thing of its own, of the term's family if its name says so."""
    lexicon = Terms(Known("Gofer", "Model", ("Gofer", "Gofer-280B", "G280")))
    graph = resolve(paper("a", *[thing("Model", form) for form in ("Gofer", "Gofer-280B", "G280")]), lexicon=lexicon)
    assert {entity.name: entity.parents for entity in graph.entities} == {
        "Gofer": (),
        "Gofer-280B": ("model/gofer",),
        "G280": (),
    }


SAME = [
    ("na\u00efve Kite", "nai\u0308ve Kite"),
    ("\ufb01ne-kite", "fine-kite"),
    ("Kite\u20104", "Kite\u20114"),
    ("Kite\u20114", "Kite-4"),
    ("Kite\u00a02", "Kite 2"),
    ("\u03bcKite", "\u00b5Kite"),
    ("Kite\u200bNet", "KiteNet"),
    ("\u0130stanbulNet", "istanbulnet"),
    ("Stra\u00dfennetz", "STRASSENNETZ"),
]
DIFFERENT = [
    ("\u03b2-KAE", "KAE"), ("Kite++", "Kite"), ("A*", "A"), ("\u03c0\u2080", "\u03c0\u2080.\u2085"), ("F1", "F1@10"),
    ("\u609f\u9053", "\u76d8\u53e4"), (".", ".."), ("(", ")"), ("-", "--"), ("\U0001f3d4", "\U0001f3de"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "same"), [(*pair, True) for pair in SAME] + [(*pair, False) for pair in DIFFERENT]
)
def test_names_that_look_the_same_are_one_and_symbols_keep_apart(first: str, second: str, same: bool) -> None:
    """One paper for each form; each spelling is the name or an alias; no id is empty behind its slash."""
    pond = thing("Dataset", "PondSet")
    graph = resolve(paper("a", thing("Model", first), pond), paper("b", thing("Model", second), pond))
    one, two = entity_of(graph, "a", first), entity_of(graph, "b", second)
    assert (one == two) is same
    entities = {entity.id: entity for entity in graph.entities}
    for id, form in ((one, first), (two, second)):
        assert form in (entities[id].name, *entities[id].aliases)
        assert id.partition("/")[2].strip("-")


def test_ids_are_bounded_and_work_as_addresses() -> None:
    """Long names are cut with a hash, dots are no path, slashes stay in the key, ids differ as names do."""
    names = [
        "CIFAR-10/100",
        "TCP/IP",
        "A%2FB",
        "A/B",
        "F1@k",
        "who?",
        "#1",
        ".",
        "..",
        "a+b",
        "a b",
        "X" * 9000,
        "X" * 9001,
    ]
    graph = resolve(paper("a", *[thing("Dataset", name) for name in names]))
    assert len(graph.entities) == len(names)
    for entity in graph.entities:
        assert len(entity.id) <= 200
        iri = entity_iri("https://example.org/", entity.id)
        assert iri.count("/") == 5
        assert not iri.endswith(("/", "/.", "/.."))
        assert percent_encode(entity.id.partition("/")[2]) in iri


def test_no_name_holds_markup() -> None:
    """Tags, references and LaTeX stay in the forms, never in a name."""
    forms = ["A<sub>2</sub>C", "Kite &amp; Net", r"\textbf{Cone}Net", r"$\beta$-OVA", "</script><script>"]
    graph = resolve(paper("a", *[thing("Model", form) for form in forms]))
    names = {entity.name for entity in graph.entities}
    assert names >= {"A2C", "Kite & Net", "ConeNet", "\u03b2-OVA"}
    assert not any("\\" in name or "$" in name for name in names)
    assert {alias for entity in graph.entities for alias in entity.aliases} >= set(forms[:4])
    (entity,) = resolve(paper("a", thing("Model", "Kite\u200bNet\u202e"))).entities
    assert (entity.name, entity.aliases) == ("KiteNet", ("Kite\u200bNet\u202e",))
    graph = resolve(paper("a", thing("Model", "A<sub>2</sub>C")), paper("b", thing("Model", "A2C")))
    assert [(row.form, row.reason) for row in graph.merges] == [("A<sub>2</sub>C", "markup")]


def test_brackets_of_an_explanation_are_no_part_of_a_name() -> None:
    """A number behind an acronym makes another thing; "LLMs" and its long form are one."""
    graph = resolve(
        paper("a", thing("Method", "Graph Prompt Routing|GPR"), thing("Method", "Gated Path Reranker|GPR-2")),
        paper("b", thing("Model", "large language models|LLMs"), thing("Method", "Kullback-Kite (KK) divergence")),
        paper("c", thing("Model", "LLM"), thing("Method", "Kullback-Kite divergence")),
    )
    assert entity_of(graph, "a", "GPR") != entity_of(graph, "a", "GPR-2")
    assert entity_of(graph, "b", "LLMs") == entity_of(graph, "c", "LLM") == "model/large-language-models"
    assert entity_of(graph, "b", "Kullback-Kite (KK) divergence") == entity_of(graph, "c", "Kullback-Kite divergence")
