"""The pipeline as a whole: declared components, any text, one answer."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from kg.errors import ModelError
from kg.extract import extract_text, load_pipeline, to_record
from kg.model import Extraction, Paper
from kg.readers import read_sources
from kg.vocab import ENTITY_TYPES, KINDS, ROLES
from tests.extract.conftest import check_offsets

Read = Callable[[str, str], Extraction]


def test_components_declare_what_they_need(rules: Language) -> None:
    """spaCy's own analysis finds every requirement met, in this order."""
    analysis = rules.analyze_pipes(keys=["assigns", "requires"])
    assert not any(analysis["problems"].values()), analysis["problems"]
    assert all(row["assigns"] for row in analysis["summary"].values())


def test_import_is_light() -> None:
    """Importing the package loads neither spaCy nor the runtime of models."""
    code = "import sys, kg.extract, kg.extract.lexicon; print('spacy' in sys.modules, 'onnxruntime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_unknown_model(tmp_path: Path) -> None:
    """A model that is not there is an error that names it; so is a lexicon with a bad line."""
    with pytest.raises(ModelError, match="nowhere"):
        load_pipeline("nowhere")
    (tmp_path / "terms.jsonl").write_text('{"name": 3}\n', encoding="utf-8")
    with pytest.raises(ModelError, match=r"terms\.jsonl:1"):
        load_pipeline("rules", tmp_path / "terms.jsonl")


def test_own_lexicon(tmp_path: Path) -> None:
    """Terms of one's own are found."""
    lexicon = tmp_path / "own.jsonl"
    lexicon.write_text('{"name": "Tidal Gate", "type": "Method", "kind": "named"}\n', encoding="utf-8")
    paper = Paper("p", "Waves", "The tidal gates of Tidal Gate are studied with Tidal Gate.")
    found = extract_text(load_pipeline("rules", lexicon), paper)
    assert [(e.term, e.type) for e in found.entities if e.term] == [("method/tidal-gate", "Method")]


@pytest.mark.parametrize(
    ("title", "abstract"),
    [("", ""), ("", "  "), ("A", ""), ("", "KiteNet is a model."), ("T", "\u2028\u202e\ufffd"), ("T", "()[]{}<>$\\"),
     ("Kite;Gate|\"Net\"", "We propose Kite;Gate, a model, also called `Kite` SET n:Evil, O'Kite\\ and \"x\" Kite.\n"),
     ("</script><script>x='y'</script><!--<script> Kites", "We propose hrefNet, a model, see href=\"x\".\u2028"),
     ("𝒪(n) Kites 🪁", "🪁🪁 We propose 𝛼-KiteNet, a model. 𝛼-KiteNet reaches 71.0 mAP on SkySet 👩‍🔬.")],
)  # fmt: skip
def test_odd_texts(read: Read, title: str, abstract: str) -> None:
    """Nothing breaks, and every offset holds."""
    read(title, abstract)


PIECES = [
    "We propose", "KiteNet", ", a model,", "outperforms", "(", ")", "OakQA", "3.1%", "\n", "$", "LKA", "on", "and",
    "does not", "lattice kite attention", "İ", "\\textbf{", "}", "http://a", ".", "%",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.booleans())
def test_any_mixture(read: Read, parts: list[str], with_title: bool) -> None:
    """Whatever the pieces, the record is well-formed: closed vocabularies, valid indices, verbatim forms."""
    text = " ".join(parts)
    extraction = read("Kites" if with_title else "", text)
    full = f"Kites\n{text}" if with_title else text
    record = to_record(extraction, full)
    assert len({e["name"] for e in record["entities"]}) == len(record["entities"])
    for e in record["entities"]:
        assert e["type"] in ENTITY_TYPES
        assert e["kind"] in KINDS
        assert e["role"] in ROLES
        assert all(form in full for form in e["forms"])


def test_order_and_repetition_change_nothing(rules: Language) -> None:
    """A text's extraction does not depend on what was read before."""
    papers = [
        Paper("1", "A", "We propose KiteOne, a model."),
        Paper("2", "KiteTwo: B", "KiteTwo beats KiteOne on PondQA."),
    ]
    alone = [extract_text(load_pipeline("rules"), paper) for paper in papers]
    assert [extract_text(rules, p) for p in reversed(papers)] == alone[::-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "abstract",
    ["a:" * 60_000, "http://a(" * 20_000, "0." * 60_000 + " " + "(" * 9000 + "[A" * 9000,
     "We propose KiteNet, a model, which beats OakNet by 3.1 points on PondSet. " * 16_000],
    ids=["colons", "addresses", "brackets", "1.2 MB"],
)  # fmt: skip
def test_long_texts(rules: Language, abstract: str) -> None:
    """Crafted, broken and very long texts are read in bounded time."""
    paper = Paper("q", "T", abstract)
    started = time.process_time()
    extraction = extract_text(rules, paper)
    assert time.process_time() - started < 60
    check_offsets(extraction, paper.text)
    assert bool(extraction.notes) == (len(paper.text) > 1_000_000)


SYSTEMS = ("GenZ", "ReaLHF", "DePT", "PCB-Merging", "DSEE", "PELA", "PFGM++", "LoRA+", "FlexLLM", "QMoE", "R-TSVM")


def test_own_systems_of_the_saved_listings(shared: Path, rules: Language) -> None:
    """The systems that these papers present are named and introduced."""
    wanted = dict.fromkeys(SYSTEMS, False)
    for paper in read_sources([str(shared / "seeds")]):
        here = [name for name in SYSTEMS if isinstance(paper, Paper) and name in paper.text]
        if isinstance(paper, Paper) and not all(wanted[name] for name in here):
            own = {f for e in extract_text(rules, paper).entities if e.role == "introduced" for f in e.forms}
            wanted.update({name: True for name in here if name in own})
    assert [name for name, done in wanted.items() if not done] == []


def test_record_leaves_out_denials(read: Read) -> None:
    """`kg extract` writes snake_case relations and no denied ones."""
    abstract = "KiteNet does not outperform OakNet. KiteNet is based on PineNet."
    record = to_record(read("R", abstract), f"R\n{abstract}")
    assert ["KiteNet", "based_on", "PineNet"] in record["relations"]
    assert not [r for r in record["relations"] if r[1] == "outperforms"]
