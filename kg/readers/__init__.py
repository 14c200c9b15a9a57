"""From sources to papers: one source format a file, recognised by content.

    sources ─expand_sources→ SourceFile ─open_content→ Content ─recognise→ Format.read→ Paper | Rejected | Notice
    Papers of all sources ─merge_papers→ MergeOutcome

What a user names wrongly raises before anything is read; what is wrong inside a source becomes a `Rejected`, so that
the rest is read. Each record becomes one `Paper` or one `Rejected`, each unreadable file one `Rejected` with record "".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kg.errors import SourceError
from kg.model import Notice, Paper, Rejected
from kg.readers import json_document, json_lines, listing
from kg.readers.content import check_encoding, open_content
from kg.readers.formats import Format, Record, find_format, recognise
from kg.readers.merge import MergeOutcome, merge_papers
from kg.readers.sources import SourceFile, expand_sources, list_files

FORMATS: tuple[Format, ...] = (json_lines.FORMAT, json_document.FORMAT, listing.FORMAT)

__all__ = [
    "FORMATS",
    "Format",
    "MergeOutcome",
    "SourceFile",
    "expand_sources",
    "list_files",
    "merge_papers",
    "read_files",
    "read_sources",
]


def read_sources(
    sources: Sequence[str | Path], *, format: str | None = None, encoding: str | None = None
) -> Iterator[Paper | Rejected | Notice]:
    """The records of `sources` (see `expand_sources`), file by file in the order of their names, streamed.

    `format` forces a format of `FORMATS` by name, `encoding` a text encoding (a file with a byte-order mark keeps its
    own).

    Raises at the call, before anything is read: UsageError for no source, an unknown format or encoding; SourceError
    for a source that does not exist, matches nothing or holds nothing. Never raises for what is inside a file.
    """
    return read_files(expand_sources(sources), format=format, encoding=encoding)


def read_files(
    files: Iterable[SourceFile], *, format: str | None = None, encoding: str | None = None
) -> Iterator[Paper | Rejected | Notice]:
    """As `read_sources`, for files that `expand_sources` or `list_files` gave.

    Standard input and pipes are kept with those, so that listing them (for their hashes) does not use them up.
    """
    forced = find_format(format, FORMATS) if format else None
    codec = check_encoding(encoding)
    return (record for file in files for record in _read_file(file, forced, codec))


def _read_file(file: SourceFile, forced: Format | None, encoding: str | None) -> Iterator[Record]:
    empty = True
    try:
        with open_content(file, encoding) as content:
            if not content.head.strip() and content.whole:
                yield Rejected(file.name, "", "the file is empty" if not content.raw_head else "nothing but blanks")
                return
            for record in (forced or recognise(content, FORMATS)).read(content):
                empty = empty and isinstance(record, Notice)
                yield record
    except SourceError as error:
        yield Rejected(file.name, "", error.reason)
    else:
        if empty:
            yield Rejected(file.name, "", "holds no record")
