"""The pipeline of rules, loaded once, and a short way to read a text with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from spacy.language import Language

from kg.extract import extract_text, load_pipeline
from kg.model import DocEntity, Extraction, Paper


@pytest.fixture(scope="session")
def rules() -> Language:
    """The rules alone: they must hold with and without a trained model."""
    return load_pipeline("rules")


@pytest.fixture(scope="session")
def read(rules: Language) -> Callable[[str, str], Extraction]:
    """Title and abstract → what they say; every offset is checked on the way."""

    def run(title: str, abstract: str) -> Extraction:
        paper = Paper("p", title, abstract)
        extraction = extract_text(rules, paper)
        check_offsets(extraction, paper.text)
        return extraction

    return run


def check_offsets(extraction: Extraction, text: str) -> None:
    """Forms are what the text holds at their place, relations and results lie in it, sentences do not overlap."""
    for entity in extraction.entities:
        assert entity.mentions, entity.name
        assert entity.name in entity.forms
        for mention in entity.mentions:
            assert text[mention.start : mention.end] == mention.form
    for relation in extraction.relations:
        for start, end in (relation.head_span, relation.tail_span):
            assert relation.start <= start < end <= relation.end <= len(text)
    for result in extraction.results:
        assert text[result.start : result.end] == result.value
        assert result.evidence[0] <= result.start < result.end <= result.evidence[1]
    places = [p for sentence in extraction.sentences for p in sentence]
    assert places == sorted(places)
    assert not text[: places[0]].strip() if places else not text.strip()


def names(extraction: Extraction) -> set[str]:
    return {entity.name for entity in extraction.entities}


def entity(extraction: Extraction, form: str) -> DocEntity:
    """The entity with that form."""
    found = [e for e in extraction.entities if form in e.forms]
    assert len(found) == 1, (form, [e.forms for e in extraction.entities])
    return found[0]


def triples(extraction: Extraction, *, negated: bool = False) -> set[tuple[str, str, str]]:
    return {
        (extraction.entities[r.head].name, r.predicate, extraction.entities[r.tail].name)
        for r in extraction.relations
        if r.negated == negated
    }
