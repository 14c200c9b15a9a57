"""GEXF 1.2: nodes, then edges, streamed. What Gephi and NetworkX read.

A node's label is its name, an edge's label its type; lists are JSON arrays in a string. Parallel edges stand as edges
with different ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.export import Options
from kg.export.properties import EDGE_COLUMNS, NODE_COLUMNS, as_text, edge_values, node_values
from kg.export.xml import attribute
from kg.graph import Graph, Value
from kg.store import GraphDir

_TYPES = {str: "string", tuple: "string", int: "long", float: "double", bool: "boolean"}


def gexf_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """The graph as GEXF, in pieces."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n'
    yield '  <graph defaultedgetype="directed" mode="static">\n'
    for domain, columns in (("node", NODE_COLUMNS), ("edge", EDGE_COLUMNS)):
        yield f'    <attributes class="{domain}" mode="static">\n'
        for name, kind in columns.items():
            yield f'      <attribute id="{domain[0]}_{name}" title="{name}" type="{_TYPES[kind]}"/>\n'
        yield "    </attributes>\n"
    graph = Graph(directory)
    yield "    <nodes>\n"
    for node in graph.nodes():
        head = f'id="{attribute(node.id)}" label="{attribute(node.name)}"'
        yield f"      <node {head}>{_fields('n', node_values(node))}</node>\n"
    yield "    </nodes>\n    <edges>\n"
    for edge in graph.edges():
        ends = f'source="{attribute(edge.source)}" target="{attribute(edge.target)}"'
        head = f'id="{attribute(edge.id)}" {ends} type="directed" label="{edge.type}"'
        yield f"      <edge {head}>{_fields('e', edge_values(edge))}</edge>\n"
    yield "    </edges>\n  </graph>\n</gexf>\n"


def _fields(domain: str, values: Mapping[str, Value]) -> str:
    inner = [f'<attvalue for="{domain}_{name}" value="{attribute(as_text(value))}"/>' for name, value in values.items()]
    return f"<attvalues>{''.join(inner)}</attvalues>"
