"""Statements that a sentence makes in so many words: "X outperforms Y", "X is based on Y", "X is evaluated on D".

A sentence is read as groups of coordinated mentions and the gaps between them; a pattern must stand in the gap between
two groups. "X … and outperforms Y" takes its subject from the pattern before it, "our method" is the paper's own
system.
Negation and hedging before the verb make a statement a denied one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.vocab import RELATIONS

_ADV = (
    r"(?:\w+ly |also |even |still |further |both |all |always |often |clearly |on average,? |"
    r"then |thus |only |already |indeed )*"
)
_FILL = r"(?:[\w'-]+ ){0,4}?"
_LIKE = r"(?:,? (?:such as|including|like|e\.g\.,?|namely)[:,]? )?"
_NEG = (
    r"(?:(?:do|does|did|is|are|was|were|can|could|will|would|has|have|had) ?(?:not|n't)|cannot|"
    r"never|fails? to|failed to|unable to|no longer|neither|without|rather than|instead of|not|"
    r"hardly|barely|far from|may|might|could|would|should|if|whether|unclear|aims? to|tr(?:y|"
    r"ies) to|attempts? to|hoped? to|expected to)"
)
_NEGATION = re.compile(rf"\b{_NEG}\b", re.IGNORECASE)

_HEDGE = re.compile(r"\b(?:whether|unclear|no evidence|doubt(?:ful)?|if|refute|disprove)\b[^.;]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`verb` must be in the gap; `reverse`: the second group is the head."""

    predicate: str
    verb: re.Pattern[str]
    reverse: bool = False


def _p(predicate: str, verb: str, *, reverse: bool = False) -> Pattern:
    return Pattern(predicate, re.compile(rf"(?:^|[\s,)]){verb}", re.IGNORECASE), reverse)


_BEATS = r"(?:outperform|beat|surpass|exceed|outclass|outpace|outdo|overtak|eclips|dominat)(?:e?s|ed|ing|es|en)?"
_TO_NAME = rf"(?: {_FILL}?)?{_LIKE}(?:the |its |their |an? )?$"
_MODELISH = r"(?:(?:model|method|baseline|approach|algorithm|system|network|competitor|counterpart|framework)s?)?"

PATTERNS: tuple[Pattern, ...] = (
    _p("outperforms", rf"(?:is|are|was|were) {_ADV}(?:outperformed|beaten|surpassed|exceeded) by (?:the |"
rf"our )?{_FILL}$", reverse=True),
    _p("outperforms", rf"{_BEATS}(?: the| both| all| several| other| existing| strong| previous| prior|"
rf" state-of-the-art| sota| standard| popular| vanilla| original| recent)*"
       rf"(?: [\w-]+){{0,3}}{_LIKE} ?(?:the )?$"),
    _p("outperforms", rf"(?:is|are|was|were|performs?|runs?|trains?|converges?|achieves?|yields?|obtains?|attains?|"
rf"shows?|has|demonstrates?) (?:[\w-]+ ){{0,3}}?(?:better|faster|superior|stronger|higher|"
rf"more accurate|more efficient|cheaper|smaller|lower|greater)"
       rf"(?: [\w-]+){{0,4}} (?:than|to|over|compared (?:to|with))(?: the| both| all| that of|"
rf" those of| existing)*{_LIKE} ?$"),
    _p("outperforms", r"(?:improve(?:s|d)?|improving) (?:up)?(?:on|over)(?: the| strong| existing| [\w-]+){0,3} $"),
    _p("basedOn", r"(?:,? (?:which|that))?(?: ?(?:is|are|was|were))? ?(?:\w+ly )?(?:based|built|grounded|"
r"founded) (?:up)?on(?: top of)? (?:the |an? )?(?:[\w-]+ )?$"),
    _p("basedOn", r"(?:,? (?:which|that) )?(?:\w+ly )?(?:builds?|building|built) (?:up)?on(?: top of)? (?:the |"
r"an? )?(?:[\w-]+ )?$"),
    _p("basedOn", r"(?:,? (?:which|that) )?(?:\w+ly )?(?:extends?|extending|generali[sz]es|augments|enhances|"
r"adapts|modifies|combines|integrates|incorporates|leverages|employs|utili[sz]es|"
r"adopts) (?:the |an? |recent )?(?:[\w-]+ )?$"),
    _p("basedOn", r"(?:is|are),? (?:an? )?(?:\w+ )?(?:extension|adaptation|generali[sz]ation|modification|"
r"derivative|improvement|successor) (?:of|to|over) (?:the )?$"),
    _p("basedOn", r"(?:is|are|was|were)? ?(?:derived|adapted|initiali[sz]ed|distilled|fine-?tuned|extended|"
r"developed|inspired) (?:from|by) (?:the |an? )?$"),
    _p("subclassOf", r"(?:,|is|are|was)(?: simply| just| essentially)? (?:an? |the )?(?:[\w-]+ )?(?:variants?|"
r"kinds?|types?|forms?|instances?|special cases?|versions?|members?) of (?:the )?(?:[\w-]+ )?$"),
    _p("evaluatedOn", rf"(?:is|are|was|were|we)? ?{_ADV}(?:evaluated?|tested?|benchmarked?|validated?|assess(?:ed)?|"
rf"measured?|experiment(?:s|"
rf"ed)?)(?: [\w-]+){{0,3}}? on (?:the )?(?:[\w-]+ ){{0,4}}?(?:such as |including |like )?$"),
    _p("trainedOn", r"(?:is|are|was|were|,|when)? ?(?:\w+ly )?(?:pre-?|fine-?)?(?:trained|finetuned|"
r"tuned)(?: [\w-]+){0,2}? on (?:the )?(?:[\w-]+ ){0,3}?(?:such as |including )?$"),
    _p("appliedTo", r"(?:is|are|was|were|can be|be) (?:\w+ly )?applied to (?:the |a )?(?:[\w-]+ )?$"),
    _p("usedFor", r"(?:is|are|was|were|can be|be) (?:\w+ly )?used (?:for|to solve|in) (?:the )?$"),
    _p("usedFor", r", an? (?:[\w-]+ ){0,4}?(?:method|model|approach|framework|algorithm|system|technique|"
r"network|architecture|tool|pipeline|toolkit|library|solution) for (?:the )?(?:[\w-]+ )?$"),
    _p("benchmarkFor", r",? (?:is )?(?:an? |the )?(?:[\w-]+ ){0,4}?(?:benchmark|dataset|corpus|data set|testbed|"
r"suite)s? for (?:the )?(?:[\w-]+ )?$"),
)  # fmt: skip
_EVALUATE = re.compile(r"\b(?:evaluat|test|assess|benchmark|validat|experiment|appl)\w*\b[^.;]{0,24}$", re.IGNORECASE)
_ON = re.compile(r"^,? (?:on|using) (?:the )?(?:[\w-]+ ){0,4}?(?:such as |including |like )?$")
_JOINT = re.compile(
    r"^\s?(?:\([^()]{0,30}\)?)?\)?['\"]?(?:,|,? and|,? or|,? as well as|/| &|, and the|"
    r",? and (?:the|both))['\"]?\s?\(?$"
)
_BRACKET_ONLY = re.compile(r"^['\"]?\s?[(\[]$")
_AND_VERB = re.compile(r"^[\s)]*,? ?(?:and|but|while|or|then|which|that)\b", re.IGNORECASE)
_OWN_SUBJECT = re.compile(
    r"\b(?:our (?:\w+ ){0,3}?(?:method|model|approach|framework|algorithm|system|technique|"
    r"network|architecture|solution|pipeline|methods|models)|"
    r"(?:the|this) proposed (?:\w+ ){0,2}?(?:method|model|approach|framework|algorithm|system|"
    r"technique|network|architecture)|it|we|ours)\s*(?=(?:[\w-]+ ){0,2}?$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A mention in a sentence: of which entity, and the entity's type."""

    start: int
    end: int
    entity: int
    type: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A pattern's match: two places and whether it is denied."""

    head: Place
    predicate: str
    tail: Place
    negated: bool


def find_statements(
    text: str, sentence: tuple[int, int], places: Sequence[Place], own: Place | None = None
) -> Iterator[Statement]:
    """The statements of one sentence. `places`: its mentions in order; `own`: the system of "our method"."""
    groups = _groups(text, places)
    subjects: list[Place] = []
    for index in range(len(groups)):
        before_start = groups[index - 1][-1].end if index else sentence[0]
        gap = text[before_start : groups[index][0].start]
        if index == 0:
            heads, gap = _own_heads(gap, own)
        else:
            heads = groups[index - 1]
            if _AND_VERB.match(gap) and subjects:
                heads = subjects
        if not heads or len(gap) > 140:
            continue
        for pattern in PATTERNS:
            match = pattern.verb.search(gap)
            if match is None or re.search(r"[;:]", gap[match.start() :]):
                continue
            negated = bool(_NEGATION.search(gap[max(0, match.start() - 40) : match.start() + 12]))
            negated = negated or bool(_HEDGE.search(text[max(sentence[0], heads[0].start - 48) : heads[0].start]))
            yield from _pairs(heads, groups[index], pattern, negated)
            subjects = groups[index] if pattern.reverse else heads
            break
        else:
            yield from _evaluated(text, sentence, groups, index, gap)


def _own_heads(gap: str, own: Place | None) -> tuple[list[Place], str]:
    found = list(_OWN_SUBJECT.finditer(gap)) if own is not None else []
    if not found or own is None:
        return [], gap
    return [own], gap[found[-1].end() - 1 :]


def _evaluated(
    text: str, sentence: tuple[int, int], groups: Sequence[list[Place]], index: int, gap: str
) -> Iterator[Statement]:
    """ "We evaluate X on D": the verb before the first group, "on" between them."""
    if index == 0 or not _ON.match(gap) or groups[index][0].type != "Dataset":
        return
    start = groups[index - 2][-1].end if index > 1 else sentence[0]
    before = text[start : groups[index - 1][0].start]
    if _EVALUATE.search(before):
        negated = bool(_NEGATION.search(before[-60:]))
        yield from _pairs(groups[index - 1], groups[index], Pattern("evaluatedOn", _ON), negated)


def _pairs(heads: Sequence[Place], tails: Sequence[Place], pattern: Pattern, negated: bool) -> Iterator[Statement]:
    for a in heads:
        for b in tails:
            head, tail = (b, a) if pattern.reverse else (a, b)
            if head.entity != tail.entity and RELATIONS[pattern.predicate].allows(head.type, tail.type):
                yield Statement(head, pattern.predicate, tail, negated)


def _groups(text: str, places: Sequence[Place]) -> list[list[Place]]:
    """Mentions joined by commas and "and", of one type; a bracketed abbreviation belongs to the name before it."""
    groups: list[list[Place]] = []
    for place in places:
        if groups:
            last = groups[-1][-1]
            gap = text[last.end : place.start]
            same = place.entity == last.entity and _BRACKET_ONLY.match(gap)
            if same:
                groups[-1][-1] = Place(last.start, place.end, last.entity, last.type)
                continue
            if _JOINT.match(gap) and (place.type == last.type or {place.type, last.type} == {"Method", "Model"}):
                groups[-1].append(place)
                continue
        groups.append([place])
    return groups
