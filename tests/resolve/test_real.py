"""Annotated papers of the real world, where they are at hand, with the lexicon that ships."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kg.extract.lexicon import Lexicon
from kg.model import DocEntity, DocRelation, Extraction, Mention, Paper
from kg.resolve.keys import digits
from kg.resolve.similarity import abbreviates
from kg.vocab import PAPER, RELATION_BY_LABEL, RELATIONS, ROLE_PREDICATES
from tests.resolve.conftest import Record, as_lists, resolve


def annotated(row: dict) -> Record:
    """A record of the annotation as a paper and what a perfect extraction of it would be."""
    text = row["text"]
    entities: list[DocEntity] = []
    place: dict[str, int] = {}
    for entity in row["entities"]:
        forms = sorted(set(entity["forms"]), key=len, reverse=True)
        pattern = "|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in forms)
        mentions = tuple(Mention(m.start(), m.end(), m.group(), "gold", 0.9) for m in re.finditer(pattern, text))
        if mentions:
            place[entity["name"]] = len(entities)
            found = dict.fromkeys(mention.form for mention in mentions)
            short = tuple(form for form in found if any(abbreviates(form, long) for long in found))
            entities.append(
                DocEntity(entity["name"], entity["type"], entity["kind"], entity["role"], 0.9, mentions, "", short)
            )
    relations = tuple(
        DocRelation(place[h], RELATION_BY_LABEL[label].name, place[t], 0, len(text), *(
            (entities[place[end]].mentions[0].start, entities[place[end]].mentions[0].end) for end in (h, t)
        ), "gold", 0.8)
        for h, label, t in (relation[:3] for relation in row["relations"])
        if h in place and t in place
    )  # fmt: skip
    sentences = tuple((m.start(), m.end()) for m in re.finditer(r"[^.]+\.?", text))
    return Paper(row["id"], "", text), Extraction(
        row["id"], tuple(entities), relations, (), tuple(row["links"]), sentences
    )


@pytest.fixture(scope="module")
def records(shared: Path) -> list[Record]:
    """Four hundred annotated papers."""
    with (shared / "gold" / "train.jsonl").open(encoding="utf-8") as lines:
        return [annotated(json.loads(line)) for line, _ in zip(lines, range(400), strict=False)]


def test_a_real_corpus_passes_its_own_shapes(records: list[Record]) -> None:
    """Domains, ranges, one role a paper, no cycle, reasons, numbers: on real names with the real lexicon."""
    graph = resolve(*records, lexicon=Lexicon.load())
    types = {entity.id: entity.type for entity in graph.entities}
    names = {entity.id: entity.name for entity in graph.entities}
    roles = set()
    for s in graph.statements:
        if s.predicate in ROLE_PREDICATES:
            assert ROLE_PREDICATES[s.predicate].allows(PAPER, types[s.object])
            assert (s.subject, s.object) not in roles
            roles.add((s.subject, s.object))
        else:
            assert RELATIONS[s.predicate].allows(types[s.subject], types[s.object])
            assert s.subject != s.object
        assert 0 < s.confidence < 1
        assert s.support >= 1
    for row in graph.merges:
        assert digits(row.form) == digits(names[row.entity]) or row.reason.startswith("version written differently")
    parents = {entity.id: entity.parents for entity in graph.entities}
    for start in parents:
        seen, queue = set(), list(parents[start])
        while queue:
            here = queue.pop()
            assert here != start
            if here not in seen:
                seen.add(here)
                queue.extend(parents[here])
    assert {row.about for row in graph.evidence} == {s.id for s in graph.statements}
    assert {m.entity for m in graph.mentions} == set(names)


def test_a_real_corpus_in_reverse_is_the_same(records: list[Record]) -> None:
    """The order of papers leaves no trace, and a part that is added later is as if it had been there."""
    some = records[:150]
    lexicon = Lexicon.load()
    assert as_lists(resolve(*some, lexicon=lexicon)) == as_lists(resolve(*reversed(some), lexicon=lexicon))
