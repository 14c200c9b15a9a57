"""N-Triples and N-Quads: RDF 1.1, or 1.2 where triple terms are asked for. One statement a line, in every reader."""

from __future__ import annotations

import re
from functools import lru_cache

from kg.export.syntax import PREFIXES, Pairs, expand
from kg.text import xml_safe

_SPECIAL = re.compile('["\\\\\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x7f": "\\u007F"}
# Some readers of lines (Python's splitlines) end a line at these too.
_ESCAPES |= {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def quoted(text: str) -> str:
    """`text` between quotes as N-Triples and Turtle write it.

    >>> print(quoted('a "b"\\n'))
    "a \\"b\\"\\n"
    """
    if _SPECIAL.search(text):
        text = _SPECIAL.sub(lambda m: _ESCAPES.get(m[0]) or xml_safe(m[0]), text)
    return f'"{text}"'


@lru_cache(maxsize=4096)
def _predicate(name: str) -> str:
    return f" <{expand(name)}> "


class NTriples:
    """Writes one statement a line; with a named graph it is N-Quads."""

    def head(self) -> str:
        return ""

    def iri(self, iri: str) -> str:
        return f"<{iri}>"

    def name(self, name: str) -> str:
        return f"<{expand(name)}>"

    def text(self, text: str) -> str:
        return quoted(text)

    def typed(self, lexical: str, datatype: str) -> str:
        return f'"{lexical}"^^<{PREFIXES["xsd"]}{datatype}>'

    def node(self, subject: str, pairs: Pairs, graph: str | None = None) -> str:
        end = f" {graph} .\n" if graph else " .\n"
        return "".join([f"{subject}{_predicate(name)}{term}{end}" for name, term in pairs])

    def reified(self, statement: str, triple: tuple[str, str, str], pairs: Pairs, graph: str | None = None) -> str:
        subject, name, object_ = triple
        term = f"<<( {subject}{_predicate(name)}{object_} )>>"
        return self.node(statement, [("rdf:reifies", term), *pairs], graph)

    def annotated(self, statement: str, triple: tuple[str, str, str], pairs: Pairs) -> str:
        return self.node(triple[0], [triple[1:]]) + self.reified(statement, triple, pairs)

    def tail(self) -> str:
        return ""
