"""Text for a terminal: styles, marks, wrapping by the columns that characters take. Pure: nothing is printed here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from kg.cli.common import harmless, width
from kg.query.cards import Quote
from kg.query.excerpt import excerpt

_BLANK = re.compile(r"(\s+)")


@dataclass(frozen=True, slots=True)
class Style:
    """How to write: with colours or without; wrapped to `width` columns, or each sentence on one line (None)."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, **how: object) -> str:
        """`text`, harmless for a terminal, in a colour if there are colours."""
        text = harmless(text)
        return click.style(text, **how) if self.colour and text else text  # type: ignore[arg-type]

    def strong(self, text: str) -> str:
        return self.paint(text, bold=True)

    def faint(self, text: str) -> str:
        return self.paint(text, dim=True)

    def title(self, text: str) -> str:
        """The heading of a section."""
        return self.paint(text.upper(), fg="cyan", bold=True)


def sentence(quote: Quote, style: Style) -> str:
    """The sentence of a quote, the things in it marked: in colour, or between [ and ]."""
    quote = excerpt(quote)
    pieces, position = [], 0
    for mark in quote.marks:
        if mark.start < position:  # within the last mark
            continue
        pieces.append(style.paint(_flat(quote.text[position : mark.start])))
        inside = _flat(quote.text[mark.start : mark.end])
        pieces.append(style.paint(inside, fg="yellow", bold=True) if style.colour else f"[{harmless(inside)}]")
        position = mark.end
    pieces.append(style.paint(_flat(quote.text[position:])))
    return f"“{''.join(pieces)}”"


def _flat(text: str) -> str:
    """Each blank, tab or line end as one blank."""
    return re.sub(r"\s", " ", text)


def wrap(text: str, style: Style, *, first: str = "", rest: str = "") -> str:
    """`text` behind `first`, its further lines behind `rest`. A colour that spans a line end is not carried over."""
    if style.width is None:
        return first + text
    lines: list[str] = []
    line, used = first, width(first)
    for word in _words(text):
        size = width(word)
        if used + size > style.width and used > width(rest if lines else first):
            lines.append(line.rstrip())
            line, used = rest, width(rest)
            word, size = (word.lstrip(), width(word.lstrip())) if not click.unstyle(word).strip() else (word, size)
        line, used = line + word, used + size
    lines.append(line.rstrip())
    return "\n".join(lines)


def _words(text: str) -> Iterable[str]:
    return (part for part in _BLANK.split(text) if part)


def columns(rows: Sequence[Sequence[str]], headers: Sequence[str], style: Style, *, indent: str) -> list[str]:
    """Rows as aligned columns without those that are empty; too wide a table loses the ends of its widest column."""
    kept = [i for i in range(len(headers)) if any(row[i] for row in rows)]
    cells = [[harmless(row[i]) for i in kept] for row in rows]
    heads = [headers[i] for i in kept]
    sizes = [max(width(heads[j]), *(width(row[j]) for row in cells)) for j in range(len(kept))]
    if style.width is not None:
        while sum(sizes) + 2 * len(sizes) + len(indent) > style.width and max(sizes) > 5:
            sizes[sizes.index(max(sizes))] -= 1
    lines = [indent + "  ".join(style.faint(pad(head, size)) for head, size in zip(heads, sizes, strict=True)).rstrip()]
    body = ("  ".join(pad(cell, size) for cell, size in zip(row, sizes, strict=True)) for row in cells)
    return [*lines, *((indent + line).rstrip() for line in body)]


def pad(text: str, size: int) -> str:
    """`text` in exactly `size` columns."""
    if width(text) > size:
        while text and width(text) > size - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (size - width(text))
