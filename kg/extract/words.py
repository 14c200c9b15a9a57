"""Words as the trained model sees them: runs of letters, runs of digits, or one other character.

Offsets count code points of the text that was given; no lower-cased copy is ever searched, because lower-casing may
change a text's length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")

LOWER, DIGITS, UPPER, ONE_CAPITAL, CAPITALISED, MIXED, OTHER = range(7)
SHAPES = 14
"""Number of shape classes: seven of :func:`letter_case`, each free-standing or glued to the word before."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text with their code-point offsets."""

    texts: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def glued(self, index: int) -> bool:
        """Whether word `index` follows the word before it without a blank."""
        return index > 0 and self.starts[index] == self.ends[index - 1]


def split_words(text: str) -> Words:
    """Cut `text` into words; blanks are dropped, every other character belongs to exactly one word."""
    found = [(m.group(), m.start(), m.end()) for m in WORD.finditer(text)]
    return Words(tuple(w for w, _, _ in found), tuple(s for _, s, _ in found), tuple(e for _, _, e in found))


def letter_case(word: str) -> int:
    """The case class of one word: `LOWER` … `OTHER`."""
    if word.isdigit():
        return DIGITS
    if not word.isalpha():
        return OTHER
    if word.islower():
        return LOWER
    if len(word) == 1:
        return ONE_CAPITAL if word.isupper() else LOWER
    if word.isupper():
        return UPPER
    if word[0].isupper() and word[1:].islower():
        return CAPITALISED
    return MIXED


def shapes(words: Words) -> list[int]:
    """One shape class (0 … `SHAPES` - 1) a word."""
    return [2 * letter_case(w) + words.glued(i) for i, w in enumerate(words.texts)]
