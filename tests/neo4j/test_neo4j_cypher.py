"""The Cypher that is sent: from the vocabulary alone, and the schema file covers all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg import vocab
from kg.errors import GraphError
from kg.export.neo4j_rows import KEY, RELATIONSHIP_TYPES, Keys, edge_row, label_of, node_row
from kg.graph import Edge, Node
from kg.neo4j import cypher


def test_every_label_has_its_constraint_and_its_index(root: Path) -> None:
    statements = cypher.schema_statements((root / "schemas" / "neo4j.cypher").read_text(encoding="utf-8"))
    labels = {*vocab.NODE_TYPES, vocab.ENTITY_LABEL}
    found = [re.findall(r"(CONSTRAINT|INDEX) (\w+) IF NOT EXISTS\s+FOR \(n:(\w+)", text)[0] for text in statements]
    assert {label for kind, _, label in found if kind == "CONSTRAINT"} == labels
    assert {label for kind, _, label in found if kind == "INDEX"} == labels
    assert len({name for _, name, _ in found}) == len(found) == 2 * len(labels) + 1


def test_no_range_index_stands_on_unbounded_text(root: Path) -> None:
    text = (root / "schemas" / "neo4j.cypher").read_text(encoding="utf-8")
    ranged = [s for s in cypher.schema_statements(text) if "FULLTEXT" not in s]
    assert {name for s in ranged for name in re.findall(r"n\.(\w+)", s)} == {KEY, "id"}


@pytest.mark.parametrize("wrong", ["method", "Method`) DETACH DELETE n //", "", "Entity:Method"])
def test_a_name_that_is_not_in_the_vocabulary_makes_no_query(wrong: str) -> None:
    with pytest.raises(KeyError):
        cypher.merge_nodes(wrong)
    with pytest.raises(KeyError):
        cypher.merge_edges(wrong, "Paper", "Method")
    with pytest.raises(KeyError):
        cypher.merge_edges("uses", wrong, "Method")
    with pytest.raises(KeyError):
        cypher.merge_edges("uses", "Paper", wrong)


def test_values_are_parameters_only() -> None:
    """No query holds a quote or a digit in quotes: all that varies is in $rows."""
    queries = [cypher.merge_nodes(label) for label in vocab.NODE_TYPES]
    queries += [cypher.merge_edges(type_, "Paper", "Entity") for type_ in RELATIONSHIP_TYPES]
    assert not [query for query in queries if re.search("['\"`]", query)]


def test_rows_hold_nothing_that_stops_a_batch() -> None:
    """No null in a list, no lone surrogate, no control character; numbers of the column's type; nothing is null."""
    keys = Keys("https://example.org/")
    props = {"title": "a\ud800b\x00", "authors": ("X\udfff", ""), "venue": "", "sources": (), "urls": ("",)}
    row = node_row(Node("paper/p\x01", "Paper", "a\ud800b", props), keys)  # type: ignore[arg-type]
    assert row[1:4] == ["paper/p\ufffd", "a\ufffdb", "a\ufffdb\ufffd"]
    assert ["X\ufffd", ""] in row
    assert [] not in row
    assert [""] not in row
    edge = edge_row(Edge("paper/p", "uses", "method/m", "s1", {"support": 1, "confidence": 1}), keys)
    assert (edge[:3], edge[5:7]) == ([keys("paper/p"), keys("method/m"), keys("s1")], [1, 1.0])
    assert isinstance(edge[6], float)


def test_keys_are_short_whatever_the_id_is() -> None:
    keys = Keys("https://example.org/")
    made = {keys(id_) for id_ in ("", "m" * 90_000, "灯" * 9_000, "a", "b")}
    assert len(made) == 5
    assert {len(key) for key in made} == {24}


def test_an_id_of_no_node_type_is_an_error() -> None:
    with pytest.raises(GraphError, match="is the id of no node type"):
        label_of("evil/x")
