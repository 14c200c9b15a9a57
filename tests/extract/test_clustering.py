"""Forms of one thing in one document become one entity; different numbers keep things apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.extract.clustering import cluster
from kg.extract.decision import read_decider
from kg.extract.pipeline import DECISIONS
from kg.extract.priors import form_key
from kg.extract.sameness import Form, marks
from kg.model import Extraction
from tests.extract.conftest import entity, names

Read = Callable[[str, str], Extraction]


def groups(*forms: str, type_: str = "Method", pairs: tuple[tuple[str, str], ...] = ()) -> set[frozenset[str]]:
    made = [Form(form_key(f), type_, f, 100 * i) for i, f in enumerate(forms)]
    keys = [(form_key(a), form_key(b)) for a, b in pairs]
    found = cluster(made, keys, read_decider(DECISIONS / "same.npz"))
    return {frozenset(forms[i] for i in group) for group in found}


@pytest.mark.parametrize(
    "forms",
    [
        ("Low-Rank Kites", "low rank kite"),
        ("LeafNet-50", "LeafNet50"),
        ("ConeBERT-v2", "ConeBERT v2"),
        ("WMT14", "WMT'14"),
    ],
)
def test_spellings_are_one(forms: tuple[str, str]) -> None:
    """Case, hyphens, blanks, apostrophes and a plural s make no difference."""
    assert len(groups(*forms)) == 1


@pytest.mark.parametrize(
    "forms",
    [("OPT-7B", "OPT-13B"), ("KiteLM-1603", "KiteLM-1605"), ("CIFAR-10", "CIFAR-100"), ("WMT14", "WMT15"),
     ("GPR", "GPR-2"), ("KiteBERT-v2", "KiteBERT-v3"), ("Kite++", "Kite"), ("β-KAE", "KAE"), ("π₀", "π₀.₅"),
     ("LoKA", "LoKA+"), ("A*", "A")],
)  # fmt: skip
def test_numbers_and_marks_keep_apart(forms: tuple[str, str]) -> None:
    """Never two things with different digits, signs or Greek letters, whatever else they share."""
    assert len(groups(*forms, type_="Model")) == 2


def test_no_bridge_joins_different_numbers() -> None:
    """Not even through a third form that has no number."""
    found = groups("Kite model 7B", "Kite model", "Kite model 13B", type_="Model")
    assert not [g for g in found if len({marks(f) for f in g if marks(f)}) > 1]


def test_abbreviations_join() -> None:
    """A defined abbreviation, and forms in which it is written out or not."""
    pairs = (("mixture of kites", "MoK"),)
    assert groups("mixture of kites", "MoK", "gated MoK", "gated mixture of kites", pairs=pairs) == {
        frozenset({"mixture of kites", "MoK"}), frozenset({"gated MoK", "gated mixture of kites"}),
    }  # fmt: skip


def test_document_level(read: Read) -> None:
    """Plural abbreviations, late abbreviations and their long form are one; GPR and GPR-2 are two."""
    extraction = read(
        "(GPR) Fast Kites",
        "Adapters (FKA) are small. Graph Prompt Routing (GPR) and the Gated Path Reranker (GPR-2) differ; Deep Kite "
        "Search [DKS] (also: DKS; see (1)) is a method. () ( ) ((a)). LLMs (large language models) help.",
    )
    assert set(entity(extraction, "LLMs").forms) == {"LLMs", "large language models"}
    assert "GPR-2" in entity(extraction, "Gated Path Reranker").forms
    assert "GPR-2" not in entity(extraction, "Graph Prompt Routing").forms
    assert not [f for e in extraction.entities for f in e.forms if f.count("(") != f.count(")") or "\n" in f]


def test_sizes_are_entities_of_their_own(read: Read) -> None:
    """KiteNet-7B and KiteNet-13B are two models and kinds of KiteNet."""
    extraction = read("x", "KiteNet-7B and KiteNet-13B extend OakLM. KiteNet is a model.")
    assert {"KiteNet", "KiteNet-7B", "KiteNet-13B", "OakLM"} <= names(extraction)
    kinds = {(extraction.entities[r.head].name, extraction.entities[r.tail].name) for r in extraction.relations
             if r.predicate == "subclassOf"}  # fmt: skip
    assert kinds == {("KiteNet-7B", "KiteNet"), ("KiteNet-13B", "KiteNet")}


def test_gold_mentions(shared: Path) -> None:
    """With the annotated mentions of the development papers the clusters are nearly the annotated ones."""
    import json

    right = total = 0
    for line in (shared / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        entities = json.loads(line)["entities"]
        forms = {(form_key(f), e["type"]): (f, e["name"]) for e in entities for f in e["forms"]}
        made = [Form(key, type_, f, i) for i, ((key, type_), (f, _)) in enumerate(forms.items())]
        owners = [name for _, name in forms.values()]
        found = cluster(made, [], read_decider(DECISIONS / "same.npz"))
        together = {(i, j) for g in found for i in g for j in g if i < j}
        wanted = {(i, j) for i in range(len(owners)) for j in range(i + 1, len(owners)) if owners[i] == owners[j]}
        right += 2 * len(together & wanted)
        total += len(together) + len(wanted)
    assert right / total > 0.5  # without the abbreviations that the text defines
