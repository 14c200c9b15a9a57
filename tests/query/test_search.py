"""What a user types is text: found where a name holds it, else nothing; never an engine's error, never everything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import GraphError, UsageError
from kg.query.search import search
from kg.store import GraphDir

from .drafts import Draft

ODD = {  # name -> a text that must find it (CASES 41)
    "Kite-4": "Kite-4",
    "C++": "C++",
    "A*": "A*",
    "F1@10": "F1@10",
    "AND": "AND",
    'The "Q" Net': '"',
    "state-of-the-art": "state-of-the-art",
    "α-div*": "α-div*",
    "Gate(x)": "(x",
    "NEAR": "NEAR",
    "name:Kite": "name:Kite",
    "Back\\slash": "\\",
    "100%Net": "%",
    "under_score": "_",
    "O'Kite": "O'Kite",
    "col^2": "col^2",
    "悟道": "悟道",
    "盘古模型三号": "古模型",
    "-Kite": "-Kite",
    "Kite&Co.": "Kite&Co.",
}
FOREIGN = (
    "Kite-5",
    "C#",
    "B*",
    "F1@20",
    "XOR",
    "~",
    "[y",
    "NEAT",
    "id:Kite",
    "OR NOT",
    "{",
    "A**",
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> GraphDir:
    """One entity for each odd name, and 50 ordinary ones that no odd text may find."""
    draft = Draft()
    for name in ODD:
        draft.entity(name, "Method")
    for i in range(50):
        draft.entity(f"plain thing {'abcdefghij'[i % 10]}{'klmno'[i // 10]}", "Task")
    return draft.write(tmp_path_factory.mktemp("odd") / "odd.kg")


@pytest.mark.parametrize(("name", "typed"), ODD.items())
def test_a_text_finds_the_names_that_hold_it_and_no_others(odd: GraphDir, name: str, typed: str) -> None:
    found = [hit.name for hit in search(odd, typed, limit=100)]
    assert name in found
    plain = typed.replace("-", " ").strip().casefold()
    assert all(plain in other.replace("-", " ").casefold() for other in found)


@pytest.mark.parametrize("typed", [*FOREIGN, "", " ", "\t\n", "x" * 10_000, "*" * 500, "\0", "\ud800", "zzz\u0000"])
def test_a_text_that_no_name_holds_finds_nothing(odd: GraphDir, typed: str) -> None:
    assert search(odd, typed) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(st.characters(codec=None), max_size=40))
def test_no_text_makes_the_engine_fail(odd: GraphDir, typed: str) -> None:
    hits = search(odd, typed, limit=200)
    assert len(hits) < 60


SPELLINGS = [
    ("na\u00efve Kite", "nai\u0308ve Kite", "naive kite"),
    ("\ufb01ne-kite", "fine-kite", "Fine Kite"),
    ("Kite\u20104", "Kite\u20114", "kite 4", "KITE4"),
    ("Kite\u00a02x", "Kite 2x"),
    ("\u03bcKite", "\u00b5Kite"),
    ("Kite\u200bNet", "KiteNet", "kitenet"),
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=[row[-1] for row in SPELLINGS])
def test_each_spelling_finds_what_any_of_them_names(tmp_path: Path, spellings: tuple[str, ...]) -> None:
    for i, name in enumerate(spellings):
        draft = Draft()
        id_ = draft.entity(name, "Model", key="it")
        draft.entity("another", "Model")
        graph = draft.write(tmp_path / f"{i}.kg")
        assert [[hit.id for hit in search(graph, typed)] for typed in spellings] == [[id_]] * len(spellings)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("transfomer", "Transformer"),
        ("Trasnformers", "Transformer"),
        ("BRET", "BERT"),
        ("lamma", "LLaMA"),
        ("knowlege distilation", "knowledge distillation"),
        ("Chinchila 70B", "Chinchilla-70B"),
        ("image clasification", "image classification"),
    ],
)
def test_slips_of_the_pen_find_what_was_meant(tmp_path: Path, typed: str, found: str) -> None:
    draft = Draft()
    names = ("Transformer", "BERT", "BART", "LLaMA", "knowledge distillation", "Chinchilla-70B", "image classification")
    for name in (*names, "Chinchilla-7B", "image generation", "knowledge graph", "Lambada"):
        draft.entity(name, "Model")
    hits = search(draft.write(tmp_path / "typos.kg"), typed)
    assert (hits[0].name, hits[0].match) == (found, "typo")


def test_a_slip_never_crosses_a_number_or_a_symbol(tmp_path: Path) -> None:
    draft = Draft()
    for name in ("KiteLM-1603", "KiteLM-1605", "Kite++", "KiteNet v2"):
        draft.entity(name, "Model")
    graph = draft.write(tmp_path / "numbers.kg")
    assert [hit.name for hit in search(graph, "KietLM-1603")] == ["KiteLM-1603"]
    assert search(graph, "KietLM-1604") == []
    assert search(graph, "Kiteee+++") == []
    assert search(graph, "KitNet v3") == []


def test_exact_names_come_first_then_aliases_then_parts_by_how_well_they_are_known(kite_graph: GraphDir) -> None:
    assert [(hit.id, hit.match) for hit in search(kite_graph, "LM")][:2] == [
        ("model/language model", "alias"),
        ("model/kitelm", "word"),
    ]
    assert search(kite_graph, "kitelm")[0].id == "model/kitelm"
    assert search(kite_graph, "KiteShrink")[0].match == "name"


def test_papers_are_found_by_title_words_and_ids(kite_graph: GraphDir) -> None:
    for typed in ("KiteShrink: Pruning KiteLM in One Shot", "pruning one shot", "p1", "2403.00010"):
        assert "p1" in [hit.id for hit in search(kite_graph, typed)], typed


def test_types_and_limit_narrow_the_answer(kite_graph: GraphDir) -> None:
    assert {hit.type for hit in search(kite_graph, "kite", types=["model", "Paper"])} == {"Model", "Paper"}
    assert len(search(kite_graph, "kite", limit=2)) == 2
    with pytest.raises(UsageError, match="no type"):
        search(kite_graph, "kite", types=["Person"])


def test_a_directory_that_is_no_graph_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GraphError):
        search(tmp_path, "kite")


def test_a_graph_of_nothing_finds_nothing(tmp_path: Path) -> None:
    assert search(Draft().write(tmp_path / "empty.kg"), "kite") == []
