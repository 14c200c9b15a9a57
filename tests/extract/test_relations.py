"""What a sentence says in so many words: the right direction, coordination, and denials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.model import Extraction
from kg.vocab import RELATIONS
from tests.extract.conftest import triples

Read = Callable[[str, str], Extraction]

STATED = [
    ("We propose Lattice Kite Attention (LKA), a method based on Kite Attention.",
     ("Lattice Kite Attention", "basedOn", "Kite Attention")),
    ("KiteNet outperforms OakNet on PondSet.", ("KiteNet", "outperforms", "OakNet")),
    ("KiteNet significantly beats OakNet and PineNet.", ("KiteNet", "outperforms", "PineNet")),
    ("OakNet is outperformed by KiteNet.", ("KiteNet", "outperforms", "OakNet")),
    ("KiteNet is based on OakNet and outperforms PineNet.", ("KiteNet", "basedOn", "OakNet")),
    ("KiteNet is based on OakNet and outperforms PineNet.", ("KiteNet", "outperforms", "PineNet")),
    ("KiteNet builds on OakNet.", ("KiteNet", "basedOn", "OakNet")),
    ("KiteNet and PineNet extend OakNet.", ("PineNet", "basedOn", "OakNet")),
    ("KiteNet, OakNet and PineNet are evaluated on PondQA and LakeQA.", ("OakNet", "evaluatedOn", "LakeQA")),
    ("We evaluate KiteNet and OakNet on PondQA.", ("KiteNet", "evaluatedOn", "PondQA")),
    ("KiteNet is trained on PondQA.", ("KiteNet", "trainedOn", "PondQA")),
    ("KiteNet is a variant of OakNet.", ("KiteNet", "subclassOf", "OakNet")),
    ("OakNet is a model; KiteNet is based on OakNet and outperforms OakNet.", ("KiteNet", "outperforms", "OakNet")),
    ("Unlike Moss et al. (2021), PineNet outperforms OakNet vs. prior art, e.g. on LeafQA.",
     ("PineNet", "outperforms", "OakNet")),
]  # fmt: skip


@pytest.mark.parametrize(("abstract", "triple"), STATED)
def test_stated(read: Read, abstract: str, triple: tuple[str, str, str]) -> None:
    """Stated relations are found, head first."""
    extraction = read("P", abstract)
    assert triple in triples(extraction)
    if triple[1] == "outperforms":
        assert (triple[2], "outperforms", triple[0]) not in triples(extraction)


DENIED = [
    ("KiteNet does not outperform OakNet.", ("KiteNet", "outperforms", "OakNet")),
    ("KiteNet fails to beat OakNet.", ("KiteNet", "outperforms", "OakNet")),
    ("KiteNet is not based on OakNet.", ("KiteNet", "basedOn", "OakNet")),
    ("It is unclear whether KiteNet outperforms OakNet.", None),
    ("KiteNet never surpasses OakNet.", ("KiteNet", "outperforms", "OakNet")),
]


@pytest.mark.parametrize(("abstract", "triple"), DENIED)
def test_denied(read: Read, abstract: str, triple: tuple[str, str, str] | None) -> None:
    """A denied statement is kept as denied, and never asserted."""
    extraction = read("P", abstract)
    if triple is not None:
        assert triple in triples(extraction, negated=True)
        assert triple not in triples(extraction)
    assert not [t for t in triples(extraction) if t[1] == "outperforms"]


def test_evidence_is_the_whole_sentence(read: Read) -> None:
    """A full stop inside an abbreviation does not cut the evidence."""
    sentence = "Unlike Moss et al. (2021), PineFormer outperforms OakNet vs. prior art, e.g. on LeafQA."
    extraction = read("Cones", sentence + " It has approx. 2.5 B. parameters.")
    text = f"Cones\n{sentence}"
    found = [r for r in extraction.relations if r.predicate == "outperforms"]
    assert [text[r.start : r.end] for r in found] == [sentence]


def test_types_are_respected(read: Read) -> None:
    """Every relation joins types that the vocabulary allows, and never a thing with itself."""
    extraction = read(
        "Kites",
        "We propose KiteNet, a model for kite detection, trained on PondQA. KiteNet beats "
        "OakNet in accuracy. LoKA fine-tunes KiteNet. PondQA is a benchmark for question answering.",
    )
    for r in extraction.relations:
        head, tail = extraction.entities[r.head], extraction.entities[r.tail]
        assert r.head != r.tail
        assert RELATIONS[r.predicate].allows(head.type, tail.type)
