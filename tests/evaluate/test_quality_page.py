"""docs/quality.md shows the data in docs/figures/, and that data is what this checkout measures."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from kg.config import model_dir
from kg.evaluate import paper_of, read_records, with_confidence
from kg.evaluate.report import compare, read_run, report
from kg.extract import to_record
from kg.extract.neural import Model
from kg.extract.worker import Done
from kg.pipeline.extracting import extract_all

RENEW = "python benchmarks/quality.py --measure GOLD writes figures and page anew"


@pytest.fixture(scope="module")
def tables(root: Path) -> Any:
    """`benchmarks/quality_tables.py`."""
    spec = importlib.util.spec_from_file_location("quality_tables", root / "benchmarks" / "quality_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_data(root: Path, tables: Any) -> None:
    """Every table is there, and rendering it again changes nothing."""
    page = (root / "docs" / "quality.md").read_text(encoding="utf-8")
    assert {name for name in tables.BLOCKS if f"<!-- figures: {name} -->" not in page} == set()
    assert tables.render(page) == page, "python benchmarks/quality.py writes the page anew"


def test_the_model_cards_show_the_data(root: Path, tables: Any) -> None:
    page = (root / "docs" / "models.md").read_text(encoding="utf-8")
    assert {name for name in tables.CARDS if f"<!-- figures: {name} -->" not in page} == set()
    cards = [(model_dir(model) / "README.md").read_text(encoding="utf-8") for model in ("default", "fast")]
    for text in (page, *cards):
        assert "<!-- figures: card " in text
        assert tables.render(text) == text, "python benchmarks/quality.py writes the pages anew"


def test_other_data_make_another_page(tables: Any) -> None:
    """Tables are replaced, text around them stays."""
    page = tables.render("before <!-- figures: held_out -->\nold\n<!-- end --> after")
    assert page.startswith("before <!-- figures: held_out -->\n|  | F1 of spans |")
    assert page.endswith("\n<!-- end --> after")
    assert "old" not in page


@pytest.mark.parametrize("page", ["<!-- figures: nothing -->\n<!-- end -->", "<!-- figures: given -->\n"])
def test_a_wrong_block_is_told(tables: Any, page: str) -> None:
    with pytest.raises(SystemExit, match="is no block, or has no end"):
        tables.render(page)


@pytest.mark.parametrize("model", ["default", "fast"])
def test_figures_are_those_of_the_shipped_models(tables: Any, model: str) -> None:
    """A model that is trained anew needs to be measured anew."""
    version = Model.load(model_dir(model)).version
    assert {tables.read(f"{name}.{model}")["version"] for name in tables.SETS} == {version}, RENEW


def test_figures_are_what_this_checkout_measures(shared: Path, root: Path, tables: Any) -> None:
    """Every row of `default` on dev; two things more or less are let pass, since processors differ in last digits."""
    gold = read_records(shared / "gold" / "dev.jsonl", annotated=True)
    papers = [paper_of(record) for record in gold.values()]
    found = {}
    for paper, outcome in zip(papers, extract_all(papers, model="default", lexicon=None), strict=True):
        assert isinstance(outcome, Done)
        found[paper.id] = with_confidence(to_record(outcome.extraction, paper.text), outcome.extraction)
    measured = report(gold, found)
    kept = tables.read("dev.default")
    for name, row in measured.figures().items():
        for count in ("tp", "fp", "fn", "of"):
            if count in row:
                assert abs(row[count] - kept["figures"][name][count]) <= 2, f"{name}: {RENEW}"
    for what, calibration in measured.calibration.items():
        assert calibration.error == pytest.approx(kept["calibration"][what]["error"], abs=0.02), f"{what}: {RENEW}"
    former = read_run(root / "docs" / "figures" / "dev.default.json", gold)
    assert {d.verdict for d in compare(measured, former)} == {""}
