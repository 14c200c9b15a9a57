"""Extractions on disk, so that an interrupted build goes on and a nightly one does only what is new.

    DIR/cache/extractions/<version>.frames

One file for each version of the pipeline (a hash of its code, model and lexicon), to which frames are appended: key
(a hash of title and abstract), length, CRC-32, then the extraction as compressed MessagePack. What is cut off or
damaged is left out when the file is opened, and made again. It is a cache: it can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import metadata
from io import FileIO
from pathlib import Path

import msgspec

from kg.config import PACKAGE, model_dir
from kg.model import Extraction, Paper

_HEAD = struct.Struct(">16sII")  # key, length of the payload, CRC-32 of key and payload
_LONGEST = 1 << 26
_VERSIONS = 3  # that are kept, the last used ones
_WEIGHTLESS = ("__pycache__",)

# Code and libraries that an extraction depends on. More than needed costs a new extraction, less would keep old ones.
_CODE = ("extract", "text.py", "model.py", "vocab.py")
_LIBRARIES = ("spacy", "onnxruntime", "numpy")


def pipeline_version(model: str, lexicon: Path | None) -> str:
    """A hash of all that an extraction depends on besides the text: code, model files, lexicon, libraries."""
    hasher = hashlib.sha256()
    for library in _LIBRARIES:
        hasher.update(f"{library} {_library_version(library)}\0".encode())
    for part in _CODE:
        hasher.update(tree_hash(PACKAGE / part).encode())
    hasher.update(tree_hash(model_dir(model)).encode())
    if lexicon is not None:
        hasher.update(tree_hash(lexicon).encode())
    return hasher.hexdigest()[:32]


def tree_hash(path: Path) -> str:
    """SHA-256 over the relative names and contents of a file or of all files below a directory; "" where it is not."""
    if not path.exists():
        return ""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    hasher = hashlib.sha256()
    for file in files:
        if not set(file.parts).intersection(_WEIGHTLESS):
            name = file.relative_to(path).as_posix()
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            hasher.update(f"{len(name)}:{name}{digest}".encode("utf-8", "surrogateescape"))
    return hasher.hexdigest()


def _library_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


class Extractions:
    """A mapping from the text of papers to their extractions, kept in one file; made by `Extractions.open`.

    Where the file cannot be written (a full disk), what does not fit is kept in memory: the build that comes after
    will say what is wrong with the disk, or get by without the cache.
    """

    def __init__(self, file: FileIO | None) -> None:
        self._file = file
        self._places: dict[bytes, tuple[int, int]] = {}
        self._memory: dict[bytes, bytes] = {}
        self._end = 0
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Extraction)
        if file is not None:
            self._scan(file)

    @classmethod
    @contextmanager
    def open(cls, folder: Path, version: str) -> Iterator[Extractions]:
        """The extractions of one pipeline version in `folder`, made if need be; "" keeps them in memory only."""
        file: FileIO | None = None
        if not version:
            yield cls(None)
            return
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{version}.frames"
            _forget_old_versions(folder, path)
            path.touch()
            file = FileIO(path, "r+")
        try:
            yield cls(file)
        finally:
            if file is not None:
                with suppress(OSError):
                    file.close()

    def __contains__(self, paper: Paper) -> bool:
        key = _key(paper)
        return key in self._places or key in self._memory

    def get(self, paper: Paper) -> Extraction:
        """The extraction of this paper's text, under this paper's id. Raises KeyError."""
        key = _key(paper)
        payload = self._memory.get(key)
        if payload is None:
            offset, length = self._places[key]
            assert self._file is not None
            self._file.seek(offset)
            payload = self._file.read(length)
        return replace(self._decoder.decode(zlib.decompress(payload)), paper=paper.id)

    def put(self, paper: Paper, extraction: Extraction) -> None:
        """Keep an extraction; one that is there already stays."""
        key = _key(paper)
        if key in self._places or key in self._memory:
            return
        payload = zlib.compress(self._encoder.encode(replace(extraction, paper="")), 1)
        frame = _HEAD.pack(key, len(payload), zlib.crc32(payload, zlib.crc32(key))) + payload
        if len(payload) <= _LONGEST and self._append(frame):
            self._places[key] = (self._end - len(payload), len(payload))
        else:
            self._memory[key] = payload

    def _append(self, frame: bytes) -> bool:
        """Whether the frame could be written, whole; if not, nothing of it stays."""
        if self._file is None:
            return False
        with suppress(OSError):
            self._file.seek(self._end)
            if self._file.write(frame) == len(frame):
                self._end += len(frame)
                return True
        with suppress(OSError):
            self._file.truncate(self._end)
        return False

    def _scan(self, file: FileIO) -> None:
        """Find the frames of a file; cut off what comes after the last whole one."""
        file.seek(0)
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            key, length, check = _HEAD.unpack(head)
            payload = file.read(length) if length <= _LONGEST else b""
            if len(payload) < length or not length:
                break
            offset, self._end = self._end + _HEAD.size, self._end + _HEAD.size + length
            if zlib.crc32(payload, zlib.crc32(key)) == check:
                self._places[key] = (offset, length)
        with suppress(OSError):
            file.truncate(self._end)


def _forget_old_versions(folder: Path, current: Path) -> None:
    """Remove the files of versions that have not been in use for long."""
    others = [path for path in folder.glob("*.frames") if path != current]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in others[_VERSIONS - 1 :]:
        path.unlink()


def _key(paper: Paper) -> bytes:
    hasher = hashlib.blake2b(digest_size=16)
    hasher.update(f"{len(paper.title)}:".encode())
    hasher.update(paper.title.encode("utf-8", "surrogatepass"))
    hasher.update(paper.abstract.encode("utf-8", "surrogatepass"))
    return hasher.digest()
