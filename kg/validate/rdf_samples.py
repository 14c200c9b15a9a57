"""How RDF shows a node or an edge of the property graph, and what a SPARQL store says of some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from kg import vocab
from kg.export.iri import web_iri
from kg.export.syntax import expand
from kg.graph import Edge, Node
from kg.text import xml_safe

Ask = Callable[[str], list[list[Any]]]
Props = dict[str, Any]

_MANY, _TEXT, _NUMBER = "many", "text", "number"
# Property of kg.graph -> the RDF property that carries it, and how.
_ENTITY = {
    "name": ("skos:prefLabel", _TEXT),
    "aliases": ("skos:altLabel", _MANY),
    "kind": ("kg:kind", _TEXT),
    "papers": ("kg:paperCount", _NUMBER),
    "links": ("schema:url", _MANY),
}
_PAPER = {
    "title": ("dcterms:title", _TEXT),
    "name": ("rdfs:label", _TEXT),
    "abstract": ("dcterms:abstract", _TEXT),
    "date": ("dcterms:issued", _TEXT),
    "sources": ("kg:source", _MANY),
    "source_ids": ("kg:sourceId", _MANY),
    "urls": ("schema:url", _MANY),
}
_RESULT = {
    "value": ("kg:value", _TEXT),
    "mode": ("kg:mode", _TEXT),
    "unit": ("kg:unit", _TEXT),
    "low": ("kg:low", _NUMBER),
    "high": ("kg:high", _NUMBER),
    "confidence": ("kg:confidence", _NUMBER),
    "higher_is_better": ("kg:higherIsBetter", _TEXT),
}
_METADATA = {"name": ("rdfs:label", _TEXT), "url": ("schema:url", _TEXT)}
_STATEMENT = {"support": ("kg:support", _NUMBER), "confidence": ("kg:confidence", _NUMBER)}
_ENDS = {"source": "rdf:subject", "type": "rdf:predicate", "target": "rdf:object"}


def rdf_node(node: Node) -> Props:
    """The properties of a node that RDF carries, as RDF carries them: lists as sets, addresses as IRIs."""
    values = {"name": node.name, **node.props}
    return {"label": node.label, **dict(_carried(values, _columns(node.label)))}


def rdf_edge(edge: Edge) -> Props:
    """The ends of an edge, and support and confidence where it is a relation or a denial."""
    ends = {"source": edge.source, "type": edge.type, "target": edge.target}
    return {**ends, **dict(_carried(edge.props, _STATEMENT))} if _is_statement(edge) else ends


def nodes_in_rdf(ask: Ask, base: str, nodes: Sequence[Node]) -> dict[str, Props]:
    """Node id -> what the store says of it, for those that are there."""
    found: dict[str, Props] = {}
    by_iri = {_iri(base, node.id): node for node in nodes}
    types = {vocab.VOCAB + label: label for label in vocab.NODE_TYPES}
    for iri, told in _described(ask, by_iri).items():
        node = by_iri[iri]
        labels = [types[type_] for type_ in told.get(expand("rdf:type"), ()) if type_ in types]
        if labels:
            found[node.id] = {"label": labels[0], **dict(_read(told, _columns(node.label)))}
    return found


def edges_in_rdf(ask: Ask, base: str, edges: Sequence[Edge]) -> dict[str, Props]:
    """Edge id -> what the store says of it, for those that are there."""
    found: dict[str, Props] = {}
    plain = {_triple(base, edge): edge for edge in edges if edge.type != vocab.DENIES}
    rows = " ".join(f"(<{s}> <{p}> <{o}>)" for s, p, o in plain)
    there = ask(f"SELECT ?s ?p ?o {{ VALUES (?s ?p ?o) {{ {rows} }} ?s ?p ?o }}") if plain else []
    for row in there:
        edge = plain[row[0][1], row[1][1], row[2][1]]
        found[edge.id] = {"source": edge.source, "type": edge.type, "target": edge.target}
    statements = {vocab.node_iri(base, "statement", edge.id): edge for edge in edges if _is_statement(edge)}
    told = _described(ask, statements)
    for iri, edge in statements.items():
        wanted = dict(zip(_ENDS, _triple(base, edge), strict=True))
        held = {name: told.get(iri, {}).get(expand(by), [""])[0] for name, by in _ENDS.items()}
        if iri not in told or (edge.type != vocab.DENIES and edge.id not in found):
            found.pop(edge.id, None)
            continue
        negated = told[iri].get(expand("kg:negated"), ["false"]) == ["true"]
        ends = {name: getattr(edge, name) if held[name] == wanted[name] else held[name] for name in _ENDS}
        if negated != (edge.type == vocab.DENIES):
            ends["type"] = vocab.DENIES if negated else held["type"]
        found[edge.id] = {**ends, **dict(_read(told[iri], _STATEMENT))}
    return found


def _columns(label: str) -> dict[str, tuple[str, str]]:
    if label in vocab.ENTITY_TYPES:
        return _ENTITY
    return {vocab.PAPER: _PAPER, vocab.RESULT: _RESULT}.get(label, _METADATA)


def _is_statement(edge: Edge) -> bool:
    return edge.type in vocab.RELATIONS or edge.type == vocab.DENIES


def _iri(base: str, node_id: str) -> str:
    room, slash, key = node_id.partition("/")
    if not slash:
        return vocab.node_iri(base, "result", node_id)
    if room in ("paper", "author", "venue", "repository"):
        return vocab.node_iri(base, room, key)
    return vocab.entity_iri(base, node_id)


def _triple(base: str, edge: Edge) -> tuple[str, str, str]:
    name = str(edge.props["predicate"]) if edge.type == vocab.DENIES else edge.type
    return _iri(base, edge.source), vocab.VOCAB + name, _iri(base, edge.target)


def _described(ask: Ask, iris: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """IRI -> property -> the texts of its objects, sorted."""
    told: dict[str, dict[str, list[str]]] = {}
    values = " ".join(f"<{iri}>" for iri in iris)
    for subject, predicate, object_ in (
        ask(f"SELECT ?s ?p ?o {{ VALUES ?s {{ {values} }} ?s ?p ?o }}") if values else ()
    ):
        told.setdefault(subject[1], {}).setdefault(predicate[1], []).append(object_[1])
    return {iri: {name: sorted(texts) for name, texts in about.items()} for iri, about in told.items()}


def _carried(values: Any, columns: dict[str, tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    for name, (by, how) in columns.items():
        value = values.get(name)
        if value is None or value in ("", ()):
            continue
        if how == _NUMBER:
            yield name, float(value)
        elif how == _MANY:
            yield name, tuple(sorted({_as_text(item, by) for item in value}))
        else:
            yield name, str(value).lower() if isinstance(value, bool) else _as_text(value, by)


def _as_text(value: str, by: str) -> str:
    text = xml_safe(value)
    return (web_iri(text) or text) if by == "schema:url" else text


def _read(told: dict[str, list[str]], columns: dict[str, tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    for name, (by, how) in columns.items():
        if texts := told.get(expand(by)):
            if how == _NUMBER:
                yield name, float(texts[0])
            else:
                yield name, tuple(texts) if how == _MANY else texts[0]
