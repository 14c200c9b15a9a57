"""Readers of the public corpora: sentences become passages, bad lines are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.corpora import CORPORA, SCIER, SCIERC, TDMSCI, Corpus, label_rows, read_corpus
from kg.errors import RecordError, SourceError
from kg.vocab import ENTITY_TYPES, RELATIONS
from tests.corpora.conftest import ONE, OTHER, TWO, Write


def test_sentences_of_a_document_become_a_passage(write: Write) -> None:
    first, second = read_corpus(write(ONE, TWO, OTHER), SCIER)
    assert first.text == "KiteNet counts leaves on PondSet. It beats OakNet."
    assert {first.text[s:e] for s, e, _ in first.entities} == {"KiteNet", "PondSet", "OakNet"}
    assert first.relations == {((0, 7, "Method"), "Evaluated-With", (25, 32, "Dataset"))}
    assert first.sentences == [(0, 33), (34, 50)]
    assert (second.id, second.text) == ("ponds", "PondSet is new.")


def test_a_long_document_is_cut_between_sentences(write: Write) -> None:
    long = [{**TWO, "id": f"long#{n}", "text": "x" * 900, "entities": [[n, n + 5, "Method"]]} for n in range(5)]
    passages = list(read_corpus(write(*long), SCIER))
    assert [len(p.text) for p in passages] == [1801, 1801, 900]
    assert passages[1].entities == {(2, 7, "Method"), (901 + 3, 901 + 8, "Method")}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda row: row.pop("id"), "id"),
        (lambda row: row.update(text=3), "text"),
        (lambda row: row.update(entities={}), "entities"),
        (lambda row: row.update(entities=[[0, 99, "Method"]]), "entities[0]"),
        (lambda row: row.update(entities=[[3, 3, "Method"]]), "entities[0]"),
        (lambda row: row.update(entities=[[True, 3, "Method"]]), "entities[0]"),
        (lambda row: row.update(entities=[[0, 7, "Method"], [25, 32, "Material"]]), "entities[1]"),
        (lambda row: row.update(relations=[[0, 5, "Used-For"]]), "relations[0]"),
        (lambda row: row.update(relations=[[0, 1]]), "relations[0]"),
        (lambda row: row.update(relations=[[0, 1, "USED-FOR"]]), "relations[0]"),
    ],
)
def test_a_bad_line_is_named(change: Callable[[dict[str, Any]], object], field: str, write: Write) -> None:
    row = json.loads(json.dumps(ONE))
    change(row)
    path = write(TWO, row)
    with pytest.raises(RecordError) as caught:
        list(read_corpus(path, SCIER))
    assert str(caught.value).startswith(f"{path}:2: {field}: ")


def test_a_strange_label_is_named_with_those_that_there_are(write: Write) -> None:
    path = write({**ONE, "relations": []})
    with pytest.raises(RecordError, match="'Method' is no label of TDMSci: DATASET, METRIC, TASK"):
        list(read_corpus(path, TDMSCI))


def test_files_that_are_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe")
    (tmp_path / "text.jsonl").write_text("no JSON\n", encoding="utf-8")
    (tmp_path / "list.jsonl").write_text("[]\n", encoding="utf-8")
    errors = {"none": SourceError, "empty": SourceError, "bytes": SourceError, "text": RecordError, "list": RecordError}
    for name, error in errors.items():
        with pytest.raises(error, match=name):
            list(read_corpus(tmp_path / f"{name}.jsonl", SCIER))


@pytest.mark.parametrize("corpus", CORPORA.values(), ids=CORPORA)
def test_the_mapping_speaks_of_our_vocabulary(corpus: Corpus) -> None:
    """Of our types and relations; no label is both said and not; each is in the table once."""
    assert set(corpus.types) <= set(ENTITY_TYPES)
    assert set(corpus.relations) <= set(RELATIONS)
    assert not corpus.labels & corpus.without.keys()
    assert not corpus.relation_labels & corpus.without_relations.keys()
    shown = [label for _, label, _ in label_rows(corpus)]
    everything = corpus.labels | corpus.without.keys() | corpus.relation_labels | corpus.without_relations.keys()
    assert sorted(shown) == sorted(everything)


def test_the_table_says_what_is_turned_round() -> None:
    rows = {label: ours for _, label, ours in label_rows(SCIERC)}
    assert rows["EVALUATE-FOR"] == "benchmarkFor, ^evaluatedOn, ^measuredBy"
    assert rows["FEATURE-OF"].startswith("none: ")


def test_real_files_are_read_whole(shared: Path) -> None:
    """Every sentence and every annotation of every split is in some passage, at the characters that it names."""
    files = sorted((shared / "benchmarks").glob("*/*.jsonl"))
    if not files:
        pytest.skip("the converted corpora are not in the folder of real input")
    for path in files:
        passages = list(read_corpus(path, CORPORA[path.parent.name]))
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        forms = [row["text"][s:e] for row in rows for s, e, _ in {tuple(e) for e in row["entities"]}]
        assert sum(len(p.sentences) for p in passages) == len(rows)
        assert sorted(p.text[s:e] for p in passages for s, e, _ in p.entities) == sorted(forms)
        ends = [{(*row["entities"][h], r, *row["entities"][t]) for h, t, r in row["relations"]} for row in rows]
        assert sum(len(p.relations) for p in passages) == sum(len(relations) for relations in ends)
