"""Counting as the corpora's papers count, and the command that prints the table."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from kg.corpora import SCIER, SCIERC, TDMSCI, Count, Figures, measure, read_corpus
from kg.corpora.measure import count
from kg.extract import load_pipeline
from kg.model import DocEntity, DocRelation, Extraction, Mention
from tests.corpora.conftest import ONE, OTHER, TWO, Write


def entity(type_: str, *mentions: tuple[str, int], short: tuple[str, ...] = ()) -> DocEntity:
    """An entity by its forms and where each begins; its name is the first."""
    made = tuple(Mention(start, start + len(form), form, "model", 0.9) for form, start in mentions)
    return DocEntity(mentions[0][0], type_, "named", "used", 0.9, made, short_forms=short)


def relation(
    head: int, predicate: str, tail: int, h: tuple[int, int], t: tuple[int, int], no: bool = False
) -> DocRelation:
    return DocRelation(head, predicate, tail, 0, 50, h, t, "model", 0.8, negated=no)


def found(*entities: DocEntity, relations: tuple[DocRelation, ...] = ()) -> Extraction:
    return Extraction("kites", entities, relations)


KITE, POND, OAK = entity("Model", ("KiteNet", 0)), entity("Dataset", ("PondSet", 25)), entity("Model", ("OakNet", 43))
EVALUATED = relation(0, "evaluatedOn", 1, (0, 7), (25, 32))


def counted(path: Path, corpus: Any, extraction: Extraction) -> Figures:
    (passage,) = read_corpus(path, corpus)
    figures = Figures()
    count(figures, corpus, passage, extraction)
    return figures


def test_strict_and_overlapping_are_counted(write: Write) -> None:
    """A Model is a Method there; a wrong border is right when overlapping; a Metric has no label in SciER."""
    said = found(KITE, entity("Dataset", ("on PondSet", 22)), entity("Metric", ("leaves", 15)))
    figures = counted(write(ONE, TWO), SCIER, said)
    assert figures.strict == Count(1, 2, 3)
    assert figures.overlapping == Count(2, 2, 3)
    assert figures.labels == {"Dataset": Count(0, 1, 1), "Method": Count(1, 1, 2)} | {"Task": Count()}
    assert figures.labels["Method"].row() == pytest.approx((100, 50, 200 / 3))
    assert figures.borders == {"+on": 1}
    assert figures.verdicts == {
        "ours: same": 1, "ours: same label, other borders": 1,
        "theirs: same": 1, "theirs: same label, other borders": 1, "theirs: nothing of ours there": 1,
    }  # fmt: skip


def test_a_label_without_counterpart_is_asked_for_by_published_figures_only(write: Write) -> None:
    row = {
        "id": "a#0",
        "text": "KiteNet flies in wind.",
        "entities": [[0, 7, "Method"], [17, 21, "OtherScientificTerm"]],
    }
    figures = counted(write(row), SCIERC, found(KITE, entity("Task", ("wind", 17))))
    assert (figures.strict, figures.all_labels) == (Count(1, 2, 1), Count(1, 2, 2))
    assert figures.verdicts["ours: only a label without counterpart there"] == 1


def test_each_mention_overlaps_once(write: Write) -> None:
    """One long mention of ours over two of theirs is one that is right, and so is the reverse."""
    row = {"id": "a#0", "text": "KiteNet OakNet", "entities": [[0, 7, "Method"], [8, 14, "Method"]]}
    assert counted(write(row), SCIER, found(entity("Model", ("KiteNet OakNet", 0)))).overlapping == Count(1, 1, 2)
    row["entities"] = [[0, 14, "Method"]]
    assert counted(write(row), SCIER, found(KITE, entity("Model", ("OakNet", 8)))).overlapping == Count(1, 2, 1)


def test_another_label_at_the_same_place_is_wrong(write: Write) -> None:
    figures = counted(write(ONE), SCIER, found(entity("Task", ("KiteNet", 0)), POND))
    assert (figures.strict, figures.overlapping) == (Count(1, 2, 2), Count(1, 2, 2))
    assert figures.verdicts["ours: same borders, other label"] == 1


def test_relations_need_both_ends(write: Write) -> None:
    """Those with ends in two sentences, denied ones and those without a label are passed over."""
    path = write(ONE, TWO)
    far = relation(0, "outperforms", 2, (0, 7), (43, 49))
    denied = relation(0, "trainedOn", 1, (0, 7), (25, 32), no=True)
    figures = counted(path, SCIER, found(KITE, POND, OAK, relations=(EVALUATED, far, denied)))
    assert figures.relations == figures.relations_typed == figures.relations_named == Count(1, 1, 1)
    longer = found(
        KITE, entity("Dataset", ("PondSet.", 25)), relations=(relation(0, "evaluatedOn", 1, (0, 7), (25, 33)),)
    )
    assert counted(path, SCIER, longer).relations == Count(0, 1, 1)


def test_the_ends_labels_count_in_rel_plus_alone(write: Write) -> None:
    method = entity("Method", ("PondSet", 25))
    row = {**ONE, "relations": [[0, 1, "Part-Of"]]}
    said = found(KITE, method, relations=(relation(0, "partOf", 1, (0, 7), (25, 32)),))
    figures = counted(write(row), SCIER, said)
    assert (figures.relations, figures.relations_typed) == (Count(1, 1, 1), Count(0, 1, 1))


def test_a_relation_may_be_said_the_other_way_round(write: Write) -> None:
    row = {**ONE, "entities": [[0, 7, "Method"], [25, 32, "Material"]], "relations": [[1, 0, "EVALUATE-FOR"]]}
    assert counted(write(row), SCIERC, found(KITE, POND, relations=(EVALUATED,))).relations_typed == Count(1, 1, 1)
    row["relations"] = [[0, 1, "EVALUATE-FOR"]]
    assert counted(write(row), SCIERC, found(KITE, POND, relations=(EVALUATED,))).relations_typed == Count(0, 1, 1)


def test_a_relation_without_direction_counts_either_way(write: Write) -> None:
    row = {"id": "a#0", "text": "KiteNet beats OakNet.", "entities": [[0, 7, "Method"], [14, 20, "Method"]],
           "relations": [[1, 0, "Compare-With"]]}  # fmt: skip
    said = found(KITE, entity("Model", ("OakNet", 14)), relations=(relation(0, "outperforms", 1, (0, 7), (14, 20)),))
    assert counted(write(row), SCIER, said).relations_typed == Count(1, 1, 1)


def test_relations_with_ends_or_labels_that_we_lack(write: Write) -> None:
    row = {"id": "a#0", "text": "KiteNet flies on PondSet.",
           "entities": [[0, 7, "Generic"], [17, 24, "Material"], [8, 13, "Method"]],
           "relations": [[0, 1, "USED-FOR"], [2, 1, "CONJUNCTION"], [1, 2, "USED-FOR"]]}  # fmt: skip
    figures = counted(write(row), SCIERC, found())
    assert (figures.relations_typed.wanted, figures.relations_sayable.wanted) == (3, 1)
    assert figures.relation_labels["CONJUNCTION"] == Count(0, 0, 1)


def test_by_names_any_mention_of_a_thing_will_do(write: Write) -> None:
    """Ours is said at the abbreviation, theirs at the full form, in another sentence."""
    rows = (
        {"id": "a#0", "text": "Kite Network (KN) is here.",
         "entities": [[0, 12, "Method"], [14, 16, "Method"]], "relations": [[1, 0, "Synonym-Of"]]},
        {"id": "a#1", "text": "KN counts on PondSet.",
         "entities": [[0, 2, "Method"], [13, 20, "Dataset"]], "relations": [[0, 1, "Evaluated-With"]]},
        {"id": "a#2", "text": "Kite Network wins on PondSet.",
         "entities": [[0, 12, "Method"], [21, 28, "Dataset"]], "relations": [[0, 1, "Evaluated-With"]]},
    )  # fmt: skip
    kite = entity("Model", ("Kite Network", 0), ("KN", 14), ("KN", 27), ("Kite Network", 49), short=("KN",))
    pond = entity("Dataset", ("PondSet", 40), ("PondSet", 70))
    said = found(kite, pond, relations=(relation(0, "evaluatedOn", 1, (27, 29), (40, 47)),))
    figures = counted(write(*rows), SCIER, said)
    assert figures.relation_labels["Evaluated-With"] == Count(1, 1, 2)
    assert figures.relations_named == Count(1, 1, 1)
    assert figures.relation_labels["Synonym-Of"] == Count(1, 1, 1)


def test_nothing_found_is_zero() -> None:
    assert Figures().strict.row() == (0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def command(root: Path) -> Any:
    """`benchmarks/corpora.py`."""
    spec = importlib.util.spec_from_file_location("corpora_command", root / "benchmarks" / "corpora.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_prints_figures_beside_published_ones(
    command: Any, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(ONE, TWO, OTHER, name="scier/test.jsonl")
    write({"id": "t#0", "text": "KiteNet.", "entities": []}, name="tdmsci/dev.jsonl")
    assert command.main([str(tmp_path), "--model", "rules", "--differences", "3"]) == 0
    shown = capsys.readouterr()
    lines = {tuple(line.split()[:4]): line for line in shown.out.splitlines()}
    assert lines["SciER", "test", "entities,", "strict"].endswith("4  86.9 (HGERE, SciBERT)")
    assert lines["TDMSci", "dev", "entities,", "strict"].endswith("0  62.1 (Flair, no transformer)")
    assert "model: rules" in shown.out
    assert "SciER, theirs: " in shown.out
    assert "scierc" in shown.err


def test_the_command_says_what_is_wrong(
    command: Any, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([str(tmp_path)]) == 2
    assert "holds none of scier/test.jsonl" in capsys.readouterr().err
    path = write({**ONE, "text": 3}, name="scier/test.jsonl")
    assert command.main([str(tmp_path), "--model", "rules"]) == 1
    assert f"Error: {path}:1: text: must be a string" in capsys.readouterr().err
    assert command.main([str(tmp_path), "--model", "no-such"]) == 1
    assert "no-such" in capsys.readouterr().err


def test_the_command_prints_the_mapping(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--labels"]) == 0
    assert "OtherScientificTerm  none: " in capsys.readouterr().out


def test_real_sentences(shared: Path) -> None:
    """The rules alone find part of what is annotated, and what they find is counted once."""
    path = shared / "benchmarks" / "tdmsci" / "dev.jsonl"
    if not path.exists():
        pytest.skip("the converted corpora are not in the folder of real input")
    passages = list(read_corpus(path, TDMSCI))[:60]
    figures = measure(passages, TDMSCI, load_pipeline("rules"))
    assert figures.strict.wanted == sum(len(p.entities) for p in passages)
    assert figures.strict.right <= figures.overlapping.right <= min(figures.strict.found, figures.strict.wanted)
    assert figures.strict.row()[2] > 20
    assert sum(n for what, n in figures.verdicts.items() if what.startswith("theirs: ")) == figures.strict.wanted
