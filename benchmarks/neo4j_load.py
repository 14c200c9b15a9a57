"""How fast `kg load` fills Neo4j, beside a loader that sends one MERGE a row.

    python benchmarks/neo4j_load.py                         100,000 statements, invented, on a server of its own
    python benchmarks/neo4j_load.py my.kg --rows 2000       a graph of one's own; the slow loader gets 2,000 rows
    KG_NEO4J_URI=bolt://… KG_NEO4J_PASSWORD=… python benchmarks/neo4j_load.py      a server that is there

The database must be empty and is emptied again. The server of its own is the one of the tests (Java and Maven needed).
Both loaders run in one process against one server with the same constraints, one after the other, the slow one last,
when the server has compiled what it needs. Rates are by the clock: other work on the machine lowers both, so the
processor time of both sides stands beside it (on Linux, for a server of its own).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import neo4j
from rdf import write as invent  # benchmarks/rdf.py

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kg.export.neo4j_rows import Keys, edge_row, end_label
from kg.graph import load as load_graph
from kg.neo4j import Loader, connect, cypher
from tests.neo4j.neo4j_server import JAVA_FOR, LTS, NEWEST, PASSWORD, find_java, running


@contextmanager
def server(version: str) -> Iterator[dict[str, str]]:
    """The options of `connect` for the server to measure."""
    if uri := os.environ.get("KG_NEO4J_URI"):
        password = os.environ.get("KG_NEO4J_PASSWORD", "")
        yield {"uri": uri, "user": os.environ.get("KG_NEO4J_USER", "neo4j"), "password": password}
        return
    java = find_java(JAVA_FOR[version])
    if java is None:
        raise SystemExit(f"no Java for Neo4j {version} is installed")
    with tempfile.TemporaryDirectory() as home, running(version, java, Path(home), SETTINGS, OPTIONS) as started:
        assert started.process is not None
        SERVER.append(started.process.pid)
        yield {"uri": started.uri, "user": "neo4j", "password": PASSWORD}


# As a server for such a graph would be set up; the tests make do with much less.
SETTINGS = {
    "server.memory.pagecache.size": "1g", "db.tx_log.rotation.size": "256m", "db.tx_log.preallocate": "true",
}  # fmt: skip
OPTIONS = ("-Xms2g", "-Xmx2g")
SERVER: list[int] = []  # the process id of a server of our own


def processor() -> tuple[float, float]:
    """Seconds of processor time so far: ours, the server's (0 where that cannot be told)."""
    served = 0.0
    for pid in SERVER:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            user, system = stat.read_text().rpartition(")")[2].split()[11:13]
            served += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return time.process_time(), served


def timed(what: str, work: Callable[[], int]) -> float:
    """Run, print a line, return the rate; `work` returns how many rows it did."""
    start, (mine, served) = time.perf_counter(), processor()
    rows = work()
    seconds, now = time.perf_counter() - start, processor()
    print(
        f"{what:<46} {rows:>9,} rows {seconds:>7.1f} s {rows / seconds:>8,.0f}/s   "
        f"processor: {now[0] - mine:.1f} s here, {now[1] - served:.1f} s server",
        flush=True,
    )
    return rows / seconds


def one_by_one(session: neo4j.Session, rows: list[tuple[str, list[object]]], in_transaction: int) -> int:
    """The loader to compare with: one MERGE a row, so many in a transaction."""
    for start in range(0, len(rows), in_transaction):
        with session.begin_transaction() as transaction:
            for query, row in rows[start : start + in_transaction]:
                transaction.run(query, {"row": row}).consume()
            transaction.commit()
    return len(rows)


def measure(directory: Path, options: dict[str, str], sample: int) -> None:
    graph = load_graph(directory)
    keys = Keys(graph.dir.manifest.base_iri)
    with connect(**options) as db:
        if db.rows("MATCH (n) RETURN count(n)")[0][0]:
            raise SystemExit("the database is not empty")
        print(db.agent)
        loader = Loader(db, graph)
        loader.define_schema()

        def merge_nodes() -> int:
            loader.merge_nodes()
            return loader.report.nodes

        def merge_edges() -> int:
            before = loader.report.edges
            loader.merge_edges()
            return loader.report.edges - before

        timed("kg load: nodes", merge_nodes)
        fast = timed("kg load: relationships", merge_edges)
        timed("kg load: relationships, again (nothing to do)", merge_edges)
        rows = []
        for edge in islice(graph.edges(), sample):
            query = cypher.merge_edges(edge.type, end_label(edge.source), end_label(edge.target))
            rows.append((query.replace("UNWIND $rows AS row", "WITH $row AS row"), edge_row(edge, keys)))

        def forget() -> None:
            db.session.run("MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS").consume()

        forget()
        slow = timed("one MERGE a row, a transaction each", lambda: one_by_one(db.session, rows, 1))
        forget()
        timed("one MERGE a row, 1,000 in a transaction", lambda: one_by_one(db.session, rows, 1_000))
        print(f"kg load is {fast / slow:.1f} times as fast as one MERGE a row")
        db.session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", nargs="?", type=Path, help="a graph directory [default: an invented one]")
    parser.add_argument("--statements", type=int, default=100_000, help="of the invented graph")
    parser.add_argument("--rows", type=int, default=3_000, help="that the slow loader gets")
    parser.add_argument("--newest", action="store_true", help=f"Neo4j {NEWEST} instead of {LTS}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = arguments.graph or invent(Path(folder) / "invented.kg", arguments.statements)
        with server(NEWEST if arguments.newest else LTS) as options:
            measure(directory, options, arguments.rows)


if __name__ == "__main__":
    main()
