"""Bad records and notices on stderr, for the verbs that read sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kg.cli.common import Advance, err, harmless, progress
from kg.model import Notice, Rejected

SHOWN = 10  # bad records, and notices, that are printed


class Problems:
    """Prints bad records and notices to stderr: the first few of each, between the stages (a bar is in the way)."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._met = {Rejected: 0, Notice: 0}

    def __call__(self, problem: Rejected | Notice) -> None:
        self._met[type(problem)] += 1
        if self._met[type(problem)] <= SHOWN:
            where = f"{problem.file}:{problem.record}" if problem.record else problem.file
            if isinstance(problem, Rejected):
                self._waiting.append(f"{where}: {problem.reason}")
            else:
                self._waiting.append(f"{where}: note: {problem.message}")

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """The progress of a stage; what was met in it is printed at its end."""
        try:
            with progress(label, total) as advance:
                yield advance
        finally:
            self.flush()

    def flush(self) -> None:
        """Print what was met since the last time."""
        for line in self._waiting:
            err(harmless(line))
        self._waiting.clear()

    def finish(self, where: str) -> None:
        """Print what is left, and where the rest of the rejected records stand."""
        self.flush()
        more = self._met[Rejected] - SHOWN
        if more > 0:
            err(f"… and {more:,} more rejected records{f': {harmless(where)}' if where else ''}")
        more = self._met[Notice] - SHOWN
        if more > 0:
            err(f"… and {more:,} more notes")
