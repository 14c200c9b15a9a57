"""The user's own word on what is one thing: `--rules FILE`.

Each line is `same,TYPE,NAME,NAME` or `different,TYPE,NAME,NAME`, fields quoted as in CSV; empty lines and lines that
begin with `#` are passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import UsageError
from kg.model import DocEntity
from kg.resolve.keys import match_key
from kg.resolve.readings import Separator
from kg.vocab import ENTITY_TYPES

SAME, DIFFERENT = "same", "different"


@dataclass(frozen=True, slots=True)
class Rule:
    """Two names of one type that are (`same`) or are not one thing; `place` is where it was written, for messages."""

    same: bool
    type: str
    first: str
    second: str
    place: str = ""


def read_rules(path: str | Path) -> tuple[Rule, ...]:
    """The rules of a file. Raises `UsageError`, which names file and line, if one cannot be read or is contradicted."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: the rules cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the rules are no UTF-8 text (byte {error.start})") from error
    return parse_rules(text.splitlines(), str(path))


def parse_rules(lines: Iterable[str], file: str = "rules") -> tuple[Rule, ...]:
    """The rules on `lines`; `file` is only for messages.

    >>> parse_rules(['same,Model,"Kite, large",Kite-L'])[0].first
    'Kite, large'
    """
    found = tuple(
        _rule(line, f"{file}:{number}")
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    _check(found)
    return found


def _rule(line: str, place: str) -> Rule:
    try:
        fields = [field.strip() for field in next(csv.reader([line], skipinitialspace=True, strict=True))]
    except csv.Error as error:
        raise UsageError(f"{place}: not a line of CSV ({error})") from error
    if len(fields) != 4:
        raise UsageError(f"{place}: {len(fields)} fields, but a rule is same|different,TYPE,NAME,NAME")
    verb, type, first, second = fields
    if verb not in (SAME, DIFFERENT):
        raise UsageError(f"{place}: {verb!r} is neither 'same' nor 'different'")
    if type not in ENTITY_TYPES:
        raise UsageError(f"{place}: {type!r} is none of {', '.join(ENTITY_TYPES)}")
    if not first or not second:
        raise UsageError(f"{place}: a name is empty")
    if first == second:
        raise UsageError(f"{place}: both names are {first!r}")
    return Rule(verb == SAME, type, first, second, place)


def _check(rules: Sequence[Rule]) -> None:
    seen: dict[tuple[str, frozenset[str]], Rule] = {}
    for rule in rules:
        other = seen.setdefault((rule.type, frozenset({rule.first, rule.second})), rule)
        if other.same != rule.same:
            raise UsageError(f"{rule.place}: contradicts {other.place}")


class RuledKeys:
    """Keys of forms under the rules: a name that a rule keeps apart from a like one gets a key of its own."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._own = {
            rule.second: f"{match_key(rule.second)}\0{rule.second}"
            for rule in rules
            if not rule.same and match_key(rule.first) == match_key(rule.second)
        }

    def __call__(self, form: str) -> str:
        return self._own.get(form) or match_key(form)


class RuledSeparator:
    """Which forms of one entity of a paper are different things: as `separate` says, and by the rules."""

    def __init__(self, rules: Sequence[Rule], keyer: RuledKeys, separate: Separator) -> None:
        self._keyer, self._separate = keyer, separate
        self._apart = [(keyer(rule.first), keyer(rule.second)) for rule in rules if not rule.same]

    def __call__(self, entity: DocEntity, forms: tuple[str, ...]) -> Sequence[Hashable]:
        """Of two names that are kept apart, the second is taken out where both stand for one entity."""
        keys = [self._keyer(form) for form in forms]
        out = {second for first, second in self._apart if first in keys and second in keys}
        tokens = self._separate(entity, forms)
        return [(token, key if key in out else "") for token, key in zip(tokens, keys, strict=True)]
