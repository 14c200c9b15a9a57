"""`kg eval` shows all figures, gives them as data, and compares two runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.cli.evaluate import command
from kg.errors import KgError, RecordError, SourceError, UsageError
from tests.evaluate.conftest import Record

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Records → a file of them."""

    def run(name: str, *records: Record) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return run


def kg_eval(*arguments: object) -> Result:
    done = CliRunner().invoke(command, [str(a) for a in arguments])
    if isinstance(done.exception, KgError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def data(*arguments: object) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(kg_eval(*arguments, "--json").stdout)
    return content


def test_tables(gold: Record, write: Write) -> None:
    """Every section is there, with counts, F1 and interval; `--misses` adds the lists."""
    worse = {**gold, "entities": [{**gold["entities"][0], "role": "used"}, gold["entities"][1]]}
    done = kg_eval(write("gold.jsonl", gold), write("predicted.jsonl", worse), "--misses", "3")
    lines = done.stdout.splitlines()
    assert lines[0] == "predicted.jsonl on 1 paper of gold.jsonl"
    for title in ("OVERALL", "ENTITIES BY TYPE", "ENTITIES BY KIND", "ROLES OF THE ENTITIES FOUND", "RELATIONS",
                  "ERRORS MOST OFTEN MADE", "ENTITIES MOST OFTEN MISSED"):  # fmt: skip
        assert title in lines
    cells = {line.split()[0]: line.split()[1:] for line in lines if line.startswith("  ") and line.split()}
    assert cells["entities"] == ["1.0000", "0.6667", "0.8000", "0.800–0.800", "2", "0", "1"]
    assert "  1  Dataset: PondSet" in lines
    assert "introduced as used" in done.stdout
    assert "No calibration" in done.stderr


def test_without_misses_it_is_short(gold: Record, write: Write) -> None:
    """The long lists are on request only."""
    short = kg_eval(write("gold.jsonl", gold), write("predicted.jsonl", {**gold, "entities": []})).stdout
    assert "ENTITIES MOST OFTEN MISSED" not in short
    assert "entity missed: not seen" in short


def test_everything_as_data(gold: Record, write: Write) -> None:
    """Figures with intervals, calibration, errors with their paper, and the counts of each paper."""
    sure = {
        **gold,
        "entities": [{**e, "confidence": 0.75, "role_confidence": 1.0} for e in gold["entities"][:2]],
        "relations": [["KiteNet", "outperforms", "OakNet", 0.5]],
    }
    content = data(write("gold.jsonl", gold, {**gold, "id": "2"}), write("predicted.jsonl", sure))
    entities = content["figures"]["entities"]
    assert (entities["tp"], entities["fn"], entities["f1"]) == (2, 4, 0.5)
    assert entities["low"] < 0.5 < entities["high"]
    assert content["calibration"]["entities"]["error"] == 0.25
    assert content["calibration"]["relations"]["bins"] == [
        {"low": 0.4, "high": 0.5, "count": 1, "confidence": 0.5, "right": 1.0}
    ]
    assert content["mistakes"][0]["sort"] == "entity missed: not seen"
    assert content["by_paper"]["papers"] == ["1", "2"]
    assert content["by_paper"]["rows"]["entities"] == [[2, 0], [0, 0], [1, 3]]


@pytest.mark.parametrize("as_data", [True, False])
def test_compare(gold: Record, write: Write, tmp_path: Path, as_data: bool) -> None:
    """With what `--json` printed (papers in any order), or with records: differences, intervals, p, a verdict."""
    papers = [{**gold, "id": str(i)} for i in range(12)]
    lost = [{**p, "entities": p["entities"][:2], "relations": p["relations"][:1]} for p in papers]
    path, after = write("gold.jsonl", *papers), write("after.jsonl", *papers)
    other = write("before.jsonl", *lost)
    if as_data:
        other = tmp_path / "before.json"
        other.write_text(json.dumps(data(write("reversed.jsonl", *papers[::-1]), write("b.jsonl", *lost))))
    shown = kg_eval(path, after, "--compare", other).stdout
    assert f"COMPARED WITH {other.name}" in shown
    (line,) = [line for line in shown.splitlines() if line.startswith("  entities ") and "+0.2000" in line]
    assert line.split()[-2:] == ["0.002", "better"]
    rows = {row["row"]: row for row in data(path, after, "--compare", other)["compared"]["rows"]}
    assert (rows["entities"]["this"], rows["entities"]["other"]) == (1.0, 0.8)
    assert (rows["links"]["difference"], rows["links"]["p"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, SourceError, "cannot be read"),
        ("", SourceError, "is empty"),
        ("[1]", SourceError, "holds neither records nor"),
        ('{"entities": {"f1": 0.5}}', SourceError, "holds neither records nor"),
        ('{"format": "kg eval 1"}', SourceError, "by_paper: holds no counts"),
        ('{"format": "kg eval 1", "by_paper": {"papers": ["9"], "rows": {}}}', UsageError, "on other papers"),
        (
            '{"format": "kg eval 1", "by_paper": {"papers": ["1"], "rows": {"entities": [[5], [0], [0]]}}}',
            UsageError,
            "another annotation: entities of paper 1",
        ),
    ],
)
def test_what_cannot_be_compared(
    gold: Record, write: Write, tmp_path: Path, content: str | None, error: type[Exception], message: str
) -> None:
    """A file that is no run, a run on other papers, and one on other annotation of the same papers are told apart."""
    other = tmp_path / "other.json"
    if content is not None:
        other.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        kg_eval(write("gold.jsonl", gold), write("predicted.jsonl", gold), "--compare", other)


def test_wrong_usage(gold: Record, write: Write) -> None:
    """No gold records; gold entities for records that are there already."""
    with pytest.raises(UsageError, match="holds no records"):
        kg_eval(write("empty.jsonl"))
    with pytest.raises(UsageError, match="leave PREDICTED out"):
        kg_eval(write("gold.jsonl", gold), write("predicted.jsonl", gold), "--gold-entities")


def test_gold_without_text_is_named(gold: Record, write: Write) -> None:
    """File, record and field; records that are there already need no text."""
    path = write("gold.jsonl", {name: value for name, value in gold.items() if name != "text"})
    with pytest.raises(RecordError, match=r"gold\.jsonl:1: text: must be a string"):
        kg_eval(path)
    assert "1.0000" in kg_eval(path, write("predicted.jsonl", gold)).stdout


def test_papers_that_gold_lacks_are_told(gold: Record, write: Write) -> None:
    done = kg_eval(write("gold.jsonl", gold), write("predicted.jsonl", gold, {**gold, "id": "2"}))
    assert "1 paper that gold.jsonl does not hold was passed over" in done.stderr


def test_it_extracts_by_itself(gold: Record, write: Write) -> None:
    """`kg eval GOLD` extracts from the gold texts, and knows how sure extraction was."""
    content = data(write("gold.jsonl", gold), "--model", "rules", "--jobs", "1")
    assert content["figures"]["entities"]["tp"] == 3
    assert set(content["calibration"]) == {"entities", "roles", "relations", "results"}


def test_gold_entities(gold: Record, write: Write) -> None:
    """With `--gold-entities` only relations and results are measured."""
    done = kg_eval(write("gold.jsonl", gold), "--gold-entities", "--model", "rules")
    assert "rules, given gold entities on 1 paper" in done.stdout
    assert "ENTITIES BY TYPE" not in done.stdout
    assert "  outperforms " in done.stdout
