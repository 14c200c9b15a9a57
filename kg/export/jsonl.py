"""JSON Lines: one object a node or edge, nodes first (schemas/record.schema.json describes them).

{"element": "node", "id": "model/kitenet", "type": "Model", "name": "KiteNet", "aliases": ["Kite Net"], ...}
{"element": "edge", "id": "s17f...", "source": "model/kitenet", "target": "model/oaknet", "type": "outperforms", ...}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from kg.export import Options
from kg.export.properties import edge_values, node_values
from kg.graph import Graph
from kg.store import GraphDir
from kg.text import xml_safe

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def jsonl_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """The graph as JSON Lines, in pieces. Properties without a value are absent."""
    graph = Graph(directory)
    for node in graph.nodes():
        yield line({"element": "node", "id": xml_safe(node.id), **node_values(node)})
    for edge in graph.edges():
        ends = {"id": xml_safe(edge.id), "source": xml_safe(edge.source), "target": xml_safe(edge.target)}
        yield line({"element": "edge", **ends, **edge_values(edge)})


def line(record: Mapping[str, object]) -> str:
    """One record on one line, also for readers that end a line at U+0085, U+2028 or U+2029.

    >>> line({"a": "\u2028ä"})
    '{"a": "\\\\u2028ä"}\\n'
    """
    return _LINE_ENDS.sub(lambda m: f"\\u{ord(m[0]):04x}", _ENCODE(record)) + "\n"
