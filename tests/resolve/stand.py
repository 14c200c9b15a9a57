"""Texts in which the names of the tables stand: extraction and resolution judged together.

Each name gets a short text of our own, from a handful of ways to speak of a thing of its type (`frames.toml`); which
one is decided by the name and the place, so that two forms of a thing stand in different texts. "long form|LF" is
introduced as "long form (LF)" and called LF afterwards.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from kg.extract import extract_text
from kg.extract.lexicon import Lexicon
from kg.model import Paper
from kg.resolve import Resolution, Resolver
from tests.resolve.conftest import Record, unescaped
from tests.resolve.cubed import b_cubed

FRAMES: Mapping[str, Sequence[str]] = tomllib.loads(Path(__file__).with_name("frames.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Stand:
    """A name in a text: the text, and where the name stands in it."""

    name: str
    type: str
    text: str
    spans: tuple[tuple[int, int], ...]


def stand(type: str, form: str, place: int) -> Stand:
    """The text of a form; forms of one row have different places."""
    frames = FRAMES[type]
    long, _, short = form.partition("|")
    start = int(hashlib.sha256(f"{type}/{form.casefold()[:3]}".encode()).hexdigest(), 16)
    parts = frames[(start + place) % len(frames)].split("{x}")
    text, spans = parts[0], []
    for number, part in enumerate(parts[1:]):
        name = short if short and number else long
        spans.append((len(text), len(text) + len(name)))
        text += f"{name} ({short}){part}" if short and not number else f"{name}{part}"
    return Stand(form, type, text, tuple(spans))


def read(nlp: Language, id: str, item: Stand) -> Record:
    """The paper and what extraction finds in it."""
    paper = Paper(id, "", item.text)
    return paper, extract_text(nlp, paper)


def resolved(records: Iterable[Record], lexicon: Lexicon) -> Resolution:
    """The graph of the papers, with the lexicon that ships."""
    kept = list(records)
    return Resolver(lexicon).resolve(lambda: iter(kept))


def entity_at(graph: Resolution, id: str, item: Stand) -> str | None:
    """The entity that the name was taken for: of the mentions that touch it the one that covers most; None: missed."""
    best: tuple[int, str] | None = None
    for row in graph.mentions:
        if row.paper == id and row.extractor != "family":
            shared = max(min(row.end, end) - max(row.start, start) for start, end in item.spans)
            if shared > 0 and (best is None or (shared, row.entity) > best):
                best = (shared, row.entity)
    return best[1] if best else None


def pairs_of(name: str) -> list[tuple[str, str, str, str]]:
    """Verdict, type, first and second name of each row of a table."""
    path = Path(__file__).with_name(name)
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return [(r["verdict"], r["type"], unescaped(r["first"]), unescaped(r["second"])) for r in rows]


def clusters_of(name: str) -> list[tuple[str, list[str]]]:
    """Type and forms of each row of a table."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()[1:]
    return [(type_, forms) for type_, *forms in (line.split(";") for line in lines)]


def judge(nlp: Language, lexicon: Lexicon, rows: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, str]]:
    """For each pair the verdict of the table and ours: same, different, variant, or missed."""
    for verdict, type_, first, second in rows:
        items = {"a": stand(type_, first, 0), "b": stand(type_, second, 1)}
        graph = resolved([read(nlp, id, item) for id, item in items.items()], lexicon)
        one, two = (entity_at(graph, id, item) for id, item in items.items())
        above: dict[str, set[str]] = {}
        for s in graph.statements:
            if s.predicate == "subclassOf":
                above.setdefault(s.subject, set()).add(s.object)
        if one is None or two is None:
            yield verdict, "missed"
        elif one == two:
            yield verdict, "same"
        else:
            near = above.get(one, set())
            yield verdict, "variant" if two in near or any(two in above.get(x, ()) for x in near) else "different"


def cubed(nlp: Language, lexicon: Lexicon, rows: Sequence[tuple[str, list[str]]]) -> tuple[float, list[list[str]]]:
    """B-cubed F1 over the forms of all rows in one graph, and the forms of the rows that are split or mixed."""
    items = {
        f"{number}.{place}": (number, stand(type_, form, place))
        for number, (type_, forms) in enumerate(rows)
        for place, form in enumerate(forms)
    }
    graph = resolved([read(nlp, id, item) for id, (_, item) in items.items()], lexicon)
    found = {id: entity_at(graph, id, item) or f"missed {id}" for id, (_, item) in items.items()}
    gold = {id: number for id, (number, _) in items.items()}
    split = {number: {found[id] for id in gold if gold[id] == number} for number in set(gold.values())}
    mixed = {entity: {gold[id] for id in gold if found[id] == entity} for entity in set(found.values())}
    wrong = [rows[number][1] for number, ids in split.items() if len(ids) > 1]
    wrong += [[rows[number][1][0] for number in numbers] for numbers in mixed.values() if len(numbers) > 1]
    return b_cubed(gold, found).f1, wrong
