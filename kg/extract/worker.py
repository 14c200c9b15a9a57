"""Extraction in a process of its own: papers come in on stdin, extractions go out on stdout, end of input ends it.

    python -m kg.extract.worker default

Every message is a frame: four bytes of length (big endian), then MessagePack. The first frame out is `Ready`, or
`Refused` where the pipeline cannot be loaded; then each frame in is a list of papers, and each paper is answered by one
`Done` or `Failed` in turn, so the other side always knows which paper a process that died was at.

It uses no multiprocessing: it works from scripts without a main guard, from notebooks and from threads, and since it
ends when its stdin does, it never outlives the process that started it by more than one paper.
"""

from __future__ import annotations

import os
import struct
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from kg.errors import KgError
from kg.model import Extraction, Paper

if TYPE_CHECKING:
    from spacy.language import Language

_LENGTH = struct.Struct(">I")

# One thread a process: the work is spread over processes, and the same sums in another order would be other bytes.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The pipeline is loaded."""


class Refused(msgspec.Struct, tag=True, frozen=True):
    """The pipeline cannot be loaded; `error` is the name of a class in `kg.errors`, or "" for a bug."""

    error: str
    message: str


class Done(msgspec.Struct, tag=True, frozen=True):
    """What one paper says."""

    extraction: Extraction


class Failed(msgspec.Struct, tag=True, frozen=True):
    """One paper that could not be extracted from, and why."""

    reason: str


Reply = Ready | Refused | Done | Failed
Outcome = Done | Failed

_encoder = msgspec.msgpack.Encoder()
_reply_decoder: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)
_papers_decoder = msgspec.msgpack.Decoder(list[Paper])


def write_frame(file: BinaryIO, message: object) -> None:
    """Write one message and flush it."""
    payload = _encoder.encode(message)
    file.write(_LENGTH.pack(len(payload)) + payload)
    file.flush()


def _read_frame(file: BinaryIO) -> bytes | None:
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    payload = file.read(length)
    return payload if len(payload) == length else None


def read_reply(file: BinaryIO) -> Reply | None:
    """The next message of a worker; None where its output ended."""
    payload = _read_frame(file)
    return None if payload is None else _reply_decoder.decode(payload)


def read_papers(file: BinaryIO) -> list[Paper] | None:
    """The next papers for a worker; None at the end."""
    payload = _read_frame(file)
    return None if payload is None else _papers_decoder.decode(payload)


def extract_one(nlp: Language, paper: Paper) -> Outcome:
    """Extract from one paper. One that makes the pipeline fail is answered by the reason: the others go on."""
    from kg.extract import extract_text

    try:
        return Done(extract_text(nlp, paper))
    except (Exception, RecursionError, MemoryError) as error:
        return Failed(f"extraction failed: {_described(error)}")


def _described(error: BaseException) -> str:
    """The error with the place of ours where it came up: `KeyError: 'x' (kg/extract/roles.py:12)`."""
    text = (str(error).splitlines() or [""])[0][:200]
    if isinstance(error, KgError):
        return text
    root = Path(__file__).resolve().parents[2]
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root / "kg")
    ]
    place = f" ({Path(ours[-1].filename).relative_to(root).as_posix()}:{ours[-1].lineno})" if ours else ""
    return f"{type(error).__name__}: {text}{place}"


def serve(stdin: BinaryIO, stdout: BinaryIO, model: str, lexicon: Path | None) -> None:
    """Load the pipeline, then answer papers until the input ends."""
    from kg.extract import load_pipeline

    try:
        nlp = load_pipeline(model, lexicon)
    except Exception as error:
        name = type(error).__name__ if isinstance(error, KgError) else ""
        message = str(error) if name else "".join(traceback.format_exception(error))
        write_frame(stdout, Refused(name, message))
        return
    write_frame(stdout, Ready())
    while (papers := read_papers(stdin)) is not None:
        for paper in papers:
            write_frame(stdout, extract_one(nlp, paper))


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve on stdin and stdout; what libraries print goes to stderr."""
    model, *rest = sys.argv[1:] if arguments is None else arguments
    os.environ.update(ONE_THREAD)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, replies, model, Path(rest[0]) if rest else None)
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # who started us is gone: there is nobody to tell


if __name__ == "__main__":
    main()
