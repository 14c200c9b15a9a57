"""RDF/XML: one rdf:Description a node, well-formed whatever a text holds."""

from __future__ import annotations

from kg.export.syntax import PREFIXES, Pairs, expand
from kg.export.xml import attribute, content


class RdfXml:
    """A term is what follows the property's name in its start tag: attributes, `>` and the content."""

    def head(self) -> str:
        spaces = "".join(f'\n    xmlns:{prefix}="{attribute(iri)}"' for prefix, iri in PREFIXES.items())
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{spaces}>\n'

    def iri(self, iri: str) -> str:
        return f' rdf:resource="{attribute(iri)}">'

    def name(self, name: str) -> str:
        return self.iri(expand(name))

    def text(self, text: str) -> str:
        return f">{content(text)}"

    def typed(self, lexical: str, datatype: str) -> str:
        return f' rdf:datatype="{PREFIXES["xsd"]}{datatype}">{lexical}'

    def node(self, subject: str, pairs: Pairs, graph: str | None = None) -> str:
        if not pairs:
            return ""
        about = subject.replace("rdf:resource", "rdf:about", 1)
        inner = "".join([f"  <{name}{term}</{name}>\n" for name, term in pairs])
        return f"<rdf:Description{about}\n{inner}</rdf:Description>\n"

    def tail(self) -> str:
        return "</rdf:RDF>\n"
