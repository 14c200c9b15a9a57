"""Names of what lies in a graph directory, and file work that cannot leave half a file behind."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from kg.errors import OutputError, StorageError

TABLES: tuple[str, ...] = ("papers", "mentions", "entities", "statements", "evidence", "results", "merges")
RECORDS = "records.parquet"
REJECTED = "rejected.jsonl"
MANIFEST = "manifest.json"
FILES: tuple[str, ...] = (*(f"{table}.parquet" for table in TABLES), RECORDS, REJECTED)

CACHE = "cache"
CACHE_TAG = "CACHEDIR.TAG"
STAGING = ".kg-staging"  # a graph that is being written
NEXT = ".kg-next"  # a whole graph that is being moved into place
OURS: frozenset[str] = frozenset((*FILES, MANIFEST, CACHE, STAGING, NEXT))

_REASONS = {
    errno.ENOSPC: "no space left on this disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "larger than this system lets a file be",
    errno.EROFS: "lies on a read-only file system",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENAMETOOLONG: "the name is too long",
}


def reason_of(error: OSError) -> str:
    """What stopped us, in words."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


@contextmanager
def storage_errors(path: object) -> Iterator[None]:
    """Turn an OSError of the block into a StorageError that names `path`."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(path, reason_of(error)) from error


class HashingFile:
    """A binary file for writing that counts and hashes what goes through it."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash, self.size = file, hashlib.sha256(), 0

    def write(self, block: bytes) -> int:
        self._file.write(block)
        self._hash.update(block)
        self.size += len(block)
        return len(block)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing: who opened the file closes it."""

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def sha256_of(file: BinaryIO) -> str:
    """The SHA-256 of an open file from its start, in hex."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def sync_file(file: IO[bytes]) -> None:
    """Make sure that what was written is on the disk: some disks report that they are full only now."""
    file.flush()
    os.fsync(file.fileno())


def sync_dir(path: Path) -> None:
    """Make renames in a directory last; systems without that notion are left alone."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file that appears at `path` when the block ends well, and not at all when it does not.

    It is written beside its place, so that the last rename stays on one file system. What is no ordinary file (a
    pipe, `/dev/null`) is written directly. Raises OutputError where `path` cannot be a file, else StorageError.
    """
    place = Path(os.path.realpath(path))  # a link stays a link: what it points to is replaced
    if place.is_dir():
        raise OutputError(path, "is a directory, and a file is to be written")
    if not place.parent.is_dir():
        raise OutputError(path, f"there is no directory {place.parent.name or place.parent} to write it in")
    with storage_errors(path):
        if place.exists() and not stat.S_ISREG(place.stat().st_mode):
            with place.open("wb") as file:
                yield file
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{place.name[:100]}.", suffix=".tmp", dir=place.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                sync_file(file)
            os.chmod(name, _mode_of(place))
            os.replace(name, place)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise


def _mode_of(place: Path) -> int:
    """The permissions that the file has, or that a new one would get."""
    with suppress(OSError):
        return stat.S_IMODE(place.stat().st_mode)
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
