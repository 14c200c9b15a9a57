r"""Candidates for result numbers: "43.1\%", "1.25sim1.56times", "up to 3.3x", "+2.59%", "from 71.2 to 75.0".

`find_values` finds every number that could be an outcome; which of them is one is decided by the trained model. The
verbatim text of a value keeps "up to", "over", "less than", "within" where they stand right before the number, and
drops "about", "roughly" and "as low as". A range "from A to B" is the value B.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

ABSOLUTE, CHANGE, RATIO = "absolute", "change", "ratio"

_NUMBER = r"(?:\d{1,3}(?:,\d{3})++|\d{1,12})(?:\.\d{1,12})?(?:[eE][-+]?\d{1,3}(?!\d))?|\.\d{1,12}"
_SIGN = r"[-+−±]|\$?\\pm\$?\s?"
_TIMES = r"\$?\s?\\times\b|×|times\b|[xX]\b|[- ]?fold\b"
_PERCENT = r"percentage[- ]points?\b|percent(?:age)?\b|per cent\b|\$?\\%|%[- ]points?\b|%|p\.p\.|pp\b|pts?\b|points?\b"
_MEASURES = (
    r"(?:tokens?|tok|frames|images|samples|queries|requests|bits?|bytes|MB|GB|T?FLOPs?)/(?:s|sec|second|token|pixel)\b"
    r"|milliseconds?\b|microseconds?\b|seconds?\b|secs?\b|minutes?\b|mins?\b|hours?\b|days?\b|years?\b"
    r"|ms\b|µs\b|us\b|s\b|h\b"
    r"|(?:K|M|G|T)?[Ff][Pp][Ss]\b|Hz\b|kHz\b|(?:k|K|M|G|T|P)?FLOPS?\b|(?:k|K|M|G|T|P)?FLOPs\b|MACs\b|TOPS\b"
    r"|KiB\b|MiB\b|GiB\b|KB\b|MB\b|GB\b|TB\b|bytes\b|bits?\b|bpp\b|bpb\b|bpw\b"
    r"|dB\b|mm\b|cm\b|km\b|m\b|mW\b|W\b|mJ\b|J\b|kWh\b"
    r"|degrees?\b|°|million\b|billion\b|[kKMBG]\b|BLEU\b|nats?\b|tokens?\b|steps?\b|Elo\b|σ"
)
_UNIT = rf"{_TIMES}|{_PERCENT}|{_MEASURES}"
_RANGE = r"\s?(?:--?|–|—|~|∼|\$?\\text\{--\}\$?|\$?\\?sim\$?|\$\\?sim\$|\$?\\to\$?)\s?|\s(?:to|and)\s"
_OPEN = (
    r"(?:up to(?: an?| about| around| nearly| approximately)?|over|more than|less than|fewer than|greater than|at least"
    r"|at most|within|under|below|above|beyond|exceeding|[<>≤≥]=?|\$?\\(?:geq?|leq?|approx)\b)\s?"
)
_HEDGE = r"(?:~|∼|≈|\$\\sim\$|\\sim|sim\s?|approximately |about |around |roughly |nearly |almost )"

VALUE = re.compile(
    rf"(?P<open>\b{_OPEN}|[<>≤≥]=?\s?)?(?P<hedge>{_HEDGE})?(?P<dollar>\$)?(?P<hedge2>\\sim\s?)?"
    rf"(?P<sign>{_SIGN})?(?P<low>{_NUMBER})(?P<unit>\s?\$?\s?(?:{_UNIT}))?"
    rf"(?P<of>\s?/\s?\d{{1,6}}(?![\w/])|\sof\s\d{{1,6}}(?![\w.]))?"
    rf"(?P<rest>\$?(?P<range>{_RANGE})\$?(?P<sign2>[-+−])?(?P<high>{_NUMBER})(?P<unit2>\s?\$?\s?(?:{_UNIT}))?)?"
    rf"(?P<close>\$(?:\s?(?:\\%|%))?)?(?P<plus>\+(?!\w))?"
)
WORDED = re.compile(
    r"\b(?:up to |over |more than |nearly |almost )?"
    r"(?:(?P<orders>an|one|two|three|four|several|1|2|3|4|5) orders? of magnitude"
    r"|(?P<times>two|three|four|five|six|seven|eight|nine|ten|twice|double|half)(?P<word>[- ]times|[- ]fold|fold)?\b)",
    re.IGNORECASE,
)
_WORD_NUMBERS = {
    "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "nine": 9.0, "ten": 10.0, "several": 2.0, "twice": 2.0, "double": 2.0, "half": 0.5,
}  # fmt: skip
_SETTING = re.compile(
    r"-?(?:shot|bit|layer|way|dimensional|step|fold cross|hop|class|stage|head|parameter|th|st|nd|rd|D)s?\b"
)
_CHANGE_AFTER = re.compile(
    r"\W{0,3}(?:\w+ ){0,2}?(?:improve|increase|decrease|reduc|gain|drop|higher|lower|faster|better|boost|relative"
    r"|less|more|fewer|saving|degradation|loss in|uplift|lift)",
    re.IGNORECASE,
)
_CHANGE_BEFORE = re.compile(
    r"\b(?:by|improvements? of|gains? of|reductions? of|increases? of|drop of|boost of)\W{0,3}(?:an? )?"
    r"(?:average of |absolute |relative )?$",
    re.IGNORECASE,
)
_FROM = re.compile(r"\bfrom\s[\w\s\\$%~.]{0,12}$")
_AFTER_NAME = re.compile(r"[\w.]$|[A-Za-z]\d*[-–]$|[A-Za-z]\s?@$|\w/$")


@dataclass(frozen=True, slots=True)
class Value:
    """One candidate: `text[start:end] == verbatim`; `low` and `high` are equal unless it is a range."""

    start: int
    end: int
    verbatim: str
    low: float
    high: float
    unit: str
    mode: str


def find_values(text: str) -> list[Value]:
    """Every candidate in `text`, left to right, none overlapping."""
    found: list[Value] = []
    position = 0
    while match := VALUE.search(text, position):
        value = _read(text, match)
        if value is not None:
            found.append(value)
            position = value.end
        else:
            position = max(match.end("low"), match.start() + 1)
    starts, ends = [v.start for v in found], [v.end for v in found]
    worded = [
        _worded(text, match)
        for match in WORDED.finditer(text)
        if _is_worded_value(match) and bisect_right(ends, match.start()) == bisect_left(starts, match.end())
    ]
    return sorted(found + worded, key=lambda v: v.start)


def _read(text: str, match: re.Match[str]) -> Value | None:
    number = match.start("low")
    if match["sign"] and (before := text[max(0, match.start("sign") - 1) : match.start("sign")]) and before.isalnum():
        return None
    first = min(s for s in (match.start("sign"), match.start("dollar"), number) if s >= 0)
    before_hedge = match.start("hedge") if match["hedge"] else first
    if _AFTER_NAME.search(text[max(0, before_hedge - 8) : before_hedge]):
        return None
    use_range = match["rest"] is not None and _is_range(text, match)
    end = match.end("rest") if use_range else (match.end("of") if match["of"] else match.end("unit"))
    if end < 0:
        end = match.end("low")
    following = text[end : end + 24]
    if following[:1].isalpha() or (following[:1] == "_") or (not match["unit"] and _SETTING.match(following)):
        return None
    if end == match.end("rest") or match["rest"] is None:
        end = match.end("plus") if match["plus"] else (match.end("close") if match["close"] else end)
    start = first if match["dollar"] is None else min(first, match.start("dollar"))
    if match["dollar"] and text.count("$", start, end) % 2:
        if text[end : end + 1] == "$":
            end += 1
        elif text[start] == "$":
            start += 1
    if match["open"] and not match["hedge"]:
        start = match.start("open")
    elif match["open"]:
        start = match.start("open") if match["open"].strip().lower().startswith("up to") else start
    low = _number(match["low"], match["sign"])
    high = _number(match["high"], match["sign2"]) if use_range else low
    raw_unit = (match["unit2"] if use_range else None) or match["unit"] or ("%" if "%" in text[start:end] else "")
    if use_range and match["range"].strip() == "to" and _FROM.search(text[max(0, start - 16) : start]):
        start, low = match.start("sign2") if match["sign2"] else match.start("high"), high
    if low == high and not raw_unit and re.fullmatch(r"(?:19|20)\d\d", match["low"]):
        return None
    while text[start].isspace():
        start += 1
    unit = _unit(raw_unit)
    return Value(start, end, text[start:end], low, high, unit, _mode(text, start, end, unit))


def _is_range(text: str, match: re.Match[str]) -> bool:
    if text[match.end("rest") : match.end("rest") + 1].isalnum():
        return False
    if match["range"].strip() == "and":
        return text[max(0, match.start() - 9) : match.start()].lower().rstrip().endswith("between")
    return not (match["range"].strip() in {"-", "–"} and not match["unit2"] and match["unit"])


def _number(digits: str, sign: str | None) -> float:
    value = float(digits.replace(",", ""))
    return -value if sign in {"-", "−"} else value


_POINTS = frozenset(
    {"percentage point", "percentage points", "percentage-points", "p.p.", "pp", "pt", "pts", "point", "points"}
)


def _unit(raw: str) -> str:
    unit = raw.replace("$", "").replace("\\", "").strip(" -")
    low = unit.lower()
    if low in {"x", "×", "times", "fold"}:
        return "x"
    if low in _POINTS or (low.startswith("%") and "point" in low):
        return "points"
    return "%" if low in {"%", "percent", "percentage", "per cent"} else unit


def _mode(text: str, start: int, end: int, unit: str) -> str:
    if unit == "x":
        return RATIO
    if text[start] in "+-−" or text[start : start + 2] in {"$+", "$-"} or unit == "points":
        return CHANGE
    changed = _CHANGE_AFTER.match(text[end : end + 40]) or _CHANGE_BEFORE.search(text[max(0, start - 40) : start])
    return CHANGE if changed else ABSOLUTE


def _is_worded_value(match: re.Match[str]) -> bool:
    if match["orders"]:
        return True
    return match["word"] is not None or match["times"].lower() in {"twice", "half", "double"}


def _worded(text: str, match: re.Match[str]) -> Value:
    word = (match["orders"] or match["times"]).lower()
    number = _WORD_NUMBERS.get(word, float(word) if word.isdigit() else 2.0)
    if match["orders"]:
        number = 10.0**number
    start, end = match.start(), match.end()
    return Value(start, end, text[start:end], number, number, "x", RATIO)
