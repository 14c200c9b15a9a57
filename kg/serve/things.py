"""Which thing of the graph a path names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.store import GraphDir
from kg.vocab import PAPER, entity_iri, node_iri


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity or a paper: its id, node type, and IRI as the RDF has it."""

    id: str
    type: str
    iri: str


def find(graph: GraphDir, path: Sequence[str]) -> Thing | None:
    """The thing at `/id/{type}/{key}` or `/paper/{id}`, `path` being the decoded segments; None where there is none."""
    base = graph.manifest.base_iri
    if len(path) == 3 and path[0] == "id" and "/" not in path[1]:
        id_ = f"{path[1]}/{path[2]}"
        rows = graph.query("SELECT type FROM entities WHERE id = ?", [id_])
        return Thing(id_, rows[0][0], entity_iri(base, id_)) if rows else None
    if len(path) == 2 and path[0] == "paper":
        rows = graph.query("SELECT id FROM papers WHERE id = ?", [path[1]])
        return Thing(path[1], PAPER, node_iri(base, "paper", path[1])) if rows else None
    return None


def address(id_: str, type_: str, root: str) -> str:
    """Where the page of a thing lies on this server: the last part as in its IRI."""
    return node_iri(f"{root}/", "paper", id_) if type_ == PAPER else entity_iri(f"{root}/", id_)
