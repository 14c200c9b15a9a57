"""The relations of a document: what its sentences say in so many words, and what rules and trained model infer."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from kg.extract.decision import Decider
from kg.extract.lexicon import Term
from kg.extract.pairs import Page, Party, allowed, questions
from kg.extract.patterns import Place, find_statements
from kg.extract.priors import form_key
from kg.extract.reader import Reader
from kg.extract.state import Found, Link, Thing, get, get_view, put, spans, stretches, title_end
from kg.vocab import RELATION_BY_LABEL, RELATIONS

THRESHOLDS = {  # of the rules alone, chosen on papers held out; with a model its own settings hold
    "usedFor": 0.33, "appliedTo": 0.3, "basedOn": 0.25, "partOf": 0.32, "subclassOf": 0.3, "trainedOn": 0.25,
    "evaluatedOn": 0.3, "measuredBy": 0.36, "comparedWith": 0.25, "outperforms": 0.25, "benchmarkFor": 0.28,
    "subtaskOf": 0.26,
}  # fmt: skip


class Relations:
    """Component `kg_relations`: writes `doc._.kg_relations`."""

    NAME = "kg_relations"
    REQUIRES = ("doc._.kg_mentions", "doc._.kg_entities", "doc._.kg_sentences", "doc._.kg_lexicon")
    ASSIGNS = ("doc._.kg_relations",)

    def __init__(self, decider: Decider, terms: Mapping[str, Term], reader: Reader | None = None) -> None:
        self.decider, self.terms, self.reader = decider, terms, reader
        self.thresholds: Mapping[str, float] = THRESHOLDS
        self.rule_share = 1.0
        if reader is not None:
            self.thresholds, self.rule_share = reader.model.config["statements"], reader.model.config["rule_share"]

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Link]:
        things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
        sentences = spans(doc, "kg_sentences")
        view = get_view(doc).text
        links = list(by_pattern(view, stretches(sentences, view), things, found))
        links += by_family(sentences, things, found)
        stated = {(r.head, r.predicate, r.tail) for r in links}
        links += (r for r in self.learned(doc, sentences, things, found) if not _against(r, stated))
        return merge(links)

    def learned(
        self, doc: Doc, sentences: Sequence[tuple[int, int]], things: Sequence[Thing], found: Sequence[Found]
    ) -> Iterator[Link]:
        """What the rules' own regression and the trained head find, each weighing half where both have a say."""
        extractor = "rule" if self.reader is None else "model"
        for head, predicate, tail, rule, model in self.chances(doc, every=False):
            chance = self.rule_share * rule + (1 - self.rule_share) * model
            if chance >= self.thresholds[predicate]:
                yield link(head, predicate, tail, extractor, round(chance, 4), sentences, things, found)

    def chances(self, doc: Doc, *, every: bool = True) -> Iterator[tuple[int, str, int, float, float]]:
        """Head, predicate, tail, and how likely rules and trained head find it; the latter 0 without a model.

        Not `every`: without the pairs on which the rules, however sure, could not reach a threshold.
        """
        if not every and not self.rule_share:
            for (head, predicate, tail), chance in self._said(doc).items():
                yield head, predicate, tail, 0.0, chance
            return
        things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
        sentences = spans(doc, "kg_sentences")
        page = Page.read(get_view(doc).text, sentences, title_end(doc), parties(things, found, self.terms))
        said = self._said(doc)

        def open_(head: int, tail: int) -> bool:
            return every or any(
                self.rule_share + (1 - self.rule_share) * said.get((head, p, tail), 0.0) >= self.thresholds[p]
                for p in allowed(things[head].type, things[tail].type)
            )

        asked = questions(page, open_)
        column = {predicate: index for index, predicate in enumerate(self.decider.classes)}
        rows = self.decider.many([features for _, _, features in asked]).tolist()
        for (h, t, _), row in zip(asked, rows, strict=True):
            for predicate in allowed(things[h].type, things[t].type):
                yield h, predicate, t, row[column[predicate]], said.get((h, predicate, t), 0.0)

    def _said(self, doc: Doc) -> dict[tuple[int, str, int], float]:
        """The trained head's probabilities, where there is a model."""
        if self.reader is None:
            return {}
        answers = self.reader.model.relations(self.reader.encoding(doc), self.reader.entities(doc), factor=0.1)
        return {(a.head, RELATION_BY_LABEL[a.predicate].name, a.tail): a.score for a in answers}

    def set_annotations(self, doc: Doc, links: list[Link]) -> Doc:
        put(doc, "kg_relations", links)
        return doc


def by_pattern(
    text: str, sentences: Sequence[tuple[int, int]], things: Sequence[Thing], found: Sequence[Found]
) -> Iterator[Link]:
    """Statements of the pattern matcher, sentence by sentence."""
    places: list[list[Place]] = [[] for _ in sentences]
    starts = [start for start, _ in sentences]
    for index, thing in enumerate(things):
        for m in thing.mentions:
            row = bisect_right(starts, found[m].start) - 1
            if row >= 0 and found[m].end <= sentences[row][1]:
                places[row].append(Place(found[m].start, found[m].end, index, thing.type))
    own = main_thing(things)
    for sentence, here in zip(sentences, places, strict=True):
        here.sort(key=lambda p: p.start)
        mine = Place(sentence[0], sentence[0], own, things[own].type) if own is not None else None
        for statement in find_statements(text, sentence, here, mine):
            head, tail = statement.head, statement.tail
            head_span = _own_span(head, things, found)
            tail_span = _own_span(tail, things, found)
            yield Link(
                head.entity,
                statement.predicate,
                tail.entity,
                *sentence,
                *head_span,
                *tail_span,
                "pattern",
                0.9,
                statement.negated,
            )


def _own_span(place: Place, things: Sequence[Thing], found: Sequence[Found]) -> tuple[int, int]:
    """The place itself, or for "our method" the entity's first mention."""
    if place.end > place.start:
        return place.start, place.end
    first = found[things[place.entity].mentions[0]]
    return first.start, first.end


def most_own(parties: Sequence[Party]) -> list[Party]:
    """The parties with the paper's own system marked: introduced, a Method or Model, named, most often mentioned."""
    own = [i for i, p in enumerate(parties) if p.role == "introduced" and p.type in {"Method", "Model"}]
    best = max(own, key=lambda i: (parties[i].kind == "named", len(parties[i].spans), -i), default=-1)
    return [replace(party, main=index == best) for index, party in enumerate(parties)]


def main_thing(things: Sequence[Thing]) -> int | None:
    """The index of the paper's own system: introduced, a Method or Model, named, most often mentioned."""
    own = [i for i, t in enumerate(things) if t.role == "introduced" and t.type in {"Method", "Model"}]
    return (
        max(own, key=lambda i: (things[i].kind == "named", len(things[i].mentions), things[i].role_score, -i))
        if own
        else None
    )


_SIZE = re.compile(
    r"[-\s_]?(?:\d+(?:\.\d+)?[BMKbmk]|v?\d+(?:\.\d+)?|[Tt]iny|[Ss]mall|[Mm]ini|[Bb]ase|[Ll]arge|"
    r"[Xx][Ll]|[Hh]uge|[Ll]ite|[Pp]ro|[Ff]lash|[SMLBH])$"
)


def by_family(sentences: Sequence[tuple[int, int]], things: Sequence[Thing], found: Sequence[Found]) -> Iterator[Link]:
    """A sized or numbered variant is a kind of the family that its name begins with: OPT-30B of OPT."""
    known = {(form_key(found[m].key), t.type): i for i, t in enumerate(things) for m in t.mentions}
    for index, thing in enumerate(things):
        size = (
            _SIZE.search(thing.name) if thing.kind == "named" and thing.type in {"Method", "Model", "Dataset"} else None
        )
        family = known.get((form_key(thing.name[: size.start()]), thing.type)) if size and size.start() > 1 else None
        if family is not None and family != index:
            yield link(index, "subclassOf", family, "family", 0.8, sentences, things, found)


def _against(item: Link, stated: set[tuple[int, str, int]]) -> bool:
    """Whether what was inferred goes against, or only says again, what stands in the text."""
    back, forth = (item.tail, item.head), (item.head, item.tail)
    if item.predicate in {"outperforms", "comparedWith", "basedOn"} and (back[0], "outperforms", back[1]) in stated:
        return True
    if item.predicate in {"basedOn", "partOf", "subclassOf"} and (
        (forth[0], "subclassOf", forth[1]) in stated or (back[0], "subclassOf", back[1]) in stated
    ):
        return True
    return item.predicate == "comparedWith" and (forth[0], "outperforms", forth[1]) in stated


def parties(things: Sequence[Thing], found: Sequence[Found], terms: Mapping[str, Term]) -> list[Party]:
    """The entities as `kg.extract.pairs` looks at them."""
    main = main_thing(things)
    made = []
    for index, thing in enumerate(things):
        term = terms.get(thing.term)
        keys = {form_key(thing.name), *(found[m].key for m in thing.mentions), *([form_key(term.name)] if term else [])}
        parent = {form_key(term.parent)} if term and term.parent else set()
        spans = tuple((found[m].start, found[m].end) for m in thing.mentions)
        made.append(
            Party(
                thing.type, thing.kind, thing.role, thing.name, spans, frozenset(parent), frozenset(keys), index == main
            )
        )
    return made


def link(
    head: int, predicate: str, tail: int, extractor: str, score: float,
    sentences: Sequence[tuple[int, int]], things: Sequence[Thing], found: Sequence[Found],
) -> Link:  # fmt: skip
    """A relation with the nearest two mentions as its evidence: their sentence, or the stretch that holds both."""
    pairs = ((abs(found[a].start - found[b].start), a, b) for a in things[head].mentions for b in things[tail].mentions)
    _, a, b = min(pairs)
    starts = [start for start, _ in sentences]
    low, high = min(found[a].start, found[b].start), max(found[a].end, found[b].end)
    first = max(bisect_right(starts, low) - 1, 0)
    last = max(bisect_right(starts, high - 1) - 1, first)
    start = sentences[first][0] if sentences else low
    end = sentences[last][1] if sentences else high
    return Link(
        head,
        predicate,
        tail,
        min(start, low),
        max(end, high),
        found[a].start,
        found[a].end,
        found[b].start,
        found[b].end,
        extractor,
        score,
        False,
    )


def merge(links: Sequence[Link]) -> list[Link]:
    """One statement for each head, predicate and tail: a pattern's before others, the surest; a denial beside none."""
    rank = {"pattern": 0, "family": 1}
    best: dict[tuple[int, str, int, bool], Link] = {}
    for item in links:
        ends = (item.head, item.tail)
        if RELATIONS[item.predicate].symmetric and item.head > item.tail:
            ends = (item.tail, item.head)
        key = (ends[0], item.predicate, ends[1], item.negated)
        known = best.get(key)
        if known is None or (rank.get(item.extractor, 2), -item.score, item.start) < (
            rank.get(known.extractor, 2),
            -known.score,
            known.start,
        ):
            best[key] = item
    denied = {(k[0], k[1], k[2]) for k, v in best.items() if k[3] and v.extractor == "pattern"}
    kept = [v for k, v in best.items() if k[3] or not (k[:3] in denied and v.extractor != "pattern")]
    return sorted(kept, key=lambda r: (r.start, r.head, r.tail, r.predicate, r.negated))
