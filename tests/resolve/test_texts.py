"""The measured test of resolution: names in texts of our own, read by the shipped model, then resolved.

The rules of resolution were tuned by looking at the mistakes in the tuned half alone. `benchmarks/resolution.py` prints
all figures and, for the tuned half, each mistake. The limits are below what was measured (docs/quality.md), for the
model may change; .95 is the goal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from kg.extract import extract_text, load_pipeline
from kg.extract.lexicon import Lexicon
from kg.model import Paper
from kg.resolve import reasons
from kg.resolve.keys import digits
from tests.resolve.conftest import Record
from tests.resolve.judging import MISSED, Half
from tests.resolve.texts import APART, DIFFERENT, HELD, SAME, TUNED, VARIANT, read_group, read_groups

GROUPS = read_groups()


@pytest.fixture(scope="module")
def records() -> Mapping[str, Record]:
    """Each text, and what extraction finds in it."""
    nlp = load_pipeline()
    papers = [Paper(id, "", text) for group in GROUPS for id, text in group.texts.items()]
    return {paper.id: (paper, extract_text(nlp, paper)) for paper in papers}


@pytest.fixture(scope="module")
def halves(records: Mapping[str, Record]) -> dict[str, Half]:
    lexicon = Lexicon.load()
    return {name: Half((g for g in GROUPS if g.half == name), records, lexicon) for name in (TUNED, HELD)}


@pytest.fixture(scope="module")
def everything(records: Mapping[str, Record]) -> Half:
    return Half(GROUPS, records, Lexicon.load())


def test_there_are_enough_of_each_kind_in_each_half() -> None:
    """300 pairs and 60 clusters of several in all, no text twice, each of one to three sentences."""
    texts = [text for group in GROUPS for text in group.texts.values()]
    assert len(set(texts)) == len(texts) > 700
    assert all(1 <= len(re.findall(r"[.?!](?= [A-Z]|$)", text)) <= 3 for text in texts)
    for half in (TUNED, HELD):
        groups = [group for group in GROUPS if group.half == half]
        kinds = Counter(pair.relation for group in groups for pair in group.pairs)
        assert kinds[SAME] >= 120
        assert kinds[DIFFERENT] + kinds[APART] >= 120
        assert kinds[VARIANT] >= 35
        sizes = Counter(stand.thing.casefold() for group in groups for stand in group.stands.values())
        assert sum(size > 1 for size in sizes.values()) >= 60


@pytest.mark.parametrize(
    ("pairs", "message"),
    [(["a = b"], "contradicts"), (["a / c"], "contradicts"), (["a = x"], "x"), (["a ? b"], "contradicts")],
)
def test_a_group_that_contradicts_itself_is_refused(pairs: list[str], message: str) -> None:
    record = {
        "things": {"Kite": "a c", "Pond": "b"},
        "pairs": pairs,
        "a": "A [Kite].",
        "b": "A [Pond].",
        "c": "[Kite].",
    }
    with pytest.raises((ValueError, KeyError), match=message):
        read_group("kites", record)


@pytest.mark.parametrize("half", [TUNED, HELD])
def test_the_clusters_are_found(half: str, halves: dict[str, Half]) -> None:
    """B-cubed F1 over all names, what extraction misses counted against it; few are missed."""
    agreement = halves[half].agreement()
    assert agreement.f1 >= 0.95, (agreement, halves[half].mistakes())


@pytest.mark.parametrize("half", [TUNED, HELD])
@pytest.mark.parametrize("alone", [False, True])
def test_the_pairs_are_told_right(half: str, alone: bool, halves: dict[str, Half]) -> None:
    """In the graph of all texts of the half, and in one of the two texts alone. Joining wrongly is the worst."""
    verdicts = halves[half].verdicts_alone() if alone else halves[half].verdicts()
    for relations, share in (((SAME,), 0.88), ((DIFFERENT, APART), 0.88), ((VARIANT,), 0.8)):
        some = [verdict for verdict in verdicts if verdict.pair.relation in relations]
        wrong = [verdict for verdict in some if not verdict.right]
        assert 1 - len(wrong) / len(some) >= share, wrong
    apart = [verdict for verdict in verdicts if verdict.pair.relation in (DIFFERENT, APART)]
    joined = [verdict for verdict in apart if verdict.found == SAME]
    assert len(joined) <= 0.02 * len(apart), joined


def test_one_acronym_with_two_expansions_is_two_things(everything: Half) -> None:
    """No entity holds two of the expansions that the texts give of one acronym."""
    expansions: dict[str, set[str]] = {}
    entities: dict[str, set[str]] = {}
    for stand in everything.stands.values():
        text = everything.text(stand)
        forms = [text[start:end] for start, end in stand.spans]
        entity = everything.whole.entity(stand)
        if len(forms) > 1 and f"{forms[0]} ({forms[1]})" in text and entity != MISSED:
            expansions.setdefault(forms[1].removesuffix("s"), set()).add(stand.thing.casefold())
            entities.setdefault(forms[1].removesuffix("s"), set()).add(entity)
    several = {short for short, things in expansions.items() if len(things) > 1}
    assert len(several) >= 15
    assert {short for short in several if len(entities[short]) < len(expansions[short])} == set()


def test_names_that_differ_in_a_number_are_never_merged(everything: Half) -> None:
    """But for versions and years that are written differently, with this reason."""
    names = {entity.id: entity.name for entity in everything.whole.resolution.entities}
    other = [row for row in everything.whole.resolution.merges if digits(row.form) != digits(names[row.entity])]
    assert {"AIME24", "wav2vec2", "SQuAD v1.1"} & {row.form for row in other}
    assert {row.reason.partition(";")[0] for row in other} == {reasons.VERSION}


def test_no_chain_of_merges_runs_through_a_short_form(everything: Half, records: Mapping[str, Record]) -> None:
    """Without the texts that have an acronym alone, the same full names are one thing."""
    explained = {
        match.group(1)
        for id in everything.records
        for match in re.finditer(r"\((\w+?)s?\)", everything.records[id][0].abstract)
    }
    bare = {
        stand.text_id
        for stand in everything.stands.values()
        if {everything.text(stand)[start:end].removesuffix("s") for start, end in stand.spans} <= explained
    }
    assert len(bare) >= 15
    rest = Half(
        (group for group in GROUPS),
        {id: record for id, record in records.items() if id not in bare},
        Lexicon.load(),
    )
    kept = [stand for stand in rest.stands.values() if stand.text_id not in bare]
    full, less = ({s.id: half.whole.entity(s) for s in kept} for half in (everything, rest))
    assert partition(full) == partition(less)


def partition(clusters: Mapping[str, str]) -> set[frozenset[str]]:
    """Who is with whom."""
    found: dict[str, set[str]] = {}
    for item, cluster in clusters.items():
        found.setdefault(cluster, set()).add(item)
    return {frozenset(items) for items in found.values()}
