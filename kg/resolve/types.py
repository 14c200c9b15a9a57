"""Which type a name has when papers disagree: the lexicon's, else the vote; real homonyms keep several.

A type is an *anchor* of a key when there is reason to think that something of that type really bears the name: the
lexicon says so, an expansion of the acronym is of that type, or a paper introduces it as that and the type is not one
that is easily confused with another anchor. Readings of other types go to the nearest anchor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.resolve.census import Corpus
from kg.resolve.keys import match_key
from kg.resolve.terms import TermLike, Terms
from kg.vocab import DATASET, ENTITY_TYPES, METHOD, METRIC, MODEL, TASK

# Pairs that readers and models often take for each other, for names and for common terms.
_CONFUSED_NAMES = frozenset({frozenset({METHOD, MODEL}), frozenset({DATASET, TASK}), frozenset({METRIC, TASK})})
_MINORITY_SHARE, _MINORITY_PAPERS = 0.3, 3


@dataclass(frozen=True, slots=True)
class Vote:
    """What the papers say of one key and type; `named` is positive if most read it as a name."""

    weight: int
    docs: int
    named: int
    introduced: int


def confused(first: str, second: str, *, named: bool) -> bool:
    """Whether two types are easily taken for each other; for common terms all are."""
    return not named or first == second or frozenset({first, second}) in _CONFUSED_NAMES


def settle(
    votes: Mapping[str, Vote], terms: Mapping[str, tuple[TermLike, bool]], senses: frozenset[str], known: Terms
) -> dict[str, str]:
    """For each type that was voted for, the type that it settles to.

    `terms`: the lexicon's terms by type, with whether the form surely means them; `senses`: types of known expansions.
    """
    named = sum(vote.named for vote in votes.values()) > 0

    def rank(type: str) -> tuple[int, int]:
        return (votes[type].weight if type in votes else 0, -ENTITY_TYPES.index(type))

    top = max(votes, key=rank)
    anchors = set(senses) | _different({t: term for t, (term, sure) in terms.items() if sure}, known, rank, named)
    if top in terms and not terms[top][1]:
        anchors.add(top)
    if named:
        for type in sorted(votes, key=rank, reverse=True):
            if _stands(votes, type, top) and not any(confused(type, anchor, named=True) for anchor in anchors):
                anchors.add(type)
    if not anchors:
        anchors = {top}
    settled = {}
    for type in votes:
        near = [anchor for anchor in anchors if confused(type, anchor, named=named)]
        settled[type] = type if type in anchors else max(near or anchors, key=rank)
    return settled


def _stands(votes: Mapping[str, Vote], type: str, top: str) -> bool:
    """Whether the papers alone are reason enough to think that the name has this type too."""
    vote, total = votes[type], sum(v.weight for v in votes.values())
    strong = vote.docs >= _MINORITY_PAPERS and vote.weight >= _MINORITY_SHARE * total
    return vote.introduced > 0 or strong or (type == top and any(votes[t].introduced for t in votes if t != top))


def _different(terms: Mapping[str, TermLike], known: Terms, rank: object, named: bool) -> set[str]:
    """The types under which the lexicon knows different things: two terms with one long form are one thing."""
    assert callable(rank)
    found: list[str] = []
    for type in sorted(terms, key=rank, reverse=True):
        if not any(confused(type, other, named=named) and _one(terms[type], terms[other], known) for other in found):
            found.append(type)
    return set(found)


def _one(first: TermLike, second: TermLike, known: Terms) -> bool:
    """Whether nothing speaks against two terms being one thing: long forms, of which none is common to both."""
    some, others = ({match_key(form) for form in known.long_forms(term)} for term in (first, second))
    return not some or not others or bool(some & others)


def settle_all(corpus: Corpus, terms: Terms) -> list[str]:
    """The settled type of each cell."""
    settled = list(corpus.cell_type)
    explained = corpus.expansions
    for key, cells in corpus.cells_by_key():  # names that are no abbreviations first: they are the senses of those
        if key not in explained:
            _settle_key(corpus, terms, cells, frozenset(), settled)
    for key, cells in corpus.cells_by_key():
        if key in explained:
            senses = frozenset(settled[c] for c, _ in explained[key] if corpus.cell_key[c] not in explained)
            _settle_key(corpus, terms, cells, senses, settled)
    return settled


def _settle_key(corpus: Corpus, terms: Terms, cells: list[int], senses: frozenset[str], settled: list[str]) -> None:
    forms = sorted({form for cell in cells for form, _ in corpus.own_forms(cell)})
    by_type = terms.by_type(forms)
    if not by_type and len({corpus.cell_type[cell] for cell in cells}) == 1:
        return
    votes: dict[str, Vote] = {}
    for cell in cells:
        old = votes.get(corpus.cell_type[cell], Vote(0, 0, 0, 0))
        votes[corpus.cell_type[cell]] = Vote(
            old.weight + corpus.weight[cell],
            old.docs + corpus.docs[cell],
            old.named + corpus.named[cell],
            old.introduced + corpus.introduced[cell],
        )
    types = settle(votes, by_type, senses, terms)
    for cell in cells:
        settled[cell] = types[corpus.cell_type[cell]]
