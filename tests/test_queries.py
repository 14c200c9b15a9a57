"""The cookbook: each question of docs/queries.md has the same answer in SPARQL and in Cypher, and has one.

tests/test_docs.py holds that the page prints what the commands print.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from kg import vocab
from kg.export.neo4j_rows import RELATIONSHIP_TYPES
from kg.pipeline import build
from kg.query import cypher, sparql
from kg.store import GraphDir

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "queries.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)$", re.MULTILINE)
NAMES = {type_: name for name, type_ in RELATIONSHIP_TYPES.items()}  # of a relationship type
QUESTIONS = (
    "compresses LLaMA",
    "LoRA evaluated",
    "outperform",
    "metrics",
    "ImageNet, sorted by number",
    "2024 for code generation",
    "share a baseline",
    "lineage",
    "two months",
    "single weak source",
)


def asked() -> list[Any]:
    """A question's heading, its SPARQL and its Cypher, of each block of the page."""
    found = []
    for match in BLOCK.finditer(PAGE):
        heading = re.findall(r"^## (.*)$", PAGE[: match.start()], re.MULTILINE)[-1]
        words = [shlex.split(command.replace("\\\n", "")) for command in COMMAND.findall(match[1])]
        assert [(w[0], w[1], w[2]) for w in words] == [("kg", verb, "example.kg") for verb in ("sparql", "cypher")]
        found.append(pytest.param(words[0][3], words[1][3], id=heading))
    return found


def plain(value: Any) -> str | float | None:
    """A value of either language in the words of both."""
    if isinstance(value, sparql.Iri):
        return value.value.removeprefix(vocab.VOCAB)
    if isinstance(value, sparql.Literal):
        number = value.datatype.rpartition("#")[2] in ("integer", "decimal", "double")
        return float(value.value) if number else value.value
    if isinstance(value, str):
        return NAMES.get(value, value)
    return None if value is None else float(value)


@pytest.fixture(scope="module")
def example(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> GraphDir:
    place = tmp_path_factory.mktemp("cookbook") / "example.kg"
    build([examples], place)
    return GraphDir.open(place)


@pytest.mark.parametrize(("in_sparql", "in_cypher"), asked())
def test_both_languages_give_the_same_answer(example: GraphDir, in_sparql: str, in_cypher: str) -> None:
    with sparql.select(example, in_sparql) as found:
        one, names = [tuple(map(plain, row)) for row in found], found.variables
    with cypher.select(example, in_cypher) as rows:
        other, columns = [tuple(map(plain, row)) for row in rows], rows.columns
    assert names == columns
    assert one == other
    assert one


def test_the_page_answers_what_was_asked_for() -> None:
    headings = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert [any(words in heading for heading in headings) for words in QUESTIONS] == [True] * len(QUESTIONS)
    assert len(asked()) >= len(headings)
