"""Addresses are found verbatim, without the punctuation behind them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.extract.links import find_links

CASES = [
    ("Code: https://git.example.org/kite.", ["https://git.example.org/kite"]),
    ("(see https://a.example/b_(c)) and", ["https://a.example/b_(c)"]),
    ("at github.com/moss/kite, or www.kite.example/x!", ["github.com/moss/kite", "www.kite.example/x"]),
    (r"\href{https://a.example/x}{here}", ["https://a.example/x"]),
    ("https://a.example/x.https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
    ("<https://git.example.org/a b>", ["https://git.example.org/a"]),
    ("https://münchen.example/ä.", ["https://münchen.example/ä"]),
    ("no address at this https URL, nor at http://", []),
    ("moss.github.io/kite is the page", ["moss.github.io/kite"]),
    ('"https://a.example/q?x=1&y=2".', ["https://a.example/q?x=1&y=2"]),
]


@pytest.mark.parametrize(("text", "links"), CASES)
def test_links(text: str, links: list[str]) -> None:
    """What the annotation takes, and nothing of the sentence around it."""
    assert [text[s:e] for s, e in find_links(text)] == links


def test_gold_links(shared: Path) -> None:
    """F1 on the annotated papers is at least .95."""
    right = wrong = 0
    for line in (shared / "gold" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found = {record["text"][s:e] for s, e in find_links(record["text"])}
        right += 2 * len(found & set(record["links"]))
        wrong += len(found ^ set(record["links"]))
    assert right / (right + wrong) >= 0.95
