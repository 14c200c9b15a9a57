"""What may be asked: everything that reads, whatever names and texts say; nothing that does more."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.query.cypher import request_for
from kg.query.cypher_guard import BEGIN, REFUSED, check
from kg.query.cypher_tokens import text_of, tokens

READS = [
    "MATCH (m:Method) WHERE m.name = 'Create a map' OR m.name CONTAINS 'set' RETURN m.name AS created // delete later",
    "MATCH (n) RETURN n.name AS set",
    "MATCH (n) RETURN {set: n.name, `delete`: 1} AS load",
    "MATCH (`create`:Model) RETURN `create`.name",
    'MATCH (n) WHERE n.name = "x\' DELETE n //" RETURN n',
    "MATCH (n) WHERE n.name = 'it\\'s; DROP TABLE Model' RETURN n",
    "/* CREATE (n) */ MATCH (n) RETURN count(*)",
    "match (n) return n.name order by n.name desc skip 1 limit 2;",
    "MATCH (a)-[:BASED_ON*1..3]->(b) WITH a, count(b) AS c WHERE c > 1 RETURN a.name, c",
    "MATCH (a) WHERE EXISTS { MATCH (a)-->(b) WHERE b.name STARTS WITH 'x' } RETURN a",
    "MATCH (n:Model) RETURN n.name UNION ALL MATCH (m:Method) RETURN m.name AS `n.name`",
    "UNWIND [1, 2] AS x RETURN CASE WHEN x = 1 THEN 'copy' ELSE 'load' END AS y",
    "OPTIONAL MATCH (n) RETURN DISTINCT n.kind IS NOT NULL AND NOT n.name ENDS WITH 'x' XOR true AS z",
    "CALL show_tables() RETURN *",
    "EXPLAIN MATCH (n) RETURN n",
    "WITH 1 AS a RETURN *",
]
REFUSED_TEXTS = [
    "CREATE (:Model {id: 'z'})",
    "MATCH (n) SET n.name = 'x'",
    "MATCH (n:Method) /* ' */ DETACH DELETE n // '",
    "MATCH (n) DELETE n",
    "MATCH (n) REMOVE n.name",
    "MERGE (n:Model {id: 'x'}) RETURN n",
    "DROP TABLE Model",
    "ALTER TABLE Model ADD x STRING",
    "COPY (MATCH (m:Method) RETURN m.id) TO 'out.csv'",
    "COPY Model FROM 'secret.csv'",
    "EXPLAIN COPY (MATCH (m:Method) RETURN m.id) TO 'out.csv'",
    "PROFILE COPY (MATCH (m:Method) RETURN m.id) TO 'out.csv'",
    "LOAD FROM 'secret.csv' (file_format = 'csv', header = false) RETURN *",
    "load/**/from 'secret.csv' RETURN *",
    "LOAD FROM frame RETURN *",
    "MATCH (n) LOAD FROM 'secret.csv' RETURN *",
    "WITH 1 AS a LOAD FROM 'secret.csv' RETURN *",
    "MATCH (n) WITH n LOAD WITH HEADERS (a STRING) FROM 'secret.csv' RETURN *",
    "MATCH (n) RETURN n UNION LOAD FROM 'secret.csv' RETURN *",
    "EXPORT DATABASE 'dump'",
    "IMPORT DATABASE 'dump'",
    "INSTALL httpfs",
    "LOAD EXTENSION httpfs",
    "LOAD httpfs",
    "ATTACH 'other.db' AS o (dbtype duckdb)",
    "DETACH o",
    "USE o",
    "BEGIN TRANSACTION",
    "CHECKPOINT",
    "COMMENT ON TABLE Model IS 'x'",
    "CREATE MACRO f() AS 1",
    "CALL threads = 4",
    "CALL clear_warnings()",
    "CALL project_graph('G', ['Method'], ['BASED_ON'])",
    "CALL current_setting('home_directory') RETURN *",
    "CALL show_attached_databases() RETURN *",
    "MATCH (n) CALL db.labels() YIELD label RETURN label",
    "MATCH (n) RETURN n; DROP TABLE Model",
    "RETURN 1; RETURN 2;",
    ";",
    "",
    "   // nothing",
    "MATCH (n) RETURN '\\\\' DELETE n //'",
    'MATCH (n) RETURN "a" /*"*/ DELETE n /*"*/',
    "MATCH (n) WHERE n.papers = 1. DELETE n",
    "MATCH (`a``b`) SET `a``b`.x = 1",
    "MATCH (n) RETURN n.name FROBNICATE n",
    "FROBNICATE (n)",
    "(n)",
    "'MATCH'",
    "MATCH (n) WHERE n.name = 'never closed RETURN n",
    "MATCH (n) /* never closed RETURN n",
    "MATCH (n RETURN n",
    "MATCH (n)) RETURN n",
    "MATCH (n) RETURN n.`never closed",
]


@pytest.mark.parametrize("query", READS)
def test_what_reads_passes(query: str) -> None:
    check(tokens(query))


@pytest.mark.parametrize("query", REFUSED_TEXTS)
def test_what_does_more_is_refused_in_one_sentence(query: str) -> None:
    with pytest.raises(QueryError) as caught:
        request_for(query)
    message = str(caught.value)
    assert message
    assert "\n" not in message


@pytest.mark.parametrize("word", sorted(REFUSED))
@pytest.mark.parametrize(
    "query", ["MATCH (n) {} n RETURN n", "{} x", "RETURN 1 {} x", "match (n) return n.x {}", "EXPLAIN {}"]
)
def test_each_refused_word_is_refused_in_each_place_and_case(word: str, query: str) -> None:
    for spelt in (word, word.lower(), word.title()):
        with pytest.raises(QueryError):
            check(tokens(query.format(spelt)))


@pytest.mark.parametrize("word", sorted(REFUSED))
def test_each_refused_word_may_be_a_name(word: str) -> None:
    low = word.lower()
    for query in (
        f"MATCH (n) RETURN n.{low}",
        f"MATCH (n) RETURN n.name AS {low}",
        f"MATCH (`{low}`) RETURN `{low}`.name",
        f"RETURN {{{low}: '{word} x'}} /* {word} */",
    ):
        check(tokens(query))


@given(st.text(alphabet="'\"`\\/*-;()[]{}$ \n aZ0.:|DELETE", max_size=40), st.sampled_from(sorted(REFUSED)))
def test_no_prefix_hides_what_follows_a_complete_statement(noise: str, word: str) -> None:
    """Whatever stands before, a refused word that the engine would see as a clause is seen by the guard: what the
    engine gets has no comments, and its tokens are those of the guard."""
    try:
        parts = tokens(f"RETURN 1 AS x {noise} {word} n")
        check(parts)
    except QueryError:
        return
    again = tokens(text_of(parts))
    assert [part.text for part in again] == [part.text for part in parts]
    seen = [part for part in parts if part.is_word(word)]
    assert (
        not seen
        or parts[parts.index(seen[-1]) - 1].text in (".", ":", "|", "&", "!")
        or any(part.is_word("AS") for part in parts)
    )


@given(st.text(max_size=200))
def test_any_text_passes_or_is_a_query_error(text: str) -> None:
    with suppress(QueryError):
        request_for(text)


def test_a_long_query_is_read_in_linear_time() -> None:
    check(tokens("MATCH (n) WHERE n.name IN [" + ", ".join(["'x'"] * 200_000) + "] RETURN n"))
    with pytest.raises(QueryError, match="characters"):
        tokens("x" * 20_000_001)
    for text in ("RETURN " + "(" * 3000 + "1" + ")" * 3000, "RETURN " + "l[" * 50 + "x" + "]" * 50):
        with pytest.raises(QueryError, match=r"deep|too long"):
            request_for(text)
    for text in ("/*" * 200_000, "'" + "\\'" * 200_000, "`" + "``" * 200_000, "(" * 200_000, "- " * 200_000):
        with pytest.raises(QueryError):
            check(tokens(text))


def test_the_first_word_is_named_with_what_may_stand_there() -> None:
    with pytest.raises(QueryError, match="RETURN"):
        check(tokens("SELECT * WHERE"))
    assert "MATCH" in BEGIN
