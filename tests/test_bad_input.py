"""Bad input, end to end: each kind is a clear reject or is read as it is, the rest is built, the exit code says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg.pipeline import build
from kg.store import GraphDir

GOOD = {
    "id": "good",
    "title": "Good Kites",
    "abstract": "We propose KiteNet, a model. KiteNet beats OakNet on PondSet.",
}


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


# name, bytes of the file beside the good one, papers that it adds, what its reject says (None: none)
CASES: list[tuple[str, bytes, int, str | None]] = [
    ("empty file", b"", 0, "empty"),
    ("binary file", bytes(range(256)) * 8, 0, ""),
    ("invalid UTF-8", b'{"id": "u", "title": "caf\xe9", "abstract": "We test it."}\n', 0, "UTF-8"),
    ("line cut in half", b'{"id": "h", "title": "Half a pa', 0, "JSON"),
    ("no abstract", line(id="n", title="Only a title"), 0, "abstract"),
    ("no object", b'"just a string"\n[1, 2]\n', 0, ""),
    ("title is a number", line(id="t", title=17, abstract="We test it."), 0, "title"),
    ("abstract of 1.2 MB", line(id="l", title="Long", abstract="We propose KiteNet, a model. " * 41_500), 1, None),
    ("title of HTML", line(id="w", title="<b>Fast</b> <script>x()</script>", abstract="We test KiteNet."), 1, None),
    ("controls", line(id="c", title="A\u0000B\u0007", abstract="We test \u001bKiteNet\u007f, a model."), 1, None),
    ("bidirectional", line(id="b", title="A\u202eB\u2066", abstract="We test \u202eKiteNet\u202c."), 1, None),
    ("lone surrogates", b'{"id": "s", "title": "A\\ud800", "abstract": "We test \\udfffKiteNet."}\n', 1, None),
    (
        "one id, two papers",
        line(id="x", title="First", abstract="We test OakNet.") + line(id="x", title="Second", abstract="We test it."),
        2,
        None,
    ),
]


@pytest.mark.parametrize(("name", "content", "papers", "reason"), CASES, ids=[case[0] for case in CASES])
def test_the_rest_is_built(tmp_path: Path, name: str, content: bytes, papers: int, reason: str | None) -> None:
    sources = tmp_path / "in"
    sources.mkdir()
    (sources / "good.jsonl").write_bytes(line(**GOOD))
    (sources / "other.jsonl").write_bytes(content)
    report = build([sources], tmp_path / "g", model="rules", jobs=1)
    graph = GraphDir.open(tmp_path / "g")
    found = {paper.id: paper for paper in graph.papers()}
    assert "good" in found
    assert len(found) == 1 + papers
    assert any(entity.name == "KiteNet" for entity in graph.entities())
    counts = report.counts
    assert counts["papers"] + counts["merged"] + len(report.rejected) == counts["records"]
    if reason is None:
        assert not report.rejected
    else:
        assert report.rejected
        assert all(row.file == "other.jsonl" for row in report.rejected)
        assert reason in report.rejected[0].reason
    for mention in graph.mentions():
        assert found[mention.paper].text[mention.start : mention.end] == mention.form


@pytest.mark.parametrize(
    ("name", "content"), [case[:2] for case in CASES if case[2] == 0], ids=[case[0] for case in CASES if case[2] == 0]
)
def test_nothing_readable_is_exit_code_1(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "other.jsonl").write_bytes(content)
    command = [sys.executable, "-m", "kg", "build", "other.jsonl", "-o", "g", "--model", "rules"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "other.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["a file", "a folder of someone else"])
def test_an_output_that_is_not_ours_is_exit_code_2(tmp_path: Path, kind: str) -> None:
    (tmp_path / "good.jsonl").write_bytes(line(**GOOD))
    out = tmp_path / "out"
    if kind == "a file":
        out.write_text("mine")
    else:
        out.mkdir()
        (out / "thesis.tex").write_text("mine")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    command = [sys.executable, "-m", "kg", "build", "good.jsonl", "-o", "out", "--model", "rules"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "out" in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_directory_without_sources_is_named(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    command = [sys.executable, "-m", "kg", "build", "nothing", "-o", "g"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr
