"""Which forms of a document name one thing.

Union-find over the forms: one key (spelling, case, hyphens, plural), an abbreviation and its long form, one term of the
lexicon, one key once the abbreviations are put in; for pairs that only have something in common a learned decision
(`sameness`). Forms with different digits never meet, not even through a third.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from itertools import combinations

from spacy.tokens import Doc

from kg.extract.decision import Decider
from kg.extract.lexicon import Term
from kg.extract.priors import form_key
from kg.extract.sameness import Form, content, contract, linked, marks, pair_features, setting_of, stems
from kg.extract.state import Found, Pair, Thing, get, get_text, get_view, put, spans, title_end
from kg.vocab import ENTITY_TYPES

THRESHOLD = 0.5
MAX_FORMS = 150  # of a document, beyond which only sure joints are made: the pairs would grow without bound


class _Union:
    """Union-find that keeps groups of different digits, or other marks, apart."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.parent = list(range(len(forms)))
        self.marks = [{marks(f.text)} for f in forms]

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i: int, j: int, *, defined: bool = False) -> None:
        a, b = sorted((self.root(i), self.root(j)))
        if a == b:
            return
        both = self.marks[a] | self.marks[b]
        numbered = {m for m in both if m}
        if len(numbered) > 1 or (len(both) > 1 and not defined):
            return
        self.parent[b] = a
        self.marks[a] = both


def cluster(forms: Sequence[Form], pairs: Sequence[tuple[str, str]], decider: Decider | None = None) -> list[list[int]]:
    """Groups of indices into `forms`; `pairs` are the keys of long and short forms that the text defines."""
    union = _Union(forms)
    _join_sure(forms, pairs, _by_key(forms), union)
    if decider is not None and len(forms) <= MAX_FORMS:
        setting = setting_of(forms, pairs)
        scored = []
        for i, j in combinations(range(len(forms)), 2):
            if forms[i].type == forms[j].type and union.root(i) != union.root(j) and linked(forms[i], forms[j]):
                chance = decider.probabilities(pair_features(forms[i], forms[j], setting))[1]
                if chance >= THRESHOLD:
                    scored.append((-chance, i, j))
        for _, i, j in sorted(scored):
            union.join(i, j)
    groups: dict[int, list[int]] = {}
    for index in range(len(forms)):
        groups.setdefault(union.root(index), []).append(index)
    return [groups[key] for key in sorted(groups)]


def joined_for_sure(forms: Sequence[Form], pairs: Sequence[tuple[str, str]]) -> list[int]:
    """For each form the first one that it is joined to without asking the learned decision."""
    union = _Union(forms)
    _join_sure(forms, pairs, _by_key(forms), union)
    return [union.root(index) for index in range(len(forms))]


def _by_key(forms: Sequence[Form]) -> dict[str, list[int]]:
    by_key: dict[str, list[int]] = {}
    for index, form in enumerate(forms):
        by_key.setdefault(form.key, []).append(index)
    return by_key


def _join_sure(
    forms: Sequence[Form], pairs: Sequence[tuple[str, str]], by_key: dict[str, list[int]], union: _Union
) -> None:
    for indices in by_key.values():
        for other in indices[1:]:
            if forms[other].type == forms[indices[0]].type:
                union.join(indices[0], other)
    for long, short in pairs:
        for i in by_key.get(long, ()):
            for j in by_key.get(short, ()):
                union.join(i, j, defined=True)
    first: dict[tuple[str, str], int] = {}
    for index, form in enumerate(forms):
        for name in (("term", form.term), (form.type, contract(form.text, pairs))):
            if name[1]:
                known = first.setdefault(name, index)
                if known != index and forms[known].type == form.type:
                    union.join(known, index, defined=name[0] == "term")


def forms_of(found: Sequence[Found], text: str, sentences: Sequence[tuple[int, int]], title_end: int = 0) -> list[Form]:
    """The mentions of one key and type put together, in order of first occurrence."""
    starts = [s for s, _ in sentences]
    groups: dict[tuple[str, str], list[Found]] = {}
    for mention in found:
        groups.setdefault((mention.key, mention.type), []).append(mention)
    return [
        Form(
            key, type_, text[group[0].start : group[0].end], group[0].start, len(group),
            frozenset(bisect_right(starts, m.start) for m in group), next((m.term for m in group if m.term), ""),
            any(m.end <= title_end for m in group),
        )
        for (key, type_), group in groups.items()
    ]  # fmt: skip


class Clustering:
    """Component `kg_clustering`: writes `doc._.kg_entities` (kinds and roles by rule)."""

    NAME = "kg_clustering"
    REQUIRES = ("doc._.kg_mentions", "doc._.kg_abbreviations", "doc._.kg_sentences")
    ASSIGNS = ("doc._.kg_entities",)

    def __init__(self, decider: Decider | None = None, terms: Mapping[str, Term] | None = None) -> None:
        self.decider, self.terms = decider, terms or {}

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Thing]:
        text, view = get_text(doc), get_view(doc).text
        found, pairs = get(doc, "kg_mentions", Found), get(doc, "kg_abbreviations", Pair)
        forms = forms_of(found, text, spans(doc, "kg_sentences"), title_end(doc))
        keys = [(form_key(view[p.long_start : p.long_end]), form_key(view[p.short_start : p.short_end])) for p in pairs]
        places: dict[tuple[str, str], list[int]] = {}
        for index, mention in enumerate(found):
            places.setdefault((mention.key, mention.type), []).append(index)
        short = {text[p.short_start : p.short_end] for p in pairs}
        long = {long for long, _ in keys}
        things = []
        for group in cluster(forms, keys, self.decider):
            members = sorted(i for g in group for i in places[forms[g].key, forms[g].type])
            thing = _thing([found[i] for i in members], members, text, short, long)
            things.append(thing._replace(term="") if self.otherwise(thing, long) else thing)
        return sorted(things, key=lambda t: found[t.mentions[0]].start)

    def otherwise(self, thing: Thing, long: Set[str]) -> bool:
        """Whether the text spells its short form out as something else than the lexicon's term: another SAM."""
        term = self.terms.get(thing.term)
        if term is None or form_key(thing.name) not in long:
            return False
        keys = {form_key(form) for form in (term.name, *term.forms)}
        spelled = [form for form in (term.name, *term.forms) if len(content(form)) > 1]
        ours = set(stems(thing.name))
        return form_key(thing.name) not in keys and bool(spelled) and not any(ours & set(stems(f)) for f in spelled)

    def set_annotations(self, doc: Doc, things: list[Thing]) -> Doc:
        put(doc, "kg_entities", things)
        return doc


def _thing(mentions: Sequence[Found], members: Sequence[int], text: str, short: set[str], long: set[str]) -> Thing:
    by_type = {t: sum(m.score for m in mentions if m.type == t) for t in ENTITY_TYPES}
    type_ = max(ENTITY_TYPES, key=lambda t: by_type[t])
    forms = list(dict.fromkeys(text[m.start : m.end] for m in mentions))
    spelled = [f for f in forms if form_key(f) in long]
    name = max(spelled or forms, key=len)
    name = next(f for f in forms if form_key(f) == form_key(name))
    own = [m for m in mentions if m.type == type_]
    best = max(own, key=lambda m: (m.role == "introduced", m.role_score))
    kind = "named" if any(m.kind == "named" for m in own) else "class"
    term = next((m.term for m in own if m.term and form_key(text[m.start : m.end]) == form_key(name)), "")
    term = term or next((m.term for m in own if m.term), "")
    score = round(max(m.score for m in own), 4)
    short_forms = tuple(f for f in forms if f in short and f != name)
    return Thing(name, type_, kind, best.role, best.role_score, score, tuple(members), term, short_forms)
