"""The bytes of one source as text: compression, byte-order marks, encodings, bounded lines and chunks.

Compression (gzip, bzip2, xz) and a byte-order mark are recognised by content. Without a mark and without a forced
encoding the text must be UTF-8: other bytes are an `EncodingError` that names file, byte and the likely encoding.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from kg.errors import EncodingError, LayoutError, SourceError, UsageError
from kg.readers.sources import Bytes, SourceFile

if TYPE_CHECKING:
    from typing_extensions import Buffer

HEAD = 1 << 16  # bytes looked at to recognise a format
LONG_HEAD = 4 << 20  # the same, where the first line does not end before
MAX_RECORD = 64 << 20  # characters of one record, bytes of one line
_BUFFER = 1 << 20
_CHUNK = 1 << 17  # bytes of a piece of text; small, as the json module counts the lines before each error
_MARK = "\ufeff"

_MARKS = (  # longer first: the mark of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMPRESSED: tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...] = (
    (b"\x1f\x8b", lambda stream: cast(IO[bytes], gzip.GzipFile(fileobj=stream))),
    (b"\xfd7zXZ\x00", lambda stream: cast(IO[bytes], lzma.LZMAFile(stream))),  # noqa: SIM115 - closed with what it reads
    (b"BZh", lambda stream: cast(IO[bytes], bz2.BZ2File(stream))),
)
_OTHER = (
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard: unpack it first"),
    (b"PK\x03\x04", "a ZIP archive (or an office document): unpack it first"),
    (b"%PDF-", "a PDF document, not a list of papers"),
    (b"PAR1", "a Parquet table: export it as JSON Lines first"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
)
_UNUSABLE = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}  # for text of files
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 27), *range(28, 32), 127])
_NAMES = {"cp1252": "cp1252 (Windows, western)", "gb18030": "gb18030 (Chinese)", "shift_jis": "shift_jis (Japanese)"}


class Line(NamedTuple):
    """One line of a source, without its end; `problem` says why there is no text."""

    number: int
    text: str
    problem: str = ""


class Content:
    """One source as text, read once from front to back.

    `head` is its beginning, for recognising formats: undecodable bytes replaced, byte-order marks removed; `whole` says
    whether that is all there is.
    """

    def __init__(self, name: str, stream: Bytes, encoding: str | None) -> None:
        self.name = name
        head = _read(stream, HEAD)
        if len(head) == HEAD and b"\n" not in head.strip():
            head += _read(stream, LONG_HEAD - HEAD)
        self._stream = io.BufferedReader(_Joined(head, stream), _BUFFER)
        mark, marked = next(((m, e) for m, e in _MARKS if head.startswith(m)), (b"", None))
        self.encoding = marked or encoding or "utf-8"
        self.raw_head = head
        self.whole = len(head) < HEAD
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        try:
            self.head = decoder.decode(head[len(mark) :], final=self.whole).replace(_MARK, "")
        except UnicodeError as error:  # UTF-16 by name needs a mark
            raise EncodingError(name, f"not {self.encoding.upper()}: {error}") from None

    def lines(self) -> Iterator[Line]:
        """The lines, ended by a line feed, byte-order marks at their beginnings removed; never more than one in memory.

        A line of UTF-8 that cannot be decoded is yielded with its problem, and so is one of more than `MAX_RECORD`.
        Raises `EncodingError` where another encoding fails, as its later lines are lost.
        """
        yield from self._byte_lines() if self.encoding == "utf-8" else self._text_lines()

    def chunks(self) -> Iterator[str]:
        """The text in pieces of some 100,000 characters. Raises `EncodingError`."""
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        fed = 0
        while True:
            block = self._stream.read(_CHUNK)
            waiting = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise self.encoding_error(fed - waiting + error.start, error.object[error.start :]) from None
            fed += len(block)
            if text:
                yield text
            if not block:
                return

    def text(self, limit: int) -> str:
        """The whole text, marks removed. Raises `EncodingError`, and `SourceError` beyond `limit` characters."""
        pieces, size = [], 0
        for piece in self.chunks():
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise SourceError(self.name, f"longer than {limit:,} characters: split it")
        return "".join(pieces).replace(_MARK, "")

    def encoding_error(self, offset: int, rest: bytes) -> EncodingError:
        """The error for the byte at `offset` of the (unpacked) source; `rest` begins with it."""
        return EncodingError(self.name, undecodable(self.encoding, offset, rest, self.raw_head + rest[:HEAD]))

    def _byte_lines(self) -> Iterator[Line]:
        number, offset = 0, 0
        while raw := self._stream.readline(MAX_RECORD + 1):
            number += 1
            start, offset = offset, offset + len(raw)
            if len(raw) > MAX_RECORD and not raw.endswith(b"\n"):
                while raw and not raw.endswith(b"\n"):
                    raw = self._stream.readline(_BUFFER)
                    offset += len(raw)
                yield Line(number, "", f"a line of more than {MAX_RECORD >> 20} MB")
                continue
            try:
                yield Line(number, raw.decode("utf-8").lstrip(_MARK))
            except UnicodeDecodeError as error:
                yield Line(number, "", undecodable("utf-8", start + error.start, raw[error.start :], raw))

    def _text_lines(self) -> Iterator[Line]:
        number, pending, size = 0, list[str](), 0
        for chunk in self.chunks():
            *ended, rest = chunk.split("\n")
            for line in ended:
                number += 1
                yield Line(number, "".join((*pending, line)).lstrip(_MARK))
                pending, size = [], 0
            pending.append(rest)
            size += len(rest)
            if size > MAX_RECORD:
                raise SourceError(self.name, f"line {number + 1} is longer than {MAX_RECORD >> 20} MB")
        if size:
            yield Line(number + 1, "".join(pending).lstrip(_MARK))


@contextmanager
def open_content(file: SourceFile, encoding: str | None = None) -> Iterator[Content]:
    """The content of `file`, unpacked; what goes wrong while it is read is a `SourceError` naming it.

    Raises `SourceError`, of which `EncodingError` and `LayoutError` are kinds.
    """
    try:
        with closing(file.open()) as stored:
            start = _read(stored, 16)
            whole: IO[bytes] = io.BufferedReader(_Joined(start, stored), _BUFFER)
            unpack = next((unpack for magic, unpack in _COMPRESSED if start.startswith(magic)), None)
            for magic, reason in _OTHER:
                if start.startswith(magic):
                    raise LayoutError(file.name, reason)
            yield Content(file.name, unpack(whole) if unpack else whole, encoding)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise SourceError(file.name, f"the compressed data are damaged or cut off ({error})") from error
    except OSError as error:
        raise SourceError(file.name, error.strerror or str(error)) from error


def check_encoding(name: str | None) -> str | None:
    """The codec's own name of a forced encoding. Raises `UsageError` for one that Python does not know."""
    if name is None:
        return None
    try:
        "".encode(name)
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if not known or known in _UNUSABLE:
        raise UsageError(f"{name!r} is no text encoding that we know (examples: utf-8, cp1252, utf-16)")
    return known


def reject_binary(content: Content) -> None:
    """Raises `LayoutError` where the head is no text, `EncodingError` where it is text in another encoding."""
    head = content.raw_head
    if content.encoding == "utf-8":
        if wide := _wide(head):
            raise EncodingError(
                content.name, f"not UTF-8: probably {wide} without a byte-order mark, give encoding {wide}"
            )
        if b"\0" in head or len(head.translate(None, delete=_CONTROLS)) < 0.95 * len(head):
            raise LayoutError(content.name, "binary data, not a list of papers")
    decoder = codecs.getincrementaldecoder(content.encoding)("strict")
    try:
        decoder.decode(head, final=content.whole)
    except UnicodeDecodeError as error:
        raise content.encoding_error(error.start, head[error.start :]) from None


def undecodable(encoding: str, offset: int, rest: bytes, sample: bytes) -> str:
    """The reason for rejecting: which byte, where (0-based), and how `sample` is probably encoded."""
    what = f"byte 0x{rest[0]:02X} at offset {offset} is not {encoding.upper()}" if rest else f"not {encoding.upper()}"
    likely = likely_encoding(sample) if encoding == "utf-8" else None
    return f"{what}: probably {_NAMES.get(likely, likely)}, give encoding {likely}" if likely else f"{what}: damaged?"


def likely_encoding(sample: bytes) -> str | None:
    """A guess at the encoding of text that is not UTF-8, None where nothing is likely.

    Long runs of high bytes are East Asian; single ones between ASCII are western, if cp1252 knows them all.
    Bytes that are UTF-8 in most places point to damage, not to another encoding.
    """
    if wide := _wide(sample):
        return wide
    runs = re.findall(rb"[\x80-\xff]+", sample)
    good = sum(1 for run in runs if _decodes(run, "utf-8", whole=True))
    if not runs or good * 2 > len(runs) or b"\0" in sample:
        return None
    if sum(map(len, runs)) > 3 * len(runs):
        return next((e for e in ("gb18030", "shift_jis", "euc_kr") if _decodes(sample, e)), None)
    return "cp1252" if _decodes(sample, "cp1252") else None


def _wide(sample: bytes) -> str | None:
    """UTF-16 betrays itself by a zero in nearly every second byte of western text."""
    half = len(sample) // 2
    if half >= 4 and sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) == 0:
        return "utf-16-le"
    if half >= 4 and sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _decodes(sample: bytes, encoding: str, *, whole: bool = False) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _read(stream: Bytes, size: int) -> bytes:
    """Up to `size` bytes, fewer only at the end."""
    pieces = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


class _Joined(io.RawIOBase):
    """Bytes already read, then the rest of their stream."""

    def __init__(self, start: bytes, rest: Bytes) -> None:
        self._start, self._rest = start, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        piece = self._start[: len(view)] or self._rest.read(len(view))
        self._start = self._start[len(piece) :] if self._start else b""
        view[: len(piece)] = piece
        return len(piece)
