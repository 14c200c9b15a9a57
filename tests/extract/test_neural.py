"""The trained model at run time: what it promises of any text, whatever its weights say."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import kg
from kg.errors import ModelError
from kg.extract.lexicon import Lexicon
from kg.extract.neural import MAX_PIECES, EntitySpans, Model
from kg.extract.neural.calibrate import FEATURES
from kg.extract.neural.decode import best_tags, spans_of
from kg.extract.neural.encode import OVERLAP, WINDOW, windows
from kg.extract.neural.features import BUCKETS, WordPieces, lexicon_tags, pair_up, sentence_numbers, word_span
from kg.extract.neural.labels import PREDICATES, ROLES_OF, SIGNATURES, TAGS, TYPES
from kg.extract.values import find_values
from kg.extract.words import split_words

SHIPPED = Path(kg.__file__).parent / "models" / "default"
TEXT = (
    "Velvet Pruning: Gentle Sparsity for Language Models\n"
    "We propose Velvet Pruning (VelP), a pruning method for large language models. Applied to LLaMA-7B, VelP keeps "
    "accuracy on MMLU and outperforms SparseGPT by 2.5%. It is 1.8x faster than magnitude pruning."
)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load(SHIPPED)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def entities_in(text: str) -> list[EntitySpans]:
    named = [
        ("VelP", "Method"),
        ("LLaMA-7B", "Model"),
        ("MMLU", "Dataset"),
        ("accuracy", "Metric"),
        ("SparseGPT", "Method"),
    ]
    found = []
    for form, type_ in named:
        start = text.find(form)
        found.append(EntitySpans(((start, start + len(form)),), type_))
    return found


def test_mentions_are_in_order_do_not_overlap_and_have_scores(model: Model, lexicon: Lexicon) -> None:
    found = model.mentions(model.encode(TEXT, lexicon.match(TEXT)))
    assert found
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(m.type in TYPES and 0 <= m.score <= 1 and round(m.score, 4) == m.score for m in found)


def test_a_stronger_bias_gives_no_more_mentions(model: Model, lexicon: Lexicon) -> None:
    enc = model.encode(TEXT, lexicon.match(TEXT))
    counts = [len(model.mentions(enc, bias)) for bias in (-2.0, 0.0, 2.0, 50.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 0


def test_answers_obey_the_vocabulary(model: Model, lexicon: Lexicon) -> None:
    enc, entities, values = model.encode(TEXT, lexicon.match(TEXT)), entities_in(TEXT), find_values(TEXT)
    for entity, answer in zip(entities, model.attributes(enc, entities), strict=True):
        assert answer.role in ROLES_OF[entity.type]
        assert set(answer.role_probs) == set(ROLES_OF[entity.type])
        assert sum(answer.role_probs.values()) == pytest.approx(1, abs=1e-3)
        assert 0 <= answer.keep <= 1
    for link in model.relations(enc, entities, factor=0.01):
        assert link.head != link.tail
        assert (entities[link.head].type, entities[link.tail].type) in SIGNATURES[link.predicate]
    for result in model.results(enc, entities, values):
        assert 0 <= result.value < len(values)
        assert result.metric is None or entities[result.metric].type == "Metric"
        assert result.subject != result.baseline or result.subject is None


def test_an_answer_does_not_depend_on_what_was_read_before(model: Model, lexicon: Lexicon) -> None:
    alone = Model.load(SHIPPED)
    model.encode("Other words first. " * 40, [])
    one, two = model.encode(TEXT, lexicon.match(TEXT)), alone.encode(TEXT, lexicon.match(TEXT))
    assert np.array_equal(one.vectors, two.vectors)
    assert model.mentions(one) == alone.mentions(two)
    assert model.version == alone.version


@pytest.mark.parametrize("text", ["", " \n ", "x", "\n", "🙂", "İ\nﬁ", "." * 30])
def test_texts_of_almost_nothing_are_read(model: Model, text: str) -> None:
    enc = model.encode(text, [])
    assert model.mentions(enc, 50.0) == []
    assert model.attributes(enc, []) == []
    assert model.relations(enc, []) == []
    assert model.results(enc, [], find_values(text)) == []


def test_offsets_are_code_points_of_the_text(model: Model, lexicon: Lexicon) -> None:
    text = "🙂 İİ ﬁne\n" + TEXT
    enc = model.encode(text, lexicon.match(text))
    assert all(text[m.start : m.end].strip() == text[m.start : m.end] != "" for m in model.mentions(enc))


@pytest.mark.slow
def test_a_huge_text_is_read_up_to_a_limit(model: Model) -> None:
    text = "We test ToyNet on Maple with 3.5% error. " * 30_000
    began = time.perf_counter()
    enc = model.encode(text, [])
    assert enc.truncated
    assert len(enc.words) <= MAX_PIECES
    end = len(text)
    beyond = EntitySpans(((end - 10, end - 5),), "Model")
    assert model.type_probabilities(enc, end - 10, end - 5) == dict.fromkeys(TYPES, 0.0)
    assert model.attributes(enc, [beyond])[0].keep == 0.0
    assert model.relations(enc, [beyond, beyond]) == []
    assert time.perf_counter() - began < 60


def test_what_is_missing_or_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json"):
        Model.load(tmp_path)
    shutil.copytree(SHIPPED, tmp_path / "copy")
    (tmp_path / "copy" / "heads.npz").unlink()
    with pytest.raises(ModelError, match=r"heads\.npz"):
        Model.load(tmp_path / "copy")
    shutil.copy(SHIPPED / "heads.npz", tmp_path / "copy")
    (tmp_path / "copy" / "encoder.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"encoder\.onnx"):
        Model.load(tmp_path / "copy")
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "copy" / "config.json").write_text(json.dumps({**config, "format": 99}), encoding="utf-8")
    with pytest.raises(ModelError, match="format 99"):
        Model.load(tmp_path / "copy")
    del config["bias"]
    (tmp_path / "copy" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="lacks bias"):
        Model.load(tmp_path / "copy")


def test_the_runtime_loads_no_torch() -> None:
    code = "import sys, kg.extract.neural; print(sorted({m.split('.')[0] for m in sys.modules} & {'torch', 'onnx'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_shipped_model_is_small_and_its_settings_are_whole() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 30_000_000
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    assert set(config["relations"]) == set(PREDICATES)
    if config["keep"] is not None:
        assert config["keep"]["features"] == list(FEATURES)


def test_viterbi_never_goes_on_with_a_mention_that_did_not_begin() -> None:
    scores = np.full((4, len(TAGS)), -5.0, dtype=np.float32)
    scores[0, TAGS.index("I-Model")] = scores[1, TAGS.index("B-Model")] = 0.0
    scores[2, TAGS.index("I-Task")] = scores[3, 0] = 0.0
    tags = best_tags(scores)
    for before, tag in zip([0, *tags], tags, strict=False):
        assert tag == 0 or tag % 2 or before in {tag, tag - 1}
    assert all(stop > first for first, stop, _ in spans_of(tags))


@pytest.mark.parametrize("lengths", [[1] * 10, [3] * 700, [64] * 40, [1] * 2000, []])
def test_windows_cover_every_word_and_fit(lengths: list[int]) -> None:
    cut = windows(lengths)
    assert cut[0][0] == 0
    assert cut[-1][1] == len(lengths)
    assert all(sum(lengths[a:b]) <= WINDOW for a, b in cut)
    assert all(nxt[0] <= one[1] and nxt[1] > one[1] for one, nxt in itertools.pairwise(cut))
    assert all(sum(lengths[nxt[0] : one[1]]) <= OVERLAP for one, nxt in itertools.pairwise(cut))


def test_word_pieces_are_greedy_and_bounded() -> None:
    pieces = WordPieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "toy", "##net", "##s", "t", "cafe"])
    assert pieces.cut("ToyNets") == (4, 5, 6)
    assert pieces.cut("Café") == (8,)
    assert pieces.cut("toyx") == (1,)
    assert pieces.cut("toy" * 100) == (1,)


def test_a_pair_is_told_by_its_nearest_mentions() -> None:
    sentences = [0] * 10 + [1] * 10
    pair = pair_up([(0, 1), (8, 9)], [(12, 14)], sentences)
    assert (pair.first, pair.second, pair.between) == ((8, 9), (12, 14), (9, 12))
    mirrored = pair_up([(12, 14)], [(0, 1), (8, 9)], sentences)
    assert mirrored.bucket != pair.bucket
    assert max(pair.bucket, mirrored.bucket) < BUCKETS


def test_spans_of_characters_become_words() -> None:
    words = split_words("a ToyNet-7 b")
    assert word_span(words, 2, 10) == (1, 4)
    assert word_span(words, 3, 4) == (1, 2)


def test_sentences_end_at_full_stops_and_at_the_title() -> None:
    text = "A title\nOne v1.5 sentence. Two"
    assert sentence_numbers(split_words(text), text)[-1] == 2
    assert sentence_numbers(split_words(text), text)[2] == 1


def test_lexicon_tags_mark_sure_and_ambiguous_hits(lexicon: Lexicon) -> None:
    text = "We use ImageNet"
    tags = lexicon_tags(split_words(text), lexicon.match(text))
    assert tags == [0, 0, 1 + 2 * TYPES.index("Dataset")]
