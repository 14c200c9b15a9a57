"""A small graph by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.store import GraphDir

from .drafts import kites


@pytest.fixture(scope="session")
def kite_graph(tmp_path_factory: pytest.TempPathFactory) -> GraphDir:
    """Three papers about kites (see drafts.kites); read only."""
    return kites().write(tmp_path_factory.mktemp("kites") / "kites.kg")


@pytest.fixture
def own_kites(tmp_path: Path) -> GraphDir:
    """The same for a test that changes it."""
    return kites().write(tmp_path / "own.kg")
