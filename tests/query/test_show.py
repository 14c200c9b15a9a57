"""A card answers what people ask of a thing, with the paper and the sentence, marks on exactly the names."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from kg.errors import AmbiguousError, NotFoundError
from kg.query.cards import EntityCard, Mark, PaperCard, Quote, RelationGroup
from kg.query.excerpt import LONG, excerpt
from kg.query.phrases import RELATION_PHRASES, ROLE_PHRASES, STATEMENT_PHRASES
from kg.query.show import show
from kg.store import GraphDir
from kg.vocab import RELATIONS, ROLE_PREDICATES

from .drafts import Draft


def entity(graph: GraphDir, name: str, **options: int) -> EntityCard:
    card = show(graph, name, **options)
    assert isinstance(card, EntityCard)
    return card


def group(card: EntityCard, predicate: str, direction: str) -> RelationGroup:
    return next(g for g in card.relations if (g.predicate, g.direction) == (predicate, direction))


def marked(quote: Quote) -> list[str]:
    return [quote.text[mark.start : mark.end] for mark in quote.marks]


def test_what_compresses_a_model_on_which_data_with_what_result_and_where_it_says_so(kite_graph: GraphDir) -> None:
    applied = group(entity(kite_graph, "KiteLM"), "appliedTo", "in")
    assert applied.phrase == "what is applied to it"
    by_name = {line.other.name: line for line in applied.lines}
    assert set(by_name) == {"KiteShrink", "𝛼-KiteTune"}
    shrink = by_name["KiteShrink"]
    assert (shrink.one.name, shrink.other.kinds) == ("KiteLM-7B", ("pruning",))
    assert [ref.name for ref in shrink.on] == ["PondText"]
    (result,) = shrink.results
    assert result.metric is not None
    assert result.dataset is not None
    assert result.baseline is not None
    assert (result.value, result.metric.name, result.dataset.name, result.baseline.name) == (
        "61.5%",
        "accuracy",
        "PondText",
        "OakPrune",
    )
    assert shrink.quotes[0].title == "KiteShrink: Pruning KiteLM in One Shot"
    assert shrink.quotes[0].text == "KiteShrink prunes KiteLM-7B without retraining."
    assert marked(shrink.quotes[0]) == ["KiteShrink", "KiteLM-7B"]


def test_a_card_holds_names_family_roles_relations_and_results(kite_graph: GraphDir) -> None:
    card = entity(kite_graph, "KiteShrink")
    assert (card.type, card.kind, card.papers) == ("Method", "named", 2)
    assert card.links == ("https://example.org/kiteshrink",)
    assert [ref.name for ref in card.parents] == ["pruning"]
    assert [(role.role, role.total) for role in card.roles] == [("introduces", 1), ("comparesWith", 1)]
    assert {(g.predicate, g.direction) for g in card.relations} == {
        ("appliedTo", "out"),
        ("subclassOf", "out"),
        ("evaluatedOn", "out"),
        ("measuredBy", "out"),
        ("outperforms", "out"),
        ("basedOn", "out"),
        ("comparedWith", "both"),
    }
    assert [(line.other.name, line.negated) for line in group(card, "basedOn", "out").lines] == [("OakPrune", True)]
    assert [line.other.name for line in group(card, "comparedWith", "both").lines] == ["𝛼-KiteTune"]
    assert (card.results_total, card.results[0].value) == (1, "61.5%")


def test_the_kinds_of_a_thing_and_what_they_achieve_stand_on_its_card(kite_graph: GraphDir) -> None:
    card = entity(kite_graph, "pruning")
    assert [ref.name for ref in card.children] == ["KiteShrink", "OakPrune"]
    assert [line.value for line in card.results] == ["61.5%"]


def test_every_quote_is_the_papers_text_and_every_mark_a_form_in_it(kite_graph: GraphDir) -> None:
    texts = {paper.id: paper.text for paper in kite_graph.papers()}
    forms = {form for row in kite_graph.entities() for form in (row.name, *row.aliases)} | {"61.5%"}
    quotes: list[Quote] = []
    for row in kite_graph.entities():
        card = entity(kite_graph, row.id)
        quotes += [paper.quote for role in card.roles for paper in role.papers if paper.quote]
        quotes += [quote for g in card.relations for line in g.lines for quote in line.quotes]
        quotes += [line.quote for line in card.results if line.quote]
    assert len(quotes) > 30
    for quote in quotes:
        assert texts[quote.paper][quote.start : quote.end] == quote.text
        assert quote.marks
        assert set(marked(quote)) <= forms


def test_a_paper_card_holds_metadata_entities_statements_and_results(kite_graph: GraphDir) -> None:
    for name in (
        "p1",
        "paper/p1",
        "2403.00010",
        "KiteShrink: Pruning KiteLM in One Shot",
        "kiteshrink: pruning kitelm in one shot",
    ):
        card = show(kite_graph, name)
        assert isinstance(card, PaperCard)
        assert (card.id, card.authors, card.venue) == ("p1", ("Ada Reed", "Bo Lin"), "Workshop on Ponds")
    assert [g.role for g in card.entities] == ["introduces", "uses", "comparesWith", "evaluatesOn", "measures"]
    assert [line.value for line in card.results] == ["61.5%"]
    assert {(s.subject.name, s.predicate, s.object.name, s.negated) for s in card.relations} >= {
        ("KiteShrink", "appliedTo", "KiteLM-7B", False),
        ("KiteShrink", "basedOn", "OakPrune", True),
    }
    assert next(s.phrase for s in card.relations if s.negated) == "does not build on"


def test_one_name_of_several_things_lists_them_and_an_id_picks_one(kite_graph: GraphDir) -> None:
    with pytest.raises(AmbiguousError) as raised:
        show(kite_graph, "KRA")
    assert sorted(raised.value.candidates) == ["method/kra (keen river adapter)", "method/kra (kite rope attention)"]
    for id_ in raised.value.candidates:
        assert entity(kite_graph, id_).id == id_
    assert entity(kite_graph, "Kite Rope Attention").id == "method/kra (kite rope attention)"


@pytest.mark.parametrize(
    "name", ["KiteLM", "kitelm", "Kite-LM", "KITE LM", "model/kitelm", "Model/KiteLM", "model/kite-lm"]
)
def test_any_spelling_and_the_id_lead_to_the_thing(kite_graph: GraphDir, name: str) -> None:
    assert entity(kite_graph, name).id == "model/kitelm"


def test_the_very_name_beats_one_in_other_letters_and_a_name_beats_an_alias(tmp_path: Path) -> None:
    draft = Draft()
    draft.entity("SAM", "Model", key="sam")
    draft.entity("Sam", "Method", key="sam")
    draft.entity("segmenter", "Task", aliases=("SAM",), key="segmenter")
    graph = draft.write(tmp_path / "sam.kg")
    assert entity(graph, "SAM").id == "model/sam"
    assert entity(graph, "Sam").id == "method/sam"
    with pytest.raises(AmbiguousError):
        show(graph, "sam")
    assert entity(graph, "method/sam").id == "method/sam"


@pytest.mark.parametrize("name", ["KiteLLM", "kiteshrnk", "Kite Shrinks"])
def test_a_typo_is_told_what_may_be_meant(kite_graph: GraphDir, name: str) -> None:
    with pytest.raises(NotFoundError, match=r"did you mean .*Kite"):
        show(kite_graph, name)


@pytest.mark.parametrize("name", ["", "*", "%", "x" * 10_000, '"', "AND", "model/nothing", "/", "paper/", "\ud800"])
def test_what_is_not_there_is_not_found_in_a_short_sentence(kite_graph: GraphDir, name: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        show(kite_graph, name)
    assert len(str(raised.value)) < 400


def test_groups_are_limited_and_say_how_many_there_are(tmp_path: Path) -> None:
    draft = Draft()
    hub = draft.entity("HubNet", "Model")
    for i in range(30):
        method = draft.entity(f"Way{i:02}", "Method")
        draft.paper(
            f"p{i:02}", f"Title {i}", f"Way{i:02} is applied to HubNet.", date=f"20{i:02}", date_precision="year"
        )
        draft.role(f"p{i:02}", "uses", hub)
        draft.says(f"p{i:02}", method, "appliedTo", hub)
    card = entity(draft.write(tmp_path / "hub.kg"), "HubNet", limit=7)
    assert (card.roles[0].total, len(card.roles[0].papers)) == (30, 7)
    assert card.roles[0].papers[0].date == "2029"
    assert (card.relations[0].total, len(card.relations[0].lines)) == (30, 7)


def test_cards_are_json_with_offsets_in_code_points(kite_graph: GraphDir) -> None:
    card = json.loads(json.dumps(dataclasses.asdict(entity(kite_graph, "𝛼-KiteTune"))))
    quote = next(g for g in card["relations"] if g["predicate"] == "appliedTo")["lines"][0]["quotes"][0]
    text = kite_graph.text_of("p2")
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert [quote["text"][m["start"] : m["end"]] for m in quote["marks"]] == ["𝛼-KiteTune", "KiteLM"]


def test_every_predicate_has_its_phrases() -> None:
    assert set(STATEMENT_PHRASES) == set(RELATIONS)
    assert set(ROLE_PHRASES) == set(ROLE_PREDICATES)
    wanted = {(name, way) for name, p in RELATIONS.items() for way in (("both",) if p.symmetric else ("in", "out"))}
    assert set(RELATION_PHRASES) == wanted


@pytest.mark.parametrize(
    "places", [[(10, 15)], [(10, 15), (3_000, 3_009)], [(4_995, 5_000)], [], [(0, 5_000)], [(5, 9), (7, 20)]]
)
def test_an_excerpt_is_short_and_its_marks_stand_on_the_same_letters(places: list[tuple[int, int]]) -> None:
    text = ("𝛼bcd efghi " * 500)[:5_000]
    whole = Quote("p", "t", "", 0, 5_000, text, tuple(Mark(a, b, "subject") for a, b in places), "rule", 0.5)
    part = excerpt(whole)
    assert [part.text[m.start : m.end] for m in part.marks] == [text[a:b] for a, b in places]
    assert places == [(0, 5_000)] or len(part.text) < 800
    for piece in part.text.split("…"):
        assert piece.strip() in text
    short = dataclasses.replace(whole, text=text[:LONG], marks=())
    assert excerpt(short) is short
