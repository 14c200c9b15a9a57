"""Numbers that a paper reports: which of the values in its text are outcomes, whose, of what, on what, over what."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from spacy.tokens import Doc

from kg.extract.lexicon import Term
from kg.extract.reader import Reader
from kg.extract.relations import main_thing
from kg.extract.state import Found, Outcome, Thing, get, get_text, get_view, put, spans
from kg.extract.values import Value, find_values

_OUTCOME = re.compile(
    r"\b(?:achiev|reach|obtain|attain|improv|outperform|reduc|increas|decreas|gain|boost|speed|"
    r"faster|higher|lower|better|surpass|exceed|accura|score|"
    r"retain|maintain|preserv|recover|sav|cut|drop|up to|compar|deliver|yield|less|fewer|more|"
    r"smaller|accelerat|record|rise|fall|raise|beat|rate|perform|error)",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"^\s?-?(?:parameters?|params|billion|million|B\b|M\b|layers?|datasets?|tasks|models?|samples|"
    r"examples|images|languages|classes|bits?\b|epochs|shots?|heads|domains|categories|experts|"
    r"tokens?\b|sparsity)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:]\s|\s(?:while|and|but|whereas)\s")


class Slots(NamedTuple):
    """What a value is a result of: entity indices, -1 for none."""

    subject: int
    metric: int
    dataset: int
    baseline: int
    extractor: str
    score: float


class Results:
    """Component `kg_results`: writes `doc._.kg_results`."""

    NAME = "kg_results"
    REQUIRES = ("doc._.kg_mentions", "doc._.kg_entities", "doc._.kg_sentences")
    ASSIGNS = ("doc._.kg_results",)

    def __init__(self, directions: Mapping[str, bool], reader: Reader | None = None) -> None:
        self.directions, self.reader = directions, reader
        self.threshold: float = reader.model.config["results"] if reader is not None else 1.0
        self.least: float = reader.model.config["outcomes"] if reader is not None else 0.0

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Outcome]:
        things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
        sentences = spans(doc, "kg_sentences")
        view = get_view(doc).text
        starts = [s for s, _ in sentences]
        values = find_values(get_text(doc))
        said, end = self._said(doc, values)
        results = []
        for index, value in enumerate(values):
            row = bisect_right(starts, value.start) - 1
            if row < 0 or any(m.start <= value.start and value.end <= m.end for m in found):
                continue
            slots = said.get(index)
            if slots is None and value.end > end:  # no model, or beyond what it reads
                slots = slots_by_rule(view, sentences[row], value, things, found)
            if slots is None:
                continue
            told = slots.extractor == "model" and slots.score >= self.threshold
            if told or (slots.score >= self.least and _is_outcome(view, sentences[row], value)):
                results.append(self._outcome(view, sentences[row], value, things, slots))
        return results

    def _said(self, doc: Doc, values: Sequence[Value]) -> tuple[dict[int, Slots], int]:
        """What the trained head says of the values that it could read, and how far that is."""
        if self.reader is None:
            return {}, 0
        encoding = self.reader.encoding(doc)
        end = encoding.words.ends[-1] if len(encoding.words) else 0
        said = {}
        for r in self.reader.results(doc, values):
            subject, metric, dataset, baseline = (
                -1 if index is None else index for index in (r.subject, r.metric, r.dataset, r.baseline)
            )
            said[r.value] = Slots(subject, metric, dataset, baseline, "model", r.score)
        return said, end

    def _outcome(
        self, text: str, sentence: tuple[int, int], value: Value, things: Sequence[Thing], slots: Slots
    ) -> Outcome:
        low, high = bounds(value)
        better = self.directions.get(things[slots.metric].term) if slots.metric >= 0 else None
        start, end = clause(text, sentence, value)
        baseline = slots.baseline if slots.baseline != slots.subject else -1
        return Outcome(
            slots.subject, slots.metric, slots.dataset, baseline, value.start, value.end, start, end,
            value.mode, low, high, value.unit, better, slots.extractor, slots.score,
        )  # fmt: skip

    def set_annotations(self, doc: Doc, results: list[Outcome]) -> Doc:
        put(doc, "kg_results", results)
        return doc


def slots_by_rule(
    text: str, sentence: tuple[int, int], value: Value, things: Sequence[Thing], found: Sequence[Found]
) -> Slots:
    """The paper's own system as subject, the nearest metric and data set of the sentence, its first competitor."""
    near = nearest(text, sentence, value, things, found)
    own = main_thing(things)
    here = (
        i
        for i, t in enumerate(things)
        if t.role == "compared" and any(sentence[0] <= found[m].start < sentence[1] for m in t.mentions)
    )
    subject = own if own is not None else near.get("System", -1)
    return Slots(subject, near.get("Metric", -1), near.get("Dataset", -1), next(here, -1), "rule", 0.5)


def bounds(value: Value) -> tuple[float | None, float | None]:
    """Low and high end: equal for one number, one of them None for a bound ("up to 3x": low None)."""
    word = value.verbatim.lower()
    if re.match(r"(?:up to|less than|fewer than|at most|within|under|below|[<≤])", word):
        return None, value.high
    if re.match(r"(?:over|more than|greater than|at least|above|beyond|exceeding|[>≥])", word) or word.endswith("+"):
        return value.low, None
    return value.low, value.high


def nearest(
    text: str, sentence: tuple[int, int], value: Value, things: Sequence[Thing], found: Sequence[Found]
) -> dict[str, int]:
    """For each kind of slot the entity of the sentence whose mention is nearest to the value."""
    best: dict[str, tuple[int, int]] = {}
    for index, thing in enumerate(things):
        slot = "System" if thing.type in {"Method", "Model"} else thing.type
        for m in thing.mentions:
            if sentence[0] <= found[m].start < sentence[1]:
                after = found[m].start >= value.end
                gap = found[m].start - value.end if after else (value.start - found[m].end) + 4
                between = text[value.end : found[m].start] if after else text[found[m].end : value.start]
                gap += 15 * len(_CLAUSE.findall(between))
                if slot not in best or gap < best[slot][0]:
                    best[slot] = (gap, index)
    return {slot: index for slot, (_, index) in best.items()}


def clause(text: str, sentence: tuple[int, int], value: Value) -> tuple[int, int]:
    """The stretch of the sentence between the stronger stops around the value."""
    start, end = sentence
    for match in re.compile(r"[;:]\s").finditer(text, start, end):
        if match.end() <= value.start:
            start = match.end()
        elif match.start() >= value.end:
            end = match.start()
            break
    return start, end


def _is_outcome(text: str, sentence: tuple[int, int], value: Value) -> bool:
    if not value.unit and "." not in value.verbatim:
        return False
    if value.unit and _SETTING.match(value.unit):
        return False
    if _SETTING.match(text[value.end : value.end + 24]):
        return False
    return _OUTCOME.search(text, sentence[0], sentence[1]) is not None


def directions_of(terms: Sequence[Term]) -> dict[str, bool]:
    """Term id → whether more is better, for metrics that say so."""
    return {t.id: t.direction == "higher" for t in terms if t.direction}
