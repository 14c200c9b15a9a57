"""Worker processes: in order, whatever dies; none is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.errors import ModelError, WorkerError
from kg.extract.worker import Done, Failed
from kg.model import Paper
from kg.pipeline.extracting import CHUNK_CHARACTERS, CHUNK_PAPERS, Workers, chunks, cores

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the worker of these tests dies by signals")
OBEDIENT = Path(__file__).with_name("obedient_worker.py")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return [sys.executable, str(OBEDIENT), str(tmp_path)]


def papers(*titles: str) -> list[Paper]:
    return [Paper(f"p{i}", title, "") for i, title in enumerate(titles)]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def pids(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.pid")]


def gone(folder: Path) -> bool:
    """Whether all workers that were started end soon."""
    deadline = time.monotonic() + 10
    while any(map(is_running, pids(folder))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(is_running, pids(folder)))


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_outcomes_come_in_the_order_of_the_papers(command: list[str], tmp_path: Path, jobs: int) -> None:
    """However long each takes, and however many workers there are."""
    random.seed(3)
    given = papers(*(random.choice(["sleep 0.01", "sleep 0", "x", "fail"]) for _ in range(150)))
    with Workers(jobs, command) as workers:
        outcomes = list(workers.run(iter(given)))
    assert len(outcomes) == len(given)
    for paper, outcome in zip(given, outcomes, strict=True):
        if paper.title == "fail":
            assert outcome == Failed("told to fail")
        else:
            assert isinstance(outcome, Done)
            assert outcome.extraction.paper == paper.id
            assert outcome.extraction.notes == (paper.title,)
    assert len(pids(tmp_path)) <= jobs
    assert gone(tmp_path)


def test_there_are_never_more_workers_than_parcels(command: list[str], tmp_path: Path) -> None:
    with Workers(8, command) as workers:
        assert len(list(workers.run(papers("a", "b", "c")))) == 3
    assert len(pids(tmp_path)) == 1


def test_nothing_to_do_starts_no_worker(command: list[str], tmp_path: Path) -> None:
    with Workers(3, command) as workers:
        assert list(workers.run([])) == []
    assert pids(tmp_path) == []


def test_a_killed_worker_is_replaced_and_its_papers_are_done_again(command: list[str], tmp_path: Path) -> None:
    given = papers(*["x"] * 20, "die once A", *["x"] * 20, "die once B", "die once C", *["x"] * 20)
    with Workers(2, command) as workers:
        outcomes = list(workers.run(given))
    assert [type(outcome) for outcome in outcomes] == [Done] * len(given)
    assert [outcome.extraction.paper for outcome in outcomes if isinstance(outcome, Done)] == [p.id for p in given]
    assert gone(tmp_path)


def test_a_paper_at_which_workers_always_die_is_named_and_the_others_go_on(command: list[str], tmp_path: Path) -> None:
    given = papers("x", "die", "x", "die", "x")
    with Workers(2, command) as workers:
        outcomes = list(workers.run(given))
    assert [type(outcome) for outcome in outcomes] == [Done, Failed, Done, Failed, Done]
    assert isinstance(outcomes[1], Failed)
    assert "died 3 times at this record (killed by signal 9)" in outcomes[1].reason
    assert gone(tmp_path)


def test_workers_that_only_die_end_in_an_error(command: list[str], tmp_path: Path) -> None:
    """Not in the rejection of every record, one after the other."""
    with pytest.raises(WorkerError, match=r"die again and again .* fewer --jobs"), Workers(2, command) as workers:
        list(workers.run(papers(*["die"] * 40)))
    assert gone(tmp_path)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("refuse", ModelError, "^no such model$"),
        ("die", WorkerError, "cannot be started: exit code 1: cannot even start"),
        ("crash", RuntimeError, "a bug"),
    ],
)
def test_a_worker_that_cannot_start_says_why(
    command: list[str], tmp_path: Path, how: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message), Workers(2, [*command, how]) as workers:
        list(workers.run(papers(*["x"] * 60)))
    assert gone(tmp_path)


def test_a_worker_killed_from_outside_is_replaced(command: list[str], tmp_path: Path) -> None:
    with Workers(2, command) as workers:
        outcomes = workers.run(papers(*["sleep 0.02"] * 80))
        taken = [next(outcomes) for _ in range(10)]
        os.kill(workers.pids[0], signal.SIGKILL)
        taken += outcomes
    assert [outcome.extraction.paper for outcome in taken if isinstance(outcome, Done)] == [f"p{i}" for i in range(80)]
    assert gone(tmp_path)


def test_an_interrupted_caller_leaves_no_worker(command: list[str], tmp_path: Path) -> None:
    """Also when the workers are in the middle of something long."""

    def interrupted() -> Iterator[Paper]:
        yield from papers(*["sleep 60"] * 40)
        time.sleep(0.5)
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Workers(2, command) as workers:
        list(workers.run(interrupted()))
    assert gone(tmp_path)
    assert time.monotonic() - began < 20


def test_an_iterator_that_is_dropped_leaves_no_worker(command: list[str], tmp_path: Path) -> None:
    with Workers(2, command) as workers:
        next(workers.run(papers(*["x"] * 400)))
    assert gone(tmp_path)


def test_workers_end_when_the_process_that_started_them_is_killed(command: list[str], tmp_path: Path) -> None:
    code = f"""
from kg.model import Paper
from kg.pipeline.extracting import Workers
with Workers(2, {command!r}) as workers:
    for outcome in workers.run(Paper(str(i), "sleep 0.2", "") for i in range(10_000)):
        print(flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.kill()
    assert pids(tmp_path)
    assert gone(tmp_path)


def test_workers_can_be_used_from_a_thread(command: list[str]) -> None:
    counted: list[int] = []

    def work() -> None:
        with Workers(2, command) as workers:
            counted.append(sum(1 for _ in workers.run(papers(*["x"] * 50))))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [50, 50]


def test_input_is_drawn_as_it_is_needed(command: list[str]) -> None:
    """An endless source does not fill the memory."""
    drawn = 0

    def endless() -> Iterator[Paper]:
        nonlocal drawn
        while True:
            drawn += 1
            yield Paper(str(drawn), "x", "")

    with Workers(2, command) as workers:
        outcomes = workers.run(endless())
        for _ in range(100):
            next(outcomes)
    assert drawn <= 100 + 8 * CHUNK_PAPERS


def test_parcels_hold_few_papers_and_little_text() -> None:
    given = [Paper(str(i), "T", "x" * size) for i, size in enumerate([10] * 40 + [10**6, 10, 10**5] + [3_000] * 30)]
    parcels = list(chunks(given))
    assert [paper for parcel in parcels for paper in parcel] == given
    assert all(len(parcel) <= CHUNK_PAPERS for parcel in parcels)
    assert all(sum(len(p.abstract) for p in parcel[:-1]) < CHUNK_CHARACTERS for parcel in parcels)


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
