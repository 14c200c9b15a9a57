"""Every notebook runs from top to bottom, and is committed as a text that holds no results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_is_committed_without_results(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert set(content["metadata"]) == {"kernelspec", "language_info"}


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_runs_from_top_to_bottom(notebook: Path, tmp_path: Path) -> None:
    if not all(map(find_spec, ("nbmake", "ipykernel", "matplotlib"))):
        reason = "nbmake, ipykernel and matplotlib are not installed (the extra `dev` brings them)"
        if os.environ.get("CI"):
            pytest.fail(f"required in CI: {reason}")
        pytest.skip(reason)
    # In a process of its own: the kernel's libraries raise warnings that are not ours.
    command = [sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=250", "-q", "-W", "default"]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(notebook.parent), str(notebook)]
    environment = {
        **os.environ,
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(notebook.parent.parent),
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=290, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
