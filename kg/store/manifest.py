"""`manifest.json`: what a graph was made from and with, and what its files must look like. No clock, no absolute path.

The field `digest` is a hash of all other fields, so that a changed count is found like a changed table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kg.config import FORMAT_VERSION
from kg.errors import GraphError
from kg.store.files import FILES
from kg.vocab import DEFAULT_BASE

FORMAT = "mlpapers-kg graph"


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One source file: its name (relative to the directory that was given), its hash, what was read from it."""

    name: str
    sha256: str
    records: int
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of the graph: size in bytes, SHA-256 in hex, rows (lines for `rejected.jsonl`)."""

    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True)
class Manifest:
    """The manifest as a record. `counts` holds at least one number per table, and `records`, `merged`, `rejected`."""

    files: Mapping[str, TableFile]
    counts: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[SourceEntry, ...] = ()
    base_iri: str = DEFAULT_BASE
    model: Mapping[str, str] = field(default_factory=dict)
    lexicon: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    kg_version: str = ""
    format_version: int = FORMAT_VERSION

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the file's bytes in hex: the name of this state of the graph."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """The content of `manifest.json`."""
        content: dict[str, Any] = {
            "format": FORMAT,
            "format_version": self.format_version,
            "kg_version": self.kg_version,
            "base_iri": self.base_iri,
            "model": dict(sorted(self.model.items())),
            "lexicon": dict(sorted(self.lexicon.items())),
            "settings": dict(sorted(self.settings.items())),
            "sources": [
                {"name": s.name, "sha256": s.sha256, "records": s.records, "rejected": s.rejected} for s in self.sources
            ],
            "counts": dict(sorted(self.counts.items())),
            "files": {
                name: {"bytes": f.bytes, "sha256": f.sha256, "rows": f.rows} for name, f in sorted(self.files.items())
            },
        }
        content["digest"] = _digest(content)
        return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"

    @classmethod
    def parse(cls, raw: bytes, path: Path) -> Manifest:
        """The manifest that `raw` holds; GraphError, naming `path`, if it is damaged or not of our format."""
        try:
            content = json.loads(raw)
            if not isinstance(content, dict) or content.get("format") != FORMAT:
                raise GraphError(path, "is not the manifest of a graph of ours")
            if content["format_version"] != FORMAT_VERSION:
                raise GraphError(
                    path, f"has format version {content['format_version']}; this kg reads version {FORMAT_VERSION}"
                )
            if content.pop("digest", None) != _digest(content):
                raise GraphError(path, "is damaged: it was changed after it was written")
            manifest = cls(
                files={name: TableFile(**about) for name, about in content["files"].items()},
                counts=content["counts"],
                sources=tuple(SourceEntry(**source) for source in content["sources"]),
                base_iri=content["base_iri"],
                model=content["model"],
                lexicon=content["lexicon"],
                settings=content["settings"],
                kg_version=content["kg_version"],
                format_version=content["format_version"],
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise GraphError(path, f"is damaged: no manifest can be read from it ({_first_line(error)})") from error
        if set(manifest.files) != set(FILES):
            raise GraphError(path, "does not list the files of a graph")
        if manifest.to_bytes() != raw:
            raise GraphError(path, "is damaged: it was changed after it was written")
        return manifest


def is_manifest_of_ours(raw: bytes) -> bool:
    """Whether `raw` is a manifest of ours, whole or not: enough to say whose directory it lies in."""
    return FORMAT.encode() in raw[:200]


def _digest(content: Mapping[str, Any]) -> str:
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
