"""How far what the pipeline finds agrees with a corpus: strict spans and labels, overlapping ones, relations.

Strict: the same characters and the same label, micro averages over all mentions, as the corpora's papers count.
Overlapping: the same label, one character in common, each mention once. Relations end to end: label and the characters
of both ends ("Rel" in the papers), the labels of both ends as well ("Rel+"), or, of a whole passage, label and the
names of both ends. Our mentions are those that the extraction holds for each entity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from spacy.language import Language

from kg.corpora.differences import borders, first_overlaps, verdicts
from kg.corpora.labels import Corpus
from kg.corpora.ours import named_relations_of, names_of, relations_of, spans_of
from kg.corpora.read import Passage, Span
from kg.extract import extract_text
from kg.model import Extraction, Paper

End = TypeVar("End", Span, str)


@dataclass(slots=True)
class Count:
    """How many are right, how many we found, how many the corpus has."""

    right: int = 0
    found: int = 0
    wanted: int = 0

    def add(self, right: int, found: int, wanted: int) -> None:
        self.right += right
        self.found += found
        self.wanted += wanted

    def row(self) -> tuple[float, float, float]:
        """Precision, recall and F1 in per cent; 0 where nothing is right."""
        precision = 100 * self.right / self.found if self.found else 0.0
        recall = 100 * self.right / self.wanted if self.wanted else 0.0
        return precision, recall, 2 * precision * recall / (precision + recall) if self.right else 0.0


@dataclass(slots=True)
class Figures:
    """Counts over passages. `strict`, `overlapping`, `labels` ask for the labels that one of our types has."""

    strict: Count = field(default_factory=Count)
    all_labels: Count = field(default_factory=Count)
    """Strict, with all labels of the corpus asked for: what published figures count."""
    overlapping: Count = field(default_factory=Count)
    labels: dict[str, Count] = field(default_factory=dict)
    relations: Count = field(default_factory=Count)
    """Rel, all labels of relations asked for."""
    relations_typed: Count = field(default_factory=Count)
    """Rel+, all labels of relations asked for."""
    relations_sayable: Count = field(default_factory=Count)
    """Rel+ of those relations only whose label and ends we have words for."""
    relations_named: Count = field(default_factory=Count)
    """By the names of both ends; two names of one thing are not counted here, since we hold them as one."""
    relation_labels: dict[str, Count] = field(default_factory=dict)
    """Rel+."""
    borders: Counter[str] = field(default_factory=Counter)
    """What our mention has more than theirs (+) or less (-), where label and place agree and the borders do not."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """What became of each mention, ours and theirs: `kg.corpora.differences.verdicts`."""


def measure(
    passages: Iterable[Passage], corpus: Corpus, nlp: Language, advance: Callable[[], None] = lambda: None
) -> Figures:
    """Run the pipeline over the passages and count; `advance` is called after each."""
    figures = Figures()
    for passage in passages:
        count(figures, corpus, passage, extract_text(nlp, Paper(passage.id, "", passage.text)))
        advance()
    return figures


def count(figures: Figures, corpus: Corpus, passage: Passage, extraction: Extraction) -> None:
    """Add one passage."""
    ours = spans_of(extraction, corpus.types)
    theirs = {span for span in passage.entities if span[2] in corpus.labels}
    for label in sorted(corpus.labels):
        a, b = {s for s in ours if s[2] == label}, {s for s in theirs if s[2] == label}
        figures.labels.setdefault(label, Count()).add(len(a & b), len(a), len(b))
    figures.strict.add(len(ours & theirs), len(ours), len(theirs))
    figures.all_labels.add(len(ours & theirs), len(ours), len(passage.entities))
    pairs = list(first_overlaps(sorted(ours), sorted(theirs)))
    figures.overlapping.add(len(pairs), len(ours), len(theirs))
    figures.borders.update(part for mine, other in pairs for part in borders(passage.text, mine, other))
    figures.verdicts.update(verdicts(ours, passage.entities, corpus))
    _count_relations(figures, corpus, passage, extraction)


def _count_relations(figures: Figures, corpus: Corpus, passage: Passage, extraction: Extraction) -> None:
    found = {_turned(relation, corpus) for relation in relations_of(extraction, corpus, passage.sentences)}
    wanted = {_turned(relation, corpus) for relation in passage.relations}
    for label in sorted(corpus.relation_labels | corpus.without_relations.keys()):
        a, b = {r for r in found if r[1] == label}, {r for r in wanted if r[1] == label}
        figures.relation_labels.setdefault(label, Count()).add(len(a & b), len(a), len(b))
    figures.relations_typed.add(len(found & wanted), len(found), len(wanted))
    bare = [{(head[:2], label, tail[:2]) for head, label, tail in relations} for relations in (found, wanted)]
    figures.relations.add(len(bare[0] & bare[1]), len(bare[0]), len(bare[1]))
    sayable = {r for r in wanted if r[1] in corpus.relation_labels and {r[0][2], r[2][2]} <= corpus.labels}
    figures.relations_sayable.add(len(found & sayable), len(found), len(sayable))
    names = names_of(extraction, corpus.types)
    said = {_turned(r, corpus) for r in named_relations_of(extraction, corpus, passage.sentences)}
    asked = {
        _turned((names(passage.text, head), label, names(passage.text, tail)), corpus)
        for head, label, tail in wanted
        if label != corpus.synonym
    }
    figures.relations_named.add(len(said & asked), len(said), len(asked))


def _turned(relation: tuple[End, str, End], corpus: Corpus) -> tuple[End, str, End]:
    """A relation without direction always the same way round."""
    head, label, tail = relation
    return (tail, label, head) if label in corpus.symmetric and tail < head else relation
