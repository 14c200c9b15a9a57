"""The command line as a whole: exit codes, pipes, locales, devices, and what `--help` costs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kg.cli import VERBS, common

KG = f'kg() {{ {shlex.quote(sys.executable)} -m kg "$@"; }}; set -o pipefail; '


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell line in which `kg` stands for this package's command."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), **environment}
    return subprocess.run(["bash", "-c", KG + command], cwd=folder, capture_output=True, env=env, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """A folder with the graph `g` of the examples."""
    place = tmp_path_factory.mktemp("cli")
    built = shell(f"kg build {shlex.quote(str(examples))} -o g", place)
    assert built.returncode == 0, built.stderr.decode()
    return place


def test_help_lists_every_verb_and_loads_none_of_them(root: Path) -> None:
    code = (
        "import sys; from kg.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sorted(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    listed, loaded = shown.rstrip().rsplit("\n", 1)
    assert all(f"  {verb} " in listed for verb in VERBS)
    assert not {"spacy", "pyarrow", "numpy", "networkx", "rdflib", "onnxruntime"} & set(loaded.split())


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("kg show g 'no such thing anywhere'", 1, "no such thing anywhere"),
        ("kg show missing.kg LoRA", 1, "missing.kg"),
        ("kg search g zzzzqqqq", 1, "othing found"),
        ("kg frobnicate", 2, "frobnicate"),
        ("kg build -o out.kg", 2, "no source"),
        ("kg build nowhere.jsonl -o out.kg", 1, "nowhere.jsonl"),
        ("kg export g -f nonsense -o x", 2, "nonsense"),
        ("kg build g/manifest.json -o out.kg --model no-such-model", 1, "no-such-model"),
    ],
)
def test_errors_are_one_sentence_and_an_exit_code(folder: Path, command: str, code: int, says: str) -> None:
    done = shell(command, folder)
    text = done.stderr.decode() + done.stdout.decode()
    assert done.returncode == code, text
    assert says in text
    assert "Traceback" not in text
    assert not (folder / "out.kg").exists() or code == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command",
    [
        "kg export g -f nt -o - | head -1",
        "kg export g -f ttl -o - | head -1",
        "kg search g a | true",
        "kg show g LLaMA | head -1",
        "kg stats g | true",
        "kg --help | head -1",
    ],
)
def test_a_reader_that_leaves_is_no_error(folder: Path, command: str, unbuffered: str) -> None:
    done = shell(command, folder, PYTHONUNBUFFERED=unbuffered)
    assert done.stderr == b""
    assert done.returncode in (0, 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("command", ["kg export g -f nt -o -", "kg stats g", "kg show g LLaMA", "kg search g LoRA"])
def test_a_full_device_is_one_sentence(folder: Path, command: str) -> None:
    done = shell(f"{command} > /dev/full", folder)
    text = done.stderr.decode()
    assert done.returncode == 1, text
    assert "no space left" in text.lower()
    assert "Traceback" not in text
    assert "Exception ignored" not in text


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii:strict"},
    ],
)
def test_no_locale_ends_the_program(tmp_path: Path, environment: dict[str, str]) -> None:
    source = tmp_path / "dir-ä"
    source.mkdir()
    (source / "a.jsonl").write_text(
        '{"id": "悟", "title": "β-KiteNet for 悟道", "abstract": "We propose β-KiteNet, a model 🪁."}\n',
        encoding="utf-8",
    )
    for command in (
        "kg build dir-ä/ -o g",
        "kg show g β-KiteNet",
        "kg search g β-KiteNet",
        "kg stats g",
        "kg view g -o v.html",
        "kg export g -f csv -o c.zip",
        "kg export g -f ttl -o t.ttl",
        "kg --help",
    ):
        done = shell(command, tmp_path, **environment)
        assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"
        assert b"Traceback" not in done.stderr
    page = (tmp_path / "v.html").read_text(encoding="utf-8")
    assert "β-KiteNet" in page or "\\u03b2-KiteNet" in page  # as it is, or as an escape of JSON
    assert "β-KiteNet" in (tmp_path / "t.ttl").read_text(encoding="utf-8")


def test_arguments_arrive_unchanged_where_click_would_expand_them(root: Path) -> None:
    code = (
        "import os, sys; os.name = 'nt'\n"
        "from kg.cli import cli\n"
        "import click\n"
        "from kg.cli import main\n"
        "cli.add_command(click.Command('seen', callback=lambda q: print(q), params=[click.Argument(['q'])]))\n"
        "type(cli).get_command = lambda self, ctx, name: self.commands.get(name)\n"
        "main(['seen', '*'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "*", done.stderr


def test_interrupted_is_130(root: Path) -> None:
    code = (
        "import kg.cli as c\n"
        "def interrupt(ctx): raise KeyboardInterrupt\n"
        "c.cli.invoke = interrupt\n"
        "c.main(['stats', 'g'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr.strip() == "Interrupted."


@pytest.mark.parametrize(
    ("text", "columns"),
    [("LoRA", 4), ("悟道", 4), ("na\u0308ive", 5), ("", 0)],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    assert common.width(text) == columns


def test_nothing_from_a_text_steers_the_terminal() -> None:
    assert common.harmless("a\x1b[31mb\u202ec\x07") == "a\ufffd[31mb\ufffdc\ufffd"
