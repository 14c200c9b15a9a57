"""How fast the database of `kg cypher` is made from the tables, and what each part of that takes.

    python benchmarks/cypher_load.py                      1,000,000 statements, invented
    python benchmarks/cypher_load.py --statements 100000
    python benchmarks/cypher_load.py my.kg                a graph of one's own

"made" is everything from the tables to a closed database; "load" is the engine's own part, the COPY of whole files.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import ladybug
from rdf import write as invent  # benchmarks/rdf.py

from kg.query import ladybug_build
from kg.store import GraphDir


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", nargs="?", type=Path, help="a graph directory [default: an invented one]")
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3, help="how often [default: 3]; the fastest counts")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.graph or invent(Path(folder) / "graph.kg", args.statements)
        best: dict[str, tuple[float, float]] = {}
        for number in range(args.times):
            home = Path(folder) / str(number)
            home.mkdir()
            for name, clock, cpu in timed(GraphDir.open(path), home / "graph.lbdb"):
                best[name] = min(best.get(name, (9e9, 0.0)), (clock, cpu))
        database = ladybug.Database(str(Path(folder) / "0" / "graph.lbdb"), read_only=True)
        connection = ladybug.Connection(database)
        nodes = connection.execute("MATCH (n) RETURN count(*)").get_next()[0]
        edges = connection.execute("MATCH ()-[r]->() RETURN count(*)").get_next()[0]
        print(f"{nodes:,} nodes, {edges:,} relationships; the fastest of {args.times}")
        for name, (clock, cpu) in best.items():
            print(f"{name:<8} {clock:>7.2f} s clock {cpu:>7.2f} s processor {edges / clock:>10,.0f} relationships/s")
    scale = 1 if sys.platform == "darwin" else 1024
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6:,.0f} MB at most")


def timed(graph: GraphDir, path: Path) -> list[tuple[str, float, float]]:
    """Clock and processor seconds of the parts and of the whole."""
    marks = [(time.perf_counter(), time.process_time())]
    ladybug_build.build(graph, path, lambda: marks.append((time.perf_counter(), time.process_time())))
    marks.append((time.perf_counter(), time.process_time()))
    names = ("tables", "load", "made")
    spans = [(marks[0], marks[1]), (marks[1], marks[2]), (marks[0], marks[2])]
    return [(name, b[0] - a[0], b[1] - a[1]) for name, (a, b) in zip(names, spans, strict=True)]


if __name__ == "__main__":
    main()
