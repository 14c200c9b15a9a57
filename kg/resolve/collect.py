"""The second pass over all papers: every mention, role, relation and result is written down with its entities."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.model import DocEntity, DocRelation, DocResult, Extraction, Mention, ResultRow, Span
from kg.resolve.census import SCALE, TYPE_CODE, Corpus, Numbering
from kg.resolve.columns import NONE, Columns
from kg.resolve.families import Families, shown_form
from kg.resolve.naming import Cluster
from kg.resolve.readings import Reading
from kg.text import digest
from kg.vocab import PAPER, RELATIONS, RESULT_EDGES, ROLE_PREDICATES, ROLES, Predicate

PREDICATES: tuple[str, ...] = tuple(sorted({*RELATIONS, *ROLE_PREDICATES}))
_CODE = {name: code for code, name in enumerate(PREDICATES)}
_ROLE_ORDER = {predicate.name: place for place, predicate in enumerate(ROLES.values())}
MENTIONS = "mentions"
FAMILY_EXTRACTOR = "family"

OUT_OF_RANGE, SELF_LOOP, CYCLE, UNSURE = (
    "dropped: domain or range",
    "dropped: self-loop",
    "dropped: cycle",
    "dropped: below the minimum confidence",
)
ROLE_CHANGED, RESULT_END = "roles changed to mentions", "dropped: end of a result"

# Columns of `Collected.mentions` and of `Collected.evidence`.
M_PAPER, M_START, M_END, M_ENTITY, M_FORM, M_TYPE, M_EXTRACTOR, M_SCORE = range(8)
(
    E_PREDICATE,
    E_SUBJECT,
    E_OBJECT,
    E_NEGATED,
    E_PAPER,
    E_START,
    E_END,
    E_SUBJECT_START,
    E_SUBJECT_END,
    E_OBJECT_START,
    E_OBJECT_END,
    E_EXTRACTOR,
    E_SCORE,
    E_TRUST,
) = range(14)


@dataclass(frozen=True, slots=True)
class _Found:
    """An entity in one paper: its number, the reading, the entity as extracted."""

    entity: int
    reading: Reading
    source: DocEntity

    def best(self) -> Mention:
        """Its surest mention, the first of equals."""
        return max(self.reading.mentions, key=lambda mention: (mention.score, -mention.start))


@dataclass(slots=True)
class Collected:
    """What the second pass wrote down, by numbers: papers and entities in the order of their ids."""

    mentions: Columns = field(default_factory=lambda: Columns(8))
    evidence: Columns = field(default_factory=lambda: Columns(14))
    results: list[ResultRow] = field(default_factory=list)
    result_evidence: list[tuple[str, int, Span, Span | None, Span, str, float]] = field(default_factory=list)
    forms: Numbering = field(default_factory=Numbering)
    extractors: Numbering = field(default_factory=Numbering)
    links: dict[int, set[str]] = field(default_factory=dict)
    best: dict[int, tuple[int, int, Span, Span]] = field(default_factory=dict)  # child of a family -> its best mention
    together: set[int] = field(default_factory=set)  # children of unsure families that a paper mentions with them
    counts: Counter[str] = field(default_factory=Counter)


class Collector:
    """Writes down paper after paper."""

    def __init__(self, corpus: Corpus, clusters: Sequence[Cluster], families: Families, minimum: float) -> None:
        self._corpus, self._clusters, self._minimum = corpus, clusters, minimum
        self._of_cell = [0] * len(corpus)
        for number, cluster in enumerate(clusters):
            for cell in cluster.cells:
                self._of_cell[cell] = number
        self._number = {cluster.id: number for number, cluster in enumerate(clusters)}
        self._children = {self._number[edge.child] for edge in families.edges}
        self._unsure = {self._number[e.child]: self._number[e.parent] for e in families.edges if not e.sure}
        self._family = {self._number[child]: self._number[family] for child, family in families.shown_by.items()}
        self.found = Collected()

    def number(self, id: str) -> int:
        """The number of an entity."""
        return self._number[id]

    def add(self, extraction: Extraction) -> None:
        """Write down one paper."""
        corpus, paper = self._corpus, self._corpus.paper_number[extraction.paper]
        by_index = [
            [_Found(self._of_cell[corpus.cell(reading, paper)], reading, entity) for reading in corpus.reader(entity)]
            for entity in extraction.entities
        ]
        things = [found for group in by_index for found in group]
        things += self._families_of(things)
        present = {found.entity for found in things}
        self.found.together.update(e for e in present & self._unsure.keys() if self._unsure[e] in present)
        self._mentions(paper, things)
        self._roles(paper, things, extraction)
        for relation in extraction.relations:
            self._relation(paper, relation, by_index)
        for result in extraction.results:
            self._result(paper, extraction.paper, result, by_index)

    def _families_of(self, things: list[_Found]) -> list[_Found]:
        """The families that no paper names, where a variant of theirs is mentioned."""
        made: list[_Found] = []
        queue = [found for found in things if found.entity in self._family]
        for found in queue:
            family = self._family[found.entity]
            type, name = self._clusters[family].type, self._clusters[family].forms[0]
            mentions = tuple(
                Mention(mention.start, mention.start + len(form), form, FAMILY_EXTRACTOR, mention.score)
                for mention in found.reading.mentions
                if (form := shown_form((mention.form,), type, name))
            )
            if not mentions:
                continue
            reading = Reading(mentions[0].form, type, "named", (mentions[0].form,), (), False, mentions)
            entity = DocEntity(mentions[0].form, type, "named", "mentioned", found.source.score, mentions)
            made.append(_Found(family, reading, entity))
            if family in self._family:
                queue.append(made[-1])
        return made

    def _mentions(self, paper: int, things: list[_Found]) -> None:
        best: dict[tuple[int, int, int], tuple[float, str, str, str]] = {}
        for found in things:
            for mention in found.reading.mentions:
                place = (mention.start, mention.end, found.entity)
                new = (mention.score, mention.form, found.reading.type, mention.extractor)
                best[place] = max(best.get(place, new), new)
        extractors, forms = self.found.extractors, self.found.forms
        for (start, end, entity), (score, form, type, extractor) in best.items():
            code = TYPE_CODE[type]
            self.found.mentions.append(
                paper, start, end, entity, forms(form), code, extractors(extractor), round(score * SCALE)
            )

    def _roles(self, paper: int, things: list[_Found], extraction: Extraction) -> None:
        """One role for each entity: of those that its parts have, the first in the order of the guidelines."""
        chosen: dict[int, tuple[int, float, int, int, Mention]] = {}
        for found in things:
            predicate, confidence = self._role(found)
            mention = found.best()
            new = (_ROLE_ORDER[predicate], -confidence, mention.start, mention.end, mention)
            old = chosen.get(found.entity)
            chosen[found.entity] = new if old is None or new[:4] < old[:4] else old
            if found.entity in self._children:
                self._best(paper, found.entity, mention, extraction.sentences)
        for entity, (order, confidence, start, end, mention) in chosen.items():
            predicate = _ROLE_NAMES[order]
            sentence = sentence_of(extraction.sentences, (start, end))
            ends = (*sentence, NONE, NONE, start, end, self.found.extractors(mention.extractor))
            scores = (round(mention.score * SCALE), round(-confidence * SCALE))
            self.found.evidence.append(_CODE[predicate], paper, entity, 0, paper, *ends, *scores)
            if predicate == ROLES["introduced"].name and extraction.links:
                self.found.links.setdefault(entity, set()).update(extraction.links)

    def _role(self, found: _Found) -> tuple[str, float]:
        """The role that the entity's type permits, and how sure it is."""
        predicate = ROLES[found.source.role]
        if predicate.name != MENTIONS:
            confidence = found.source.score * found.source.role_score
            if not predicate.allows(PAPER, self._clusters[found.entity].type):
                self.found.counts[ROLE_CHANGED] += 1
            elif confidence >= self._minimum:
                return predicate.name, confidence
        return MENTIONS, found.source.score

    def _best(self, paper: int, entity: int, mention: Mention, sentences: Sequence[Span]) -> None:
        place = (mention.start, mention.end)
        new = (round(mention.score * SCALE), -paper, (-place[0], -place[1]), sentence_of(sentences, place))
        old = self.found.best.get(entity)
        if old is None or new[:3] > old[:3]:
            self.found.best[entity] = new

    def _relation(self, paper: int, relation: DocRelation, by_index: list[list[_Found]]) -> None:
        head = _at(by_index[relation.head], relation.head_span)
        tail = _at(by_index[relation.tail], relation.tail_span)
        if head is None or tail is None:
            self.found.counts[UNSURE] += 1
            return
        predicate = RELATIONS[relation.predicate]
        if head.entity == tail.entity:
            self.found.counts[SELF_LOOP] += 1
        elif not predicate.allows(self._clusters[head.entity].type, self._clusters[tail.entity].type):
            self.found.counts[OUT_OF_RANGE] += 1
        else:
            self._write(paper, relation, predicate, head.entity, tail.entity)

    def _write(self, paper: int, relation: DocRelation, predicate: Predicate, head: int, tail: int) -> None:
        spans = (*relation.head_span, *relation.tail_span)
        if predicate.symmetric and tail < head:
            head, tail, spans = tail, head, (*relation.tail_span, *relation.head_span)
        score = round(relation.score * SCALE)
        place = (paper, relation.start, relation.end, *spans, self.found.extractors(relation.extractor))
        self.found.evidence.append(_CODE[predicate.name], head, tail, int(relation.negated), *place, score, score)

    def _result(self, paper: int, id: str, result: DocResult, by_index: list[list[_Found]]) -> None:
        if result.score < self._minimum:
            self.found.counts[UNSURE] += 1
            return
        ends = {column: self._end(column, getattr(result, column), by_index) for column in _ENDS}
        if ends["baseline"] is not None and ends["baseline"] == ends["subject"]:
            ends["baseline"] = None
            self.found.counts[RESULT_END] += 1
        content = [str(x) for x in (result.start, result.end, *ends.values(), result.mode, result.low, result.high)]
        key = "r" + digest(id, result.value, result.unit, *content)
        score = round(result.score, 4)
        self.found.results.append(
            ResultRow(
                id=key,
                paper=id,
                **ends,
                value=result.value,
                mode=result.mode,
                low=result.low,
                high=result.high,
                unit=result.unit,
                higher_is_better=result.higher_is_better,
                confidence=score,
            )
        )
        subject = None
        if ends["subject"] is not None and result.subject is not None:
            subject = _nearest(by_index[result.subject][0].reading.mentions, result)
        value = (result.start, result.end)
        self.found.extractors(result.extractor)
        self.found.result_evidence.append((key, paper, result.evidence, subject, value, result.extractor, score))

    def _end(self, column: str, index: int | None, by_index: list[list[_Found]]) -> str | None:
        if index is None or not by_index[index]:
            return None
        cluster = self._clusters[by_index[index][0].entity]
        if cluster.type not in RESULT_EDGES[column].range:
            self.found.counts[RESULT_END] += 1
            return None
        return cluster.id


_ENDS = ("subject", "metric", "dataset", "baseline")
_ROLE_NAMES = tuple(predicate.name for predicate in ROLES.values())


def sentence_of(sentences: Sequence[Span], span: Span) -> Span:
    """The sentence in which a span begins, stretched to its end; the span itself where there are no sentences."""
    place = bisect_right(sentences, span[0], key=lambda sentence: sentence[0]) - 1
    if place < 0 or sentences[place][1] <= span[0]:
        return span
    return sentences[place][0], max(sentences[place][1], span[1])


def _at(group: list[_Found], span: Span) -> _Found | None:
    """The reading that has a mention at `span`, else the first."""
    for found in group:
        if any(mention.start <= span[0] and span[1] <= mention.end for mention in found.reading.mentions):
            return found
    return group[0] if group else None


def _nearest(mentions: Sequence[Mention], result: DocResult) -> Span | None:
    """The mention of the subject inside the clause that is nearest to the value."""
    first, last = result.evidence
    inside = [mention for mention in mentions if first <= mention.start and mention.end <= last]
    best = min(inside, key=lambda mention: (abs(mention.start - result.start), mention.start), default=None)
    return (best.start, best.end) if best is not None else None
