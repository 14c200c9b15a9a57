"""The store holds the graph, answers stream in the formats asked for, and no query gets out of it."""
# ruff: noqa: E501 - a query is read best on one line

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg import vocab
from kg.errors import QueryError, StorageError, UsageError
from kg.export.neo4j_rows import RELATIONSHIP_TYPES
from kg.graph import Graph
from kg.query import cypher
from kg.query.sparql import Iri, Literal, answering, ask, open_worker, request_for, select
from kg.query.worker import BrokenCache, Limits, QueryMemory, QueryTimeout, Worker
from kg.store import GraphDir

Children = Callable[[], list[str]]
ROWS = {"solutions": "rows", "boolean": "rows", "graph": "rows"}
# Cross products that no machine gets through
BOMBS = [
    "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z . ?d ?s ?w . ?e ?t ?v }",
    "SELECT ?x { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z . ?d ?s ?w FILTER(CONTAINS(CONCAT(?x, ?y, ?z, ?w), 'nowhere at all')) }",
    "SELECT (COUNT(*) AS ?n) { ?a (!kg:x|^kg:x)* ?b . ?c (!kg:x|^kg:x)* ?d . ?e (!kg:x|^kg:x)* ?f . ?g !kg:x ?h }",
]


def rows(worker: Worker, graph: GraphDir, query: str, **more: Any) -> list[list[Any]]:
    answer = worker.ask(request_for(graph, query, ROWS, **more))
    return [row for block in answer for row in block]


def test_the_store_counts_what_the_tables_and_cypher_count(kite_graph: GraphDir, nasty_graph: GraphDir) -> None:
    """Nodes of each type, edges of each predicate (what is denied is in RDF a statement alone)."""
    for graph in (kite_graph, nasty_graph):
        projection = Graph(graph)
        nodes = Counter(node.label for node in projection.nodes())
        edges = Counter(edge.type for edge in projection.edges())
        with open_worker(graph) as worker, cypher.open_worker(graph) as other:
            types = {row[0][1]: int(row[1][1]) for row in rows(worker, graph, _count("?x a ?t", "?t"))}
            assert {t: types.get(vocab.VOCAB + t, 0) for t in vocab.NODE_TYPES} == {
                t: nodes[t] for t in vocab.NODE_TYPES
            }
            found = {row[0][1]: int(row[1][1]) for row in rows(worker, graph, _count("?s ?p ?o", "?p"))}
            predicates = {name: found.get(p.iri, 0) for name, p in vocab.PREDICATES.items()}
            assert predicates == {name: edges[name] for name in vocab.PREDICATES}
            counted: dict[str, int] = {}
            for query in ("MATCH (n) RETURN labels(n)[0], count(*)", "MATCH ()-[r]->() RETURN type(r), count(*)"):
                counted |= {row[0]: row[1] for block in other.ask(cypher.request_for(query)) for row in block}
            assert {t: counted.get(t, 0) for t in vocab.NODE_TYPES} == {t: nodes[t] for t in vocab.NODE_TYPES}
            assert {n: counted.get(t, 0) for n, t in RELATIONSHIP_TYPES.items()} == {
                n: edges[n] for n in RELATIONSHIP_TYPES
            }


def _count(pattern: str, by: str) -> str:
    return f"SELECT {by} (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY {by}"


def test_the_library_gives_terms_and_truth(kite_graph: GraphDir) -> None:
    query = "SELECT ?m ?name ?alias ?n { ?m a kg:Model ; skos:prefLabel ?name ; kg:paperCount ?n OPTIONAL { ?m skos:altLabel ?alias } } ORDER BY ?name"
    with select(kite_graph, query) as found:
        assert found.variables == ("m", "name", "alias", "n")
        table = list(found)
    assert table[1][:3] == (
        Iri("https://w3id.org/mlpapers-kg/id/model/kitenet"),
        Literal("KiteNet", "http://www.w3.org/2001/XMLSchema#string"),
        Literal("Kite Net", "http://www.w3.org/2001/XMLSchema#string"),
    )
    assert table[0][2] is None
    assert ask(kite_graph, "ASK { model:kitenet kg:basedOn model:oaknet }") is True
    triples = list(select(kite_graph, "CONSTRUCT { ?a kg:x ?b } WHERE { ?a kg:basedOn ?b }"))
    assert [len(triple) for triple in triples] == [3]
    with pytest.raises(UsageError, match="ASK"):
        select(kite_graph, "ASK { ?s ?p ?o }")


def test_verbatim_values_stay_and_results_sort_by_number(worker: Worker, kite_graph: GraphDir) -> None:
    found = rows(
        worker, kite_graph, "SELECT ?v ?low { ?r a kg:Result ; kg:value ?v ; kg:low ?low } ORDER BY DESC(?low)"
    )
    assert [row[0][1] for row in found] == ["92.50"]


def test_the_default_graph_holds_everything_once(worker: Worker, kite_graph: GraphDir) -> None:
    """Never the union of the papers' graphs; several default graphs merge as a set."""
    title = "?p dcterms:title ?t"
    assert len(rows(worker, kite_graph, f"SELECT * {{ {title} }}")) == 2
    assert len(rows(worker, kite_graph, f"SELECT * {{ GRAPH ?g {{ {title} }} }}")) == 2
    wins = "?a kg:outperforms ?b"
    said = rows(worker, kite_graph, f"SELECT ?g {{ GRAPH ?g {{ {wins} }} }}")
    assert len(said) == 2  # both papers say so
    both = [row[0][1] for row in said]
    merged = f"SELECT * FROM <{both[0]}> FROM <{both[1]}> {{ {wins} }}"
    assert len(rows(worker, kite_graph, merged)) == 1
    assert len(rows(worker, kite_graph, f"SELECT * FROM <{both[0]}> FROM <{both[0]}> {{ {wins} }}")) == 1
    assert len(rows(worker, kite_graph, f"SELECT * {{ {wins} }}", default_graphs=both)) == 1
    assert rows(worker, kite_graph, f"SELECT * {{ {wins} }}", named_graphs=both) == []
    named = f"SELECT * FROM <{both[0]}> FROM <{both[1]}> FROM NAMED <{both[0]}> {{ GRAPH ?g {{ {wins} }} }}"
    assert len(rows(worker, kite_graph, named)) == 1
    assert rows(worker, kite_graph, "SELECT * FROM <http://nobody.example/> { ?s ?p ?o }") == []


@pytest.mark.parametrize(
    "text", ["Kite Net", "kitnet", "oaknet", "A*", "C++", '"', "(", "α-div*", "NEAR", "x" * 10_000, ""]
)
def test_matches_finds_what_search_finds(worker: Worker, kite_graph: GraphDir, text: str) -> None:
    from kg.query.search import search

    literal = json.dumps(text, ensure_ascii=False)
    wanted = {hit.id for hit in search(kite_graph, text, limit=1000)}
    for condition in (f"FILTER(kg:matches(?e, {literal}))", f"FILTER(kg:matches(?e, {literal}) && true)"):
        query = f"SELECT DISTINCT ?id {{ ?e a ?t ; dcterms:identifier ?id {condition} }}"
        assert {row[0][1] for row in rows(worker, kite_graph, query)} >= wanted
        nothing = f"SELECT * {{ ?e a ?t . {condition} }}"
        assert bool(rows(worker, kite_graph, nothing)) == bool(wanted)


def test_common_prefixes_are_known_and_can_be_replaced(worker: Worker, kite_graph: GraphDir) -> None:
    assert rows(worker, kite_graph, "SELECT * { model:kitenet rdfs:label ?l ; schema:url ?u ; a kg:Model }")
    assert not rows(worker, kite_graph, "PREFIX kg: <http://other.example/> SELECT * { ?m a kg:Model }")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * {", "line 1, column"),
        ("SELECT * { ?s nope:x ?o }", "line 1"),
        ("", "empty"),
        ("SELECT * { ?s ?p ?o FILTER(<http://x/unknown>(?s)) }", "unknown"),
    ],
)
def test_an_error_of_the_engine_is_one_sentence(worker: Worker, kite_graph: GraphDir, query: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        rows(worker, kite_graph, query)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert worker.alive


# --- nothing gets out -------------------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        yield server


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }",
        "SELECT * { SERVICE <http://localhost:{port}/sparql> {{ ?s ?p ?o }} }",
        "LOAD <http://127.0.0.1:{port}/x.ttl>",
        "LOAD <file:///etc/hostname>",
        "INSERT DATA {{ <a:b> <a:b> <a:b> }}",
        "DELETE WHERE {{ ?s ?p ?o }}",
        "CLEAR ALL",
    ],
)
def test_each_door_is_shut_twice(own_kites: Path, listener: socket.socket, query: str) -> None:
    """The text is refused; and where it was not, the worker that runs it could not do it either."""
    text = query.replace("{port}", str(listener.getsockname()[1])).replace("{{", "{").replace("}}", "}")
    graph = GraphDir.open(own_kites)
    with pytest.raises(QueryError):
        request_for(graph, text, ROWS)
    raw = {**request_for(graph, "ASK { ?s ?p ?o }", ROWS), "query": text}
    with open_worker(graph, limits=Limits(20)) as worker:
        try:
            answer = worker.ask(raw)
            assert [row for block in answer for row in block] in ([], [[None, None, None]], [[]])  # SILENT
        except QueryError:
            pass
        assert len(rows(worker, graph, "SELECT * { ?m a kg:Model }")) == 3
    with pytest.raises(TimeoutError):
        listener.accept()


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", BOMBS)
def test_a_query_bomb_dies_at_its_time(kite_graph: GraphDir, children: Children, query: str) -> None:
    begun = time.monotonic()
    with pytest.raises((QueryTimeout, QueryMemory), match=r"1\.5 seconds|memory"):
        list(select(kite_graph, query, timeout=1.5))
    assert time.monotonic() - begun < 30  # a loaded machine is slow to start the worker
    assert not children()


def test_a_query_that_wants_memory_dies_of_it(kite_graph: GraphDir, children: Children) -> None:
    query = "SELECT DISTINCT ?x ?y ?z { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z } ORDER BY ?x"
    with pytest.raises(QueryMemory, match="memory"):
        list(select(kite_graph, query, timeout=240, memory=150 << 20))
    assert not children()


def test_a_cut_answer_never_looks_whole(kite_graph: GraphDir, children: Children) -> None:
    """The first rows come, and then the error: in iterating, and in bytes of a format."""
    query = f"SELECT ?x {{ {{ ?x a kg:Model }} UNION {{ {BOMBS[1].partition('{')[2]} }}"
    seen: list[Any] = []
    with pytest.raises(QueryTimeout):
        seen.extend(select(kite_graph, query, timeout=2))
    assert len(seen) == 3
    worker, answer = answering(kite_graph, query, {"solutions": "json"}, limits=Limits(2))
    body: list[bytes] = []
    with worker, pytest.raises(QueryTimeout):
        body.extend(answer)
    assert not b"".join(body).rstrip().endswith(b"}]}}")
    assert not children()


def test_given_up_answers_and_many_queries_leave_nothing_open(kite_graph: GraphDir, children: Children) -> None:
    list(select(kite_graph, "SELECT * { ?s a kg:Model }"))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        next(iter(select(kite_graph, "SELECT ?x ?y { ?a ?p ?x . ?b ?q ?y }", timeout=60)))
        with pytest.raises(QueryError):
            select(kite_graph, "SELECT nonsense")
    assert not children()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_a_worker_ends_with_who_started_it(kite_graph: GraphDir) -> None:
    """Even where that is killed in the middle of a query and can tell nobody."""
    asking = subprocess.Popen(
        [sys.executable, "-m", "kg", "sparql", str(kite_graph.path), BOMBS[0], "--timeout", "300"],
        stderr=subprocess.DEVNULL,
    )
    workers: list[int] = []
    for _ in range(400):
        time.sleep(0.05)
        workers = [int(pid) for pid in (Path(f"/proc/{asking.pid}/task/{asking.pid}/children").read_text()).split()]
        if workers and b"kg.query.inside" in Path(f"/proc/{workers[0]}/cmdline").read_bytes():
            break
    assert workers
    time.sleep(2)
    asking.kill()
    asking.wait()
    for _ in range(200):
        if not Path(f"/proc/{workers[0]}").exists() or "State:\tZ" in Path(f"/proc/{workers[0]}/status").read_text():
            return
        time.sleep(0.1)
    os.kill(workers[0], 9)
    pytest.fail("the worker lived on")


def test_a_worker_answers_again_and_again_but_not_two_at_once(kite_graph: GraphDir) -> None:
    with open_worker(kite_graph) as worker:
        request = request_for(kite_graph, "SELECT * { ?s a kg:Model }", ROWS)
        assert [len([row for block in worker.ask(request) for row in block]) for _ in range(3)] == [3, 3, 3]
        pid = worker.pid
        answer = worker.ask(request)
        with pytest.raises(ValueError, match="last answer"):
            worker.ask(request)
        answer.close()
        assert not worker.alive
        with pytest.raises((QueryError, ValueError)):
            worker.ask(request)
    assert not Path(f"/proc/{pid}").exists()


# --- the cache --------------------------------------------------------------------------------------------------------


def test_a_store_that_is_damaged_is_built_again(own_kites: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    want = list(select(own_kites, query))
    (store,) = [path for path in (own_kites / "cache").glob("rdf-*") if path.is_dir()]
    table = next(path for path in store.iterdir() if path.suffix in (".sst", ".log"))
    table.write_bytes(b"garbage")
    assert list(select(own_kites, query)) == want
    (store / "CURRENT").unlink()
    assert list(select(own_kites, query)) == want


def test_a_place_without_a_store_is_reported(tmp_path: Path) -> None:
    with Worker("sparql", tmp_path / "nothing") as worker, pytest.raises(BrokenCache):
        worker.wait_ready()


def test_a_directory_that_cannot_be_written_is_asked_all_the_same(
    own_kites: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(own_kites / "cache", ignore_errors=True)
    (own_kites / "cache").write_text("in the way")
    places = tmp_path / "tmp"
    places.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(places))
    assert len(list(select(own_kites, "SELECT * { ?m a kg:Model }"))) == 3
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(StorageError, match="no place for a cache"):
        select(own_kites, "SELECT * { ?m a kg:Model }")


# --- the command line -------------------------------------------------------------------------------------------------

RUN = [sys.executable, "-m", "kg"]


def kg(*arguments: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*RUN, *arguments], input=stdin, capture_output=True, env={**os.environ, "NO_COLOR": "1", **env}, check=False
    )


def test_the_command_prints_each_kind_in_each_format(kite_graph: GraphDir, tmp_path: Path) -> None:
    path = str(kite_graph.path)
    query = "SELECT ?m ?n { ?m a kg:Model ; kg:paperCount ?n } ORDER BY ?m LIMIT 2"
    assert kg("sparql", path, query).stdout.decode().splitlines() == [
        "m              n", "-------------  -", "model:elmnet   1", "model:kitenet  2",
    ]  # fmt: skip
    (tmp_path / "my query.rq").write_text(query)
    table = kg("sparql", path, f"@{tmp_path / 'my query.rq'}", "-o", "csv").stdout.decode()
    assert table.splitlines()[:2] == ["m,n", "https://w3id.org/mlpapers-kg/id/model/elmnet,1"]
    bindings = json.loads(kg("sparql", path, "-", "-o", "json", stdin=query.encode()).stdout)["results"]["bindings"]
    assert [row["n"]["value"] for row in bindings] == ["1", "2"]
    triples = "CONSTRUCT { ?a kg:x ?b } WHERE { ?a kg:basedOn ?b }"
    turtle = kg("sparql", path, triples).stdout.decode()
    assert turtle == kg("sparql", path, triples, "-o", "ttl").stdout.decode()
    assert "model:kitenet kg:x model:oaknet ." in turtle
    assert len(kg("sparql", path, triples, "-o", "nt").stdout.splitlines()) == 1
    assert json.loads(kg("sparql", path, triples, "-o", "jsonld").stdout)
    assert kg("sparql", path, "ASK { ?s ?p ?o }").stdout == b"true\n"
    assert kg("sparql", path, "ASK { ?s ?p ?o }", "-o", "csv").stdout == b"answer\ntrue\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["DELETE WHERE { ?s ?p ?o }"], 1, "update"),
        (["@missing.rq"], 2, "missing.rq"),
        (["SELECT * { ?s ?p ?o }", "-o", "ttl"], 2, "table"),
        (["CONSTRUCT WHERE { ?s ?p ?o }", "-o", "csv"], 2, "jsonld"),
        ([BOMBS[0], "--timeout", "1"], 1, "1 seconds"),
    ],
)
def test_errors_are_one_sentence_and_an_exit_code(
    kite_graph: GraphDir, arguments: list[str], code: int, says: str
) -> None:
    done = kg("sparql", str(kite_graph.path), *arguments)
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "sparql {} 'SELECT * {{ ?s ?p ?o . ?a ?b ?c }}' -o csv | head -1",
        "sparql {} 'SELECT * {{ ?s ?p ?o . ?a ?b ?c }}' -o json | head -c 10",
        "cypher {} 'MATCH (a), (b), (c), (d) RETURN a.id, b.id' -o csv | head -1",
        "cypher {} 'MATCH (a), (b), (c) RETURN a.id, b.id' | head -1",
    ],
)
def test_a_reader_that_leaves_is_no_error(kite_graph: GraphDir, command: str) -> None:
    line = f"set -o pipefail; {sys.executable} -m kg {command.format(kite_graph.path)}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.returncode in (0, 141)
    assert done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("verb", ["sparql", "cypher"])
def test_a_full_device_is_one_sentence(kite_graph: GraphDir, verb: str) -> None:
    query = {"sparql": "SELECT * { ?s ?p ?o }", "cypher": "MATCH (n) RETURN n"}[verb]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*RUN, verb, str(kite_graph.path), query, "-o", "csv"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_letters_arrive_whatever_the_locale(kite_graph: GraphDir) -> None:
    query = "SELECT ('$HOME * β-Kite 🪁' AS ?x) {}"
    for env in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "cp1252"}):
        done = kg("sparql", str(kite_graph.path), query, "-o", "csv", **env)
        assert done.stdout.decode("utf-8") == "x\n$HOME * β-Kite 🪁\n", done.stderr
        assert kg("sparql", str(kite_graph.path), query, **env).returncode == 0
