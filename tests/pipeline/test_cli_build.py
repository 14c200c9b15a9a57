"""`kg build` and `kg extract` as a user meets them: real processes, the real pipeline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.cli import main
from kg.config import PACKAGE
from kg.pipeline.extracting import FEW
from kg.store import GraphDir
from kg.store.files import STAGING
from tests.pipeline.conftest import Same, paper, write_lines

PATHS = os.pathsep.join([str(PACKAGE.parent), *sys.path])
A = paper("a", "We propose Lattice Kite Attention (LKA), a method based on Kite Attention.")
B = paper("b", "LKA outperforms Kite Attention on PondSet by 3.1 points in accuracy.")
BAD = '{"id": "cut", "title": "Cut", "abst'


def many(number: int) -> list[dict[str, object]]:
    return [
        paper(f"p{i}", f"We propose Kite{i}Net, a model for kite detection. Kite{i}Net beats OakNet on Leaf{i % 7}Set.")
        for i in range(number)
    ]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PATHS, "PYTHONSAFEPATH": "1", **more}


def process(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "kg", *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=200,
    )


@dataclass(frozen=True)
class Ended:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def kg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process, in the folder of the test: much faster than `process`."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        shown = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, shown.out, shown.err)

    return run


def test_a_build_says_what_came_of_it(tmp_path: Path, kg: Run) -> None:
    """The account, the counts and what to do next on stdout; bad records on stderr; exit code 0."""
    write_lines(tmp_path / "in" / "x.jsonl", A, BAD, B, A)
    done = kg("build", "in", "-o", "out/G")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("out/G: 2 papers from 1 source\n  4 records read = 2 papers + 1 merged")
    assert "1 rejected" in done.stdout
    assert "statement" in done.stdout
    assert "Next: kg show out/G " in done.stdout
    assert done.stderr.startswith("x.jsonl:2: ")
    assert done.stderr.count("\n") == 1
    assert "LKA" in {form for e in GraphDir.open(tmp_path / "out/G").entities() for form in (e.name, *e.aliases)}


def test_many_bad_records_are_counted_not_all_printed(tmp_path: Path, kg: Run) -> None:
    write_lines(tmp_path / "x.jsonl", A, *[{"id": str(i)} for i in range(30)])
    done = kg("build", "x.jsonl", "-o", "G", "--model", "rules")
    assert done.returncode == 0
    assert done.stderr.count("x.jsonl:") == 10
    assert "… and 20 more rejected records: G/rejected.jsonl" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["bad.jsonl", "-o", "new"], 1, "no record could be read: bad.jsonl"),
        (["a.jsonl", "bad.jsonl", "-o", "new", "--strict"], 1, "bad.jsonl:1: "),
        (["missing.jsonl", "-o", "new"], 1, "missing.jsonl"),
        (["no such *.jsonl", "-o", "new"], 1, "no such *.jsonl"),
        (["a.jsonl", "-o", "a.jsonl"], 2, "a.jsonl"),
        (["a.jsonl", "-o", "mine"], 2, "mine"),
        (["a.jsonl"], 2, "-o"),
        (["-o", "new"], 2, "no source"),
        (["a.jsonl", "-o", "new", "--jobs", "-3"], 2, "jobs"),
        (["a.jsonl", "-o", "new", "--engine", "spark"], 2, "spark"),
        (["a.jsonl", "-o", "new", "--base-iri", "a b"], 2, "base IRI"),
        (["a.jsonl", "-o", "new", "--format", "nothing"], 2, "nothing"),
        (["a.jsonl", "-o", "new", "--lexicon", "none"], 2, "none"),
        (["-o", "new", "--remove", "z"], 1, "'z' is neither"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(
    tmp_path: Path, kg: Run, arguments: list[str], code: int, message: str
) -> None:
    write_lines(tmp_path / "a.jsonl", A)
    write_lines(tmp_path / "bad.jsonl", {"id": "x"})
    write_lines(tmp_path / "mine" / "x.txt", "mine")
    done = kg("build", *arguments)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    expected = {"a.jsonl", "bad.jsonl", "mine"} | ({"new"} if arguments[0] == "bad.jsonl" else set())
    assert {path.name for path in tmp_path.iterdir()} == expected


@pytest.mark.parametrize(
    "name", ["-x.jsonl", "papers [2024]/a.jsonl", "*.jsonl", "ä 雪.jsonl", "$HOME.jsonl", "~x.jsonl"]
)
def test_any_file_name_is_that_file(tmp_path: Path, kg: Run, name: str) -> None:
    """A path that exists is no pattern, an argument is not expanded."""
    write_lines(tmp_path / name, A)
    done = kg("build", "-o", "G ä", "--model", "rules", "--", name)
    assert done.returncode == 0, done.stderr
    assert [s.name for s in GraphDir.open(tmp_path / "G ä").manifest.sources] == [Path(name).name]


def test_no_locale_is_in_the_way(tmp_path: Path) -> None:
    """Names and texts that the locale lacks are built all the same, and printed with replacements."""
    write_lines(tmp_path / "ä 雪" / "β.jsonl", paper("β", "We propose β-KiteNet, a model."), BAD)
    nothing = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = process("build", "ä 雪", "-o", "G ä", cwd=tmp_path, **nothing)
    assert done.returncode == 0, done.stderr
    assert ".jsonl:2: not valid JSON" in done.stderr
    assert [s.name for s in GraphDir.open(tmp_path / "G ä").manifest.sources] == ["β.jsonl"]


def test_standard_input_is_a_source(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kg", "build", "-", "-o", str(tmp_path / "G")],
        input=json.dumps(A), text=True, capture_output=True, check=True, env=environment(),
    )  # fmt: skip
    assert "1 paper from 1 source" in done.stdout


def test_extract_writes_the_lines_to_stdout(tmp_path: Path, kg: Run) -> None:
    write_lines(tmp_path / "a.jsonl", A, BAD, B)
    done = kg("extract", "a.jsonl", "-o", "-")
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
    assert done.stderr.startswith("a.jsonl:2: ")
    assert {path.name for path in tmp_path.iterdir()} == {"a.jsonl"}


def test_a_reader_that_has_seen_enough_ends_extract_quietly(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", *many(FEW + 40))
    command = [sys.executable, "-m", "kg", "extract", str(tmp_path / "a.jsonl"), "-o", "-", "--model", "rules"]
    with subprocess.Popen(
        [*command, "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as running:
        assert running.stdout
        assert running.stderr
        assert json.loads(running.stdout.readline())["id"] == "p0"
        running.stdout.close()
        errors = running.stderr.read()
    assert errors == b""
    assert running.returncode in (0, 141)


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_script_without_a_main_guard_builds_in_parallel(tmp_path: Path, method: str) -> None:
    """Whatever the start method of multiprocessing is, and with a thread at work; the script runs once."""
    write_lines(tmp_path / "a.jsonl", *many(FEW + 1))
    (tmp_path / "p.py").write_text(f"""
import multiprocessing, threading, time
print("once")
multiprocessing.set_start_method({method!r})
threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
import kg
kg.build(["a.jsonl"], "G", jobs=2, model="rules")
""")
    done = subprocess.run(
        [sys.executable, "-W", "error", "p.py"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": PATHS},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\n", "")
    assert GraphDir.open(tmp_path / "G").manifest.counts["papers"] == FEW + 1


def test_a_module_beside_the_script_does_not_replace_one_of_ours(tmp_path: Path) -> None:
    """A worker imports what its parent imports, not what happens to lie in the working directory."""
    write_lines(tmp_path / "a.jsonl", *many(FEW + 1))
    for name in ("spacy", "json", "msgspec", "kg"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not this one')\n")
    done = process("build", "a.jsonl", "-o", "G", "--jobs", "2", "--model", "rules", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_number_of_jobs_changes_no_byte(tmp_path: Path, kg: Run, same: Same) -> None:
    write_lines(tmp_path / "in" / "a.jsonl", *many(FEW + 10))
    write_lines(tmp_path / "in" / "b.jsonl", A, B)
    for jobs, name in ((1, "one"), (3, "three")):
        assert kg("build", "in", "-o", name, "--jobs", jobs, "--model", "rules").returncode == 0
    for source in ("b", "a"):
        assert kg("build", f"in/{source}.jsonl", "-o", "steps", "--jobs", 2, "--model", "rules").returncode == 0
    same(tmp_path / "one", tmp_path / "three")
    same(tmp_path / "one", tmp_path / "steps")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupted_build_ends_with_130_and_goes_on_where_it_stopped(tmp_path: Path, kg: Run) -> None:
    """Nothing half-written, no process left; what was extracted is not extracted again."""
    write_lines(tmp_path / "a.jsonl", *many(400))
    with subprocess.Popen(
        [sys.executable, "-m", "kg", "build", "a.jsonl", "-o", "G", "--jobs", "2", "--model", "rules"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        start_new_session=True,
    ) as running:  # fmt: skip
        deadline = time.monotonic() + 120
        while not any(path.stat().st_size for path in tmp_path.glob("G/cache/extractions/*.frames")):
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C on a terminal does
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert not (tmp_path / "G" / STAGING).exists()
    assert not (tmp_path / "G" / "manifest.json").exists()
    write_lines(tmp_path / "a.jsonl", *many(FEW))
    done = kg("build", "a.jsonl", "-o", "G", "--model", "rules")
    assert done.returncode == 0, done.stderr
    assert "papers were extracted before" in done.stdout


@pytest.mark.slow
def test_the_real_listings_give_the_same_bytes_in_any_way(shared: Path, tmp_path: Path, same: Same) -> None:
    """737 records, 675 papers; twice, in another order of files, one by one, with other numbers of jobs."""
    seeds = sorted((shared / "seeds").iterdir())
    done = process("build", *seeds, "-o", "one", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    counts = GraphDir.open(tmp_path / "one").manifest.counts
    assert (counts["records"], counts["papers"], counts["rejected"]) == (737, 675, 0)
    assert process("build", *seeds[::-1], "-o", "two", "--jobs", 3, cwd=tmp_path).returncode == 0
    for seed in seeds[2:] + seeds[:2]:
        assert process("build", seed, "-o", "three", "--jobs", 1, cwd=tmp_path).returncode == 0
    same(tmp_path / "one", tmp_path / "two")
    same(tmp_path / "one", tmp_path / "three")
