"""`kg search`, `show`, `stats`, `view` in a shell: exit codes, plain pipes, odd locales, JSON, arguments unchanged."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg.store import GraphDir

RUN = [sys.executable, "-c", "from kg.cli import main; main()"]
PLAIN = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "utf-8", "NO_COLOR": ""}


def kg(*arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*RUN, *arguments], capture_output=True, env={**PLAIN, **env}, timeout=120, check=False)


@pytest.mark.parametrize("text", ["*", "%", "NEAR", "x" * 10_000, '"', "~", "$HOME"])
def test_nothing_found_ends_with_1_and_a_sentence_on_stderr(kite_graph: GraphDir, text: str) -> None:
    for verb in ("search", "show"):
        done = kg(verb, str(kite_graph.path), text)
        assert (done.returncode, done.stdout) == (1, b"")
        assert len(done.stderr.splitlines()) == 1
        assert b"Traceback" not in done.stderr


def test_search_prints_a_table_and_json(kite_graph: GraphDir) -> None:
    done = kg("search", str(kite_graph.path), "kitelm", "--type", "model")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[1].split()[:4] == ["KiteLM", "Model", "2", "model/kitelm"]
    found = json.loads(kg("search", str(kite_graph.path), "kitelm", "--json").stdout)
    assert found[0]["id"] == "model/kitelm"
    assert json.loads(kg("search", str(kite_graph.path), "nobody", "--json").stdout) == []


def test_show_answers_on_a_pipe_in_plain_text_one_sentence_a_line(kite_graph: GraphDir) -> None:
    text = kg("show", str(kite_graph.path), "KiteLM").stdout.decode()
    assert "\x1b" not in text
    assert "“[KiteShrink] prunes [KiteLM-7B] without retraining.”" in text
    assert "61.5% accuracy on PondText, over OakPrune" in text
    assert "KiteShrink: Pruning KiteLM in One Shot (2024-03-05) [p1]" in text
    assert "[𝛼-KiteTune] to [KiteLM] on PondText" in text


def test_show_of_an_ambiguous_name_lists_the_ids_and_ends_with_1(kite_graph: GraphDir) -> None:
    done = kg("show", str(kite_graph.path), "KRA")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"method/kra (keen river adapter)" in done.stderr
    assert kg("show", str(kite_graph.path), "method/kra (keen river adapter)").returncode == 0


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C", "PYTHONIOENCODING": ""}, {"PYTHONIOENCODING": "cp1252"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_a_locale_that_lacks_a_letter_prints_a_replacement(kite_graph: GraphDir, locale: dict[str, str]) -> None:
    for arguments in (("show", "KiteLM"), ("search", "kite")):
        done = kg(arguments[0], str(kite_graph.path), *arguments[1:], **locale)
        assert done.returncode == 0, done.stderr
        assert b"-KiteTune" in done.stdout
        assert done.stderr == b""
    card = json.loads(kg("show", str(kite_graph.path), "KiteLM", "--json", **locale).stdout)
    assert "𝛼-KiteTune" in {line["other"]["name"] for group in card["relations"] for line in group["lines"]}


def test_stats_prints_counts_and_json(kite_graph: GraphDir) -> None:
    text = kg("stats", str(kite_graph.path)).stdout.decode()
    assert re.search(r"^papers +3$", text, re.MULTILINE)
    assert "MOST USED DATA SETS" in text
    assert json.loads(kg("stats", str(kite_graph.path), "--json").stdout)["papers"] == 3


def test_view_writes_utf8_in_any_locale(kite_graph: GraphDir, tmp_path: Path) -> None:
    out = tmp_path / "v.html"
    done = kg("view", str(kite_graph.path), "--around", "KiteLM", "-o", str(out), LC_ALL="C", PYTHONIOENCODING="")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert out.read_bytes().decode("utf-8").count("<html") == 1
    assert kg("view", str(kite_graph.path)).returncode == 2
    assert kg("view", str(kite_graph.path), "-o", str(tmp_path)).returncode == 2
    assert kg("view", str(kite_graph.path), "--around", "Nobody", "-o", str(tmp_path / "w.html")).returncode == 1


@pytest.mark.parametrize("verb", ["search", "show", "stats", "view"])
def test_help_ends_in_an_example(verb: str) -> None:
    assert re.search(r"Example:\s+kg " + verb, kg(verb, "--help").stdout.decode())


def test_a_terminal_gets_colours_and_lines_that_fit(kite_graph: GraphDir) -> None:
    from kg.cli.cards import Style, card_text
    from kg.cli.common import width
    from kg.query.show import show

    text = card_text(show(kite_graph, "KiteShrink"), Style(colour=True, width=60))
    assert "\x1b[" in text
    assert max(width(line) for line in text.splitlines()) <= 60
    plain = card_text(show(kite_graph, "KiteShrink"), Style(width=60))
    assert "\x1b" not in plain


def test_text_that_would_steer_a_terminal_is_made_harmless(tmp_path: Path) -> None:
    from kg.cli.cards import Style, card_text
    from kg.query.show import show

    from .drafts import Draft

    draft = Draft()
    draft.paper("p", "Evil\u009b31m \u202e title", "BadNet\u009b2J is\ta\nmodel \u202e.")
    bad = draft.entity("BadNet\u009b2J", "Model")
    draft.role("p", "uses", bad)
    graph = draft.write(tmp_path / "g.kg")
    for name in ("p", bad):
        text = card_text(show(graph, name), Style())
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
def test_a_closed_pipe_ends_quietly(kite_graph: GraphDir) -> None:
    command = (
        f'{sys.executable} -c "from kg.cli import main; main()" show {kite_graph.path} KiteShrink --json | head -1'
    )
    done = subprocess.run(["sh", "-c", command], capture_output=True, env=PLAIN, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"{\n", b"")
