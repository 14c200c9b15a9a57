"""RDF: six syntaxes hold the same, every reader reads them, and nothing in a text can break them."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD

import kg.export.rdf
import kg.graph
from kg.errors import UsageError
from kg.export import EVIDENCE, export
from kg.export.jsonld import JsonLd
from kg.export.ntriples import NTriples
from kg.export.rdfxml import RdfXml
from kg.export.syntax import Syntax
from kg.export.turtle import Turtle
from kg.text import xml_safe
from kg.vocab import VOCAB
from tests.export.reading import RDF as FORMATS
from tests.export.reading import by_oxigraph, by_rdflib, default_triples, exported, quads_as_text
from tests.export.rows import NASTY_IDS, Rows

KG = rdflib.Namespace(VOCAB)
BASE = "https://w3id.org/mlpapers-kg/"
GRAPHS = ("kite_graph", "nasty_graph", "control_graph", "empty_graph", "lone_graph")


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> Path:
    path = request.getfixturevalue(request.param)
    assert isinstance(path, Path)
    return path


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_all_syntaxes_hold_the_same_triples(graph: Path, evidence: str) -> None:
    """rdflib reads each file to the triples of the N-Triples file, and so does Oxigraph; there are no blank nodes."""
    raw = {name: exported(graph, name, evidence=evidence) for name in FORMATS}
    read = {name: default_triples(by_rdflib(raw[name], name)) for name in FORMATS}
    oxigraph = {name: by_oxigraph(raw[name], name) for name in FORMATS}
    plain = {
        name: {str(quad.triple) for quad in quads if quad.graph_name == pyoxigraph.DefaultGraph()}
        for name, quads in oxigraph.items()
    }
    for name in FORMATS:
        assert read[name] == read["nt"], name
        assert plain[name] == plain["nt"], name
    assert len(read["nt"]) == len(plain["nt"])
    assert not any(term.startswith("_:") for triple in read["nt"] for term in triple)
    assert quads_as_text(oxigraph["nq"]) == quads_as_text(oxigraph["trig"])


def test_each_triple_stands_once(graph: Path) -> None:
    """No line of the N-Triples file is written twice: counts in the file and in a store agree."""
    lines = exported(graph, "nt", evidence="all").decode().splitlines()
    assert len(lines) == len(set(lines))


def test_the_same_graph_gives_the_same_bytes_whatever_the_pages(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the same bytes, and the size of the pages in which tables are read does not show."""
    first = {name: exported(graph, name) for name in FORMATS}
    assert {name: exported(graph, name) for name in FORMATS} == first
    monkeypatch.setattr(kg.export.rdf, "PAPERS", 1)
    monkeypatch.setattr(kg.graph, "PAGE", 1)
    assert {name: exported(graph, name) for name in FORMATS} == first


def test_each_paper_has_a_named_graph_with_what_it_asserts(kite_graph: Path) -> None:
    """The graph of a paper holds type, title, roles, its relations and results; a denial only as a statement."""
    dataset = by_rdflib(exported(kite_graph, "trig"), "trig")
    assert isinstance(dataset, rdflib.Dataset)
    paper = rdflib.URIRef(f"{BASE}paper/oak")
    own = dataset.graph(rdflib.URIRef(f"{BASE}graph/oak"))
    assert (paper, RDF.type, KG.Paper) in own
    assert (paper, DCTERMS.title, rdflib.Literal("Oaks")) in own
    kite, oak = rdflib.URIRef(f"{BASE}id/model/kitenet"), rdflib.URIRef(f"{BASE}id/model/oaknet")
    assert (paper, KG.uses, oak) in own
    assert (kite, KG.outperforms, oak) in own
    assert (kite, KG.basedOn, oak) not in own
    first = dataset.graph(rdflib.URIRef(f"{BASE}graph/2401.00010"))
    assert (None, KG.outperforms, rdflib.URIRef(f"{BASE}id/model/elmnet")) not in first
    denied = first.value(predicate=KG.negated, object=rdflib.Literal(True))
    assert first.value(denied, RDF.object) == rdflib.URIRef(f"{BASE}id/model/elmnet")
    assert (None, KG.value, rdflib.Literal("92.50")) in first
    assert set(own) <= set(dataset.default_graph)
    assert set(first) <= set(dataset.default_graph)


def test_every_paper_has_a_named_graph(graph: Path) -> None:
    """There are as many named graphs as papers, whatever the ids, each with a type and a title or label."""
    quads = by_oxigraph(exported(graph, "nq", evidence="none"), "nq")
    graphs = {quad.graph_name for quad in quads} - {pyoxigraph.DefaultGraph()}
    papers = {q.subject for q in quads if q.object == pyoxigraph.NamedNode(VOCAB + "Paper")}
    assert len(graphs) == len(papers)
    for name in graphs:
        said = {q.predicate.value for q in quads if q.graph_name == name}
        assert str(RDF.type) in said
        assert str(DCTERMS.title) in said or str(rdflib.RDFS.label) in said


def test_what_is_denied_is_only_a_statement(kite_graph: Path) -> None:
    """A negated statement has a node with evidence in every mode, and never a plain triple."""
    for evidence in EVIDENCE:
        read = by_rdflib(exported(kite_graph, "nt", evidence=evidence), "nt")
        elm = rdflib.URIRef(f"{BASE}id/model/elmnet")
        assert not list(read.triples((None, KG.outperforms, elm)))
        statement = read.value(predicate=KG.negated, object=rdflib.Literal(True))
        assert read.value(statement, RDF.object) == elm
        quote = read.value(read.value(statement, KG.evidence), KG.quote)
        assert str(quote) == "KiteNet does not outperform ElmNet."


def test_evidence_says_which_statements_get_nodes(kite_graph: Path) -> None:
    """none: only denials; relations: not the roles; all: each statement, with all its evidence."""
    found = {}
    for evidence in EVIDENCE:
        read = by_rdflib(exported(kite_graph, "nt", evidence=evidence), "nt")
        found[evidence] = (
            len(set(read.subjects(RDF.type, KG.Statement))),
            len(set(read.subjects(RDF.type, KG.Evidence))),
        )
    assert found == {"none": (1, 1), "relations": (6, 9), "all": (17, 20)}


def test_evidence_is_provenance(kite_graph: Path) -> None:
    """A statement leads to its sentences, each quoted from a paper at code point offsets and found by an agent."""
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    read = by_rdflib(exported(kite_graph, "ttl"), "ttl")
    oak = rdflib.URIRef(f"{BASE}id/model/oaknet")
    statement = next(s for s in read.subjects(RDF.predicate, KG.outperforms) if read.value(s, RDF.object) == oak)
    assert str(read.value(statement, KG.support)) == "2"
    papers = set()
    for evidence in read.objects(statement, KG.evidence):
        paper = read.value(evidence, prov.wasQuotedFrom)
        text = f"{read.value(paper, DCTERMS.title)}\n{read.value(paper, DCTERMS.abstract)}"
        start, end = (read.value(evidence, name).toPython() for name in (KG.start, KG.end))
        assert text[start:end] == str(read.value(evidence, KG.quote)) == "KiteNet outperforms OakNet on PondSet."
        assert (read.value(evidence, prov.wasAttributedTo), RDF.type, prov.SoftwareAgent) in read
        papers.add(paper)
    assert len(papers) == 2


@pytest.mark.parametrize(
    ("date", "precision", "datatype"),
    [
        ("2024", "year", XSD.gYear),
        ("2024-03", "month", XSD.gYearMonth),
        ("2024-03-05", "day", XSD.date),
        ("--02-29", "month-day", XSD.gMonthDay),
        ("2024-02-30", "day", None),
        ("2024-13", "month", None),
        ("--02-30", "month-day", None),
        ("٢٠٢٤", "year", None),
        ("spring", "", None),
    ],
)
def test_a_date_is_typed_by_its_precision(
    tmp_path: Path, date: str, precision: str, datatype: rdflib.URIRef | None
) -> None:
    """A year stays a year; what is no day that exists is a string and never shifted."""
    rows = Rows()
    rows.paper("a", "A", "B.", date=date, date_precision=precision)
    read = by_rdflib(exported(rows.write(tmp_path / "g"), "ttl"), "ttl")
    (issued,) = read.objects(None, DCTERMS.issued)
    assert isinstance(issued, rdflib.Literal)
    assert (str(issued), issued.datatype) == (date, datatype)


def test_numbers_come_out_of_a_store_as_they_went_in(tmp_path: Path) -> None:
    """The verbatim value keeps its zeros; what it amounts to is a number that no store rewrites, and sorts as one."""
    rows = Rows()
    rows.paper("a", "A", "It gains 92.50 and 92.5, then 1e-20, 3e23, 100.0, -0.0 and 7.")
    numbers = {"92.50": 92.5, "92.5": 92.5, "1e-20": 1e-20, "3e23": 3e23, "100.0": 100.0, "-0.0": -0.0, "7": 7.0}
    for value, number in numbers.items():
        rows.result("a", value, "It gains", low=number, high=number)
    raw = exported(rows.write(tmp_path / "g"), "nt")
    store = pyoxigraph.Store()
    store.load(raw, format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert {str(quad.triple) for quad in store} == {str(q.triple) for q in by_oxigraph(raw, "nt")}
    found = store.query(f"SELECT ?v WHERE {{ ?r <{KG.value}> ?v ; <{KG.low}> ?n }} ORDER BY DESC(?n) DESC(?v)")
    assert [row["v"].value for row in found] == ["3e23", "100.0", "92.50", "92.5", "7", "1e-20", "-0.0"]


@pytest.mark.parametrize(
    "base",
    [
        "https://example.org/my graph/",
        "https://example.org/kg",
        "example.org/",
        "https://",
        "http:/",
        "",
        'https://example.org/"/',
        "https://example.org/<x>/",
        "javascript:",
        "https://[::1/",
        "https://example.org/%zz/",
        "https://example.org/\n/",
    ],
)
def test_an_impossible_base_is_refused_at_the_start(kite_graph: Path, tmp_path: Path, base: str) -> None:
    """UsageError (exit 2), and nothing is written."""
    with pytest.raises(UsageError, match="--base-iri"):
        export(kite_graph, "ttl", tmp_path / "x.ttl", base_iri=base)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "base", ["https://example.org/kg/", "urn:kites:", "http://kites.example/g#", "https://ä.example/"]
)
def test_things_are_named_under_the_base(kite_graph: Path, base: str) -> None:
    """Every syntax holds the same under any base that can be one."""
    raw = {name: exported(kite_graph, name, base_iri=base) for name in FORMATS}
    triples = {name: default_triples(by_rdflib(raw[name], name)) for name in FORMATS}
    assert all(found == triples["nt"] for found in triples.values())
    assert (f"<{base}id/model/kitenet>", f"<{RDF.type}>", f"<{KG.Model}>") in triples["nt"]
    assert not any(BASE + "id/" in term for triple in triples["nt"] for term in triple)


def test_each_id_is_an_iri_of_its_own(nasty_graph: Path) -> None:
    """Slashes, dots, percent signs and quotes are encoded; no two ids share an IRI; none is a dot segment."""
    read = by_rdflib(exported(nasty_graph, "nt"), "nt")
    papers = set(map(str, read.subjects(RDF.type, KG.Paper)))
    assert len(papers) == len(NASTY_IDS)
    assert {BASE + "paper/CIFAR-10%2F100", BASE + "paper/A%252FB", BASE + "paper/%2E%2E"} <= papers
    assert {str(o) for o in read.objects(None, DCTERMS.identifier)} >= set(NASTY_IDS)


def test_addresses_are_iris_or_strings(nasty_graph: Path) -> None:
    """Bad characters are encoded; what cannot be an address of the web, and javascript:, is a string."""
    read = by_rdflib(exported(nasty_graph, "ttl"), "ttl")
    found = set(read.objects(None, rdflib.URIRef("http://schema.org/url")))
    iris = {str(o) for o in found if isinstance(o, rdflib.URIRef)}
    assert "https://git.example.org/%7Bmain%7D%7Cv2%5E1" in iris
    assert "http://example.org/l%201%22x" in iris
    assert all(iri.startswith(("http://", "https://")) for iri in iris)
    strings = {str(o) for o in found if isinstance(o, rdflib.Literal)}
    assert {"javascript:alert(1)", "https://", "http://[::1", "www.example.org/%zz"} == strings


def test_names_are_labels(kite_graph: Path) -> None:
    """skos:prefLabel and rdfs:label hold the name, skos:altLabel the aliases."""
    read = by_rdflib(exported(kite_graph, "jsonld"), "jsonld")
    kite = rdflib.URIRef(f"{BASE}id/model/kitenet")
    assert str(read.value(kite, SKOS.prefLabel)) == str(read.value(kite, rdflib.RDFS.label)) == "KiteNet"
    assert str(read.value(kite, SKOS.altLabel)) == "Kite Net"


# --- RDF 1.2 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_rdf12_annotates_what_the_statements_say(kite_graph: Path, evidence: str) -> None:
    """Statements reify their triples; all else is as in RDF 1.1, and all four syntaxes agree (read by Oxigraph)."""
    reifies, reified = f"<{RDF}reifies>", [f"<{RDF}{name}>" for name in ("subject", "predicate", "object")]
    read = {
        name: quads_as_text(by_oxigraph(exported(kite_graph, name, evidence=evidence, rdf12=True), name))
        for name in ("nt", "ttl", "nq", "trig")
    }
    assert read["ttl"] == read["nt"]
    assert read["trig"] == read["nq"] >= read["nt"]
    plain = quads_as_text(by_oxigraph(exported(kite_graph, "nt", evidence=evidence), "nt"))
    assert {line for line in read["nt"] if reifies not in line} == {
        line for line in plain if not any(name in line for name in reified)
    }
    statements = sum(f"<{KG.Statement}>" in line for line in plain)
    assert sum(reifies in line for line in read["nt"]) == statements > 0


def test_rdf12_does_not_assert_what_is_denied(kite_graph: Path) -> None:
    """The triple term of a denial is reified, not stated."""
    quads = by_oxigraph(exported(kite_graph, "ttl", rdf12=True), "ttl")
    terms = {q.subject: q.object for q in quads if isinstance(q.object, pyoxigraph.Triple)}
    denied = next(q.subject for q in quads if q.predicate.value == str(KG.negated))
    stated = {q.triple for q in quads}
    assert terms[denied] not in stated
    assert all(term in stated for statement, term in terms.items() if statement != denied)


@pytest.mark.parametrize("format_", ["jsonld", "rdfxml", "graphml", "csv"])
def test_rdf12_is_refused_where_the_syntax_has_none(kite_graph: Path, tmp_path: Path, format_: str) -> None:
    with pytest.raises(UsageError, match=r"RDF 1\.2"):
        export(kite_graph, format_, tmp_path / "x", rdf12=True)


# --- any text -------------------------------------------------------------------------------------------------------

SYNTAXES: dict[str, Syntax] = {"nt": NTriples(), "ttl": Turtle(BASE), "rdfxml": RdfXml(), "jsonld": JsonLd()}


@pytest.mark.parametrize("name", SYNTAXES)
@given(text=st.text(st.characters(codec=None), max_size=40))
def test_any_text_comes_back(name: str, text: str) -> None:
    """Whatever a string holds, rdflib and Oxigraph read it back, with U+FFFD for what XML forbids."""
    syntax = SYNTAXES[name]
    subject = syntax.iri(f"{BASE}paper/a")
    pairs = [("dcterms:title", syntax.text(text)), ("schema:url", syntax.text(text)), ("kg:quote", syntax.text(text))]
    raw = (syntax.head() + syntax.node(subject, pairs) + syntax.tail()).encode("utf-8")
    assert [o for _, _, o in by_rdflib(raw, name)] == [rdflib.Literal(xml_safe(text))] * 3
    assert [q.object for q in by_oxigraph(raw, name)] == [pyoxigraph.Literal(xml_safe(text))] * 3


@given(st.text(st.characters(codec=None), min_size=1, max_size=20), st.text(st.characters(codec=None), max_size=20))
def test_any_id_is_named_alike_in_every_syntax(id_: str, text: str) -> None:
    """IRIs made from any id are read back alike by both readers, in every syntax."""
    from kg.vocab import entity_iri

    iri = entity_iri(BASE, f"model/{id_}")
    for name, syntax in SYNTAXES.items():
        raw = (syntax.head() + syntax.node(syntax.iri(iri), [("kg:kind", syntax.text(text))]) + syntax.tail()).encode()
        assert {str(s) for s in by_rdflib(raw, name).subjects()} == {iri}, name
        assert {q.subject.value for q in by_oxigraph(raw, name)} == {iri}, name
