"""Whether two forms of one document name one thing: what speaks for it, as features of a learned decision.

Only pairs with something in common are looked at: words, a stem, an abbreviation. Forms with different numbers never
meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

from kg.extract.abbreviations import align
from kg.extract.names import looks_named
from kg.extract.priors import form_key
from kg.extract.word_lists import words

# What keeps two names apart whatever else they share: numbers, subscripts, a trailing + or *, a Greek letter.
_MARK = re.compile(
    r"\d+(?:\.\d+)?|[₀-₉⁰-⁹²³¹]+(?:\.[₀-₉]+)?|(?<=\w)[+*]+(?!\w)|(?<![^\W\d_])[α-ωΑ-Ω\U0001d6a8-\U0001d7cb](?![^\W\d_])"
)
_WORDS = re.compile(r"[^\W_]+[+*]*")
_SMALL = frozenset(
    words(
        """
        of for and with in to the on by via from as at a an or
        """
    )
)
_ENDINGS = words(
    """
    ization isation ational ations ation ments ment izing ising ities ings ing ness ions ion ized ised
    ied ity ers ors ies ive al ed er or es ic e s y
    """
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """All mentions of one key and type: `text` is the first one's form, `first` its place."""

    key: str
    type: str
    text: str
    first: int
    count: int = 1
    sentences: frozenset[int] = frozenset()
    term: str = ""
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What the document defines: abbreviations (short key → long key), all its forms' keys."""

    pairs: Mapping[str, str] = field(default_factory=dict)
    suffixes: Mapping[str, int] = field(default_factory=dict)  # last words of a form → how many forms end in them


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """A crude stem, for comparing words only."""
    low = word.lower()
    for ending in _ENDINGS:
        if low.endswith(ending) and len(low) - len(ending) >= 4:
            return low[: -len(ending)]
    return low


@lru_cache(maxsize=1 << 14)
def content(form: str) -> tuple[str, ...]:
    """The words of a form in lower case, small ones left out."""
    words = tuple(w for w in _WORDS.findall(form.lower()) if w not in _SMALL)
    return words or (form.lower(),)


@lru_cache(maxsize=1 << 14)
def stems(form: str) -> tuple[str, ...]:
    return tuple(stem(w) for w in content(form))


def marks(form: str) -> tuple[str, ...]:
    """What keeps a form apart from others, in order.

    >>> marks("OPT-30B"), marks("LoRA+"), marks("β-KAE"), marks("KAE")
    (('30',), ('+',), ('β',), ())
    """
    return tuple(_MARK.findall(form))


@lru_cache(maxsize=1 << 14)
def spells(short: str, long: str) -> str:
    """How a form spells out a short one: "initials", "letters" (Schwartz & Hearst over all of it), or ""."""
    if " " in short or not 2 <= len(short) <= 10 or sum(c.isupper() for c in short) < 2 or len(long) < len(short) + 3:
        return ""
    letters = re.sub(r"[^a-z]", "", short.lower().removesuffix("s") if short.endswith("s") else short.lower())
    words = _WORDS.findall(long.lower())
    if letters and letters in ("".join(w[0] for w in words), "".join(w[0] for w in content(long))):
        return "initials"
    if len(words) > 1 and align(short, long, 0, len(long)) == 0:
        return "letters"
    return ""


def linked(a: Form, b: Form) -> bool:
    """Whether there is any reason to ask."""
    if set(stems(a.text)) & set(stems(b.text)):
        return True
    if spells(a.text, b.text) or spells(b.text, a.text):
        return True
    return JaroWinkler.similarity(a.key, b.key) > 0.85 or (
        len(a.key) > 3 and len(b.key) > 3 and (a.key in b.key or b.key in a.key)
    )


def pair_features(a: Form, b: Form, setting: Setting) -> list[str]:
    """Features of the pair; the longer form is taken as the first."""
    if (len(a.text), a.first) < (len(b.text), b.first):
        a, b = b, a
    type_ = a.type if a.type == b.type else "/".join(sorted((a.type, b.type)))
    features = ["bias", f"type={type_}"]
    features += _words(a, b, type_)
    spelled = spells(b.text, a.text)
    features += [f"spells={spelled}", f"names={looks_named(a.text)}/{looks_named(b.text)}"]
    if setting.pairs.get(b.key):
        features.append(f"defined={setting.pairs[b.key] == a.key}")
    together = bool(a.sentences & b.sentences)
    features += [f"together={together}", f"order={a.first < b.first}/{together}", f"title={a.in_title}/{b.in_title}"]
    features += [f"counts={min(a.count, 3)}/{min(b.count, 3)}", f"kindred={min(setting.suffixes.get(b.key, 0), 3)}"]
    if a.term or b.term:
        features.append(f"terms={'same' if a.term == b.term else 'two' if a.term and b.term else 'one'}")
        if a.term and b.term and a.term != b.term:
            features.append(f"terms=two/{type_}")
    similarity = JaroWinkler.similarity(a.key, b.key)
    features += [f"similar={int(similarity * 12)}", f"digits={bool(marks(a.text))}"]
    return features


def _words(a: Form, b: Form, type_: str) -> list[str]:
    """How the words of the two forms lie to each other."""
    long, short = stems(a.text), stems(b.text)
    shared = set(long) & set(short)
    extra = [w for w, s in zip(content(a.text), long, strict=True) if s not in shared]
    lost = [w for w, s in zip(content(b.text), short, strict=True) if s not in shared]
    if long == short:
        relation = "equal"
    elif short == long[-len(short) :]:
        relation = "tail"
    elif short == long[: len(short)]:
        relation = "head"
    elif set(long) == set(short):
        relation = "reordered"
    elif set(short) <= set(long):
        relation = "subset"
    elif shared:
        relation = "overlap"
    else:
        relation = "glued" if b.key in a.key else "none"
    features = [
        f"relation={relation}",
        f"relation={relation}/{type_}",
        f"relation={relation}/{min(len(extra), 3)}/{min(len(lost), 3)}",
    ]
    features += [f"relation={relation}/{min(len(short), 3)}/{looks_named(b.text)}"]
    features += [f"extra={w}" for w in extra[:4]]
    features += [f"lost={w}" for w in lost[:3]]
    if len(extra) == 1 and len(lost) == 1:
        features.append("swap=" + "/".join(sorted((extra[0], lost[0]))))
        features.append(f"swapspells={bool(spells(lost[0].upper(), extra[0]))}")
    features.append(f"lastsame={long[-1] == short[-1]}")
    features.append(f"share={int(4 * len(shared) / max(len(set(long) | set(short)), 1))}/{relation}")
    return features


def setting_of(forms: Sequence[Form], pairs: Sequence[tuple[str, str]]) -> Setting:
    """What the whole document says that bears on its pairs of forms."""
    suffixes: dict[str, int] = {}
    for form in forms:
        words = content(form.text)
        for cut in range(1, len(words)):
            key = form_key(" ".join(words[cut:]))
            suffixes[key] = suffixes.get(key, 0) + 1
    return Setting({short: long for long, short in pairs}, suffixes)


def contract(text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The key of a form with every long form in it replaced by the document's abbreviation of it."""
    key = form_key(text)
    for long, short in pairs:
        if len(long) > 5 and long in key and long != key:
            key = key.replace(long, short)
    return key
