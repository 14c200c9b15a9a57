"""JSON-LD 1.1: the context of schemas/context.jsonld inline, then one node object a line."""

from __future__ import annotations

import json
from json.encoder import encode_basestring

from kg.config import schemas_dir
from kg.export.syntax import Pairs, expand
from kg.text import xml_safe
from kg.vocab import VOCAB

_IRI = '{"@id": '
_VALUE = '{"@value": '


class JsonLd:
    """A term is a node or value object; where the context coerces a property, it shrinks to what is inside."""

    def __init__(self) -> None:
        context = json.loads((schemas_dir() / "context.jsonld").read_text(encoding="utf-8"))
        self._context = context["@context"]
        self._keys: dict[str, str] = {}
        self._coerced: dict[str, str] = {}
        for key, what in self._context.items():
            if isinstance(what, dict):
                self._keys[what["@id"]] = key
                self._coerced[key] = what.get("@type", "")
            elif what.rpartition(":")[0] in self._context:  # a name, not a prefix
                self._keys[what] = key
        self._keys["rdf:type"] = "@type"

    def head(self) -> str:
        # The first object says nothing; after it every node can begin with its comma.
        context = json.dumps(self._context, ensure_ascii=False)
        return f'{{"@context": {context},\n"@graph": [\n{{"@id": {encode_basestring(VOCAB)}}}'

    def iri(self, iri: str) -> str:
        return f"{_IRI}{encode_basestring(iri)}}}"

    def name(self, name: str) -> str:
        return self.iri(expand(name))

    def text(self, text: str) -> str:
        return f"{_VALUE}{encode_basestring(xml_safe(text))}}}"

    def typed(self, lexical: str, datatype: str) -> str:
        return f'{_VALUE}"{lexical}", "@type": "xsd:{datatype}"}}'

    def node(self, subject: str, pairs: Pairs, graph: str | None = None) -> str:
        if not pairs:
            return ""
        values: dict[str, list[str]] = {}
        for name, term in pairs:
            key = self._keys.get(name, name)
            values.setdefault(key, []).append(self._shrunk(key, term))
        inner = "".join([f', "{key}": {_one_or_list(found)}' for key, found in values.items()])
        return f',\n{{"@id": {subject[len(_IRI) : -1]}{inner}}}'

    def tail(self) -> str:
        return "\n]}\n"

    def _shrunk(self, key: str, term: str) -> str:
        if key == "@type":
            return term[len(_IRI) : -1]
        coerced = self._coerced.get(key, "")
        if term.startswith(_IRI):
            return term[len(_IRI) : -1] if coerced == "@id" else term
        if coerced:
            suffix = f', "@type": "{coerced}"}}'
            return term[len(_VALUE) : -len(suffix)] if term.endswith(suffix) else term
        return term[len(_VALUE) : -1] if term.endswith('"}') and '", "@type": "xsd:' not in term else term


def _one_or_list(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"
