"""Longest match of lexicon forms over words, in time linear in the text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kg.extract.lexicon.terms import Term
from kg.extract.words import WORD, Words

JOINERS = frozenset("-‐‑‒–_")
MAX_WORDS = 16
"""Longest form in words that are no joiners; longer forms are not indexed."""


class Entry(NamedTuple):
    """One way of writing a term: `cased` is the exact spelling that a proper name or acronym must have."""

    term: Term
    cased: str | None
    ambiguous: bool


class Node:
    """A node of the trie over lower-cased words; joiners are left out of the path."""

    __slots__ = ("entries", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.entries: list[Entry] = []


def singular(word: str) -> str:
    """`word` without a plural s: "GANs" and "GAN" are one."""
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "sS" else word


def spelled(words: Iterable[str]) -> str:
    """Words as one string, its plural s dropped, case kept."""
    return singular("".join(words))


def form_words(form: str) -> list[str]:
    """The words of a form without joiners."""
    return [word for word in WORD.findall(form) if word not in JOINERS]


def needs_case(form: str, kind: str) -> bool:
    """Proper names and acronyms need their case; spelled-out common terms do not."""
    if kind == "named":
        return " " not in form.strip() or form.islower() or sum(map(str.isalpha, form)) < 8
    if form.islower() or " " in form.strip():
        return False
    return sum(map(str.isupper, form)) >= 2 and not form.istitle()


def build_trie(terms: Iterable[Term]) -> Node:
    """Index every form of every term."""
    root = Node()
    for term in terms:
        unsure = set(term.ambiguous)
        for form in term.forms:
            words = form_words(form)
            if not words or len(words) > MAX_WORDS:
                continue
            node = root
            for word in [*words[:-1], singular(words[-1])]:
                low = word.lower()
                following = node.next.get(low)
                if following is None:
                    following = node.next[low] = Node()
                node = following
            cased = spelled(words) if needs_case(form, term.kind) else None
            node.entries.append(Entry(term, cased, form in unsure))
    return root


def longest_match(root: Node, words: Words, start: int, barrier: int) -> tuple[int, list[Entry]]:
    """The longest form that starts at word `start`: (index after its last word, its entries), or (start, [])."""
    node, best, found, spelling, position = root, start, [], "", start
    for _ in range(MAX_WORDS):
        if position >= len(words):
            break
        word = words.texts[position]
        if words.starts[position] >= barrier > words.starts[start]:
            break
        low = word.lower()
        last = node.next.get(singular(low)) or node.next.get(low)
        if last is not None and last.entries and not _inside(words, position):
            whole = singular(spelling + word)
            fit = [e for e in last.entries if e.cased is None or e.cased == whole]
            if fit:
                best, found = position + 1, fit
        step = node.next.get(low)
        if step is None:
            break
        node, spelling, position = step, spelling + word, position + 1
        if position < len(words) and words.texts[position] in JOINERS:
            position += 1
    return best, found


def starts_inside(words: Words, index: int) -> bool:
    """Whether word `index` goes on the letters or digits right before it ("4" in "GPT4")."""
    return words.glued(index) and words.texts[index].isalnum() and words.texts[index - 1].isalnum()


def _inside(words: Words, index: int) -> bool:
    return index + 1 < len(words) and starts_inside(words, index + 1)
