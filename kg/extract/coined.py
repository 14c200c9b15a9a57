"""Names that a text coins or declares: "We propose X", "called X", "X: a …" as a title, "X, a model", "X is a …"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc

from kg.extract import cues
from kg.extract.names import WORD, is_capitalised, is_plausible, looks_named, type_of_noun, type_of_suffix
from kg.extract.state import Coined, get_view, put, spans, stretches, title_end


def read_name(text: str, start: int, end: int, *, loose: bool = False, small: bool = True) -> tuple[int, int] | None:
    """The name that begins at `start`: one odd word, or capitalised words; with `loose` any words up to a comma;
    without `small` no small words inside ("Kite Attention" of "Kite Attention on Pond").

    >>> text = "Kite Gate Net, a model"
    >>> read_name(text, 0, len(text))
    (0, 13)
    """
    quoted = cues.QUOTED.match(text, start, end)
    if quoted and _is_name(quoted["name"]):
        return quoted.start("name"), quoted.end("name")
    first = cues.NAME.match(text, start, end)
    if (
        first is None
        or first.group().lower() in cues.NOT_A_NAME
        or (first.group()[:1].islower() and not looks_named(first.group()) and not loose)
    ):
        return None
    stop = last = first.end()
    words = 1
    while words < 9:
        gap = re.compile(r" {1,12}").match(text, stop, end)
        following = cues.NAME.match(text, gap.end(), end) if gap else None
        if following is None:
            break
        word = following.group()
        if word.lower() in cues.SMALL and word.islower():
            if not small and word != "of":
                break
            ahead = re.compile(rf" (?:(?:the|a) )?(?P<word>{WORD})").match(text, following.end(), end)
            if (
                ahead is None
                or not is_capitalised(ahead["word"])
                or not is_capitalised(first.group())
                or looks_named(first.group())
                or words > 6
                or word == "and"
            ):
                break
            stop = following.end()
            continue
        goes_on = is_capitalised(word) or word[:1].isdigit() or looks_named(word) or re.fullmatch(r"v\d[\w.]*", word)
        if not goes_on and (not loose or word.lower() in cues.NOT_A_NAME or words > 4):
            break
        if word[:1].isdigit() and not re.fullmatch(r"\d{1,3}(?:\.\d+)?[BMKbx]?", word):
            break
        stop = last = following.end()
        words += 1
    return start, last


def _is_name(form: str) -> bool:
    return (
        bool(form.strip())
        and any(c.isalnum() for c in form)
        and len(form.split()) <= 7
        and not form.islower()
        and form.lower() not in cues.NOT_A_NAME
    )


def find_coined(text: str, sentences: Sequence[tuple[int, int]], title_end: int = 0) -> list[Coined]:
    """Coined and declared names in `text` (a view), sorted; linear in its length, every pattern is bounded."""
    found: dict[tuple[int, int, str], Coined] = {}
    for start, end in sentences:
        hits = _in_title(text, start, end) if end <= title_end else _in_sentence(text, start, end)
        for hit in hits:
            found.setdefault((hit.start, hit.end, hit.cue), hit)
    return [found[key] for key in sorted(found)]


def _in_title(text: str, start: int, end: int) -> Iterator[Coined]:
    match = cues.TITLE.match(text, start, end)
    if match is None:
        return
    name = match["name"].strip(" '\"")
    if len(name.split()) > 5 or name.lower() in cues.NOT_A_NAME:
        return
    first = start + match["name"].index(name)
    single = len(name.split()) == 1
    if (
        single
        or looks_named(name.split()[0])
        or (all(is_capitalised(w) or w in cues.SMALL for w in name.split()) and len(name.split()) <= 3)
    ):
        rest = text[match.end() : end]
        own_noun = (
            type_of_noun(rest) if re.match(r"(?:an?|the|towards?|introducing|open)\s", rest, re.IGNORECASE) else ""
        )
        yield Coined(
            first,
            first + len(name),
            own_noun or type_of_suffix(name),
            "title" if single or looks_named(name) else "title-phrase",
            True,
        )


def _in_sentence(text: str, start: int, end: int) -> Iterator[Coined]:
    own = cues.INTRO.search(text, start, end) is not None
    yield from _introduced(text, start, end)
    yield from _apposed(text, start, end)
    yield from _called(text, start, end, own=own)
    yield from _ours(text, start, end)
    yield from _declared(text, start, end)


def _introduced(text: str, start: int, end: int) -> Iterator[Coined]:
    for match in cues.INTRO.finditer(text, start, end):
        position = match.end()
        while position < end and text[position] in " ,:":
            position += 1
        direct = _after_determiner(text, position, end)
        for name in _coordinated(text, direct, end, loose=True):
            yield Coined(*name, _declared_type(text, name, end)[0], "propose", True)
        yield from _after_noun(text, position, end)


def _apposed(text: str, start: int, end: int) -> Iterator[Coined]:
    """ "We evaluate naïve Kite, a model": whatever stands between the verb and an apposition with a fitting noun."""
    for match in cues.APPOSED.finditer(text, start, end):
        type_ = type_of_noun(match["np"].split(",")[0])
        first = text[match.start("name") : match.end("name")].split(" ")[0].lower()
        if type_ and (first not in cues.NOT_A_NAME or match["name"] == "A") and is_plausible(match["name"]):
            yield Coined(match.start("name"), match.end("name"), type_, "apposed", False)

    for match in cues.NOUN_NAME.finditer(text, start, end):
        if looks_named(match["name"]) and (type_ := type_of_noun(match["noun"])):
            yield Coined(match.start("name"), match.end("name"), type_, "apposed", False)


def _after_determiner(text: str, position: int, end: int) -> int:
    determiner = cues.DETERMINER.match(text, position, end)
    return determiner.end() if determiner else position


def _after_noun(text: str, start: int, end: int) -> Iterator[Coined]:
    """ "a novel method, X, which …", "a system X (…)": a name right behind the noun that says what it is."""
    clause = re.compile(r"[^.;!?]{0,160}").match(text, start, end)
    if clause is None:
        return
    for noun in re.compile(
        r"\b(?P<noun>[a-z][\w-]*)(?P<gap>,? |: ?|, namely |\s?[-–—]{1,3}\s?)(?=['\"]?[^\W_])"
    ).finditer(text, start, clause.end()):
        type_ = type_of_noun(noun["noun"])
        if not type_:
            continue
        name = read_name(text, noun.end(), end)
        if name is None:
            continue
        form = text[name[0] : name[1]]
        bounded = (
            re.compile(r"['\"]?\s?(?:[,.(;:]|$|that|which|to|for|with|by|based|and|where|in)").match(text, name[1], end)
            is not None
        )
        if (looks_named(form) or is_capitalised(form)) and bounded:
            yield Coined(*name, type_, "noun-name", True)
            return
        if len(clause.group()) > 100:
            return


def _called(text: str, start: int, end: int, *, own: bool) -> Iterator[Coined]:
    for match in cues.CALLED.finditer(text, start, end):
        direct = match.end()
        noun = type_of_noun_before(text, start, match.start())
        mine = own or bool(re.search(r"\bwe\b|\bour\b|\bnovel\b|\bnew\b", text[start : match.end()], re.IGNORECASE))
        for name in _coordinated(text, direct, end, loose=True):
            yield Coined(*name, noun or _declared_type(text, name, end)[0], "called", mine)
    for match in re.compile(r"\brefer(?:red)? to [^.;]{0,60}? as\s+(?:the )?").finditer(text, start, end):
        found = read_name(text, match.end(), end)
        if found:
            yield Coined(*found, _declared_type(text, found, end)[0], "called", own)


def type_of_noun_before(text: str, start: int, end: int) -> str:
    """The type that the nearest noun phrase before `end` gives: "a method for pruning, called"."""
    before = text[max(start, end - 140) : end]
    cut = max(before.rfind(". "), before.rfind("; "))
    phrase = before[cut + 1 :]
    determiners = list(re.finditer(r"\b(?:an?|the|our|new|novel)\s", phrase))
    for determiner in reversed(determiners):
        found = type_of_noun(phrase[determiner.end() :])
        if found:
            return found
    return ""


def _ours(text: str, start: int, end: int) -> Iterator[Coined]:
    for match in cues.OURS.finditer(text, start, end):
        name = read_name(text, match.end(), end)
        if name is None:
            continue
        form = text[name[0] : name[1]]
        if _is_modifier(text, name, end):
            continue
        if looks_named(form) or (is_capitalised(form) and match["noun"]):
            following = text[name[1] : name[1] + 40]
            type_ = type_of_noun(match["noun"]) or (
                type_of_noun(following.split(",")[0]) if following.startswith(" ") else ""
            )
            yield Coined(*name, type_, "ours", True)


def _declared(text: str, start: int, end: int) -> Iterator[Coined]:
    """ "X, a model, …", "X is a method", "X and Y are models", "X is proposed", "X, Y and Z as models"."""
    for match in cues.NAME.finditer(text, start, end):
        word = match.group()
        if (
            match.start() > start
            and text[match.start() - 1] in "-_/.'"
            and text[match.start() - 2 : match.start() - 1].isalnum()
        ):
            continue
        if word.lower() in cues.NOT_A_NAME or not (looks_named(word) or (is_capitalised(word))):
            continue
        name = read_name(text, match.start(), end, small=False)
        if name is None:
            continue
        type_, own = _declared_type(text, name, end)
        if type_:
            first = _list_before(text, start, name)
            for item in [*first, name]:
                yield Coined(*item, type_, "declared", own)
        elif cues.PASSIVE.match(text, name[1], end) and looks_named(text[name[0] : name[1]]):
            yield Coined(*name, "", "passive", True)
        if looks_named(text[name[0] : name[1]]) and (
            cues.RIVAL_AFTER.match(text, name[1], end)
            or cues.RIVAL_BEFORE.search(text, max(start, name[0] - 24), name[0])
        ):
            for item in [*_list_before(text, start, name), name]:
                if looks_named(text[item[0] : item[1]]):
                    yield Coined(*item, "", "rival", False)


def _is_rival(text: str, start: int, name: tuple[int, int], end: int) -> bool:
    """Whether the name beats, extends or is compared with something, or something with it."""
    before = cues.RIVAL_BEFORE.search(text, max(start, name[0] - 24), name[0])
    return before is not None or cues.RIVAL_AFTER.match(text, name[1], end) is not None


def _list_before(text: str, start: int, name: tuple[int, int]) -> list[tuple[int, int]]:
    """The names that stand before `name` in "X, Y and Z are models"."""
    items: list[tuple[int, int]] = []
    stop = name[0]
    while len(items) < 12:
        joint = re.search(r"(?:,\s(?:and |or )?|\sand\s|\sor\s)$", text[max(start, stop - 8) : stop])
        if joint is None:
            break
        stop -= len(joint.group())
        head = re.search(rf"(?:(?<=\s)|^){WORD}(?: {WORD}){{0,3}}$", text[max(start, stop - 60) : stop])
        if head is None:
            break
        words = head.group().split(" ")
        while words and not (looks_named(words[0]) or is_capitalised(words[0])):
            words = words[1:]
        form = " ".join(words)
        if not form or form.lower() in cues.NOT_A_NAME:
            break
        items.append((stop - len(form), stop))
        stop -= len(form)
    return items


def _declared_type(text: str, name: tuple[int, int], end: int) -> tuple[str, bool]:
    """The type that an apposition or a copula right after the name gives it, and whether it says "our" or "new"."""
    after = text[name[1] : min(end, name[1] + 2)]
    limit = min(end, name[1] + 190)
    for pattern in (cues.APPOSITION, cues.COPULA, cues.AS_NOUNS):
        match = pattern.match(text, name[1], limit)
        if match is None or (
            pattern is cues.APPOSITION and "," not in text[name[1] : match.start("det")] and not match["rel"]
        ):
            continue
        phrase = match["np"].split(",")[0]
        variant = cues.VARIANT.match(phrase)
        type_ = type_of_noun(phrase) if variant is None else type_of_suffix(variant["of"]) or "Method"
        if type_:
            return type_, bool(re.search(r"\b(?:our|novel|new|first)\b", match.group()[:60]))
    if after.startswith(" "):
        follow = re.compile(r" (?P<noun>[a-z][\w-]*)").match(text, name[1], limit)
        if follow:
            return type_of_noun(follow["noun"]), False
    return "", False


def _coordinated(text: str, position: int, end: int, *, loose: bool) -> list[tuple[int, int]]:
    """The names of "X, Y and Z" from `position` on (only the first may be a loose one)."""
    names: list[tuple[int, int]] = []
    first = _first_name(text, position, end, loose=loose)
    if first is None or _is_modifier(text, first, end):
        return []
    names.append(first)
    while len(names) < 12:
        joint = cues.AND.match(text, _past_bracket(text, names[-1][1], end), end)
        if joint is None:
            break
        following = read_name(text, joint.end(), end)
        if following is None or not (looks_named(text[slice(*following)]) or is_capitalised(text[slice(*following)])):
            break
        names.append(following)
    return names


def _is_modifier(text: str, name: tuple[int, int], end: int) -> bool:
    """Whether the name only begins a common phrase: "Bayesian optimization", "CNN-based", "KV cache"."""
    if re.compile(r"[-–][a-z]").match(text, name[1], end):
        return True
    form = text[name[0] : name[1]]
    if (
        sum(c.isupper() for c in form) > 2
        or any(c.isdigit() or c in "-+" for c in form)
        or (looks_named(form) and not form.isupper())
    ):
        return False
    follow = re.compile(r" (?P<noun>[a-z][\w-]+)").match(text, name[1], end)
    return follow is not None and follow["noun"] not in cues.CONNECTORS and not type_of_noun(follow["noun"])


def _past_bracket(text: str, position: int, end: int) -> int:
    bracket = re.compile(r"['\"]?\s?\([^()]{1,40}\)").match(text, position, end)
    return bracket.end() if bracket else position


def _first_name(text: str, position: int, end: int, *, loose: bool) -> tuple[int, int] | None:
    strict = read_name(text, position, end)
    if strict is not None and (looks_named(text[slice(*strict)]) or is_capitalised(text[slice(*strict)])):
        return strict
    if not loose:
        return None
    name = read_name(text, position, end, loose=True)
    if name is None:
        return None
    stop = cues.APPOSITION.match(text, name[1], min(end, name[1] + 190))
    return (
        name if stop and "," in text[name[1] : stop.start("det")] and type_of_noun(stop["np"].split(",")[0]) else None
    )


class CoinedNames:
    """Component `kg_coined`: writes `doc._.kg_coined`."""

    NAME = "kg_coined"
    REQUIRES = ("doc._.kg_sentences",)
    ASSIGNS = ("doc._.kg_coined",)

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Coined]:
        view = get_view(doc)
        found = find_coined(view.text, stretches(spans(doc, "kg_sentences"), view.text), title_end(doc))
        return [c._replace(start=s, end=e) for c in found for s, e in [view.widen(c.start, c.end)]]

    def set_annotations(self, doc: Doc, coined: list[Coined]) -> Doc:
        put(doc, "kg_coined", coined)
        return doc
