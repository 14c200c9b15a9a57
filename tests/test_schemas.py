"""`kg/vocab.py` and `schemas/` say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from kg import vocab
from kg.export.syntax import PREFIXES
from tests.export.reading import exported
from tests.export.rows import kites, nasty

KG = rdflib.Namespace(vocab.VOCAB)
SCHEMA = rdflib.Namespace(PREFIXES["schema"])
CARRIED = {  # what is no edge of the property graph
    "evidence", "negated", "support", "confidence", "quote", "start", "end", "subjectStart", "subjectEnd",
    "objectStart", "objectEnd", "score", "value", "mode", "low", "high", "unit", "higherIsBetter", "kind",
    "paperCount", "sourceId", "source",
}  # fmt: skip


@pytest.fixture(scope="module")
def ontology(root: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(root / "schemas/kg.ttl")


@pytest.fixture(scope="module")
def record_schema(root: Path) -> dict[str, Any]:
    schema = json.loads((root / "schemas/record.schema.json").read_text(encoding="utf-8"))
    assert isinstance(schema, dict)
    return schema


def local(term: object) -> str:
    assert str(term).startswith(vocab.VOCAB)
    return str(term).removeprefix(vocab.VOCAB)


def test_the_ontology_has_exactly_our_classes(ontology: rdflib.Graph) -> None:
    classes = {local(c) for c in ontology.subjects(RDF.type, OWL.Class)}
    assert classes == {*vocab.NODE_TYPES, "Entity", "Statement", "Evidence"}
    for label in vocab.ENTITY_TYPES:
        assert (KG[label], RDFS.subClassOf, KG.Entity) in ontology


def test_the_ontology_has_exactly_our_properties(ontology: rdflib.Graph) -> None:
    found = {local(p) for kind in (OWL.ObjectProperty, OWL.DatatypeProperty) for p in ontology.subjects(RDF.type, kind)}
    assert found == {*vocab.PREDICATES, *CARRIED}


@pytest.mark.parametrize("predicate", vocab.PREDICATES.values(), ids=list(vocab.PREDICATES))
def test_domain_and_range_agree(ontology: rdflib.Graph, predicate: vocab.Predicate) -> None:
    term = rdflib.URIRef(predicate.iri)
    assert {local(c) for c in ontology.objects(term, SCHEMA.domainIncludes)} == predicate.domain
    assert {local(c) for c in ontology.objects(term, SCHEMA.rangeIncludes)} == predicate.range
    for name, types in ((RDFS.domain, predicate.domain), (RDFS.range, predicate.range)):
        assert [local(c) for c in ontology.objects(term, name)] == ([*types] if len(types) == 1 else ["Entity"])
    assert ((term, RDF.type, OWL.SymmetricProperty) in ontology) == predicate.symmetric


def test_everything_has_label_and_comment_in_english(ontology: rdflib.Graph) -> None:
    for term in set(ontology.subjects(RDFS.isDefinedBy)):
        for name in (RDFS.label, RDFS.comment):
            (text,) = ontology.objects(term, name)
            assert isinstance(text, rdflib.Literal)
            assert text.language == "en"


def test_the_types_are_disjoint(ontology: rdflib.Graph) -> None:
    names = [*vocab.NODE_TYPES, "Statement", "Evidence"]
    pairs = {frozenset((local(a), local(b))) for a, b in ontology.subject_objects(OWL.disjointWith)}
    assert pairs == {frozenset((a, b)) for a in names for b in names if a != b}


def test_nothing_is_misspelt(root: Path, ontology: rdflib.Graph) -> None:
    """Every kg: name in the shapes and the context is one of the ontology."""
    known = {local(s) for s in ontology.subjects(RDFS.isDefinedBy)}
    for name in ("shapes.ttl", "context.jsonld"):
        text = (root / "schemas" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"\bkg:(\w+)", text)) <= known


def test_shapes_know_every_predicate(root: Path) -> None:
    """Each edge has a shape for its domain and range; a statement's predicate is one of ours."""
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    shapes = rdflib.Graph().parse(root / "schemas/shapes.ttl")
    targets = {local(t) for t in shapes.objects(None, sh.targetSubjectsOf)}
    assert set(vocab.PREDICATES) <= targets
    (predicates,) = shapes.objects(shapes.value(predicate=sh.path, object=RDF.predicate), sh["in"])
    assert {local(t) for t in shapes.items(predicates)} == {*vocab.RELATIONS, *vocab.ROLE_PREDICATES}


def test_every_exported_name_is_in_the_ontology(ontology: rdflib.Graph, tmp_path: Path) -> None:
    known = {local(s) for s in ontology.subjects(RDFS.isDefinedBy)}
    raw = exported(nasty().write(tmp_path / "g"), "nt", evidence="all").decode()
    assert set(re.findall(re.escape(vocab.VOCAB) + r"(\w+)>", raw)) <= known


def test_the_context_maps_every_name(root: Path) -> None:
    """Keys are the vocabulary's own names; prefixes are those of the exports."""
    context = json.loads((root / "schemas/context.jsonld").read_text(encoding="utf-8"))["@context"]
    assert {name: context[name] for name in PREFIXES} == PREFIXES
    for name in vocab.PREDICATES:
        assert context[name] == {"@id": f"kg:{name}", "@type": "@id"}
    for name in CARRIED:
        about = context[name]
        assert (about if isinstance(about, str) else about["@id"]) == f"kg:{name}"


def test_the_constraints_are_those_of_our_labels(root: Path) -> None:
    """One uniqueness constraint for each node type and for `:Entity`, and no label that is not in the vocabulary."""
    text = (root / "schemas/neo4j.cypher").read_text(encoding="utf-8")
    unique = re.findall(r"CREATE CONSTRAINT \w+ IF NOT EXISTS FOR \(n:(\w+)\) REQUIRE n\.\w+ IS UNIQUE;", text)
    assert sorted(unique) == sorted([*vocab.NODE_TYPES, vocab.ENTITY_LABEL])
    labels = {label for group in re.findall(r"\(n:([\w|]+)\)", text) for label in group.split("|")}
    assert labels <= {*vocab.NODE_TYPES, vocab.ENTITY_LABEL}


def test_the_record_schema_is_a_schema(record_schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(record_schema)


def test_the_record_schema_lists_the_vocabulary(record_schema: dict[str, Any]) -> None:
    entity = record_schema["$defs"]["entity"]["properties"]
    assert entity["type"]["enum"] == list(vocab.ENTITY_TYPES)
    assert entity["kind"]["enum"] == list(vocab.KINDS)
    assert entity["role"]["enum"] == list(vocab.ROLES)
    relation = record_schema["$defs"]["extraction"]["properties"]["relations"]["items"]["prefixItems"][1]
    assert relation["enum"] == list(vocab.RELATION_BY_LABEL)
    assert record_schema["$defs"]["edge"]["properties"]["type"]["enum"] == [*vocab.PREDICATES, vocab.DENIES]
    kinds = record_schema["$defs"]["node"]["oneOf"]
    assert sorted(label for kind in kinds for label in kind["properties"]["type"]["enum"]) == sorted(vocab.NODE_TYPES)


@pytest.mark.parametrize("make", [kites, nasty])
def test_exported_lines_keep_the_record_schema(record_schema: dict[str, Any], make: Any, tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(record_schema)
    for line in exported(make().write(tmp_path / "g"), "jsonl").decode().splitlines():
        record = json.loads(line)
        part = {"$ref": f"#/$defs/{record['element']}", "$defs": record_schema["$defs"]}
        assert not list(validator.evolve(schema=part).iter_errors(record)), line


BAD_RECORDS: list[dict[str, Any]] = [
    {},
    {"element": "node", "id": "model/a", "type": "Modell", "name": "A"},
    {"element": "node", "id": "model/a", "type": "Model", "name": "A", "value": "3"},
    {"element": "edge", "id": "s1", "source": "a", "target": "b", "type": "DENIES", "support": 1, "confidence": 1},
    {"element": "edge", "id": "s1", "source": "a", "target": "b", "type": "likes", "support": 1, "confidence": 1},
    {"id": "a", "entities": [{"name": "A", "forms": [], "type": "Model", "kind": "named", "role": "used"}],
     "relations": [], "results": [], "links": []},
    {"id": "a", "entities": [], "relations": [["A", "basedOn", "B"]], "results": [], "links": []},
]  # fmt: skip


@pytest.mark.parametrize("record", BAD_RECORDS)
def test_other_lines_break_the_record_schema(record_schema: dict[str, Any], record: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(record_schema).is_valid(record)


def test_gold_annotations_keep_the_record_schema(record_schema: dict[str, Any], shared: Path) -> None:
    """What annotators wrote is what `kg extract` writes."""
    validator = jsonschema.Draft202012Validator(record_schema)
    with (shared / "gold/dev.jsonl").open(encoding="utf-8") as file:
        for line in file:
            validator.validate(json.loads(line))
