"""Is a graph directory whole? Sizes and hashes against the manifest; every damage as a sentence."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kg.errors import GraphError
from kg.store.files import CACHE, CACHE_TAG, FILES, MANIFEST, NEXT, OURS, STAGING, sha256_of
from kg.store.manifest import Manifest, TableFile, is_manifest_of_ours


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file a path led to, and in what state: a file that was replaced or changed has another identity."""

    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, about: os.stat_result) -> Identity:
        return cls(about.st_ino, about.st_size, about.st_mtime_ns)


def file_path(home: Path, name: str) -> Path:
    """Where the file `name` of the valid graph lies now: also while it is being moved into place."""
    coming = home / NEXT / name
    return coming if coming.is_file() else home / name


def open_file(home: Path, name: str) -> BinaryIO:
    """The file `name` of the valid graph, open, also while it is being moved. Raises OSError."""
    try:
        return (home / NEXT / name).open("rb")
    except (FileNotFoundError, NotADirectoryError):
        return (home / name).open("rb")


def read_manifest(home: Path) -> Manifest:
    """The valid manifest. Raises GraphError if it is missing, damaged or not one of ours."""
    try:
        with open_file(home, MANIFEST) as file:
            return Manifest.parse(file.read(), home / MANIFEST)
    except FileNotFoundError as error:
        raise GraphError(home, f"is no graph directory: it has no {MANIFEST}") from error
    except OSError as error:
        raise GraphError(home / MANIFEST, f"cannot be read ({error.strerror})") from error


def check_file(home: Path, name: str, expected: TableFile, *, content: bool) -> Identity:
    """Compare one file with what the manifest says of it; without `content` only its size. Raises GraphError."""
    try:
        with open_file(home, name) as file:
            about = os.fstat(file.fileno())
            if about.st_size != expected.bytes:
                raise GraphError(
                    home / name, f"is damaged: {about.st_size:,} bytes where {expected.bytes:,} were written"
                )
            if content and sha256_of(file) != expected.sha256:
                raise GraphError(home / name, "is damaged: its content is not what was written")
    except FileNotFoundError as error:
        raise GraphError(home / name, "is missing") from error
    except OSError as error:
        raise GraphError(home / name, f"cannot be read ({error.strerror})") from error
    return Identity.of(about)


def damages(path: str | Path) -> tuple[str, ...]:
    """Everything that is wrong with the files of a graph directory, one sentence each that begins with the file.

    Empty if the graph is whole. Raises GraphError if `path` is no graph directory at all.
    """
    home = Path(path)
    if not home.is_dir():
        raise GraphError(path, "is no directory" if home.exists() else "there is no such directory")
    try:
        manifest = read_manifest(home)
    except GraphError as error:
        if not any((home / name).exists() for name in (MANIFEST, *FILES)):
            raise
        return (str(error),)
    found = []
    for name, expected in manifest.files.items():
        try:
            check_file(home, name, expected, content=True)
        except GraphError as error:
            found.append(str(error))
    return tuple(found)


def strangers(path: str | Path) -> tuple[str, ...]:
    """Names in a graph directory that are not ours, sorted; left-overs of an interrupted build among them."""
    names = {entry.name for entry in Path(path).iterdir()}
    return tuple(sorted((names - OURS) | (names & {STAGING})))


def is_ours(home: Path) -> bool:
    """Whether a directory that is not empty was made by us, whole, damaged or hardly begun."""
    names = {entry.name for entry in home.iterdir()}
    for manifest in (home / NEXT / MANIFEST, home / MANIFEST):
        if manifest.is_file() and is_manifest_of_ours(manifest.read_bytes()):
            return True
    if len(names & set(FILES)) >= len(FILES) - 2:  # the manifest is lost or damaged
        return True
    return names <= {CACHE, STAGING} and (home / CACHE / CACHE_TAG).is_file()
