"""Records are read with every error named, and say how sure they are where extraction does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import RecordError, SourceError
from kg.evaluate import read_records, with_confidence
from kg.extract import to_record
from kg.model import DocEntity, DocRelation, DocResult, Extraction, Mention
from tests.evaluate.conftest import Record

ENTITY = '{"name": "a", "forms": ["a"], "type": "Task"%s}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r":1: is no JSON"),
        ("[]", "object with an id"),
        ('{"id": 3}', "id"),
        ('{"id": "a", "links": 3}', "links: must be a list"),
        ('{"id": "a", "links": [3]}', r"links\[0\]: must be a string"),
        ('{"id": "a", "entities": ["a"]}', r"entities\[0\]: must be an object with a name"),
        ('{"id": "a", "entities": [{"name": "a"}]}', "forms must be a list of strings"),
        ('{"id": "a", "entities": [%s]}' % (ENTITY % ', "role": "hero"'), "role must be one of introduced"),
        ('{"id": "a", "entities": [%s]}' % (ENTITY % ', "confidence": 7'), "between 0 and 1"),
        ('{"id": "a", "relations": [["a", "b"]]}', r"relations\[0\]: must be a list of head, relation and tail"),
        ('{"id": "a", "relations": [["a", "eats", "b"]]}', "relation must be one of used_for"),
        ('{"id": "a", "relations": [["a", "used_for", "b", "sure"]]}', "between 0 and 1"),
        ('{"id": "a", "results": [{"value": 3}]}', r"results\[0\]: must be an object with a value"),
        ('{"id": "a", "results": [{"value": "3", "metric": 4}]}', "names of entities, or null"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: str, message: str) -> None:
    """An error names file, line and field."""
    path = tmp_path / "gold.jsonl"
    path.write_text(content + "\n", encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        read_records(path)
    with pytest.raises(SourceError, match="missing"):
        read_records(tmp_path / "missing.jsonl")


def test_gold_entities_need_kind_and_role(tmp_path: Path) -> None:
    """What is predicted may do without; a list that is left out is empty."""
    path = tmp_path / "some.jsonl"
    path.write_text('{"id": "a", "entities": [%s]}' % (ENTITY % ""), encoding="utf-8")
    assert read_records(path)["a"]["relations"] == []
    with pytest.raises(RecordError, match="kind must be one of named, class, not None"):
        read_records(path, annotated=True)


def test_confidences_are_those_of_the_extraction(tmp_path: Path) -> None:
    """Entity, role, relation and result keep their scores in the record; a denied relation stays out."""

    def entity(name: str, start: int, score: float) -> DocEntity:
        mention = Mention(start, start + len(name), name, "form", score)
        return DocEntity(name, "Model", "named", "used", score, (mention,), role_score=0.5)

    ends = ((0, 7), (14, 20))
    extraction = Extraction(
        "1",
        (entity("KiteNet", 0, 0.9), entity("OakNet", 14, 0.7)),
        (
            DocRelation(0, "outperforms", 1, 0, 29, *ends, "model", 0.6),
            DocRelation(0, "basedOn", 1, 0, 29, *ends, "pattern", 0.9, negated=True),
        ),
        (DocResult(0, None, None, 1, "3.1", 24, 27, (0, 28), "change", 3.1, 3.1, "", None, "model", 0.8),),
    )
    record = with_confidence(to_record(extraction, "KiteNet beats OakNet by 3.1."), extraction)
    assert [(e["confidence"], e["role_confidence"]) for e in record["entities"]] == [(0.9, 0.5), (0.7, 0.5)]
    assert record["relations"] == [["KiteNet", "outperforms", "OakNet", 0.6]]
    assert record["results"][0]["confidence"] == 0.8
    path = tmp_path / "predicted.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert read_records(path) == {"1": record}


def test_a_later_record_with_the_same_id_wins(tmp_path: Path, gold: Record) -> None:
    """As in the annotation's own scorer."""
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{json.dumps(gold)}\n\n{json.dumps({**gold, 'links': []})}\n", encoding="utf-8")
    assert read_records(path)["1"]["links"] == []
