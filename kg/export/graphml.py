"""GraphML: nodes, then edges, streamed. What NetworkX, Gephi, yEd and Cytoscape read.

Lists are JSON arrays in a string (GraphML has no lists); an absent property has no element. The node's and the edge's
type is the attribute `type`. An edge's id is the id that it has in the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.export import Options
from kg.export.properties import EDGE_COLUMNS, NODE_COLUMNS, as_text, edge_values, node_values
from kg.export.xml import attribute, content
from kg.graph import Graph, Value
from kg.store import GraphDir

_TYPES = {str: "string", tuple: "string", int: "long", float: "double", bool: "boolean"}


def graphml_text(directory: GraphDir, options: Options) -> Iterator[str]:
    """The graph as GraphML, in pieces."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for domain, columns in (("node", NODE_COLUMNS), ("edge", EDGE_COLUMNS)):
        for name, kind in columns.items():
            key = f'id="{domain[0]}_{name}" for="{domain}" attr.name="{name}" attr.type="{_TYPES[kind]}"'
            yield f"  <key {key}/>\n"
    yield '  <graph edgedefault="directed">\n'
    graph = Graph(directory)
    for node in graph.nodes():
        yield f'    <node id="{attribute(node.id)}">\n{_fields("n", node_values(node))}    </node>\n'
    for edge in graph.edges():
        ends = f'id="{attribute(edge.id)}" source="{attribute(edge.source)}" target="{attribute(edge.target)}"'
        yield f"    <edge {ends}>\n{_fields('e', edge_values(edge))}    </edge>\n"
    yield "  </graph>\n</graphml>\n"


def _fields(domain: str, values: Mapping[str, Value]) -> str:
    return "".join(
        [f'      <data key="{domain}_{name}">{content(as_text(value))}</data>\n' for name, value in values.items()]
    )
