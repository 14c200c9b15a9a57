"""What a process can still do after its doors are shut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, socket, sys, threading
from pathlib import Path
from kg.query import doors

later = Path(sys.argv[1]) if sys.argv[1] else None
if sys.argv[2]:
    doors._refuse_calls = lambda: False
tried = []

def attempt(name, what):
    try:
        what()
        tried.append(name + " done")
    except OSError as error:
        tried.append(name + " " + os.strerror(error.errno))

shut = threading.Event()
def other():  # a thread that was there before
    shut.wait()
    attempt("thread", lambda: socket.create_connection(("127.0.0.1", 9)))
thread = threading.Thread(target=other)
thread.start()
doors.allow_descriptors()
doors.shut(1 << 30, opens_later=later)
shut.set()
thread.join()
attempt("socket", lambda: socket.create_connection(("127.0.0.1", 9)))
attempt("read", lambda: Path(sys.argv[3]).read_bytes())
attempt("write", lambda: Path(sys.argv[3] + ".new").write_bytes(b"x" * 10))
if not sys.argv[2]:
    attempt("run", lambda: os.execv("/bin/true", ["true"]))
print(tried)
"""


def outcome(*, later: Path | str, fallback: bool, file: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(later), "x" if fallback else "", str(file)], capture_output=True, check=True
    )
    return dict(entry.split(" ", 1) for entry in eval(done.stdout))


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
def test_no_socket_no_program_no_byte_on_linux(tmp_path: Path) -> None:
    """Also for a thread that was there before; files of a store that are opened later can be read."""
    file = tmp_path / "a"
    file.write_bytes(b"a")
    found = outcome(later=tmp_path, fallback=False, file=file)
    assert found["thread"] == found["socket"] == found["run"] == "Permission denied"
    assert found["read"] == "done"
    assert found["write"] == "File too large"


def test_nothing_at_all_can_be_opened_where_nothing_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"a")
    for fallback in (False, True):
        found = outcome(later="", fallback=fallback, file=file)
        assert found["read"] == found["write"] == "Too many open files"
        assert found["socket"] in ("Too many open files", "Permission denied")
        assert not (tmp_path / "a.new").exists()
