"""Clusters as entities: type, kind, name, id, and the reason for each of their forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg.model import MergeRow
from kg.resolve import reasons
from kg.resolve.census import Corpus
from kg.resolve.keys import difference, digits, id_key, is_plural, plain
from kg.resolve.linking import Linker
from kg.resolve.similarity import abbreviates
from kg.resolve.terms import TermLike
from kg.text import bounded, digest
from kg.vocab import ENTITY_TYPES

_SHOWN = re.compile(r"\b[A-Z]{2,}[a-z]+|\b[A-Z]?[a-z]+[A-Z]")


@dataclass(frozen=True, slots=True)
class Cluster:
    """An entity before anything is known of its edges. `forms` are all ways in which papers write it, sorted."""

    id: str
    type: str
    kind: str
    name: str
    term: str
    cells: tuple[int, ...]
    forms: tuple[str, ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """The forms other than the name."""
        return tuple(form for form in self.forms if form != self.name)


def name_clusters(linker: Linker) -> list[Cluster]:
    """All clusters of a linked corpus as entities with different ids, in the order of these."""
    drafts = [_draft(linker, cells) for cells in linker.forest.clusters().values()]
    taken: dict[str, list[Cluster]] = {}
    for draft in drafts:
        taken.setdefault(draft.id, []).append(draft)
    found: dict[str, Cluster] = {}
    for same in taken.values():
        for cluster in same if len(same) == 1 else _told_apart(linker.corpus, same):
            found[cluster.id] = cluster
    return [found[id] for id in sorted(found)]


def entity_id(type: str, key: str) -> str:
    """`{type}/{key}` in lower case, of bounded length."""
    return bounded(f"{type.lower()}/{key}")


def _draft(linker: Linker, cells: list[int]) -> Cluster:
    corpus = linker.corpus
    term = _term(linker, cells)
    type = term.type if term else _vote(linker, cells)
    kind = term.kind if term else ("named" if sum(corpus.named[cell] for cell in cells) > 0 else "class")
    name = (plain(term.name) or term.name) if term else _name(linker, cells)
    forms = {corpus.forms[form] for cell in cells for form, _ in corpus.usage(cell)}
    return Cluster(
        entity_id(type, id_key(name)), type, kind, name, term.id if term else "", tuple(cells), tuple(sorted(forms))
    )


def _term(linker: Linker, cells: list[int]) -> TermLike | None:
    id = linker.forest.term(cells[0])
    if id is None:
        return None
    return next(term for cell in cells if (term := linker.term[cell]) is not None and term.id == id)


def _vote(linker: Linker, cells: list[int]) -> str:
    """The type of most weight; the earlier in the vocabulary if two have as much."""
    weights = dict.fromkeys(ENTITY_TYPES, 0)
    for cell in cells:
        weights[linker.settled[cell]] += linker.corpus.weight[cell]
    return max(ENTITY_TYPES, key=lambda type: weights[type])


def _name(linker: Linker, cells: list[int]) -> str:
    """The most used spelling of the most used full name: an expansion before an acronym, a singular before a plural."""
    corpus = linker.corpus
    full = [cell for cell in cells if cell not in linker.derived] or cells
    papers: dict[int, int] = {}
    for cell in full:
        papers[corpus.cell_key[cell]] = papers.get(corpus.cell_key[cell], 0) + corpus.docs[cell]
    key = min(papers, key=lambda k: (-papers[k], -len(corpus.keys[k]), k))
    uses: dict[str, int] = {}
    for cell in full:
        if corpus.cell_key[cell] == key:
            for form, count in corpus.own_forms(cell):
                uses[form] = uses.get(form, 0) + count
    named = sum(corpus.named[cell] for cell in cells) > 0

    def order(form: str) -> tuple[bool, bool, int, int, int, str]:
        capitals = sum(c.isupper() for c in form)
        marked = plain(form) != form or "<" in form or ">" in form or " (" in form
        # "MOdel Surgery" shows where its acronym comes from.
        shown = len(_SHOWN.findall(form)) if " " in form else 0
        return (marked, is_plural(form), -uses[form], shown, -capitals if named else capitals, form)

    best = min(uses, key=order)
    return plain(best) or best


def _told_apart(corpus: Corpus, same: list[Cluster]) -> Iterator[Cluster]:
    """Homonyms with their expansions appended to the id; the lexicon's, or one without expansion, keeps it plain."""
    expansions = [_expansion(cluster) for cluster in same]
    keeps = next((i for i, c in enumerate(same) if c.term), None)
    if keeps is None:
        plain_ones = [i for i, expansion in enumerate(expansions) if not expansion]
        papers = [sum(corpus.docs[cell] for cell in cluster.cells) for cluster in same]
        keeps = min(plain_ones, key=lambda i: (-papers[i], i), default=None)
    used = {same[0].id} if keeps is not None else set()
    for number, (cluster, expansion) in enumerate(zip(same, expansions, strict=True)):
        id = cluster.id
        if number != keeps:
            id = entity_id(cluster.type, f"{id_key(cluster.name)}-{id_key(expansion)}") if expansion else id
            if id in used:
                members = (_cell_name(corpus, cell) for cell in cluster.cells)
                id = bounded(f"{cluster.id}~{digest(*sorted(members), length=8)}")
        used.add(id)
        yield Cluster(id, cluster.type, cluster.kind, cluster.name, cluster.term, cluster.cells, cluster.forms)


def _cell_name(corpus: Corpus, cell: int) -> str:
    """What makes a cell that cell: key, type, and the paper if it coins the name."""
    coiner = corpus.cell_coiner[cell]
    paper = corpus.papers[coiner - 1] if coiner else ""
    return f"{corpus.keys[corpus.cell_key[cell]]}/{corpus.cell_type[cell]}/{paper}"


def _expansion(cluster: Cluster) -> str:
    """The longest form that the name abbreviates, "" if there is none."""
    long = [form for form in cluster.forms if abbreviates(cluster.name, form)]
    return max(long, key=lambda form: (len(form), form), default="")


def merge_rows(linker: Linker, cluster: Cluster) -> list[MergeRow]:
    """A row for each form and type as extracted that is not the entity's name and type, with the reason."""
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for form, type, reason in _form_reasons(linker, cluster):
        score = reasons.TRUST[reason]
        if type != cluster.type:
            why = reasons.TYPE_LEXICON if cluster.term else reasons.TYPE_VOTE
            score = min(score, reasons.TRUST[why])
            reason = why if form == cluster.name else f"{reason}; {why}"
        elif form == cluster.name:
            continue
        best[form, type] = max(best.get((form, type), (0.0, "")), (score, reason))
    return [MergeRow(cluster.id, form, type, reason, score) for (form, type), (score, reason) in sorted(best.items())]


def _form_reasons(linker: Linker, cluster: Cluster) -> Iterable[tuple[str, str, str]]:
    """(form, type as extracted, reason), possibly several for one form and type."""
    corpus = linker.corpus
    name_key = corpus.key_number.get(corpus.reader.keyer(cluster.name))
    start = next((c for c in cluster.cells if corpus.cell_key[c] == name_key), None)
    own = reasons.LEXICON if start is None else reasons.SPELLED
    reached = linker.forest.reasons_from(cluster.cells[0] if start is None else start, own, weakest=reasons.SPELLED)
    for cell in cluster.cells:
        step = reached[cell]
        for number, _ in corpus.usage(cell):
            form, key = corpus.forms[number], corpus.form_key[number]
            if key == name_key:
                reason = difference(form, cluster.name)
            elif key == corpus.cell_key[cell]:
                term = linker.term[cell]
                reason = reasons.LEXICON if term is not None and term.id == cluster.term else step
            elif corpus.explains(key, cell):
                reason = reasons.IN_TEXT
            else:
                reason = reasons.COREFERENCE
            if reason != reasons.RULE and digits(form) != digits(cluster.name) and step != reasons.RULE:
                reason = reasons.VERSION
            yield form, corpus.cell_type[cell], reason
