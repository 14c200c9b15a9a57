"""The lexicon: what it finds, where, and how it says that a file is wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kg.errors import ModelError
from kg.extract.lexicon import Lexicon, LexiconError, Term, read_terms, term_key, write_terms

TERMS = (
    Term("model/toynet", "ToyNet", "Model", "named", ("ToyNet", "Toy-Net")),
    Term("model/toynet-2", "ToyNet-2", "Model", "named", ("ToyNet-2", "ToyNet 2")),
    Term("method/gentle-pruning", "gentle pruning", "Method", "class", ("gentle pruning",)),
    Term("model/qgan", "QGAN", "Model", "class", ("QGAN", "quiet adversarial network")),
    Term("dataset/maple", "Maple", "Dataset", "named", ("Maple",), ambiguous=("Maple",)),
    Term("metric/kindness", "kindness", "Metric", "class", ("kindness",), direction="higher", unit="%"),
    Term("task/kindness", "kindness", "Task", "class", ("kindness",)),
)


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon(TERMS, "test")


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    return [(text[hit.start : hit.end], hit.terms[0].id) for hit in lexicon.match(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We train ToyNet-2 well.", [("ToyNet-2", "model/toynet-2")]),
        (
            "ToyNet2, ToyNet 2 and ToyNet",
            [("ToyNet2", "model/toynet-2"), ("ToyNet 2", "model/toynet-2"), ("ToyNet", "model/toynet")],
        ),
        ("ToyNet-based and Toy-Nets", [("ToyNet", "model/toynet"), ("Toy-Nets", "model/toynet")]),
        ("toynet is no name, nor is TOYNET", []),
        (
            "Gentle Pruning and gentle-pruning",
            [("Gentle Pruning", "method/gentle-pruning"), ("gentle-pruning", "method/gentle-pruning")],
        ),
        ("QGANs but not qgan", [("QGANs", "model/qgan")]),
        ("quiet adversarial networks", [("quiet adversarial networks", "model/qgan")]),
        ("ToyNetwork, MyToyNet, ToyNet2x", []),
        ("gentle, pruning", []),
        ("gentle\npruning", []),
        ("İİ ToyNet İ", [("ToyNet", "model/toynet")]),
    ],
)
def test_the_longest_form_on_word_boundaries_is_found(
    lexicon: Lexicon, text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(lexicon, text) == expected


def test_only_the_break_after_the_title_stops_a_match(lexicon: Lexicon) -> None:
    assert found(lexicon, "A title\nwith gentle\npruning") == [("gentle\npruning", "method/gentle-pruning")]


def test_marked_forms_and_forms_of_several_types_are_ambiguous(lexicon: Lexicon) -> None:
    hits = lexicon.match("Maple measures kindness for ToyNet")
    assert [hit.ambiguous for hit in hits] == [True, True, False]
    assert {term.type for term in hits[1].terms} == {"Metric", "Task"}


def test_lookup_takes_the_whole_form_and_the_type(lexicon: Lexicon) -> None:
    assert lexicon.lookup("kindness", "Task") is TERMS[6]
    assert lexicon.lookup("Toy-Nets") is TERMS[0]
    assert lexicon.lookup("ToyNet of Maple") is None
    assert lexicon.lookup("") is None


@pytest.mark.parametrize("text", ["a:" * 60_000, "0." * 60_000, "ToyNet-" * 30_000, "gentle " * 30_000, "x" * 400_000])
def test_matching_is_linear_in_hostile_text(lexicon: Lexicon, text: str) -> None:
    began = time.perf_counter()
    lexicon.match(text)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"type": "Model"}, "name"),
        ({"name": "X1", "type": "Car"}, "type"),
        ({"name": "X1", "type": "Model", "kind": 3}, "kind"),
        ({"name": "X1", "type": "Model", "forms": "X1"}, "forms"),
        ({"name": "X1", "type": "Metric", "direction": "up"}, "direction"),
        ({"name": "X1", "type": "Model", "parent": 1}, "parent"),
        ([], ""),
    ],
)
def test_a_wrong_line_is_named_with_its_field(tmp_path: Path, line: object, field: str) -> None:
    path = tmp_path / "terms.jsonl"
    path.write_text('{"name": "Fine", "type": "Model"}\n\n' + json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        Lexicon.load(extra=path)
    assert (caught.value.line, caught.value.field) == (3, field)
    assert f"{path}:3" in str(caught.value)
    assert isinstance(caught.value, ModelError)


def test_a_missing_or_binary_file_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"nowhere\.jsonl"):
        Lexicon.load(extra=tmp_path / "nowhere.jsonl")
    (tmp_path / "bad.jsonl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(LexiconError, match="UTF-8"):
        Lexicon.load(extra=tmp_path / "bad.jsonl")


def test_own_terms_win_over_shipped_ones_and_change_the_version(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"name": "Zylophant", "type": "Model", "forms": ["Zylophant", "ZLPH"]}\n', encoding="utf-8")
    shipped, own = Lexicon.load(), Lexicon.load(extra=path)
    assert found(own, "ZLPH runs") == [("ZLPH", "model/zylophant")]
    assert not shipped.match("ZLPH runs")
    assert own.version != shipped.version


def test_written_terms_come_back_and_have_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl.gz", tmp_path / "two.jsonl.gz"
    write_terms(TERMS, one)
    write_terms(TERMS, two)
    assert one.read_bytes() == two.read_bytes()
    assert tuple(read_terms(one)[0]) == TERMS


def test_the_shipped_lexicon_is_clean() -> None:
    lexicon = Lexicon.load()
    ids = [term.id for term in lexicon.terms]
    assert ids == sorted(set(ids))
    assert len(ids) > 10_000
    assert all(term.forms and set(term.ambiguous) <= set(term.forms) for term in lexicon.terms)
    assert lexicon.lookup("ImageNet", "Dataset") is not None
    assert Lexicon.load() is lexicon


def test_keys_join_words_with_hyphens() -> None:
    assert term_key("Low-Rank  Adaptation_2") == "low-rank-adaptation-2"
    assert term_key("LoRA+") == "lora+"
