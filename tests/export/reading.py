"""Reading exports back with the libraries that other people use."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pyoxigraph
import rdflib

from kg.export import export

RDF = {
    "nt": ("nt", pyoxigraph.RdfFormat.N_TRIPLES),
    "ttl": ("turtle", pyoxigraph.RdfFormat.TURTLE),
    "nq": ("nquads", pyoxigraph.RdfFormat.N_QUADS),
    "trig": ("trig", pyoxigraph.RdfFormat.TRIG),
    "jsonld": ("json-ld", pyoxigraph.RdfFormat.JSON_LD),
    "rdfxml": ("xml", pyoxigraph.RdfFormat.RDF_XML),
}


def exported(graph: Path, format_: str, **options: object) -> bytes:
    """The bytes of an export."""
    stream = io.BytesIO()
    export(graph, format_, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def by_rdflib(raw: bytes, format_: str) -> rdflib.Graph | rdflib.Dataset:
    """What rdflib reads; a Dataset for quads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's parsers of quads use what rdflib deprecates
        graph = rdflib.Dataset() if format_ in ("nq", "trig") else rdflib.Graph()
        return graph.parse(data=raw, format=RDF[format_][0])


def default_triples(graph: rdflib.Graph | rdflib.Dataset) -> set[tuple[str, ...]]:
    """The triples of the default graph, each term as N3."""
    source = graph.default_graph if isinstance(graph, rdflib.Dataset) else graph
    return {tuple(term.n3() for term in triple) for triple in source}


def by_oxigraph(raw: bytes, format_: str) -> list[pyoxigraph.Quad]:
    """What Oxigraph reads."""
    return list(pyoxigraph.parse(raw, format=RDF[format_][1]))


def quads_as_text(quads: list[pyoxigraph.Quad]) -> set[str]:
    return {str(quad) for quad in quads}
