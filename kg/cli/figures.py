"""The figures of a measured run as tables for eyes. Pure: nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

import click

from kg.cli.common import harmless, table
from kg.evaluate.bootstrap import Difference
from kg.evaluate.calibration import BINS, Calibration
from kg.evaluate.mistakes import Often
from kg.evaluate.report import Report
from kg.evaluate.scores import ROLE_ACCURACY
from kg.vocab import ENTITY_TYPES, KINDS, RELATION_BY_LABEL, ROLES

OVERALL = (
    "entities", "introduced", ROLE_ACCURACY, "relations", "relation pairs", "results", "result values", "links",
)  # fmt: skip
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("overall", "", OVERALL),
    ("entities by type", "entities/", ENTITY_TYPES),
    ("entities by kind", "entities/", KINDS),
    ("roles of the entities found", "roles/", tuple(ROLES)),
    ("relations", "relations/", tuple(RELATION_BY_LABEL)),
)
"""Title, what the names of the rows begin with, the rest of their names."""
GIVEN = ("relations", "relation pairs", "results", "result values")  # overall rows when the entities are given
SHOWN = 12  # sorts of errors in the short list
EXAMPLE = 44  # characters of an example


def sections(measured: Report) -> Iterator[str]:
    """Every row with precision, recall, F1 and its interval, under the title of its section; all in one grid.

    Where the entities were given, only what was still to be found.
    """
    figures = measured.figures()
    rows: list[list[object]] = []
    titles: list[str] = []
    for title, prefix, names in SECTIONS:
        if measured.given:
            names = GIVEN if names is OVERALL else names if title == "relations" else ()
        here = [[name, *_cells(figures[prefix + name])] for name in names if prefix + name in figures]
        rows += here
        titles += [title] * len(here)
    head, *lines = table(rows, ["", "P", "R", "F1", "95 %", "right", "invented", "missed"], indent="  ").split("\n")
    for title, group in groupby(zip(titles, lines, strict=True), key=lambda pair: pair[0]):
        body = [line for _, line in group]
        yield "\n".join([heading(title), *([head] if title == SECTIONS[0][0] else []), *body])


def _cells(row: Mapping[str, float | int]) -> list[object]:
    spread = f"{row['low']:.3f}–{row['high']:.3f}"
    if "accuracy" in row:
        right, accuracy = round(row["accuracy"] * row["of"]), f"{row['accuracy']:.4f}"
        wrong = int(row["of"]) - right  # counts twice: one role too many, another too few
        return [accuracy, accuracy, accuracy, spread, right, wrong, wrong]
    return [*(f"{row[c]:.4f}" for c in ("precision", "recall", "f1")), spread, row["tp"], row["fp"], row["fn"]]


def heading(title: str) -> str:
    """The title of a section, in colour where there are colours."""
    return click.style(title.upper(), fg="cyan", bold=True)


def errors(mistakes: Sequence[Often]) -> str:
    """The sorts of errors, commonest first: how many, which most often, and an example of that with its paper."""
    rows = []
    for _, group in islice(groupby(mistakes, key=lambda often: often.sort), SHOWN):
        of_sort = list(group)
        first = of_sort[0]
        often = f"{first.what} ({first.count})" if first.what else ""
        rows.append([sum(m.count for m in of_sort), first.sort, often, first.paper, _short(first.example)])
    return _titled("errors most often made", rows, ["", "error", "most often", "for instance", ""])


def error_lists(mistakes: Sequence[Often], longest: int) -> Iterator[str]:
    """For each sort of error its `longest` commonest kinds."""
    for sort, group in groupby(mistakes, key=lambda often: often.sort):
        rows = [[m.count, m.what, m.paper, _short(m.example)] for m in islice(group, longest)]
        yield _titled(sort, rows)


def names(title: str, counts: Mapping[str, int], longest: int) -> str:
    """The names counted most often."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return _titled(title, [[count, name] for name, count in ranked[:longest]])


def _short(text: str) -> str:
    return text if len(text) <= EXAMPLE else text[: EXAMPLE - 1] + "…"


def _titled(title: str, rows: Sequence[Sequence[object]], headers: Sequence[str] = ()) -> str:
    return f"{heading(title)}\n{table(rows, headers, indent='  ')}" if rows else ""


def calibration(found: Mapping[str, Calibration]) -> str:
    """Expected calibration errors, then, bin by bin, how many answers there are and which share of them is right."""
    rows = [
        [what, c.count, f"{c.confidence:.3f}", f"{c.right:.3f}", f"{c.error:.3f}", f"{c.low:.3f}–{c.high:.3f}",
         f"{c.equal_mass:.3f}", f"{c.by_chance:.3f}"]
        for what, c in found.items()
    ]  # fmt: skip
    head = ["", "answers", "confidence", "right", "ECE", "95 %", "equal mass", "by chance"]
    summary = _titled("calibration (expected calibration error, 10 bins of equal width)", rows, head)
    return f"{summary}\n\n{table(list(_reliability(found)), ['confidence', *found], indent='  ')}" if rows else ""


def _reliability(found: Mapping[str, Calibration]) -> Iterator[list[object]]:
    for index in range(BINS):
        cells = []
        for c in found.values():
            here = next((b for b in c.bins if b.low * BINS == index), None)
            cells.append(f"{here.right:.2f} right of {here.count}" if here else "")
        if any(cells):
            yield [f"{index / BINS:.1f}–{(index + 1) / BINS:.1f}", *cells]


def compared(rows: Iterable[Difference], other: str) -> str:
    """The overall rows, and all others whose interval leaves out zero."""
    shown = [d for d in rows if d.row in OVERALL or d.verdict]
    shown.sort(key=lambda d: OVERALL.index(d.row) if d.row in OVERALL else len(OVERALL))
    cells = [
        [d.row, f"{d.this:.4f}", f"{d.other:.4f}", f"{d.difference:+.4f}", f"{d.low:+.3f} to {d.high:+.3f}",
         f"{d.p:.3f}", d.verdict]
        for d in shown
    ]  # fmt: skip
    body = table(cells, ["", "this", "other", "difference", "95 %", "p", ""], indent="  ")
    return f"{heading('compared with')} {harmless(other)}\n{body}"
