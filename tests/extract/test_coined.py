"""Names that nobody has seen before, because the paper coins them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.extract.coined import find_coined
from kg.model import Extraction
from tests.extract.conftest import entity, names

Read = Callable[[str, str], Extraction]

FORMS = [
    "naïve Kite", "nai\u0308ve Kite", "\ufb01ne-kite", "fine-kite", "Kite\u20104", "Kite\u20114", "Kite-4",
    "Kite\u00a02", "Kite 2", "\u03bcKite", "\u00b5Kite", "Kite\u200bNet", "KiteNet", "β-KAE", "KAE", "Kite++", "Kite",
    "A*", "A", "π₀", "π₀.₅", "F1@10", "悟道", "盘古", "Z" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f[:12])
def test_any_name_in_apposition(read: Read, form: str) -> None:
    """ "We evaluate X, a model, on PondSet" makes X a Model, however X is written."""
    extraction = read("P", f"We evaluate {form}, a model, on PondSet.")
    assert entity(extraction, form).type == "Model"
    assert entity(extraction, "PondSet").type == "Dataset"


PROPOSED = [
    ("We propose KiteOne, a model.", "KiteOne", "Model"),
    ("We propose KiteNet v2., a model, and others.", "KiteNet v2", "Model"),
    ("We introduce PondBench, a benchmark for kite detection.", "PondBench", "Dataset"),
    ("We present a novel method, called GateFlow, for kites.", "GateFlow", "Method"),
    ("This paper introduces Lattice Kite Attention (LKA), a method based on Kite Attention.", "Lattice Kite Attention",
     "Method"),
    ("In this work, we present an analytical tool, KenZ, to study kites.", "KenZ", "Method"),
    ("We propose 𝛼-KiteNet, a model for kite detection.", "𝛼-KiteNet", "Model"),
    ("To this end we propose \\textbf{KiteGate}, a framework that routes kites.", "KiteGate", "Method"),
    ("We name the resulting dataset LeafSet.", "LeafSet", "Dataset"),
]  # fmt: skip


@pytest.mark.parametrize(("abstract", "name", "type_"), PROPOSED)
def test_own_names_are_introduced(read: Read, abstract: str, name: str, type_: str) -> None:
    """What a paper proposes is an entity, of the type that its words give, and introduced."""
    found = entity(read("P", abstract), name)
    assert (found.type, found.role, found.kind) == (type_, "introduced", "named")


def test_titles_name_systems(read: Read) -> None:
    """ "KiteFlow: …" is the paper's own."""
    assert entity(read("KiteFlow: Fast Routing of Gates", "KiteFlow routes gates."), "KiteFlow").role == "introduced"


def test_coordinated_declarations(read: Read) -> None:
    """ "X and Y are models" declares both, also where lower-casing would change the text's length."""
    found = read("İstanbulNet: Straßenszenen", "İzmirNet and İstanbulNet are models. İstanbulNet beats İzmirNet on the "
                 "ﬁne-grained StreetSet by 3.1 points in accuracy.")  # fmt: skip
    assert entity(found, "İstanbulNet").type == entity(found, "İzmirNet").type == "Model"
    assert len(entity(found, "İstanbulNet").mentions) == 3
    assert "StreetSet" in names(found)


def test_rivals_are_names(read: Read) -> None:
    """What beats, or is beaten, is a name even if nothing else says so."""
    found = names(read("B", "LKA outperforms Kite Attention on PondSet. A variant, LKA-Lite, is faster."))
    assert {"LKA", "LKA-Lite", "PondSet"} <= found


def test_markup_is_no_name(read: Read) -> None:
    """No name holds an angle bracket or an ampersand of markup."""
    found = read("Learning with &lt;5 labels: A<sub>2</sub>C &amp; friends", "<jats:p>If a<b and c>d then "
                 "<jats:italic>PalmNet</jats:italic> beats OakNet.</jats:p>")  # fmt: skip
    assert not [n for n in names(found) if set(n) & set("<>&")]


@pytest.mark.parametrize(
    "text", ["We propose", "We propose .", "called", "X, a", '"', "We propose a, a, a", ": x", "-"]
)
def test_fragments(text: str) -> None:
    """Half a pattern finds nothing and breaks nothing."""
    assert find_coined(text, [(0, len(text))]) == []


def test_common_phrases_are_not_cut(read: Read) -> None:
    """ "We propose Bayesian optimisation" does not coin "Bayesian"."""
    assert "Bayesian" not in names(read("P", "We propose Bayesian pruning of kites. We use CNN-based gates."))


def test_what_only_looks_declared(read: Read) -> None:
    """Modifiers, sizes and clauses in the place of a name are none."""
    found = names(read("P", "We compare GPT-like models. On 0-shot PondQA, a benchmark, KiteLM 20B outperforms OakLM, "
                       "a model, and the 20B model is a Kite-based model."))  # fmt: skip
    assert not found & {"GPT-like", "20B", "Kite-based", "On 0-shot PondQA", "KiteLM 20B outperforms OakLM"}
    assert "OakLM" in found
