"""A graph directory for reading: checked when it is opened, and never a mixture of two builds."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kg.errors import GraphError, NotFoundError
from kg.model import EntityRow, EvidenceRow, MentionRow, MergeRow, Paper, Rejected, ResultRow, StatementRow
from kg.store.files import REJECTED, TABLES
from kg.store.manifest import Manifest
from kg.store.verify import Identity, check_file, file_path, open_file, read_manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from kg.store.tables import Table

_GLOB = re.compile(r"([*?\[])")
_TRIES = 5  # a build may move its files into place while we look


@dataclass(frozen=True)
class GraphDir:
    """A whole graph directory. Rows are streamed in the stored order; offsets are code points of the paper's text.

    Each read makes sure that the file is still the one that was checked: where a build has replaced it meanwhile,
    GraphError says so instead of an answer that mixes two graphs.
    """

    path: Path
    manifest: Manifest
    _identities: dict[str, Identity] = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _open: list[DuckDBPyConnection] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def open(cls, path: str | Path, *, check: bool = True) -> GraphDir:
        """The graph at `path`. Raises GraphError, naming the file, if it is missing, damaged or no graph.

        `check` compares size and SHA-256 of every file with the manifest (about a second for 1 GB); without it only
        the sizes are compared.
        """
        home = Path(path)
        if not home.is_dir():
            raise GraphError(path, "is a file, not a graph directory" if home.exists() else "there is no such graph")
        for attempt in range(_TRIES):
            manifest = read_manifest(home)
            try:
                identities = {
                    name: check_file(home, name, expected, content=check) for name, expected in manifest.files.items()
                }
            except GraphError:
                if attempt == _TRIES - 1 or read_manifest(home).hash == manifest.hash:
                    raise
                continue
            return cls(home, manifest, identities)
        raise AssertionError("unreachable")

    def papers(self) -> Iterator[Paper]:
        """The papers by id."""
        return self._rows("papers")

    def mentions(self) -> Iterator[MentionRow]:
        """The mentions by paper and offset."""
        return self._rows("mentions")

    def entities(self) -> Iterator[EntityRow]:
        """The entities by id."""
        return self._rows("entities")

    def statements(self) -> Iterator[StatementRow]:
        """The statements by predicate, subject, object."""
        return self._rows("statements")

    def evidence(self) -> Iterator[EvidenceRow]:
        """The evidence by what it is about, paper and offset."""
        return self._rows("evidence")

    def results(self) -> Iterator[ResultRow]:
        """The results by paper and id."""
        return self._rows("results")

    def merges(self) -> Iterator[MergeRow]:
        """The merges by entity and form."""
        return self._rows("merges")

    def rejected(self) -> Iterator[Rejected]:
        """The records that could not be used, in the order of their sources."""
        import json

        with self._checked(REJECTED) as file:
            for line in file:
                row = json.loads(line)
                yield Rejected(row["file"], row["record"], row["reason"])

    def table_path(self, name: str) -> Path:
        """Where the table `name` lies."""
        if name not in TABLES:
            raise NotFoundError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
        return file_path(self.path, f"{name}.parquet")

    def query(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows that `sql` (DuckDB's dialect) gives over the tables, by their names; `params` fill its `?`.

        Safe to call from several threads.
        """
        import duckdb

        self._ensure_unchanged()
        try:
            rows = self._connection().cursor().execute(sql, list(params)).fetchall()
        except duckdb.IOException:  # the file was moved into place since the connection was made
            self._ensure_unchanged()
            self._open.clear()
            rows = self._connection().cursor().execute(sql, list(params)).fetchall()
        self._ensure_unchanged()
        return rows

    def text_of(self, paper_id: str) -> str:
        """The text that the offsets of a paper count in. Raises NotFoundError for an id that is not there."""
        found = self.query("SELECT title, abstract FROM papers WHERE id = ?", [paper_id])
        if not found:
            raise NotFoundError(f"there is no paper with id {paper_id!r}")
        return Paper(paper_id, *found[0]).text

    def _rows(self, name: str) -> Iterator[Any]:
        from kg.store.tables import BY_NAME, TableError, read_rows

        table: Table[Any] = BY_NAME[name]
        with self._checked(f"{name}.parquet") as file:
            try:
                yield from read_rows(file, table)
            except TableError as error:
                raise GraphError(self.path / f"{name}.parquet", str(error)) from error

    def _checked(self, name: str) -> BinaryIO:
        """The file `name`, open; GraphError if it is another one than the one that was checked."""
        try:
            file = open_file(self.path, name)
        except OSError as error:
            raise GraphError(self.path / name, f"cannot be read ({error.strerror})") from error
        if Identity.of(os.fstat(file.fileno())) != self._identities[name]:
            file.close()
            raise self._changed(name)
        return file

    def _ensure_unchanged(self) -> None:
        for table in TABLES:
            name = f"{table}.parquet"
            try:
                same = Identity.of(file_path(self.path, name).stat()) == self._identities[name]
            except OSError as error:
                raise GraphError(self.path / name, f"cannot be read ({error.strerror})") from error
            if not same:
                raise self._changed(name)

    def _changed(self, name: str) -> GraphError:
        return GraphError(self.path / name, "was written anew since this graph was opened: open it again")

    def _connection(self) -> DuckDBPyConnection:
        """The connection with one view per table, made at the first use; callers take cursors of it."""
        with self._lock:
            if not self._open:
                self._open.append(_connect({table: self.table_path(table) for table in TABLES}))
            return self._open[0]


def _connect(tables: dict[str, Path]) -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    for name, path in tables.items():
        # DuckDB takes * ? [ in a path for a pattern; in brackets each stands for itself.
        literal = _GLOB.sub(r"[\1]", str(path.absolute())).replace("'", "''")
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{literal}')")
    return connection
