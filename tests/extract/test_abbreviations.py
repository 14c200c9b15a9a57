"""Abbreviations that a text defines: never over a sentence end, never with an unbalanced bracket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from kg.extract.abbreviations import find_abbreviations
from kg.extract.sentences import split_sentences

CASES = [
    ("Lattice Kite Attention (LKA) works.", {"LKA": "Lattice Kite Attention"}),
    ("Graph Prompt Routing (GPR) and the Gated Path Reranker (GPR-2) differ.",
     {"GPR": "Graph Prompt Routing", "GPR-2": "Gated Path Reranker"}),
    ("Deep Kite Search [DKS] is good.", {"DKS": "Deep Kite Search"}),
    ("LLMs (large language models) help.", {"LLMs": "large language models"}),
    ("Large kite models (LKMs) fly.", {"LKMs": "Large kite models"}),
    ("Tidal Routing (TR, see below) is new.", {"TR": "Tidal Routing"}),
    ("DKP, short for Direct Kite Preference.", {"DKP": "Direct Kite Preference"}),
    ("We use self-supervised learning (SSL) here.", {"SSL": "self-supervised learning"}),
    ("A reasoning reward model (RRM) is new.", {"RRM": "reasoning reward model"}),
    ("Low-rank kite adapters (LoKA)", {"LoKA": "Low-rank kite adapters"}),
    ("(GPR) Fast Kites. Adapters (FKA) are small.", {}),
    ("() ( ) ((a)) (1) [2] (see Fig. 3) (ours)", {}),
    ("We beat the best (by far) and more (2021).", {}),
]  # fmt: skip


def found(text: str, title_end: int = 0) -> dict[str, str]:
    pairs = find_abbreviations(text, split_sentences(text, title_end), title_end)
    return {text[p.short_start : p.short_end]: text[p.long_start : p.long_end] for p in pairs}


@pytest.mark.parametrize(("text", "pairs"), CASES)
def test_definitions(text: str, pairs: dict[str, str]) -> None:
    """Both orders, both brackets, plurals, numbered ones."""
    assert found(text) == pairs


def test_title_that_spells_its_name() -> None:
    """ "KAR: Kite Adaptive Routing for …" defines KAR."""
    assert found("KAR: Kite Adaptive Routing for Ponds\nWe fly.", 36) == {"KAR": "Kite Adaptive Routing"}


def test_nothing_spans_the_title() -> None:
    """A bracket in the abstract takes no word of the title."""
    assert found("(GPR) Fast Kites\nAdapters (FKA) are small.", 16) == {}


@given(st.text(alphabet="abAB ()[].-,\n", max_size=120))
def test_any_text(text: str) -> None:
    """No crash, balanced brackets, inside one sentence."""
    sentences = split_sentences(text)
    for pair in find_abbreviations(text, sentences):
        for start, end in ((pair.long_start, pair.long_end), (pair.short_start, pair.short_end)):
            form = text[start:end]
            assert form.count("(") == form.count(")")
            assert form.count("[") == form.count("]")
            assert any(s <= start and end <= e for s, e in sentences)


TEXT = "Kites\nLattice Kite Attention (LKA) beats Kite Attention on PondSet by 3.1 points."


def test_documents_can_be_stored(rules: Language) -> None:
    """`to_bytes`, `DocBin` and `nlp.pipe` with several processes keep everything that components wrote."""
    doc = rules(TEXT)
    again = Doc(rules.vocab).from_bytes(doc.to_bytes())
    assert [list(pair) for pair in again._.kg_abbreviations] == [list(pair) for pair in doc._.kg_abbreviations]
    stored = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    kept = next(iter(DocBin(store_user_data=True).from_bytes(stored).get_docs(rules.vocab)))
    assert len(kept._.kg_entities) == len(doc._.kg_entities) > 2


def test_several_processes(rules: Language) -> None:
    """Documents come back whole from worker processes."""
    docs = list(rules.pipe([TEXT, TEXT + " It is new."], n_process=2, batch_size=1))
    assert [len(d._.kg_abbreviations) for d in docs] == [1, 1]
