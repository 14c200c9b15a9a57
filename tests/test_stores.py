"""All doors hold the same graph, and `kg validate --stores` says in sentences where they do not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kg import vocab
from kg.pipeline import build
from kg.query import cypher, sparql
from kg.store import GraphDir
from kg.validate.stores import (
    Holding,
    Sample,
    compare_stores,
    differences,
    in_cypher,
    in_networkx,
    in_sparql,
    in_tables,
)
from tests.export.rows import Rows, kites, nasty
from tests.pipeline.conftest import names_only

STORES: dict[str, Callable[[GraphDir, Sample], Holding]] = {
    "networkx": in_networkx,
    "SPARQL": in_sparql,
    "Cypher": in_cypher,
}


def without_a_statement(rows: Rows) -> None:
    gone = next(row for row in rows.statements if row.predicate == "outperforms" and not row.negated)
    rows.statements.remove(gone)
    rows.evidence = [row for row in rows.evidence if row.about != gone.id]


def another_name(rows: Rows) -> None:
    rows.entities = [replace(row, name="KeteNit") if row.name == "KiteNet" else row for row in rows.entities]


def another_number(rows: Rows) -> None:
    rows.results = [replace(row, low=12.5, value="12.50") for row in rows.results]


def another_title(rows: Rows) -> None:
    rows.papers = [replace(row, title=row.title.replace("Leaves", "Sheaves")) for row in rows.papers]


def surer(rows: Rows) -> None:
    rows.statements = [
        replace(row, confidence=0.11) if row.predicate in vocab.RELATIONS else row for row in rows.statements
    ]


def no_denial(rows: Rows) -> None:
    gone = {row.id for row in rows.statements if row.negated}
    rows.statements = [row for row in rows.statements if row.id not in gone]
    rows.evidence = [row for row in rows.evidence if row.about not in gone]


FAULTS = {
    without_a_statement: ("edges outperforms", "outperforms"),
    another_name: ("has name 'KeteNit', and 'KiteNet' in the tables",),
    another_number: ("has low 12.5, and 92.5 in the tables", "has value '12.50', and '92.50' in the tables"),
    another_title: ("has title 'KiteNet: Counting Sheaves', and 'KiteNet: Counting Leaves' in the tables",),
    surer: ("has confidence 0.11",),
    no_denial: ("0 edges DENIES",),
}


@pytest.mark.parametrize("rows", [kites, nasty, Rows])
def test_all_doors_hold_the_same(rows: Callable[[], Rows], tmp_path: Path) -> None:
    sentence, found = compare_stores(rows().write(tmp_path / "g.kg"))
    assert found == []
    assert "networkx, the SPARQL store, the Cypher database" in sentence


def test_all_doors_hold_the_same_of_the_example(examples: Path, tmp_path: Path) -> None:
    build([examples], tmp_path / "example.kg", extractor=names_only)
    assert compare_stores(tmp_path / "example.kg")[1] == []


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_difference_is_a_sentence(fault: Callable[[Rows], None], store: str, tmp_path: Path) -> None:
    """The tables of one graph beside the store of a graph with one thing changed."""
    changed = kites()
    fault(changed)
    tables, sample = in_tables(GraphDir.open(kites().write(tmp_path / "one.kg")))
    other = STORES[store](GraphDir.open(changed.write(tmp_path / "other.kg")), sample)
    found = list(differences(tables, sample, other))
    for words in FAULTS[fault]:
        assert any(words in sentence for sentence in found), found
    assert all(other.name in sentence for sentence in found)


def test_the_counts_of_the_tables_are_those_of_the_projection(tmp_path: Path) -> None:
    """SQL on the tables and kg.graph count alike, each name of the vocabulary with a number."""
    tables, sample = in_tables(GraphDir.open(kites().write(tmp_path / "g.kg")))
    assert sorted(tables.nodes) == sorted(vocab.NODE_TYPES)
    assert sorted(tables.edges) == sorted([*vocab.PREDICATES, vocab.DENIES])
    assert len(sample.nodes) == sum(tables.nodes.values())  # small: the sample is the whole
    assert len(sample.edges) == sum(tables.edges.values())


def kg_validate(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg", "validate", str(path), "--no-shapes", *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_command_ends_with_0_or_1(tmp_path: Path) -> None:
    """A store that another graph's data got into (a seal holds, the content does not) is a problem."""
    one, changed = kites().write(tmp_path / "one.kg"), kites()
    another_name(changed)
    other = changed.write(tmp_path / "other.kg")
    done = kg_validate(one, "--stores")
    assert (done.returncode, done.stderr) == (0, "")
    assert "compared property by property" in done.stdout
    assert done.stdout.endswith("No problems.\n")
    for path in (one, other):
        cypher.open_worker(GraphDir.open(path)).close()
        sparql.open_worker(GraphDir.open(path)).close()
    mine, theirs = (GraphDir.open(path).manifest.hash[:16] for path in (one, other))
    shutil.rmtree(one / "cache")
    (one / "cache").mkdir()
    for path in (other / "cache").iterdir():
        target = one / "cache" / path.name.replace(theirs, mine)
        shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
    done = kg_validate(one, "--stores")
    assert done.returncode == 1
    assert "Problem: the SPARQL store: Model model/kitenet has name 'KeteNit'" in done.stdout
    assert "Problem: the Cypher database: Model model/kitenet has name 'KeteNit'" in done.stdout
    assert "Error: " in done.stderr


def test_damaged_files_are_not_compared(tmp_path: Path) -> None:
    path = kites().write(tmp_path / "g.kg")
    (path / "results.parquet").unlink()
    done = kg_validate(path, "--stores")
    assert done.returncode == 1
    assert "results.parquet" in done.stdout
    assert "Traceback" not in done.stderr
