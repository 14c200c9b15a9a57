"""How alike two names are: pure string work for looking names up. What a user types is text, never a language."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from kg.text import fold

_SEPARATOR = re.compile(r"[\s\-'’`]+")
_RUNS = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")
_ALWAYS_OPTIONAL = frozenset("- '’`")
_OPTIONAL_IN_PHRASES = frozenset(',:;()?!."“”/&')


def spaced(text: str) -> str:
    """A folded form without accents on Latin letters, with blanks for hyphens: "Na\\u00efve-Kite" → "naive kite"."""
    return " ".join(_without_accents(fold(text)).replace("-", " ").split())


def loose(text: str) -> str:
    """`spaced` without separators, except between digits: LLaMA-2-7B is "llama 2 7b", Kite2-7B is not Kite27B.

    >>> loose("LLaMA-2-7B"), loose("Llama 2 7B"), loose("Kite 27B")
    ('llama2-7b', 'llama2-7b', 'kite27b')
    """
    plain = spaced(text)
    joined = _SEPARATOR.sub(
        lambda m: "-" if plain[m.start() - 1 : m.start()].isdigit() and plain[m.end() : m.end() + 1].isdigit() else "",
        plain,
    )
    return joined or plain


def unlike(name: str, aliases: Iterable[str]) -> list[str]:
    """The aliases that tell a reader something: without those that differ from another or the name in case or hyphens.

    >>> unlike("LLaMA-2", ["Llama 2", "LLAMA-2", "Large Llama", "large llama"])
    ['Large Llama']
    """
    told = {loose(name): name}
    for alias in aliases:
        told.setdefault(loose(alias), alias)
    return list(told.values())[1:]


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    kept = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        kept.append(parts[0] if len(parts) > 1 and parts[0].isascii() else letter)
    return "".join(kept)


def runs(text: str) -> list[str]:
    """The runs of letters and the numbers of a spaced text: "llama 2 7b" → llama, 2, 7, b."""
    return _RUNS.findall(text)


def tolerance(length: int) -> int:
    """How many slips of the pen a word of `length` letters may have."""
    return 0 if length < 4 else 1 if length < 9 else 2


def slip(typed: str, word: str) -> bool:
    """Whether `typed` is `word` with few enough letters dropped, doubled, changed or swapped.

    Words of four letters only with two neighbours swapped: too many of them differ in one letter. A letter doubled at
    the wrong place counts as one slip.

    >>> slip("bret", "bert"), slip("near", "bear"), slip("lamma", "llama"), slip("transfomers", "transformers")
    (True, False, True, True)
    """
    if typed == word:
        return True
    allowed = tolerance(min(len(typed), len(word)))
    if not allowed or abs(len(typed) - len(word)) > allowed:
        return False
    if min(len(typed), len(word)) == 4 and Counter(typed) != Counter(word):
        return False
    if typed[0] == word[0] and set(typed) == set(word) and len(typed) == len(word) > 4:
        allowed = 2
    return OSA.distance(typed, word, score_cutoff=allowed) <= allowed


def is_typo_of(typed: str, form: str) -> bool:
    """Whether a spaced `typed` text may mean the spaced `form`: slips in its letters, none in numbers and symbols.

    >>> is_typo_of("chinchila 70b", "chinchilla 70b"), is_typo_of("kite 4", "kite 5"), is_typo_of("f1@10", "f1")
    (True, False, False)
    """
    several = " " in typed
    optional = _ALWAYS_OPTIONAL | (_OPTIONAL_IN_PHRASES if several else frozenset())
    if any(c not in form for c in typed if not c.isalnum() and c not in optional):
        return False
    wanted, there = runs(typed), runs(form)
    if not wanted or not _enough_letters(wanted):
        return False
    numbers = [run for run in wanted if run[0].isdigit()]
    if Counter(numbers) - Counter(run for run in there if run[0].isdigit()):
        return False
    if "".join(c for c in typed if c.isdigit()) == "".join(c for c in form if c.isdigit()) and slip(
        loose(typed), loose(form)
    ):
        return True
    return all(word in there or any(slip(word, other) for other in there) for word in wanted if not word[0].isdigit())


def _enough_letters(words: list[str]) -> bool:
    return max((len(word) for word in words if not word[0].isdigit()), default=0) >= 4
