"""A query runs in a process of its own, which dies at its limits: no engine stops by itself when time or memory is out.

    with Worker("sparql", path_of_the_store, limits=Limits(seconds=10)) as worker:
        answer = worker.ask({"query": ...})
        answer.header, list(answer)

A worker answers one question after the other. What is left of an answer that is not read to its end is given up, and
the worker with it. The clock of a question runs while we wait for the worker, not while the answer's reader is busy.

    QueryError
    ├── QueryTimeout        the time limit of a query is over
    └── QueryMemory         a query wanted more memory than it may have

On Linux memory is watched from outside; elsewhere the limits that the worker sets itself must do (kg.query.inside).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import msgspec

from kg.errors import QueryError, StorageError, UsageError
from kg.query.cache import ask
from kg.query.inside import BROKEN, BUG, DONE, ENGINES, HEAD, READY, ROWS, WRONG, read_frame, write_frame
from kg.store import GraphDir

MEMORY = 2 << 30  # bytes that a query may use if nothing else is said
START = 120.0  # seconds in which a worker must have opened its cache
_TICK = 0.05  # seconds between two looks at a worker
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
# The paths of this interpreter are handed on: the worker neither runs the start-up files nor looks where it stands.
_CODE = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from kg.query.inside import main; main()"


class QueryTimeout(QueryError):
    """The time limit of a query is over; it was stopped."""


class QueryMemory(QueryError):
    """A query wanted more memory than it may have; it was stopped."""


_ERRORS = {"QueryError": QueryError, "UsageError": UsageError, "QueryMemory": QueryMemory}


class BrokenCache(Exception):
    """The engine cannot open its cache: whoever made it should make it again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may use: `seconds` of waiting, `memory` in bytes of its process."""

    seconds: float = 30.0
    memory: int = MEMORY


class Worker:
    """A process with an engine in it. `close` (or the end of a `with` block) ends it, whatever it is doing."""

    def __init__(self, engine: str, path: str | Path, *, limits: Limits | None = None) -> None:
        """Start it; `engine` is "sparql" or "cypher", `path` its cache. Raises nothing: `ask` finds out."""
        assert engine in ENGINES
        self.limits = limits or Limits()
        command = [
            engine,
            os.path.abspath(path),
            str(self.limits.memory),
            json.dumps([os.path.abspath(p) for p in sys.path]),
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CODE, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: we end it
        )
        self._ready = False
        self._answer: Answer | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Wait until the cache is open. Raises BrokenCache, QueryMemory, QueryTimeout."""
        if self._process.returncode is not None:
            raise QueryError("the query worker has ended: start another one")
        if self._ready:
            return
        watch = Watch(self._process, Limits(START, self.limits.memory))
        with watch, watch.counting():
            self._ready = self._read(watch)[0] == READY

    def ask(self, request: Mapping[str, Any], *, seconds: float | None = None) -> Answer:
        """The answer to a request (what it holds, the engine knows), as soon as its header is there.

        Raises QueryError for what the engine refuses or if the worker is gone, QueryTimeout, QueryMemory, and what
        `wait_ready` raises.
        """
        if self._answer is not None and not self._answer.over:
            raise ValueError("read the last answer to its end, or close it and start another worker")
        self.wait_ready()
        limits = Limits(self.limits.seconds if seconds is None else seconds, self.limits.memory)
        watch = Watch(self._process, limits)
        watch.__enter__()
        try:
            with watch.counting():
                question = msgspec.msgpack.encode([limits.seconds, request])
                with suppress(BrokenPipeError):  # reading will tell why it is gone
                    write_frame(cast(BinaryIO, self._process.stdin), HEAD, question)
                kind, header = self._read(watch)
                assert kind == HEAD
        except BaseException:
            watch.__exit__(None, None, None)
            raise
        self._answer = Answer(self, watch, header)
        return self._answer

    def close(self) -> None:
        """End the process at once and wait for its end."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _read(self, watch: Watch) -> tuple[int, Any]:
        """The next frame; raises what it reports, or what the end of the process means."""
        frame = read_frame(cast(BinaryIO, self._process.stdout))
        if frame is None:
            self.close()
            raise _death(self._process.returncode, watch)
        kind, payload = frame
        if kind not in (WRONG, BROKEN, BUG):
            return kind, payload if kind not in (HEAD, ROWS) else msgspec.msgpack.decode(payload)
        message = payload.decode("utf-8", "replace")
        if kind == WRONG:
            name, _, text = message.partition("\n")
            raise _ERRORS.get(name, QueryError)(text)
        self.close()
        if kind == BROKEN:
            raise BrokenCache(message)
        raise RuntimeError(f"a bug in the query worker:\n{message}")


class Answer:
    """What a worker says to a question: a header, then blocks (lists of rows, or bytes), as they come.

    Iterating raises QueryTimeout, QueryMemory or QueryError when the rest does not come: what was read is then a part.
    """

    def __init__(self, worker: Worker, watch: Watch, header: dict[str, Any]) -> None:
        self.header = header
        self._worker, self._watch, self.over = worker, watch, False

    def __iter__(self) -> Iterator[Any]:
        try:
            while not self.over:
                with self._watch.counting():
                    kind, block = self._worker._read(self._watch)
                if kind == DONE:
                    self._end()
                else:
                    yield block
        except QueryError:
            self._end()  # the worker has said what was wrong, or is gone
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Give up the rest; a worker that is still at it is ended."""
        if not self.over:
            self._end()
            self._worker.close()

    def _end(self) -> None:
        self.over = True
        self._watch.__exit__(None, None, None)


class Watch:
    """Looks at a process every now and then, and ends it when a limit is reached; `reason` is then which."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        self.limits, self.reason = limits, ""
        self._process, self._spent, self._since = process, 0.0, 0.0
        self._over, self._lock = threading.Event(), threading.Lock()

    def __enter__(self) -> Watch:
        threading.Thread(target=self._look, name="kg-query-watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over.set()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """The clock runs in this block."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._spent, self._since = self._spent + time.monotonic() - self._since, 0.0

    def _look(self) -> None:
        while not self._over.wait(_TICK) and self._process.poll() is None:
            since = self._since
            spent = self._spent + (time.monotonic() - since if since else 0.0)
            reason = "time" if spent > self.limits.seconds else ""
            if (memory_of(self._process.pid) or 0) > self.limits.memory:
                reason = "memory"
            with self._lock:
                if reason and not self._over.is_set():
                    self.reason = reason
                    self._process.kill()
                    return


def start(engine: str, graph: GraphDir, cache: str, build: Callable[[Path], None], limits: Limits) -> Worker:
    """A worker that is ready, on the cache of `graph`, which is built if there is none, and again if it is broken."""

    def ready(path: Path) -> Worker:
        worker = Worker(engine, path, limits=limits)
        try:
            worker.wait_ready()
        except BaseException:
            worker.close()
            raise
        return worker

    try:
        return ask(graph, cache, build, ready, broken=(BrokenCache,))
    except BrokenCache as error:
        raise StorageError(graph.path, f"its cache {cache!r} cannot be opened ({error})") from error


def memory_of(pid: int) -> int | None:
    """Bytes of memory that a process holds; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def _death(code: int, watch: Watch) -> Exception:
    limits = watch.limits
    if watch.reason == "time" or code == -getattr(signal, "SIGXCPU", -1):
        return QueryTimeout(
            f"the query was stopped after {limits.seconds:g} seconds: ask for less, or allow it more time"
        )
    if watch.reason == "memory" or code == -getattr(signal, "SIGABRT", -1):
        return QueryMemory(f"the query was stopped because it wanted more than {limits.memory >> 20:,} MB of memory")
    return QueryError(f"the query engine ended in the middle of the query (code {code})")
