"""What an RDF syntax has to offer, so that one walk through the tables writes all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kg.vocab import VOCAB

PREFIXES = {
    "kg": VOCAB,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "http://schema.org/",
    "prov": "http://www.w3.org/ns/prov#",
}
ROOMS = ("paper", "statement", "evidence", "result", "author", "venue", "repository", "extractor", "graph")

Pairs = Sequence[tuple[str, str]]  # (predicate as prefix:name, object as the syntax's own term)


def expand(name: str) -> str:
    """The full IRI of a `prefix:name` of the closed vocabulary.

    >>> expand("skos:prefLabel")
    'http://www.w3.org/2004/02/skos/core#prefLabel'
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


class Syntax(Protocol):
    """Pure text: terms in the syntax's own notation, and nodes made of them.

    A term is what `iri`, `name`, `text` or `typed` returned; it can be used again and again. A subject is the term of
    an IRI. Predicates are `prefix:name`.
    """

    def head(self) -> str:
        """What stands before the first node."""

    def iri(self, iri: str) -> str:
        """An IRI (already valid)."""

    def name(self, name: str) -> str:
        """An IRI of the vocabulary, given as `prefix:name`."""

    def text(self, text: str) -> str:
        """A plain string; characters that XML forbids become U+FFFD in every syntax."""

    def typed(self, lexical: str, datatype: str) -> str:
        """A literal of an XML Schema type, given by its local name."""

    def node(self, subject: str, pairs: Pairs, graph: str | None = None) -> str:
        """All these statements about `subject`, in the default graph or in the named one."""

    def tail(self) -> str:
        """What stands after the last node."""


class Syntax12(Syntax, Protocol):
    """A syntax that can annotate triples as RDF 1.2 does: the statement is a reifier of the triple."""

    def reified(self, statement: str, triple: tuple[str, str, str], pairs: Pairs, graph: str | None = None) -> str:
        """`statement` reifies the triple (subject, predicate name, object) without asserting it; more is said."""

    def annotated(self, statement: str, triple: tuple[str, str, str], pairs: Pairs) -> str:
        """The triple asserted and reified by `statement`, of which more is said."""
