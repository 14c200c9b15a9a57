"""Shutting the doors of this process, for good: no further files, no bytes written, no sockets, no other programs.

What an engine needs that opens its files only when it reads from them (RocksDB) is left to it: on Linux the kernel is
then told by a seccomp filter to refuse sockets and programs; where there is none, so many descriptors as the store has
files are all that can be opened.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from contextlib import suppress
from pathlib import Path

try:
    import resource
except ImportError:  # Windows: there only the refusals of the query text and the time limit hold
    resource = None  # type: ignore[assignment]

_DESCRIPTORS = 4096  # that an engine may open before the doors are shut
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # the latter as "permission denied"
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
# Machine -> its audit number, that of seccomp, and those of socket, connect, execve, execveat, io_uring_setup
_CALLS = {
    "x86_64": (0xC000003E, 317, (41, 42, 59, 322, 425)),
    "aarch64": (0xC00000B7, 277, (198, 203, 221, 281, 425)),
}


def allow_descriptors() -> None:
    """Let this process open as many files as it may, up to some thousands."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _DESCRIPTORS if most == resource.RLIM_INFINITY else min(most, _DESCRIPTORS)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def shut(memory: int, *, opens_later: Path | None = None) -> None:
    """Shut all doors. `opens_later` is a folder whose files may still be opened.

    Memory is bounded too, loosely: engines reserve addresses that they never use.
    """
    refused = _refuse_calls()
    if resource is None:
        return
    with suppress(OSError, ValueError, IndexError):
        with open("/proc/self/statm", encoding="ascii") as file:
            reserved = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (reserved + 2 * memory, resource.RLIM_INFINITY))
    for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(what, (0, 0))
    if opens_later is None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    elif not refused:
        most = max(os.dup(0), 16) + sum(1 for _ in opens_later.iterdir()) + 1
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _refuse_calls() -> bool:
    """Let the kernel refuse sockets and programs to all threads of this process; False where it cannot."""
    if platform.system() != "Linux" or platform.machine() not in _CALLS:
        return False
    audit, seccomp, calls = _CALLS[platform.machine()]
    steps = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 0, len(calls) + 1, audit), (_LOAD, 0, 0, 0)]
    steps += [(_IF_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    header = struct.pack("HP", len(steps), ctypes.addressof(program))
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        return int(libc.syscall(seccomp, _SET_FILTER, _ALL_THREADS, header)) == 0
    except (OSError, AttributeError):
        return False
