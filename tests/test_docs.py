"""The documentation is run: every `$ kg …` in it prints what the page says, and docs/cli.md is the real help text.

`KG_UPDATE_DOCS=1 pytest tests/test_docs.py` writes the pages anew instead of comparing.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from kg.cli import VERBS, cli

UPDATE = bool(os.environ.get("KG_UPDATE_DOCS"))
PAGES = ["README.md", "docs/*.md"]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    """What `command` prints to stdout, run in `folder` with 100 columns and no colours."""
    arguments = shlex.split(command.replace("\\\n", " "))
    assert arguments[0] == "kg", f"only kg is run: {command}"
    done = subprocess.run(
        [sys.executable, "-m", "kg", *arguments[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stderr}"
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def commands(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block as they stand, each with the output that the page shows.

    A command goes on over a line's end after a backslash or within quotes.
    """
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        while not _whole(command):
            more, _, output = output.partition("\n")
            command = f"{command}\n{more}"
        yield command, output.strip("\n")


def _scoreless(output: str) -> str:
    """`output` without the digits of scores, whose last ones differ from one kind of processor to another."""
    return re.sub(r"\b[01]\.\d{3,4}\b", "#.####", output) + "\n"


def _as_long(printed: str, shown: str) -> str:
    """What is printed, cut where the page cuts it."""
    lines = shown.split("\n")
    if lines[-1] != "...":
        return printed
    return "\n".join([*printed.split("\n")[: len(lines) - 1], "..."])


def _whole(command: str) -> bool:
    if command.endswith("\\"):
        return False
    try:
        shlex.split(command)
    except ValueError:  # an open quote
        return False
    return True


def pages() -> list[str]:
    root = Path(__file__).resolve().parent.parent
    found = [path for pattern in PAGES for path in sorted(root.glob(pattern))]
    return [str(p.relative_to(root)) for p in found if BLOCK.search(p.read_text(encoding="utf-8"))]


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """A folder with the examples and `example.kg` built from them."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(examples, folder / "examples")
    run("kg build examples -o example.kg", folder)
    return folder


@pytest.mark.parametrize("page", pages())
def test_commands_print_what_the_page_says(page: str, root: Path, workplace: Path) -> None:
    path = root / page
    text = path.read_text(encoding="utf-8")
    checker = doctest.OutputChecker()
    wrong: list[str] = []

    def renew(match: re.Match[str]) -> str:
        lines = []
        for command, shown in commands(match[1]):
            printed = run(command, workplace)
            if not checker.check_output(_scoreless(shown), _scoreless(printed), doctest.ELLIPSIS):
                wrong.append(f"$ {command}\n--- the page says\n{shown}\n--- it prints\n{printed}")
                shown = _as_long(printed, shown)
            lines.append(f"$ {command}\n{shown}\n" if shown else f"$ {command}\n")
        return "```console\n" + "".join(lines) + "```"

    renewed = BLOCK.sub(renew, text)
    if UPDATE and wrong:
        path.write_text(renewed, encoding="utf-8")
        wrong.clear()
    assert not wrong, "\n\n".join(wrong)


@cache
def help_of(verb: str) -> str:
    """The help text as `kg VERB -h` prints it, in a process of its own: click keeps a command's help option as the
    first context made it, which may be that of another test."""
    return run(f"kg {verb} -h", Path.cwd()).replace("Usage: python -m kg ", "Usage: kg ")


def test_the_reference_is_the_help_text(root: Path) -> None:
    expected = "# Command line\n\nWritten by `KG_UPDATE_DOCS=1 pytest tests/test_docs.py` from the help texts.\n"
    for verb, (_, text) in VERBS.items():
        expected += f"\n## kg {verb}\n\n{text}\n\n```text\n{help_of(verb)}\n```\n"
    path = root / "docs" / "cli.md"
    if UPDATE:
        path.write_text(expected, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("verb", VERBS)
def test_every_help_ends_in_an_example(verb: str) -> None:
    last = help_of(verb).rstrip().split("\n\n")[-1]
    assert "xample" in last, last
    assert f"kg {verb}" in last, last


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_has_a_help_text(verb: str) -> None:
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert not silent
