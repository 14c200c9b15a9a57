"""Many rows in little memory: columns of 32-bit numbers, made into records one by one when they are asked for."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Row = TypeVar("Row")
NONE = -1
"""Stands for None in a column whose numbers are not negative."""


class Columns:
    """Rows of `width` numbers each, appended one by one."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._numbers = array("i")

    def append(self, *row: int) -> None:
        """Add one row."""
        self._numbers.extend(row)

    def table(self) -> NDArray[np.int32]:
        """All rows, in order of adding; shape (rows, width)."""
        return np.frombuffer(self._numbers, np.int32).reshape(-1, self._width)


def sorted_rows(table: NDArray[np.int32], columns: Sequence[int]) -> NDArray[np.int32]:
    """The rows of a table sorted by these columns, the first counting most."""
    return table[np.lexsort([table[:, column] for column in reversed(columns)])]


def distinct(table: NDArray[np.int32], columns: Sequence[int]) -> NDArray[np.bool_]:
    """For each row of a sorted table whether it is the first with its values in these columns."""
    first = np.ones(len(table), np.bool_)
    if len(table) > 1:
        first[1:] = (table[1:, columns] != table[:-1, columns]).any(axis=1)
    return first


class Rows(Sequence[Row], Generic[Row]):
    """A sequence of records that are made from numbers each time they are read; can be read again and again."""

    def __init__(self, length: int, make: Callable[[int], Row]) -> None:
        self._length, self._make = length, make

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Row]:
        return map(self._make, range(self._length))

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(index, slice):
            return tuple(self._make(i) for i in range(*index.indices(self._length)))
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._make(index % self._length)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self._length} rows>"
