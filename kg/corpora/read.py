"""Reading a corpus: JSON Lines, one sentence a line, put together again to passages.

Each line holds `id` ("document#sentence"), `text`, `entities` ([start, end, label], characters of `text`) and
`relations` ([head, tail, label], places in `entities`). Sentences of one document that follow each other become one
passage, parted by a blank: what a text says later helps to read what it says first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.corpora.labels import Corpus
from kg.errors import RecordError, SourceError

Span = tuple[int, int, str]
"""First character, character after the last, label."""
Relation = tuple[Span, str, Span]
"""Head, label, tail."""
LONGEST = 2000
"""Characters of a passage, if its first sentence is not longer: about an abstract."""


@dataclass(slots=True)
class Passage:
    """Some sentences of one document with what is annotated in them; `sentences` are their characters."""

    id: str
    text: str = ""
    entities: set[Span] = field(default_factory=set)
    relations: set[Relation] = field(default_factory=set)
    sentences: list[tuple[int, int]] = field(default_factory=list)


def read_corpus(path: Path, corpus: Corpus) -> Iterator[Passage]:
    """The passages of a file of that corpus, one at a time.

    Raises SourceError for a file that cannot be read or is empty, RecordError, which names file, line and field, for a
    line that does not follow the format or has a label that the corpus lacks.
    """
    passage: Passage | None = None
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _checked(line, str(path), str(number), corpus)
        document = row["id"].partition("#")[0]
        if passage is None or passage.id != document or len(passage.text) + len(row["text"]) > LONGEST:
            if passage is not None:
                yield passage
            passage = Passage(document)
        _append(passage, row)
    if passage is None:
        raise SourceError(str(path), "holds no sentence")
    yield passage


def _append(passage: Passage, row: dict[str, Any]) -> None:
    at = len(passage.text) + bool(passage.text)
    passage.text = f"{passage.text} {row['text']}" if passage.text else row["text"]
    spans = [(at + start, at + end, label) for start, end, label in row["entities"]]
    passage.entities.update(spans)
    passage.relations.update((spans[h], label, spans[t]) for h, t, label in row["relations"])
    passage.sentences.append((at, len(passage.text)))


def _checked(line: str, path: str, number: str, corpus: Corpus) -> dict[str, Any]:
    def bad(reason: str, field: str | None = None) -> RecordError:
        return RecordError(path, number, reason, field)

    try:
        row = json.loads(line)
    except ValueError as error:
        raise bad(f"is no JSON ({error})") from error
    if not isinstance(row, dict):
        raise bad("must be an object")
    for name in ("id", "text"):
        if not isinstance(row.get(name), str):
            raise bad("must be a string", name)
    for name in ("entities", "relations"):
        if not isinstance(row.setdefault(name, []), list):
            raise bad("must be a list", name)
    labels = corpus.labels | corpus.without.keys()
    for place, span in enumerate(row["entities"]):
        if not _fits(span) or not 0 <= span[0] < span[1] <= len(row["text"]):
            raise bad("must be [start, end, label] within the text", f"entities[{place}]")
        if span[2] not in labels:
            raise bad(f"{span[2]!r} is no label of {corpus.name}: {', '.join(sorted(labels))}", f"entities[{place}]")
    labels = corpus.relation_labels | corpus.without_relations.keys()
    for place, relation in enumerate(row["relations"]):
        if not _fits(relation) or not all(0 <= end < len(row["entities"]) for end in relation[:2]):
            raise bad("must be [head, tail, label] with places in entities", f"relations[{place}]")
        if relation[2] not in labels:
            known = ", ".join(sorted(labels)) or "it has no relations"
            raise bad(f"{relation[2]!r} is no label of {corpus.name}: {known}", f"relations[{place}]")
    return row


def _fits(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) == 3
        and all(isinstance(number, int) and not isinstance(number, bool) for number in item[:2])
        and isinstance(item[2], str)
    )
