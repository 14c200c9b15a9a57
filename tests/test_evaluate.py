"""Scores are counted exactly as the annotation's own scorer counts them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.cli.evaluate import command
from kg.errors import RecordError, SourceError
from kg.evaluate import number_key, read_records, score

Record = dict[str, Any]

GOLD: Record = {
    "id": "1", "text": "KiteNet\nKiteNet beats OakNet by 3.1% on PondSet.",
    "entities": [
        {"name": "KiteNet", "forms": ["KiteNet"], "type": "Model", "kind": "named", "role": "introduced"},
        {"name": "OakNet", "forms": ["OakNet", "Oak Nets"], "type": "Model", "kind": "named", "role": "compared"},
        {"name": "PondSet", "forms": ["PondSet"], "type": "Dataset", "kind": "named", "role": "evaluated_on"},
    ],
    "relations": [["KiteNet", "outperforms", "OakNet"], ["KiteNet", "evaluated_on", "PondSet"]],
    "results": [{"subject": "KiteNet", "metric": None, "value": "3.1%", "dataset": "PondSet", "baseline": "OakNet",
                 "evidence": "KiteNet beats OakNet by 3.1% on PondSet"}],
    "links": ["https://a.example"],
}  # fmt: skip


def figures(predicted: Record | None) -> dict[str, dict[str, float | int]]:
    return score({"1": GOLD}, {} if predicted is None else {"1": predicted}).rows()


def test_the_same_is_perfect() -> None:
    """Gold against itself has F1 1 in every row."""
    assert {row["f1"] for row in figures(GOLD).values() if "f1" in row} == {1.0}


def test_nothing_is_found_in_nothing() -> None:
    """A paper without a prediction counts as empty."""
    rows = figures(None)
    assert (rows["entities"]["tp"], rows["entities"]["fn"], rows["relations"]["fn"]) == (0, 3, 2)


def test_forms_match_without_case_hyphen_and_plural() -> None:
    """One shared form is enough, the type must be the same, a weaker relation counts."""
    predicted = {**GOLD, "entities": [
        {"name": "kite-net", "forms": ["kite-net"], "type": "Model", "kind": "class", "role": "used"},
        {"name": "oak-nets", "forms": ["oak-nets"], "type": "Model", "kind": "named", "role": "compared"},
        {"name": "PondSet", "forms": ["PondSet"], "type": "Task", "kind": "named", "role": "addressed"},
    ], "relations": [["oak-nets", "compared_with", "kite-net"]], "results": [], "links": []}  # fmt: skip
    rows = figures(predicted)
    assert (rows["entities"]["tp"], rows["entities"]["fp"], rows["entities"]["fn"]) == (2, 1, 1)
    assert rows["relations"]["tp"] == 1
    assert rows["introduced"]["fn"] == 1
    assert rows["role accuracy"] == {"accuracy": 0.5, "of": 2}


@pytest.mark.parametrize(
    ("value", "key"),
    [("43.1\\%", "43.1%"), ("up to 3.3x", "3.3x"), ("2times", "2x"), ("+2.59%", "2.59%"), ("twice", "twice")],
)
def test_values_are_compared_by_their_digits(value: str, key: str) -> None:
    """Unit words, signs in front and LaTeX make no difference."""
    assert number_key(value) == key


def scorer(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("annotation_scorer", shared / "gold" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def damaged(record: Record, seed: int) -> Record:
    """A record with a part of everything left out or changed."""
    entities = [
        {**e, "type": "Task" if (i * 7 + seed) % 11 == 0 else e["type"],
         "role": "used" if (i + seed) % 5 == 0 else e["role"]}
        for i, e in enumerate(record["entities"]) if (i + seed) % 4
    ]  # fmt: skip
    relations = [
        [h, "compared_with" if r == "outperforms" and (i + seed) % 2 else r, t] if (i + seed) % 7 else [t, r, h]
        for i, (h, r, t) in enumerate(record["relations"]) if (i + seed) % 5
    ]  # fmt: skip
    results = [{**r, "metric": None if (i + seed) % 3 == 0 else r["metric"]} for i, r in enumerate(record["results"])]
    return {
        **record,
        "entities": entities,
        "relations": relations,
        "results": results,
        "links": record["links"][: seed % 2],
    }


@pytest.mark.parametrize("seed", range(6))
def test_same_figures_as_the_annotation_scorer(shared: Path, seed: int) -> None:
    """On the development papers, damaged in several ways, every figure is the scorer's to the last digit."""
    gold = read_records(shared / "gold" / "dev.jsonl")
    predicted = {i: damaged(r, seed) for i, r in gold.items() if len(i) % 9 != seed}
    theirs, missed, invented = scorer(shared).score(gold, predicted)
    ours = score(gold, predicted)
    rows = {name: row for name, row in ours.rows().items() if not name.startswith("roles/")}
    assert rows == theirs
    assert (ours.missed, ours.invented) == (missed, invented)


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_counts_add_up(gold: list[str], predicted: list[str]) -> None:
    """Right plus missed is what gold holds, right plus invented what was predicted."""

    def record(names: list[str]) -> Record:
        found = [
            {"name": n, "forms": [n * 4], "type": "Task", "kind": "class", "role": "used"} for n in dict.fromkeys(names)
        ]
        return {"id": "1", "entities": found, "relations": [], "results": [], "links": []}

    rows = score({"1": record(gold)}, {"1": record(predicted)}).rows()
    row = rows.get("entities", {"tp": 0, "fp": 0, "fn": 0})
    assert row["tp"] + row["fn"] == len(set(gold))
    assert row["tp"] + row["fp"] == len(set(predicted))


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", r":1: is no JSON"), ("[]", "object with an id"), ('{"id": 3}', "id"), ('{"id": "a", "links": 3}', "links")],
)
def test_bad_files_are_named(tmp_path: Path, content: str, message: str) -> None:
    """An error names file, line and field."""
    path = tmp_path / "gold.jsonl"
    path.write_text(content + "\n", encoding="utf-8")
    with pytest.raises(RecordError, match=message):
        read_records(path)
    with pytest.raises(SourceError, match="missing"):
        read_records(tmp_path / "missing.jsonl")


def test_command(tmp_path: Path) -> None:
    """`kg eval GOLD PREDICTED` prints the table, with `--json` the same as data, and what was missed."""
    gold, predicted = tmp_path / "gold.jsonl", tmp_path / "predicted.jsonl"
    gold.write_text(json.dumps(GOLD) + "\n", encoding="utf-8")
    predicted.write_text(json.dumps({**GOLD, "entities": GOLD["entities"][:2]}) + "\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(gold), str(predicted), "--misses", "3"])
    assert done.exit_code == 0, done.output
    assert "Dataset: PondSet" in done.output
    assert "0.8000" in done.output
    rows = json.loads(CliRunner().invoke(command, [str(gold), str(predicted), "--json"]).output)
    assert rows["entities"]["f1"] == 0.8


def test_command_extracts_by_itself(tmp_path: Path) -> None:
    """`kg eval GOLD` extracts from the gold texts."""
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps(GOLD) + "\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(gold), "--model", "rules", "--json", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["entities"]["tp"] == 3
