"""The first pass over all papers: what is counted before anything is decided.

Counts are kept by *cell*: all readings whose main form has one match key, of one type as extracted. A paper that
introduces something by a name has a cell of its own for it: two papers may coin the same name for different things.
All counters are integers (scores in ten-thousandths), and `Census.corpus` numbers forms, keys and cells by their
content: the order of papers leaves no trace.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.model import DocEntity, Extraction
from kg.resolve.keys import match_key
from kg.resolve.readings import Reading, Separator, by_numbers, readings
from kg.vocab import ENTITY_TYPES

TYPE_CODE = {name: code for code, name in enumerate(ENTITY_TYPES)}
SCALE = 10_000
_LOW = (1 << 32) - 1

Keyer = Callable[[str], str]
Ints = NDArray[np.int64]


class Numbering:
    """Strings and their numbers, in order of first occurrence."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.ids: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        number = self.ids.get(text)
        if number is None:
            number = self.ids[text] = len(self.texts)
            self.texts.append(text)
        return number

    def ranks(self) -> tuple[list[str], Ints]:
        """The strings in code-point order, and for each old number the new one."""
        order = sorted(range(len(self.texts)), key=self.texts.__getitem__)
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.arange(len(order))
        return [self.texts[i] for i in order], ranks


def cell_code(key: int, type: str, coiner: int) -> int:
    """Key number, type and the paper that coins the name (counted from 1, else 0) in one number that sorts so."""
    return (key * len(ENTITY_TYPES) + TYPE_CODE[type]) << 32 | coiner


@dataclass(frozen=True, slots=True)
class Reader:
    """How entities are read: the same way in every pass."""

    keyer: Keyer = match_key
    separate: Separator = by_numbers
    min_score: float = 0.0

    def __call__(self, entity: DocEntity) -> tuple[Reading, ...]:
        """The readings of an entity, none if it is too unsure."""
        return readings(entity, self.separate) if entity.score >= self.min_score else ()


class Census:
    """Counts papers one by one; `corpus` then gives what was counted."""

    def __init__(self, reader: Reader | None = None) -> None:
        self._reader = reader or Reader()
        self._papers: list[str] = []
        self._cells_of_papers, self._ends_of_papers = array("i"), array("q")
        self._forms, self._keys = Numbering(), Numbering()
        self._form_key = array("q")
        self._cells: dict[int, int] = {}
        self._counters = [array("q") for _ in Counts.__slots__]
        self._usage: dict[int, int] = {}  # cell and form -> papers
        self._expansions: dict[int, int] = {}  # key of an abbreviation and cell that it stands for -> papers

    def add(self, extraction: Extraction) -> None:
        """Count one paper."""
        self._papers.append(extraction.paper)
        for entity in extraction.entities:
            for reading in self._reader(entity):
                self._cells_of_papers.append(self._count(entity, reading))
        self._ends_of_papers.append(len(self._cells_of_papers))

    def corpus(self) -> Corpus:
        """What was counted, numbered by content."""
        forms, form_rank = self._forms.ranks()
        keys, key_rank = self._keys.ranks()
        form_key = np.empty(len(forms), np.int64)
        form_key[form_rank] = key_rank[np.frombuffer(self._form_key, np.int64)] if forms else []
        codes, order, cell_rank = self._cell_ranks(key_rank)
        counts = Counts(*(np.array(counter, np.int64)[order] for counter in self._counters))
        usage, used = _renumbered(self._usage, cell_rank, form_rank)
        explained, times = _renumbered(self._expansions, key_rank, cell_rank)
        expansions: dict[int, list[tuple[int, int]]] = {}
        for code, count in zip(explained.tolist(), times.tolist(), strict=True):
            expansions.setdefault(code >> 32, []).append((code & _LOW, count))
        return Corpus(
            papers=sorted(self._papers),
            forms=forms,
            keys=keys,
            form_key=form_key,
            codes=codes,
            contexts=(cell_rank[self._cells_of_papers], np.array(self._ends_of_papers, np.int64)),
            counts=counts,
            usage=_Usage((usage & _LOW), used, np.searchsorted(usage >> 32, np.arange(len(order) + 1))),
            expansions=expansions,
            reader=self._reader,
        )

    def _cell_ranks(self, key_rank: Ints) -> tuple[Ints, Ints, Ints]:
        """The cells' codes with the new numbers of keys and papers, sorted; the old numbers in this order; the new."""
        old = np.fromiter(self._cells.keys(), np.int64, len(self._cells))
        types = len(ENTITY_TYPES)
        papers = np.empty(len(self._papers) + 1, np.int64)
        papers[[0] + [1 + place for place in sorted(range(len(self._papers)), key=self._papers.__getitem__)]] = (
            np.arange(len(self._papers) + 1)
        )
        key, type, coiner = (old >> 32) // types, (old >> 32) % types, old & _LOW
        codes = ((key_rank[key] if len(key_rank) else key) * types + type) << 32 | papers[coiner]
        order = np.argsort(codes)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        return codes[order], order, rank

    def _form(self, form: str) -> int:
        number = self._forms(form)
        if number == len(self._form_key):
            self._form_key.append(self._keys(self._reader.keyer(form)))
        return number

    def _count(self, entity: DocEntity, reading: Reading) -> int:
        """Count a reading; the number of its cell."""
        key = self._form_key[self._form(reading.main)]
        code = cell_code(key, reading.type, len(self._papers) if reading.coined else 0)
        cell = self._cells.get(code)
        if cell is None:
            cell = self._cells[code] = len(self._cells)
            for counter in self._counters:
                counter.append(0)
        score = round(entity.score * SCALE)
        sign = 1 if reading.kind == "named" else -1
        for counter, more in zip(self._counters, (1, score, sign * score, entity.role == "introduced"), strict=True):
            counter[cell] += more
        for form in reading.forms:
            pair = cell << 32 | self._form(form)
            self._usage[pair] = self._usage.get(pair, 0) + 1
        for short in {self._form_key[self._form(form)] for form in reading.short} - {key}:
            pair = short << 32 | cell
            self._expansions[pair] = self._expansions.get(pair, 0) + 1
        return cell


def _renumbered(pairs: dict[int, int], high: Ints, low: Ints) -> tuple[Ints, Ints]:
    """Pairs of numbers (32 bits each) with new numbers, sorted, and their counts."""
    codes = np.fromiter(pairs.keys(), np.int64, len(pairs))
    counts = np.fromiter(pairs.values(), np.int64, len(pairs))
    if not len(codes):
        return codes, counts
    codes = high[codes >> 32] << 32 | low[codes & _LOW]
    order = np.argsort(codes)
    return codes[order], counts[order]


@dataclass(frozen=True, slots=True)
class Counts:
    """For each cell: papers, sum of scores, the same with class readings counted negative, papers that introduce it."""

    docs: Ints
    weight: Ints
    named: Ints
    introduced: Ints


@dataclass(frozen=True, slots=True)
class _Usage:
    forms: Ints
    counts: Ints
    bounds: Ints


class Corpus:
    """All papers counted. Keys, forms and cells are numbered in the order of their content; lists are indexed so."""

    def __init__(
        self,
        *,
        papers: list[str],
        forms: list[str],
        keys: list[str],
        form_key: Ints,
        codes: Ints,
        contexts: tuple[Ints, Ints],
        counts: Counts,
        usage: _Usage,
        expansions: dict[int, list[tuple[int, int]]],
        reader: Reader,
    ) -> None:
        self.papers, self.forms, self.keys, self.expansions, self.reader = papers, forms, keys, expansions, reader
        self.form_key: list[int] = form_key.tolist()
        types = len(ENTITY_TYPES)
        self.cell_key: list[int] = ((codes >> 32) // types).tolist()
        self.cell_type: list[str] = [ENTITY_TYPES[c] for c in ((codes >> 32) % types).tolist()]
        self.cell_coiner: list[int] = (codes & _LOW).tolist()
        self.contexts = contexts
        self.docs: list[int] = counts.docs.tolist()
        self.weight: list[int] = counts.weight.tolist()
        self.named: list[int] = counts.named.tolist()
        self.introduced: list[int] = counts.introduced.tolist()
        self.paper_number = {paper: number for number, paper in enumerate(papers)}
        self.form_number = {form: number for number, form in enumerate(forms)}
        self.key_number = {key: number for number, key in enumerate(keys)}
        self._cells: dict[int, int] = {code: cell for cell, code in enumerate(codes.tolist())}
        self._usage = usage
        self._explained = {key << 32 | cell for key, found in expansions.items() for cell, _ in found}

    def __len__(self) -> int:
        """How many cells there are."""
        return len(self.cell_key)

    def cell(self, reading: Reading, paper: int) -> int:
        """The cell of a reading that was counted in that paper."""
        key = self.form_key[self.form_number[reading.main]]
        return self._cells[cell_code(key, reading.type, paper + 1 if reading.coined else 0)]

    def cells_by_key(self) -> Iterator[tuple[int, list[int]]]:
        """(key number, its cells), in the order of keys."""
        first = 0
        for cell in range(1, len(self) + 1):
            if cell == len(self) or self.cell_key[cell] != self.cell_key[first]:
                yield self.cell_key[first], list(range(first, cell))
                first = cell

    def explains(self, key: int, cell: int) -> bool:
        """Whether some paper explains the abbreviation `key` as the main form of `cell`."""
        return key << 32 | cell in self._explained

    def usage(self, cell: int) -> list[tuple[int, int]]:
        """(form number, papers) for each form of a cell, abbreviations and cut forms too."""
        first, last = int(self._usage.bounds[cell]), int(self._usage.bounds[cell + 1])
        return list(zip(self._usage.forms[first:last].tolist(), self._usage.counts[first:last].tolist(), strict=True))

    def own_forms(self, cell: int) -> list[tuple[str, int]]:
        """(form, papers) for those forms that have the cell's own key, the most used first."""
        key = self.cell_key[cell]
        found = [(self.forms[form], count) for form, count in self.usage(cell) if self.form_key[form] == key]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))
