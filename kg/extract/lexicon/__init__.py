"""The lexicon: known methods, models, data sets, metrics and tasks, and where a text names them.

`Lexicon.load()` reads the terms that ship with the package; a user's own terms (JSON Lines with `name`, `type` and, if
wanted, `kind`, `forms`, `parent`, `direction`, `unit`, `ambiguous`) are laid on top and win over shipped ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kg.extract.lexicon.match import Node, build_trie, longest_match, singular, spelled, starts_inside
from kg.extract.lexicon.terms import LexiconError, Term, read_terms, term_key, write_terms
from kg.extract.words import Words, split_words

__all__ = ["Lexicon", "LexiconError", "LexiconHit", "Term", "read_terms", "term_key", "write_terms"]

SHIPPED = Path(__file__).with_name("terms.jsonl.gz")


@dataclass(frozen=True, slots=True)
class LexiconHit:
    """`text[start:end]` is a form of each of `terms`; `ambiguous` if the form often means something else."""

    start: int
    end: int
    terms: tuple[Term, ...]
    ambiguous: bool


class Lexicon:
    """Terms indexed for matching; build one with `Lexicon.load`, or from terms in hand."""

    def __init__(self, terms: tuple[Term, ...], version: str) -> None:
        self.terms = terms
        self.version = version
        self._root: Node = build_trie(terms)

    @classmethod
    def load(cls, path: Path | None = None, extra: Path | None = None) -> Lexicon:
        """The lexicon at `path` (default: the shipped one) with the terms of `extra` on top.

        Raises `LexiconError`, which names file, line and field, if a file cannot be read.
        """
        stamps = tuple(p.stat().st_mtime_ns if p is not None and p.exists() else 0 for p in (path, extra))
        return _load(path or SHIPPED, extra, stamps)

    def match(self, text: str) -> list[LexiconHit]:
        """All hits from left to right, longest first, none overlapping; offsets are code points of `text`."""
        return self.match_words(text, split_words(text))

    def match_words(self, text: str, words: Words) -> list[LexiconHit]:
        """`match` for a text that has been cut into words already. No hit spans the first line break (the title)."""
        barrier = text.find("\n")
        hits: list[LexiconHit] = []
        index = 0
        first = self._root.next
        lows = [word.lower() for word in words.texts]
        while index < len(words):
            low = lows[index]
            if (low not in first and singular(low) not in first) or starts_inside(words, index):
                index += 1
                continue
            stop, entries = longest_match(self._root, words, index, barrier)
            if entries:
                terms = tuple(dict.fromkeys(entry.term for entry in entries))
                unsure = any(e.ambiguous for e in entries) or len({t.type for t in terms}) > 1
                hits.append(LexiconHit(words.starts[index], words.ends[stop - 1], terms, unsure))
                index = stop
            else:
                index += 1
        return hits

    def lookup(self, form: str, type: str | None = None) -> Term | None:
        """The term that `form` as a whole names (of `type`, if given), or None; ambiguous forms count too."""
        words = split_words(form)
        if not words.texts:
            return None
        stop, entries = longest_match(self._root, words, 0, -1)
        fit = [e for e in entries if stop == len(words) and (type is None or e.term.type == type)]
        exact = spelled(words.texts)
        fit.sort(key=lambda e: (e.ambiguous, e.cased != exact, e.term.id))
        return fit[0].term if fit else None


@lru_cache(maxsize=4)
def _load(path: Path, extra: Path | None, stamps: tuple[int, ...]) -> Lexicon:
    terms, version = read_terms(path)
    if extra is not None:
        own, own_version = read_terms(extra)
        known = {term.id for term in own}
        terms = [*own, *(term for term in terms if term.id not in known)]
        version = hashlib.sha256(f"{version}+{own_version}".encode()).hexdigest()[:16]
    return Lexicon(tuple(terms), version)
