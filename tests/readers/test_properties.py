"""Whatever the bytes are, reading answers with records or rejects, and accounts for the file."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import Notice, Paper, Rejected
from kg.readers import FORMATS, read_sources
from kg.text import xml_safe

PREFIXES = [
    *(
        b"",
        b"{",
        b"[",
        b'{"data":[',
        b'[{"id":"a","title":"',
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xff\xfe\0\0",
    ),
    *(b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"BZh9", b"%PDF-", b"Subscribe\n", b"new\n\nSubscribe\n\nMar 12\n\n", b'{"id":'),
]
plain = st.builds(lambda prefix, rest: prefix + rest, st.sampled_from(PREFIXES), st.binary(max_size=300))
packed = st.builds(lambda pack, rest: pack(rest), st.sampled_from([gzip.compress, bz2.compress, lzma.compress]), plain)
cut = st.builds(lambda data, end: data[: max(1, end)], packed, st.integers(0, 80))

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    [
        *(
            "id",
            "title",
            "abstract",
            "text",
            "date",
            "year",
            "authors",
            "authorships",
            "venue",
            "journal",
            "url",
            "urls",
            "doi",
        ),
        *(
            "abstract_inverted_index",
            "externalIds",
            "ids",
            "data",
            "results",
            "message",
            "primary_location",
            "openAccessPdf",
        ),
    ]
)
records = st.dictionaries(fields, values, max_size=8)
documents = (
    records | st.lists(records | values, max_size=4) | st.builds(lambda r: {"message": {"items": r}}, st.lists(records))
)


def read(data: bytes, **options: str) -> list[Paper | Rejected | Notice]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source"
        path.write_bytes(data)
        return list(read_sources([path], **options))


def sound(found: list[Paper | Rejected | Notice]) -> None:
    assert any(not isinstance(record, Notice) for record in found)  # never "0 records"
    for record in found:
        if isinstance(record, Paper):
            everything = [
                record.id,
                record.text,
                record.venue,
                record.date,
                *record.authors,
                *record.urls,
                *record.source_ids,
            ]
            assert all(xml_safe(words) == words for words in everything)
            assert record.id
            assert record.abstract.strip()
            assert len(record.sources) == 1
        elif isinstance(record, Rejected):
            assert record.reason.strip()
            assert "\n" not in record.reason


@settings(deadline=None)  # other work on the machine is no fault
@given(plain | packed | cut)
def test_any_bytes_are_answered(data: bytes) -> None:
    sound(read(data))


@settings(deadline=None)  # other work on the machine is no fault
@given(
    plain,
    st.sampled_from([f.name for f in FORMATS]),
    st.sampled_from(["utf-8", "cp1252", "utf-16", "ascii", "utf-7"]),
)
def test_any_bytes_are_answered_in_any_format_and_encoding(data: bytes, name: str, encoding: str) -> None:
    sound(read(data, format=name, encoding=encoding))


@settings(deadline=None)  # other work on the machine is no fault
@given(documents, st.sampled_from([None, 1]), st.binary(max_size=3))
def test_any_json_is_answered(document: object, indent: int | None, tail: bytes) -> None:
    sound(read(json.dumps(document, indent=indent).encode("utf-8", "surrogatepass") + tail))


@settings(deadline=None)  # other work on the machine is no fault
@given(st.lists(records, min_size=1, max_size=5))
def test_each_line_is_one_record_read_or_rejected(rows: list[dict[str, object]]) -> None:
    data = "\n".join(json.dumps({"id": "x", "title": "T", **row}) for row in rows)
    found = [record for record in read(data.encode(), format="jsonl") if not isinstance(record, Notice)]
    assert len(found) == len(rows)


@settings(deadline=None)  # other work on the machine is no fault
@given(st.text(alphabet=st.sampled_from("ab .\n\r·•1Subscribe Mar 2,024authors"), max_size=200))
def test_any_lines_below_a_head_are_answered(text: str) -> None:
    sound(read(f"new\n\nSubscribe\n\n{text}".encode()))


@pytest.mark.parametrize("size", [1 << 16, (1 << 16) + 1, 1 << 20, (1 << 20) + 1])
def test_nothing_is_lost_where_pieces_of_the_file_meet(size: int) -> None:
    record = {"id": "a", "title": "T", "abstract": "ü𝒪" * 10}
    line = json.dumps(record, ensure_ascii=False).encode()
    count = size // len(line) + 2
    for data in (b"\n".join([line] * count), b"[" + b", ".join([line] * count) + b"]"):
        found = read(data)
        assert len(found) == count
        assert {record.text for record in found if isinstance(record, Paper)} == {"T\n" + "ü𝒪" * 10}
