"""Gold records as training examples: words, tags, entities with their spans, relations and results."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.extract.lexicon import Lexicon
from kg.extract.neural.features import Span, WordPieces, lexicon_tags, sentence_numbers, word_span
from kg.extract.neural.labels import KINDS, PREDICATES, ROLES, SLOTS, TYPES
from kg.extract.values import Value, find_values
from kg.extract.words import Words, shapes, split_words

MAX_PIECES = 510


@dataclass(frozen=True, slots=True)
class GoldEntity:
    """One gold entity: its word spans, sorted; indices into the label tuples."""

    name: str
    spans: tuple[Span, ...]
    type: int
    kind: int
    role: int


@dataclass(frozen=True, slots=True)
class GoldResult:
    """One value candidate: its words, whether it is a result, and the entity index (or -1) of each slot."""

    span: Span
    is_result: bool
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One paper ready for training."""

    id: str
    text: str
    words: Words
    shapes: tuple[int, ...]
    lexicon: tuple[int, ...]
    tags: tuple[int, ...]
    sentences: tuple[int, ...]
    entities: tuple[GoldEntity, ...]
    relations: tuple[tuple[int, int, int], ...]
    results: tuple[GoldResult, ...]


def read_records(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """All records of JSON Lines files, in order."""
    records: list[dict[str, Any]] = []
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            records.extend(json.loads(line) for line in lines if line.strip())
    return records


def held_out(identifier: str, share: float) -> bool:
    """Whether a paper is kept out of training; decided by its id alone."""
    digest = hashlib.sha256(identifier.encode("utf-8")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def form_key(form: str) -> str:
    """A form without case, punctuation, blanks and a plural s."""
    key = re.sub(r"[\W_]+", "", form.casefold().replace("+", "plus"))
    return key[:-1] if len(key) > 3 and key.endswith("s") and not key.endswith("ss") else key


def number_key(value: str) -> str:
    """The digits and signs of a value, by which gold and candidates are compared."""
    kept = re.sub(r"[^0-9.x%+-]", "", value.replace("times", "x").replace("×", "x")).strip("+.")
    return kept or value.casefold()


def occurrences(text: str, form: str) -> Iterator[tuple[int, int]]:
    """Every place where `form` stands between word boundaries."""
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        if not (start and text[start - 1].isalnum() and form[0].isalnum()) and not (
            end < len(text) and text[end].isalnum() and form[-1].isalnum()
        ):
            yield start, end
        start = text.find(form, start + 1)


def mark_mentions(text: str, entities: Sequence[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """`(start, end, entity)` of every mention, longest forms first, none overlapping, sorted."""
    forms = [(form, index) for index, entity in enumerate(entities) for form in entity["forms"] if form]
    forms.sort(key=lambda item: (-len(item[0]), item[1]))
    free = bytearray(b"\x01") * len(text)
    found = []
    for form, index in forms:
        for start, end in occurrences(text, form):
            if all(free[start:end]):
                free[start:end] = bytes(end - start)
                found.append((start, end, index))
    return sorted(found)


def example(record: dict[str, Any], lexicon: Lexicon) -> Example:
    """One gold record as an example."""
    text = record["text"]
    words = split_words(text)
    hits = lexicon.match_words(text, words)
    spans: list[list[Span]] = [[] for _ in record["entities"]]
    tags = [0] * len(words)
    for start, end, index in mark_mentions(text, record["entities"]):
        first, stop = word_span(words, start, end)
        spans[index].append((first, stop))
        base = 1 + 2 * TYPES.index(record["entities"][index]["type"])
        tags[first:stop] = [base, *[base + 1] * (stop - first - 1)]
    kept = [index for index, found in enumerate(spans) if found]
    entities = tuple(
        GoldEntity(e["name"], tuple(spans[i]), TYPES.index(e["type"]), KINDS.index(e["kind"]), ROLES.index(e["role"]))
        for i, e in ((i, record["entities"][i]) for i in kept)
    )
    number = {entity.name: index for index, entity in enumerate(entities)}
    relations = tuple(
        (number[h], PREDICATES.index(p), number[t])
        for h, p, t in (r[:3] for r in record["relations"])
        if h in number and t in number and h != t and p in PREDICATES
    )
    results = tuple(_results(record, words, find_values(text), number))
    return Example(
        record["id"], text, words, tuple(shapes(words)), tuple(lexicon_tags(words, hits)), tuple(tags),
        tuple(sentence_numbers(words, text)), entities, relations, results,
    )  # fmt: skip


def _results(
    record: dict[str, Any], words: Words, values: Sequence[Value], number: dict[str, int]
) -> Iterator[GoldResult]:
    taken: dict[int, dict[str, Any]] = {}
    for result in record["results"]:
        key, evidence = number_key(result["value"]), result.get("evidence") or ""
        place = record["text"].find(evidence)
        fit = [i for i, v in enumerate(values) if i not in taken and number_key(v.verbatim) == key]
        inside = [i for i in fit if place <= values[i].start <= place + len(evidence)]
        if fit:
            taken[(inside or fit)[0]] = result
    for index, value in enumerate(values):
        found = taken.get(index)
        names = [found.get(slot) if found else None for slot in SLOTS]
        slots = tuple(number.get(name, -1) if name else -1 for name in names)
        yield GoldResult(word_span(words, value.start, value.end), found is not None, slots)


def invent_names(item: Example, chance: random.Random, share: float) -> list[str]:
    """The words of an example with some proper names replaced by invented ones of the same case pattern."""
    texts = list(item.words.texts)
    replaced: dict[str, str] = {}
    for entity in item.entities:
        if entity.kind or chance.random() >= share:
            continue
        forms = {item.words.texts[s:e] for s, e in entity.spans}
        if len({len(f) for f in forms}) == 1:
            for form in forms:
                for word in form:
                    if len(word) > 2 and word.isalpha() and word[1:].lower() != word[1:]:
                        replaced.setdefault(word, _invented(word, chance))
    return [replaced.get(word, word) for word in texts]


def _invented(word: str, chance: random.Random) -> str:
    letters = []
    for index, letter in enumerate(word):
        drawn = chance.choice("aeiou" if letter.lower() in "aeiou" or index % 3 == 1 else "bcdfglmnprstvxkz")
        letters.append(drawn.upper() if letter.isupper() else drawn)
    return "".join(letters)


def piece_up(texts: Sequence[str], pieces: WordPieces) -> tuple[list[int], list[int]]:
    """Piece ids with the index of the word that each belongs to, cut at `MAX_PIECES`, whole words only."""
    ids: list[int] = []
    owner: list[int] = []
    for index, word in enumerate(texts):
        cut = pieces.cut(word)
        if len(ids) + len(cut) > MAX_PIECES:
            break
        ids.extend(cut)
        owner.extend([index] * len(cut))
    return ids, owner
