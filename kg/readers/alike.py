"""When two papers under different ids are one: keys of their titles, words of their abstracts, DOI and arXiv id."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.model import Paper
from kg.readers.metadata import arxiv_id, doi
from kg.text import digest, fold, fold_title

_WORD = re.compile(r"[^\W_]+")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_URL = re.compile(r"https?://\S+")
_VERSION = re.compile(r"v([0-9]+)$")
_OWN_ARXIV_DOI = re.compile(r"doi:10\.48550/arxiv\.", re.IGNORECASE)
_LONGEST_TITLE = 300  # characters of a first line that is taken for a title where a record gives its text alone

SHINGLE = 3  # words
SHARED = 0.5  # of the shingles of the shorter abstract
SHORT = 40  # words; shorter abstracts must be equal, because few shingles prove little
TITLE_SHARED = 0.34  # of all words of two titles, where a DOI speaks for their being one


def parts(paper: Paper) -> tuple[str, str]:
    """Title and abstract for comparing; the first line is the title where a record gave its text alone."""
    if paper.title:
        return paper.title, paper.abstract
    first, _, rest = paper.abstract.partition("\n")
    return (first, rest) if rest.strip() and len(first) <= _LONGEST_TITLE else ("", paper.abstract)


def title_key(paper: Paper) -> str:
    """The key under which titles are one: letters and digits alone (marks alone where there are none of these).

    Blanks do not count, as pages set "H$_2$O" where sources have "H2O".
    """
    title = parts(paper)[0]
    if title.isascii() and (plain := _NOT_ALNUM.sub("", title.lower())):
        return plain  # the same, faster
    return fold_title(title).replace(" ", "") or fold(title)


def words(text: str) -> list[str]:
    """The words of an abstract for comparing: folded, without addresses (a page saved elsewhere has other hosts)."""
    return _WORD.findall(_URL.sub(" ", text).casefold())


def same_words(paper: Paper) -> str:
    """A digest that equal abstracts share."""
    return digest(*words(parts(paper)[1]))


def shingles(paper: Paper) -> frozenset[tuple[str, ...]]:
    """All runs of three words of the abstract; empty for a short one (w-shingling, Broder 1997)."""
    found = words(parts(paper)[1])
    if len(found) < SHORT:
        return frozenset()
    return frozenset(zip(*(found[start:] for start in range(SHINGLE)), strict=False))


def alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    """Whether two abstracts share most of the shingles of the shorter (a cut abstract is like the whole one)."""
    shorter = min(len(one), len(other))
    return shorter > 0 and len(one & other) >= SHARED * shorter


def similar_titles(one: Paper, other: Paper) -> bool:
    """Whether two titles share a good part of their words."""
    first, second = (set(_WORD.findall(parts(paper)[0].casefold())) for paper in (one, other))
    return len(first & second) >= TITLE_SHARED * max(1, len(first | second))


def outside_ids(paper: Paper) -> tuple[set[str], set[str]]:
    """The arXiv ids (without version) and the DOIs of a paper, from all the ids that its sources gave."""
    arxiv, dois = set(), set()
    for given in paper.source_ids:
        as_doi = doi(given)
        if as_arxiv := arxiv_id(_OWN_ARXIV_DOI.sub("arxiv:", as_doi) if as_doi else given):
            arxiv.add(_VERSION.sub("", as_arxiv.lower()))
        elif as_doi:
            dois.add(as_doi)
    return arxiv, dois


def version(ids: Iterable[str]) -> int:
    """The highest version that arXiv ids among `ids` name, 0 where none does."""
    found = (_VERSION.search(arxiv_id(given)) for given in ids)
    return max((int(v[1]) for v in found if v), default=0)
