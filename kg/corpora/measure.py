"""How far what the pipeline finds agrees with a corpus: strict spans and labels, overlapping ones, relations.

Strict: the same characters and the same label, micro averages over all mentions, as the corpora's papers count.
Overlapping: the same label, one character in common, each mention once. Relations: label and both ends strict ("Rel+"
without the ends' labels), ends in one sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.language import Language

from kg.corpora.labels import Corpus
from kg.corpora.read import Passage, Relation, Span
from kg.extract import extract_text
from kg.model import Extraction, Paper


@dataclass(slots=True)
class Count:
    """Right, found and wanted; of overlapping ones `covered` of the wanted."""

    right: int = 0
    found: int = 0
    wanted: int = 0

    def row(self) -> tuple[float, float, float]:
        """Precision, recall and F1 in per cent."""
        precision = 100 * self.right / self.found if self.found else 0.0
        recall = 100 * self.right / self.wanted if self.wanted else 0.0
        return precision, recall, 2 * precision * recall / (precision + recall) if self.right else 0.0


@dataclass(slots=True)
class Figures:
    """Counts by label, and over all: `labels` are those that one of our types has, `all_labels` all of the corpus."""

    labels: dict[str, Count] = field(default_factory=dict)
    strict: Count = field(default_factory=Count)
    all_labels: Count = field(default_factory=Count)
    overlapping: Count = field(default_factory=Count)
    relations: Count = field(default_factory=Count)
    borders: Counter[str] = field(default_factory=Counter)
    """What our mention has more than theirs (+) or less (-), where label and place agree and the borders do not."""


def measure(
    passages: Iterable[Passage], corpus: Corpus, nlp: Language, advance: Callable[[], None] = lambda: None
) -> Figures:
    """Run the pipeline over the passages and count."""
    figures = Figures()
    for passage in passages:
        extraction = extract_text(nlp, Paper(passage.id, "", passage.text))
        count(figures, corpus, passage, extraction)
        advance()
    return figures


def count(figures: Figures, corpus: Corpus, passage: Passage, extraction: Extraction) -> None:
    """Add one passage."""
    ours = spans_of(extraction, corpus.types)
    ownable = set(corpus.types.values())
    theirs = {span for span in passage.entities if span[2] in ownable}
    for label in sorted(ownable):
        a, b = {s for s in ours if s[2] == label}, {s for s in theirs if s[2] == label}
        _add(figures.labels.setdefault(label, Count()), len(a & b), len(a), len(b))
    _add(figures.strict, len(ours & theirs), len(ours), len(theirs))
    _add(figures.all_labels, len(ours & theirs), len(ours), len(passage.entities))
    pairs = list(_overlaps(sorted(ours), sorted(theirs)))
    _add(figures.overlapping, len(pairs), len(ours), len(theirs))
    figures.borders.update(
        part for mine, other in pairs if mine != other for part in _differences(passage.text, mine, other)
    )
    wanted = {_turned(relation, corpus) for relation in passage.relations}
    found = {_turned(relation, corpus) for relation in relations_of(extraction, corpus, passage.sentences)}
    _add(figures.relations, len(found & wanted), len(found), len(wanted))


def _add(count: Count, right: int, found: int, wanted: int) -> None:
    count.right += right
    count.found += found
    count.wanted += wanted


def spans_of(extraction: Extraction, types: Mapping[str, str]) -> set[Span]:
    """The mentions whose type has a label."""
    return {
        (mention.start, mention.end, types[entity.type])
        for entity in extraction.entities
        if entity.type in types
        for mention in entity.mentions
    }


def relations_of(extraction: Extraction, corpus: Corpus, sentences: Sequence[tuple[int, int]]) -> Iterator[Relation]:
    """The relations that have a label, said of every two mentions of their ends that stand in one sentence."""
    for relation in extraction.relations:
        label = corpus.relations.get(relation.predicate)
        if label is None or relation.negated:
            continue
        head, tail = relation.head_span, relation.tail_span
        if any(s <= min(head[0], tail[0]) and max(head[1], tail[1]) <= e for s, e in sentences):
            yield (tail, label[1:], head) if label.startswith("^") else (head, label, tail)


def _turned(relation: Relation, corpus: Corpus) -> Relation:
    head, label, tail = relation
    return (tail, label, head) if label in corpus.symmetric and tail < head else relation


def _overlaps(ours: Sequence[Span], theirs: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Each mention with one of the same label that overlaps it, equal ones first, none twice."""
    left = set(theirs)
    rest = []
    for span in ours:
        if span in left:
            left.discard(span)
            yield span, span
        else:
            rest.append(span)
    for span in rest:
        other = next((o for o in theirs if o in left and o[2] == span[2] and o[0] < span[1] and span[0] < o[1]), None)
        if other is not None:
            left.discard(other)
            yield span, other


def _differences(text: str, ours: Span, theirs: Span) -> Iterator[str]:
    for sign, a, b in (("+", ours, theirs), ("-", theirs, ours)):
        for part in (text[a[0] : b[0]] if a[0] < b[0] else "", text[b[1] : a[1]] if a[1] > b[1] else ""):
            if part.strip():
                yield f"{sign}{part.strip()}"
