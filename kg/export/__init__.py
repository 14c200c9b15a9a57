"""The graph as files: RDF in six syntaxes, GraphML, GEXF, JSON Lines, CSV. One format a module.

    export("my.kg", "ttl", "my.ttl")

A format is a line in FORMATS and a module that writes text in pieces (`file`) or a folder of files (`folder`).
"""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import OutputError, UsageError
from kg.store import GraphDir
from kg.store.files import storage_errors, whole_file

EVIDENCE = ("none", "relations", "all")
_BLOCK = 1 << 16  # characters gathered before they are encoded and written


@dataclass(frozen=True, slots=True)
class Options:
    """What an export can be told; all of it concerns RDF only. `base_iri` is a checked one."""

    base_iri: str
    evidence: str = "relations"
    rdf12: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A format: `writer` is "module:function" of this package, called with a GraphDir and Options.

    A function of a `folder` format takes the folder too and writes its files into it; any other gives pieces of text.
    """

    writer: str
    suffixes: tuple[str, ...]
    folder: bool = False
    rdf12: bool = False

    def load(self) -> Callable[..., Iterable[str]]:
        module, _, name = self.writer.partition(":")
        return cast(Callable[..., Iterable[str]], getattr(import_module(f"kg.export.{module}"), name))


FORMATS: dict[str, Format] = {
    "ttl": Format("formats:turtle_text", (".ttl",), rdf12=True),
    "nt": Format("formats:ntriples_text", (".nt",), rdf12=True),
    "trig": Format("formats:trig_text", (".trig",), rdf12=True),
    "nq": Format("formats:nquads_text", (".nq",), rdf12=True),
    "jsonld": Format("formats:jsonld_text", (".jsonld",)),
    "rdfxml": Format("formats:rdfxml_text", (".rdf", ".owl", ".xml")),
    "graphml": Format("graphml:graphml_text", (".graphml",)),
    "gexf": Format("gexf:gexf_text", (".gexf",)),
    "jsonl": Format("jsonl:jsonl_text", (".jsonl",)),
    "csv": Format("csv_files:write_csv", (".csv", ".zip"), folder=True),
    "neo4j-csv": Format("neo4j_csv:write_neo4j_csv", (), folder=True),
}


def guess_format(out: str | Path) -> str:
    """The format that a file name's suffix stands for (`.gz` set aside). Raises UsageError."""
    suffix = Path(str(out).removesuffix(".gz")).suffix.lower()
    for name, format_ in FORMATS.items():
        if suffix in format_.suffixes:
            return name
    known = ", ".join(suffix for format_ in FORMATS.values() for suffix in format_.suffixes)
    raise UsageError(f"{out}: the name does not say which format is wanted; give -f, or one of the endings {known}")


def export(
    directory: str | Path,
    format: str | None,
    out: str | Path | BinaryIO,
    *,
    base_iri: str | None = None,
    evidence: str = "relations",
    rdf12: bool = False,
) -> None:
    """Write the graph in `directory` to `out` in `format` (None: by the ending of `out`); "-" is stdout.

    The file appears when it is whole; one that ends in `.gz` is compressed. `base_iri` is what things are named under
    in RDF (None: what the graph was built with), `evidence` which statements get nodes with evidence there: "none",
    "relations" (the default) or "all" (the papers' roles too). `rdf12` annotates triples as RDF 1.2 does.

    Raises UsageError, GraphError for a damaged graph, StorageError where the disk stops us.
    """
    if format is None:
        if not isinstance(out, str | Path) or str(out) == "-":
            raise UsageError("what goes to a stream needs a format: give -f")
        format = guess_format(out)
    if format not in FORMATS:
        raise UsageError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
    if evidence not in EVIDENCE:
        raise UsageError(f"evidence is one of {', '.join(EVIDENCE)}, not {evidence!r}")
    chosen = FORMATS[format]
    if rdf12 and not chosen.rdf12:
        able = ", ".join(name for name, other in FORMATS.items() if other.rdf12)
        raise UsageError(f"{format} cannot hold RDF 1.2 annotations; these can: {able}")
    if base_iri is not None:
        _check_base(base_iri)
    if isinstance(out, str | Path) and str(out) != "-":
        _check_place(directory, out)
    elif chosen.folder:
        raise UsageError(f"{format} is several files and cannot go to a stream; name a folder or a .zip file")
    graph = GraphDir.open(directory)
    options = Options(base_iri or graph.manifest.base_iri, evidence, rdf12)
    _check_base(options.base_iri)
    writer = chosen.load()
    if chosen.folder:
        writer(graph, options, out)
    else:
        with _target(out) as stream:
            for block in blocks(writer(graph, options)):
                stream.write(block)


def _check_base(base: str) -> None:
    from kg.export.iri import checked_base

    checked_base(base)


def _check_place(directory: str | Path, out: str | Path) -> None:
    if Path(out).resolve().is_relative_to(Path(directory).resolve()):
        raise OutputError(out, "lies inside the graph directory, whose files are the graph; choose another place")


@contextmanager
def _target(out: str | Path | BinaryIO) -> Iterator[BinaryIO]:
    """Where the bytes go; compressed without name and time of day where a file ends in `.gz`."""
    if not isinstance(out, str | Path):
        yield out
    elif str(out) == "-":
        with storage_errors("stdout"):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
    else:
        with whole_file(out) as file:
            if str(out).endswith(".gz"):
                with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield file


def blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    """The pieces as UTF-8, gathered into blocks."""
    gathered = io.StringIO()
    for piece in pieces:
        gathered.write(piece)
        if gathered.tell() >= _BLOCK:
            yield gathered.getvalue().encode("utf-8")
            gathered = io.StringIO()
    yield gathered.getvalue().encode("utf-8")
