"""Small graphs made by hand, with their stores built."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.query.sparql import open_worker
from kg.query.worker import Limits, Worker
from kg.store import GraphDir
from tests.export.rows import kites, nasty


@pytest.fixture(scope="session")
def kite_graph(tmp_path_factory: pytest.TempPathFactory) -> GraphDir:
    """Two papers about a model; read only."""
    return GraphDir.open(kites().write(tmp_path_factory.mktemp("sparql") / "kites.kg"))


@pytest.fixture(scope="session")
def nasty_graph(tmp_path_factory: pytest.TempPathFactory) -> GraphDir:
    """Ids and texts that break careless writers."""
    return GraphDir.open(nasty().write(tmp_path_factory.mktemp("sparql") / "nasty.kg"))


@pytest.fixture
def own_kites(kite_graph: GraphDir, tmp_path: Path) -> Path:
    """The kites, with the store, for a test that changes the directory."""
    open_worker(kite_graph).close()
    return Path(shutil.copytree(kite_graph.path, tmp_path / "own.kg"))


@pytest.fixture(scope="module")
def worker(kite_graph: GraphDir) -> Iterator[Worker]:
    """A worker on the kites that answers many questions."""
    with open_worker(kite_graph, limits=Limits(60)) as open_:
        yield open_


@pytest.fixture
def children() -> Callable[[], list[str]]:
    """The process ids of the query workers of this process that are alive, but for those that were before the test."""

    def alive() -> list[str]:
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text().rsplit(")", 1)[1].split()
                command = (entry.parent / "cmdline").read_text()
            except OSError:
                continue
            if int(fields[1]) == os.getpid() and fields[0] != "Z" and "kg.query.inside" in command:
                found.append(entry.parent.name)
        return found

    before = alive()
    return lambda: [pid for pid in alive() if pid not in before]
