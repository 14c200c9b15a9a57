"""Addresses in a text: every URL verbatim, without the punctuation that the sentence put after it."""

from __future__ import annotations

import re
from functools import lru_cache

from spacy.tokens import Doc

from kg.extract.state import get_text, put

# One address never runs into the next one that is glued to it; a code host's address counts without its scheme.
_ADDRESS = re.compile(
    r"(?:https?://|ftp://|(?<![\w.@/-])www\.(?=[\w-]+\.)|"
    r"(?<![\w.@/{-])(?:github|gitlab|bitbucket|huggingface)\.(?:com|co|org|io)/(?=\w))"
    r"(?:(?!https?:|\.https?:)[^\s<>\"\\^`|{}\u201c\u201d\u2018\u2019])+",
    re.IGNORECASE,
)
_BARE_PAGE = re.compile(r"(?<![\w.@/:-])[\w-]{1,40}(?:\.[\w-]{1,40}){0,3}\.github\.io(?:/[\w./~-]*)?")
_TRAILING = ".,;:!?'\"*…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def find_links(text: str) -> list[tuple[int, int]]:
    """Spans of addresses, left to right, none overlapping; linear in the length of the text."""
    return list(_links(text))


@lru_cache(maxsize=2)  # the tokenizer and the component ask for the same text in turn
def _links(text: str) -> tuple[tuple[int, int], ...]:
    spans = []
    for match in _ADDRESS.finditer(text):
        end = _without_tail(text, match.start(), match.end())
        if end - match.start() > 8:
            spans.append((match.start(), end))
    if ".github.io" in text:
        for match in _BARE_PAGE.finditer(text):
            end = _without_tail(text, match.start(), match.end())
            if not any(s < end and match.start() < e for s, e in spans):
                spans.append((match.start(), end))
    return tuple(sorted(spans))


def _without_tail(text: str, start: int, end: int) -> int:
    opened = {close: text.count(open_, start, end) - text.count(close, start, end) for close, open_ in _PAIRS.items()}
    while end > start:
        last = text[end - 1]
        if last in _TRAILING or last in "([":
            if last in "([":
                opened[")" if last == "(" else "]"] -= 1
            end -= 1
        elif last in _PAIRS and opened[last] < 0:
            opened[last] += 1
            end -= 1
        else:
            break
    return end


class Links:
    """Component `kg_links`: writes `doc._.kg_links`."""

    NAME, REQUIRES, ASSIGNS = "kg_links", (), ("doc._.kg_links",)

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[tuple[int, int]]:
        return find_links(get_text(doc))

    def set_annotations(self, doc: Doc, links: list[tuple[int, int]]) -> Doc:
        put(doc, "kg_links", links)
        return doc
