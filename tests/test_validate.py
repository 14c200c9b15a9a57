"""`kg validate`: every damage is found and named, every broken rule is a sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import kg.validate
from kg.errors import ExtraMissing, GraphError
from kg.model import EvidenceRow, MentionRow, MergeRow, StatementRow
from kg.store import FILES
from kg.validate import validate
from tests.export.rows import Rows, kites, nasty


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kites().write(tmp_path_factory.mktemp("graphs") / "kites.kg")


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy.kg"))


def test_a_whole_graph_has_no_problems(whole: Path) -> None:
    report = validate(whole)
    assert report.ok
    assert report.problems == report.notices == ()
    assert "2 papers" in report.checked[0]
    assert "the whole graph" in report.checked[-1]


def test_an_empty_graph_has_no_problems(tmp_path: Path) -> None:
    assert validate(Rows().write(tmp_path / "g")).ok


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "emptied": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
    "one byte flipped": flip,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("name", [name for name in FILES if name != "rejected.jsonl"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named(copy: Path, name: str, damage: str) -> None:
    DAMAGES[damage](copy / name)
    report = validate(copy)
    assert [name in str(problem) for problem in report.problems] == [True]


def test_every_damage_is_named_not_only_the_first(copy: Path) -> None:
    flip(copy / "papers.parquet")
    (copy / "evidence.parquet").unlink()
    report = validate(copy)
    assert {n for n in FILES for p in report.problems if n in str(p)} == {"papers.parquet", "evidence.parquet"}


def test_swapped_tables_are_named(copy: Path) -> None:
    a, b, c = copy / "papers.parquet", copy / "results.parquet", copy / "swap"
    a.rename(c)
    b.rename(a)
    c.rename(b)
    text = "\n".join(map(str, validate(copy).problems))
    assert "papers.parquet" in text
    assert "results.parquet" in text


def test_a_changed_count_is_found(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["counts"]["papers"] += 1
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (problem,) = validate(copy).problems
    assert "manifest.json" in str(problem)


def test_left_overs_of_a_write_are_problems_and_other_files_notices(copy: Path) -> None:
    (copy / "statements.parquet.tmp").write_bytes(b"half")
    (copy / "notes.txt").write_text("mine")
    report = validate(copy, shapes=False)
    assert ["statements.parquet.tmp" in str(p) for p in report.problems] == [True]
    assert ["notes.txt" in notice for notice in report.notices] == [True]


def test_what_is_no_graph_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "none", tmp_path, tmp_path / "file"):
        with pytest.raises(GraphError):
            validate(path)


def first(rows: Rows, predicate: str) -> StatementRow:
    return next(s for s in rows.statements if s.predicate == predicate)


def exchange(table: list, row: object, **changes: object) -> None:  # type: ignore[type-arg]
    table[table.index(row)] = replace(row, **changes)  # type: ignore[type-var]


def add_role(rows: Rows) -> None:
    rows.say("oak", "mentions", "model/oaknet", ("oak", "OakNet"))


def add_cycle(rows: Rows) -> None:
    rows.say("method/pruning", "subclassOf", "method/magnitude pruning", ("oak", "pruning"))


# rule -> a change of the rows that breaks it
FAULTS: dict[str, Callable[[Rows], object]] = {
    "ids in papers are unique": lambda r: r.papers.append(r.papers[0]),
    "ids in entities are unique": lambda r: r.entities.append(r.entities[0]),
    "ids in statements are unique": lambda r: r.statements.append(r.statements[0]),
    "ids in evidence are unique": lambda r: r.evidence.append(r.evidence[0]),
    "ids in results are unique": lambda r: r.results.append(r.results[0]),
    "an entity's type and kind are of the vocabulary": lambda r: exchange(r.entities, r.entities[0], kind="odd"),
    "an entity's parents are entities of its type": lambda r: exchange(
        r.entities, r.entities[0], parents=("dataset/pondset",)
    ),
    "a mention's paper and entity exist": lambda r: exchange(r.mentions, r.mentions[0], entity="model/none"),
    "a mention's form is the text at its offsets": lambda r: exchange(r.mentions, r.mentions[0], form="Kitenet"),
    "a statement's ends exist": lambda r: exchange(r.statements, first(r, "basedOn"), object="model/none"),
    "a statement keeps domain and range": lambda r: exchange(
        r.statements, first(r, "basedOn"), object="dataset/pondset"
    ),
    "no statement leads from a thing to itself": lambda r: exchange(
        r.statements, first(r, "basedOn"), object="model/kitenet"
    ),
    "a paper and an entity have one role": add_role,
    "what a paper mentions has a role in it": lambda r: (
        r.mention("oak", "dataset/mereset", "pruning")
        and r.mentions.append(MentionRow("oak", "model/elmnet", "pruning", 101, 108, "Model", "rules", 1.0))
    ),
    "a statement's support is the number of papers that say it": lambda r: exchange(
        r.statements, first(r, "outperforms"), support=3
    ),
    "a result has evidence in its paper": lambda r: exchange(r.results, r.results[0], id="r0"),
    "evidence is about a statement or result, in a paper": lambda r: exchange(r.evidence, r.evidence[0], about="s0"),
    "evidence lies inside the text": lambda r: exchange(r.evidence, r.evidence[0], end=9999),
    "a result's paper and ends exist and have the right types": lambda r: exchange(
        r.results, r.results[0], metric="dataset/pondset"
    ),
    "a result's values make sense": lambda r: exchange(r.results, r.results[0], low=93.0),
    "confidences and scores lie between 0 and 1": lambda r: exchange(r.evidence, r.evidence[0], score=1.5),
    "a merge belongs to an entity": lambda r: r.merges.append(MergeRow("model/none", "x", "Model", "case", 1.0)),
    "a thing is not a kind of itself": add_cycle,
    "a date is a day, month or year that exists": lambda r: exchange(r.papers, r.papers[0], date="2024-02-30"),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_broken_rule_is_found(rule: str, tmp_path: Path) -> None:
    rows = kites()
    FAULTS[rule](rows)
    report = validate(rows.write(tmp_path / "g"), shapes=False)
    assert rule in "\n".join(map(str, report.problems))
    assert all(len(problem.examples) <= 3 for problem in report.problems)


def test_each_rule_has_a_fault() -> None:
    """The table above breaks all rules but that of the number of papers, which Rows counts itself."""
    counted = "an entity's number of papers is that of the papers that mention it"
    assert kg.validate._RULES.keys() <= {*FAULTS, counted}


def test_offsets_count_code_points(tmp_path: Path) -> None:
    """An emoji before a mention is one character, not two units and not four bytes."""
    rows = Rows()
    rows.paper("p", "🪁 𝒪(n) 👩‍🔬", "🪁🪁 We propose 𝛼-Kite, a model.")
    rows.entity("model/α-kite", "Model", "𝛼-Kite")
    rows.mention("p", "model/α-kite", "𝛼-Kite")
    rows.say("p", "introduces", "model/α-kite", ("p", "🪁🪁 We propose 𝛼-Kite, a model."))
    assert validate(rows.write(tmp_path / "g")).ok


def test_shapes_run_on_a_part_of_a_large_graph(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the shapes see a part, the report says so, and the part is whole in itself."""
    monkeypatch.setattr(kg.validate, "SHAPES_LIMIT", 100)
    report = validate(whole)
    assert report.ok
    assert "one paper in " in report.checked[-1]
    assert validate(nasty().write(tmp_path / "g")).checked[-1] != report.checked[-1]


def test_a_broken_shape_is_a_sentence(tmp_path: Path) -> None:
    rows = kites()
    exchange(rows.papers, rows.papers[1], title="\t")
    rows.evidence.append(EvidenceRow("e0", first(rows, "basedOn").id, "oak", 5, 5, None, None, None, None, "x", 0.5))
    report = validate(rows.write(tmp_path / "g"))
    assert "broken shape: evidence begins before it ends: https://w3id.org/mlpapers-kg/evidence/e0" in map(
        str, report.problems
    )


def test_without_pyshacl_it_says_what_to_install(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kg.validate, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissing, match=r"mlpapers-kg\[validate\]"):
        validate(whole)
    assert validate(whole, shapes=False).ok


@pytest.mark.parametrize(("damaged", "code"), [(False, 0), (True, 1)])
def test_the_command_ends_with_0_or_1(copy: Path, damaged: bool, code: int) -> None:
    if damaged:
        flip(copy / "mentions.parquet")
    done = subprocess.run(
        [sys.executable, "-m", "kg", "validate", str(copy)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert ("mentions.parquet" in done.stdout) == damaged
    assert ("No problems." in done.stdout) != damaged
    assert "Traceback" not in done.stderr
