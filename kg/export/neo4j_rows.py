"""What Neo4j holds of a graph, as plain rows: the same for the loader (kg.neo4j) and for the bulk files.

Labels, relationship types and property names come from the vocabulary and from kg.graph alone, never from a text.
One property is added to what the graph has: `kg_key`, which marks a node or relationship as ours. Text that
Neo4j's index keys could not hold is no trouble: a key has 24 characters whatever the id is.
"""

from __future__ import annotations

from functools import lru_cache

from kg import vocab
from kg.errors import GraphError
from kg.graph import EDGE_PROPERTIES, NODE_PROPERTIES, Edge, Node, Value
from kg.text import digest, xml_safe

KEY = "kg_key"

Cell = str | int | float | bool | list[str] | None
Row = list[Cell]

# Label -> its properties in the order of a row, after the key.
NODE_COLUMNS: dict[str, dict[str, type]] = {
    label: {"id": str, "name": str, **properties} for label, properties in NODE_PROPERTIES.items()
}
EDGE_COLUMNS: dict[str, type] = {"id": str, **EDGE_PROPERTIES}
RELATIONSHIP_TYPES: dict[str, str] = {
    **{name: predicate.cypher for name, predicate in vocab.PREDICATES.items()},
    vocab.DENIES: vocab.DENIES,
}
_LABEL_OF_PREFIX = {label.lower(): label for label in vocab.NODE_TYPES if label != vocab.RESULT}


class Keys:
    """The `kg_key` of an id: 8 hex digits of the base IRI, by which a graph's own things are told from another's in
    one database, then 16 of the id.

    >>> keys = Keys("https://example.org/")
    >>> len(keys("method/lora")), keys("method/lora").startswith(keys.prefix)
    (24, True)
    """

    def __init__(self, base_iri: str) -> None:
        self.prefix = prefix = digest(base_iri, length=8)
        # The ends of edges recur.
        self._key = lru_cache(maxsize=200_000)(lambda identifier: prefix + digest(identifier))

    def __call__(self, identifier: str) -> str:
        return self._key(identifier)


def label_of(node_id: str) -> str:
    """The label of a node by its id; GraphError if that is no node id.

    >>> label_of("method/lora"), label_of("r0123456789abcdef")
    ('Method', 'Result')
    """
    prefix, slash, _ = node_id.partition("/")
    label = _LABEL_OF_PREFIX.get(prefix) if slash else vocab.RESULT
    if label is None:
        raise GraphError(node_id, "is the id of no node type")
    return label


def labels(label: str) -> tuple[str, ...]:
    """All labels of a node in Neo4j: the five extracted types are also `:Entity`.

    >>> labels("Task"), labels("Paper")
    (('Task', 'Entity'), ('Paper',))
    """
    return (label, vocab.ENTITY_LABEL) if label in vocab.ENTITY_TYPES else (label,)


def end_label(node_id: str) -> str:
    """The label by which the end of an edge is looked up: `Entity` for all five, so that few queries do for all edges.

    >>> end_label("method/lora"), end_label("paper/2301.00010")
    ('Entity', 'Paper')
    """
    return labels(label_of(node_id))[-1]


def node_row(node: Node, keys: Keys) -> Row:
    """The key, then a value for each of NODE_COLUMNS, None where there is none."""
    cells = [_cell(node.props.get(name), kind) for name, kind in NODE_PROPERTIES[node.label].items()]
    return [keys(node.id), xml_safe(node.id), xml_safe(node.name), *cells]


def edge_row(edge: Edge, keys: Keys) -> Row:
    """The keys of the two ends and of the edge, then a value for each of EDGE_COLUMNS."""
    cells = [_cell(edge.props.get(name), kind) for name, kind in EDGE_PROPERTIES.items()]
    return [keys(edge.source), keys(edge.target), keys(edge.id), xml_safe(edge.id), *cells]


def _cell(value: Value | None, kind: type) -> Cell:
    """A value as Neo4j can hold it: of the column's type, no null within a list, no lone surrogate.

    A list of nothing is absent, because the import tool cannot write an empty list.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return xml_safe(value)
    if isinstance(value, tuple):
        return [xml_safe(item) for item in value] if any(value) else None
    return float(value) if kind is float else value
