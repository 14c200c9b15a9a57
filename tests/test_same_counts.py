"""`kg sparql` and `kg cypher`, asked as a user asks, give the same numbers of nodes by type and edges by predicate."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kg import vocab
from kg.export.neo4j_rows import RELATIONSHIP_TYPES
from kg.pipeline import build

NODES_SPARQL = "SELECT ?label (COUNT(DISTINCT ?node) AS ?n) { ?node a ?label } GROUP BY ?label"
NODES_CYPHER = "MATCH (node) RETURN labels(node)[0] AS label, count(*) AS n"
# A denied statement is no triple of its predicate: in RDF it is counted where it is described, in Cypher as DENIES.
EDGES_SPARQL = "SELECT ?predicate (COUNT(*) AS ?n) { ?s ?predicate ?o } GROUP BY ?predicate"
EDGES_CYPHER = "MATCH ()-[edge]->() RETURN type(edge) AS predicate, count(*) AS n"
DENIED_SPARQL = "SELECT (COUNT(?s) AS ?n) { ?s kg:negated true }"


def ask(verb: str, graph: Path, query: str) -> list[dict[str, str]]:
    """The rows of the answer, as the command prints them."""
    command = [sys.executable, "-m", "kg", verb, str(graph), query, "-o", "json", "--timeout", "120"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    if verb == "cypher":
        return [{name: str(value) for name, value in row.items()} for row in answer]
    return [{name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]]


def counts(rows: list[dict[str, str]], key: str) -> dict[str, int]:
    return {row[key]: int(row["n"]) for row in rows}


def check(graph: Path) -> dict[str, int]:
    """Compare both doors; returns the number of nodes of each type."""
    types = counts(ask("sparql", graph, NODES_SPARQL), "label")
    in_sparql = {label: types.get(vocab.VOCAB + label, 0) for label in vocab.NODE_TYPES}
    labels = counts(ask("cypher", graph, NODES_CYPHER), "label")
    assert in_sparql == {label: labels.get(label, 0) for label in vocab.NODE_TYPES}

    triples = counts(ask("sparql", graph, EDGES_SPARQL), "predicate")
    edges = counts(ask("cypher", graph, EDGES_CYPHER), "predicate")
    assert {name: triples.get(predicate.iri, 0) for name, predicate in vocab.PREDICATES.items()} == {
        name: edges.get(RELATIONSHIP_TYPES[name], 0) for name in vocab.PREDICATES
    }
    denied = int(ask("sparql", graph, DENIED_SPARQL)[0]["n"])
    assert denied == edges.get(RELATIONSHIP_TYPES[vocab.DENIES], 0)
    return in_sparql


def test_of_the_example(examples: Path, tmp_path: Path) -> None:
    build([examples], tmp_path / "example.kg")
    nodes = check(tmp_path / "example.kg")
    assert all(nodes[label] for label in vocab.ENTITY_TYPES)
    assert nodes[vocab.PAPER] == 19


@pytest.mark.timeout(400)
def test_of_the_saved_listings(shared: Path, tmp_path: Path) -> None:
    build([shared / "seeds"], tmp_path / "seeds.kg")
    nodes = check(tmp_path / "seeds.kg")
    assert all(nodes[label] for label in vocab.ENTITY_TYPES)
    assert nodes[vocab.PAPER] == 675
