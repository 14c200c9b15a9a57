"""The six RDF formats: the walk of `kg.export.rdf` in one syntax each."""

from __future__ import annotations

from collections.abc import Iterator

from kg.export import Options
from kg.export.jsonld import JsonLd
from kg.export.ntriples import NTriples
from kg.export.rdf import RdfOptions, rdf_text
from kg.export.rdfxml import RdfXml
from kg.export.turtle import Turtle
from kg.store import GraphDir


def _options(options: Options, *, quads: bool = False) -> RdfOptions:
    return RdfOptions(options.base_iri, options.evidence, quads, options.rdf12)


def turtle_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """Turtle, in pieces."""
    return rdf_text(directory, Turtle(options.base_iri, rdf12=options.rdf12), _options(options))


def trig_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """TriG: the default graph holds everything, a named graph per paper what that paper asserts."""
    return rdf_text(directory, Turtle(options.base_iri, rdf12=options.rdf12), _options(options, quads=True))


def ntriples_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """N-Triples, in pieces."""
    return rdf_text(directory, NTriples(), _options(options))


def nquads_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """N-Quads: the same as TriG."""
    return rdf_text(directory, NTriples(), _options(options, quads=True))


def jsonld_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """JSON-LD with its context inline."""
    return rdf_text(directory, JsonLd(), _options(options))


def rdfxml_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """RDF/XML, in pieces."""
    return rdf_text(directory, RdfXml(), _options(options))
