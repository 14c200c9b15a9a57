"""From what a user names to files: directories, patterns, standard input; and the names that the graph keeps.

Which files of a directory are sources: all but hidden ones (".x"), what editors and systems leave behind ("x~",
"x.tmp", "Thumbs.db" …), texts about the data ("README", "LICENSE", "*.md", "*.rst"), the rejects that we write
ourselves ("rejected.jsonl", "*.rejected.jsonl"), special files, and everything inside a graph directory of ours. Linked
files are followed, linked directories inside a directory are not. A pattern with "**" is a walk of that kind; a file
that is named directly is always read. What is left and cannot be read is reported, not passed over.
"""

from __future__ import annotations

import glob
import hashlib
import io
import os
import re
import stat
import sys
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import IO, Protocol

from kg.errors import SourceError, UsageError
from kg.text import xml_safe

STDIN = "-"
_MAGIC = re.compile(r"[*?[]")
_BLOCK = 1 << 20
_REJECTS = r"(?:.*\.)?rejected\.jsonl"
_FOREIGN_FOLDER = re.compile(r"\..*|__macosx|__pycache__", re.IGNORECASE)
_FOREIGN_FILE = re.compile(
    rf"\..*|.*~|.*\.(?:tmp|temp|swp|part|bak|crdownload|md|rst)|thumbs\.db|desktop\.ini|{_REJECTS}"
    r"|(?:readme|licen[cs]e|notice|changelog|copying|citation|authors)(?:\.txt)?",
    re.IGNORECASE,
)


class Bytes(Protocol):
    """What reading needs of a stream."""

    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class Spool:
    """A stream that can be read only once (standard input, a pipe), copied so that it can be read again."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._copy: IO[bytes] | None = None

    def open(self) -> Bytes:
        """The copy, at its beginning. Raises OSError."""
        if self._copy is None:
            self._copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
            weakref.finalize(self, self._copy.close)
            with closing(_standard_input() if self._path is None else open(self._path, "rb")) as stream:
                while block := stream.read(_BLOCK):
                    self._copy.write(block)
        self._copy.seek(0)
        return _Borrowed(self._copy)


class _Borrowed:
    """A stream that is not ours to close."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        pass


def _standard_input() -> Bytes:
    buffer = getattr(sys.stdin, "buffer", None)
    if buffer is not None:
        return _Borrowed(buffer)
    # Replaced by a text stream (a notebook, a test), or closed.
    return io.BytesIO(sys.stdin.read().encode("utf-8", "surrogatepass") if sys.stdin is not None else b"")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read. `name` is what the graph and messages call it: relative, with "/", valid Unicode.

    `sha256` and `size` (bytes as stored, compressed or not) are filled by `list_files`; `sha256` is "" where the file
    cannot be read.
    """

    name: str
    path: Path | None  # None: standard input
    sha256: str = ""
    size: int = 0
    spool: Spool | None = field(default=None, compare=False, repr=False)

    def open(self) -> Bytes:
        """The stored bytes from the start. Raises OSError."""
        if self.spool is not None:
            return self.spool.open()
        assert self.path is not None  # without a path there is a spool
        return open(self.path, "rb")


def expand_sources(sources: Sequence[str | Path]) -> tuple[SourceFile, ...]:
    """The files that `sources` (files, directories, patterns with `*`, `?`, `[…]`, `**`, or "-") stand for, by name.

    A path that exists wins over a pattern. The order of `sources` does not matter, and a file named twice is one. A
    file given by itself is called by its base name, one of a directory by its path below it, one that a pattern
    matches by its path below the pattern's fixed part. Different files that would be called alike get as many
    parent directories in front as tell them apart ("old/a.jsonl", "new/a.jsonl").

    Raises UsageError without any source, SourceError naming a source that does not exist, matches nothing, or holds
    nothing to read.
    """
    if isinstance(sources, str | os.PathLike):
        sources = [sources]
    if not sources:
        raise UsageError("no source given: name a file, a directory, a pattern, or - for standard input")
    found: dict[str, SourceFile] = {}
    for source in sources:
        for file in _expand(os.fspath(source)):
            key = STDIN if file.path is None else os.path.realpath(file.path)
            if key not in found or (file.name, str(file.path)) < (found[key].name, str(found[key].path)):
                found[key] = file
    return tuple(sorted(_distinct(found.values()), key=lambda file: file.name))


def list_files(sources: Sequence[str | Path]) -> tuple[SourceFile, ...]:
    """As `expand_sources`, with SHA-256 and size of each file's bytes: the manifest's rows."""
    return tuple(_hashed(file) for file in expand_sources(sources))


def is_graph_directory(path: Path) -> bool:
    """Whether `path` looks like a graph directory that we wrote."""
    return (path / "manifest.json").is_file() and (path / "papers.parquet").is_file()


def _expand(source: str) -> Iterator[SourceFile]:
    if source == STDIN:
        yield SourceFile(STDIN, None, spool=Spool(None))
        return
    if not source or "\0" in source:
        raise SourceError(repr(source), "no name of a file")
    path = Path(source)
    if os.path.isdir(path):
        if is_graph_directory(path):
            raise SourceError(_printable(source), "a graph directory, not a source")
        yield from _some(_walk(path, path), source, "a directory without files to read")
    elif os.path.exists(path):
        yield _single(path)
    elif os.path.lexists(path):
        raise SourceError(_printable(source), "a link to nothing")
    elif _MAGIC.search(source):
        yield from _some(_match(path), source, "no file matches this pattern")
    else:
        raise SourceError(_printable(source), "no such file or directory")


def _some(files: Iterator[SourceFile], source: str, otherwise: str) -> Iterator[SourceFile]:
    empty = True
    for file in files:
        empty = False
        yield file
    if empty:
        raise SourceError(_printable(source), otherwise)


def _single(path: Path) -> SourceFile:
    # The mode of /dev/stdin or of a shell's <(…) is that of the pipe behind it.
    regular = stat.S_ISREG(os.stat(path).st_mode)
    return SourceFile(_printable(path.name), path, spool=None if regular else Spool(path))


def _walk(directory: Path, base: Path) -> Iterator[SourceFile]:
    """The sources below `directory`, named relative to `base`; what cannot be listed is yielded to fail when read."""
    unlisted: list[OSError] = []
    for root, folders, names in os.walk(directory, onerror=unlisted.append):
        here = Path(root)
        folders[:] = sorted(f for f in folders if not (_FOREIGN_FOLDER.fullmatch(f) or is_graph_directory(here / f)))
        for name in sorted(names):
            path = here / name
            if not _FOREIGN_FILE.fullmatch(name) and (path.is_file() or not os.path.exists(path)):
                yield SourceFile(_relative(path, base), path)
    for error in unlisted:
        path = Path(os.fsdecode(error.filename))
        yield SourceFile(_relative(path, base), path)


def _match(pattern: Path) -> Iterator[SourceFile]:
    """The files that match; leading folders that exist are taken literally ("papers [2024]/*.jsonl")."""
    fixed, rest = Path(), list(pattern.parts)
    while rest and (os.path.isdir(fixed / rest[0]) or not _MAGIC.search(rest[0])):
        fixed /= rest.pop(0)
    for name in sorted(glob.glob(os.path.join(glob.escape(str(fixed)), *rest), recursive=True)):
        path = Path(name)
        below = path.relative_to(fixed)
        inside = [fixed.joinpath(*below.parts[:depth]) for depth in range(1, len(below.parts) + 1)]
        if any(is_graph_directory(folder) for folder in inside) or re.fullmatch(_REJECTS, path.name):
            continue
        if "**" in rest and (
            _FOREIGN_FILE.fullmatch(path.name) or any(map(_FOREIGN_FOLDER.fullmatch, below.parts[:-1]))
        ):
            continue
        if path.is_dir():
            yield from _walk(path, fixed)
        elif path.is_file():
            yield SourceFile(_relative(path, fixed), path)


def _relative(path: Path, base: Path) -> str:
    return _printable(path.relative_to(base).as_posix())


def _printable(name: str) -> str:
    r"""`name` in valid Unicode on one line; other bytes and controls as `\xff`: different names stay different."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() and xml_safe(c) == c else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _distinct(files: Iterable[SourceFile]) -> Iterator[SourceFile]:
    """The same files, those of one name with as many parent directories in front as tell them apart."""
    ordered = sorted(files, key=lambda file: (file.name, str(file.path)))
    folders = [_folders(file) for file in ordered]
    names, depth = [file.name for file in ordered], [0] * len(ordered)
    while alike := _repeated(names):
        for place in alike:
            depth[place] += 1
            above = folders[place][-depth[place] :]
            # Beyond the root only names that differ in undecodable bytes and their escapes can still be alike.
            number = [f"~{place}"] if depth[place] > len(folders[place]) + 1 else []
            names[place] = "/".join([*above, ordered[place].name, *number])
    return (replace(file, name=name) for file, name in zip(ordered, names, strict=True))


def _repeated(names: Sequence[str]) -> list[int]:
    counts = Counter(names)
    return [place for place, name in enumerate(names) if counts[name] > 1]


def _folders(file: SourceFile) -> list[str]:
    """The directories above the part of the path that the name already tells, outermost first."""
    parts = () if file.path is None else PurePath(os.path.abspath(file.path)).parts[1:]
    return [_printable(part) for part in parts[: max(0, len(parts) - file.name.count("/") - 1)]]


def _hashed(file: SourceFile) -> SourceFile:
    hasher, size = hashlib.sha256(), 0
    try:
        with closing(file.open()) as stream:
            while block := stream.read(_BLOCK):
                hasher.update(block)
                size += len(block)
    except OSError:
        return file  # reading it will say why
    return replace(file, sha256=hasher.hexdigest(), size=size)
