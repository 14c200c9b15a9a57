"""Readers of the public corpora, the mapping of labels, and counting as their papers count."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.corpora import CORPORA, SCIER, SCIERC, TDMSCI, Figures, measure, read_corpus
from kg.corpora.measure import count
from kg.errors import RecordError, SourceError
from kg.extract import load_pipeline
from kg.model import DocEntity, DocRelation, Extraction, Mention
from kg.vocab import ENTITY_TYPES, RELATIONS

ONE = {"id": "kites#0", "text": "KiteNet counts leaves on PondSet.",
       "entities": [[0, 7, "Method"], [25, 32, "Dataset"]], "relations": [[0, 1, "Evaluated-With"]]}  # fmt: skip
TWO = {"id": "kites#1", "text": "It beats OakNet.", "entities": [[9, 15, "Method"]], "relations": []}
OTHER = {"id": "ponds#0", "text": "PondSet is new.", "entities": [[0, 7, "Dataset"]]}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_sentences_of_a_document_become_a_passage(tmp_path: Path) -> None:
    first, second = read_corpus(write(tmp_path / "c.jsonl", ONE, TWO, OTHER))
    assert first.text == "KiteNet counts leaves on PondSet. It beats OakNet."
    assert {first.text[s:e] for s, e, _ in first.entities} == {"KiteNet", "PondSet", "OakNet"}
    assert first.relations == {((0, 7), "Evaluated-With", (25, 32))}
    assert first.sentences == [(0, 33), (34, 50)]
    assert (second.id, second.text) == ("ponds", "PondSet is new.")
    long = [{**TWO, "id": f"long#{n}", "text": "x" * 900, "entities": []} for n in range(5)]
    assert [len(p.text) for p in read_corpus(write(tmp_path / "l.jsonl", *long))] == [1801, 1801, 900]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda row: row.pop("id"), "id"),
        (lambda row: row.update(text=3), "text"),
        (lambda row: row.update(entities={}), "entities"),
        (lambda row: row.update(entities=[[0, 99, "Method"]]), "entities[0]"),
        (lambda row: row.update(entities=[[3, 3, "Method"]]), "entities[0]"),
        (lambda row: row.update(entities=[[True, 3, "Method"]]), "entities[0]"),
        (lambda row: row.update(relations=[[0, 5, "Used-For"]]), "relations[0]"),
        (lambda row: row.update(relations=[[0, 1]]), "relations[0]"),
    ],
)
def test_a_bad_line_is_named(change: Callable[[dict[str, Any]], object], field: str, tmp_path: Path) -> None:
    row = json.loads(json.dumps(ONE))
    change(row)
    path = write(tmp_path / "c.jsonl", TWO, row)
    with pytest.raises(RecordError) as caught:
        list(read_corpus(path))
    assert str(caught.value).startswith(f"{path}:2: {field}: ")


def test_files_that_are_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "text.jsonl").write_text("no JSON\n", encoding="utf-8")
    for name, error in (("none", SourceError), ("empty", SourceError), ("text", RecordError)):
        with pytest.raises(error):
            list(read_corpus(tmp_path / f"{name}.jsonl"))


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
def test_the_mapping_speaks_of_our_vocabulary(corpus: Any) -> None:
    assert set(corpus.types) <= set(ENTITY_TYPES)
    assert set(corpus.relations) <= set(RELATIONS)


def found(*entities: tuple[str, int, int, str], relations: tuple[DocRelation, ...] = ()) -> Extraction:
    kept = tuple(
        DocEntity(name, type_, "named", "used", 0.9, (Mention(start, end, name, "model", 0.9),))
        for name, start, end, type_ in entities
    )
    return Extraction("kites", kept, relations, (), (), ())


def relation(head: int, predicate: str, tail: int, h: tuple[int, int], t: tuple[int, int]) -> DocRelation:
    return DocRelation(head, predicate, tail, 0, 50, h, t, "model", 0.8)


def test_strict_and_overlapping_are_counted(tmp_path: Path) -> None:
    """A Model is a Method there; a wrong border is right when overlapping; a Metric has no label in SciER."""
    (passage,) = read_corpus(write(tmp_path / "c.jsonl", ONE, TWO))
    figures = Figures()
    said = found(("KiteNet", 0, 7, "Model"), ("on PondSet", 22, 32, "Dataset"), ("leaves", 15, 21, "Metric"))
    count(figures, SCIER, passage, said)
    assert (figures.strict.right, figures.strict.found, figures.strict.wanted) == (1, 2, 3)
    assert figures.overlapping.right == 2
    assert figures.labels["Method"].row() == (100.0, 50.0, pytest.approx(66.67, abs=0.01))
    assert figures.borders == {"+on": 1}


def test_relations_need_both_ends(tmp_path: Path) -> None:
    (passage,) = read_corpus(write(tmp_path / "c.jsonl", ONE, TWO))
    entities = (("KiteNet", 0, 7, "Model"), ("PondSet", 25, 32, "Dataset"), ("OakNet", 43, 49, "Model"))
    right = relation(0, "evaluatedOn", 1, (0, 7), (25, 32))
    far = relation(0, "outperforms", 2, (0, 7), (43, 49))  # ends in two sentences are passed over
    figures = Figures()
    count(figures, SCIER, passage, found(*entities, relations=(right, far)))
    assert (figures.relations.right, figures.relations.found, figures.relations.wanted) == (1, 1, 1)
    turned = {**ONE, "relations": [[1, 0, "EVALUATE-FOR"]]}
    (passage,) = read_corpus(write(tmp_path / "c.jsonl", turned))
    figures = Figures()
    count(figures, SCIERC, passage, found(*entities[:2], relations=(right,)))
    assert figures.relations.right == 1


def test_nothing_found_is_zero() -> None:
    assert Figures().strict.row() == (0.0, 0.0, 0.0)


def test_real_sentences(shared: Path) -> None:
    """Every public file is read whole, and the pipeline finds most of what it has a word for."""
    folder = shared / "benchmarks"
    for name, split in (("scier", "test"), ("scierc", "test"), ("tdmsci", "dev")):
        path = folder / name / f"{split}.jsonl"
        passages = list(read_corpus(path))
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert sum(len(p.sentences) for p in passages) == len(rows)
        assert sum(len(p.entities) for p in passages) == sum(len({tuple(e) for e in r["entities"]}) for r in rows)
    figures = measure(passages[:40], TDMSCI, load_pipeline("rules"))
    assert figures.strict.row()[2] > 20
