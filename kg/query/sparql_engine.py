"""Oxigraph inside a query worker: a store opened for reading, and answers as rows or in the standard formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.errors import QueryError, UsageError
from kg.query.inside import HEAD, ROWS, Output, Send, batches
from kg.vocab import VOCAB

SOLUTIONS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
MATCHES = ox.NamedNode(f"{VOCAB}matches")
_NO_GRAPH = ox.NamedNode("urn:x-kg:no-graph")
_TRUE = ox.Literal(True)
_FALSE = ox.Literal(False)
_KINDS = {
    "solutions": "a SELECT gives rows",
    "boolean": "an ASK gives true or false",
    "graph": "a CONSTRUCT or DESCRIBE gives triples",
}


class Engine:
    """Answers {"query", "prefixes", "base", "formats", "default", "named", "matches"}.

    `formats` says for each kind of answer ("solutions", "boolean", "graph") in which format it is wanted, or "rows".
    `default` and `named` are IRIs of graphs, or None for those of the store; `matches` what kg:matches knows.
    """

    opens_later = True

    def __init__(self, path: str, memory: int) -> None:
        self._store = ox.Store.read_only(path)

    def answer(self, request: dict[str, Any], send: Send) -> None:
        try:
            self._answer(request, send)
        except SyntaxError as error:
            raise QueryError(_readable(str(error))) from error
        except (RuntimeError, OSError, ValueError) as error:
            raise QueryError(f"the query cannot be answered: {error}") from error

    def _answer(self, request: dict[str, Any], send: Send) -> None:
        result = self._ask(request)
        kind = _kind(result)
        formats = request["formats"].get(kind)
        if formats is None:
            able = ", ".join(sorted(request["able"][kind]))
            raise UsageError(f"{_KINDS[kind]}, and that cannot be written as {request['wanted']!r}; choose {able}")
        header: dict[str, Any] = {"kind": kind, "format": formats}
        if isinstance(result, ox.QueryBoolean):
            header["value"] = bool(result)
        elif isinstance(result, ox.QuerySolutions):
            header["variables"] = [variable.value for variable in result.variables]
        send(HEAD, header)
        if formats == "rows":
            if not isinstance(result, ox.QueryBoolean):
                for batch in batches(_rows(result)):
                    send(ROWS, batch)
        elif isinstance(result, ox.QueryTriples):
            output = _Sorted(send)
            ox.serialize(result, cast(IO[bytes], output), GRAPHS[formats], prefixes=request["prefixes"])
            output.close()
        else:
            result.serialize(cast(IO[bytes], Output(send)), SOLUTIONS[formats])

    def _ask(self, request: dict[str, Any]) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        store, default, named = self._store, request["default"], request["named"]
        graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
        if default is not None and len(default) > 1:
            store = _merged(self._store, default, self._named(named))
            graphs = [ox.DefaultGraph()]
        elif default is not None:
            graphs = [ox.NamedNode(iri) for iri in default] or [_NO_GRAPH]
        known = {text: frozenset(iris) for text, iris in request["matches"].items()}
        return store.query(
            request["query"],
            base_iri=request["base"],
            prefixes=request["prefixes"],
            custom_functions={MATCHES: lambda *arguments: _matches(known, arguments)},
            default_graph=graphs,
            named_graphs=None if named is None else [ox.NamedNode(iri) for iri in named],
        )

    def _named(self, named: Sequence[str] | None) -> Iterable[ox.NamedNode | ox.BlankNode]:
        return self._store.named_graphs() if named is None else [ox.NamedNode(iri) for iri in named]


class _Sorted(Output):
    """As Output, but the declarations of prefixes, which come in any order, are sorted."""

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self._head: list[bytes] | None = []
        self._rest = b""

    def write(self, block: bytes) -> int:
        if self._head is None:
            return super().write(block)
        *lines, self._rest = (self._rest + bytes(block)).split(b"\n")
        for at, line in enumerate(lines):
            if not line.startswith(b"@prefix "):
                self._end(b"\n".join([*lines[at:], self._rest]))
                return len(block)
            self._head.append(line)
        return len(block)

    def close(self) -> None:
        """Write what is left where nothing but declarations came, or no line end."""
        if self._head is not None:
            self._end(self._rest)

    def _end(self, rest: bytes) -> None:
        head, self._head = self._head or [], None
        super().write(b"".join(line + b"\n" for line in sorted(head)) + rest)


def _merged(store: ox.Store, default: Sequence[str], named: Iterable[ox.NamedNode | ox.BlankNode]) -> ox.Store:
    """A store whose default graph is the merge of several, as a set: Oxigraph itself would count a triple twice."""
    merged = ox.Store()
    for iri in dict.fromkeys(default):
        quads = store.quads_for_pattern(None, None, None, ox.NamedNode(iri))
        merged.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    for graph in named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged


def _matches(known: dict[str, frozenset[str]], arguments: Sequence[Any]) -> ox.Literal | None:
    """kg:matches(?entity, "text"): whether the search index finds the entity by the text. Errors are unbound."""
    if len(arguments) != 2 or not isinstance(arguments[0], ox.NamedNode) or arguments[1].value not in known:
        return None
    return _TRUE if arguments[0].value in known[arguments[1].value] else _FALSE


def _kind(result: object) -> str:
    if isinstance(result, ox.QuerySolutions):
        return "solutions"
    return "boolean" if isinstance(result, ox.QueryBoolean) else "graph"


def _rows(result: ox.QuerySolutions | ox.QueryTriples) -> Iterator[list[Any]]:
    if isinstance(result, ox.QueryTriples):
        for triple in result:
            yield [_term(triple.subject), _term(triple.predicate), _term(triple.object)]
    else:
        for solution in result:
            yield [_term(term) for term in solution]


def _term(term: Any) -> list[Any] | None:
    """A term as MessagePack can carry it: [kind, value, …]."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return ["iri", term.value]
    if isinstance(term, ox.Literal):
        return ["literal", term.value, term.datatype.value, term.language or ""]
    if isinstance(term, ox.BlankNode):
        return ["blank", term.value]
    return ["triple", _term(term.subject), _term(term.predicate), _term(term.object)]


def _readable(message: str) -> str:
    """The parser's words with the place in front, and not all of the hundred letters that it could have read."""
    place, _, expected = message.partition(": ")
    line, _, column = place.removeprefix("error at ").partition(":")
    if not column.isdigit():
        return f"the query cannot be read: {message[:300]}"
    expected = expected if len(expected) < 120 else f"{expected[:100]} …"
    return f"the query cannot be read at line {line}, column {column}: {expected}"
