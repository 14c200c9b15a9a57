"""One name, several things: acronyms, types, coinages."""

from __future__ import annotations

import pytest

from tests.resolve.conftest import Known, Terms, entity_of, paper, resolve, thing

SHARP, SEGMENT = "Sharpness-Aware Minimization|SAM", "Segment Anything Model|SAM"


def test_an_acronym_with_two_expansions_is_two_things() -> None:
    """Each paper's acronym means what that paper says; a third paper's means what its type says."""
    graph = resolve(
        paper("a", thing("Method", SHARP)),
        paper("b", thing("Model", SEGMENT)),
        paper("c", thing("Method", "SAM")),
        paper("d", thing("Model", "SAM")),
    )
    assert entity_of(graph, "a", "SAM") == entity_of(graph, "c", "SAM") == "method/sharpness-aware-minimization"
    assert entity_of(graph, "b", "SAM") == entity_of(graph, "d", "SAM") == "model/segment-anything-model"


def test_a_bare_acronym_with_two_expansions_of_its_type_joins_neither() -> None:
    """Nothing is merged because a short acronym is shared, least of all through it."""
    graph = resolve(
        paper("a", thing("Method", "Deep Kite Search|DKS")),
        paper("b", thing("Method", "Dynamic Kernel Scaling|DKS")),
        paper("c", thing("Method", "DKS")),
    )
    assert len({entity_of(graph, id, "DKS") for id in "abc"}) == 3


def test_one_expansion_far_more_often_given_is_meant() -> None:
    """Three quarters of the explanations are enough."""
    papers = [paper(f"a{i}", thing("Method", "Deep Kite Search|DKS")) for i in range(6)]
    papers += [paper("b", thing("Method", "Dynamic Kernel Scaling|DKS")), paper("c", thing("Method", "DKS"))]
    graph = resolve(*papers)
    assert entity_of(graph, "c", "DKS") == "method/deep-kite-search"
    assert entity_of(graph, "b", "DKS") == "method/dynamic-kernel-scaling"


def test_a_short_acronym_needs_more_explanations() -> None:
    """Two letters that one paper explains say nothing about another paper."""
    explained = [paper(f"a{i}", thing("Task", "kite detection|KD")) for i in range(3)]
    bare = paper("b", thing("Task", "KD"))
    assert entity_of(resolve(explained[0], bare), "b", "KD") == "task/kd"
    assert entity_of(resolve(*explained, bare), "b", "KD") == "task/kite-detection"


def test_a_word_that_looks_like_an_acronym_is_not_one() -> None:
    """The acronym must be written as it was explained."""
    graph = resolve(
        paper("a", thing("Method", "Modular Internal Routing|MIR")),
        paper("b", thing("Method", "Mir")),
    )
    assert entity_of(graph, "b", "Mir") != entity_of(graph, "a", "MIR")


def test_a_plainly_different_context_keeps_an_acronym_apart() -> None:
    """With one explanation only, papers that share nothing mean different things."""
    first = [thing("Task", f"kite task {word}") for word in ("one", "two", "three")]
    second = [thing("Task", f"pond task {word}") for word in ("four", "five", "six")]
    explained = paper("a", thing("Method", "Deep Kite Search|DKS"), *first)
    other, like = paper("b", thing("Method", "DKS"), *second), paper("c", thing("Method", "DKS"), first[0], *second)
    assert entity_of(resolve(explained, other), "b", "DKS") == "method/dks"
    assert entity_of(resolve(explained, like), "c", "DKS") == "method/deep-kite-search"


def test_what_another_paper_introduces_under_its_long_name_is_not_coined_again() -> None:
    """A paper that introduces something by a bare acronym introduces another thing."""
    graph = resolve(
        paper("a", thing("Method", "Lattice Kite Attention|LKA", role="introduced")),
        paper("b", thing("Method", "LKA", role="introduced")),
        paper("c", thing("Method", "LKA", role="used")),
    )
    assert entity_of(graph, "c", "LKA") == entity_of(graph, "a", "LKA") != entity_of(graph, "b", "LKA")


def test_two_coinages_of_one_name_in_different_fields_are_two_things() -> None:
    """Same name, both introduced, nothing else in common: two ids; with something in common: one."""
    first = [thing("Task", f"kite task {word}") for word in ("one", "two", "three")]
    second = [thing("Task", f"pond task {word}") for word in ("four", "five", "six")]
    new = thing("Method", "PolarKite", role="introduced")
    a, b, c = paper("a", new, *first), paper("b", new, *second), paper("c", new, first[2], second[2], *second[:1])
    graph = resolve(a, b)
    ids = {entity_of(graph, id, "PolarKite") for id in "ab"}
    assert len(ids) == 2
    assert all(id.startswith("method/polarkite") for id in ids)
    assert len({entity_of(resolve(b, c), id, "PolarKite") for id in "bc"}) == 1


def test_a_common_word_is_not_coined() -> None:
    """A word in lower case elsewhere is one thing, however often it is called new at the head of a sentence."""
    sides = [[thing("Task", f"{side} task {word}") for word in ("one", "two", "three")] for side in ("kite", "pond")]
    graph = resolve(
        paper("a", thing("Metric", "Flatness", role="introduced", kind="named"), *sides[0]),
        paper("b", thing("Metric", "Flatness", role="introduced", kind="named"), *sides[1]),
        paper("c", thing("Metric", "flatness")),
    )
    assert len([entity for entity in graph.entities if entity.type == "Metric"]) == 1


def test_expansions_that_differ_in_endings_are_one() -> None:
    """Adaptation, adapters, adaption: one thing if the acronym is the same too, two if it is not."""
    first, second = "low-rank kite adaptation", "low-rank kite adapters"
    graph = resolve(paper("a", thing("Method", f"{first}|LKA")), paper("b", thing("Method", f"{second}|LKA")))
    assert entity_of(graph, "a", first) == entity_of(graph, "b", second)
    graph = resolve(paper("a", thing("Method", f"{first}|LKA")), paper("b", thing("Method", second)))
    assert entity_of(graph, "a", first) != entity_of(graph, "b", second)


# --- types ----------------------------------------------------------------------------------------------------------


def test_the_vote_is_weighted_by_score() -> None:
    """One sure reading outweighs two unsure ones, for common terms and for names."""
    graph = resolve(
        paper("a", thing("Model", "KiteNet", score=0.95)),
        paper("b", thing("Method", "KiteNet", score=0.4)),
        paper("c", thing("Method", "KiteNet", score=0.4)),
        paper("d", thing("Task", "kite routing", score=0.9)),
        paper("e", thing("Method", "kite routing", score=0.5)),
    )
    assert {entity.id for entity in graph.entities} == {"model/kitenet", "task/kite-routing"}
    rows = {(row.form, row.type): row.reason for row in graph.merges}
    assert rows == {("KiteNet", "Method"): "type by vote", ("kite routing", "Method"): "type by vote"}


def test_the_lexicon_has_the_last_word_on_a_type() -> None:
    """Also where all papers disagree with it, but not on a form that it calls ambiguous."""
    lexicon = Terms(Known("KiteSet", "Dataset", ("KiteSet",)), Known("Pond", "Dataset", ("Pond",), ambiguous=("Pond",)))
    graph = resolve(
        paper("a", thing("Method", "KiteSet"), thing("Method", "Pond")),
        paper("b", thing("Method", "KiteSet"), thing("Method", "Pond")),
        lexicon=lexicon,
    )
    assert {entity.id for entity in graph.entities} == {"dataset/kiteset", "method/pond"}
    assert {row.reason for row in graph.merges} == {"type of the lexicon"}


@pytest.mark.parametrize("known", [True, False])
def test_a_metric_and_a_model_of_one_name_are_two(known: bool) -> None:
    """MAE the error and MAE the autoencoder, by their expansions, with or without a lexicon."""
    lexicon = Terms(
        Known("mean absolute error", "Metric", ("mean absolute error", "MAE"), kind="class"),
        Known("MAE", "Model", ("masked autoencoder", "MAE")),
    )
    graph = resolve(
        paper("a", thing("Metric", "mean absolute error|MAE")),
        paper("b", thing("Model", "masked autoencoder|MAE")),
        paper("c", thing("Metric", "MAE")),
        paper("d", thing("Model", "MAE")),
        lexicon=lexicon if known else None,
    )
    assert entity_of(graph, "a", "MAE") == entity_of(graph, "c", "MAE") == "metric/mean-absolute-error"
    assert entity_of(graph, "b", "MAE") == entity_of(graph, "d", "MAE") != entity_of(graph, "a", "MAE")


def test_a_dataset_and_a_method_that_are_both_introduced_are_two() -> None:
    """Types that nobody takes for each other, each introduced by a paper."""
    graph = resolve(
        paper("a", thing("Dataset", "PRISMA", role="introduced")),
        paper("b", thing("Method", "PRISMA", role="introduced")),
    )
    assert {entity.id for entity in graph.entities} == {"dataset/prisma", "method/prisma"}


def test_two_terms_of_the_lexicon_that_a_text_takes_for_one_are_two() -> None:
    """A text may call a large model "the language model"; in the graph it is not one."""
    lexicon = Terms(
        Known("LLM", "Model", ("large language model", "LLM"), kind="class"),
        Known("language model", "Model", ("language model", "LM"), kind="class"),
    )
    graph = resolve(paper("a", thing("Model", "large language model|LLM", "language model")), lexicon=lexicon)
    assert entity_of(graph, "a", "LLM") == "model/llm"
    assert entity_of(graph, "a", "language model") == "model/language-model"


def test_a_common_term_has_one_type_under_all_its_forms() -> None:
    """Where the papers give its name another type than the lexicon does, its other forms follow."""
    term = Known("load balancing", "Method", ("expert balancing", "balancing the load"), kind="class")
    listed = Terms(Known("load balancing", "Method", ("load balancing", "expert balancing"), kind="class"))
    records = [paper(id, thing("Task", "load balancing")) for id in "ab"] + [
        paper("c", thing("Method", "expert balancing"))
    ]

    class NotByName(Terms):
        def lookup(self, form: str, type: str | None = None) -> Known | None:
            return None if form == "load balancing" else super().lookup(form, type)

    (entity,) = resolve(*records, lexicon=NotByName(term)).entities
    assert (entity.id, entity.aliases) == ("task/load-balancing", ("expert balancing",))
    (entity,) = resolve(*records, lexicon=listed).entities
    assert entity.id == "method/load-balancing"


def test_homonyms_have_different_ids() -> None:
    """The lexicon's thing keeps the plain id; another thing with that name has its expansion appended."""
    lexicon = Terms(Known("DKS", "Method", ("DKS", "deep kite search")))
    graph = resolve(
        paper("a", thing("Method", "deep kite search|DKS")),
        paper("b", thing("Method", "DKS"), thing("Method", "Dynamic Kernel Scaling|DKS")),
        lexicon=lexicon,
    )
    assert {entity.id for entity in graph.entities} == {"method/dks", "method/dynamic-kernel-scaling"}


def test_a_terms_acronym_is_not_another_expansion_that_shares_a_word() -> None:
    """A gated contour network (GCN) is no graph convolutional network, though both are networks."""
    graph_net = Known("GCN", "Model", ("GCN", "graph convolutional network", "graph convolution network"))
    graph = resolve(
        paper("a", thing("Model", "graph convolutional network|GCN")),
        paper("b", thing("Model", "gated contour network|GCN")),
        paper("c", thing("Model", "graph convolution nets|GCNs")),
        lexicon=Terms(graph_net),
    )
    ids = [entity_of(graph, id, form) for id, form in (("a", "GCN"), ("b", "GCN"), ("c", "GCNs"))]
    assert ids == ["model/gcn", "model/gated-contour-network", "model/gcn"]


def test_the_name_of_one_term_in_greek_is_no_alias_of_another() -> None:
    """A lexicon that lists "β-KAE" under KAE and has "beta-KAE" too is taken at its more exact word."""
    lexicon = Terms(Known("KAE", "Model", ("KAE", "β-KAE")), Known("beta-KAE", "Model", ("beta-KAE",), parent="KAE"))
    graph = resolve(paper("a", thing("Model", "β-KAE")), paper("b", thing("Model", "KAE")), lexicon=lexicon)
    assert {entity.id: entity.parents for entity in graph.entities} == {
        "model/beta-kae": ("model/kae",),
        "model/kae": (),
    }


@pytest.mark.parametrize(("score", "ids"), [(0.6, {"dataset/pondset"}), (0.9, {"dataset/pondset", "method/pondset"})])
def test_an_unsure_reading_does_not_stand_against_the_lexicon(score: float, ids: set[str]) -> None:
    """A paper may introduce a method under the name of a known data set, but that must be plain."""
    graph = resolve(
        paper("a", thing("Dataset", "PondSet")),
        paper("b", thing("Method", "PondSet", role="introduced", score=score)),
        lexicon=Terms(Known("PondSet", "Dataset", ("PondSet",))),
    )
    assert {entity.id for entity in graph.entities} == ids
