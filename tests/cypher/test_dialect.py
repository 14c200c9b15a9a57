"""Neo4j's Cypher, as the engine gets it, and that both mean the same."""
# ruff: noqa: E501 - a query is read best on one line

from __future__ import annotations

from typing import Any

import pytest

from kg.errors import QueryError
from kg.query.cypher import request_for
from kg.query.worker import Worker

ENTITY = ":Method|Model|Dataset|Metric|Task"

REWRITTEN = [
    ("MATCH (n:Entity) RETURN n", f"MATCH (n {ENTITY}) RETURN n"),
    ("MATCH (n:Entity:Model) RETURN n", "MATCH (n :Model) RETURN n"),
    ("MATCH (n:model|METHOD) RETURN n", "MATCH (n :Method|Model) RETURN n"),
    ("MATCH (n:Entity&!Model) RETURN n", "MATCH (n :Method|Dataset|Metric|Task) RETURN n"),
    ("MATCH (n:`Model`) RETURN n", "MATCH (n :Model) RETURN n"),
    ("MATCH (n) WHERE n:Method RETURN n", "MATCH (n) WHERE (label(n) IN ['Method']) RETURN n"),
    ("MATCH ()-[r]->() RETURN type(r)", "MATCH ()-[r]->() RETURN label(r)"),
    ("MATCH (n) RETURN labels(n)[0]", "MATCH (n) RETURN label(n)"),
    ("MATCH (n) RETURN n.aliases[0], n.aliases[-1]", "MATCH (n) RETURN n.aliases[1], n.aliases[-1]"),
    ("MATCH (n) RETURN n.aliases[1..3]", "MATCH (n) RETURN n.aliases[2..3]"),
    ("MATCH (n) RETURN [1, 2], 'a[0]'", "MATCH (n) RETURN [1, 2], 'a[0]'"),
    ("RETURN [x IN [1] WHERE x > 0 | x + 1]", "RETURN list_transform(list_filter([1], x -> x > 0), x -> x + 1)"),
    ("RETURN {Entity: 1, type: 2}", "RETURN {Entity: 1, type: 2}"),
    ("MATCH (a)-[:BASED_ON|:USED_FOR*2]-(b) RETURN a", "MATCH (a)-[ _kg1 :USED_FOR|BASED_ON * TRAIL 2]-(b) RETURN a"),
    ("MATCH (a)-[r* SHORTEST 1..3]-(b) RETURN a", "MATCH (a)-[r* SHORTEST 1..3]-(b) RETURN a"),
    (
        "MATCH p = shortestPath((a)-[*..4]->(b)) RETURN p",
        "MATCH p = (a)-[ _kg1* SHORTEST ..4]->(b) RETURN p",
    ),
    (
        "MATCH (a)-[:USES]->(b)<-[:USES]-(c) WHERE a.x = 1 OR b.x = 2 RETURN a",
        "MATCH (a)-[ _kg1 :USES]->(b)<-[ _kg2 :USES]-(c) WHERE id(_kg1) <> id(_kg2) AND ( a.x = 1 OR b.x = 2 ) RETURN a",
    ),
    (
        "MATCH (a)-[:USES]->(b)-[:BASED_ON]->(c) RETURN a",
        "MATCH (a)-[ _kg1 :USES]->(b)-[ _kg2 :BASED_ON]->(c) RETURN a",
    ),
    ("MATCH (a) WHERE EXISTS { (a)-->() } RETURN a", "MATCH (a) WHERE EXISTS { MATCH (a)- [_kg1]->() } RETURN a"),
    ("MATCH (group:Model) RETURN group.name AS end", "MATCH (`group` :Model) RETURN `group`.name AS `end`"),
    (
        "MATCH (n) WITH CASE WHEN n.x THEN 1 END AS end RETURN end",
        "MATCH (n) WITH CASE WHEN n.x THEN 1 END AS `end` RETURN `end`",
    ),
    ("MATCH (n) RETURN n.name AS order ORDER BY order", "MATCH (n) RETURN n.name AS `order` ORDER BY `order`"),
    (
        "MATCH (n) WHERE n.name ENDS WITH 'x' RETURN n.x AS ends",
        "MATCH (n) WHERE n.name ENDS WITH 'x' RETURN n.x AS `ends`",
    ),
    ("RETURN all(x IN [1] WHERE x > 0) AS all", "RETURN all(x IN [1] WHERE x > 0) AS `all`"),
    ("MATCH (a:Model {name: 'x // y'}) // z\nRETURN a /* b */ ;", "MATCH (a :Model {name: 'x // y'}) RETURN a"),
]


def squeezed(text: str) -> str:
    """Without the blanks that mean nothing."""
    return text.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize(("query", "engine"), REWRITTEN, ids=[query for query, _ in REWRITTEN])
def test_a_query_becomes_what_the_engine_knows(query: str, engine: str) -> None:
    assert squeezed(request_for(query)["query"]) == squeezed(engine)


ANSWERS: list[tuple[str, list[list[Any]]]] = [
    ("MATCH (n:Entity) RETURN count(*)", [[9]]),
    ("MATCH (n:Model) RETURN labels(n), labels(n)[0] LIMIT 1", [[["Model", "Entity"], "Model"]]),
    ("MATCH (n:Paper) RETURN labels(n) LIMIT 1", [[["Paper"]]]),
    ("MATCH (n) WHERE 'Entity' IN labels(n) RETURN count(*)", [[9]]),
    ("MATCH (n) WHERE n:Entity AND NOT (n:Model OR n:Method) RETURN count(n)", [[4]]),
    (
        "MATCH (:Model)-[r]->(:Model) RETURN type(r), count(*) ORDER BY type(r)",
        [["BASED_ON", 1], ["DENIES", 1], ["OUTPERFORMS", 1]],
    ),
    ("MATCH ()-[r]->() WHERE r:OUTPERFORMS OR type(r) = 'BASED_ON' RETURN count(r)", [[2]]),
    (
        "MATCH (p:Paper)-->(:Model {name: 'OakNet'})<--(q:Paper) RETURN p.id, q.id ORDER BY p.id",
        [["paper/2401.00010", "paper/oak"], ["paper/oak", "paper/2401.00010"]],
    ),
    (
        "MATCH (p:Paper {id: 'paper/2401.00010'}) RETURN p.authors[0], p.authors[1], p.authors[0..1], p.authors[1..], p.authors[..-1]",
        [["Ada Reed", "Bo Sedge", ["Ada Reed"], ["Bo Sedge"], ["Ada Reed"]]],
    ),
    ("UNWIND [0, 1, -1] AS i RETURN ['a', 'b'][i] AS x", [["a"], ["b"], ["b"]]),
    (
        "RETURN substring('abcd', 1, 2) AS a, substring('abcd', 2) AS b, toString(3) AS c, toInteger('3') + 1 AS d",
        [["bc", "cd", "3", 4]],
    ),
    (
        "RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * 10] AS l, head([7, 8]) AS h, last([7, 8]) AS e, tail([7, 8]) AS t",
        [[[10, 30, 50], 7, 8, [8]]],
    ),
    ("MATCH (n:Model) RETURN head(n.aliases) AS a ORDER BY n.name", [[None], ["Kite Net"], [None]]),
    (
        "MATCH p = shortestPath((a:Model {name: 'KiteNet'})-[*1..4]->(b:Task)) RETURN [n IN nodes(p) | n.name] AS names, length(p)",
        [[["KiteNet", "OakNet", "leaf counting"], 2]],
    ),
    (
        "MATCH (a:Model {name: 'KiteNet'})-[r:BASED_ON|USED_FOR*1..3]->(b) RETURN b.name, size(r), [x IN r | type(x)] AS t ORDER BY size(r)",
        [["OakNet", 1, ["BASED_ON"]], ["leaf counting", 2, ["BASED_ON", "USED_FOR"]]],
    ),
    ("MATCH (a:Model)-[:OUTPERFORMS*1..3]-(b) RETURN count(*)", [[2]]),
    ("MATCH (a:Model) WHERE (a)-[:BASED_ON]->(:Model) RETURN a.name", [["KiteNet"]]),
    ("MATCH (a:Model) WHERE NOT EXISTS { (a)-[:BASED_ON]-(:Entity) } RETURN a.name", [["ElmNet"]]),
    (
        "MATCH (p:Paper) RETURN p.id, COUNT { (p)-[:USES]->() } AS c ORDER BY c",
        [["paper/2401.00010", 0], ["paper/oak", 2]],
    ),
    (
        "MATCH ()-[d:DENIES]->(x) RETURN d.predicate, x.name, d.evidence[0]",
        [["outperforms", "ElmNet", "2401.00010:147-182"]],
    ),
    ("MATCH (r:Result)-[:ON_METRIC]->(m) RETURN r.value, r.low, m.name", [["92.50", 92.5, "accuracy"]]),
    (
        "MATCH (n:Model) WHERE n.name =~ '.*Net' AND any(a IN n.aliases WHERE a CONTAINS ' ') RETURN n.name",
        [["KiteNet"]],
    ),
    ("MATCH (n:Model) WITH n ORDER BY n.name DESC LIMIT 2 RETURN collect(n.name) AS names", [[["OakNet", "KiteNet"]]]),
    (
        "MATCH (n:Model) WITH n ORDER BY n.name DESC RETURN collect(n.name) AS names",
        [[["OakNet", "KiteNet", "ElmNet"]]],
    ),
    (
        "MATCH (n:Model) WITH n ORDER BY n.name DESC SKIP 1 LIMIT 1 WHERE n.papers > 0 RETURN max(n.name) AS m",
        [["KiteNet"]],
    ),
    (
        "MATCH (n:Model) WITH n.name AS x ORDER BY x WHERE x <> 'ElmNet' RETURN collect(x) AS l, count(*) AS c",
        [[["KiteNet", "OakNet"], 2]],
    ),
    ("MATCH (n:Model {name: $name}) RETURN n.papers", [[2]]),
    (
        "MATCH (end:Model) WITH end.name AS order ORDER BY order RETURN collect(order) AS any",
        [[["ElmNet", "KiteNet", "OakNet"]]],
    ),
]


@pytest.mark.parametrize(("query", "rows"), ANSWERS, ids=[query[:70] for query, _ in ANSWERS])
def test_the_answer_is_that_of_neo4j(worker: Worker, query: str, rows: list[list[Any]]) -> None:
    answer = worker.ask(request_for(query, parameters={"name": "KiteNet"} if "$name" in query else None))
    assert [row for block in answer for row in block] == rows


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("MATCH (n:Modell) RETURN n", "Model"),
        ("MATCH ()-[r:BASEDON]->() RETURN r", "BASED_ON"),
        ("MATCH (n:Model:Method) RETURN n", ":A|B"),
        ("MATCH (n) RETURN elementId(n)", "`id`"),
        ("MATCH (n) RETURN reduce(s = 0, x IN [1] | s + x)", "list_sum"),
        ("MATCH (n:Model WHERE n.papers > 1) RETURN n", "after the MATCH"),
        ("MATCH (n)-[:BASED_ON]->{1,3}(m) RETURN n", "*1..3"),
        ("MATCH (n) RETURN n {.name}", "n.name"),
        ("MATCH (n) RETURN [(n)-->(m) | m.name]", "collect"),
        ("CALL { MATCH (n) RETURN n } RETURN n", "WITH"),
        ("MATCH (n) RETURN shortestPath((n)-[*]->(n))", "MATCH p ="),
        ("MATCH (n) RETURN n.name, n.name", "AS"),
        ("MATCH (n) WHERE n.name = $x RETURN n", "$x"),
        ("CALL db.labels()", "show_tables"),
        ("MATCH (n) RETURN n.name AS desc", "`desc`"),
    ],
)
def test_what_is_not_known_names_a_substitute(query: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        request_for(query)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("MATCH (n:Model) RETURN n.nope", "nope"),
        ("MATCH (n:Model) RETURN frob(n)", "FROB"),
        ("MATCH (n:Model) RETURN", "cannot be read"),
        ("RETURN [1][7] AS x", "size(list)"),
        ("MATCH (n) RETURN m.name", "m"),
    ],
)
def test_an_error_of_the_engine_is_one_sentence(worker: Worker, query: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        list(worker.ask(request_for(query)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert worker.alive


def test_columns_are_called_as_the_query_says(worker: Worker) -> None:
    query = "MATCH (n:Model) RETURN DISTINCT n.name, labels( n ) AS l, count(*), [1, 2][0] ORDER BY n.name"
    answer = worker.ask(request_for(query))
    assert answer.header["columns"] == ["n.name", "l", "count(*)", "[1, 2][0]"]
    assert len([row for block in answer for row in block]) == 3
    star = worker.ask(request_for("MATCH (a:Paper)-->(b:Model)<--(c) RETURN * LIMIT 1"))
    assert star.header["columns"] == ["a", "b", "c"]
    assert [len(row) for block in star for row in block] == [3]
