"""What else the papers of a name talk about: the only thing that tells homonyms without expansions apart.

Two names have *plainly different* contexts if both have some and they share none of it. Only what few papers mention
counts: that two papers speak of accuracy says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kg.resolve.census import Corpus

COMMON = 0.01  # share of all papers that may mention a thing which still counts as context; two papers always may
ENOUGH = 3  # things without which a context is too small to be called different
CROWD, CROWDED_SHARE = (
    20,
    0.25,
)  # with so many papers, chance shares something: then this share of the smaller one must be


class Contexts:
    """The rare things that are mentioned beside each cell, by number of their key."""

    def __init__(self, corpus: Corpus) -> None:
        cells, ends = corpus.contexts
        self._corpus, self._cells = corpus, cells
        self._ends = np.concatenate([np.zeros(1, np.int64), ends])
        paper = np.repeat(np.arange(len(ends)), np.diff(self._ends))
        order = np.lexsort((paper, cells))
        self._papers = paper[order]
        self._bounds = np.searchsorted(cells[order], np.arange(len(corpus) + 1))
        self._keys = np.array(corpus.cell_key, np.int64)
        frequency = np.bincount(self._keys, np.array(corpus.docs, np.float64), minlength=len(corpus.keys))
        self._rare = frequency <= max(2.0, COMMON * len(ends))

    def papers(self, cells: Iterable[int]) -> int:
        """How many papers mention the cells."""
        return sum(self._corpus.docs[cell] for cell in cells)

    def around(self, cells: Iterable[int]) -> set[int]:
        """The keys of rare things in the papers of these cells, without the cells' own."""
        own = {self._corpus.cell_key[cell] for cell in cells}
        found: set[int] = set()
        for cell in cells:
            for paper in self._papers[self._bounds[cell] : self._bounds[cell + 1]].tolist():
                keys = self._keys[self._cells[self._ends[paper] : self._ends[paper + 1]]]
                found.update(keys[self._rare[keys]].tolist())
        return found - own

    def share(self, first: list[int], second: list[int]) -> bool:
        """Whether the papers of both talk of the same rare things."""
        some, others = self.around(first), self.around(second)
        crowd = max(self.papers(first), self.papers(second)) > CROWD
        return len(some & others) >= max(1.0, CROWDED_SHARE * min(len(some), len(others)) if crowd else 1.0)

    def different(self, first: list[int], second: list[int]) -> bool:
        """Whether the contexts are plainly different."""
        small = min(len(self.around(first)), len(self.around(second))) < ENOUGH
        return not small and not self.share(first, second)

    def partition(self, plain: list[int], coined: list[int]) -> list[list[int]]:
        """The cells of one name: coinages apart by context, and what nobody coins with that which it shares most with.

        One coinage is what everybody means; of several, none is meant whose context is not shared.
        """
        parts: list[list[int]] = []
        for cell in coined:
            home = next((part for part in parts if not self.different(part, [cell])), None)
            if home is None:
                parts.append([cell])
            else:
                home.append(cell)
        if len(parts) < 2:
            return [plain + coined]
        around = self.around(plain)
        shared = [len(around & self.around(part)) for part in parts]
        best = max(range(len(parts)), key=lambda i: (shared[i], -i))
        if plain and shared[best]:
            return [plain + parts[best]] + parts[:best] + parts[best + 1 :]
        return [plain] * bool(plain) + parts
