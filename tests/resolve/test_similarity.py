"""Acronyms and stems."""

from __future__ import annotations

import time

import pytest

from kg.resolve.similarity import abbreviates, shortens, stems


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("LKA", "Lattice Kite Attention", True),
        ("LLMs", "large language models", True),
        ("LoRA", "Low-Rank Adaptation", True),
        ("CLIP", "Contrastive Language-Image Pre-training", True),
        ("BERT", "Bidirectional Encoder Representations from Transformers", True),
        ("CNN", "ConvNet", True),
        ("k-NN", "k nearest neighbours", True),
        ("PFGM++", "Poisson flow generative models", True),
        ("GPR", "Gated Path Reranker", True),
        ("GPR", "Lattice Kite Attention", False),
        ("Kite", "Kite Attention", False),  # cut short, not abbreviated
        ("Conv", "convolution layer", False),
        ("kite", "keen invisible tidal expert", False),  # no capital: a word
        ("LLaMA-3", "LLaMA-3-8B", False),
        ("A", "Attention", False),
        ("", "Lattice Kite", False),
        ("LKA", "", False),
    ],
)
def test_acronyms(short: str, long: str, expected: bool) -> None:
    """A short form abbreviates a long one if its letters can be laid over the beginnings of words."""
    assert abbreviates(short, long) is expected


def test_a_long_name_takes_no_time() -> None:
    """Aligning is linear in the long form."""
    start = time.monotonic()
    abbreviates("ABABABABABAB", "ab " * 20_000)
    assert time.monotonic() - start < 2


def test_stems_join_derivations_and_nothing_else() -> None:
    """Endings of derivation do not count, other words do."""
    assert stems("Low-Rank Adaptation") == stems("low-rank adapters") == stems("Low Rank Adaption")
    assert stems("convolution neural networks") == stems("Convolutional Neural Nets")
    assert stems("recurrent kite network") != stems("recursive kite network")
    assert stems("mixture of experts") == stems("mixtures of expert")


def test_a_name_cut_short_is_known() -> None:
    """A run of words of a longer name."""
    assert shortens("distillation", "knowledge distillation")
    assert not shortens("knowledge distillation", "distillation")
    assert not shortens("still", "knowledge distillation")
