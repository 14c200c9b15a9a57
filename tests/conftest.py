"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def examples(root: Path) -> Path:
    """The bundled, invented papers."""
    return root / "examples"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real input beside the checkout: skipped where it is not there."""
    path = Path(os.environ.get("KG_SHARED", ROOT.parent / "shared"))
    if not (path / "seeds").is_dir():
        pytest.skip("the folder of real listings and gold annotations is not beside this checkout (KG_SHARED names it)")
    return path


def require(condition: bool, reason: str) -> None:
    """Skip with `reason` where something is not installed; fail where CI must have it."""
    if not condition:
        if os.environ.get("CI"):
            pytest.fail(f"required in CI: {reason}")
        pytest.skip(reason)
