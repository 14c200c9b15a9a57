"""SHACL: what the build writes passes, and each shape fails on a fault of its own."""

from __future__ import annotations

import warnings
from pathlib import Path

import pyshacl
import pytest
import rdflib

from kg import vocab
from kg.export import EVIDENCE
from kg.export.syntax import PREFIXES
from tests.export.reading import by_rdflib, exported
from tests.export.rows import kites

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
SHAPE = rdflib.Namespace("https://w3id.org/mlpapers-kg/shapes#")
BASE = "https://w3id.org/mlpapers-kg/"
HEAD = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items()) + "".join(
    f"PREFIX {room}: <{BASE}{path}>\n"
    for room, path in {"p": "paper/", "m": "id/model/", "d": "id/dataset/", "t": "id/task/", "me": "id/method/",
                       "mt": "id/metric/", "x": "x/"}.items()
)  # fmt: skip
KITE, OAK, ELM, POND, MERE = "m:kitenet", "m:oaknet", "m:elmnet", "d:pondset", "d:mereset"
RESULT = "?r a kg:Result"
STATEMENT = "?s a kg:Statement ; rdf:predicate kg:outperforms ; rdf:object m:oaknet"
EVIDENCE_NODE = "?e a kg:Evidence ; kg:quote 'We study OakNet for leaf counting.'"


def changed(node: str, name: str, to: str | None = None) -> str:
    """An update that takes a value away from the node of a pattern, or puts another in its place."""
    subject = node.split()[0]
    new = f"INSERT {{ {subject} {name} {to} }}" if to is not None else ""
    return f"DELETE {{ {subject} {name} ?old }} {new} WHERE {{ {node} ; {name} ?old }}"


# shape -> a SPARQL update that breaks it
FAULTS: list[tuple[str, str]] = [
    ("Paper", "DELETE DATA { p:oak a schema:ScholarlyArticle }"),
    ("Paper", "INSERT DATA { p:oak dcterms:title 'Another' }"),
    ("Paper", "DELETE WHERE { p:oak rdfs:label ?x }"),
    ("Paper", "DELETE WHERE { p:oak dcterms:identifier ?x }"),
    ("Paper", "INSERT DATA { p:oak dcterms:abstract 7 }"),
    ("Paper", "INSERT DATA { p:oak dcterms:issued '2024'^^xsd:gYear }"),
    ("Paper", changed("p:oak a kg:Paper", "dcterms:issued", "2024")),
    ("Paper", "INSERT DATA { p:oak kg:authoredBy m:kitenet }"),
    ("Paper", "INSERT DATA { p:oak kg:publishedIn m:kitenet }"),
    ("Paper", "INSERT DATA { p:oak kg:hasRepository m:kitenet }"),
    ("Paper", "INSERT { [] ?q ?o } WHERE { p:oak ?q ?o }"),
    *(
        ("OneRole", f"INSERT DATA {{ p:new kg:{a} x:thing . p:new kg:{b} x:thing . p:new a kg:Paper }}")
        for a, b in zip(vocab.ROLE_PREDICATES, [*vocab.ROLE_PREDICATES][1:], strict=False)
    ),
    ("Entity", f"INSERT DATA {{ {KITE} skos:prefLabel 'Another' }}"),
    ("Entity", f"DELETE WHERE {{ {KITE} skos:prefLabel ?x }}"),
    ("Entity", f"INSERT DATA {{ {KITE} skos:altLabel 'KiteNet' }}"),
    ("Entity", f"INSERT DATA {{ {KITE} rdfs:label 'Another' }}"),
    ("Entity", f"INSERT DATA {{ {KITE} skos:altLabel 7 }}"),
    ("Entity", f"DELETE WHERE {{ {KITE} dcterms:identifier ?x }}"),
    ("Entity", f"DELETE WHERE {{ {KITE} kg:kind ?x }}"),
    ("Entity", f"INSERT DATA {{ {KITE} kg:kind 'other' }}"),
    ("Entity", f"INSERT DATA {{ {KITE} kg:paperCount -1 }}"),
    ("OneType", f"INSERT DATA {{ {KITE} a kg:Method }}"),
    ("OneType", f"DELETE DATA {{ {KITE} a kg:Model }}"),
    ("OneType", f"INSERT DATA {{ {KITE} a kg:Paper }}"),
    *((label, f"INSERT DATA {{ x:new a kg:{label} }}") for label in vocab.ENTITY_TYPES),
    *(
        (predicate.name, f"INSERT DATA {{ x:nothing kg:{predicate.name} {POND} }}")
        for predicate in (*vocab.RELATIONS.values(), *vocab.ROLE_PREDICATES.values(), *vocab.RESULT_EDGES.values())
    ),
    *(
        (p.name, f"INSERT {{ ?s kg:{p.name} x:nothing }} WHERE {{ ?s a kg:{sorted(p.domain)[0]} }}")
        for p in (*vocab.RELATIONS.values(), *vocab.ROLE_PREDICATES.values(), *vocab.RESULT_EDGES.values())
    ),
    ("metadata", f"INSERT {{ {KITE} kg:authoredBy ?a }} WHERE {{ ?a a kg:Author }}"),
    ("SameType", f"INSERT DATA {{ {KITE} kg:subclassOf me:pruning }}"),
    ("NoCycle", "INSERT DATA { m:a kg:subclassOf m:b . m:b kg:subclassOf m:c . m:c kg:subclassOf m:a }"),
    ("NoCycle", f"INSERT DATA {{ {KITE} kg:subclassOf {KITE} }}"),
    *(
        ("NoLoop", f"INSERT DATA {{ {KITE} kg:{name} {KITE} }}")
        for name in ("basedOn", "partOf", "comparedWith", "outperforms", "subtaskOf")
    ),
    ("Result", changed(RESULT, "kg:reportedIn")),
    ("Result", f"INSERT {{ ?r kg:reportedIn p:oak }} WHERE {{ {RESULT} }}"),
    ("Result", f"INSERT {{ ?r kg:resultOf {OAK} }} WHERE {{ {RESULT} }}"),
    ("Result", f"INSERT {{ ?r kg:onMetric x:second }} WHERE {{ {RESULT} }}"),
    ("Result", f"INSERT {{ ?r kg:onDataset {MERE} }} WHERE {{ {RESULT} }}"),
    ("Result", f"INSERT {{ ?r kg:overBaseline {OAK} , {ELM} }} WHERE {{ {RESULT} }}"),
    ("Result", changed(RESULT, "kg:value")),
    ("Result", changed(RESULT, "kg:value", "92.50")),
    ("Result", f"INSERT {{ ?r kg:mode 'guess' }} WHERE {{ {RESULT} }}"),
    ("Result", changed(RESULT, "kg:low", "99.5")),
    ("Result", f"INSERT {{ ?r kg:high 99.5 }} WHERE {{ {RESULT} }}"),
    ("Result", f"INSERT {{ ?r kg:unit 7 }} WHERE {{ {RESULT} }}"),
    ("Result", f"INSERT {{ ?r kg:higherIsBetter 'yes' }} WHERE {{ {RESULT} }}"),
    ("Result", changed(RESULT, "kg:confidence", "1.5")),
    ("Result", f"INSERT {{ ?r kg:evidence p:oak }} WHERE {{ {RESULT} }}"),
    ("Statement", changed(STATEMENT, "rdf:subject")),
    ("Statement", f"INSERT {{ ?s rdf:subject {OAK} }} WHERE {{ {STATEMENT} }}"),
    ("Statement", f"INSERT {{ ?s rdf:object {ELM} }} WHERE {{ {STATEMENT} }}"),
    ("Statement", changed(STATEMENT, "rdf:predicate", "kg:likes")),
    ("Statement", changed(STATEMENT, "kg:support", "0")),
    ("Statement", changed(STATEMENT, "kg:confidence")),
    ("Statement", f"INSERT {{ ?s kg:negated false }} WHERE {{ {STATEMENT} }}"),
    ("Statement", changed(STATEMENT, "kg:evidence")),
    ("Statement", f"INSERT {{ ?s kg:evidence p:oak }} WHERE {{ {STATEMENT} }}"),
    ("PlainTriple", f"DELETE DATA {{ {KITE} kg:outperforms {OAK} }}"),
    ("Denial", f"INSERT DATA {{ {KITE} kg:outperforms {ELM} }}"),
    ("Evidence", changed(EVIDENCE_NODE, "prov:wasQuotedFrom")),
    ("Evidence", changed(EVIDENCE_NODE, "kg:quote")),
    ("Evidence", changed(EVIDENCE_NODE, "kg:start", "999")),
    ("Evidence", changed(EVIDENCE_NODE, "kg:start", "-1")),
    ("Evidence", changed(EVIDENCE_NODE, "kg:end")),
    ("Evidence", changed(EVIDENCE_NODE, "kg:subjectEnd", "0")),
    ("Evidence", f"INSERT {{ ?e kg:objectStart 9 ; kg:objectEnd 8 }} WHERE {{ {EVIDENCE_NODE} }}"),
    ("Evidence", changed(EVIDENCE_NODE, "kg:score")),
    ("Evidence", changed(EVIDENCE_NODE, "prov:wasAttributedTo")),
    ("Evidence", f"DELETE {{ ?s kg:evidence ?e }} WHERE {{ {EVIDENCE_NODE} . ?s kg:evidence ?e }}"),
    ("Named", "DELETE { ?a rdfs:label ?x } WHERE { ?a a kg:Author ; rdfs:label ?x }"),
    ("Named", "INSERT { ?a rdfs:label 'two' } WHERE { ?a a kg:Venue }"),
    ("Named", "DELETE { ?a rdfs:label ?x } WHERE { ?a a prov:SoftwareAgent ; rdfs:label ?x }"),
    ("Repository", "DELETE { ?a schema:url ?x } WHERE { ?a a kg:Repository ; schema:url ?x }"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shapes(root: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(root / "schemas/shapes.ttl")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> rdflib.Graph:
    return by_rdflib(exported(kites().write(tmp_path_factory.mktemp("graphs") / "g"), "nt"), "nt")


def alone(shapes: rdflib.Graph, name: str) -> rdflib.Graph:
    """One shape with all that hangs on it, and the prefixes of its queries."""
    part = rdflib.Graph()
    waiting: list[rdflib.term.Node] = [SHAPE[name], rdflib.URIRef(str(SHAPE).rstrip("#"))]
    while waiting:
        node = waiting.pop()
        for triple in shapes.triples((node, None, None)):
            part.add(triple)
            if isinstance(triple[2], rdflib.BNode):
                waiting.append(triple[2])
    return part


def broken(data: rdflib.Graph, shapes: rdflib.Graph) -> set[str]:
    """The names of the shapes that `data` breaks (the outermost ones)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pyshacl's own calls of rdflib
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    assert isinstance(report, rdflib.Graph)
    names = set()
    for source in report.objects(None, SH.sourceShape):
        while not str(source).startswith(SHAPE):
            (source,) = {s for s, _, o in shapes.triples((None, None, source)) if o == source}
        names.add(str(source).removeprefix(SHAPE))
    return names


@pytest.mark.parametrize("evidence", EVIDENCE)
@pytest.mark.parametrize("graph", ["kite_graph", "nasty_graph", "empty_graph", "lone_graph"])
def test_exports_pass(graph: str, evidence: str, shapes: rdflib.Graph, request: pytest.FixtureRequest) -> None:
    """What the export writes keeps all shapes, in every mode."""
    raw = exported(request.getfixturevalue(graph), "nt", evidence=evidence)
    assert broken(by_rdflib(raw, "nt"), shapes) == set()


@pytest.mark.parametrize(("shape", "update"), FAULTS)
def test_a_fault_breaks_its_shape(shape: str, update: str, whole: rdflib.Graph, shapes: rdflib.Graph) -> None:
    """A deliberate fault is found, by the shape that speaks of it."""
    data = rdflib.Graph()
    data += whole
    data.update(HEAD + update)
    assert set(data) != set(whole), "the update did nothing"
    assert shape in broken(data, alone(shapes, shape))


def test_each_shape_has_a_fault(shapes: rdflib.Graph) -> None:
    """The table above breaks every shape, and every part of a shape that has a message of its own."""
    names = {str(s).removeprefix(SHAPE) for s in shapes.subjects(rdflib.RDF.type, SH.NodeShape)}
    assert names == {shape for shape, _ in FAULTS}


def test_each_shape_says_what_is_wrong(shapes: rdflib.Graph) -> None:
    """Every shape and every property of it that can be broken has a sentence."""
    for shape in shapes.subjects(rdflib.RDF.type, SH.NodeShape):
        parts = [*shapes.objects(shape, SH.property), *shapes.objects(shape, SH.sparql)]
        assert (shape, SH.message, None) in shapes or parts
        assert all((part, SH.message, None) in shapes for part in parts)
