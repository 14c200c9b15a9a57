"""Writing a graph directory: claimed, locked, written beside its place, moved into it.

    DIR/.kg-staging/   the new files while they are written; a build that dies leaves it, the next one removes it
    DIR/.kg-next/      the same folder, renamed once all files are whole: from now on this is the graph
    DIR/               the files, moved one by one; a move that was interrupted is finished by the next build

Readers look into `.kg-next` first, so at every moment they find exactly one whole graph.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kg.errors import OutputError, StorageError
from kg.model import EntityRow, EvidenceRow, MentionRow, MergeRow, Paper, Rejected, ResultRow, StatementRow
from kg.store import records as records_table
from kg.store.files import (
    CACHE,
    CACHE_TAG,
    FILES,
    MANIFEST,
    NEXT,
    RECORDS,
    REJECTED,
    STAGING,
    HashingFile,
    storage_errors,
    sync_dir,
    sync_file,
)
from kg.store.manifest import Manifest, TableFile
from kg.store.records import SourceRecords
from kg.store.verify import is_ours

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Made by kg. All that lies here is made again when it is needed; the graph is in the folder above.\n"
    "# See https://bford.info/cachedir/\n"
)


@dataclass(frozen=True)
class BuildDir:
    """A graph directory that is ours alone to write while `building` holds it."""

    path: Path

    @property
    def cache(self) -> Path:
        return self.path / CACHE

    def write(
        self,
        *,
        papers: Iterable[Paper],
        mentions: Iterable[MentionRow],
        entities: Iterable[EntityRow],
        statements: Iterable[StatementRow],
        evidence: Iterable[EvidenceRow],
        results: Iterable[ResultRow],
        merges: Iterable[MergeRow],
        rejected: Iterable[Rejected],
        records: Iterable[SourceRecords] = (),
        manifest_fields: Mapping[str, Any] | None = None,
    ) -> Manifest:
        """Write all files and move them into place; rows in any order. Raises StorageError; then nothing changed.

        `manifest_fields` are fields of `Manifest`; its `files`, and the counts of the tables, are filled in here.
        """
        tables = {
            "papers": papers,
            "mentions": mentions,
            "entities": entities,
            "statements": statements,
            "evidence": evidence,
            "results": results,
            "merges": merges,
        }
        staging = self.path / STAGING
        try:
            with storage_errors(self.path):
                shutil.rmtree(staging, ignore_errors=True)
                staging.mkdir()
                written = _write_files(staging, tables, records, rejected)
                manifest = _manifest(written, tables, manifest_fields or {})
                with (staging / MANIFEST).open("wb") as file:
                    file.write(manifest.to_bytes())
                    sync_file(file)
                sync_dir(staging)
                os.rename(staging, self.path / NEXT)
                sync_dir(self.path)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        with storage_errors(self.path):
            _move_into_place(self.path)
        return manifest


def write_graph(
    path: str | Path,
    *,
    papers: Iterable[Paper],
    mentions: Iterable[MentionRow],
    entities: Iterable[EntityRow],
    statements: Iterable[StatementRow],
    evidence: Iterable[EvidenceRow],
    results: Iterable[ResultRow],
    merges: Iterable[MergeRow],
    rejected: Iterable[Rejected] = (),
    manifest_fields: Mapping[str, Any] | None = None,
) -> Manifest:
    """Write a graph directory from rows in hand (in any order); see `BuildDir.write` for the errors."""
    with building(path) as place:
        return place.write(
            papers=papers,
            mentions=mentions,
            entities=entities,
            statements=statements,
            evidence=evidence,
            results=results,
            merges=merges,
            rejected=rejected,
            manifest_fields=manifest_fields,
        )


def claim(path: str | Path) -> Path:
    """Make sure, without writing anything, that `path` is free for a graph or holds one of ours.

    Raises OutputError.
    """
    home = Path(path)
    try:
        if home.is_dir():
            if any(home.iterdir()) and not is_ours(home):
                raise OutputError(path, "is a directory with other things in it, not a graph; nothing was written")
        elif home.exists() or home.is_symlink():
            raise OutputError(path, "is a file; a graph is a directory. Nothing was written")
        else:
            for parent in home.absolute().parents:
                if parent.exists():
                    if not parent.is_dir():
                        raise OutputError(path, f"cannot be made: {parent} is a file. Nothing was written")
                    break
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    return home


@contextmanager
def building(path: str | Path) -> Iterator[BuildDir]:
    """Hold the graph directory `path` for a build, made if it is not there; an interrupted move is finished first.

    Raises OutputError where something else is in the way, StorageError where it cannot be written or another build is
    at work in it.
    """
    home = claim(path)
    created = not home.exists()
    with storage_errors(path):
        (home / CACHE).mkdir(parents=True, exist_ok=True)
        tag = home / CACHE / CACHE_TAG
        if not tag.exists():
            tag.write_text(_TAG, encoding="ascii")
    try:
        with _locked(home / CACHE / "build.lock", path):
            with storage_errors(path):
                if (home / NEXT).is_dir():
                    _move_into_place(home)
                shutil.rmtree(home / STAGING, ignore_errors=True)
            yield BuildDir(home)
    except BaseException:
        if created:
            _remove_if_bare(home)
        raise


def _remove_if_bare(home: Path) -> None:
    """Take away a directory of our own making in which nothing came to be."""
    with suppress(OSError):
        if {entry.name for entry in home.iterdir()} == {CACHE}:
            names = {entry.name for entry in (home / CACHE).iterdir()}
            if names <= {CACHE_TAG, "build.lock"}:
                shutil.rmtree(home)


def _write_files(
    staging: Path,
    tables: Mapping[str, Iterable[Any]],
    records: Iterable[SourceRecords],
    rejected: Iterable[Rejected],
) -> dict[str, TableFile]:
    from kg.store.tables import BY_NAME, write_rows

    written: dict[str, TableFile] = {}

    def one(name: str, write: Any) -> None:
        with storage_errors(staging.parent / name), (staging / name).open("wb") as raw:
            file = HashingFile(raw)
            rows = write(file)
            sync_file(raw)
            written[name] = TableFile(file.size, file.sha256, rows)

    for name, rows in tables.items():
        one(f"{name}.parquet", lambda file, name=name, rows=rows: write_rows(file, BY_NAME[name], rows))
    one(RECORDS, lambda file: records_table.write(file, records))
    one(REJECTED, lambda file: _write_rejected(file, rejected))
    return written


def _write_rejected(file: HashingFile, rejected: Iterable[Rejected]) -> int:
    total = 0
    for row in rejected:
        line = json.dumps({"file": row.file, "record": row.record, "reason": row.reason}, ensure_ascii=False)
        file.write(line.encode("utf-8", "replace") + b"\n")
        total += 1
    return total


def _manifest(
    written: Mapping[str, TableFile], tables: Mapping[str, Iterable[Any]], fields: Mapping[str, Any]
) -> Manifest:
    from kg import __version__

    counts = {name: written[f"{name}.parquet"].rows for name in tables}
    counts["rejected"] = written[REJECTED].rows
    given = dict(fields)
    return Manifest(
        files=dict(written), counts={**given.pop("counts", {}), **counts}, **{"kg_version": __version__, **given}
    )


def _move_into_place(home: Path) -> None:
    """Finish what the rename to `.kg-next` decided; can be interrupted and repeated at any point."""
    coming = home / NEXT
    for name in (*FILES, MANIFEST):  # the manifest last: while it is there, it is the valid one
        with suppress(FileNotFoundError):
            os.replace(coming / name, home / name)
    shutil.rmtree(coming)
    sync_dir(home)


@contextmanager
def _locked(lock: Path, path: str | Path) -> Iterator[None]:
    with storage_errors(path):
        file: IO[bytes] = lock.open("ab")
    with file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StorageError(path, "another build is at work in it; wait for it, or stop it") from error
            except OSError:
                pass  # a network mount without locks
        yield
