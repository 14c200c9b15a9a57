"""A stand-in for the extraction pipeline that needs no model, and sources of invented papers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from kg.extract.worker import Done, Failed, Outcome
from kg.model import DocEntity, Extraction, Mention, Paper
from kg.store import FILES
from kg.store.files import MANIFEST

_NAME = re.compile(r"\b[A-Z][a-z]+(Net|Set)\b")


def names_only(papers: Iterable[Paper]) -> Iterator[Outcome]:
    """An extractor that knows a model by "…Net" and a data set by "…Set", and cannot cope with "Unspeakable"."""
    for paper in papers:
        if "Unspeakable" in paper.text:
            yield Failed("extraction failed: too hard")
            continue
        found: dict[str, list[Mention]] = {}
        for match in _NAME.finditer(paper.text):
            found.setdefault(match[0], []).append(Mention(*match.span(), match[0], "names", 0.9))
        entities = tuple(
            DocEntity(
                name,
                "Model" if name.endswith("Net") else "Dataset",
                "named",
                "used" if name.endswith("Net") else "evaluated_on",
                0.9,
                tuple(mentions),
            )
            for name, mentions in found.items()
        )
        yield Done(Extraction(paper.id, entities, sentences=((0, len(paper.text)),)))


def write_lines(path: Path, *records: object) -> Path:
    """JSON Lines; a string among the records is written as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def paper(identifier: str, abstract: str, title: str = "", **more: object) -> dict[str, object]:
    return {"id": identifier, "title": title or f"On {identifier}", "abstract": abstract, **more}


def content(graph: Path) -> dict[str, bytes]:
    """The bytes of a graph, file by file, without its cache."""
    return {name: (graph / name).read_bytes() for name in (*FILES, MANIFEST)}


Same = Callable[[Path, Path], None]


@pytest.fixture
def same() -> Same:
    """Asserts that two graph directories hold the same bytes."""

    def compare(one: Path, two: Path) -> None:
        first, second = content(one), content(two)
        assert [name for name in first if first[name] != second[name]] == []

    return compare
