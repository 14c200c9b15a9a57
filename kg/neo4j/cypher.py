"""All Cypher that is sent to Neo4j, as pure functions. Values always travel as parameters.

What is pasted into a text comes from the closed vocabulary only: labels and relationship types are looked up in it
(an unknown one is a KeyError, a bug of ours), property names come from kg.export.neo4j_rows.
"""

from __future__ import annotations

import re

from kg.export.neo4j_rows import EDGE_COLUMNS, KEY, NODE_COLUMNS, RELATIONSHIP_TYPES, labels
from kg.vocab import ENTITY_LABEL

_LABELS = {label: label for label in NODE_COLUMNS}
_ENDS = {**_LABELS, ENTITY_LABEL: ENTITY_LABEL}
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_MINE = f"{KEY} STARTS WITH $prefix"


def schema_statements(text: str) -> list[str]:
    """The statements of schemas/neo4j.cypher: comments are whole lines, each statement ends in `;`."""
    return [statement.strip() for statement in _COMMENT.sub("", text).split(";") if statement.strip()]


def merge_nodes(label: str) -> str:
    """Create or update nodes; returns how many. `$rows` as kg.export.neo4j_rows.node_row makes them.

    A value of null takes a property away; properties that are not ours stay.
    """
    assigned = [f"n.{name} = row[{i}]" for i, name in enumerate(NODE_COLUMNS[label], start=1)]
    assigned += [f"n:{second}" for second in labels(label)[1:]]
    return f"UNWIND $rows AS row MERGE (n:{label} {{{KEY}: row[0]}}) SET {', '.join(assigned)} RETURN count(*) AS done"


def merge_edges(type_: str, source: str, target: str) -> str:
    """Create or update edges of a predicate (or DENIES) between two labels (`Entity` for all five extracted types);
    returns how many had both their ends.

    `$rows` as kg.export.neo4j_rows.edge_row makes them.
    """
    assigned = ", ".join(f"r.{name} = row[{i}]" for i, name in enumerate(EDGE_COLUMNS, start=3))
    return (
        "UNWIND $rows AS row"
        f" MATCH (a:{_ENDS[source]} {{{KEY}: row[0]}})"
        f" MATCH (b:{_ENDS[target]} {{{KEY}: row[1]}})"
        f" MERGE (a)-[r:{RELATIONSHIP_TYPES[type_]} {{{KEY}: row[2]}}]->(b)"
        f" SET {assigned} RETURN count(*) AS done"
    )


def count_nodes() -> str:
    """(label, how many nodes) of the graph with `$prefix`, for the `$labels` that it has."""
    return (
        f"MATCH (n:{'|'.join(_LABELS)}) WHERE n.{_MINE}"
        " UNWIND [label IN labels(n) WHERE label IN $labels] AS label RETURN label, count(*) AS n"
    )


def count_edges() -> str:
    """(relationship type, how many) of the graph with `$prefix`, for the types that it has."""
    return f"MATCH ()-[r:{'|'.join(RELATIONSHIP_TYPES.values())}]->() WHERE r.{_MINE} RETURN type(r), count(*) AS n"


def node_keys() -> str:
    """The keys and element ids of all nodes of the graph with `$prefix`."""
    return f"MATCH (n:{'|'.join(_LABELS)}) WHERE n.{_MINE} RETURN n.{KEY} AS key, elementId(n) AS element"


def edge_keys() -> str:
    """The keys and element ids of all relationships of the graph with `$prefix`."""
    types = "|".join(RELATIONSHIP_TYPES.values())
    return f"MATCH ()-[r:{types}]->() WHERE r.{_MINE} RETURN r.{KEY} AS key, elementId(r) AS element"


def delete_nodes() -> str:
    """Delete nodes by element id unless another's relationship hangs on them; returns how many are gone."""
    return "MATCH (n) WHERE elementId(n) IN $elements AND NOT (n)--() DELETE n RETURN count(*) AS done"


def delete_edges() -> str:
    """Delete relationships by element id; returns how many."""
    return "MATCH ()-[r]->() WHERE elementId(r) IN $elements DELETE r RETURN count(*) AS done"


def read_nodes(label: str) -> str:
    """The properties of the nodes of a label with the `$keys`."""
    return f"MATCH (n:{_LABELS[label]}) WHERE n.{KEY} IN $keys RETURN properties(n) AS properties ORDER BY n.id"


def read_edges(type_: str, source: str, target: str) -> str:
    """The ends' ids and the properties of edges; `$rows` hold the keys of the two ends and of the edge."""
    return (
        "UNWIND $rows AS row"
        f" MATCH (a:{_ENDS[source]} {{{KEY}: row[0]}})"
        f" MATCH (b:{_ENDS[target]} {{{KEY}: row[1]}})"
        f" MATCH (a)-[r:{RELATIONSHIP_TYPES[type_]} {{{KEY}: row[2]}}]->(b)"
        " RETURN a.id AS source, b.id AS target, properties(r) AS properties"
    )
