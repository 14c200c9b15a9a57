"""Parquet tables with explicit schemas, and rows as the frozen records of `kg.model`. The home of pyarrow.

The same rows give the same bytes: fixed compression, fixed row groups, no creation time, no statistics from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from kg.model import EntityRow, EvidenceRow, MentionRow, MergeRow, Paper, ResultRow, StatementRow
from kg.store.records import RecordRow

Row = TypeVar("Row")

_TEXT, _COUNT, _SCORE, _FLAG = pa.string(), pa.int32(), pa.float64(), pa.bool_()
_TEXTS = pa.list_(pa.field("element", pa.string(), nullable=False))
_LIKE_NONE = -1  # sorts None before every offset


def _schema(**columns: pa.DataType | tuple[pa.DataType, bool]) -> pa.Schema:
    """A schema; a column is nullable only where its type comes in `_or_null`."""
    return pa.schema(
        [
            pa.field(name, *about) if isinstance(about, tuple) else pa.field(name, about, False)
            for name, about in columns.items()
        ]
    )


def _or_null(kind: pa.DataType) -> tuple[pa.DataType, bool]:
    return kind, True


@dataclass(frozen=True)
class Table(Generic[Row]):
    """One table: the class of its rows, its schema, the key by which it is sorted, rows in one row group."""

    row: type[Row]
    schema: pa.Schema
    order: Callable[[Row], Any]
    group: int = 65_536

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.schema.names)


PAPERS = Table(
    Paper,
    _schema(
        id=_TEXT,
        title=_TEXT,
        abstract=_TEXT,
        date=_TEXT,
        date_precision=_TEXT,
        authors=_TEXTS,
        venue=_TEXT,
        sources=_TEXTS,
        source_ids=_TEXTS,
        urls=_TEXTS,
    ),
    lambda r: r.id,
    group=4_096,
)
MENTIONS = Table(
    MentionRow,
    _schema(
        paper=_TEXT,
        entity=_TEXT,
        form=_TEXT,
        start=_COUNT,
        end=_COUNT,
        type=_TEXT,
        extractor=_TEXT,
        score=_SCORE,
    ),
    lambda r: (r.paper, r.start, r.end, r.entity, r.form, r.type, r.extractor, r.score),
)
ENTITIES = Table(
    EntityRow,
    _schema(
        id=_TEXT,
        type=_TEXT,
        kind=_TEXT,
        name=_TEXT,
        aliases=_TEXTS,
        parents=_TEXTS,
        papers=_COUNT,
        links=_TEXTS,
    ),
    lambda r: r.id,
)
STATEMENTS = Table(
    StatementRow,
    _schema(
        id=_TEXT,
        subject=_TEXT,
        predicate=_TEXT,
        object=_TEXT,
        negated=_FLAG,
        support=_COUNT,
        confidence=_SCORE,
    ),
    lambda r: (r.predicate, r.subject, r.object, r.negated, r.id),
)
EVIDENCE = Table(
    EvidenceRow,
    _schema(
        id=_TEXT,
        about=_TEXT,
        paper=_TEXT,
        start=_COUNT,
        end=_COUNT,
        subject_start=_or_null(_COUNT),
        subject_end=_or_null(_COUNT),
        object_start=_or_null(_COUNT),
        object_end=_or_null(_COUNT),
        extractor=_TEXT,
        score=_SCORE,
    ),
    lambda r: (
        r.about,
        r.paper,
        r.start,
        r.end,
        *(
            _LIKE_NONE if offset is None else offset
            for offset in (r.subject_start, r.subject_end, r.object_start, r.object_end)
        ),
        r.id,
    ),
)
RESULTS = Table(
    ResultRow,
    _schema(
        id=_TEXT,
        paper=_TEXT,
        subject=_or_null(_TEXT),
        metric=_or_null(_TEXT),
        dataset=_or_null(_TEXT),
        baseline=_or_null(_TEXT),
        value=_TEXT,
        mode=_TEXT,
        low=_or_null(_SCORE),
        high=_or_null(_SCORE),
        unit=_TEXT,
        higher_is_better=_or_null(_FLAG),
        confidence=_SCORE,
    ),
    lambda r: (r.paper, r.id),
)
MERGES = Table(
    MergeRow,
    _schema(entity=_TEXT, form=_TEXT, type=_TEXT, reason=_TEXT, score=_SCORE),
    lambda r: (r.entity, r.form, r.type, r.reason, r.score),
)
RECORDS = Table(
    RecordRow,
    _schema(
        source=_TEXT,
        position=_COUNT,
        state=_TEXT,
        record=_TEXT,
        message=_TEXT,
        **{column.name: column.type for column in PAPERS.schema},
    ),
    lambda r: (r.source, r.position),
    group=4_096,
)

BY_NAME: dict[str, Table[Any]] = {
    "papers": PAPERS,
    "mentions": MENTIONS,
    "entities": ENTITIES,
    "statements": STATEMENTS,
    "evidence": EVIDENCE,
    "results": RESULTS,
    "merges": MERGES,
}


def write_rows(file: Any, table: Table[Row], rows: Iterable[Row]) -> int:
    """Write `rows`, sorted, as Parquet to a writable file object; returns how many they are."""
    ordered = iter(sorted(rows, key=table.order))
    total = 0
    with pq.ParquetWriter(
        file,
        table.schema,
        version="2.6",
        compression="zstd",
        compression_level=3,
        data_page_version="1.0",
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        while group := list(islice(ordered, table.group)):
            writer.write_batch(_to_batch(table, group), row_group_size=table.group)
            total += len(group)
    return total


def _to_batch(table: Table[Row], rows: Sequence[Row]) -> pa.RecordBatch:
    columns = [
        pa.array([getattr(row, column.name) for row in rows], type=column.type, from_pandas=False)
        for column in table.schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def read_rows(file: BinaryIO, table: Table[Row], *, batch: int = 8_192, verify: bool = False) -> Iterator[Row]:
    """The rows of a Parquet file in stored order, streamed. `verify` checks every page against its checksum.

    Raises `TableError` if the file is no Parquet file of this schema.
    """
    lists = tuple(pa.types.is_list(column.type) for column in table.schema)
    make = table.row
    try:
        source = pq.ParquetFile(file, page_checksum_verification=verify)
        if tuple(source.schema_arrow.names) != table.names:
            raise TableError("holds other columns than it should")
        for piece in source.iter_batches(batch_size=batch, use_threads=False):
            columns: list[Iterable[Any]] = [
                map(tuple, column.to_pylist()) if is_list else column.to_pylist()
                for column, is_list in zip(piece.columns, lists, strict=True)
            ]
            yield from map(make, *columns)
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"is no whole Parquet table ({str(error).splitlines()[0]})") from error


def count_rows(file: BinaryIO) -> int:
    """The number of rows that the footer states. Raises `TableError` as `read_rows`."""
    try:
        return int(pq.ParquetFile(file).metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"is no whole Parquet table ({str(error).splitlines()[0]})") from error


class TableError(ValueError):
    """A file is not the Parquet table that it should be; who knows its path turns this into a GraphError."""
