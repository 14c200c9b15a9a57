"""The SPARQL 1.1 Protocol, requirement by requirement, against a running server."""

from __future__ import annotations

import json
import shutil
import subprocess
from urllib.parse import quote, urlencode

import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from .conftest import Server

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own
SELECT = "SELECT ?m { ?m a kg:Model } ORDER BY ?m"
ASK = "ASK { ?m a kg:Model }"
CONSTRUCT = "CONSTRUCT { ?m a kg:Model } WHERE { ?m a kg:Model }"
KITENET = "https://w3id.org/mlpapers-kg/id/model/kitenet"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
SYNTAX = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def models(text: str) -> list[str]:
    return [row["m"]["value"] for row in json.loads(text)["results"]["bindings"]]


@pytest.mark.parametrize("way", ["get", "form", "direct", "form with a charset"])
def test_a_query_is_asked_in_three_ways(server: Server, way: str) -> None:
    """2.1.1, 2.1.2, 2.1.3: GET, POST with a form, POST of the query itself give the same."""
    form = urlencode({"query": SELECT}).encode()
    if way == "get":
        reply = server.query(SELECT)
    elif way.startswith("form"):
        media = FORM if way == "form" else f"{FORM}; charset=UTF-8"
        reply = server.ask("/sparql", method="POST", body=form, Content_Type=media)
    else:
        reply = server.ask("/sparql", method="POST", body=SELECT.encode(), Content_Type=DIRECT)
    assert (reply.status, reply.media) == (200, "application/sparql-results+json")
    assert KITENET in models(reply.text)
    assert len(models(reply.text)) == 3


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        (SELECT, None, "application/sparql-results+json"),
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/json", "application/json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "text/csv"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values"),
        (SELECT, "text/csv;q=0.5, application/sparql-results+xml;q=0.6", "application/sparql-results+xml"),
        (SELECT, "text/*", "text/csv"),
        (SELECT, BROWSER, "application/xml"),
        (SELECT, "text/turtle, text/csv;q=0.1", "text/csv"),
        (ASK, None, "application/sparql-results+json"),
        (ASK, "application/sparql-results+xml", "application/sparql-results+xml"),
        (CONSTRUCT, None, "text/turtle"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (f"DESCRIBE <{KITENET}>", "text/turtle", "text/turtle"),
    ],
)
def test_the_answer_comes_in_the_format_that_is_liked_best(
    server: Server, query: str, accept: str | None, media: str
) -> None:
    reply = server.query(query, accept=accept)
    assert (reply.status, reply.media) == (200, media), reply.text
    assert "Accept" in reply.headers["vary"]
    if query.startswith(("CONSTRUCT", "DESCRIBE")):
        form = (
            "json-ld"
            if "ld+json" in media
            else {"text/turtle": "turtle", "application/n-triples": "nt"}.get(media, "xml")
        )
        assert len(Graph().parse(data=reply.text, format=form)) >= 3
    else:
        assert reply.body


FAULTS = [
    ("no query in a POST", 400, {"method": "POST", "body": b"", "Content_Type": FORM}),
    ("two queries", 400, {"path": f"/sparql?query={quote(SELECT)}&query={quote(SELECT)}"}),
    ("query in address and body", 400, {"path": f"/sparql?query={quote(ASK)}", "body": b"A", "Content_Type": DIRECT}),
    ("wrong syntax", 400, {"path": "/sparql?query=SELECT+%3Fm+%7B+%3Fm+a"}),
    ("an empty query", 400, {"path": "/sparql?query="}),
    ("a query that is not UTF-8", 400, {"body": b"SELECT * { ?a ?b '\xff' }", "Content_Type": DIRECT}),
    ("an address that is not UTF-8", 400, {"path": "/sparql?query=%FF"}),
    ("a graph that is no IRI", 400, {"path": f"/sparql?query={quote(ASK)}&default-graph-uri=a%20b"}),
    ("an update by GET", 403, {"path": "/sparql?update=CLEAR+ALL"}),
    ("an update in a form", 403, {"body": b"update=CLEAR+ALL", "Content_Type": FORM}),
    ("an update itself", 403, {"body": b"CLEAR ALL", "Content_Type": "application/sparql-update"}),
    ("an update as a query", 400, {"body": b"INSERT DATA { <a:a> <a:b> <a:c> }", "Content_Type": DIRECT}),
    ("LOAD", 400, {"body": b"LOAD <file:///etc/passwd>", "Content_Type": DIRECT}),
    ("SERVICE", 400, {"body": b"SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }", "Content_Type": DIRECT}),
    ("PUT", 405, {"method": "PUT", "body": b"x", "Content_Type": DIRECT}),
    ("DELETE", 405, {"method": "DELETE"}),
    ("PATCH", 405, {"method": "PATCH", "body": b"x"}),
    ("nothing acceptable", 406, {"path": f"/sparql?query={quote(SELECT)}", "accept": "image/png"}),
    ("rows as Turtle", 406, {"path": f"/sparql?query={quote(SELECT)}", "accept": "text/turtle"}),
    ("triples as CSV", 406, {"path": f"/sparql?query={quote(CONSTRUCT)}", "accept": "text/csv"}),
    ("all refused", 406, {"path": f"/sparql?query={quote(SELECT)}", "accept": "*/*;q=0"}),
    ("10 MB", 413, {"body": b"#" * 10_000_000, "Content_Type": DIRECT}),
    ("another media type", 415, {"body": b"{}", "Content_Type": "application/json"}),
    ("no media type", 415, {"method": "POST", "body": b"ASK {}"}),
    ("another charset", 415, {"body": "ASK {}".encode("utf-16"), "Content_Type": f"{DIRECT}; charset=utf-16"}),
]  # fmt: skip


@pytest.mark.parametrize(("status", "request_"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_what_is_wrong_has_its_status_and_says_why(server: Server, status: int, request_: dict[str, object]) -> None:
    more = dict(request_)
    path = more.pop("path", "/sparql")
    more.setdefault("method", "POST" if "body" in more else "GET")
    reply = server.ask(path, **more)  # type: ignore[arg-type]
    assert reply.status == status, reply.text
    assert reply.media == "text/plain"
    assert len(reply.text.strip()) > 10
    assert reply.headers["access-control-allow-origin"] == "*"
    assert (status == 405) == ("allow" in reply.headers)


def test_a_syntax_error_gives_the_parsers_words(server: Server) -> None:
    reply = server.query("SELECT ?m {\n ?m a }")
    assert reply.status == 400
    assert "line 2" in reply.text


def test_graphs_of_the_request_take_the_place_of_those_in_the_query(server: Server) -> None:
    """2.1.4: default-graph-uri and named-graph-uri, several of them merged as a set."""
    base = "https://w3id.org/mlpapers-kg/graph/"
    count = "SELECT (COUNT(*) AS ?m) { ?s kg:outperforms ?o }"
    papers = "SELECT ?m { ?m a kg:Paper }"

    def asked(query: str, *graphs: tuple[str, str]) -> list[str]:
        fields = urlencode([("query", query), *((f"{kind}-graph-uri", f"{base}{name}") for kind, name in graphs)])
        by_get = server.ask(f"/sparql?{fields}")
        by_form = server.ask("/sparql", method="POST", body=fields.encode(), Content_Type=FORM)
        rest = fields.partition("&")[2]
        direct = server.ask(f"/sparql?{rest}", method="POST", body=query.encode(), Content_Type=DIRECT)
        assert by_get.body == by_form.body == direct.body
        return models(by_get.text)

    assert asked(count) == ["1"]
    assert asked(count, ("default", "2401.00010"), ("default", "oak")) == ["1"]
    assert len(asked(papers)) == 2
    assert asked(papers, ("default", "oak")) == ["https://w3id.org/mlpapers-kg/paper/oak"]
    assert asked(papers, ("named", "oak")) == []
    assert len(asked("SELECT ?m { GRAPH ?m { ?p a kg:Paper } }", ("named", "oak"))) == 1
    assert len(asked(f"SELECT ?m FROM <{base}oak> {{ ?m a kg:Paper }}", ("default", "2401.00010"))) == 1
    assert asked(papers, ("default", "nothing")) == []


def test_head_is_get_without_a_body(server: Server) -> None:
    path = f"/sparql?query={quote(SELECT)}"
    got, head = server.ask(path), server.ask(path, method="HEAD")
    assert head.body == b""
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


@pytest.mark.parametrize("path", ["/sparql", "/", "/id/model/kitenet", "/api/search?q=x", "/nothing"])
def test_pages_of_other_origins_may_ask(server: Server, path: str) -> None:
    """CORS: the preflight is answered, and every answer is open."""
    reply = server.ask(
        path, method="OPTIONS", Origin="https://kites.example", Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )  # fmt: skip
    assert reply.status == 204
    assert "GET" in reply.headers["access-control-allow-methods"]
    assert ("POST" in reply.headers["access-control-allow-methods"]) == (path == "/sparql")
    assert "Content-Type" in reply.headers["access-control-allow-headers"]
    for answer in (reply, server.ask(path, Origin="https://kites.example")):
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("accept", SYNTAX)
def test_without_a_query_the_service_describes_itself(server: Server, accept: str) -> None:
    reply = server.ask("/sparql", accept=accept)
    assert reply.status == 200, reply.text
    told = Graph().parse(data=reply.text, format=SYNTAX[accept])
    sd = "http://www.w3.org/ns/sparql-service-description#"
    endpoint = URIRef(f"{server.url}sparql")
    assert (None, URIRef(f"{sd}endpoint"), endpoint) in told
    assert (endpoint, URIRef(f"{sd}supportedLanguage"), URIRef(f"{sd}SPARQL11Query")) in told
    assert len(list(told.objects(endpoint, URIRef(f"{sd}resultFormat")))) == 8
    assert server.ask("/sparql").media == "text/turtle"
    assert server.ask("/sparql", accept=BROWSER).status == 303
    assert server.ask("/sparql", Host="a>b").status == 400


def test_sparqlwrapper_works(server: Server) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper")
    for form in (wrapper.JSON, wrapper.XML, wrapper.CSV, wrapper.TSV):
        for method in (wrapper.GET, wrapper.POST):
            client = wrapper.SPARQLWrapper(f"{server.url}sparql", returnFormat=form)
            client.setMethod(method)
            client.setQuery(f"PREFIX kg: <https://w3id.org/mlpapers-kg/vocab#>\n{SELECT}")
            found = client.query()
            if form == wrapper.JSON:
                assert models(json.dumps(found.convert()))[1] == KITENET
            else:
                assert KITENET in str(found.response.read())
    client = wrapper.SPARQLWrapper(f"{server.url}sparql")
    client.setRequestMethod(wrapper.POSTDIRECTLY)
    client.setMethod(wrapper.POST)
    client.setQuery(f"DESCRIBE <{KITENET}>")
    client.setReturnFormat(wrapper.TURTLE)
    assert b"KiteNet" in client.query().convert()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflibs_store_works(server: Server, method: str) -> None:
    remote = Graph(SPARQLStore(f"{server.url}sparql", method=method))
    names = {str(row.name) for row in remote.query("SELECT ?name { ?m a kg:Model ; rdfs:label ?name }", initNs={
        "kg": "https://w3id.org/mlpapers-kg/vocab#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#"})}  # fmt: skip
    assert names == {"KiteNet", "OakNet", "ElmNet"}
    assert len(list(remote.triples((URIRef(KITENET), None, None)))) > 5
    assert remote.query(f"ASK {{ <{KITENET}> ?p ?o }}").askAnswer


def test_curl_works(server: Server) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")

    def run(*options: str) -> str:
        return subprocess.run([curl, "-sSf", *options], capture_output=True, text=True, check=True).stdout

    url = f"{server.url}sparql"
    asked = ("--data-urlencode", f"query={SELECT}", "-H", "Accept: text/csv", url)
    assert run(*asked) == run("-G", *asked) == run("--http1.0", *asked)
    assert run(*asked).splitlines()[0] == "m"
    assert "kitenet" in run("-H", f"Content-Type: {DIRECT}", "--data-binary", SELECT, url)
