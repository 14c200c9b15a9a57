"""Every error that `kg` raises on purpose.

    KgError
    ├── UsageError          the call is wrong: nothing was read or written         exit 2
    │   ├── OutputError     the output exists and is not ours, or cannot be one
    │   └── ExtraMissing    an optional library is needed for this
    ├── SourceError         a whole source cannot be read                          exit 1
    │   ├── LayoutError     its format is not one that we know
    │   └── EncodingError   its bytes are not the text encoding they should be
    ├── RecordError         one record of a source is bad (it is rejected)
    ├── NothingReadable     no record of any source could be read                  exit 1
    ├── NotFoundError       the thing asked for is not in the graph                exit 1
    ├── AmbiguousError      a name stands for several things                       exit 1
    ├── ModelError          a model directory or lexicon is incomplete or wrong    exit 1
    ├── GraphError          a graph directory is damaged or not one                exit 1
    ├── QueryError          a query is wrong or not allowed                        exit 1
    ├── WorkerError         an extraction worker died again and again              exit 1
    └── StorageError        the disk, a mount or a permission stops us             exit 1

Only the command line catches them and turns them into exit codes; a bug keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence


class KgError(Exception):
    """Base of the tree; `exit_code` is what the command line ends with."""

    exit_code = 1


class UsageError(KgError):
    """The call itself is wrong; nothing was read or written."""

    exit_code = 2


class OutputError(UsageError):
    """The output path is taken by something that is not ours."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = str(path), reason


class ExtraMissing(UsageError):
    """An optional library is not installed; the message names the extra that brings it."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {library}: pip install 'mlpapers-kg[{extra}]'")
        self.library, self.extra, self.purpose = library, extra, purpose


class SourceError(KgError):
    """A whole source (file, directory, pattern) cannot be read."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file, self.reason = file, reason


class LayoutError(SourceError):
    """The content follows no format that we know; the message says what was expected."""


class EncodingError(SourceError):
    """The bytes are not the encoding that was expected; names the byte and the likely encoding."""


class RecordError(KgError):
    """One record is bad. Carries where it stands, so that it can be rejected and counted."""

    def __init__(self, file: str, record: str, reason: str, field: str | None = None) -> None:
        super().__init__(f"{file}:{record}: {f'{field}: ' if field else ''}{reason}")
        self.file, self.record, self.field, self.reason = file, record, field, reason


class NothingReadable(KgError):
    """No record of any source could be read."""


class NotFoundError(KgError):
    """The thing asked for is not there."""


class AmbiguousError(KgError):
    """A name stands for several things; `candidates` are their ids, best first."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        super().__init__(f"{name!r} may be any of: {', '.join(candidates)}")
        self.name, self.candidates = name, tuple(candidates)


class ModelError(KgError):
    """A model directory or a lexicon is incomplete or wrong; names file, line and field where known."""


class GraphError(KgError):
    """A graph directory is damaged, or the directory is no graph."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = str(path), reason


class QueryError(KgError):
    """A query is malformed or asks for what is not allowed."""


class WorkerError(KgError):
    """Extraction workers died repeatedly; names the records they were at."""


class StorageError(KgError):
    """The operating system stopped us: full disk, read-only mount, missing permission."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = str(path), reason
