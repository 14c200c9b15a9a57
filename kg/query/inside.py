"""The inside of a query worker: opens a cache, locks itself in, then answers questions until its stdin ends.

    python -c 'from kg.query.inside import main; main()' sparql /path/of/store 2147483648

Locked in means (kg.query.doors): no further file or socket can be opened, no byte written to a file, no program run;
the working directory is an empty one that is already deleted. So whatever a query finds in an engine, it cannot read or
write a file with it nor reach a server. A frame is one byte of kind, four of length (big endian), and the payload.
"""

from __future__ import annotations

import math
import os
import queue
import struct
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from kg.errors import KgError, QueryError
from kg.query import doors

try:
    import resource
except ImportError:  # Windows: there only the refusals of the query text and the time limit hold
    resource = None  # type: ignore[assignment]

ENGINES = {"sparql": "kg.query.sparql_engine", "cypher": "kg.query.ladybug_engine"}
READY, HEAD, ROWS, BYTES, DONE, WRONG, BROKEN, BUG = range(8)  # kinds of frames

LARGEST = 64 << 20  # bytes of a frame: bounds the memory of the reader
_FRAME = struct.Struct(">BI")
_BATCH = 256  # rows of a frame
_WAIT = 0.1  # seconds that a row may wait for its frame to fill

Send = Callable[[int, Any], None]


class Engine(Protocol):
    """An engine on one open cache. `request` is what the asking side of the same engine wrote.

    `opens_later` says that it opens files of its cache only when it reads from them.
    """

    opens_later: bool

    def __init__(self, path: str, memory: int) -> None: ...

    def answer(self, request: dict[str, Any], send: Send) -> None:
        """Send a HEAD, then ROWS or BYTES; raises KgError for what is wrong with the query."""


def write_frame(file: BinaryIO, kind: int, payload: bytes) -> None:
    file.write(_FRAME.pack(kind, len(payload)) + payload)
    file.flush()


def read_frame(file: BinaryIO) -> tuple[int, bytes] | None:
    """The next frame, None where the other side is gone."""
    head = file.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    kind, length = _FRAME.unpack(head)
    payload = file.read(length)
    return (kind, payload) if len(payload) == length else None


def batches(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    """Rows in lists of 1, 2, 4 … 256, so that the first come at once; none waits long for those after it."""
    batch: list[list[Any]] = []
    since, size = time.monotonic(), 1
    for row in rows:
        batch.append(row)
        if len(batch) >= size or time.monotonic() - since > _WAIT:
            yield batch
            batch, since, size = [], time.monotonic(), min(2 * size, _BATCH)
    if batch:
        yield batch


class Output:
    """A file for writing whose blocks become frames."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def write(self, block: bytes) -> int:
        self._send(BYTES, bytes(block))
        return len(block)

    def flush(self) -> None:
        """Nothing waits here."""


def main() -> None:
    """Serve until stdin ends; the arguments are engine, path and bytes of memory."""
    name, path, memory = sys.argv[1], sys.argv[2], int(sys.argv[3])
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an engine prints is no answer

    def send(kind: int, message: Any) -> None:
        payload = message if isinstance(message, bytes) else msgspec.msgpack.encode(message)
        if len(payload) > LARGEST:
            raise QueryError(f"a part of the answer is larger than {LARGEST >> 20} MB: ask for less at once")
        write_frame(replies, kind, payload)

    try:
        _go_nowhere()
        doors.allow_descriptors()
        engine: Engine = import_module(ENGINES[name]).Engine(path, memory)
    except Exception as error:
        send(BROKEN, f"{type(error).__name__}: {error}".encode())
        return
    requests: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    doors.shut(memory, opens_later=Path(path) if engine.opens_later else None)
    send(READY, b"")
    try:
        while True:
            seconds, request = msgspec.msgpack.decode(requests.get())
            _allow_cpu(seconds)
            _answer(engine, request, send)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # who asked is gone: there is nobody to tell


def _answer(engine: Engine, request: dict[str, Any], send: Send) -> None:
    try:
        engine.answer(request, send)
        send(DONE, b"")
    except KgError as error:
        send(WRONG, f"{type(error).__name__}\n{error}".encode("utf-8", "replace"))
    except MemoryError:
        send(WRONG, b"QueryMemory\nthe query was stopped because it wanted more memory than it may have")
    except BrokenPipeError:
        raise
    except Exception as error:
        send(BUG, "".join(traceback.format_exception(error)).encode("utf-8", "replace"))


def _listen(requests: queue.Queue[bytes]) -> None:
    """Hand on what comes; where nobody can come any more, nothing is worth being finished."""
    stdin = sys.stdin.buffer
    while (frame := read_frame(stdin)) is not None:
        requests.put(frame[1])
    os._exit(0)


def _go_nowhere() -> None:
    """Stand in an empty directory that no name leads to."""
    try:
        empty = tempfile.mkdtemp(prefix="kg-query-")
    except OSError:
        os.chdir("/")
        return
    os.chdir(empty)
    with suppress(OSError):  # Windows does not remove the ground one stands on
        os.rmdir(empty)


def _allow_cpu(seconds: float) -> None:
    """A last stop where nobody watches any more: what the query could use on all cores, and some more."""
    if resource is None:
        return
    about = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(about.ru_utime + about.ru_stime + seconds * (os.cpu_count() or 1) + 10)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
