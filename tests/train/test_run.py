"""`kg train` as a whole: files in, a model directory out, cut off and resumed, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kg.errors import ExtraMissing, KgError, ModelError, NothingReadable, OutputError, SourceError, UsageError
from kg.extract import extract_text, load_pipeline
from kg.model import Paper
from kg.train import Options, train

KITES = ("Kite", "Oak", "Fern", "Moss", "Lark", "Heron", "Teal", "Wren", "Plum", "Reed", "Gull", "Finch")
TINY = Options(epochs=1, pretrain_epochs=1, student_epochs=1, teachers=1, mixed=1, held_out=0.3, threads=1)
torch = pytest.importorskip("torch", reason="torch is not installed (the extra `train`)")
pytest.importorskip("safetensors", reason="safetensors is not installed (the extra `train`)")


def record(number: int) -> dict[str, Any]:
    name, data = f"{KITES[number % len(KITES)]}Net", f"{KITES[(number * 5 + 1) % len(KITES)]}Set"
    text = (
        f"{name}: Counting Leaves\nWe present {name}, a network for leaf counting. On {data}, {name} reaches "
        f"{70 + number}.5% accuracy and outperforms BERT."
    )
    entities = [
        {"name": name, "forms": [name], "type": "Model", "kind": "named", "role": "introduced"},
        {"name": "leaf counting", "forms": ["leaf counting"], "type": "Task", "kind": "class", "role": "addressed"},
        {"name": data, "forms": [data], "type": "Dataset", "kind": "named", "role": "evaluated_on"},
        {"name": "accuracy", "forms": ["accuracy"], "type": "Metric", "kind": "class", "role": "measured"},
        {"name": "BERT", "forms": ["BERT"], "type": "Model", "kind": "named", "role": "compared"},
    ]
    return {
        "id": f"leaf-{number}", "text": text, "entities": entities, "links": [],
        "relations": [[name, "used_for", "leaf counting"], [name, "evaluated_on", data], [name, "outperforms", "BERT"]],
        "results": [{"subject": name, "metric": "accuracy", "value": f"{70 + number}.5%", "dataset": data}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    path.write_text("".join(json.dumps(record(n)) + "\n" for n in range(24)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.jsonl"
    rows = []
    for n in range(30, 42):
        title, _, abstract = record(n)["text"].partition("\n")
        rows.append({"id": f"plain-{n}", "title": f"{title} {n}", "abstract": abstract})
    rows.append({"id": "leaf-3", "title": "Annotated", "abstract": "It is among the annotated ones and is left out."})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT directory as it would be downloaded, tiny and untrained."""
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("encoder")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz0123456789.,:%"]
    vocabulary += [f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"]
    hidden, inner = 48, 64
    sizes = {"hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": 2, "num_attention_heads": 4,
             "max_position_embeddings": 512, "vocab_size": len(vocabulary)}  # fmt: skip
    torch.manual_seed(5)
    weights = {
        "embeddings.word_embeddings.weight": torch.randn(len(vocabulary), hidden) * 0.1,
        "embeddings.position_embeddings.weight": torch.randn(512, hidden) * 0.02,
        "embeddings.token_type_embeddings.weight": torch.zeros(2, hidden),
        "embeddings.LayerNorm.weight": torch.ones(hidden), "embeddings.LayerNorm.bias": torch.zeros(hidden),
    }  # fmt: skip
    for layer in range(2):
        base = f"encoder.layer.{layer}."
        for name, out, into in (
            ("attention.self.query", hidden, hidden), ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden), ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", inner, hidden), ("output.dense", hidden, inner),
        ):  # fmt: skip
            weights[f"{base}{name}.weight"] = torch.randn(out, into) * 0.1
            weights[f"{base}{name}.bias"] = torch.zeros(out)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            weights[f"{base}{name}.weight"], weights[f"{base}{name}.bias"] = torch.ones(hidden), torch.zeros(hidden)
    save_file(weights, folder / "model.safetensors")
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in vocabulary), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(sizes), encoding="utf-8")
    return folder


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


class CutOffError(Exception):
    """Stands for the run's end at any moment."""


@pytest.mark.timeout(300)
def test_a_run_makes_a_model_that_kg_reads(gold: Path, encoder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    figures = train(
        [gold], tmp_path / "model", encoder=encoder, options=TINY, progress=lambda text, *_: told.append(text)
    )
    assert {"entities", "relations", "results"} <= set(figures)
    assert figures["learned"] + figures["held_out"] == 24
    assert any(line.startswith("network: step") for line in told)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert f"{figures['learned']} annotated papers" in card
    nlp = load_pipeline(tmp_path / "model")
    title, _, abstract = record(30)["text"].partition("\n")
    assert extract_text(nlp, Paper("p", title, abstract)).entities

    again = tmp_path / "again"
    train([gold], again, encoder=encoder, options=TINY)
    assert contents(again)["encoder.onnx"] == contents(tmp_path / "model")["encoder.onnx"]
    assert contents(again)["config.json"] == contents(tmp_path / "model")["config.json"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("at", ["words: step 1/", "teacher-1: step 1/", "labels", "student: step 1/", "confidence"])
def test_a_run_that_is_cut_off_ends_with_the_same_model(
    at: str, gold: Path, encoder: Path, texts: Path, tmp_path: Path, whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def stop(text: str, done: int = 0, total: int = 0, /) -> None:
        if text.startswith(at):
            raise CutOffError

    monkeypatch.setattr("kg.train.loop.TOLD", 1)
    monkeypatch.setattr("kg.train.pretrain.TOLD", 1)
    options = {"encoder": encoder, "texts": [texts], "options": CONVOLUTION}
    with pytest.raises(CutOffError):
        train([gold], tmp_path / "model", progress=stop, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "model").exists()
    with pytest.raises(UsageError, match="--resume"):
        train([gold], tmp_path / "model", **options)  # type: ignore[arg-type]
    train([gold], tmp_path / "model", resume=True, **options)  # type: ignore[arg-type]
    assert contents(tmp_path / "model") == whole
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


CONVOLUTION = Options(
    architecture="convolution", epochs=1, pretrain_epochs=1, student_epochs=1, teachers=1, mixed=1, held_out=0.3,
    threads=1, rules="fit",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(gold: Path, encoder: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The model of a run that nothing disturbed: words, a teacher, labels, a convolutional student."""
    folder = tmp_path_factory.mktemp("whole") / "model"
    figures = train([gold], folder, encoder=encoder, texts=[texts], options=CONVOLUTION)
    assert figures["texts"] == 12  # not the one that is annotated
    return contents(folder)


def test_learning_goes_on_from_a_model(gold: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    """What comes out of a model directory is what went in, but for int8; and it can learn on."""
    from kg.train.restore import restore

    (tmp_path / "old").mkdir()
    for name, data in whole.items():
        (tmp_path / "old" / name).write_bytes(data)
    network, vocabulary = restore(tmp_path / "old")
    assert network.size.dilations == (1, 1, 2, 1, 2, 4)
    assert len(vocabulary) == network.size.vocabulary
    from kg.train.export import export

    export(network, vocabulary, tmp_path / "copy", json.loads(whole["config.json"]))
    assert (tmp_path / "copy" / "encoder.onnx").read_bytes() == whole["encoder.onnx"]
    figures = train([gold], tmp_path / "new", start=tmp_path / "old", options=TINY)
    assert figures["learned"] > 3
    with pytest.raises(ModelError, match="no model to go on from"):
        restore(gold.parent)


@pytest.mark.timeout(300)
def test_a_lean_model_works_without_the_rules(gold: Path, encoder: Path, tmp_path: Path) -> None:
    """Its settings say so, and what it finds comes from its tagger."""
    lean = Options(**{**{f: getattr(TINY, f) for f in TINY.__slots__}, "lean": True})
    train([gold], tmp_path / "model", encoder=encoder, options=lean)
    settings = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    assert settings["sift"]["candidates"] is False
    assert settings["rule_share"] == 0.0
    title, _, abstract = record(30)["text"].partition("\n")
    found = extract_text(load_pipeline(tmp_path / "model"), Paper("p", title, abstract))
    assert {m.extractor for e in found.entities for m in e.mentions} <= {"tagger", "lexicon"}


def test_another_plan_is_another_run(gold: Path, encoder: Path, tmp_path: Path) -> None:
    def stop(text: str, *_: int) -> None:
        if text == "int8":
            raise CutOffError

    with pytest.raises(CutOffError):
        train([gold], tmp_path / "model", encoder=encoder, options=TINY, progress=stop)
    other = Options(**{**{f: getattr(TINY, f) for f in TINY.__slots__}, "seed": 7})
    with pytest.raises(UsageError, match="seed \\(1 then, 7 now\\)"):
        train([gold], tmp_path / "model", encoder=encoder, options=other, resume=True)
    with pytest.raises(CutOffError):
        train([gold], tmp_path / "model", encoder=encoder, options=other, restart=True, progress=stop)


def bad_records() -> dict[str, tuple[str, str]]:
    good = record(1)
    wrong_type = {**good, "entities": [{**good["entities"][0], "type": "Animal"}]}
    no_end = {**good, "relations": [["KiteNet", "used_for", "nothing"]]}
    no_form = {**good, "entities": [{**good["entities"][0], "forms": []}]}
    return {
        "no JSON": ("{", "is no JSON"),
        "no text": (json.dumps({"id": "x"}), ": text: "),
        "a type": (json.dumps(wrong_type), ": entities[0]: type must be one of "),
        "an end": (json.dumps(no_end), ": relations[0]: "),
        "a relation": (json.dumps({**good, "relations": [["OakNet", "likes", "BERT"]]}), "not 'likes'"),
        "forms": (json.dumps(no_form), "entities[0]: forms must hold"),
        "a result": (json.dumps({**good, "results": [{"value": 3}]}), ": results[0]: "),
        "twice": (json.dumps(good), "came before"),
    }


@pytest.mark.parametrize("what", bad_records())
def test_a_bad_record_is_named_and_the_rest_goes_on(what: str, tmp_path: Path) -> None:
    from kg.train.gold import read_gold

    line, reason = bad_records()[what]
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{json.dumps(record(1))}\n\n{line}\n{json.dumps(record(2))}\n", encoding="utf-8")
    told: list[str] = []
    assert [r["id"] for r in read_gold([path], lambda error: told.append(str(error)))] == ["leaf-1", "leaf-2"]
    assert len(told) == 1
    assert told[0].startswith(f"{path}:3: ")
    assert reason in told[0]


def test_what_cannot_be_trained_is_refused(gold: Path, encoder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    (tmp_path / "few.jsonl").write_text("".join(json.dumps(record(n)) + "\n" for n in range(4)), encoding="utf-8")
    out = tmp_path / "model"
    for error, call in (
        (OutputError, lambda: train([gold], taken, encoder=encoder)),
        (SourceError, lambda: train([tmp_path / "none.jsonl"], out, encoder=encoder)),
        (SourceError, lambda: train([tmp_path / "empty.jsonl"], out, encoder=encoder)),
        (NothingReadable, lambda: train([tmp_path / "few.jsonl"], out, encoder=encoder)),
        (ModelError, lambda: train([gold], out, encoder=tmp_path, options=TINY)),
        (ModelError, lambda: train([gold], out, start=tmp_path, options=TINY)),
        (SourceError, lambda: train([gold], out, encoder=encoder, texts=[tmp_path / "none.jsonl"])),
    ):
        with pytest.raises(error) as caught:
            call()
        assert isinstance(caught.value, KgError)
    assert not out.exists()


def test_without_torch_the_message_names_the_extra(gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.train.find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(ExtraMissing, match=r"mlpapers-kg\[train\]"):
        train([gold], tmp_path / "model")


@pytest.mark.timeout(300)
def test_the_command(gold: Path, encoder: Path, tmp_path: Path) -> None:
    """Figures on stdout, the rest on stderr; a bad record is a warning."""
    more = tmp_path / "more.jsonl"
    more.write_text('{"id": "x"}\n' + json.dumps(record(25)) + "\n", encoding="utf-8")
    options = ["--encoder", str(encoder), "--epochs", "1", "--held-out", "0.3", "--threads", "1"]
    command = [sys.executable, "-m", "kg", "train", str(gold), str(more), "-o", str(tmp_path / "model"), *options]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False,
                          env={**os.environ, "COLUMNS": "100"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "entities" in done.stdout
    assert f"{more}:1: text: must be a string" in done.stderr
    assert "its card is" in done.stderr
    assert "\x1b" not in done.stderr
    done = subprocess.run([*command, "--resume", "--restart"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
