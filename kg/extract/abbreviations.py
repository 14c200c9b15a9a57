"""Abbreviations that a text defines.

After A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text",
Pacific Symposium on Biocomputing 2003: the characters of the short form are looked for from right to left in the words
before the bracket, the first one at the start of a word. Added to it: the order "SF (long form)", square brackets,
plurals (LLMs), endings that the long form does not spell out (GPR-2), "SF: Long Form" in titles, "SF, short for …".
A definition never leaves its sentence and never holds an unbalanced bracket.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from spacy.tokens import Doc

from kg.extract.state import Pair, get_view, put, spans, stretches, title_end
from kg.extract.word_lists import words

_BRACKET = re.compile(r"[(\[]([^()\[\]]{1,160})[)\]]")
_SHORT = re.compile(r"[^\W_](?:[\w&/.+*'-]{0,14}[\w+*])")
_PIECE = re.compile(r"[^\W_]+")
_WORD = re.compile(r"[\w'][\w'.&+*-]*")
_LEAD = re.compile(
    r"(?:also|or|aka|a\.k\.a\.?|i\.e\.,?|called|termed|denoted(?: as| by)?|dubbed|"
    r"abbreviated(?: as)?|short|hereafter|henceforth|namely)[:,]?\s+",
    re.I,
)
_TAIL = re.compile(r"-?(?:v?\d[\d.]*[A-Za-z]?|\+{1,2}|\*|s)$")
_SHORT_FOR = re.compile(
    r"(?P<sf>[A-Z][\w-]{1,12}),? (?:which )?(?:is |stands? |being )?(?:short |shorthand |"
    r"an abbreviation |an acronym )?for (?P<lf>[^,.;:()\[\]]{6,90})"
)
_TITLE = re.compile(r"(?P<sf>[^\W_][\w+*-]{1,14})\s?(?::|--|–|—| - )\s?(?P<lf>[^:\n]{5,120})")
_NAMED_AFTER = re.compile(
    r",? (?:namely|called|dubbed|termed|named|denoted (?:as|by)|abbreviated (?:as|to)|or|coined|"
    r"referred to as)(?: simply)?,? (?P<sf>[A-Z][\w-]{1,12})(?![\w-])"
)
_NEVER_FIRST = frozenset(
    words(
        """
        a an the of for and or in on with to by is are as we our using via from that this these such called named
        new novel proposed
        """
    )
)
_NO_SHORT = frozenset(
    words(
        """
        i ii iii iv vi vii viii a b c e.g i.e eg ie etc fig see cf left right top bottom ours sota s
        """
    )
)


def find_abbreviations(text: str, sentences: Sequence[tuple[int, int]], title_end: int = 0) -> list[Pair]:
    """The definitions in `text` (a view), by position of the short form; at most one for each short form's place."""
    found: dict[tuple[int, int], Pair] = {}
    for start, end in sentences:
        for pair in _in_sentence(text, start, end, is_title=end <= title_end):
            found.setdefault((pair.short_start, pair.short_end), pair)
    return [found[key] for key in sorted(found)]


def _in_sentence(text: str, start: int, end: int, *, is_title: bool) -> list[Pair]:
    pairs = []
    floor = start
    for match in _BRACKET.finditer(text, start, end):
        pair = _in_bracket(text, floor, match) or _reversed(text, floor, match)
        if pair is not None:
            pairs.append(pair)
        floor = match.end()
    for match in _SHORT_FOR.finditer(text, start, end):
        long_end = align_prefix(match["sf"], text, match.start("lf"), match.end("lf"))
        if long_end is not None:
            pairs.append(Pair(match.start("lf"), long_end, match.start("sf"), match.end("sf")))
    for match in _NAMED_AFTER.finditer(text, start, end):
        if is_short(match["sf"]) and sum(c.isupper() for c in match["sf"]) > 1:
            long_start = align(match["sf"], text, start, match.start())
            if long_start is not None:
                pairs.append(Pair(long_start, match.start(), match.start("sf"), match.end("sf")))
    named = _TITLE.match(text, start, end) if is_title else None
    if named is not None:
        long_end = align_prefix(named["sf"], text, named.start("lf"), named.end("lf"))
        if long_end is not None:
            pairs.append(Pair(named.start("lf"), long_end, named.start("sf"), named.end("sf")))
    return pairs


def is_short(form: str) -> bool:
    """Whether `form` may be an abbreviation: 2 to 16 characters, a letter, at most two words, no plain word."""
    return (
        2 <= len(form) <= 16
        and any(c.isalpha() for c in form)
        and form.count(" ") <= 1
        and form.lower().rstrip(".") not in _NO_SHORT
        and (any(c.isupper() for c in form) or len(form) <= 4)
    )


def _in_bracket(text: str, floor: int, match: re.Match[str]) -> Pair | None:
    """ "Long Form (SF)", "Long Form (SF, see …)", "Long Form (also: SF; …)"."""
    first = match.start(1)
    lead = _LEAD.match(text, first, match.end(1))
    first = lead.end() if lead else first + (len(match[1]) - len(match[1].lstrip(" '\"")))
    short = _SHORT.match(text, first, match.end(1))
    if short is None or not is_short(short.group()):
        return None
    rest = text[short.end() : match.end(1)].lstrip(" '\"")
    if rest and rest[0] not in ";,:":
        return None
    before = match.start()
    while before > floor and text[before - 1] in " '\"":
        before -= 1
    long_start = align(short.group(), text, floor, before)
    return None if long_start is None else Pair(long_start, before, short.start(), short.end())


def _reversed(text: str, floor: int, match: re.Match[str]) -> Pair | None:
    """ "SF (long form)": the bracket holds at least two words (or one much longer) that spell the word before it."""
    before = match.start()
    while before > floor and text[before - 1] in " '\"":
        before -= 1
    words = list(_WORD.finditer(text, max(floor, before - 18), before))
    if not words or words[-1].end() != before:
        return None
    short = words[-1]
    if not is_short(short.group()) or (short.start() > floor and text[short.start() - 1] in "-/"):
        return None
    inner_start = match.start(1) + len(match[1]) - len(match[1].lstrip(" '\""))
    long_end = align_prefix(short.group(), text, inner_start, match.end(1))
    return None if long_end is None else Pair(inner_start, long_end, short.start(), short.end())


def _spellings(short: str) -> list[str]:
    """The short form, and without an ending that the long form need not spell: plural s, number, +."""
    forms = [short]
    if short.endswith("s") and short[:-1].isupper():
        forms.insert(0, short[:-1])
    trimmed = _TAIL.sub("", short)
    if len(trimmed) >= 2 and trimmed not in forms:
        forms.append(trimmed)
    return forms


def align(short: str, text: str, floor: int, end: int) -> int | None:
    """Where the long form of `short` that ends at `end` begins, or None (Schwartz & Hearst, `findBestLongForm`)."""
    for form in _spellings(short):
        start = _initials(form, text, floor, end)
        start = _align(form, text, floor, end) if start is None else start
        if start is not None:
            return start
    return None


def _initials(short: str, text: str, floor: int, end: int) -> int | None:
    """The start of the words before `end` whose initials are exactly `short`, small words passed over.

    Asked first: "self-supervised learning (SSL)" also ends in letters that spell it from "supervised" on.
    """
    letters = [c for c in short.lower() if c.isalnum()]
    limit = _words_back(text, floor, end, 2 * len(letters))
    at = len(letters)
    for match in reversed(list(_PIECE.finditer(text, limit, end))):
        word = match.group().lower()
        if at and word[0] == letters[at - 1]:
            at -= 1
            if at == 0:
                return match.start() if _is_long(text[match.start() : end], short) else None
        elif word not in _NEVER_FIRST or at == len(letters):
            return None
    return None


def _align(short: str, text: str, floor: int, end: int) -> int | None:
    letters = [c for c in short.lower() if c.isalnum()]
    if len(letters) < 2:
        return None
    limit = _words_back(text, floor, end, min(len(letters) + 5, 2 * len(letters)))
    position = end - 1
    for index in range(len(letters) - 1, -1, -1):
        while position >= limit and not (
            text[position].lower() == letters[index]
            and (index or position == limit or not text[position - 1].isalnum())
        ):
            position -= 1
        if position < limit:
            return None
        position -= 1
    start = position + 1
    return start if _is_long(text[start:end], short) else None


def align_prefix(short: str, text: str, start: int, end: int) -> int | None:
    """Where a long form that begins at `start` ends: its words' initials spell `short`, small words may be left out."""
    for form in _spellings(short):
        stop = _align_prefix(form, text, start, end)
        if stop is not None and _is_long(text[start:stop], form):
            return stop
    return None


def _align_prefix(short: str, text: str, start: int, end: int) -> int | None:
    letters = [c for c in short.lower() if c.isalnum()]
    if len(letters) < 2:
        return None
    index = 0
    for match in re.finditer(r"[^\W_]+", text[start : min(end, start + 160)]):
        word = match.group().lower()
        if index == len(letters):
            break
        if word[0] != letters[index]:
            if word in _NEVER_FIRST and index:
                continue
            return None
        taken = 0
        for letter in word:
            if (
                index < len(letters)
                and letter == letters[index]
                and (taken == 0 or len(letters) - index > _words_left(text, start + match.end(), end))
            ):
                index += 1
                taken += 1
        stop = start + match.end()
    if index < len(letters):
        return None
    return stop


def _words_left(text: str, start: int, end: int) -> int:
    return sum(w not in _NEVER_FIRST for w in re.findall(r"[^\W_]+", text[start : min(end, start + 120)].lower()))


def _words_back(text: str, floor: int, end: int, count: int) -> int:
    """The start of the `count`-th word before `end`, not before `floor`, not over a bracket or a stronger stop."""
    position, words = end, 0
    floor = max(floor, end - 160)
    while position > floor:
        before = text[position - 1]
        if before in "()[]{};:!?\n" or (before == "," and words):
            break
        position -= 1
        if text[position].isalnum() and (position == floor or not text[position - 1].isalnum()):
            words += text[position - 1 : position] not in ("-", "'")
            if words >= count and text[position - 1 : position] not in ("-", "'"):
                break
    return position


def _is_long(long: str, short: str) -> bool:
    words = long.split()
    return (
        len(long) > len(short)
        and bool(words)
        and words[0].lower() not in _NEVER_FIRST
        and not any(w.lower() == short.lower() for w in words)
        and "," not in long
        and (len(words) > 1 or "-" in long or len(long) >= 2 * len(short) + 2)
        and not any(a in "([" for a in long)
        and not any(a.isdigit() and b == "." for a, b in pairwise(long))
    )


class Abbreviations:
    """Component `kg_abbreviations`: writes `doc._.kg_abbreviations`."""

    NAME = "kg_abbreviations"
    REQUIRES = ("doc._.kg_sentences",)
    ASSIGNS = ("doc._.kg_abbreviations",)

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Pair]:
        view = get_view(doc)
        found = find_abbreviations(view.text, stretches(spans(doc, "kg_sentences"), view.text), title_end(doc))
        return [Pair(*view.widen(p.long_start, p.long_end), *view.widen(p.short_start, p.short_end)) for p in found]

    def set_annotations(self, doc: Doc, pairs: list[Pair]) -> Doc:
        put(doc, "kg_abbreviations", pairs)
        return doc
