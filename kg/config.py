"""Settings of a build, in one frozen record, and where the package keeps its own files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.vocab import DEFAULT_BASE

PACKAGE = Path(__file__).resolve().parent
FORMAT_VERSION = 1  # of the graph directory; raised when a reader of the old one would misread the new one


def schemas_dir() -> Path:
    """Where ontology, shapes, context and record schema lie: in the wheel, or beside `kg/` in a checkout."""
    inside = PACKAGE / "schemas"
    return inside if inside.is_dir() else PACKAGE.parent / "schemas"


def model_dir(name: str) -> Path:
    """The directory of a model: one that is shipped, by name, or any other by its path."""
    shipped = PACKAGE / "models" / name
    return shipped if name and "/" not in name and shipped.is_dir() else Path(name)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `kg build` can be told. Everything here that changes the graph is written into the manifest."""

    model: str = "default"
    lexicon: Path | None = None
    rules: Path | None = None
    min_confidence: float = 0.0
    base_iri: str = DEFAULT_BASE
    format: str | None = None
    encoding: str | None = None
    jobs: int = 0  # 0: all cores
    strict: bool = False
