"""Tables: rows come back as they went in, sorted, and the same rows give the same bytes."""

from __future__ import annotations

import io
import random
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Paper
from kg.store.files import FILES, TABLES
from kg.store.records import RecordRow
from kg.store.tables import BY_NAME, PAPERS, RECORDS, TableError, count_rows, read_rows, write_rows
from kg.text import xml_safe
from tests.store.conftest import ROWS

ALL = {**BY_NAME, "records": RECORDS}

ORDERS = {
    "papers": ["p1", "p2"],
    "mentions": [22, 0, 27],
    "entities": ["dataset/leafset", "model/kitenet", "model/oaknet"],
    "statements": ["s1", "s2"],
    "evidence": ["e1", "e2"],
    "results": ["r0", "r1"],
    "merges": ["model/oaknet"],
}


@pytest.mark.parametrize("name", ALL)
def test_columns_are_the_fields_of_the_row(name: str) -> None:
    """A table and the record that is one row of it cannot drift apart."""
    assert ALL[name].names == tuple(field.name for field in fields(ALL[name].row))


def test_every_table_has_a_schema_and_a_file() -> None:
    assert set(BY_NAME) == set(TABLES)
    assert set(FILES) == {*(f"{name}.parquet" for name in TABLES), "records.parquet", "rejected.jsonl"}


def written(name: str, rows: list[Any]) -> bytes:
    file = io.BytesIO()
    assert write_rows(file, ALL[name], rows) == len(rows)
    return file.getvalue()


@pytest.mark.parametrize("name", TABLES)
def test_rows_come_back_equal_and_in_the_stored_order(name: str) -> None:
    rows = list(read_rows(io.BytesIO(written(name, ROWS[name])), BY_NAME[name], verify=True))
    assert sorted(map(repr, rows)) == sorted(map(repr, ROWS[name]))
    key = {"mentions": "start", "merges": "entity"}.get(name, "id")
    assert [getattr(row, key) for row in rows] == ORDERS[name]


@pytest.mark.parametrize("name", TABLES)
def test_the_order_of_the_rows_does_not_change_the_bytes(name: str) -> None:
    shuffled = list(ROWS[name])
    random.Random(7).shuffle(shuffled)
    assert written(name, shuffled) == written(name, ROWS[name]) == written(name, ROWS[name][::-1])


def test_many_rows_are_streamed_in_row_groups() -> None:
    """A table larger than one row group keeps all rows, and reading does not depend on the batch."""
    rows = [Paper(f"p{i:06d}", "T", "A" * (i % 7)) for i in range(PAPERS.group * 2 + 3)]
    raw = written("papers", rows)
    assert count_rows(io.BytesIO(raw)) == len(rows)
    assert list(read_rows(io.BytesIO(raw), PAPERS, batch=1000)) == rows


text = st.text(st.characters(codec="utf-8"), max_size=20).map(xml_safe)
texts = st.lists(text, max_size=3).map(tuple)


@given(
    st.lists(
        st.builds(
            Paper,
            id=text,
            title=text,
            abstract=text,
            date=text,
            authors=texts,
            venue=text,
            sources=texts,
            source_ids=texts,
            urls=texts,
        ),
        max_size=6,
        unique_by=lambda paper: paper.id,
    )
)
def test_any_text_survives(papers: list[Paper]) -> None:
    raw = written("papers", papers)
    assert list(read_rows(io.BytesIO(raw), PAPERS)) == sorted(papers, key=lambda paper: paper.id)
    assert written("papers", papers[::-1]) == raw


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"no table at all", written("merges", ROWS["merges"])])
def test_what_is_not_this_table_is_an_error_of_ours(raw: bytes) -> None:
    with pytest.raises(TableError):
        list(read_rows(io.BytesIO(raw), PAPERS))


def test_a_flipped_byte_in_a_page_is_found_by_its_checksum() -> None:
    raw = bytearray(
        written("records", [RecordRow("a.jsonl", 0, "rejected", "1", "x" * 500 + str(i)) for i in range(50)])
    )
    raw[len(raw) // 3] ^= 0x10
    with pytest.raises(TableError):
        list(read_rows(io.BytesIO(bytes(raw)), RECORDS, verify=True))
