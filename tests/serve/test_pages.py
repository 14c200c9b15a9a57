"""Pages and the JSON API: each thing at its own IRI, each typed text a text, no text of a paper markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from rdflib import Graph, URIRef

from kg.export import export
from kg.store import GraphDir
from kg.text import percent_encode
from tests.export.rows import NASTY_IDS, Rows, nasty

from .conftest import Server, serving

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own
KEYS = ("CIFAR-10/100", "TCP/IP", "A%2FB", "A/B", "F1@k", "who?", "#1", ".", "..", "a+b", "a b", "a&b", "ä", "%", "{x}")
BASE = "https://w3id.org/mlpapers-kg/"


def slashes() -> Rows:
    """Things whose ids careless routing takes for others."""
    rows = Rows()
    for key in KEYS:
        id_ = key.lower()
        paper = rows.paper(id_, f"On {key}.", f"We propose {key}.")
        rows.entity(f"dataset/{id_}", "Dataset", f"the {key} set", key)
        rows.say(paper, "introduces", f"dataset/{id_}", (paper, f"We propose {key}."))
    return rows


@pytest.fixture(scope="module")
def slashed_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return slashes().write(tmp_path_factory.mktemp("serve") / "slashes.kg")


@pytest.fixture(scope="module", params=["", "/kg"])
def slashed(request: pytest.FixtureRequest, slashed_path: Path) -> Iterator[tuple[Server, str]]:
    """A server, and the root path that its pages are written for."""
    options = ("--root-path", request.param) if request.param else ()
    with serving(slashed_path, *options) as running:
        yield running, request.param


@pytest.fixture(scope="module")
def nasty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(nasty().write(tmp_path_factory.mktemp("serve") / "nasty.kg")) as running:
        yield running


def title(page: str) -> str:
    found = re.search("<title>(.*?)</title>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def test_each_iri_of_the_turtle_file_leads_to_exactly_that_thing(
    slashed: tuple[Server, str], slashed_path: Path, tmp_path: Path
) -> None:
    """By HTML, Turtle and JSON-LD, with %2f in lower case, with the proxy's prefix and without."""
    server, root = slashed
    export(slashed_path, "ttl", tmp_path / "all.ttl")
    whole = Graph().parse(tmp_path / "all.ttl")
    things = [str(s) for s in set(whole.subjects()) if re.match(f"{BASE}(id|paper)/", str(s))]
    assert len(things) == 2 * len(KEYS)
    name = URIRef("http://www.w3.org/2000/01/rdf-schema#label")
    for iri in things:
        label = str(whole.value(URIRef(iri), name))
        path = iri.removeprefix(BASE.rstrip("/"))
        for form in {path, root + path, re.sub("%..", lambda found: found[0].lower(), path)}:
            page = server.ask(form, accept="text/html")
            assert (page.status, page.media, title(page.text)) == (200, "text/html", label)
            for media, syntax in (("text/turtle", "turtle"), ("application/ld+json", "json-ld")):
                reply = server.ask(form, accept=media)
                assert (reply.status, reply.media) == (200, media)
                told = Graph().parse(data=reply.text, format=syntax)
                assert set(told) == set(whole.triples((URIRef(iri), None, None)))


def test_links_on_pages_lead_to_pages(slashed: tuple[Server, str]) -> None:
    server, root = slashed
    for key in KEYS:
        page = server.ask(f"/paper/{percent_encode(key.lower())}").text
        link = next(link for link in re.findall('href="([^"]*)"', page) if "/id/dataset/" in link)
        assert link.startswith(f"{root}/id/dataset/")
        assert title(server.ask(unescape(link)).text) == f"the {key} set"
    static = re.findall(r'(?:href|src)="([^"]*/static/[^"]*)"', server.ask("/").text)
    assert len(static) == 4
    assert all(server.ask(link).status == 200 for link in static)


@pytest.mark.parametrize("path", [
    "/id/dataset/A%252FB", "/id/dataset/A/B", "/id/dataset/..", "/id/dataset/.", "/id/../sparql", "/static/../app.py",
    "/static/..%2Fapp.py",
    "/id/dataset/%FF", "/id/dataset", "/id/dataset/", "/id", "/paper/", "/paper", "/id/model/a%2Fb",
    "/id/dataset%2Fa%2Fb", "/x", "//",
    "/paper/nothing", "/api", "/api/show", "/static/nothing",
])  # fmt: skip
def test_what_is_not_there_is_not_found(slashed: tuple[Server, str], path: str) -> None:
    reply = slashed[0].ask(path)
    assert reply.status == 404
    assert reply.media == "text/plain"


def test_no_text_becomes_markup(nasty_server: Server) -> None:
    """What stands in ids, names, titles and addresses is shown as text; only addresses of the web can be clicked."""
    pages = ["/", "/search?q=%3Cb%3E%22x", "/search?q=script"]
    for id_ in NASTY_IDS:
        pages += [f"/paper/{percent_encode(id_)}", f"/id/model/{percent_encode(id_.lower())}"]
    for path in pages:
        reply = nasty_server.ask(path)
        assert reply.status == 200, path
        scripts = re.findall("(?i)<script[^>]*>", reply.text)
        own = ['<script src="/static/yasgui.min.js">', '<script src="/static/page.js">']
        assert scripts == (own if path == "/" else [])
        assert '<b>"x' not in reply.text
        assert not re.search("(?i)href=[\"']?javascript:", reply.text)
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        policy = reply.headers["content-security-policy"].replace("style-src-attr 'unsafe-inline'", "")
        assert "unsafe" not in policy


def test_search_answers_in_json(server: Server) -> None:
    hits = json.loads(server.ask("/api/search?q=kitenet&type=Model&limit=5").text)
    assert [hit["id"] for hit in hits] == ["model/kitenet"]
    assert server.ask("/api/search?q=x&limit=0").status == 400
    assert server.ask("/api/search?q=x&limit=1e9").status == 400
    assert server.ask("/api/search?q=x&type=Kite").status == 400


TYPED = ["Kite-4", "C++", "A*", "F1@10", "AND", '"', "state-of-the-art", "α-div*", "(x", "NEAR", "name:Kite", "*", "",
         "\\", "%", "_", "'",
         "k" * 10_000, "<script>", "a\nb"]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: repr(typed)[:20])
def test_what_is_typed_is_a_text(server: Server, typed: str) -> None:
    """By the API, the search page, `show` and kg:matches: never an error of an engine, never everything."""
    sought = server.ask(f"/api/search?q={quote(typed, safe='')}")
    assert sought.status == 200
    hits = json.loads(sought.text)
    assert len(hits) < 3
    assert server.ask(f"/search?q={quote(typed, safe='')}").status == 200
    if typed:
        assert server.ask(f"/api/show/{quote(typed, safe='')}").status in (200, 300, 404)
    text = json.dumps(typed, ensure_ascii=False)
    asked = f"SELECT ?m {{ ?m rdfs:label ?name FILTER(kg:matches(?m, {text})) }}"
    reply = server.ask("/sparql", method="POST", body=asked.encode(), Content_Type="application/sparql-query")
    assert reply.status == 200, reply.text
    assert len(json.loads(reply.text)["results"]["bindings"]) == len(hits)


def test_show_answers_in_json(server: Server, slashed: tuple[Server, str]) -> None:
    card = json.loads(server.ask("/api/show/OakNet").text)
    assert card["id"] == "model/oaknet"
    assert json.loads(server.ask("/api/show/model/oaknet").text) == card
    assert json.loads(server.ask("/api/show/model%2Foaknet").text) == card
    assert "did you mean" in json.loads(server.ask("/api/show/Oaknett").text)["error"]
    several = slashed[0].ask("/api/show/a%2Fb")
    assert several.status in (200, 300)


def test_the_page_of_a_thing_says_what_show_says(server: Server) -> None:
    page = server.ask("/id/model/kitenet").text
    for said in (
        "KiteNet",
        "Kite Net",
        "outperforms",
        "<b>not</b>",
        "ElmNet",
        "92.50",
        "PondSet",
        "https://github.com/kites/KiteNet",
    ):
        assert said in page
    assert "rejected" not in page
    assert "We propose KiteNet" in server.ask("/paper/2401.00010").text


def test_the_examples_of_the_query_page_have_answers(server: Server) -> None:
    """Every example can be asked, and all but what this graph does not know finds something."""
    options = re.findall('<option value="([^"]+)">([^<]*)', server.ask("/").text)
    assert len(options) == 7
    for query, name in options:
        reply = server.query(unescape(query), accept="text/csv, text/turtle")
        assert reply.status == 200, reply.text
        if "applied to" not in name:
            assert len(reply.text.splitlines()) > 1, name


def test_an_empty_graph_can_be_served(tmp_path: Path) -> None:
    with serving(Rows().write(tmp_path / "empty.kg")) as server:
        for path in ("/", "/search?q=x", "/api/search?q=x", "/sparql"):
            assert server.ask(path).status == 200
        assert server.query("SELECT * { ?a ?b ?c }", accept="text/csv").text == "a,b,c\r\n"


def test_the_graph_is_read_again_after_a_build(tmp_path: Path) -> None:
    """A build that replaces the graph needs no restart: pages and the endpoint then say what the new one says."""
    rows = slashes()
    path = rows.write(tmp_path / "g.kg")
    with serving(path) as server:
        assert server.ask("/id/model/new").status == 404
        rows.entity("model/new", "Model", "New")
        rows.write(path)
        assert server.ask("/id/model/new").status == 200
        assert server.query("ASK { model:new a kg:Model }").text == '{"head":{},"boolean":true}'
        assert len(server.settle(1)) == 1
        assert GraphDir.open(path).manifest.counts["entities"] == len(KEYS) + 1
