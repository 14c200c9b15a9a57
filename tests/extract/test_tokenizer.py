"""The tokenizer keeps names whole, cuts what is only glued, loses nothing, and takes linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.vocab import Vocab

from kg.extract.tokenizer import PaperTokenizer, split_tokens

CASES = [
    ("We run LLaMA-2-7B today", ["We", "run", "LLaMA-2-7B", "today"]),
    ("F1=92.1", ["F1", "=", "92.1"]),
    ("CIFAR-10/100", ["CIFAR-10", "/", "100"]),
    ("bf16)-trained", ["bf16", ")", "-", "trained"]),
    ("32times faster", ["32", "times", "faster"]),
    (r"sim50\% less", ["sim", "50", r"\%", "less"]),
    (r"\tool wins", [r"\tool", "wins"]),
    ("GPT-3.5 and v1.5", ["GPT-3.5", "and", "v1.5"]),
    ("Kite++ or A* or WMT'14", ["Kite++", "or", "A*", "or", "WMT'14"]),
    ("it wins!No space", ["it", "wins", "!", "No", "space"]),
    ("an LLM-based one", ["an", "LLM", "-", "based", "one"]),
    ("e.g. Kites vs. Gates", ["e.g.", "Kites", "vs.", "Gates"]),
    ("see https://kite.example/a_b(c). Then", ["see", "https://kite.example/a_b(c)", ".", "Then"]),
    ("π₀.₅ and 悟道", ["π₀.₅", "and", "悟道"]),
    ("nai\u0308ve O'Kite", ["nai\u0308ve", "O'Kite"]),
]


@pytest.mark.parametrize(("text", "tokens"), CASES)
def test_tokens(text: str, tokens: list[str]) -> None:
    """Names stay whole; glued things are cut."""
    assert [t.text for t in PaperTokenizer(Vocab())(text)] == tokens


@given(st.text(max_size=200))
def test_nothing_is_lost(text: str) -> None:
    """Tokens cover the text without gaps, and the Doc gives it back unchanged."""
    spans = list(split_tokens(text))
    assert "".join(text[s:e] for s, e in spans) == text
    assert PaperTokenizer(Vocab())(text).text == text


@pytest.mark.parametrize("piece", ["a:", "http://a(", "0.", "(", "[A", "x-", "A*", "'", "a.b", "\\", "https://"])
def test_linear_time(piece: str) -> None:
    """Four times the text takes not much more than four times as long, also for what breaks other tokenizers."""

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        started = time.process_time()
        count = sum(1 for _ in split_tokens(text))
        assert count
        return time.process_time() - started

    seconds(1000)
    small, large = seconds(20_000), seconds(80_000)
    assert large < 12 * small + 0.2
