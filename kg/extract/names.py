"""How names of methods, models, data sets look, and which nouns say what a thing is."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from kg.extract.word_lists import words

MARKS = "\u0300-\u036f\u200b-\u200d\u2060\u20d0-\u20ff\ufe0f"
CHAR = rf"[\w{MARKS}]"
# One word of a name: letters and digits, joined inside by hyphens, dots between digits, apostrophes, ampersands.
WORD = (
    rf"{CHAR}++(?:(?:[-&@;|]|[-–]|(?<=\d)\.(?=\d)|(?<=[₀-₉])\.(?=[₀-₉])|'(?=\d\d|[A-Z])|"
    rf"\((?=[\w+*]{{1,4}}\)){CHAR}++\)(?!\w)){CHAR}*+)*+"
    r"(?:\+{1,2}(?![\w+])|\*(?![\w*]))?"
)

TYPE_OF_NOUN: dict[str, str] = {
    **dict.fromkeys(
        words(
        """
        model models network networks architecture architectures transformer transformers llm llms vlm vlms mllm
        mllms lm lms plm plms encoder encoders decoder decoders backbone backbones classifier classifiers cnn cnns
        gan gans rnn lstm vae vaes autoencoder autoencoders gnn gnns vit detector detectors generator generators
        segmenter embedder reranker mixture-of-experts moe net nets
        """
    ),
        "Model",
    ),
    **dict.fromkeys(
        words(
        """
        method methods approach approaches framework frameworks algorithm algorithms technique techniques system
        systems toolkit toolkits library libraries tool tools strategy strategies pipeline pipelines optimizer
        optimizers optimiser loss losses module modules mechanism mechanisms scheme schemes procedure procedures
        paradigm paradigms protocol engine compiler platform package software solver solvers agent agents estimator
        sampler scheduler kernel kernels regularizer regularization attention layer layers adapter adapters solution
        workflow recipe planner policy policies controller plugin plug-in objective objectives variant variants
        function operator operators block blocks learner quantizer tokenizer accelerator format principle
        formulation procedure baseline extension simulator
        """
    ),
        "Method",
    ),
    **dict.fromkeys(
        words(
        """
        dataset datasets benchmark benchmarks corpus corpora collection suite testbed leaderboard environment
        environments testset challenge treebank database databases testsuite repository gym set sets
        """
    ),
        "Dataset",
    ),
    **dict.fromkeys(["metric", "metrics", "measure", "measures", "score", "index", "criterion"], "Metric"),
    **dict.fromkeys(["task", "tasks", "problem", "problems"], "Task"),
}  # fmt: skip
NOUN = re.compile(rf"\b(?:{'|'.join(sorted(TYPE_OF_NOUN, key=len, reverse=True))})\b", re.IGNORECASE)

SUFFIX_TYPES: tuple[tuple[str, str], ...] = (
    (
        r"(?:Net|NET|Nets|Former|former|BERT|Bert|GPT|LM|LLM|VLM|MLLM|LLaMA|Llama|ViT|GAN|VAE|GNN|CNN|"
        r"RNN|LSTM|T5|Mamba|CLIP|Chat|Coder|MoE|SAM|YOLO|KAE|AE)",
        "Model",
    ),
    (
        r"(?:Bench|bench|BENCH|QA|Set|Data|Corpus|Eval|Arena|Gym|Benchmark|MNIST|ImageNet|Wiki|KITTI|"
        r"Dataset|Suite|Text|Stories)",
        "Dataset",
    ),
    (r"(?:Score|SCORE|BLEU|ROUGE|Score)", "Metric"),
    (
        r"(?:Prune|Pruner|Opt|PO|SGD|Adam|Grad|RL|Attention|Merging|Merge|Quant|KD|Distill|Prompt|"
        r"Tuning|LoRA|Adapter|Boost|Search|Serve|Flow|NAS|Aug|Mix|CoT|RAG|Agent|Loss|Norm|Cache|Edit|"
        r"Rank|Router|Gate)",
        "Method",
    ),
)
_SUFFIXES = tuple((re.compile(pattern + r"(?:[-\s_]?v?\d[\w.]*)?[+*]{0,2}$"), type_) for pattern, type_ in SUFFIX_TYPES)


@lru_cache(maxsize=1 << 14)
def type_of_suffix(name: str) -> str:
    """What the end of a name says about it: KiteNet is a Model, KiteQA a Dataset; "" if nothing."""
    for pattern, type_ in _SUFFIXES:
        if pattern.search(name):
            return type_
    return ""


_FAMILY_OF = re.compile(r"\b(?:family|series|suite|class|set|collection|type|kind|variants?|versions?) of ")
_BEHIND_HEAD = re.compile(
    r"\b(?:for|of|that|which|with|to|in|on|by|from|using|based|designed|trained|where|whose|and|"
    r"as|at|via|capable|consisting)\b|[,;:(]"
)
_WORD = re.compile(r"\w+")
_TOLD = frozenset(word for noun in TYPE_OF_NOUN for word in _WORD.findall(noun))
"""A phrase without any of these has none of the nouns: found out faster than by looking for each."""


@lru_cache(maxsize=1 << 14)
def type_of_noun(phrase: str) -> str:
    """The type that the head noun of a phrase gives ("a new family of models" → Model), "" if none.

    The head is the last noun before a preposition or relative clause; behind "family of", "series of" it comes later.
    """
    if _TOLD.isdisjoint(_WORD.findall(phrase.lower())):
        return ""
    phrase = _FAMILY_OF.sub("", phrase)
    head = _BEHIND_HEAD.split(phrase, maxsplit=1)[0]
    found = NOUN.findall(head) or NOUN.findall(phrase[:80])
    if not found:
        return ""
    word: str = found[-1].lower()
    if word in {"set", "sets"} and not re.search(r"\b(?:data|test|training|evaluation|validation) sets?\b", phrase):
        return ""
    return TYPE_OF_NOUN[word]


@lru_cache(maxsize=1 << 15)
def looks_named(form: str) -> bool:
    """Whether a word or phrase has the look of a proper name: inner capitals, digits with letters, all capitals."""
    if form.isascii() and form.isalpha() and form[1:].islower():
        return False
    core = form.rstrip("s") if form[:-1].isupper() else form
    letters = [c for c in core if c.isalpha()]
    if not letters:
        return False
    inner = any(c.isupper() for c in core[1:])
    mixed = any(c.isdigit() for c in core) and any(c.isupper() for c in core)
    odd = any(ord(c) > 0x24F and not c.isspace() for c in letters)
    return inner or mixed or odd or any(c in "+*" for c in core)


_MODIFIER = re.compile(
    r"-(?:based|like|style|free|aware|driven|specific|trained|tuned|guided|only|level|shot)\b", re.IGNORECASE
)
_SIZE_ALONE = re.compile(r"v?\d+(?:\.\d+)?[A-Za-z%]?")
_NO_START = frozenset(
    words(
        "a an the on in at by of for from with to and or as is are using via our we this these that their its both all"
    )
)


def is_plausible(form: str) -> bool:
    """Whether words that stand where a name is declared may be one.

    No modifier ("GPT-like"), no size alone ("20B"), no small word in front, no small word behind a capitalised one
    ("KiteNet outperforms PondNet").

    >>> is_plausible("naïve Kite"), is_plausible("GPT-like"), is_plausible("On 0-shot PondQA")
    (True, False, False)
    """
    parts = form.split()
    if _MODIFIER.search(form) or _SIZE_ALONE.fullmatch(form):
        return False
    if len(parts) < 2:
        return True
    joints = pairwise(parts)
    verb = any(a[:1].isupper() and b.islower() and b.isalpha() and len(b) > 4 for a, b in joints)
    return parts[0].lower() not in _NO_START and not parts[0].isdigit() and not verb


def is_capitalised(word: str) -> bool:
    return word[:1].isupper()
