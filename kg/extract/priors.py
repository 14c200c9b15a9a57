"""What the training papers say about words and forms: how often a form is seen, and how often it is an entity."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kg.vocab import ENTITY_TYPES

WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f\u200b-\u200d]+[^\W_]*)*[+*]{0,2}")
MAX_WORDS = 6
_KEEP = re.compile(r"[^\w+*]|_")


class TextWord(NamedTuple):
    """A word of a view: its place and itself in lower case."""

    start: int
    end: int
    low: str


def text_words(text: str) -> list[TextWord]:
    """The words of a view, hyphenated ones apart."""
    return [TextWord(m.start(), m.end(), m.group().lower()) for m in WORD.finditer(text)]


@lru_cache(maxsize=1 << 15)
def form_key(form: str) -> str:
    """The key under which spellings of one form meet: lower case, no blanks and hyphens, no plural s.

    >>> form_key("Low-Rank Adaptations") == form_key("low rank adaptation")
    True
    """
    key = _KEEP.sub("", form.lower())
    return key[:-1] if len(key) > 3 and key[-1] == "s" and key[-2] != "s" else key


def joined(text: str, words: Sequence[TextWord], index: int) -> bool:
    """Whether word `index` may stand in one form with the word before it: only a blank or a hyphen between them."""
    gap = text[words[index - 1].end : words[index].start]
    return gap in {" ", "-", "", "/"} or (gap.strip() == "" and len(gap) < 12 and "\n" not in gap)


def ngrams(text: str, words: Sequence[TextWord], never: frozenset[str] = frozenset()) -> Iterator[tuple[int, int, str]]:
    """All stretches of 1 … MAX_WORDS words that do not begin with one of `never`: first word, last word, key."""
    for first in range(len(words)):
        if words[first].low in never:
            continue
        run = ""
        for last in range(first, min(len(words), first + MAX_WORDS)):
            if last > first and not joined(text, words, last):
                break
            run += words[last].low
            yield first, last, run[:-1] if len(run) > 3 and run[-1] == "s" and run[-2] != "s" else run


@dataclass(frozen=True, slots=True)
class Priors:
    """`forms`: key → papers with it, then those where it is an entity, by type; `words`: n, inside, first, last."""

    forms: dict[str, tuple[int, ...]]
    words: dict[str, tuple[int, int, int, int]]


def count_priors(papers: Iterable[dict[str, Any]]) -> Priors:
    """Count them over gold records (`text`, `entities`)."""
    from kg.extract.view import read_view

    gold: dict[str, list[int]] = {}
    seen: dict[str, int] = {}
    words: dict[str, list[int]] = {}
    papers = list(papers)
    for paper in papers:
        per_paper = {form_key(f): e["type"] for e in paper["entities"] for f in e["forms"]}
        for key, type_ in per_paper.items():
            gold.setdefault(key, [0] * len(ENTITY_TYPES))[ENTITY_TYPES.index(type_)] += 1
    for paper in papers:
        view = read_view(paper["text"]).text
        found = text_words(view)
        keys = {key for _, _, key in ngrams(view, found) if key in gold}
        for key in keys:
            seen[key] = seen.get(key, 0) + 1
        forms = {form_key(f) for e in paper["entities"] for f in e["forms"]}
        inside, first, last = [False] * len(found), [False] * len(found), [False] * len(found)
        taken = -1
        for a, b, _key in sorted(
            ((a, b, k) for a, b, k in ngrams(view, found) if k in forms), key=lambda x: (x[0], -x[1])
        ):
            if a <= taken:
                continue
            taken = b
            first[a] = last[b] = True
            inside[a : b + 1] = [True] * (b + 1 - a)
        for index, word in enumerate(found):
            row = words.setdefault(word.low, [0, 0, 0, 0])
            row[0] += 1
            row[1] += inside[index]
            row[2] += first[index]
            row[3] += last[index]
    return Priors(
        {k: (max(seen.get(k, 0), sum(v)), *v) for k, v in sorted(gold.items())},
        {k: (v[0], v[1], v[2], v[3]) for k, v in sorted(words.items()) if v[0] >= 5},
    )


def write_priors(priors: Priors, path: Path) -> None:
    """Write as gzipped JSON, the same bytes for the same counts."""
    content = json.dumps({"forms": priors.forms, "words": priors.words}, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(content.encode("utf-8"), compresslevel=9, mtime=0))


@lru_cache(maxsize=2)
def read_priors(path: Path) -> Priors:
    """Read what `write_priors` wrote."""
    raw = json.loads(gzip.decompress(path.read_bytes()))
    return Priors(
        {k: tuple(v) for k, v in raw["forms"].items()}, {k: (v[0], v[1], v[2], v[3]) for k, v in raw["words"].items()}
    )
