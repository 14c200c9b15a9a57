"""Bytes to text: marks, encodings, compression, and files that are no text at all."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable

import pytest

from kg.readers.content import likely_encoding
from tests.readers.conftest import Records, papers, rejects

Read = Callable[..., Records]
LINES = '{"id":"a","title":"Naïve “Reeds”","abstract":"β — 𝒪(n)"}\n{"id":"b","title":"T","abstract":"x"}\n'
LISTING = "Subscribe\n\nNaïve – “Reeds”\n\nWe study naïve reeds. They are “fine”.\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("content", [LINES, LISTING, f"[{LINES.strip().replace(chr(10), ',')}]"])
def test_a_byte_order_mark_tells_the_encoding(read: Read, encoding: str, content: str) -> None:
    mark = "" if encoding in ("utf-8-sig", "utf-16") else "\ufeff"
    assert papers(read((mark + content).encode(encoding))) == papers(read(content))
    assert papers(read((mark + content).encode(encoding), encoding="cp1252")) == papers(read(content))


def test_joined_files_keep_no_mark(read: Read) -> None:
    first, second = LINES.splitlines()
    assert papers(read(f"\ufeff{first}\n\ufeff{second}\n".encode("utf-16-le"))) == papers(read(LINES))
    joined = papers(read("\ufeff" + LISTING + "\n\ufeffMore on Reeds\n\nWe study more of them. They grow.\n"))
    assert [p.title for p in joined] == ["Naïve – “Reeds”", "More on Reeds"]


def test_a_listing_in_another_encoding_names_file_byte_and_encoding(read: Read) -> None:
    [rejected] = read(LISTING.encode("cp1252"))
    assert rejected == rejects([rejected])[0]
    assert (rejected.file, rejected.record) == ("source", "")
    offset = LISTING.encode("cp1252").index(b"\xef")
    assert rejected.reason.startswith(f"byte 0xEF at offset {offset} is not UTF-8: probably cp1252")


def test_lines_in_another_encoding_are_rejected_one_by_one(read: Read) -> None:
    lines = LINES.replace("β — 𝒪(n)", "né —")
    records = read(lines.encode("cp1252"))
    assert [p.id for p in papers(records)] == ["b"]
    [rejected] = rejects(records)
    assert rejected.record == "1"
    assert "byte 0xEF at offset 21" in rejected.reason
    assert "cp1252" in rejected.reason


@pytest.mark.parametrize("content", [LISTING, LINES.replace("β — 𝒪(n)", "né —")])
def test_another_encoding_can_be_forced(read: Read, content: str) -> None:
    found = papers(read(content.encode("cp1252"), encoding="cp1252"))
    assert found == papers(read(content))
    assert found


def test_a_forced_encoding_that_does_not_fit_is_an_error(read: Read) -> None:
    assert "is not ASCII" in rejects(read(LINES, encoding="ascii"))[0].reason
    assert "is not ASCII" in rejects(read(LISTING, encoding="ascii"))[0].reason


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("naïve café “Kite” – and so on", "cp1252"),
        ("这是一个关于模型压缩的摘要。", "gb18030"),
        ("plain words in a file from elsewhere", "utf-16-le"),
        ("plain words in a file from elsewhere", "utf-16-be"),
    ],
)
def test_the_likely_encoding_is_named(text: str, encoding: str) -> None:
    assert likely_encoding(text.encode(encoding)) == encoding


@pytest.mark.parametrize("sample", ["viele schöne Wörter über Schilf".encode() + b" \xff", b"\x81\x8d", b"", b"plain"])
def test_no_encoding_is_named_where_none_is_likely(sample: bytes) -> None:
    assert likely_encoding(sample) is None


def test_utf16_without_a_mark_says_what_to_do(read: Read) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        [rejected] = rejects(read("Subscribe\n\nReeds and Sedges\n\nWe study them all.".encode(encoding)))
        assert f"probably {encoding}" in rejected.reason


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_text_that_ends_inside_a_character_is_reported(read: Read, cut: int) -> None:
    whole = (LISTING + "𝒪").encode()
    [rejected] = rejects(read(whole[:-cut]))
    assert f"at offset {len(whole) - 4}" in rejected.reason


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
@pytest.mark.parametrize("content", [LINES, LISTING])
def test_compressed_sources_are_unpacked_whatever_their_names(
    read: Read, pack: Callable[[bytes], bytes], content: str
) -> None:
    assert papers(read(pack(content.encode()))) == papers(read(content))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
def test_damaged_compression_is_reported_after_what_could_be_read(read: Read, pack: Callable[[bytes], bytes]) -> None:
    packed = pack((LINES * 5).encode())
    for damaged in (packed[:-6], packed[:20] + b"\0" * 10 + packed[30:], packed[:4]):
        records = read(damaged)
        assert len(rejects(records)) >= 1
        assert rejects(records)[-1].record == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n \t\r\n", "nothing but blanks"),
        (b"\xef\xbb\xbf", "nothing but blanks"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (bytes(range(256)) * 8, "binary data"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "a program"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive"),
        (b"\x28\xb5\x2f\xfd" + bytes(40), "Zstandard"),
        (b"PAR1" + bytes(40), "a Parquet table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG image"),
        (b"\xff\xfe" + b"\x00\xd8" * 9, "UTF-16"),
    ],
)
def test_what_is_no_text_is_one_reject(read: Read, content: bytes, reason: str) -> None:
    [rejected] = rejects(read(content))
    assert rejected.record == ""
    assert reason.lower() in rejected.reason.lower()


def test_a_forced_format_does_not_make_binary_data_papers(read: Read) -> None:
    for name in ("jsonl", "json", "listing"):
        records = read(bytes(range(256)) * 8, format=name)
        assert rejects(records)
        assert not papers(records)
