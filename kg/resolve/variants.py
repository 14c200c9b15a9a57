"""Names that say of themselves that they are variants: sizes, versions, numbers, editions, a suffix after a hyphen.

`steps("LLaMA-2-7B-chat")` takes one mark after the other off the end: "LLaMA-2-7B", "LLaMA-2", "LLaMA".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.vocab import DATASET, METHOD, METRIC, MODEL

SIZE, VERSION, NUMBER, EDITION, LETTER, SUFFIX = "size", "version", "number", "edition", "letter", "suffix"

_EDITIONS = (
    "tiny|mini|small|base|medium|large|huge|giant|nano|micro|xs|xl|xxl|lite|light|plus|pro|max|ultra|turbo|flash|instruct"
    "|chat|it|hf|preview|distill|distilled|verified|diamond|hard|easy|challenge|full|clean|extended|opus|sonnet|haiku"
    "|thinking|vision|coder|math|cased|uncased|multilingual|II|III|IV|VI|VII|VIII|IX"
)
_MARKS: dict[str, re.Pattern[str]] = {
    SIZE: re.compile(r"(?:[-_ ]|(?<=[A-Za-z]))(?:\d+[x×])?[AaEe]?\d+(?:\.\d+)?[BbMmKkTt]$"),
    VERSION: re.compile(r"[-_ ]?[vV](?:er(?:sion)?)?[-. ]?\d+(?:\.\d+)*$"),
    NUMBER: re.compile(r"(?:[-_ ]['’]?|['’]|(?<=[A-Za-z]{2}))\d+(?:\.\d+)*$"),
    EDITION: re.compile(rf"[-_ ](?:{_EDITIONS})$", re.IGNORECASE),
    LETTER: re.compile(r"(?<=\d)[a-zV]$"),
    SUFFIX: re.compile(r"-(?=[a-z]{0,3}$|[a-z]*[A-Z0-9+])[A-Za-z0-9+]{1,12}$"),
}
_AT = re.compile(r"@\S+$")
_NUMBERED = re.compile(r"\b(?:task|track|phase|level|type|stage|step|top|part|subtask|round|day|class)$", re.IGNORECASE)
_ORDER = {
    MODEL: (SIZE, VERSION, NUMBER, EDITION, LETTER, SUFFIX),
    DATASET: (SIZE, VERSION, NUMBER, EDITION, LETTER, SUFFIX),
    METHOD: (VERSION, NUMBER, SUFFIX),
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
