"""Caches: files and directories that are derived from a graph, and can be thrown away at any time.

A cache is named by the hash of the graph's manifest, so a graph that changed never meets an old one. It is built
beside its place under a lock and renamed into it: nobody sees half of one. A seal beside it holds the sizes and hashes
of its files; what does not agree with its seal is built again.

    DIR/cache/search-0123456789abcdef.sqlite          the cache
    DIR/cache/search-0123456789abcdef.sqlite.seal     what its files must look like
    DIR/cache/search.sqlite.lock                      held while one is built

Where `DIR/cache` cannot be written (a read-only mount, a full disk), a folder of the user in the temporary folder
takes its place. Nothing is ever deleted but caches of the same name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, TypeVar

from kg.errors import StorageError
from kg.store import GraphDir

try:
    import fcntl
except ImportError:  # Windows: without it two processes may build the same cache; the later rename finds it there
    fcntl = None  # type: ignore[assignment]

Answer = TypeVar("Answer")
Build = Callable[[Path], None]

# What engines write beside their data even when they only read: not part of what is sealed.
UNSEALED = ("LOG", "LOG.old*", "LOCK", "*.lock", "*.wal", "*-wal", "*-shm", "*-journal", ".*")


def cached(graph: GraphDir, name: str, build: Build) -> Path:
    """The path of the cache `name` (as "search.sqlite" or "rdf") of `graph`, built now if there is no whole one.

    `build` gets a path that does not exist yet and makes a file or a directory there; it may raise OSError or
    StorageError where it cannot write. Raises StorageError where no place for a cache can be written.
    """
    troubles = []
    for inside in (True, False):
        try:
            folder = graph.path / "cache" if inside else _private_folder()
            return _cached_in(folder, name, graph.manifest.hash[:16], build)
        except (OSError, StorageError) as error:
            troubles.append(str(error))
    raise StorageError(
        graph.path,
        "no place for a cache: neither the folder `cache` in it nor the temporary folder can be written "
        f"(TMPDIR names another; {'; '.join(troubles)})",
    )


def ask(
    graph: GraphDir, name: str, build: Build, question: Callable[[Path], Answer], *, broken: tuple[type[Exception], ...]
) -> Answer:
    """`question(path of the cache)`; if it raises one of `broken`, the cache is built again and asked once more.

    For damage that only the engine notices.
    """
    path = cached(graph, name, build)
    try:
        return question(path)
    except broken:
        _discard(path)
        return question(cached(graph, name, build))


def _private_folder() -> Path:
    """A folder in the temporary folder that belongs to this user alone; others could plant a cache elsewhere.

    Raises OSError where there is no temporary folder that can be written.
    """
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    folder = Path(tempfile.gettempdir()) / f"mlpapers-kg-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    ours = stat.S_ISDIR(about.st_mode) and (os.name == "nt" or (about.st_uid == user and not about.st_mode & 0o022))
    return folder if ours else Path(tempfile.mkdtemp(prefix="mlpapers-kg-"))


def _cached_in(folder: Path, name: str, key: str, build: Build) -> Path:
    stem, dot, suffix = name.partition(".")
    path = folder / f"{stem}-{key}{dot}{suffix}"
    if _is_whole(path):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / f"{name}.lock") as alone:
        if _is_whole(path):  # another process was faster
            return path
        for old in _outdated(folder, stem, dot + suffix, key, work_too=alone):
            _discard(old)
        work = Path(tempfile.mkdtemp(prefix=f".{stem}-{key}-", dir=folder))
        try:
            fresh = work / name
            build(fresh)
            seal = _seal_of(fresh)
            _discard(path)
            os.replace(fresh, path)
            (work / "seal").write_text(json.dumps(seal, sort_keys=True), encoding="utf-8")
            os.replace(work / "seal", _seal_path(path))
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return path


def _outdated(folder: Path, stem: str, suffix: str, key: str, *, work_too: bool) -> Iterator[Path]:
    """Caches of this name for earlier states of the graph, and what builds that were killed left behind."""
    shared = folder.name != "cache"  # the temporary folder: caches of other graphs lie there too
    yield from folder.glob(f"{stem}-{key if shared else '*'}{suffix}")
    if work_too:
        yield from folder.glob(f".{stem}-{key if shared else '*'}-*")


def _seal_path(path: Path) -> Path:
    return path.with_name(path.name + ".seal")


def _discard(path: Path) -> None:
    """Remove a cache and its seal; what cannot be removed (in use on Windows, read-only) stays."""
    try:
        _seal_path(path).unlink(missing_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        pass


def _files(path: Path) -> list[Path]:
    """The files of a cache, sorted, without those that engines write while they read."""
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [file for file in found if file == path or not any(fnmatch(file.name, glob) for glob in UNSEALED)]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def _seal_of(path: Path) -> dict[str, list[int | str]]:
    """For each file, relative to the cache: size, time of last change in ns, hash."""
    about = {file: file.stat() for file in _files(path)}
    return {
        file.relative_to(path).as_posix(): [about[file].st_size, about[file].st_mtime_ns, _hash(file)] for file in about
    }


def _is_whole(path: Path) -> bool:
    """Whether a cache agrees with its seal. A file whose size and time are the sealed ones is not hashed again."""
    try:
        seal = json.loads(_seal_path(path).read_text(encoding="utf-8"))
        files = {file.relative_to(path).as_posix(): file for file in _files(path)}
        if not seal or seal.keys() != files.keys():
            return False
        for key, (size, changed, digest) in seal.items():
            about = files[key].stat()
            if about.st_size != size or (about.st_mtime_ns != changed and _hash(files[key]) != digest):
                return False
    except (OSError, ValueError, TypeError, AttributeError):
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Hold the lock file `path`; False where locks are not supported (some network mounts): then go on without."""
    file: IO[bytes] = path.open("ab")
    held = False
    try:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                held = True
            except OSError:
                pass
        yield held
    finally:
        file.close()
