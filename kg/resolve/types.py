"""Which type a name has when papers disagree: the lexicon's, else the vote; real homonyms keep several.

A type is an *anchor* of a key when there is reason to think that something of that type really bears the name: the
lexicon says so, an expansion of the acronym is of that type, or a paper introduces it as that and the type is not one
that is easily confused with another anchor. Readings of other types go to the nearest anchor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kg.resolve.census import SCALE, Corpus
from kg.resolve.keys import match_key
from kg.resolve.terms import Retyped, TermLike, Terms
from kg.resolve.variants import EDITION, NUMBER, VERSION, steps
from kg.vocab import DATASET, ENTITY_TYPES, METHOD, METRIC, MODEL, TASK

# Pairs that readers and models often take for each other, for names and for common terms.
_CONFUSED_NAMES = frozenset({frozenset({METHOD, MODEL}), frozenset({DATASET, TASK}), frozenset({METRIC, TASK})})
PRIOR = 2 * SCALE
"""Votes that the lexicon has for the types of a form that often means something else."""
_MINORITY_SHARE, _MINORITY_PAPERS = 0.3, 3
_DISSENT = 0.75 * SCALE
"""How sure readings must be, on average, to stand against the lexicon as another thing of that name."""


Rank = Callable[[str], tuple[int, int]]


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
    votes: Mapping[str, Vote],
    terms: Mapping[str, tuple[TermLike, bool]],
    senses: frozenset[str],
    known: Terms,
    *,
    word: bool = True,
) -> dict[str, str]:
    """For each type that was voted for, the type that it settles to.

    `terms`: the lexicon's terms by type, with whether the form surely means them; `senses`: types of known expansions;
    `word`: whether the name is one word, for only those are borne by different things.
    """
    named = word and sum(vote.named for vote in votes.values()) > 0

    def rank(type: str) -> tuple[int, int]:
        known = PRIOR if type in terms else 0
        return (votes[type].weight + known if type in votes else 0, -ENTITY_TYPES.index(type))

    top = max(votes, key=rank)
    anchors = set(senses) | _different({t: term for t, (term, sure) in terms.items() if sure}, known, rank, named)
    if top in terms and not terms[top][1]:
        anchors.add(top)
    if named:
        for type in sorted(votes, key=rank, reverse=True):
            dissents = votes[type].weight < _DISSENT * votes[type].docs and any(sure for _, sure in terms.values())
            new = not dissents and not any(confused(type, anchor, named=True) for anchor in anchors)
            if new and _stands(votes, type, top):
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


def _different(terms: Mapping[str, TermLike], known: Terms, rank: Rank, named: bool) -> set[str]:
    """The types under which the lexicon knows different things: two terms with one long form are one thing."""
    found: list[str] = []
    for type in sorted(terms, key=rank, reverse=True):
        if not any(confused(type, other, named=named) and _one(terms[type], terms[other], known) for other in found):
            found.append(type)
    return set(found)


def _one(first: TermLike, second: TermLike, known: Terms) -> bool:
    """Whether nothing speaks against two terms being one thing: long forms, of which none is common to both.

    A common term that is listed under two types is one thing anyway.
    """
    if first.kind == second.kind == "class" and match_key(first.name) == match_key(second.name):
        return True
    some, others = ({match_key(form) for form in known.long_forms(term)} for term in (first, second))
    return not some or not others or bool(some & others)


def settle_all(corpus: Corpus, terms: Terms) -> tuple[list[str], dict[int, TermLike]]:
    """The settled type of each cell, and the terms of those cells that follow the name of their term."""
    settled = list(corpus.cell_type)
    explained = corpus.expansions
    for key, cells in corpus.cells_by_key():  # names that are no abbreviations first: they are the senses of those
        if key not in explained:
            _settle_key(corpus, terms, cells, frozenset(), settled)
    for key, cells in corpus.cells_by_key():
        if key in explained:
            senses = frozenset(settled[c] for c, _ in explained[key] if corpus.cell_key[c] not in explained)
            _settle_key(corpus, terms, cells, senses, settled)
    followed = _follow_names(corpus, terms, settled)
    _follow_families(corpus, terms, settled)
    return settled, followed


def _follow_families(corpus: Corpus, terms: Terms, settled: list[str]) -> None:
    """A version, number or edition of a method is a method, of a model a model, unless the lexicon knows better.

    A size is none of these: a method of training ("OREAL") has models of all sizes ("OREAL-32B").
    """
    by_key = dict(corpus.cells_by_key())
    for key, cells in by_key.items():
        if sum(corpus.named[cell] for cell in cells) <= 0 or not {settled[cell] for cell in cells} <= {METHOD, MODEL}:
            continue
        form = corpus.own_forms(cells[0])[0][0]
        step = next(steps(form, MODEL), None)
        if step is None or step.kind not in (VERSION, NUMBER, EDITION) or terms.by_type([form]):
            continue
        family = corpus.key_number.get(corpus.reader.keyer(step.rest), key)
        alike = [cell for cell in by_key.get(family, ()) if step.rest in (form for form, _ in corpus.own_forms(cell))]
        types = {settled[cell] for cell in alike}
        if len(types) == 1 and types < {METHOD, MODEL} and family not in corpus.expansions:
            for cell in cells:
                settled[cell] = next(iter(types))


def _follow_names(corpus: Corpus, terms: Terms, settled: list[str]) -> dict[int, TermLike]:
    """Other forms of a common term follow its name where the papers give that another type than the lexicon does.

    They do if the lexicon has the name under that type too, or does not count the name itself among the sure forms.
    """
    followed: dict[int, TermLike] = {}
    by_key = dict(corpus.cells_by_key())
    for key, cells in by_key.items():
        types = {settled[cell] for cell in cells}
        if len(types) > 1 or sum(corpus.named[cell] for cell in cells) > 0:
            continue
        type = types.pop()
        term = next((t for form, _ in corpus.own_forms(cells[0]) if (t := terms.of_type(form, type))), None)
        named = corpus.key_number.get(corpus.reader.keyer(term.name)) if term is not None else None
        if term is None or term.kind != "class" or named is None or named == key:
            continue
        others = {settled[cell] for cell in by_key.get(named, ())} - {type}
        if len(others) != 1:
            continue
        other = others.pop()
        twin = terms.of_type(term.name, other)
        if twin is None and terms.of_type(term.name, type) is None:
            twin = Retyped(term.id, term.name, other, term.kind, term.forms, term.parent, term.ambiguous)
        if twin is not None:
            for cell in cells:
                settled[cell], followed[cell] = other, twin
    return followed


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
    types = settle(votes, by_type, senses, terms, word=not any(" " in form.strip() for form in forms))
    for cell in cells:
        settled[cell] = types[corpus.cell_type[cell]]
