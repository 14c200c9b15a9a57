#!/usr/bin/env python3
"""Two commands for a fresh machine, with nothing but Python 3.11 to 3.13:

    python3 run.py example    set up, build the bundled example, write a page to open
    python3 run.py test       set up, run the linters and all tests

Both make a virtual environment in .venv beside this file (KG_VENV names another place) and keep it for the next run.
Arguments after `test` go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("KG_VENV", ROOT / ".venv"))
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SUPPORTED = ("3.13", "3.12", "3.11")


def say(text: str) -> None:
    print(text, flush=True)


def interpreter() -> str:
    """A supported Python: this one, else one on the path."""
    if f"{sys.version_info[0]}.{sys.version_info[1]}" in SUPPORTED:
        return sys.executable
    for version in SUPPORTED:
        found = shutil.which(f"python{version}")
        if found:
            return found
    raise SystemExit(f"kg needs Python {SUPPORTED[-1]} to {SUPPORTED[0]}; this is {sys.version.split()[0]}")


def call(*command: object) -> None:
    """Run a command in the checkout; end with its exit code if it fails."""
    code = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode
    if code:
        say(f"failed with exit code {code}: {' '.join(str(part) for part in command)}")
        raise SystemExit(code)


def set_up(extra: str) -> None:
    """Make the environment where it is missing and install this checkout into it."""
    python = BIN / "python"
    if not python.exists():
        say(f"Making a virtual environment in {VENV.name} …")
        call(interpreter(), "-m", "venv", VENV)
    say("Installing kg (the first time takes a minute or two) …")
    call(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", f".{extra}")


def example() -> None:
    set_up("")
    kg = BIN / "kg"
    call(kg, "build", "examples", "-o", "example.kg", "--fresh")
    call(kg, "view", "example.kg", "-o", "example.html")
    say(
        f"""
Open {(ROOT / "example.html").as_uri()} in a browser. Then ask:

  {kg.relative_to(ROOT) if kg.is_relative_to(ROOT) else kg} show example.kg LLaMA
  {kg.relative_to(ROOT) if kg.is_relative_to(ROOT) else kg} stats example.kg
  {kg.relative_to(ROOT) if kg.is_relative_to(ROOT) else kg} export example.kg -f ttl -o example.ttl"""
    )


def test(arguments: list[str]) -> None:
    set_up("[dev]")
    call(BIN / "ruff", "check", ".")
    call(BIN / "ruff", "format", "--check", ".")
    call(BIN / "mypy")
    call(BIN / "python", "-m", "pytest", *(arguments or ["-q"]))


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["example"] and len(arguments) == 1:
        example()
    elif arguments[:1] == ["test"]:
        test(arguments[1:])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
