"""What an extraction says, in the words of a corpus: mentions, relations between mentions, relations between names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from kg.corpora.labels import Corpus
from kg.corpora.read import Relation, Span
from kg.model import DocEntity, DocRelation, Extraction, Mention
from kg.text import fold

NamedRelation = tuple[str, str, str]
"""Folded name of the head, label, folded name of the tail."""


def spans_of(extraction: Extraction, types: Mapping[str, str]) -> set[Span]:
    """The mentions whose type has a label."""
    return {
        (mention.start, mention.end, types[entity.type])
        for entity in extraction.entities
        if entity.type in types
        for mention in entity.mentions
    }


def relations_of(extraction: Extraction, corpus: Corpus, sentences: Sequence[tuple[int, int]]) -> Iterator[Relation]:
    """The relations that have a label, once each, between the two mentions where the extraction says that they stand.

    Left out are those whose mentions stand in two sentences, and ends whose type has no label. An abbreviation and what
    it is short for, in one sentence, are two names of one thing.
    """
    for relation, label in _labelled(extraction, corpus):
        head, tail = extraction.entities[relation.head], extraction.entities[relation.tail]
        if _together(relation.head_span, relation.tail_span, sentences):
            a = (*relation.head_span, corpus.types[head.type])
            b = (*relation.tail_span, corpus.types[tail.type])
            yield (b, label[1:], a) if label.startswith("^") else (a, label, b)
    if corpus.synonym:
        for entity in extraction.entities:
            if entity.type in corpus.types:
                yield from _synonyms(entity, corpus.types[entity.type], corpus.synonym, sentences)


def named_relations_of(
    extraction: Extraction, corpus: Corpus, sentences: Sequence[tuple[int, int]]
) -> Iterator[NamedRelation]:
    """The relations that have a label, between names; both ends are mentioned in one sentence somewhere."""
    for relation, label in _labelled(extraction, corpus):
        head, tail = extraction.entities[relation.head], extraction.entities[relation.tail]
        if any(_together(_span(a), _span(b), sentences) for a in head.mentions for b in tail.mentions):
            a, b = fold(head.name), fold(tail.name)
            yield (b, label[1:], a) if label.startswith("^") else (a, label, b)


def names_of(extraction: Extraction, types: Mapping[str, str]) -> Callable[[str, Span], str]:
    """For a text and a mention in it the folded name of our entity that has this form and label, else the form itself.

    So a relation of theirs counts as found whichever of its names an entity is mentioned by.
    """
    names: dict[tuple[str, str], str] = {}
    for entity in extraction.entities:
        for form in entity.forms if entity.type in types else ():
            names.setdefault((fold(form), types[entity.type]), fold(entity.name))

    def name(text: str, span: Span) -> str:
        form = fold(text[span[0] : span[1]])
        return names.get((form, span[2]), form)

    return name


def _labelled(extraction: Extraction, corpus: Corpus) -> Iterator[tuple[DocRelation, str]]:
    for relation in extraction.relations:
        ends = {extraction.entities[relation.head].type, extraction.entities[relation.tail].type}
        if relation.predicate in corpus.relations and not relation.negated and ends <= corpus.types.keys():
            yield relation, corpus.relations[relation.predicate]


def _synonyms(entity: DocEntity, label: str, synonym: str, sentences: Sequence[tuple[int, int]]) -> Iterator[Relation]:
    """Each abbreviation that the text defines with the nearest full form in its sentence."""
    full = [m for m in entity.mentions if m.form not in entity.short_forms]
    for short in (m for m in entity.mentions if m.form in entity.short_forms):
        beside = [m for m in full if _together(_span(m), _span(short), sentences)]
        if beside:
            nearest = min(beside, key=lambda m: abs(m.start - short.start))
            yield (short.start, short.end, label), synonym, (nearest.start, nearest.end, label)


def _span(mention: Mention) -> tuple[int, int]:
    return mention.start, mention.end


def _together(a: tuple[int, int], b: tuple[int, int], sentences: Sequence[tuple[int, int]]) -> bool:
    return any(start <= min(a[0], b[0]) and max(a[1], b[1]) <= end for start, end in sentences)
