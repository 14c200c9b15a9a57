"""What is read of a SPARQL text before the engine sees it."""
# ruff: noqa: E501 - a query is read best on one line

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.query.sparql import prefixes
from kg.query.sparql_text import UPDATES, read, tokens, unquoted, with_hits

BASE = "https://kites.example/"
KNOWN = prefixes(BASE)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { sErViCe SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT*{SERVICE<http://127.0.0.1:1/>{?s?p?o}}",
        "SELECT * { ?a ?b ?c FILTER(?a<?b)SERVICE<http://127.0.0.1:1/>{?s ?p ?o}FILTER(1>0) }",
        "SELECT * { ?s ?p '# \\'' . SERVICE ?x { ?s ?p ?o } }",
        "SELECT * { ?s ?p <http://x#> . SERVICE ?x { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o # \r SERVICE is not hidden by this line end\nSERVICE ?x {} }",
        'SELECT * { ?s ?p """a"b""" SERVICE ?x {} }',
        "ASK { { SELECT * { OPTIONAL { SERVICE kg:x { ?s ?p ?o } } } } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
    ],
)
def test_service_is_refused_wherever_it_hides(query: str) -> None:
    with pytest.raises(QueryError, match="SERVICE asks another server"):
        read(query, prefixes=KNOWN, base=BASE)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?service a kg:Model }",
        "PREFIX service: <http://x/> SELECT * { service:service ?p ?o }",
        "SELECT * { ?s ?p 'SERVICE <http://x/> {}' } # SERVICE",
        'SELECT * { ?s ?p """SERVICE " <x> """@en , <http://x/SERVICE> }',
        "SELECT * { _:service ?p ?o }",
    ],
)
def test_names_and_texts_may_be_called_service(query: str) -> None:
    read(query, prefixes=KNOWN, base=BASE)


@pytest.mark.parametrize("word", sorted(UPDATES))
@pytest.mark.parametrize("before", ["", "PREFIX a: <http://x/> BASE <http://y/> # DELETE\n"])
def test_updates_are_refused_by_name(word: str, before: str) -> None:
    for spelt in (word, word.lower()):
        with pytest.raises(QueryError, match=f"{word} is an update"):
            read(f"{before}{spelt} DATA {{ <a:b> <a:b> 1 }}", prefixes=KNOWN, base=BASE)


def test_the_graphs_of_a_query_are_read_with_its_prefixes() -> None:
    text = "PREFIX g: <http://g/> BASE <http://b/x> SELECT * FROM g:1 FROM <2> FROM NAMED graph:p1 { GRAPH ?g { ?s ?p 'FROM' } }"
    query, _ = read(text, prefixes=KNOWN, base=BASE)
    assert query.default == ("http://g/1", "http://b/2")
    assert query.named == (f"{BASE}graph/p1",)
    assert read("SELECT * { ?s ?p ?o }", prefixes=KNOWN, base=BASE)[0].default is None


@pytest.mark.parametrize(
    ("query", "rewritten"),
    [
        (
            'SELECT * { ?e a kg:Model FILTER(kg:matches(?e, "x")) }',
            "SELECT * { ?e a kg:Model VALUES ?e { <h:1> <h:2> } }",
        ),
        ("SELECT * { ?e a ?t FILTER kg:matches(?e, 'x') . }", "SELECT * { ?e a ?t VALUES ?e { <h:1> <h:2> } . }"),
        ('SELECT * { ?e a ?t FILTER(!kg:matches(?e, "x")) }', None),
        ('SELECT * { ?p ?q ?r OPTIONAL { ?p kg:uses ?e } FILTER(kg:matches(?e, "x")) }', None),
        ('SELECT * { { ?e a ?t } UNION { ?e ?a ?b } FILTER(kg:matches(?e, "x")) }', None),
        ('SELECT * { ?e a ?t FILTER(kg:matches(?e, "x") && ?t = kg:Model) }', None),
        ('SELECT * { VALUES ?e { UNDEF } FILTER(kg:matches(?e, "x")) }', None),
        ('SELECT * { BIND(<a:b> AS ?e) FILTER(kg:matches(?e, "x")) }', None),
    ],
)
def test_matches_becomes_values_only_where_that_means_the_same(query: str, rewritten: str | None) -> None:
    parsed, parts = read(query, prefixes=KNOWN, base=BASE)
    assert parsed.texts == ("x",)
    assert with_hits(parsed, parts, {"x": ["h:1", "h:2"]}, prefixes=KNOWN) == (rewritten or query)


@pytest.mark.parametrize(
    "call", ["kg:matches(?e)", "kg:matches(?e, ?t)", 'kg:matches(?e, "a", "b")', "kg:matches", "kg:matches()"]
)
def test_matches_wants_a_thing_and_a_text(call: str) -> None:
    with pytest.raises(QueryError, match="kg:matches"):
        read(f"SELECT * {{ ?e a ?t FILTER({call}) }}", prefixes=KNOWN, base=BASE)


@given(st.text(max_size=100))
def test_any_text_passes_or_is_a_query_error(text: str) -> None:
    with suppress(QueryError):
        read(text, prefixes=KNOWN, base=BASE)


@given(st.text(max_size=60))
def test_a_text_between_quotes_is_that_text(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    (token,) = tokens(f'"{escaped}"')
    assert (token.kind, unquoted(token.text)) == ("string", text)


def test_a_long_query_is_read_in_linear_time() -> None:
    for text in ("<" * 300_000, '"' * 300_001, "'''" + "'a" * 100_000, "{" * 200_000, "a:" * 200_000, "?x<" * 100_000):
        with suppress(QueryError):
            read("SELECT * { " + text, prefixes=KNOWN, base=BASE)
    with pytest.raises(QueryError, match="more than 100 times"):
        read("SELECT * { " + "FILTER(kg:matches(?e, 'x'))" * 20_000 + "}", prefixes=KNOWN, base=BASE)
    with pytest.raises(QueryError, match="characters"):
        read("x" * 20_000_001, prefixes=KNOWN, base=BASE)
