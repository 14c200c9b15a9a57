"""The graph that is served, and the query workers that are kept warm for it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from kg.query.sparql import open_worker
from kg.query.worker import Answer, Limits, Worker
from kg.serve.wire import Refused
from kg.store import GraphDir

QUEUE = 250  # questions that may wait
PATIENCE = 10.0  # seconds that a question waits for its turn
BUSY = "too many questions at once: ask again in a moment"


def busy() -> Refused:
    return Refused(503, BUSY, {"Retry-After": "5"})


class Site:
    """A graph directory, opened again when a build has replaced it. Safe for several threads."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._seen = self._look()
        self._graph = GraphDir.open(self._path)

    def graph(self) -> GraphDir:
        """The graph as it is now. Raises GraphError while it is not whole."""
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._graph, self._seen = GraphDir.open(self._path), seen
            return self._graph

    def _look(self) -> tuple[int, int, int] | None:
        try:
            about = os.stat(self._path / "manifest.json")
        except OSError:
            return None
        return about.st_ino, about.st_mtime_ns, about.st_size


class Lease:
    """A turn to ask: `ask` runs in a thread; whoever holds the lease may `abandon` it from another."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._hash = pool, ""
        self._lock, self._gone = threading.Lock(), False
        self._worker: Worker | None = None
        self.answer: Answer | None = None

    @property
    def alive(self) -> bool:
        """Whether the worker is still there, so that what it said is its own judgement."""
        return self._worker is None or self._worker.alive

    def ask(self, graph: GraphDir, request: dict[str, object]) -> Answer:
        """As Worker.ask, on a warm worker if there is one."""
        worker, self._hash = self._pool._take(graph), graph.manifest.hash
        with self._lock:
            self._worker = worker
            gone = self._gone
        if gone:
            self.abandon()
        self.answer = worker.ask(request)
        return self.answer

    def abandon(self) -> None:
        """End the worker, whatever it is doing."""
        with self._lock:
            self._gone, worker = True, self._worker
        if worker is not None:
            worker.close()
            self._pool._forget(worker)

    def end(self) -> None:
        """Give the worker back if it is free, else end it."""
        over = self.answer is None or self.answer.over
        if self._worker is not None and self._worker.alive and over and not self._gone:
            self._pool._give(self._worker, self._hash)
        else:
            self.abandon()


class Pool:
    """Up to `size` questions at once, each in a worker of its own; a worker that is done waits for the next one."""

    def __init__(self, site: Site, *, size: int, limits: Limits) -> None:
        self.site, self.limits, self.size = site, limits, size
        self.threads = ThreadPoolExecutor(size, "kg-serve-query")
        self._closer = ThreadPoolExecutor(2, "kg-serve-close")
        self._turns, self._waiting = asyncio.Semaphore(size), 0
        self._lock = threading.Lock()
        self._all: set[Worker] = set()
        self._idle: list[tuple[str, Worker]] = []
        self._closed = False

    def warm(self) -> None:
        """Build the store if there is none, and start a worker. Raises what `open_worker` raises."""
        graph = self.site.graph()
        self._give(self._take(graph), graph.manifest.hash)

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """A turn. Raises Refused (503) where too many wait, or none comes in time."""
        if self._waiting >= QUEUE:
            raise busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError:
            raise busy() from None
        finally:
            self._waiting -= 1
        lease = Lease(self)
        finish = lease.abandon
        try:
            yield lease
            finish = lease.end
        except Refused:
            finish = lease.end  # said before the answer began: the worker is fit for the next question
            raise
        finally:
            # In another thread, because it waits for the end of a process. The turn is over when that has ended.
            loop = asyncio.get_running_loop()
            self._closer.submit(finish).add_done_callback(lambda _: _call(loop, self._turns.release))

    def close(self) -> None:
        """End every worker; none can be started any more."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            worker.close()
        self.threads.shutdown(wait=True, cancel_futures=True)
        self._closer.shutdown(wait=True)

    def _take(self, graph: GraphDir) -> Worker:
        stale: list[Worker] = []
        found: Worker | None = None
        with self._lock:
            while self._idle and found is None:
                hash_, worker = self._idle.pop()
                if hash_ == graph.manifest.hash and worker.alive:
                    found = worker
                else:
                    stale.append(worker)
        for worker in stale:
            worker.close()
            self._forget(worker)
        if found is not None:
            return found
        worker = open_worker(graph, limits=self.limits)
        with self._lock:
            self._all.add(worker)
            closed = self._closed
        if closed:
            worker.close()
        return worker

    def _give(self, worker: Worker, hash_: str) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append((hash_, worker))
                return
        worker.close()

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)


def _call(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop has ended: nobody waits for a turn any more
        loop.call_soon_threadsafe(what)
