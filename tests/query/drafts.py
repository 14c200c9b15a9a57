"""Graphs by hand: papers with invented texts, entities, statements whose sentences are looked up in the texts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from kg.model import EntityRow, EvidenceRow, MentionRow, Paper, ResultRow, StatementRow
from kg.store import GraphDir, write_graph
from kg.text import digest, fold


class Draft:
    """A graph that grows call by call; `write` makes a directory of it."""

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}
        self.entities: dict[str, EntityRow] = {}
        self.mentions: list[MentionRow] = []
        self.statements: dict[str, StatementRow] = {}
        self.evidence: list[EvidenceRow] = []
        self.results: list[ResultRow] = []

    def paper(self, id_: str, title: str, abstract: str, **more: object) -> str:
        self.papers[id_] = Paper(id_, title, abstract, **more)  # type: ignore[arg-type]
        return id_

    def entity(
        self,
        name: str,
        type_: str,
        *,
        kind: str = "named",
        aliases: tuple[str, ...] = (),
        parents: tuple[str, ...] = (),
        links: tuple[str, ...] = (),
        key: str = "",
    ) -> str:
        id_ = f"{type_.lower()}/{key or fold(name)}"
        self.entities[id_] = EntityRow(id_, type_, kind, name, aliases, parents, 0, links)
        return id_

    def role(self, paper: str, predicate: str, entity: str, form: str = "") -> str:
        start, end, spans = self._sentence(paper, form or self._form(paper, entity))
        id_ = self._state(paper, predicate, entity, negated=False)
        a, b = spans[0]
        self.mentions.append(
            MentionRow(paper, entity, self.papers[paper].text[a:b], a, b, self.entities[entity].type, "lexicon", 0.9)
        )
        self._evidence(id_, paper, start, end, None, (a, b))
        return id_

    def says(self, paper: str, subject: str, predicate: str, object_: str, *, negated: bool = False) -> str:
        start, end, spans = self._sentence(paper, self._form(paper, subject), self._form(paper, object_))
        id_ = self._state(subject, predicate, object_, negated=negated)
        self._evidence(id_, paper, start, end, *spans)
        return id_

    def result(self, paper: str, value: str, *, metric: str = "", **more: object) -> str:
        start, end, spans = self._sentence(paper, value)
        id_ = "r" + digest(paper, value, metric)
        fields = {"subject": None, "dataset": None, "baseline": None, "mode": "absolute", "unit": "", **more}
        number = float(value.strip("%x+ "))
        self.results.append(
            ResultRow(
                id=id_,
                paper=paper,
                metric=metric or None,
                value=value,
                low=number,
                high=number,
                higher_is_better=True,
                confidence=0.8,
                **fields,  # type: ignore[arg-type]
            )
        )
        self._evidence(id_, paper, start, end, None, spans[0])
        return id_

    def write(self, path: Path) -> GraphDir:
        known = Counter(s.object for s in self.statements.values() if s.subject in self.papers)
        entities = [
            EntityRow(e.id, e.type, e.kind, e.name, e.aliases, e.parents, known[e.id], e.links)
            for e in self.entities.values()
        ]
        write_graph(
            path,
            papers=self.papers.values(),
            mentions=self.mentions,
            entities=entities,
            statements=self.statements.values(),
            evidence=self.evidence,
            results=self.results,
            merges=[],
        )
        return GraphDir.open(path)

    def _form(self, paper: str, entity: str) -> str:
        row, text = self.entities[entity], self.papers[paper].text
        return next(form for form in (row.name, *row.aliases) if form in text)

    def _sentence(self, paper: str, *forms: str) -> tuple[int, int, list[tuple[int, int]]]:
        text, start = self.papers[paper].text, 0
        for sentence in text.replace("\n", ". ").replace(". ", ".\0 ").split("\0"):
            end = min(start + len(sentence), len(text))
            if all(form in text[start:end] for form in forms):
                places = [(text.index(form, start), text.index(form, start) + len(form)) for form in forms]
                return start, end, places
            start = end - (1 if sentence.endswith(".") and text[end - 1 : end] != "." else 0)
        return 0, len(text), [(text.index(form), text.index(form) + len(form)) for form in forms]

    def _state(self, subject: str, predicate: str, object_: str, *, negated: bool) -> str:
        id_ = "s" + digest(subject, predicate, object_, "-" if negated else "+")
        old = self.statements.get(id_)
        support = old.support + 1 if old else 1
        self.statements[id_] = StatementRow(id_, subject, predicate, object_, negated, support, 0.75)
        return id_

    def _evidence(
        self, about: str, paper: str, start: int, end: int, one: tuple[int, int] | None, other: tuple[int, int]
    ) -> None:
        id_ = "e" + digest(about, paper, str(start), str(end), str(one), str(other))
        a, b = one or (None, None)
        self.evidence.append(EvidenceRow(id_, about, paper, start, end, a, b, *other, "rule", 0.75))


def kites() -> Draft:
    """Three papers about compressing a family of models, with a homonym, a denial, and letters beyond U+FFFF."""
    draft = Draft()
    draft.paper(
        "p1",
        "KiteShrink: Pruning KiteLM in One Shot",
        "We propose KiteShrink, a one-shot pruning method. KiteShrink prunes KiteLM-7B without retraining. "
        "On PondText, KiteShrink reaches 61.5% accuracy and outperforms OakPrune. "
        "KiteShrink does not build on OakPrune.",
        date="2024-03-05",
        date_precision="day",
        authors=("Ada Reed", "Bo Lin"),
        venue="Workshop on Ponds",
        sources=("kites.jsonl#1",),
        source_ids=("2403.00010",),
        urls=("https://example.org/kiteshrink",),
    )
    draft.paper(
        "p2",
        "𝒪(n) Kites 🪁",
        "🪁🪁 We apply 𝛼-KiteTune to KiteLM on PondText 👩‍🔬, a corpus for kite detection. "
        "𝛼-KiteTune is compared with KiteShrink.",
        date="2023",
        date_precision="year",
    )
    draft.paper("p3", "A survey", "KiteLM is a language model. KRA stands for two things: KRA and KRA.", date="")
    language_model = draft.entity("language model", "Model", kind="class", aliases=("language models", "LM"))
    kite = draft.entity("KiteLM", "Model", aliases=("Kite-LM", "Kite LM"), parents=(language_model,))
    kite7 = draft.entity("KiteLM-7B", "Model", parents=(kite,))
    pruning = draft.entity("pruning", "Method", kind="class")
    shrink = draft.entity("KiteShrink", "Method", parents=(pruning,), links=("https://example.org/kiteshrink",))
    oak = draft.entity("OakPrune", "Method", parents=(pruning,))
    tune = draft.entity("𝛼-KiteTune", "Method")
    pond = draft.entity("PondText", "Dataset")
    accuracy = draft.entity("accuracy", "Metric", kind="class", aliases=("Accuracy",))
    detection = draft.entity("kite detection", "Task", kind="class")
    kra = draft.entity("KRA", "Method", key="kra (kite rope attention)", aliases=("Kite Rope Attention",))
    draft.entity("KRA", "Method", key="kra (keen river adapter)", aliases=("Keen River Adapter",))
    draft.role("p1", "introduces", shrink)
    draft.role("p1", "uses", kite7)
    draft.role("p1", "evaluatesOn", pond)
    draft.role("p1", "measures", accuracy)
    draft.role("p1", "comparesWith", oak)
    draft.role("p1", "uses", pruning)
    draft.role("p2", "introduces", tune)
    draft.role("p2", "uses", kite)
    draft.role("p2", "evaluatesOn", pond)
    draft.role("p2", "addresses", detection)
    draft.role("p2", "comparesWith", shrink)
    draft.role("p3", "mentions", kite)
    draft.role("p3", "mentions", language_model)
    draft.role("p3", "mentions", kra)
    draft.says("p1", shrink, "appliedTo", kite7)
    draft.says("p1", shrink, "subclassOf", pruning)
    draft.says("p1", shrink, "evaluatedOn", pond)
    draft.says("p1", shrink, "measuredBy", accuracy)
    draft.says("p1", shrink, "outperforms", oak)
    draft.says("p1", shrink, "basedOn", oak, negated=True)
    draft.says("p2", tune, "appliedTo", kite)
    draft.says("p2", tune, "comparedWith", shrink)
    draft.says("p2", pond, "benchmarkFor", detection)
    draft.says("p3", kite, "subclassOf", language_model)
    draft.result("p1", "61.5%", metric=accuracy, subject=shrink, dataset=pond, baseline=oak, unit="%")
    return draft
