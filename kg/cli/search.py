"""`kg search`: entities and papers by name, alias or typo."""

from __future__ import annotations

import dataclasses
import json
import sys

import click

from kg.cli.common import Text, err, harmless, out, table

_HOW = {
    "id": "id",
    "name": "",
    "alias": "also called {form}",
    "spelling": "spelt {form}",
    "start": "",
    "word": "",
    "part": "",
    "words": "",
    "typo": "alike",
}


@click.command(epilog="Example: kg search my.kg 'retrieval augmented' --type Method --limit 5")
@click.argument("graph", metavar="DIR")
@click.argument("text", type=Text())
@click.option("--type", "types", metavar="T", multiple=True, help="Only this type (Model, Paper …); repeatable.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), default=20, show_default=True, help="At most N hits.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def command(graph: str, text: str, types: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find entities and papers by name, alias, part of a name, or typo.

    TEXT is text: `A*`, `C++` and `"` stand for themselves. Ends with 1 if nothing is found.
    """
    from kg.query.search import search

    hits = search(graph, text, limit=limit, types=types)
    if as_json:
        out(json.dumps([dataclasses.asdict(hit) for hit in hits], ensure_ascii=not unicode_out(), indent=1))
    elif hits:
        rows = [(hit.name, hit.type, hit.papers or "", hit.id, _how(hit.match, hit.form, hit.name)) for hit in hits]
        out(table([[_cut(str(cell), size) for cell, size in zip(row, _WIDTHS, strict=True)] for row in rows], _HEADERS))
    if not hits:
        err(f"Nothing found for {harmless(_cut(text, 80))!r}.")
        sys.exit(1)


_HEADERS = ("name", "type", "papers", "id", "")
_WIDTHS = (70, 10, 10, 200, 80)


def unicode_out() -> bool:
    """Whether stdout takes every character (JSON is escaped where it does not)."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def _how(match: str, form: str, name: str) -> str:
    if match in ("start", "word", "part", "words") and form != name:
        return f"also called {form}"
    return _HOW[match].format(form=form)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"
