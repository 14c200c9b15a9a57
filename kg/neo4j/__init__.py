"""A graph in Neo4j, over Bolt: load it, count it, read it back.

    load("my.kg", uri="bolt://localhost:7687", user="neo4j", password="…")

Works on Neo4j 5 and later, Community edition, without APOC. docs/neo4j.md says what the database then holds.
"""

from __future__ import annotations

from kg.neo4j.loading import Loader, LoadReport, load, size
from kg.neo4j.reading import Counts, count, counts, read_edges, read_nodes
from kg.neo4j.server import Database, ServerError, connect

__all__ = [
    "Counts",
    "Database",
    "LoadReport",
    "Loader",
    "ServerError",
    "connect",
    "count",
    "counts",
    "load",
    "read_edges",
    "read_nodes",
    "size",
]
