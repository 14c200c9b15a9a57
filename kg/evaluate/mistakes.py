"""What sort of error each wrong answer is: the sorts of a group add up to what the table calls invented or missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.evaluate.matching import Fact, Triple, norm
from kg.evaluate.places import Span, whole_words
from kg.evaluate.records import Record
from kg.evaluate.scores import Judged, Scores, facts


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong answer. `sort` begins with what is wrong, `what` tells types, roles or relations, `example` names."""

    sort: str
    what: str
    example: str


@dataclass(frozen=True, slots=True)
class Often:
    """How often an error is made, and where for instance (the first paper, in the order of gold)."""

    sort: str
    what: str
    count: int
    paper: str
    example: str


def most_often(scores: Scores) -> list[Often]:
    """All errors by sort and what, the commonest sort first, in it the commonest what."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    sorts: Counter[str] = Counter()
    for paper, judged in scores.papers.items():
        for m in mistakes(judged):
            counts[m.sort, m.what] += 1
            sorts[m.sort] += 1
            first.setdefault((m.sort, m.what), (paper, m.example))
    ranked = sorted(counts.items(), key=lambda item: (-sorts[item[0][0]], item[0][0], -item[1], item[0][1]))
    return [Often(sort, what, count, *first[sort, what]) for (sort, what), count in ranked]


def mistakes(judged: Judged) -> Iterator[Mistake]:
    """Every wrong answer of one paper."""
    yield from _entities("missed", judged.missed, judged.predicted["entities"], judged)
    yield from _entities("invented", judged.invented, judged.gold["entities"], judged)
    yield from _roles(judged)
    yield from _relations(judged)
    yield from _results(judged)


def _entities(side: str, wrong: Sequence[Record], others: Sequence[Record], judged: Judged) -> Iterator[Mistake]:
    """Why entities of one side match none of the other: the first reason that holds.

    The same form with another type; a form of a thing that is matched already (two things made one, or one thing made
    two); other borders, where the text shows that the forms overlap; else nothing of the kind is there.
    """
    text = judged.gold.get("text") or ""
    places = [(other, _places(text, other["forms"])) for other in others]
    for entity in wrong:
        keys = {norm(form) for form in entity["forms"]}
        alike = [other for other in others if keys & {norm(form) for form in other["forms"]}]
        retyped = next((other for other in alike if other["type"] != entity["type"]), None)
        name, type_ = entity["name"], entity["type"]
        if retyped is not None:
            a, b = (type_, retyped["type"]) if side == "missed" else (retyped["type"], type_)
            yield Mistake(f"entity {side}: wrong type", f"{a} as {b}", name)
        elif alike:
            sort = "put together with another" if side == "missed" else "second half of a found one"
            yield Mistake(f"entity {side}: {sort}", type_, f"{name} | {alike[0]['name']}")
        else:
            own = _places(text, entity["forms"])
            near = next((other for other, spans in places if _overlap(own, spans)), None)
            sort = ("not seen" if side == "missed" else "nothing there") if near is None else "other borders"
            yield Mistake(f"entity {side}: {sort}", type_, name if near is None else f"{name} | {near['name']}")


def _places(text: str, forms: Iterable[str]) -> list[Span]:
    return [span for form in forms for span in whole_words(text, form)]


def _overlap(some: Iterable[Span], others: Sequence[Span]) -> bool:
    return any(a < d and c < b for a, b in some for c, d in others)


def _roles(judged: Judged) -> Iterator[Mistake]:
    gold = {entity["name"]: entity for entity in judged.gold["entities"]}
    for entity in judged.predicted["entities"]:
        want = gold.get(judged.matched.get(entity["name"], ""))
        if want is not None and entity.get("role") != want["role"]:
            yield Mistake("role", f"{want['role']} as {entity.get('role')}", want["name"])


def _relations(judged: Judged) -> Iterator[Mistake]:
    """Relations that are missed or invented: an end that the other side lacks, another relation, turned round, none."""
    relations = judged.relations
    hit = set(judged.matched.values())
    found, wanted = _by_ends(relations.predicted), _by_ends(relations.gold)
    for head, label, tail in relations.missed:
        example = f"{head} {label} {tail}"
        if head not in hit or tail not in hit:
            yield Mistake("relation missed: an end was not found", label, example)
        else:
            yield _other("missed", (head, label, tail), found, "not seen")
    known = {entity["name"] for entity in judged.gold["entities"]}
    for triple, right in relations.predicted.items():
        if right is not None:
            continue
        if triple[0] not in known or triple[2] not in known:
            example = " ".join(part.removeprefix("?") for part in triple)
            yield Mistake("relation invented: an end is no entity", triple[1], example)
        else:
            yield _other("invented", triple, wanted, "nothing said")


def _by_ends(triples: Iterable[Triple]) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for head, label, tail in triples:
        found[head, tail].append(label)
    return found


def _other(side: str, triple: Triple, others: Mapping[tuple[str, str], list[str]], none: str) -> Mistake:
    """Why a relation whose ends are both there is not on the other side."""
    head, label, tail = triple
    example = f"{head} {label} {tail}"
    instead = sorted(others.get((head, tail), ()))
    if instead:
        a, b = (label, instead[0]) if side == "missed" else (instead[0], label)
        return Mistake(f"relation {side}: another relation", f"{a} as {b}", example)
    if others.get((tail, head)):
        return Mistake(f"relation {side}: turned round", label, example)
    return Mistake(f"relation {side}: {none}", label, example)


def _results(judged: Judged) -> Iterator[Mistake]:
    """Results that are missed or invented: their value is none of the other side, or its subject or metric differ."""
    wanted, found = facts(judged)
    left, more = _less(wanted, found), _less(found, wanted)
    for side, some, others, none in (
        ("missed", left, more, "value not found"), ("invented", more, left, "value is no result"),
    ):  # fmt: skip
        for subject, metric, value in some:
            same = [other for other in others if other[2] == value]
            closest = max(same, key=lambda other: (other[0] == subject) + (other[1] == metric), default=None)
            sort = none
            if closest is not None:
                wrong = [n for n, a, b in (("subject", subject, closest[0]), ("metric", metric, closest[1])) if a != b]
                sort = f"other {' and '.join(wrong)}"
            names = " ".join(str(part).removeprefix("?") for part in (subject, metric, value) if part is not None)
            yield Mistake(f"result {side}: {sort}", "", names)


def _less(some: Sequence[Fact], others: Sequence[Fact]) -> list[Fact]:
    """What `some` holds more often than `others`, in its order."""
    left = Counter(others)
    more = []
    for item in some:
        if left[item]:
            left[item] -= 1
        else:
            more.append(item)
    return more
