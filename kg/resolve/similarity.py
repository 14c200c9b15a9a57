"""Likeness of long and short forms. It merges nothing by itself: likeness only ever supports other evidence."""

from __future__ import annotations

import re

from kg.resolve.keys import plain
from kg.text import fold

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SMALL = re.compile("a|an|and|as|at|by|for|from|in|into|of|on|or|the|to|under|via|with")
# Endings of derivation, longest first: convolution / convolutional, adapter / adaptation / adaption, net / network.
_ENDING = re.compile(
    "(?:izational|ization|ational|ications|ication|ations|ation|ative|ators|ator|ional|itions|ition|ively|ments|ment|iers"
    "|ier|ings|ions|ized|izer|iz|ing|ion|ive|ors|ers|ies|ial|ate|at|or|er|ed|al|es|ly|s|e|y)$"
)


def words(form: str) -> list[str]:
    """The folded words of a form."""
    return _WORD.findall(fold(plain(form)))


def abbreviates(short: str, long: str) -> bool:
    """Whether `short` may abbreviate `long`: its letters stand in it in this order, the first at the first letter.

    The rule of Schwartz & Hearst (2003), with two more demands: `long` has more words than `short` (words inside a
    camel-cased name count), and at least half of the letters of an acronym in capitals begin a word.

    >>> abbreviates("LKA", "Lattice Kite Attention"), abbreviates("LLMs", "large language models")
    (True, True)
    >>> abbreviates("LoRA", "Low-Rank Adaptation"), abbreviates("GPT", "large model"), abbreviates("kite", "Kite net")
    (True, False, False)
    """
    compact = "".join(_WORD.findall(fold(plain(short).removesuffix("s") if short[-2:-1].isupper() else plain(short))))
    parts = _parts(long)
    if not 1 < len(compact) <= 12 or " " in short.strip() or len(parts) < 2 or not any(c.isupper() for c in short):
        return False
    text = " ".join(parts)
    if text.replace(" ", "").startswith(compact) or set(words(short)) < set(parts):
        return False  # cut short, not abbreviated
    starts = {0} | {i + 1 for i, c in enumerate(text) if c == " "}
    return len(compact) < len(text.replace(" ", "")) and _aligned(compact, text, starts)


def _parts(long: str) -> list[str]:
    """The words of a long form, camel-cased ones cut: "ConvNet" is "conv net"."""
    parts: list[str] = []
    for word in re.findall(r"[^\W_]+", plain(long)):
        parts.extend(fold(piece) for piece in (_CAMEL.findall(word) if word.isascii() else [word]))
    return parts


def _aligned(short: str, text: str, starts: set[int]) -> bool:
    """Whether `short` can be laid over `text` in order, at least half of its letters on word starts."""
    if text[:1] != short[:1]:
        return False
    best = {0: 1}  # position in text -> most word starts hit so far
    for letter in short[1:]:
        reached: dict[int, int] = {}
        furthest = min(best)
        most = 0
        for position in range(furthest + 1, len(text)):
            most = max(most, best.get(position - 1, 0))
            if text[position] == letter and most:
                reached[position] = most + (position in starts)
        if not reached:
            return False
        best = reached
    return max(best.values()) * 2 >= len(short)


def stems(form: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning; equal stems of two expansions of one acronym make them one.

    >>> stems("Low-Rank Adaptation") == stems("low-rank adapters"), stems("recurrent net") == stems("recursive net")
    (True, False)
    >>> stems("Convolution Neural Networks") == stems("convolutional neural network")
    True
    """
    return tuple(stem(word) for word in words(form) if not _SMALL.fullmatch(word))


def says_no_more(first: str, second: str) -> bool:
    """Whether one of two long forms has all the stems of the other: expansions of one acronym that may be one thing.

    >>> says_no_more("Segment Anything", "Segment Anything Model"), says_no_more("pre-trained net", "pretrained nets")
    (True, True)
    >>> says_no_more("graph convolutional network", "gated contour network")
    False
    """
    some, others = stems(first), stems(second)
    return set(some) <= set(others) or set(others) <= set(some) or "".join(some) == "".join(others)


def stem(word: str) -> str:
    """A word without endings of derivation, at least four letters of it."""
    if word in ("net", "nets"):
        return "network"
    while not word.endswith("ss"):
        match = _ENDING.search(word, 4)
        if match is None:
            break
        word = word[: match.start()]
    return word


def shortens(short: str, long: str) -> bool:
    """Whether `short` is a run of some of the words of `long`: "distillation", "knowledge distillation"."""
    some, every = words(short), words(long)
    if not some or len(some) >= len(every):
        return False
    return any(every[i : i + len(some)] == some for i in range(len(every) - len(some) + 1))
