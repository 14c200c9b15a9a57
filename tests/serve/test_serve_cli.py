"""`kg serve` before it serves: what is wrong is said in a sentence."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_that_is_taken(crowd_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        done = run(str(crowd_path), "--port", str(door.getsockname()[1]))
    assert done.returncode == 2
    assert "is taken" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--host", "no.such.host.invalid"), 2, "no such address"),
        (("--host", "192.0.2.1"), 2, "cannot be served"),
        (("--root-path", "kg"), 2, "must be a path"),
        (("--root-path", '/"x'), 2, "must be a path"),
        (("--port", "70000"), 2, "port"),
    ],
)
def test_what_cannot_be_served(crowd_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(str(crowd_path), "--port", "0", *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_that_is_no_graph(tmp_path: Path) -> None:
    done = run(str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "no such graph" in done.stderr


def test_a_missing_extra_is_named(crowd_path: Path) -> None:
    """Without starlette the error says what to install."""
    code = (
        "import importlib.util as u, sys; real = u.find_spec;"
        "u.find_spec = lambda name, *more: None if name == 'starlette' else real(name, *more);"
        "from kg.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", str(crowd_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "pip install 'mlpapers-kg[serve]'" in done.stderr
