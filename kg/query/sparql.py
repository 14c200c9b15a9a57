"""SPARQL on a graph directory: an Oxigraph store made from the tables, each query in a process that can be stopped.

    with select("my.kg", "SELECT ?m ?name { ?m a kg:Model ; skos:prefLabel ?name } LIMIT 5") as found:
        for model, name in found:
            print(model.value, name.value)

The prefixes of the export are known (kg:, skos:, dcterms:, paper:, model: …). The default graph holds everything once;
the graph of a paper, graph:…, what that paper asserts. `kg:matches(?entity, "text")` is true for what `kg search`
finds. Updates, LOAD and SERVICE are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.export.syntax import PREFIXES, ROOMS
from kg.query.sparql_text import read, with_hits
from kg.query.worker import MEMORY, Answer, Limits, Worker, start
from kg.store import GraphDir
from kg.vocab import ENTITY_TYPES, PAPER, entity_iri, node_iri

STORE = "rdf"
HITS = 1_000  # things that kg:matches knows for one text
FORMATS = {  # of the command line; a server can also write tsv, xml and rdfxml
    "solutions": ("table", "json", "csv"),
    "boolean": ("table", "json", "csv"),
    "graph": ("ttl", "nt", "jsonld"),
}

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Iri:
    value: str


@dataclass(frozen=True, slots=True)
class Literal:
    value: str
    datatype: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class BlankNode:
    value: str


@dataclass(frozen=True, slots=True)
class TripleTerm:
    """A triple as a term (RDF 1.2)."""

    subject: Term
    predicate: Term
    object: Term

    @property
    def value(self) -> str:
        return f"<<( {self.subject.value} {self.predicate.value} {self.object.value} )>>"


Term = Iri | Literal | BlankNode | TripleTerm
Row = tuple[Term | None, ...]


def prefixes(base: str) -> dict[str, str]:
    """The prefixes that a query need not declare, for a graph whose things lie under `base`."""
    rooms = {room: f"{base}{room}/" for room in ROOMS}
    return {**PREFIXES, **rooms, **{type_.lower(): f"{base}id/{type_.lower()}/" for type_ in ENTITY_TYPES}}


def shortened(known: Mapping[str, str]) -> Callable[[Term | None], str | int | float | None]:
    """How a term is shown to eyes: IRIs with a prefix where one fits, numbers as numbers, texts as they are."""
    names = sorted(((iri, prefix) for prefix, iri in known.items()), key=lambda pair: -len(pair[0]))

    def show(term: Term | None) -> str | int | float | None:
        if isinstance(term, Iri):
            for iri, prefix in names:
                if term.value.startswith(iri) and not any(c in term.value[len(iri) :] for c in "/#?"):
                    return f"{prefix}:{term.value[len(iri) :]}"
            return f"<{term.value}>"
        if isinstance(term, Literal):
            return _number(term)
        if isinstance(term, BlankNode):
            return f"_:{term.value}"
        if isinstance(term, TripleTerm):
            return f"<<( {show(term.subject)} {show(term.predicate)} {show(term.object)} )>>"
        return None

    return show


def _number(literal: Literal) -> str | int | float:
    """A number where the literal is one that can be printed as it stands, else its text."""
    try:
        if literal.datatype == f"{PREFIXES['xsd']}integer":
            return int(literal.value)
        if literal.datatype in (f"{PREFIXES['xsd']}decimal", f"{PREFIXES['xsd']}double"):
            number = float(literal.value)
            return number if isfinite(number) else literal.value
    except ValueError:
        pass
    return literal.value


class Rows:
    """Rows that are still coming. Iterate once; `close`, or the end of a `with` block, gives up the rest."""

    def __init__(self, worker: Worker, answer: Answer) -> None:
        self._worker, self._answer = worker, answer
        self.kind: str = answer.header["kind"]
        self.variables: tuple[str, ...] = tuple(answer.header.get("variables", ("subject", "predicate", "object")))

    def __iter__(self) -> Iterator[Row]:
        try:
            for block in self._answer:
                for row in block:
                    yield tuple(map(_term, row))
        finally:
            self.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._worker.close()


def select(directory: GraphDir | str | Path, query: str, *, timeout: float = 30.0, **more: Any) -> Rows:
    """The rows of a SELECT, or the triples of a CONSTRUCT or DESCRIBE, as they come; terms, None where unbound.

    `more`: as `answering`. Raises UsageError for an ASK; QueryError, QueryTimeout (in iterating too).
    """
    limits = Limits(timeout, more.pop("memory", MEMORY))
    worker, answer = answering(directory, query, {"solutions": "rows", "graph": "rows"}, limits=limits, **more)
    return Rows(worker, answer)


def ask(directory: GraphDir | str | Path, query: str, *, timeout: float = 30.0, **more: Any) -> bool:
    """The answer of an ASK. Raises what `select` raises."""
    limits = Limits(timeout, more.pop("memory", MEMORY))
    worker, answer = answering(directory, query, {"boolean": "rows"}, limits=limits, **more)
    with worker:
        return bool(answer.header["value"])


def answering(
    directory: GraphDir | str | Path,
    query: str,
    formats: Mapping[str, str],
    *,
    limits: Limits | None = None,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    wanted: str = "rows",
    notice: Notice | None = None,
) -> tuple[Worker, Answer]:
    """A worker and its answer, in one of `formats` by kind of answer: "rows", or bytes of json, csv, tsv, xml; ttl …

    The caller closes the worker. `default_graphs` and `named_graphs` take the place of the query's FROM and FROM NAMED;
    several default graphs are merged as a set. `wanted` is what an error calls the format; `notice` is told when a
    store must be made first. Raises QueryError, QueryTimeout, UsageError where the answer is of another kind,
    GraphError for a damaged graph, StorageError.
    """
    graph = directory if isinstance(directory, GraphDir) else GraphDir.open(directory)
    request = request_for(
        graph, query, formats, default_graphs=default_graphs, named_graphs=named_graphs, wanted=wanted
    )
    worker = open_worker(graph, limits=limits, notice=notice)
    try:
        return worker, worker.ask(request)
    except BaseException:
        worker.close()
        raise


def open_worker(graph: GraphDir, *, limits: Limits | None = None, notice: Notice | None = None) -> Worker:
    """A worker on the store of `graph`, which is made first if there is none; for `request_for`."""

    def build(path: Path) -> None:
        if notice is not None:
            notice("Building the SPARQL store (once a graph) …")
        _build(graph, path)

    return start("sparql", graph, STORE, build, limits or Limits())


def request_for(
    graph: GraphDir,
    query: str,
    formats: Mapping[str, str],
    *,
    default_graphs: Sequence[str] | None = None,
    named_graphs: Sequence[str] | None = None,
    wanted: str = "rows",
) -> dict[str, Any]:
    """What a worker must be told. Raises QueryError for a query that does more than read."""
    base = graph.manifest.base_iri
    known = prefixes(base)
    parsed, parts = read(query, prefixes=known, base=base)
    hits = {text: _hits(graph, text) for text in parsed.texts}
    default, named = parsed.default, parsed.named
    if default_graphs is not None or named_graphs is not None:
        default, named = tuple(default_graphs or ()), tuple(named_graphs or ())
    return {
        "query": with_hits(parsed, parts, hits, prefixes=known) if hits else query,
        "prefixes": known,
        "base": base,
        "formats": dict(formats),
        "able": FORMATS,
        "wanted": wanted,
        "default": default,
        "named": named,
        "matches": hits,
    }


def _hits(graph: GraphDir, text: str) -> list[str]:
    from kg.query.search import search

    base = graph.manifest.base_iri
    return [
        node_iri(base, "paper", hit.id) if hit.type == PAPER else entity_iri(base, hit.id)
        for hit in search(graph, text, limit=HITS)
    ]


class _Stream:
    """Blocks of bytes as the file that a reader wants."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._blocks, b"")
        taken, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return taken


def _build(graph: GraphDir, path: Path) -> None:
    import pyoxigraph as ox

    from kg.export import blocks
    from kg.export.ntriples import NTriples
    from kg.export.rdf import RdfOptions, rdf_text

    options = RdfOptions(graph.manifest.base_iri, quads=True)
    store = ox.Store(str(path))
    stream = _Stream(block for block in blocks(rdf_text(graph, NTriples(), options)) if block)
    store.bulk_load(stream, ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
    store.flush()


def _term(term: Sequence[Any] | None) -> Term | None:
    if term is None:
        return None
    kind, *parts = term
    if kind == "iri":
        return Iri(*parts)
    if kind == "literal":
        return Literal(*parts)
    if kind == "blank":
        return BlankNode(*parts)
    subject, predicate, object_ = map(_term, parts)
    assert subject is not None
    assert predicate is not None
    assert object_ is not None
    return TripleTerm(subject, predicate, object_)
