"""Names that say of themselves that they are variants: sizes, versions, numbers, editions, a suffix after a hyphen.

`steps("LLaMA-2-7B-chat")` takes one mark after the other off the end: "LLaMA-2-7B", "LLaMA-2", "LLaMA".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.resolve.keys import match_key, version_key
from kg.vocab import DATASET, METHOD, METRIC, MODEL

SIZE, VERSION, NUMBER, EDITION, LETTER = "size", "version", "number", "edition", "letter"
PATCH, SUFFIX = "patch", "suffix"

_EDITIONS = (
    "tiny|mini|small|base|medium|large|huge|giant|nano|micro|xs|xl|xxl|lite|light|plus|pro|max|ultra|turbo|flash|instruct"
    "|chat|it|hf|preview|distill|distilled|verified|diamond|hard|easy|challenge|full|clean|extended|opus|sonnet|haiku"
    "|thinking|vision|coder|math|cased|uncased|multilingual|II|III|IV|VI|VII|VIII|IX"
)
_GENERIC = (
    "net|nets|network|model|models|set|data|dataset|bench|benchmark|corpus|score|loss|method|algorithm|based|style"
)
_MARKS: dict[str, re.Pattern[str]] = {
    SIZE: re.compile(r"(?:[-_ ]|(?<=[A-Za-z]))(?:\d+[x×])?[AaEe]?\d+(?:\.\d+)?[BbMmKkTt]$"),
    VERSION: re.compile(r"[-_ ]?[vV](?:er(?:sion)?)?[-. ]?\d+(?:\.\d+)*$"),
    NUMBER: re.compile(r"(?:[-_ ]['’]?|['’]|(?<=[A-Za-z]{2}))\d+(?:\.\d+)*$"),
    EDITION: re.compile(rf"[-_ ](?:{_EDITIONS})$", re.IGNORECASE),
    LETTER: re.compile(r"(?<=\d)[a-zV]$"),
    PATCH: re.compile(r"/\d+$"),
    SUFFIX: re.compile(rf"-(?=[a-z]{{0,3}}$|[a-z]*[A-Z0-9+])(?!(?i:{_GENERIC})$)[A-Za-z0-9+]{{1,12}}$"),
}
_AT = re.compile(r"@\S+$")
_NUMBERED = re.compile(r"\b(?:task|track|phase|level|type|stage|step|top|part|subtask|round|day|class)$", re.IGNORECASE)
_ORDER = {
    MODEL: (SIZE, VERSION, NUMBER, EDITION, LETTER, PATCH, SUFFIX),
    DATASET: (SIZE, VERSION, NUMBER, EDITION, LETTER, SUFFIX),
    METHOD: (VERSION, NUMBER, EDITION, SUFFIX),
    METRIC: (NUMBER, SUFFIX),
}
CREATES = frozenset({SIZE, VERSION, NUMBER})
"""Marks so plain that two names which differ in them alone are proof of a family that no paper names."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is left of a name when marks are taken off its end, the last mark and its kind."""

    rest: str
    kind: str
    mark: str


def steps(name: str, type: str) -> Iterator[Step]:
    """The families that a name could be a variant of, nearest first.

    >>> [s.rest for s in steps("LLaMA-2-7B-chat", "Model")]
    ['LLaMA-2-7B', 'LLaMA-2', 'LLaMA']
    >>> [s.rest for s in steps("WMT'14", "Dataset")], [s.rest for s in steps("F1@10", "Metric")]
    (['WMT'], ['F1'])
    >>> list(steps("T5", "Model"))
    []
    """
    for _ in range(6):
        step = _step(name, type)
        if step is None:
            return
        yield step
        name = step.rest


def _step(name: str, type: str) -> Step | None:
    kinds = _ORDER.get(type, ())
    if type == METRIC and (match := _AT.search(name)) and match.start() > 1:
        return Step(name[: match.start()], NUMBER, match.group())
    for kind in kinds:
        match = _MARKS[kind].search(name)
        if match is None:
            continue
        rest = name[: match.start()].rstrip("-_ '’")
        letters = sum(c.isalpha() for c in rest)
        if len(rest) < 2 or letters < (2 if kind in (VERSION, NUMBER, SUFFIX) else 1) or _NUMBERED.search(rest):
            continue
        return Step(rest, kind, match.group().strip("-_ '’"))
    return None


def other_variant(form: str, name: str, type: str) -> bool:
    """Whether one of two names says that it is a variant of the other, or both that they are variants of one thing.

    >>> other_variant("Kite-7B-Instruct", "Kite-7B", "Model"), other_variant("DiT-L/2", "DiT-B/2", "Model")
    (True, True)
    >>> other_variant("ViT-Base/16", "ViT-B/16", "Model"), other_variant("VGG-Net", "VGG", "Model")
    (False, False)
    """
    first, second = match_key(form), match_key(name)
    if first == second or version_key(form) == version_key(name) != "":
        return False
    of_first, of_second = list(steps(form, type)), list(steps(name, type))
    some, others = [match_key(step.rest) for step in of_first], [match_key(step.rest) for step in of_second]
    if second in some or first in others:
        return True
    common = next((key for key in some if key in others), None)
    if common is None:
        return False
    marks = [step.mark for step in of_first[: some.index(common) + 1]]
    other_marks = [step.mark for step in of_second[: others.index(common) + 1]]
    return len(marks) != len(other_marks) or not all(map(_same_mark, marks, other_marks))


def _same_mark(first: str, second: str) -> bool:
    """Whether two marks say the same: "B" and "base"."""
    short, long = sorted((first.casefold(), second.casefold()), key=len)
    return short == long or (len(short) == 1 and short.isalpha() and long.startswith(short))
