"""Families: variants by name and by lexicon."""

from __future__ import annotations

import pytest

from kg.resolve.variants import steps
from tests.resolve.conftest import Known, Terms, entity_of, paper, resolve, thing


@pytest.mark.parametrize(
    ("name", "type", "families"),
    [
        ("LLaMA-2-7B-chat", "Model", ["LLaMA-2-7B", "LLaMA-2", "LLaMA"]),
        ("Kite2 7B", "Model", ["Kite2", "Kite"]),
        ("Mixtide-8x7B", "Model", ["Mixtide"]),
        ("GPT-4o", "Model", ["GPT-4", "GPT"]),
        ("ConeBERT-v2", "Model", ["ConeBERT"]),
        ("Claude 3.5 Sonnet", "Model", ["Claude 3.5", "Claude"]),
        ("DeiT III", "Model", ["DeiT"]),
        ("WMT'14", "Dataset", ["WMT"]),
        ("ImageNet-C", "Dataset", ["ImageNet"]),
        ("ViT-B/16", "Model", ["ViT-B", "ViT"]),
        ("KiteVGG-Net", "Model", []),
        ("PondSet-Bench", "Dataset", []),
        ("F1@10", "Metric", ["F1"]),
        ("T5", "Model", []),
        ("o1", "Model", []),
        ("W4A16", "Method", []),
        ("SemEval-2010 Task 8", "Dataset", []),
        ("3D kite net", "Model", []),
        ("kite-based", "Method", []),
        ("image classification", "Task", []),
    ],
)
def test_marks_come_off_one_by_one(name: str, type: str, families: list[str]) -> None:
    """Sizes, versions, numbers, editions and suffixes, from the end; what is left must still be a name."""
    assert [step.rest for step in steps(name, type)] == families


def parents(graph) -> dict[str, tuple[str, ...]]:
    """Name → ids of parents."""
    return {entity.name: entity.parents for entity in graph.entities}


def test_the_nearest_family_that_exists_is_the_parent() -> None:
    """A chain where all links are there, a longer step where one is missing."""
    names = ["LLaMA-2-7B", "LLaMA-2", "LLaMA"]
    graph = resolve(*[paper(f"p{i}", thing("Model", name)) for i, name in enumerate(names)])
    assert parents(graph) == {"LLaMA-2-7B": ("model/llama-2",), "LLaMA-2": ("model/llama",), "LLaMA": ()}
    graph = resolve(paper("a", thing("Model", "LLaMA-2-7B"), thing("Model", "LLaMA")))
    assert parents(graph) == {"LLaMA-2-7B": ("model/llama",), "LLaMA": ()}


def test_a_family_edge_carries_the_sentence_of_the_childs_best_mention() -> None:
    """Extractor `family`, the child's place, no place of the parent."""
    records = [
        paper("a", thing("Model", "OPT-30B", score=0.5)),
        paper("b", thing("Model", "OPT-30B", score=0.8)),
        paper("c", thing("Model", "OPT")),
    ]
    graph = resolve(*records)
    (edge,) = [s for s in graph.statements if s.predicate == "subclassOf"]
    (row,) = [row for row in graph.evidence if row.about == edge.id]
    assert (edge.subject, edge.object, edge.support, edge.confidence) == ("model/opt-30b", "model/opt", 1, 0.8)
    assert (row.paper, row.extractor, row.object_start) == ("b", "family", None)
    text = records[1][0].text
    assert text[row.subject_start : row.subject_end] == "OPT-30B"
    assert text[row.start : row.end] == text.strip()


def test_two_variants_make_the_family_that_no_paper_names() -> None:
    """Its mentions are the beginnings of theirs; one variant alone makes none."""
    both, one = (
        paper("a", thing("Model", "Kite2-7B"), thing("Model", "Kite2-72B")),
        paper("b", thing("Model", "Kite2-7B")),
    )
    graph = resolve(both, one)
    assert parents(graph) == {"Kite2": (), "Kite2-72B": ("model/kite2",), "Kite2-7B": ("model/kite2",)}
    mentions = [m for m in graph.mentions if m.entity == "model/kite2"]
    assert [(m.paper, m.form, m.extractor) for m in mentions] == [("a", "Kite2", "family")] * 2 + [
        ("b", "Kite2", "family")
    ]
    assert both[0].text[mentions[0].start : mentions[0].end] == "Kite2"
    assert {e.id: e.papers for e in graph.entities} == {"model/kite2": 2, "model/kite2-72b": 1, "model/kite2-7b": 2}
    assert parents(resolve(one)) == {"Kite2-7B": ()}
    assert parents(resolve(paper("a", thing("Model", "Kite2-7B"), thing("Model", "Kite2 7B")))) == {"Kite2 7B": ()}


def test_the_lexicon_knows_families_that_no_name_shows() -> None:
    """Also over a link that no paper mentions; and it makes the family of a single variant."""
    lexicon = Terms(
        Known("Vicorna", "Model", ("Vicorna",), parent="LLaMA-13B"),
        Known("LLaMA-13B", "Model", parent="LLaMA"),
        Known("LLaMA", "Model", ("LLaMA", "Llama")),
        Known("OPT", "Model", ("OPT",)),
    )
    graph = resolve(
        paper("a", thing("Model", "Vicorna"), thing("Model", "Llama"), thing("Model", "OPT-30B")), lexicon=lexicon
    )
    assert parents(graph) == {"Vicorna": ("model/llama",), "LLaMA": (), "OPT-30B": ("model/opt",), "OPT": ()}


def test_a_variant_that_the_lexicon_lists_as_an_alias_is_a_thing_of_its_own() -> None:
    """Editions and siblings are no aliases, whatever a lexicon lists; spellings are."""
    lexicon = Terms(
        Known("Kite-7B", "Model", ("Kite-7B", "Kite 7B", "Kite-7B-Instruct")),
        Known("DiK-B/2", "Model", ("DiK-B/2", "DiK-L/2", "DiK-Base/2")),
    )
    forms = ["Kite-7B", "Kite 7B", "Kite-7B-Instruct", "DiK-B/2", "DiK-L/2", "DiK-Base/2"]
    graph = resolve(paper("a", *[thing("Model", form) for form in forms]), lexicon=lexicon)
    ids = [entity_of(graph, "a", form) for form in forms]
    assert ids[0] == ids[1] != ids[2]
    assert ids[3] == ids[5] != ids[4]
    assert parents(graph)["Kite-7B-Instruct"] == ("model/kite-7b",)


def test_a_hybrid_is_no_variant_of_its_first_half() -> None:
    """CNN-LSTM is not a CNN; a suffix that says nothing by itself makes a variant."""
    graph = resolve(
        paper(
            "a", thing("Model", "CoNN"), thing("Model", "LaSTM"), thing("Model", "CoNN-LaSTM"), thing("Model", "CoNN-S")
        )
    )
    assert parents(graph)["CoNN-LaSTM"] == ()
    assert parents(graph)["CoNN-S"] == ("model/conn",)


def test_a_suffix_of_an_acronym_needs_a_paper_that_mentions_both() -> None:
    """HEC-RAS has nothing to do with an HEC of another paper."""
    explained = paper("a", thing("Method", "Hybrid Edge Cloud|HEC"))
    assert parents(resolve(explained, paper("b", thing("Method", "HEC-RAS"))))["HEC-RAS"] == ()
    graph = resolve(explained, paper("b", thing("Method", "HEC"), thing("Method", "HEC-RAS")))
    assert parents(graph)["HEC-RAS"] == ("method/hybrid-edge-cloud",)


def test_a_word_is_no_family() -> None:
    """Case counts: "Fast-Kite" is no variant of FAST."""
    graph = resolve(paper("a", thing("Method", "FAST"), thing("Method", "Fast-Kite")))
    assert parents(graph)["Fast-Kite"] == ()


@pytest.mark.parametrize(("first", "second"), [("Rook-2", "Rook"), ("Rook v2", "Rook"), ("Rook-Lite", "Rook")])
def test_a_version_has_the_type_of_its_family(first: str, second: str) -> None:
    """A text may take the second version of a method for a model; the lexicon's word on it stands."""
    records = [paper("a", thing("Model", first)), paper("b", thing("Method", second))]
    graph = resolve(*records)
    one, two = entity_of(graph, "a", first), entity_of(graph, "b", second)
    assert (one.partition("/")[0], two.partition("/")[0]) == ("method", "method")
    assert {entity.id: entity.parents for entity in graph.entities}[one] == (two,)
    known = resolve(*records, lexicon=Terms(Known(first, "Model", (first,))))
    assert entity_of(known, "a", first).startswith("model/")


def test_a_size_and_an_acronyms_number_keep_their_type() -> None:
    """A method of training has models of all sizes; "GLM-5" is no generalized linear model."""
    graph = resolve(
        paper("a", thing("Model", "Rook-32B"), thing("Method", "Rook")),
        paper("b", thing("Method", "generalized ladder method|GLM")),
        paper("c", thing("Method", "GLM"), thing("Model", "GLM-5")),
    )
    assert entity_of(graph, "a", "Rook-32B") == "model/rook-32b"
    assert entity_of(graph, "c", "GLM-5") == "model/glm-5"
