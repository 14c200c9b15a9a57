"""Sentences by rules: the title is one, abbreviations end none, sentences glued together are cut."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
from spacy.tokens import Doc

from kg.extract.state import get_text, get_view, put, spans, title_end
from kg.extract.word_lists import words

_STOP = re.compile(
    r"(?P<mark>[.!?]+)(?P<close>['\")\]]{0,3})(?P<blank>\s*)|\n[ \t]*(?:\n\s*|(?=[-*•–]\s))|(?P<cjk>[。！？])"
)
_ABBREVIATIONS = frozenset(
    words(
        """
        al vs cf e.g i.e etc fig figs eq eqs sec secs tab ref refs no nos approx resp viz w.r.t wrt a.k.a dr prof mr
        mrs ms st vol pp ch ed eds inc ltd co corp jr sr ca dept est ex incl min max avg std var num est. dim iter
        i.i.d s.t u.s u.k ph.d et thm lem prop def cor rem alg app proc conf univ trans lett rev sci
        """
    )
)
# A word of these after a full stop begins a sentence even behind an abbreviation such as "etc." or a single letter.
_STARTERS = frozenset(
    words(
        """
        we the this these that those our in it its to for however moreover furthermore additionally here there then
        thus hence while when although since because if as by with on at from experiments results code extensive
        specifically finally first second third to trained an a and but they such both unlike despite using based
        given
        """
    )
)
_NEVER_BEFORE_NAME = frozenset(
    words(
        """
        al vs cf e.g i.e fig figs eq eqs sec secs tab ref refs approx resp viz w.r.t wrt dr prof mr mrs ms st no et
        """
    )
)
_BEFORE = re.compile(r"(?:[A-Za-z]\.){1,6}[A-Za-z]$|[\w'’-]+$")
_NEXT = re.compile(r"['\"(\[]*\s*([^\s,;:.!?()\[\]]+)")
_WINDOW = 40


def split_sentences(
    text: str, title_end: int = 0, links: list[tuple[int, int]] | None = None, original: str | None = None
) -> list[tuple[int, int]]:
    """Spans of sentences in order, without the blanks around them; together they hold all that is not blank.

    `text` may be a view of the `original`, which then says what is blank. Linear in the length of the text: every mark
    looks at a bounded stretch around it.
    """
    whole = text if original is None else original
    inside = iter(links or [])
    link = next(inside, None)
    cuts = [0]
    if title_end:
        cuts.append(title_end)
    for match in _STOP.finditer(text, title_end):
        while link is not None and link[1] <= match.start():
            link = next(inside, None)
        if link is not None and link[0] <= match.start() < link[1]:
            continue
        if match["mark"] is None or _ends(text, match):
            cuts.append(match.end())
    cuts.append(len(text))
    found = []
    for start, end in pairwise(cuts):
        piece = whole[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            found.append((first, first + len(stripped)))
    return _join_orphans(text, found, title_end)


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether the mark ends a sentence."""
    if match.end() >= len(text):
        return True
    before = _BEFORE.search(text, max(0, match.start() - _WINDOW), match.start())
    word = before.group() if before else ""
    following = _NEXT.match(text, match.end(), match.end() + _WINDOW)
    following_word = following[1] if following else ""
    if not match["blank"]:
        return _ends_glued(text, match, word, following_word)
    if match["mark"] != "." and match["mark"] != "..":
        return not following_word[:1].islower() or not match["mark"].startswith(".") or _mixed(following_word)
    if following_word[:1].islower() and not _mixed(following_word):
        return "\n\n" in match["blank"]
    return not _is_abbreviation(text, match, word.lower(), following_word)


def _is_abbreviation(text: str, match: re.Match[str], word: str, following: str) -> bool:
    if match["close"]:
        return False
    starter = following.lower().strip("'\"(") in _STARTERS and following[:1].isupper()
    if word in _NEVER_BEFORE_NAME:
        return not (starter and word in {"al", "no"})
    if word in _ABBREVIATIONS or "." in word:
        return not starter
    if len(word) == 1 and word.isalpha() and text[match.start() - 1].isupper():
        return not starter
    return False


def _ends_glued(text: str, match: re.Match[str], word: str, following: str) -> bool:
    """ "wins!No", "here.New": no blank, but a small word before and a capitalised one after the mark."""
    if match["mark"] not in {".", "!", "?"}:
        return False
    core = following[:1].isupper() and (len(following) == 1 or following[1:].rstrip("'\"").islower())
    if not core and not (following[:1].isupper() and match["mark"] in "!?"):
        return False
    if match["close"]:
        return match["close"][0] in ")]\"'" and len(word) > 1
    if word.lower() in _ABBREVIATIONS or len(word) < 2:
        return False
    return word.islower() or word.isdigit() or match["mark"] in "!?" or text[match.start() - 1] in ")]%"


def _mixed(word: str) -> bool:
    """A name that begins small: vLLM, iGPT."""
    return word[:1].islower() and any(c.isupper() for c in word[1:])


def _join_orphans(text: str, found: list[tuple[int, int]], title_end: int) -> list[tuple[int, int]]:
    """A piece without any letter or digit belongs to the sentence before it (but the title stays alone)."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        bare = not any(c.isalnum() for c in text[start : min(end, start + 200)])
        if bare and joined and end - start <= 200 and joined[-1][0] >= title_end:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


class Sentences:
    """Component `kg_sentences`: writes `doc._.kg_sentences` and where each sentence starts on its token."""

    NAME = "kg_sentences"
    REQUIRES = ("doc._.kg_links",)
    ASSIGNS = ("doc._.kg_sentences", "token.is_sent_start", "doc.sents")

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[tuple[int, int]]:
        view = get_view(doc).text
        return split_sentences(view, title_end(doc), spans(doc, "kg_links"), get_text(doc))

    def set_annotations(self, doc: Doc, sentences: list[tuple[int, int]]) -> Doc:
        put(doc, "kg_sentences", sentences)
        starts = iter(start for start, _ in sentences)
        upcoming = next(starts, None)
        flags = np.full((len(doc), 1), -1, dtype=np.int64)
        place = 0
        for index, (length, blank) in enumerate(zip(doc.to_array("LENGTH"), doc.to_array("SPACY"), strict=True)):
            place += int(length)
            if index == 0:
                flags[0] = 1
            while upcoming is not None and upcoming < place:
                flags[index], upcoming = 1, next(starts, None)
            place += int(blank)
        return doc.from_array(["SENT_START"], flags.astype(np.uint64)) if len(doc) else doc  # type: ignore[arg-type]
