"""Finding entities and papers by what people type: a name, an alias, a part of either, a name with slips of the pen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import OSA

from kg.errors import UsageError
from kg.query.index import LONGEST, Form, Index, asking
from kg.query.names import is_typo_of, loose, slip, spaced
from kg.store import GraphDir
from kg.text import fold, xml_safe
from kg.vocab import ENTITY_TYPES, PAPER

SEARCHED_TYPES = (*ENTITY_TYPES, PAPER)
# How a form can match, best first, and the score that says so
_SCORES = {
    "id": 1.0,
    "name": 1.0,
    "alias": 0.95,
    "spelling": 0.9,
    "start": 0.8,
    "word": 0.7,
    "part": 0.6,
    "words": 0.5,
    "typo": 0.2,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: `form` is what matched, `match` how, best `score` first.

    `match` is one of: id, name, alias, spelling (other separators or accents), start, word, part, words (several typed
    words stand in the form, apart), typo. `papers` is how many papers mention the entity; 0 for a paper itself.
    """

    id: str
    type: str
    name: str
    form: str
    match: str
    score: float
    papers: int


def search(graph: GraphDir | str | Path, text: str, *, limit: int = 20, types: Collection[str] = ()) -> list[Hit]:
    """Entities and papers whose name, alias, title or id is `text`, holds it, or is meant by it, best first.

    The text is never a query language: `A*`, `AND`, `"` and `%` stand for themselves. `types` keeps only hits of those
    node types ("Model", "Paper"; case does not matter). Raises UsageError for a type that is not one, GraphError for a
    directory that is no whole graph.
    """
    graph = graph if isinstance(graph, GraphDir) else GraphDir.open(graph)
    wanted, typed = known_types(types), xml_safe(text).strip()
    if not fold(typed) or len(typed) > LONGEST or limit < 1:
        return []
    return asking(graph, wanted, lambda index: _find(index, typed, limit))


def exact(graph: GraphDir, text: str) -> list[Hit]:
    """Only those things that are called `text`: by id, name, alias, or another spelling of one; best first."""
    typed = xml_safe(text).strip()
    if not fold(typed) or len(typed) > LONGEST:
        return []
    return asking(graph, SEARCHED_TYPES, lambda index: _best(_hits(typed, index.called(typed))))


def known_types(types: Collection[str]) -> tuple[str, ...]:
    """The node types that are meant, all of them if none is given; raises UsageError for one that does not exist."""
    known = {name.casefold(): name for name in SEARCHED_TYPES}
    for name in types:
        if name.casefold() not in known:
            raise UsageError(f"{name!r} is no type that can be searched: one of {', '.join(SEARCHED_TYPES)}")
    return tuple(known[name.casefold()] for name in types) or SEARCHED_TYPES


def _find(index: Index, typed: str, limit: int) -> list[Hit]:
    found = [*index.called(typed), *index.starting(typed), *index.holding(typed)]
    words = spaced(typed).split()
    if " " in fold(typed) and len(words) > 1:
        found += [form for form in index.with_words(words) if _has_words(form.spaced, words)]
    hits = _best(_hits(typed, found))
    if len(hits) < limit and not any(hit.match in ("name", "alias", "id", "spelling") for hit in hits):
        hits = _best([*hits, *_typos(typed, index.resembling(typed))])
    return hits[:limit]


def _has_words(form: str, words: Iterable[str]) -> bool:
    """Whether each word stands in the form, words of one or two letters as words of it."""
    there = set(form.split())
    return all(word in (form if len(word) >= 3 else there) for word in words)


def _hits(typed: str, forms: Iterable[Form]) -> Iterator[Hit]:
    folded, spaced_, loose_ = fold(typed), spaced(typed), loose(typed)
    for form in forms:
        match = _match(form, typed, folded, spaced_, loose_)
        if match:
            yield _hit(form, match, 0.05 * (form.form != typed))


def _hit(form: Form, match: str, less: float = 0.0) -> Hit:
    return Hit(form.thing, form.type, form.name, form.form, match, round(_SCORES[match] - less, 4), form.papers)


def _match(form: Form, typed: str, folded: str, spaced_: str, loose_: str) -> str:
    """How `form` matches what was typed, "" if it does not."""
    if form.thing == typed or (form.main == 0 and form.folded == folded):
        return "id"
    if form.folded == folded:
        return "name" if form.main == 2 else "alias"
    if form.main == 0:  # a part of an id says nothing
        return ""
    if not spaced_:  # nothing but hyphens
        return "part" if folded in form.folded else ""
    if form.loose == loose_:
        return "spelling"
    if form.spaced.startswith(spaced_) or (len(loose_) > 2 and form.loose.startswith(loose_)):
        return "start"
    if f" {spaced_} " in f" {form.spaced} ":
        return "word"
    if (len(spaced_) > 2 and spaced_ in form.spaced) or (not folded.isalnum() and folded in form.folded):
        return "part"
    words = spaced_.split()
    return "words" if len(words) > 1 and " " in folded and _has_words(form.spaced, words) else ""


def _typos(typed: str, forms: Iterable[Form]) -> Iterator[Hit]:
    spaced_, loose_ = spaced(typed), loose(typed)
    for form in forms:
        if form.main and is_typo_of(spaced_, form.spaced):
            whole = slip(loose_, form.loose)
            unlike = OSA.normalized_distance(loose_, form.loose)
            yield _hit(form, "typo", 0.1 * unlike - (0.2 if whole else 0.0))


def _best(hits: Iterable[Hit]) -> list[Hit]:
    """The best hit of each thing, best first; of equally good ones the better known, then the lesser id."""
    best: dict[str, Hit] = {}
    for hit in hits:
        known = best.get(hit.id)
        if known is None or (hit.score, known.form) > (known.score, hit.form):
            best[hit.id] = hit
    return sorted(best.values(), key=_rank)


def _rank(hit: Hit) -> tuple[int, float, int, int, str]:
    order = list(_SCORES).index(hit.match)
    certain = order <= 3 or hit.match == "typo"  # there the score says more than how well a thing is known
    return max(order, 1), -hit.score if certain else 0.0, -hit.papers, len(hit.form), hit.id
