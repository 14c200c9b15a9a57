"""Extraction and resolution judged together, on names in texts (`texts.py`).

A name is found if extraction has a mention that is exactly it, but for an article before it and a word behind it that
only says its type ("the [Adam optimizer]"). What is not found is wrong in every pair and has no recall in B-cubed. What
is taken for two things within one text is wrong in every pair and a thing of its own in B-cubed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.extract.lexicon import Lexicon
from kg.resolve import Resolution, Resolver
from kg.resolve.linking import TAILS
from tests.resolve.conftest import Record
from tests.resolve.cubed import Agreement, b_cubed
from tests.resolve.texts import APART, DIFFERENT, SAME, VARIANT, Group, Pair, Stand

MISSED, SPLIT, TURNED = "missed", "split", "turned round"
_BEFORE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_BEHIND = re.compile(rf"\s+(?:{'|'.join(sorted(set().union(*TAILS.values())))})s?", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """A pair, and what we say of it: a relation, or `missed` or `split`."""

    pair: Pair
    found: str

    @property
    def right(self) -> bool:
        if self.pair.relation == APART:
            return self.found in (DIFFERENT, VARIANT, TURNED)
        return self.found == self.pair.relation


class Half:
    """Groups, read by extraction: `records` holds paper and extraction for each text; without, a name is missed."""

    def __init__(self, groups: Iterable[Group], records: Mapping[str, Record], lexicon: Lexicon) -> None:
        self.groups = tuple(groups)
        self.stands: dict[str, Stand] = {id: stand for group in self.groups for id, stand in group.stands.items()}
        self.pairs = [pair for group in self.groups for pair in group.pairs]
        self.records = {id: records[id] for group in self.groups for id in group.texts if id in records}
        self._lexicon, self._resolver = lexicon, Resolver(lexicon)
        self._whole: Graph | None = None

    @property
    def whole(self) -> Graph:
        """The graph of all texts of the half, as a build would make it."""
        if self._whole is None:
            self._whole = self._graph(self.records.values())
        return self._whole

    def text(self, stand: Stand) -> str:
        """The text in which a name stands."""
        return self.records[stand.text_id][0].abstract

    def verdicts(self) -> list[Verdict]:
        """What we say of each pair in the graph of all texts."""
        return [self.whole.verdict(pair, self.stands) for pair in self.pairs]

    def verdicts_alone(self) -> list[Verdict]:
        """What we say of each pair in a graph of its one or two texts alone."""
        found = []
        for pair in self.pairs:
            ids = sorted({self.stands[end].text_id for end in (pair.first, pair.second)})
            found.append(self._graph([self.records[id] for id in ids]).verdict(pair, self.stands))
        return found

    def missed(self) -> list[str]:
        """The stands that extraction does not find."""
        return [id for id, stand in self.stands.items() if self.whole.entity(stand) == MISSED]

    def clusters(self) -> tuple[dict[str, str], dict[str, str]]:
        """For each stand the thing that it is; for each that is found, the entity that it was taken for."""
        gold = {id: stand.thing.casefold() for id, stand in self.stands.items()}
        found = {id: self.whole.entity(stand) for id, stand in self.stands.items()}
        found = {id: f"{SPLIT} {id}" if entity == SPLIT else entity for id, entity in found.items()}
        return gold, {id: entity for id, entity in found.items() if entity != MISSED}

    def unknown(self) -> list[str]:
        """The stands that have no form which the lexicon knows."""
        return [
            id
            for id, stand in self.stands.items()
            if not any(self._lexicon.lookup(self.text(stand)[start:end]) for start, end in stand.spans)
        ]

    def agreement(self, ids: Iterable[str] | None = None) -> Agreement:
        """B-cubed over all stands, or over some of them."""
        gold, found = self.clusters()
        return b_cubed(gold if ids is None else {id: gold[id] for id in ids}, found)

    def mistakes(self) -> list[str]:
        """The things that are torn, mixed with others, or missed, each as a line for people."""
        gold, found = self.clusters()
        lines = [f"missed: {id}" for id in self.missed()]
        torn: dict[str, set[str]] = defaultdict(set)
        mixed: dict[str, set[str]] = defaultdict(set)
        for id, entity in found.items():
            torn[gold[id]].add(entity)
            mixed[entity].add(gold[id])
        lines += [f"torn: {thing} is {', '.join(sorted(ids))}" for thing, ids in torn.items() if len(ids) > 1]
        return lines + [f"mixed: {id} is {', '.join(sorted(names))}" for id, names in mixed.items() if len(names) > 1]

    def _graph(self, records: Iterable[Record]) -> Graph:
        kept = list(records)
        return Graph(self._resolver.resolve(lambda: iter(kept)), {paper.id: paper.abstract for paper, _ in kept})


class Graph:
    """A resolved graph, asked for names in texts."""

    def __init__(self, resolution: Resolution, texts: Mapping[str, str]) -> None:
        self.resolution, self._texts = resolution, texts
        self._mentions: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for row in resolution.mentions:
            if row.extractor != "family":
                self._mentions[row.paper].append((row.start, row.end, row.entity))
        self._parents = {entity.id: entity.parents for entity in resolution.entities}

    def entity(self, stand: Stand) -> str:
        """The entity that a name was taken for; `missed` where there is none, `split` where there are several."""
        text = self._texts.get(stand.text_id, "")
        found = {
            entity
            for start, end, entity in self._mentions[stand.text_id]
            if any(_is_name(text, (start, end), span) for span in stand.spans)
        }
        return MISSED if not found else found.pop() if len(found) == 1 else SPLIT

    def verdict(self, pair: Pair, stands: Mapping[str, Stand]) -> Verdict:
        """What the graph says of a pair."""
        one, other = self.entity(stands[pair.first]), self.entity(stands[pair.second])
        if {MISSED, SPLIT} & {one, other}:
            return Verdict(pair, MISSED if MISSED in (one, other) else SPLIT)
        if one == other:
            return Verdict(pair, SAME)
        if other in self._above(one):
            return Verdict(pair, VARIANT)
        return Verdict(pair, TURNED if one in self._above(other) else DIFFERENT)

    def _above(self, entity: str) -> set[str]:
        """All that the entity is a kind of, over any number of steps."""
        found: set[str] = set()
        queue = [entity]
        while queue:
            for parent in self._parents[queue.pop()]:
                if parent not in found:
                    found.add(parent)
                    queue.append(parent)
        return found


def _is_name(text: str, mention: tuple[int, int], name: tuple[int, int]) -> bool:
    """Whether a mention is a name, give or take an article and a word that only says its type."""
    (start, end), (first, last) = mention, name
    before, behind = text[min(start, first) : max(start, first)], text[min(end, last) : max(end, last)]
    fits = (not before or _BEFORE.fullmatch(before)) and (not behind or _BEHIND.fullmatch(behind))
    return bool(fits) and start < last and first < end
