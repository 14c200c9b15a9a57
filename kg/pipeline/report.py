"""What a build or an extraction tells its caller, and how it shows that it is at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kg.model import EntityRow, Notice, Rejected
from kg.vocab import ENTITY_TYPES


class Advance(Protocol):
    """Called as work is done: `advance()` or `advance(25)`."""

    def __call__(self, n: int = 1) -> object: ...


class Progress(Protocol):
    """Shows a stage of the work: a context manager for a label and a number of steps (None: not known)."""

    def __call__(self, label: str, total: int | None = None) -> AbstractContextManager[Advance]: ...


OnProblem = Callable[[Rejected | Notice], None]


@contextmanager
def silent(label: str, total: int | None = None) -> Iterator[Advance]:
    """The progress that shows nothing."""
    yield lambda n=1: None


def ignore(problem: Rejected | Notice) -> None:
    """What becomes of problems where nobody asks: they stand in the report."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `counts` are those of the manifest: papers + merged + rejected = records.

    `extracted` texts were read by the pipeline now, `reused` ones before; `replaced` are sources that were there under
    the same name with other content, `changed` sentences about settings that were others before; `top` gives for each
    type the entities that most papers mention.
    """

    path: Path
    counts: Mapping[str, int]
    rejected: tuple[Rejected, ...]
    notices: tuple[Notice, ...]
    sources: int
    replaced: tuple[str, ...]
    changed: tuple[str, ...]
    extracted: int
    reused: int
    top: Mapping[str, tuple[EntityRow, ...]]


@dataclass(frozen=True, slots=True)
class ExtractReport:
    """What an extraction did: records written and, where there were bad ones, in which file those stand."""

    records: int
    rejected: tuple[Rejected, ...]
    notices: tuple[Notice, ...]
    rejected_path: Path | None


def counts_by_type(entities: Iterable[EntityRow]) -> dict[str, int]:
    """The numbers of entities as counts of the manifest: "entities: Model" …"""
    found = Counter(entity.type for entity in entities)
    return {f"entities: {kind}": found[kind] for kind in ENTITY_TYPES}


def top_entities(entities: Iterable[EntityRow], number: int = 3) -> dict[str, tuple[EntityRow, ...]]:
    """For each type the entities that most papers mention."""
    ranked = sorted(entities, key=lambda entity: (-entity.papers, entity.id))
    return {kind: tuple([e for e in ranked if e.type == kind][:number]) for kind in ENTITY_TYPES}
