"""Graphs made by hand: rows as the build would store them, and the directory written from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.model import EntityRow, EvidenceRow, MentionRow, MergeRow, Paper, ResultRow, StatementRow
from kg.store import write_graph
from kg.text import digest
from kg.vocab import DEFAULT_BASE


@dataclass
class Rows:
    """The tables of a graph, filled by the methods below; each returns the id of what it added."""

    papers: list[Paper] = field(default_factory=list)
    entities: list[EntityRow] = field(default_factory=list)
    mentions: list[MentionRow] = field(default_factory=list)
    statements: list[StatementRow] = field(default_factory=list)
    evidence: list[EvidenceRow] = field(default_factory=list)
    results: list[ResultRow] = field(default_factory=list)
    merges: list[MergeRow] = field(default_factory=list)

    def paper(self, id_: str, title: str, abstract: str, **more: object) -> str:
        self.papers.append(Paper(id_, title, abstract, **more))  # type: ignore[arg-type]
        return id_

    def entity(
        self, id_: str, type_: str, name: str, *aliases: str, kind: str = "named", links: Sequence[str] = ()
    ) -> str:
        self.entities.append(EntityRow(id_, type_, kind, name, aliases, (), 1, tuple(links)))
        return id_

    def mention(self, paper: str, entity: str, form: str) -> tuple[int, int]:
        """The first occurrence of `form` in the paper as a mention."""
        text = next(p for p in self.papers if p.id == paper).text
        start = text.index(form)
        type_ = next(e for e in self.entities if e.id == entity).type
        self.mentions.append(MentionRow(paper, entity, form, start, start + len(form), type_, "rules", 0.9))
        return start, start + len(form)

    def say(
        self,
        subject: str,
        predicate: str,
        object_: str,
        *where: tuple[str, str],
        negated: bool = False,
        confidence: float = 0.9,
    ) -> str:
        """A statement with its evidence: pairs of paper id and the sentence as it stands in the paper's text."""
        id_ = "s" + digest(subject, predicate, object_, "-" if negated else "+")
        papers = {paper for paper, _ in where}
        self.statements.append(StatementRow(id_, subject, predicate, object_, negated, len(papers), confidence))
        for paper, sentence in where:
            self.prove(id_, paper, sentence)
        return id_

    def prove(self, about: str, paper: str, sentence: str) -> str:
        start = next(p for p in self.papers if p.id == paper).text.index(sentence)
        id_ = "e" + digest(about, paper, str(start), "rules")
        end = start + len(sentence)
        self.evidence.append(EvidenceRow(id_, about, paper, start, end, start, start + 1, None, None, "rules", 0.75))
        return id_

    def result(self, paper: str, value: str, sentence: str, **more: object) -> str:
        id_ = "r" + digest(paper, value, sentence)
        fields: dict[str, object] = {
            "subject": None,
            "metric": None,
            "dataset": None,
            "baseline": None,
            "mode": "absolute",
            "low": None,
            "high": None,
            "unit": "",
            "higher_is_better": None,
            "confidence": 0.8,
        }
        self.results.append(ResultRow(id=id_, paper=paper, value=value, **{**fields, **more}))  # type: ignore[arg-type]
        self.prove(id_, paper, sentence)
        return id_

    def write(self, path: Path, *, base_iri: str = DEFAULT_BASE) -> Path:
        mentioned: dict[str, set[str]] = {}
        for mention in self.mentions:
            mentioned.setdefault(mention.entity, set()).add(mention.paper)
        write_graph(
            path,
            papers=self.papers,
            mentions=self.mentions,
            entities=[replace(e, papers=len(mentioned.get(e.id, ()))) for e in self.entities],
            statements=self.statements,
            evidence=self.evidence,
            results=self.results,
            merges=self.merges,
            rejected=(),
            manifest_fields={"base_iri": base_iri},
        )
        return path


def kites() -> Rows:
    """Two papers that agree on something, one of which denies something; a result, metadata, every role."""
    rows = Rows()
    first = (
        "We propose KiteNet, a model based on OakNet. KiteNet outperforms OakNet on PondSet. "
        "It reaches 92.50 accuracy on PondSet. KiteNet does not outperform ElmNet. Code: https://github.com/kites/KiteNet."
    )
    second = "We study OakNet for leaf counting. KiteNet outperforms OakNet on PondSet. Trained on MereSet by pruning."
    rows.paper(
        "2401.00010",
        "KiteNet: Counting Leaves",
        first,
        date="2024-03-05",
        date_precision="day",
        authors=("Ada Reed", "Bo Sedge"),
        venue="Workshop on Leaves",
        sources=("kites.jsonl#1",),
        source_ids=("2401.00010", "10.9999/kite.1"),
        urls=("https://kites.example.org/a b", "https://github.com/kites/KiteNet/tree/main"),
    )
    rows.paper("oak", "Oaks", second, date="2024-04", date_precision="month", authors=("ada  reed",), venue="")
    rows.entity("model/kitenet", "Model", "KiteNet", "Kite Net", links=("https://github.com/kites/KiteNet",))
    rows.entity("model/oaknet", "Model", "OakNet")
    rows.entity("model/elmnet", "Model", "ElmNet")
    rows.entity("dataset/pondset", "Dataset", "PondSet")
    rows.entity("dataset/mereset", "Dataset", "MereSet")
    rows.entity("metric/accuracy", "Metric", "accuracy", kind="class")
    rows.entity("task/leaf counting", "Task", "leaf counting", kind="class")
    rows.entity("method/pruning", "Method", "pruning", kind="class")
    rows.entity("method/magnitude pruning", "Method", "magnitude pruning", kind="class")
    for paper, role, entity, form in (
        ("2401.00010", "introduces", "model/kitenet", "KiteNet"),
        ("2401.00010", "comparesWith", "model/oaknet", "OakNet"),
        ("2401.00010", "mentions", "model/elmnet", "ElmNet"),
        ("2401.00010", "evaluatesOn", "dataset/pondset", "PondSet"),
        ("2401.00010", "measures", "metric/accuracy", "accuracy"),
        ("oak", "uses", "model/oaknet", "OakNet"),
        ("oak", "comparesWith", "model/kitenet", "KiteNet"),
        ("oak", "evaluatesOn", "dataset/pondset", "PondSet"),
        ("oak", "trainsOn", "dataset/mereset", "MereSet"),
        ("oak", "addresses", "task/leaf counting", "leaf counting"),
        ("oak", "uses", "method/pruning", "pruning"),
    ):
        rows.mention(paper, entity, form)
        rows.say(paper, role, entity, (paper, form))
    wins = "KiteNet outperforms OakNet on PondSet."
    rows.say("model/kitenet", "outperforms", "model/oaknet", ("2401.00010", wins), ("oak", wins))
    rows.say("model/kitenet", "evaluatedOn", "dataset/pondset", ("2401.00010", wins), ("oak", wins))
    rows.say("model/kitenet", "basedOn", "model/oaknet", ("2401.00010", "We propose KiteNet, a model based on OakNet."))
    loses = "KiteNet does not outperform ElmNet."
    rows.say("model/kitenet", "outperforms", "model/elmnet", ("2401.00010", loses), negated=True)
    rows.say("model/oaknet", "usedFor", "task/leaf counting", ("oak", "We study OakNet for leaf counting."))
    rows.say("method/magnitude pruning", "subclassOf", "method/pruning", ("oak", "pruning"))
    rows.result(
        "2401.00010",
        "92.50",
        "It reaches 92.50 accuracy on PondSet.",
        subject="model/kitenet",
        metric="metric/accuracy",
        dataset="dataset/pondset",
        low=92.5,
        high=92.5,
        higher_is_better=True,
    )
    return rows


NASTY_IDS = (
    'l 1"x',
    "CIFAR-10/100",
    "A%2FB",
    "note-1.",
    "..",
    "x<y>&z",
    "🪁",
    "悟道",
    "tab\tand\nline",
    "m\ufffd",
    "-",
    "a" * 200,
    "semi;colon|pipe`tick\\",
    "{main}^v2",
)
NASTY_TEXTS = (
    'Quote " and back\\slash, tab\t, line\n, return\r, both\r\n.',
    "</title><script>alert(1)</script> & &amp; ]]> <!-- -->",
    "𝒪(n) 🪁 👩‍🔬 \u2028 \u2029 \x85 \x7f \u200b",
    '\'\'\'""" ends so "',
    "\\u0041 \\N {{ $x ${y} %s @prefix",
    " blank at both ends ",
    "μKite¹ ﬁne İ",
)


def nasty() -> Rows:
    """Ids and texts that break careless writers, in every place that can hold one."""
    rows = Rows()
    for number, id_ in enumerate(NASTY_IDS):
        text = NASTY_TEXTS[number % len(NASTY_TEXTS)]
        rows.paper(
            id_,
            text,
            f"{text} We propose {id_}. It gains.",
            date=("2024", "2024-13-40", "--02-29", "2024-02-30")[number % 4],
            date_precision=("year", "day", "month-day", "day")[number % 4],
            authors=(text, id_, ""),
            venue=text,
            sources=(f"{id_}.jsonl#1",),
            source_ids=(id_,),
            urls=(f"http://example.org/{id_}", "javascript:alert(1)", "https://", "http://[::1", "www.example.org/%zz"),
        )
        model = rows.entity(f"model/{id_.lower()}", "Model", text, id_, links=("https://git.example.org/{main}|v2^1",))
        other = rows.entity(f"method/{id_.lower()}", "Method", id_, text)
        rows.say(id_, "introduces", model, (id_, text))
        rows.say(id_, "uses", other, (id_, text))
        rows.say(other, "appliedTo", model, (id_, text))
        rows.say(model, "basedOn", other, (id_, text), negated=True)
        rows.result(id_, "92.50 %", "It gains.", subject=model, low=(1e-20, 92.5, 3e23, -0.0)[number % 4], unit=text)
    return rows


def controls() -> Rows:
    """What XML forbids, in every field, as if a reader had let it through."""
    rows = Rows()
    bad = "".join(map(chr, [0, 1, 8, 0xB, 0xC, 0xE, 0x1F, 0xFFFE, 0xFFFF]))
    rows.paper(
        f"p{bad}",
        f"Kite{bad}Gate",
        f"We propose KiteGate, a model.{bad}",
        date=f"2024{bad}",
        date_precision="year",
        authors=(f"A{bad}B",),
        venue=f"Workshop{bad} on X",
        sources=(f"{bad}.jsonl#1",),
        source_ids=(bad,),
        urls=(f"http://example.org/{bad}", f"https://github.com/kites/{bad}x"),
    )
    rows.entity(f"model/kite{bad}", "Model", f"Kite{bad}", bad, links=(f"https://x.example/{bad}",))
    rows.say(f"p{bad}", "introduces", f"model/kite{bad}", (f"p{bad}", f"a model.{bad}"))
    rows.result(f"p{bad}", f"9{bad}", f"a model.{bad}", subject=f"model/kite{bad}", unit=bad)
    return rows
