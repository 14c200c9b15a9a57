"""Which candidates are entities, and of which type: the decision over all that rules and the trained tagger propose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from spacy.tokens import Doc

from kg.extract.candidate import Candidate, Material, Span
from kg.extract.candidates import candidates_of
from kg.extract.decision import Decider, Floats
from kg.extract.fusion import fuse
from kg.extract.lexicon import Term
from kg.extract.names import is_plausible, looks_named, type_of_suffix
from kg.extract.priors import Priors, form_key
from kg.extract.reader import Reader
from kg.extract.sift import Sift
from kg.extract.state import Coined, Found, Hit, Pair, get, get_text, get_view, put, spans, title_end
from kg.vocab import ENTITY_TYPES, ROLES

THRESHOLD = 0.42
RIVAL_FLOOR = 0.005  # the least that a name needs that beats, or is beaten by, something
FLOOR = 0.08  # the least that a name with a telling end needs
_DECLARED = {"propose", "called", "declared", "apposed", "noun-name", "ours"}
_OWN = {"propose", "called", "noun-name", "ours", "title"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A candidate that stays: its type, probability, and what its own features say about kind and role."""

    candidate: Candidate
    type: str
    score: float
    kind: str
    role: str
    role_score: float


@dataclass(frozen=True, slots=True)
class Tagged:
    """What the trained tagger says of one text: its own mentions, the probability of any span, how far it read."""

    spans: Mapping[Span, str]
    probabilities: Callable[[list[Span]], Floats]
    end: int


def decide(
    candidates: Sequence[Candidate],
    coined: Sequence[Coined],
    text: str,
    deciders: Mapping[str, Decider],
    tagged: Tagged | None = None,
    threshold: float = THRESHOLD,
) -> list[Verdict]:
    """The candidates that are entities. A name that the text declares ("X, a model") stays, with the type it gives."""
    declared = _declared(coined, text)
    rivals = {form_key(f) for c in coined if c.cue == "rival" and is_plausible(f := text[c.start : c.end])}
    kept = []
    rows = deciders["mention"].many([c.features for c in candidates])
    if tagged is not None:
        read = [i for i, c in enumerate(candidates) if c.spans[0][1] <= tagged.end]
        here = [candidates[i] for i in read]
        rows[read] = fuse(deciders["fused"], here, rows[read], tagged.probabilities, tagged.spans)
    for candidate, row in zip(candidates, rows, strict=True):
        chances = [float(p) for p in row]
        score = 1.0 - chances[0]
        best = max(range(1, len(chances)), key=lambda i: (chances[i], -i))
        type_ = deciders["mention"].classes[best]
        name = declared.get(candidate.key)
        if name is not None and (score < threshold or not candidate.terms):
            score = max(score, 0.6)
            type_ = name.type if name.type in ENTITY_TYPES else type_
        elif RIVAL_FLOOR <= score < threshold and candidate.key in rivals:
            best = 2 if chances[2] > chances[1] else 1
            score, type_ = (
                threshold,
                type_of_suffix(text[slice(*candidate.spans[0])]) or deciders["mention"].classes[best],
            )
        elif FLOOR <= score < threshold and (telling := _telling(candidate, text)):
            score, type_ = threshold, telling
        if score >= threshold:
            kept.append((candidate, type_, score, name))
    features_ = [judged_features(candidate.features, type_) for candidate, type_, _, _ in kept]
    kinds, roles = deciders["kind"].many(features_), deciders["role"].many(features_)
    names = deciders["role"].classes
    return [
        _verdict(*item, text, "named" if kind[0] >= kind[1] else "class", dict(zip(names, role.tolist(), strict=True)))
        for item, kind, role in zip(kept, kinds, roles, strict=True)
    ]


def _telling(candidate: Candidate, text: str) -> str:
    """The type of a name whose look leaves no doubt: one odd word with a telling end (KiteNet, PondQA)."""
    form = text[slice(*candidate.spans[0])]
    odd = " " not in form and "name" in candidate.sources and any(c.islower() for c in form) and looks_named(form)
    return type_of_suffix(form) if odd else ""


_TOLD = ("cue", "title", "count", "prev=", "opens")


def judged_features(features: Sequence[str], type_: str) -> list[str]:
    """What kind and role are decided on: the candidate's features, its type, and some of them together with it."""
    return [*features, f"type={type_}", *(f"{type_}&{f}" for f in features if f.startswith(_TOLD))]


def _verdict(
    candidate: Candidate,
    type_: str,
    score: float,
    name: Coined | None,
    text: str,
    kind: str,
    roles: Mapping[str, float],
) -> Verdict:
    allowed = [(p, r) for r, p in roles.items() if type_ in ROLE_TYPES[r]]
    total = sum(p for p, _ in allowed) or 1.0
    role_score, role = max(allowed)
    if name is not None and name.own and name.cue in _OWN:
        role, role_score = "introduced", max(role_score, 0.9 * total)
        kind = "named" if looks_named(text[slice(*candidate.spans[0])]) else kind
    return Verdict(candidate, type_, score, kind, role, min(1.0, role_score / total))


ROLE_TYPES: dict[str, frozenset[str]] = {
    "evaluated_on": frozenset({"Dataset"}),
    "trained_on": frozenset({"Dataset"}),
    "measured": frozenset({"Metric"}),
    "addressed": frozenset({"Task"}),
    "compared": frozenset({"Method", "Model"}),
    "used": frozenset({"Method", "Model"}),
    **{role: frozenset(ENTITY_TYPES) for role in ROLES if role in {"introduced", "mentioned"}},
}


def _declared(coined: Sequence[Coined], text: str) -> dict[str, Coined]:
    """The names that the text declares with a type, or presents as its own, by key; the strongest cue first."""
    order = ["propose", "called", "noun-name", "ours", "apposed", "declared", "title"]
    found: dict[str, Coined] = {}
    for name in sorted(
        coined, key=lambda c: (not c.own, not c.type, order.index(c.cue) if c.cue in order else 9, c.start)
    ):
        form = text[name.start : name.end]
        if not is_plausible(form):
            continue
        odd = looks_named(form) or any(c.isdigit() for c in form)
        if (name.cue in _DECLARED and name.type and (odd or name.cue in {"propose", "called", "apposed"})) or (
            name.cue in {"propose", "title"} and name.own and odd
        ):
            found.setdefault(form_key(form), name)
    return found


def place(verdicts: Sequence[Verdict]) -> list[tuple[Span, Verdict]]:
    """Mentions without overlaps: longer ones first where both are sure, else the surer."""
    ranked = sorted(
        ((span, v) for v in verdicts for span in v.candidate.spans),
        key=lambda item: (-(item[1].score > 0.5), -(item[0][1] - item[0][0]), -item[1].score, item[0]),
    )
    taken: list[tuple[Span, Verdict]] = []
    occupied: set[int] = set()
    for span, verdict in ranked:
        if (
            span[0] in occupied
            or span[1] - 1 in occupied
            or any(i in occupied for i in range(span[0], min(span[1], span[0] + 400)))
        ):
            continue
        occupied.update(range(span[0], min(span[1], span[0] + 400)))
        occupied.add(span[1] - 1)
        taken.append((span, verdict))
    return sorted(taken, key=lambda item: item[0])


class Mentions:
    """Component `kg_mentions`: writes `doc._.kg_mentions`."""

    NAME = "kg_mentions"
    REQUIRES = ("doc._.kg_links", "doc._.kg_sentences", "doc._.kg_lexicon", "doc._.kg_abbreviations", "doc._.kg_coined")
    ASSIGNS = ("doc._.kg_mentions", "doc.spans")

    def __init__(
        self, deciders: Mapping[str, Decider], priors: Priors, terms: Mapping[str, Term], reader: Reader | None = None
    ) -> None:
        self.deciders, self.priors, self.reader = deciders, priors, reader
        self.term_types = {term.id: (term.type, term.kind) for term in terms.values()}
        self.sift = Sift() if reader is None else Sift.of(reader.model.config)

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def material(self, doc: Doc, tagged: Tagged | None = None) -> Material:
        """All that earlier components found."""
        return Material(
            get_view(doc).text, title_end(doc), spans(doc, "kg_sentences"), get(doc, "kg_lexicon", Hit),
            get(doc, "kg_abbreviations", Pair), get(doc, "kg_coined", Coined), spans(doc, "kg_links"), self.term_types,
            tuple((s, e, t, 1.0) for (s, e), t in tagged.spans.items()) if tagged else (),
        )  # fmt: skip

    def tagged(self, doc: Doc) -> Tagged | None:
        """The trained tagger's word on the document, if there is a tagger."""
        if self.reader is None:
            return None
        encoding = self.reader.encoding(doc)
        model = self.reader.model
        own = {(m.start, m.end): m.type for m in model.mentions(encoding)}
        end = encoding.words.ends[-1] if len(encoding.words) else 0
        return Tagged(own, partial(model.span_probabilities, encoding), end)

    def predict(self, doc: Doc) -> list[Found]:
        if not self.sift.candidates:
            return self.only_tagged(doc)
        tagged = self.tagged(doc)
        material = self.material(doc, tagged)
        threshold = THRESHOLD if tagged is None else self.sift.open
        candidates = candidates_of(material, self.priors)
        verdicts = decide(candidates, material.coined, material.text, self.deciders, tagged, threshold)
        view, text = get_view(doc), get_text(doc)
        found = []
        for span, verdict in place(verdicts):
            start, end = view.widen(*span)
            term = next((t for t in verdict.candidate.terms if self.term_types[t][0] == verdict.type), "")
            sources = verdict.candidate.sources
            extractor = (
                "lexicon"
                if sources & {"lexicon", "lexicon?"}
                else "coined"
                if any(s.startswith("cue") for s in sources)
                else "abbreviation"
                if sources & {"long", "short"}
                else "tagger"
                if "tagged" in sources
                else "form"
            )
            if text[start:end].strip():
                found.append(
                    Found(
                        start,
                        end,
                        verdict.type,
                        extractor,
                        round(verdict.score, 4),
                        term,
                        verdict.candidate.key,
                        verdict.kind,
                        verdict.role,
                        round(verdict.role_score, 4),
                    )
                )
        return found

    def only_tagged(self, doc: Doc) -> list[Found]:
        """The tagger's mentions as they are, with the term of the lexicon's hit on the same place."""
        assert self.reader is not None
        text, encoding = get_text(doc), self.reader.encoding(doc)
        hits = {(h.start, h.end): h.terms for h in get(doc, "kg_lexicon", Hit)}
        found = []
        for start, end, type_, score in self.reader.model.mentions(encoding, self.sift.bias):
            term = next((t for t in hits.get((start, end), ()) if self.term_types[t][0] == type_), "")
            key, source = form_key(text[start:end]), "lexicon" if term else "tagger"
            found.append(Found(start, end, type_, source, score, term, key, "class", "mentioned", 0.0))
        return found

    def set_annotations(self, doc: Doc, found: list[Found]) -> Doc:
        put(doc, "kg_mentions", found)
        spans_ = (doc.char_span(m.start, m.end, label=m.type, alignment_mode="expand") for m in found)
        doc.spans["kg"] = [span for span in spans_ if span is not None]  # for spaCy's own tools, at token borders
        return doc
