"""Papers in, extractions out, in the same order: in this process, or in as many others as there are cores.

Memory: a worker holds the libraries, the lexicon and the model, about 200 MB that are not shared with others (PSS), so
8 jobs need about 1.7 GB; this process needs about 100 MB, and holds only the papers that are under way.
`benchmarks/build.py` measures it.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import IO, BinaryIO

import kg.errors
from kg.errors import KgError, WorkerError
from kg.extract.worker import ONE_THREAD, Done, Failed, Outcome, Ready, Refused, extract_one, read_reply, write_frame
from kg.model import Paper

Extractor = Callable[[Iterable[Paper]], Iterator[Outcome]]
"""Answers papers one by one, in their order."""

FEW = 24  # papers that are done in this process before another has loaded the pipeline
CHUNK_PAPERS, CHUNK_CHARACTERS = 16, 40_000
TRIES = 3  # of one paper at which workers die
HOPELESS = 4  # papers in a row at which workers died every time

# The worker gets our sys.path, as a child of multiprocessing would: it imports the very `kg` that runs here.
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from kg.extract.worker import main; main()"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def extract_all(papers: Iterable[Paper], *, model: str, lexicon: Path | None, jobs: int = 0) -> Iterator[Outcome]:
    """One outcome for each paper, in order; the result does not depend on `jobs` (0: all cores).

    Few papers are done in this process, many in worker processes, which end with the iterator. Raises ModelError where
    the pipeline cannot be loaded, WorkerError where workers die again and again.
    """
    source = iter(papers)
    first = list(islice(source, FEW + 1))
    jobs = jobs or cores()
    if len(first) <= FEW or jobs == 1 or not sys.executable:
        yield from _here(chain(first, source), model, lexicon)
        return
    with Workers(jobs, worker_command(model, lexicon)) as workers:
        yield from workers.run(chain(first, source))


def worker_command(model: str, lexicon: Path | None) -> list[str]:
    """How a worker process is started."""
    paths = [os.path.abspath(path) for path in sys.path if isinstance(path, str)]
    arguments = [model, *([str(lexicon)] if lexicon else [])]
    return [sys.executable, "-P", "-c", _BOOT, *arguments, json.dumps(paths)]


def _here(papers: Iterable[Paper], model: str, lexicon: Path | None) -> Iterator[Outcome]:
    from kg.extract import load_pipeline

    nlp = None
    for paper in papers:
        nlp = nlp or load_pipeline(model, lexicon)
        yield extract_one(nlp, paper)


def chunks(papers: Iterable[Paper]) -> Iterator[list[Paper]]:
    """Papers in parcels for one worker: a few, and no more text than keeps the others from waiting."""
    parcel: list[Paper] = []
    size = 0
    for paper in papers:
        parcel.append(paper)
        size += len(paper.title) + len(paper.abstract)
        if len(parcel) == CHUNK_PAPERS or size >= CHUNK_CHARACTERS:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel


class _Died(Exception):
    """A worker's output ended; carries what is known of its end."""


class _Worker:
    """One worker process; used by one thread."""

    def __init__(self, command: list[str]) -> None:
        self._complaints: IO[bytes] | None = None
        with suppress(OSError):  # no temporary folder: then we shall not know why it died
            self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints or subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD},
            # Ctrl-C on a terminal reaches its whole process group; only this process shall answer it.
            **(
                {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined]
                if os.name == "nt"
                else {"process_group": 0}
            ),
        )
        assert self.process.stdin
        assert self.process.stdout
        self._in: BinaryIO = self.process.stdin  # type: ignore[assignment]
        self._out: BinaryIO = self.process.stdout  # type: ignore[assignment]

    def wait_until_ready(self) -> None:
        """Raises _Died, or the KgError with which the worker refused."""
        match self._reply():
            case Ready():
                return
            case Refused(error="", message=message):
                raise RuntimeError(f"an extraction worker failed at its start:\n{message}")
            case Refused(error=name, message=message):
                error: KgError = KgError.__new__(getattr(kg.errors, name, KgError))
                Exception.__init__(error, message)
                raise error
            case other:
                raise AssertionError(other)

    def answers(self, papers: list[Paper]) -> Iterator[Outcome]:
        """The outcomes of `papers`, as they come. Raises _Died."""
        try:
            write_frame(self._in, papers)
        except OSError as error:
            raise _Died(self._last_words()) from error
        for _ in papers:
            reply = self._reply()
            assert isinstance(reply, Done | Failed)
            yield reply

    def _reply(self) -> Ready | Refused | Outcome:
        try:
            reply = read_reply(self._out)
        except (OSError, ValueError) as error:  # closed under our hands
            raise _Died(str(error)) from error
        if reply is None:
            raise _Died(self._last_words())
        return reply

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        code = self.process.returncode
        text = f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        if self._complaints is not None and (lines := self._tail()):
            text += f": {lines[-1][:300]}"
        return text

    def _tail(self) -> list[str]:
        assert self._complaints
        self._complaints.seek(0)
        return [line for line in self._complaints.read().decode("utf-8", "replace").splitlines() if line.strip()]

    def end(self, *, at_once: bool = False) -> None:
        """Let it end by the end of its input, or kill it; leaves no process and no open file behind."""
        with suppress(OSError):
            if at_once:
                self.process.kill()
            self._in.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._out.close()
        if self._complaints is not None:
            self._complaints.close()


_Task = tuple[int, list[Paper]]
_Result = tuple[int, Outcome] | BaseException


class Workers:
    """Worker processes, each fed by a thread of its own; a context manager that leaves none of them behind.

    They start one by one as there is work for them, so never more than there are parcels.
    """

    def __init__(self, jobs: int, command: list[str]) -> None:
        self._command = command
        self._jobs = jobs
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[_Result] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self._lost_in_a_row = 0

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        with self._lock:
            self._stopped = True
            workers = list(self._workers)
        for _ in self._threads:
            self._tasks.put(None)
        if kind is not None:
            for worker in workers:
                worker.process.kill()
        for thread in self._threads:
            thread.join()

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that are alive."""
        with self._lock:
            return [worker.process.pid for worker in self._workers]

    def run(self, papers: Iterable[Paper]) -> Iterator[Outcome]:
        """One outcome for each paper, in order; only a few parcels for each worker are under way at a time."""
        parcels = chunks(papers)
        waiting: dict[int, Outcome] = {}
        sent = given = 0
        open_parcels: deque[int] = deque()  # for each parcel under way, the number of the paper after its last
        exhausted = False
        while True:
            while not exhausted and len(open_parcels) < 3 * self._jobs:
                parcel = next(parcels, None)
                if parcel is None:
                    exhausted = True
                    break
                if len(self._threads) < self._jobs:
                    self._start_thread()
                self._tasks.put((sent, parcel))
                sent += len(parcel)
                open_parcels.append(sent)
            if given == sent:
                return
            while given not in waiting:
                number, outcome = self._next_result()
                waiting[number] = outcome
            while given in waiting:
                yield waiting.pop(given)
                given += 1
            while open_parcels and open_parcels[0] <= given:
                open_parcels.popleft()

    def _next_result(self) -> tuple[int, Outcome]:
        while True:
            with suppress(queue.Empty):  # the time limit lets Ctrl-C through on every system
                result = self._results.get(timeout=1)
                if isinstance(result, BaseException):
                    raise result
                return result

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._serve, name="kg-extract", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        """The life of one thread: parcels to a worker, outcomes back, a new worker where one has died."""
        worker: _Worker | None = None
        try:
            while (task := self._tasks.get()) is not None and not self._stopped:
                number, papers = task
                tries = 0
                while papers:
                    answered = 0
                    try:
                        worker = worker or self._new_worker()
                        for outcome in worker.answers(papers):
                            self._results.put((number + answered, outcome))
                            answered += 1
                            self._lost_in_a_row = 0
                    except _Died as died:
                        if worker is not None:
                            self._forget(worker)
                        worker = None
                        if self._stopped:
                            return
                        tries = 1 if answered else tries + 1
                        if tries == TRIES:
                            self._results.put((number + answered, self._lost(papers[answered], str(died))))
                            answered, tries = answered + 1, 0
                    number, papers = number + answered, papers[answered:]
        except BaseException as error:
            self._results.put(error)
        finally:
            if worker is not None:
                self._forget(worker, at_once=False)

    def _lost(self, paper: Paper, why: str) -> Failed:
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= HOPELESS:
            raise WorkerError(
                f"extraction workers die again and again ({why}), the last time at {paper.id}; "
                "if memory is short, fewer --jobs need less"
            )
        return Failed(f"the extraction worker died {TRIES} times at this record ({why})")

    def _new_worker(self) -> _Worker:
        for _ in range(TRIES):
            with self._lock:
                if self._stopped:
                    raise _Died("stopped")
                worker = _Worker(self._command)
                self._workers.add(worker)
            try:
                worker.wait_until_ready()
                return worker
            except _Died as died:
                self._forget(worker)
                why = str(died)
                if self._stopped:
                    raise
            except BaseException:
                self._forget(worker)
                raise
        raise WorkerError(f"an extraction worker cannot be started: {why}")

    def _forget(self, worker: _Worker, *, at_once: bool = True) -> None:
        worker.end(at_once=at_once)
        with self._lock:
            self._workers.discard(worker)
