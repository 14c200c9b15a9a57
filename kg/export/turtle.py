"""Turtle and TriG: prefixed names where both rdflib and Oxigraph read them alike, in doubt the full IRI."""

from __future__ import annotations

import re
from functools import lru_cache

from kg.export.ntriples import quoted
from kg.export.syntax import PREFIXES, ROOMS, Pairs
from kg.vocab import ENTITY_TYPES

# A local name without anything that needs an escape, a dot or a percent sign: parsers disagree about those.
_LOCAL = re.compile("[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_SHORT = {"integer", "boolean"}


class Turtle:
    """Writes nodes as `subject predicate object ; …`; with a named graph it is TriG."""

    def __init__(self, base: str, *, rdf12: bool = False) -> None:
        rooms = {f"{base}{room}/": f"{room}:" for room in ROOMS}
        types = {f"{base}id/{label.lower()}/": f"{label.lower()}:" for label in ENTITY_TYPES}
        self._prefixes = {**{iri: f"{prefix}:" for prefix, iri in PREFIXES.items()}, **rooms, **types}
        self._rdf12 = rdf12
        self._split = len(base)

    def head(self) -> str:
        version = 'VERSION "1.2"\n' if self._rdf12 else ""
        return version + "".join(f"@prefix {prefix} <{iri}> .\n" for iri, prefix in self._prefixes.items()) + "\n"

    def iri(self, iri: str) -> str:
        start = iri.rfind("/") + 1
        prefix = self._prefixes.get(iri[:start])
        return prefix + iri[start:] if prefix and _LOCAL.fullmatch(iri, start) else f"<{iri}>"

    def name(self, name: str) -> str:
        return name

    def text(self, text: str) -> str:
        return quoted(text)

    def typed(self, lexical: str, datatype: str) -> str:
        return lexical if datatype in _SHORT else f'"{lexical}"^^xsd:{datatype}'

    def node(self, subject: str, pairs: Pairs, graph: str | None = None) -> str:
        body = _body(subject, pairs)
        return f"{graph} {{\n{body}}}\n" if graph else body

    def reified(self, statement: str, triple: tuple[str, str, str], pairs: Pairs, graph: str | None = None) -> str:
        subject, name, object_ = triple
        return self.node(statement, [("rdf:reifies", f"<<( {subject} {name} {object_} )>>"), *pairs], graph)

    def annotated(self, statement: str, triple: tuple[str, str, str], pairs: Pairs) -> str:
        """The triple itself, annotated: `subject predicate object ~ statement {| … |} .`"""
        subject, name, object_ = triple
        inner = " ;\n        ".join(f"{_verb(name)} {term}" for name, term in pairs)
        return f"{subject} {name} {object_} ~ {statement} {{|\n        {inner} |}} .\n"

    def tail(self) -> str:
        return ""


@lru_cache(maxsize=4096)
def _verb(name: str) -> str:
    return "a" if name == "rdf:type" else name


def _body(subject: str, pairs: Pairs) -> str:
    if not pairs:
        return ""
    parts = [subject]
    last = ""
    between = " "
    for name, term in pairs:
        if name == last:
            parts.append(f" , {term}")
        else:
            parts.append(f"{between}{_verb(name)} {term}")
            last = name
            between = " ;\n    "
    parts.append(" .\n")
    return "".join(parts)
