"""Graph directories made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.rows import Rows, controls, kites, nasty


@pytest.fixture(scope="session")
def kite_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kites().write(tmp_path_factory.mktemp("graphs") / "kites.kg")


@pytest.fixture(scope="session")
def nasty_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nasty().write(tmp_path_factory.mktemp("graphs") / "nasty.kg")


@pytest.fixture(scope="session")
def empty_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Rows().write(tmp_path_factory.mktemp("graphs") / "empty.kg")


@pytest.fixture(scope="session")
def lone_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One paper without any entity."""
    rows = Rows()
    rows.paper("lone", "", "Nothing to see.")
    return rows.write(tmp_path_factory.mktemp("graphs") / "lone.kg")


@pytest.fixture(scope="session")
def control_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return controls().write(tmp_path_factory.mktemp("graphs") / "controls.kg")
