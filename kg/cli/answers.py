"""What `kg sparql` and `kg cypher` share: where a query comes from, and how rows are printed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

from kg.cli.common import err, harmless, out, width
from kg.errors import QueryError, UsageError

Option = Callable[[Callable[..., Any]], Callable[..., Any]]
_SURROGATE = re.compile("[\ud800-\udfff]")
SAMPLE = 500  # rows from which the widths of a table's columns are taken
WIDEST = 80  # columns of a terminal that a cell of a table may take

timeout_option: Option = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True, max=86_400),
    default=30.0,
    show_default=True,
    help="Stop the query after this time.",
)


def read_query(query: str) -> str:
    """The text of a query: itself, the content of a file for `@file`, stdin for `-`.

    Raises UsageError for a file that is not there, QueryError for one that is no text in UTF-8.
    """
    if query == "-":
        return _decoded(sys.stdin.buffer.read(), "stdin")
    if not query.startswith("@"):
        # Where the locale cannot read an argument, its bytes are still there.
        return _decoded(os.fsencode(query), "the argument") if _SURROGATE.search(query) else query
    path = Path(query[1:])
    try:
        return _decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path}: the query cannot be read ({error.strerror})") from error


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(f"{name}: the query is not UTF-8 (byte {error.start})") from error


def notice(text: str) -> None:
    """Tell on a terminal why the first answer takes longer."""
    if sys.stderr.isatty():
        err(text)


def write(block: bytes) -> None:
    """Write a part of a file format to stdout: UTF-8 whatever the locale, but for a terminal, which gets its own."""
    if sys.stdout.isatty():
        out(block.decode("utf-8", "replace"), nl=False)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(block)


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """CSV in UTF-8 with a header, line by line."""
    yield _csv_line(header)
    for cells in rows:
        yield _csv_line([as_cell(cell) for cell in cells])


def _csv_line(cells: Sequence[str]) -> bytes:
    fields = [f'"{c.replace(chr(34), chr(34) * 2)}"' if any(s in c for s in ',"\r\n') else c for c in cells]
    if fields == [""]:  # a line without anything would be no row
        fields = ['""']
    return (",".join(fields) + "\n").encode("utf-8", "replace")


def json_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A JSON array of objects, one a line, as they come."""
    before = "["
    for row in rows:
        text = json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False)
        yield f"{before}\n{text}".encode("utf-8", "replace")
        before = ","
    yield b"[]\n" if before == "[" else b"\n]\n"


def as_cell(value: object) -> str:
    """A value in one cell: texts as they are, null as nothing, lists and maps as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Print rows as they come, aligned by what the first of them need; returns how many they were.

    For eyes: long cells are cut where stdout is a terminal, and control characters replaced.
    """
    shown = _shown(rows)
    sample = list(islice(shown, SAMPLE))
    columns = zip(_harmless(header), *(cells for cells, _ in sample), strict=True)
    widths = [max(map(width, column)) for column in columns]
    right = [bool(sample) and all(numbers[at] for _, numbers in sample) for at in range(len(header))]
    _print_line(_harmless(header), widths, right)
    _print_line(["-" * size for size in widths], widths, right)
    count = 0
    for cells, _ in (pair for part in (sample, shown) for pair in part):
        _print_line(cells, widths, right)
        count += 1
    return count


def _shown(rows: Iterable[Sequence[object]]) -> Iterator[tuple[list[str], list[bool]]]:
    """The cells of each row as texts, and which of them are numbers."""
    for row in rows:
        cells = _harmless([as_cell(cell) for cell in row])
        yield cells, [isinstance(cell, int | float) and not isinstance(cell, bool) for cell in row]


def _harmless(cells: Iterable[str]) -> list[str]:
    cut = sys.stdout.isatty()
    safe = [harmless(" ".join(cell.split()) if "\n" in cell else cell) for cell in cells]
    return [cell if not cut or len(cell) <= WIDEST else cell[: WIDEST - 1] + "…" for cell in safe]


def _print_line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> None:
    padded = [
        " " * max(size - width(cell), 0) + cell if to_right else cell + " " * max(size - width(cell), 0)
        for cell, size, to_right in zip(cells, widths, right, strict=True)
    ]
    out("  ".join(padded).rstrip())
