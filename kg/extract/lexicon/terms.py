"""Terms of the lexicon: records, and reading them from JSON Lines with errors that name the line and the field."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import ModelError

TYPES = ("Method", "Model", "Dataset", "Metric", "Task")
KINDS = ("named", "class")
DIRECTIONS = ("higher", "lower")

_BLANKS = re.compile(r"[\s\-‐‑‒–—_]+")


class LexiconError(ModelError):
    """A lexicon file that cannot be read; `path`, `line` and `field` say where, `reason` says why."""

    def __init__(self, reason: str, *, path: Path, line: int = 0, field: str = "") -> None:
        self.reason, self.path, self.line, self.field = reason, path, line, field
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {f'field {field!r}: ' if field else ''}{reason}")


@dataclass(frozen=True, slots=True)
class Term:
    """One entity of the lexicon with the forms in which papers write it."""

    id: str
    name: str
    type: str
    kind: str
    forms: tuple[str, ...]
    parent: str | None = None
    direction: str | None = None
    unit: str | None = None
    ambiguous: tuple[str, ...] = ()
    """Those of `forms` that often mean something else."""


def term_key(name: str) -> str:
    """The key of a name: lower case, runs of blanks, hyphens and underscores made one hyphen.

    >>> term_key("Low-Rank Adaptation")
    'low-rank-adaptation'
    """
    return _BLANKS.sub("-", name.lower()).strip("-") or name.lower()


def read_terms(path: Path) -> tuple[list[Term], str]:
    """Read terms from JSON Lines (`.gz` allowed); return them with a hash of the file's unpacked content."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LexiconError(f"cannot be read ({error.strerror})", path=path) from error
    try:
        content = gzip.decompress(raw) if path.suffix == ".gz" else raw
        text = content.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise LexiconError(f"is no UTF-8 text ({error})", path=path) from error
    lines = ((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    return [_term(line, path, n) for n, line in lines], hashlib.sha256(content).hexdigest()[:16]


def write_terms(terms: Iterable[Term], path: Path) -> None:
    """Write terms as gzipped JSON Lines; the same terms give the same bytes (no clock, no file name)."""
    rows = []
    for term in terms:
        row: dict[str, Any] = {"name": term.name, "type": term.type, "kind": term.kind, "forms": list(term.forms)}
        optional = {"parent": term.parent, "direction": term.direction, "unit": term.unit}
        row.update({k: v for k, v in optional.items() if v})
        if term.ambiguous:
            row["ambiguous"] = list(term.ambiguous)
        rows.append(json.dumps(row, ensure_ascii=False) + "\n")
    path.write_bytes(gzip.compress("".join(rows).encode("utf-8"), compresslevel=9, mtime=0))


def _term(line: str, path: Path, number: int) -> Term:
    def bad(reason: str, field: str = "") -> LexiconError:
        return LexiconError(reason, path=path, line=number, field=field)

    try:
        row = json.loads(line)
    except ValueError as error:
        raise bad(f"is no JSON ({error})") from error
    if not isinstance(row, dict):
        raise bad("is no JSON object")
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad("must be a string that is not empty", "name")
    if row.get("type") not in TYPES:
        raise bad(f"must be one of {', '.join(TYPES)}", "type")
    if row.get("kind", "named") not in KINDS:
        raise bad(f"must be one of {', '.join(KINDS)}", "kind")
    forms = row.get("forms", [name])
    ambiguous = row.get("ambiguous", [])
    for field, value in (("forms", forms), ("ambiguous", ambiguous)):
        if not isinstance(value, list) or not all(isinstance(form, str) and form.strip() for form in value):
            raise bad("must be a list of strings that are not empty", field)
    for field in ("parent", "unit"):
        if row.get(field) is not None and not isinstance(row[field], str):
            raise bad("must be a string", field)
    if row.get("direction") not in (None, *DIRECTIONS):
        raise bad(f"must be one of {', '.join(DIRECTIONS)}", "direction")
    return Term(
        id=f"{row['type'].lower()}/{term_key(name)}",
        name=name,
        type=row["type"],
        kind=row.get("kind", "named"),
        forms=tuple(forms or [name]),
        parent=row.get("parent"),
        direction=row.get("direction"),
        unit=row.get("unit"),
        ambiguous=tuple(ambiguous),
    )
