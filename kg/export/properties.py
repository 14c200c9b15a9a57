"""Properties of nodes and edges as the file formats of property graphs need them: columns, clean values, texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite

from kg.graph import EDGE_PROPERTIES, NODE_PROPERTIES, Edge, Node, Value
from kg.text import xml_safe

# Property -> Python type, over all labels, in the order in which they are declared.
NODE_COLUMNS: dict[str, type] = {
    "type": str,
    "name": str,
    **{name: kind for columns in NODE_PROPERTIES.values() for name, kind in columns.items()},
}
EDGE_COLUMNS: dict[str, type] = {"type": str, **EDGE_PROPERTIES}


def node_values(node: Node) -> dict[str, Value]:
    """The properties of a node by column, clean; what says nothing ("" or no number) is absent."""
    return dict(_clean({"type": node.label, "name": node.name, **node.props}))


def edge_values(edge: Edge) -> dict[str, Value]:
    """The properties of an edge by column, as `node_values`."""
    return dict(_clean({"type": edge.type, **edge.props}))


def as_text(value: Value) -> str:
    """A value as one string: lists as JSON arrays (what joins them could stand in them), flags as true and false.

    >>> as_text(("a|b", "ä")), as_text(True), as_text(0.5)
    ('["a|b", "ä"]', 'true', '0.5')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def _clean(values: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for name, value in values.items():
        if isinstance(value, str):
            if value:
                yield name, xml_safe(value)
        elif isinstance(value, tuple):
            if value:
                yield name, tuple(map(xml_safe, value))
        elif not isinstance(value, float) or isfinite(value):
            yield name, value
