"""Short texts in which names stand, each written for its name: the data of the measured test of resolution.

A file of `texts/` holds groups of names that could be taken for each other:

    [gpt-4]
    things = { "GPT-4" = "a c1", "GPT-4o" = "b c2" }
    pairs = ["a = c1", "b < a", "c1 / c2"]
    a = "Legal scholars compare the contracts that [GPT-4] drafts …"
    c = "We let [1:GPT-4] and [2:GPT-4o] translate …"

A *stand* is a name in a text: "a", or "c1" where a text has several things. `things` says which stands are one thing;
a thing that is named in two groups is one thing. `pairs` says of two stands `=` the same thing, `<` the first is a
variant of the second, `/` neither, `!` not the same, and nobody needs to agree whether one is a kind of the other.
A group belongs to the half that rules may be tuned with, or to the half that is held back, by a hash of its name.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("texts")
TUNED, HELD = "tuned", "held"
SAME, VARIANT, DIFFERENT, APART = "=", "<", "/", "!"
_MARK = re.compile(r"\[(?:(\d):)?([^\[\]]+)\]")


@dataclass(frozen=True)
class Stand:
    """A name in a text: the number that tells it from others in that text, the thing that it is, where it stands."""

    id: str
    text_id: str
    thing: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Pair:
    """Two stands, by id, and what they are to each other."""

    first: str
    relation: str
    second: str


@dataclass(frozen=True)
class Group:
    """Names that could be taken for each other: texts by id, stands by id, pairs."""

    name: str
    half: str
    texts: dict[str, str]
    stands: dict[str, Stand]
    pairs: tuple[Pair, ...]


def read_groups(folder: Path = FOLDER) -> list[Group]:
    """All groups, file by file. Raises `ValueError`, which names file and group, where one contradicts itself."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        for name, record in tomllib.loads(path.read_text(encoding="utf-8")).items():
            try:
                found.append(read_group(name, record))
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}: group {name}: {error}") from error
    return found


def half_of(name: str) -> str:
    """The half of a group, by the first bit of a hash of its name."""
    return HELD if hashlib.sha256(name.encode()).digest()[0] & 1 else TUNED


def read_group(name: str, record: dict[str, object]) -> Group:
    """One group. Raises `ValueError` where its pairs, its things and its texts do not fit together."""
    things, lines = record["things"], record["pairs"]
    if not isinstance(things, dict) or not isinstance(lines, list):
        raise ValueError("`things` is a table, `pairs` a list")
    thing_of = {stand: thing for thing, stands in things.items() for stand in stands.split()}
    texts: dict[str, str] = {}
    stands: dict[str, Stand] = {}
    for key, marked in record.items():
        if key not in ("things", "pairs"):
            text, spans = unmarked(str(marked))
            texts[f"{name}.{key}"] = text
            for number, places in spans.items():
                id = f"{key}{number}"
                stands[f"{name}.{id}"] = Stand(f"{name}.{id}", f"{name}.{key}", thing_of.pop(id), places)
    if thing_of:
        raise ValueError(f"no text has {', '.join(thing_of)}")
    pairs = tuple(_pairs(name, lines, stands))
    return Group(name, half_of(name), texts, stands, pairs)


def unmarked(marked: str) -> tuple[str, dict[str, tuple[tuple[int, int], ...]]]:
    """A text without its brackets, and where the names of each stand are in it.

    >>> unmarked("We let [1:GPT-4] and [2:GPT-4o] rhyme.")
    ('We let GPT-4 and GPT-4o rhyme.', {'1': ((7, 12),), '2': ((17, 23),)})
    """
    text, end = "", 0
    spans: dict[str, tuple[tuple[int, int], ...]] = {}
    for match in _MARK.finditer(marked):
        text += marked[end : match.start()]
        number, form = match.group(1) or "", match.group(2)
        spans[number] = (*spans.get(number, ()), (len(text), len(text) + len(form)))
        text += form
        end = match.end()
    return text + marked[end:], spans


def _pairs(name: str, lines: list[str], stands: dict[str, Stand]) -> Iterator[Pair]:
    for line in lines:
        first, relation, second = line.split()
        one, other = stands[f"{name}.{first}"], stands[f"{name}.{second}"]
        if relation not in (SAME, VARIANT, DIFFERENT, APART) or (relation == SAME) != (one.thing == other.thing):
            raise ValueError(f"the pair {line!r} contradicts `things`")
        yield Pair(one.id, relation, other.id)
