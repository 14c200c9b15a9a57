r"""A tokenizer for the language of machine-learning abstracts, linear in the length of the text.

Names stay whole (`LLaMA-2-7B`, `v1.5`, `LoRA+`, `WMT'14`, `A*`), what is only glued together is cut (`F1=92.1`,
`CIFAR-10/100`, `bf16)-trained`, `32times`, `sim50\%`, `wins!No`). spaCy's own tokenizer takes quadratic time on crafted
or broken text; this one looks at every character a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from spacy.vocab import Vocab

from kg.extract.links import find_links

# Combining marks and joiners belong to the letter before them.
_MARKS = "\u0300-\u036f\u200b-\u200d\u2060\u20d0-\u20ff\ufe0f"
_LETTER = rf"(?:[^\W\d_][{_MARKS}]*+)"
_DASH = "[-\u2010\u2011]"
_PART = rf"(?:[^\W_][{_MARKS}]*+)"

TOKEN = re.compile(
    rf"""
    (?P<blank>\s+)
  | (?P<dotted>(?:[A-Za-z]\.){{2,6}}(?![A-Za-z]))                       # e.g. i.e. w.r.t.
  | (?P<short>\b(?:al|vs|cf|[Ff]igs?|[Ee]qs?|approx|resp|[Ss]ec|etc)\.(?=\s|,|;|\)))
  | (?P<escape>\\[%&_#$]|\\[A-Za-z]+|\\.)
  | (?P<times>\d++(?:[.,]\d++)*+(?=(?:times|sim)(?![A-Za-z])))          # 32times
  | (?P<sim>(?:sim|approx)(?=\d))                                       # sim50
  | (?P<number>(?<![^\W_])\d++(?:[.,]\d++)*+(?![^\W\d_]))
  | (?P<word>
        {_PART}++
        (?: {_DASH}(?=[\dA-ZΑ-Ω]|\w\d){_PART}++                          # -2, -7B, -Merging; not -based
          | (?<=[\d₀-₉])[.](?=[\d₀-₉]){_PART}++                           # 3.5, π₀.₅
          | ['\u2019](?=\d\d){_PART}++                                   # WMT'14
          | (?<=[OD])['\u2019](?=[A-Z]){_PART}++                         # O'Kite
          | _(?=[^\W_]){_PART}++
        )*+
        (?: \+{{1,2}}(?![\w+]) | (?<=[A-Z])\*(?![\w*]) )?                # LoRA+, C++, A*
    )
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def split_tokens(text: str) -> Iterator[tuple[int, int]]:
    """Spans of tokens, blanks included, that cover the text without gaps."""
    position = 0
    for start, end in [*find_links(text), (len(text), len(text))]:
        while position < start:
            match = TOKEN.match(text, position, start)
            assert match is not None  # the last alternative takes any character
            yield match.span()
            position = match.end()
        if start < end:
            yield start, end
            position = end


class PaperTokenizer:
    """Makes a `Doc` from a text of any length; `nlp.max_length` does not concern it."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        spaces: list[bool] = []
        for start, end in split_tokens(text):
            word = text[start:end]
            if words and word[0] == " " and not spaces[-1] and not words[-1].isspace():
                spaces[-1] = True
                word = word[1:]
            if word:
                words.append(word)
                spaces.append(False)
        return Doc(self.vocab, words=words, spaces=spaces)

    # It has no state but the vocabulary; spaCy asks every tokenizer for these four.
    def to_bytes(self, **_: Any) -> bytes:
        return b""

    def from_bytes(self, _data: bytes, **_kwargs: Any) -> PaperTokenizer:
        return self

    def to_disk(self, _path: str | Path, **_: Any) -> None:
        return None

    def from_disk(self, _path: str | Path, **_: Any) -> PaperTokenizer:
        return self
