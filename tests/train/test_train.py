"""Training: from records to examples, and from a network to a model that says the same at run time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg.extract.lexicon import Lexicon, Term
from kg.extract.neural.features import WordPieces
from kg.extract.neural.labels import PREDICATES, TAGS, TYPES
from kg.train.examples import example, form_key, held_out, invent_names, mark_mentions, number_key, piece_up
from kg.train.lexicon import Limits, form_counts, merge_terms, weigh
from kg.train.measure import _fits
from kg.train.tune import best_cut, fit_logistic

RECORD: dict[str, Any] = {
    "id": "toy-1",
    "text": "ToyNet: Sorting Socks\nWe present ToyNet for sock sorting. ToyNet reaches 91.5% accuracy on SockSet.",
    "entities": [
        {"name": "ToyNet", "forms": ["ToyNet"], "type": "Model", "kind": "named", "role": "introduced"},
        {
            "name": "sock sorting",
            "forms": ["Sorting Socks", "sock sorting"],
            "type": "Task",
            "kind": "class",
            "role": "addressed",
        },
        {"name": "accuracy", "forms": ["accuracy"], "type": "Metric", "kind": "class", "role": "measured"},
        {"name": "SockSet", "forms": ["SockSet"], "type": "Dataset", "kind": "named", "role": "evaluated_on"},
    ],
    "relations": [["ToyNet", "used_for", "sock sorting"], ["ToyNet", "evaluated_on", "SockSet"]],
    "results": [
        {
            "subject": "ToyNet",
            "metric": "accuracy",
            "value": "91.5%",
            "dataset": "SockSet",
            "baseline": None,
            "evidence": "ToyNet reaches 91.5% accuracy on SockSet",
        }
    ],
    "links": [],
}
LEXICON = Lexicon((Term("metric/accuracy", "accuracy", "Metric", "class", ("accuracy",)),), "toy")
VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    *"abcdefghijklmnopqrstuvwxyz0123456789.:%",
    *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"),
]


def test_an_example_carries_mentions_relations_and_results() -> None:
    item = example(RECORD, LEXICON)
    marked = [(item.words.texts[i], TAGS[tag]) for i, tag in enumerate(item.tags) if tag]
    assert marked.count(("ToyNet", "B-Model")) == 3
    assert ("sorting", "I-Task") in marked
    assert [len(entity.spans) for entity in item.entities] == [3, 2, 1, 1]
    assert item.relations == ((0, PREDICATES.index("used_for"), 1), (0, PREDICATES.index("evaluated_on"), 3))
    assert [(r.is_result, r.slots) for r in item.results] == [(True, (0, 2, 3, -1))]
    assert sum(tag > 0 for tag in item.lexicon) == 1


def test_longer_forms_are_marked_first_and_only_on_word_boundaries() -> None:
    entities = [{"forms": ["net"]}, {"forms": ["toy net"]}]
    assert mark_mentions("toy net, net, nets", entities) == [(0, 7, 1), (9, 12, 0)]


def test_invented_names_keep_their_case_and_place() -> None:
    item = example(RECORD, LEXICON)
    texts = invent_names(item, random.Random(3), 1.0)
    assert len(texts) == len(item.words)
    assert "ToyNet" not in texts
    assert "SockSet" not in texts
    new = {texts[i] for i, word in enumerate(item.words.texts) if word == "ToyNet"}
    assert len(new) == 1
    assert [c.isupper() for c in new.pop()] == [c.isupper() for c in "ToyNet"]
    assert invent_names(item, random.Random(3), 0.0) == list(item.words.texts)


def test_pieces_are_cut_at_whole_words() -> None:
    pieces = WordPieces(VOCABULARY)
    ids, owner = piece_up(["abc"] * 200, pieces)
    assert len(ids) == len(owner) == 510
    assert owner[-1] == 169


def test_keys_compare_forms_and_numbers_loosely() -> None:
    assert form_key("Toy-Nets") == form_key("toynet")
    assert form_key("LoRA+") != form_key("LoRA")
    assert number_key("up to 3.3times") == number_key("3.3x")


def test_holding_out_depends_on_the_id_alone() -> None:
    share = sum(held_out(str(n), 0.1) for n in range(2000)) / 2000
    assert 0.07 < share < 0.13
    assert held_out("a", 0.5) == held_out("a", 0.5)


def test_the_lexicon_is_merged_and_weighed() -> None:
    twice = [
        Term("metric/accuracy", "accuracy", "Metric", "class", ("accuracy",)),
        Term("metric/accuracy", "Accuracy", "Metric", "class", ("top accuracy",), direction="higher"),
        Term("method/sorting", "sorting", "Method", "class", ("sorting",)),
    ]
    merged = merge_terms(twice)
    assert [t.id for t in merged] == ["method/sorting", "metric/accuracy"]
    assert merged[1].forms == ("accuracy", "top accuracy")
    assert merged[1].direction == "higher"
    counts = form_counts(Lexicon(tuple(merged), ""), [RECORD])
    kept = weigh(merged, counts, Limits(papers=1))
    assert [t.id for t in kept] == ["metric/accuracy"]


def test_the_logistic_regression_separates() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = (x[:, 0] + 0.1 * rng.normal(size=400) > 0).astype(float)
    fitted = fit_logistic(x, y)
    scaled = (x - fitted["mean"]) / fitted["deviation"]
    right = ((scaled @ fitted["weights"] + fitted["intercept"] > 0) == (y > 0.5)).mean()
    assert right > 0.95


def test_the_best_cut_maximises_f1() -> None:
    assert best_cut([0.9, 0.8, 0.3, 0.2], [True, True, False, False], 2) == (0.8, 1.0)
    assert best_cut([], [], 3) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("one", "other", "fits"), [("Toy Network", "TN", True), ("Toy Network", "XQ", False), ("TN", "TN", False)]
)
def test_a_short_form_fits_its_long_form(one: str, other: str, fits: bool) -> None:
    assert _fits(one, other) is fits


SMALL = {"vocabulary": len(VOCABULARY), "hidden": 48, "inner": 64, "pair": 16}


@pytest.mark.parametrize("encoder", [{"layers": 2, "heads": 4}, {"dilations": (1, 2), "embedding": 16}])
def test_a_trained_network_says_the_same_at_run_time(tmp_path: Path, encoder: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (the extra `train`)")
    pytest.importorskip("onnx", reason="onnx is not installed (the extra `train`)")
    from kg.extract.neural import EntitySpans, Model
    from kg.train.batch import answer, collate, losses, total
    from kg.train.defaults import UNTUNED
    from kg.train.export import export
    from kg.train.loop import Plan, learn
    from kg.train.network import Network, Size
    from kg.train.sheets import gold_sheet

    torch.manual_seed(0)
    network = Network(Size(**SMALL, **encoder))
    item, pieces = example(RECORD, LEXICON), WordPieces(VOCABULARY)
    told: list[str] = []
    learn(
        network,
        [item] * 8,
        pieces,
        Plan(epochs=3, batch=1),
        checkpoint=tmp_path / "run.pt",
        progress=lambda text, *_: told.append(text),
    )
    assert (tmp_path / "run.pt").exists()
    assert told
    batch = collate([gold_sheet(item, pieces)], pieces)
    with torch.no_grad():
        parts = losses(network, batch)
        assert set(parts) == {"tag", "kind", "role", "keep", "pair", "value", "slot"}
        assert torch.isfinite(total(parts))
        answers = answer(network, batch)
    export(network, VOCABULARY, tmp_path / "model", UNTUNED, int8=False)
    first = {p.name: p.read_bytes() for p in (tmp_path / "model").iterdir()}
    export(network, VOCABULARY, tmp_path / "model", UNTUNED, int8=False)
    assert {p.name: p.read_bytes() for p in (tmp_path / "model").iterdir()} == first
    model = Model.load(tmp_path / "model")
    enc = model.encode(RECORD["text"], LEXICON.match(RECORD["text"]))
    spans = [
        EntitySpans(tuple((item.words.starts[s], item.words.ends[e - 1]) for s, e in entity.spans), TYPES[entity.type])
        for entity in item.entities
    ]
    tags = torch.log_softmax(answers.tags[0], 1).numpy()
    assert np.abs(enc.tag_scores - tags).max() < 0.02
    found = model.attributes(enc, spans)
    kinds = torch.softmax(answers.kinds, 1).max(1).values.tolist()
    assert [a.kind_p for a in found] == pytest.approx(kinds, abs=0.01)
    loose = model.with_settings({**UNTUNED, "relations": dict.fromkeys(PREDICATES, 0.0), "trust": 0.0})
    scores = {(link.head, link.predicate, link.tail): link.score for link in loose.relations(enc, spans)}
    expected = torch.sigmoid(answers.pairs)
    for row, (head, tail) in enumerate(batch.pairs[:, :2].tolist()):
        for column, predicate in enumerate(PREDICATES):
            if (head, predicate, tail) in scores:
                assert scores[head, predicate, tail] == pytest.approx(float(expected[row, column]), abs=0.01)
    assert scores
    export(network, VOCABULARY, tmp_path / "small", UNTUNED)
    assert Model.load(tmp_path / "small").encode("abc", []).vectors.shape == (1, 48)


def test_a_run_that_was_cut_off_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (the extra `train`)")
    from kg.train.loop import Plan, learn
    from kg.train.network import Network, Size

    item, pieces = example(RECORD, LEXICON), WordPieces(VOCABULARY)
    plan = Plan(epochs=4, batch=2, checkpoint_s=0.0)

    def fresh() -> Any:
        torch.manual_seed(0)
        return Network(Size(**SMALL, dilations=(1,), embedding=16))

    class CutOffError(Exception):
        pass

    whole = fresh()
    learn(whole, [item] * 20, pieces, plan, progress=lambda *_: None)

    def stop(told: str, *_: int) -> None:
        if told.startswith("step 25/"):
            raise CutOffError

    with pytest.raises(CutOffError):
        learn(fresh(), [item] * 20, pieces, plan, checkpoint=tmp_path / "run.pt", progress=stop)
    resumed = fresh()
    learn(resumed, [item] * 20, pieces, plan, checkpoint=tmp_path / "run.pt", resume=True, progress=lambda *_: None)
    for (name, one), other in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other), name


def test_teachers_label_a_text_and_a_student_learns_from_it() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed (the extra `train`)")
    from kg.train.check import check
    from kg.train.distil import join_forms, label, plain_example
    from kg.train.loop import Plan, learn
    from kg.train.network import Network, Size
    from kg.train.pretrain import MaskPlan, pretrain
    from kg.train.sheets import gold_sheet

    item, pieces = example(RECORD, LEXICON), WordPieces(VOCABULARY)
    torch.manual_seed(0)
    teacher = Network(Size(**SMALL, layers=1, heads=4, dropout=0.0))
    plain = plain_example("u1", RECORD["text"], LEXICON)
    pretrain(teacher, label([teacher], [plain], pieces, progress=lambda *_: None), pieces, MaskPlan(epochs=1, batch=1),
             progress=lambda *_: None)  # fmt: skip
    learn(teacher, [item] * 8, pieces, Plan(epochs=40, batch=2, encoder_rate=3e-3), progress=lambda *_: None)
    assert check([teacher], [gold_sheet(item, pieces)], pieces)["spans"] == 1.0
    sheets = label([teacher, teacher], [plain], pieces, progress=lambda *_: None)
    gold = gold_sheet(item, pieces)
    assert (sheets[0].tags.argmax(1) == gold.tags.argmax(1)).all()
    assert len(item.entities) <= len(sheets[0].types) <= len(item.entities) + 1  # "Sorting Socks" has two forms
    assert sheets[0].keep.min() > 0.5
    assert np.abs(sheets[0].tags.astype(float).sum(1) - 1).max() < 0.01
    student = Network(Size(**SMALL, dilations=(1, 2), embedding=16, dropout=0.0))
    learn(student, [item], pieces, Plan(epochs=40, batch=1, mixed=2, encoder_rate=3e-3), labelled=sheets,
          progress=lambda *_: None)  # fmt: skip
    assert check([student], [gold], pieces)["spans"] > 0.8
    assert join_forms(plain, [(0, 1, 1), (6, 7, 1)]) == [[(0, 1), (6, 7)]]


def test_one_hot_rows_without_a_label_are_empty() -> None:
    pytest.importorskip("torch", reason="torch is not installed (the extra `train`)")
    from kg.train.sheets import one_hot

    assert one_hot([1, -1], 3).tolist() == [[0, 1, 0], [0, 0, 0]]
