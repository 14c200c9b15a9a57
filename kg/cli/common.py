"""What every command shares: printing that no locale, closed pipe or full disk can break, progress bars, tables."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, Protocol, TextIO

import click

from kg.text import REPLACEMENT, xml_safe

_SURROGATE = re.compile("[\udc80-\udcff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Advance(Protocol):
    """Called as work is done: `advance()` or `advance(25)`."""

    def __call__(self, n: int = 1) -> None: ...


def tolerant_streams() -> None:
    """Let stdout and stderr print a replacement for what their encoding lacks, and `\\n` line ends everywhere."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def harmless(text: str) -> str:
    """`text` without what would steer a terminal: controls and bidirectional overrides become U+FFFD."""
    return _CONTROL.sub(REPLACEMENT, xml_safe(text))


def out(text: str = "", *, nl: bool = True) -> None:
    """Write a result to stdout, as it is (click strips colours where stdout is no terminal)."""
    click.echo(text, nl=nl)


def err(text: str = "") -> None:
    """Write a diagnostic to stderr."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """Write a warning to stderr."""
    err(click.style("Warning: ", fg="yellow") + harmless(text))


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in click.unstyle(text)
    )


def table(rows: Sequence[Sequence[object]], headers: Sequence[str] = (), *, indent: str = "") -> str:
    """Rows as aligned columns; numbers to the right. Meant for eyes: for programs there are `--json` and csv.

    >>> print(table([("LoRA", 12), ("QLoRA", 3)], ("name", "papers")))
    name   papers
    LoRA       12
    QLoRA       3
    """
    body = [[f"{cell:,}" if isinstance(cell, int) else harmless(str(cell)) for cell in row] for row in rows]
    right = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(rows[0]))] if rows else []
    lines = [list(headers), *body] if headers else body
    if not lines:
        return ""
    widths = [max(width(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = right or [False] * len(widths)
    text = []
    for line in lines:
        cells = [
            " " * (size - width(cell)) + cell if to_right else cell + " " * (size - width(cell))
            for cell, size, to_right in zip(line, widths, right, strict=True)
        ]
        text.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(text)


class Text(click.ParamType[str]):
    """An argument that is text, not a path: UTF-8 whatever the locale says (a C locale hands it over in pieces)."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """`value` with the bytes that the locale could not decode read as UTF-8; what is not UTF-8 becomes U+FFFD."""
        if not _SURROGATE.search(value):
            return value
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class _Bar:
    """A progress bar on stderr where that is a terminal; nothing elsewhere."""

    def __init__(self, label: str, total: int | None, stream: TextIO) -> None:
        self._bar = click.progressbar(
            length=total or 0,
            label=f"{label:<12}",
            file=stream,
            show_pos=True,
            show_eta=total is not None,
            width=30,
            hidden=not stream.isatty(),
        )

    def __enter__(self) -> Advance:
        self._bar.__enter__()
        return self._advance

    def _advance(self, n: int = 1) -> None:
        self._bar.update(n)

    def __exit__(self, *exc: object) -> None:
        self._bar.__exit__(None, None, None)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Advance]:
    """A progress bar for `total` steps (None: not known) while the block runs."""
    with _Bar(label, total, sys.stderr) as advance:
        yield advance


def quiet_exit(code: int) -> NoReturn:
    """End at once without flushing into a closed pipe (what "Exception ignored" would come from)."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(devnull, sys.stdout.fileno())
    except (OSError, ValueError):
        pass
    finally:
        os.close(devnull)
    sys.exit(code)
