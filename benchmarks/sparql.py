"""How fast the cookbook's SPARQL is answered, beside rdflib on the same triples.

    python benchmarks/sparql.py                              rdflib on 5,000 statements, kg on these and on 1,000,000
    python benchmarks/sparql.py --rdflib 20000 --statements 0

The graph is invented, the same one every time; the things that the cookbook (docs/queries.md) names are replaced by
things of that graph with the same type. Three times stand beside each other: rdflib's `query` on a graph that it has
read before; `kg.query.sparql.select` with everything, a new worker process for each query included; and the same in a
worker that is there already, as behind `kg serve`. Answers are compared as sets of rows, the times as sums.
"""

from __future__ import annotations

import argparse
import re
import shlex
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import rdflib
from rdf import write as invent  # benchmarks/rdf.py

from kg.export import export
from kg.query import sparql
from kg.query.worker import Limits
from kg.store import GraphDir

PAGE = Path(__file__).resolve().parent.parent / "docs" / "queries.md"
MEMORY = 4 << 30  # bytes a query
TIMES = 3
"""Each query is asked so often; the fastest counts."""


def cookbook() -> list[tuple[str, str]]:
    """Heading and query of each question, its things replaced by those of the invented graph."""
    found = []
    page = PAGE.read_text(encoding="utf-8")
    for block in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        heading = block.partition("\n")[0]
        commands = re.findall(r"^\$ (kg sparql (?:[^\n]*\\\n)*[^\n]*)$", block, re.MULTILINE)
        found += [(heading, adapted(shlex.split(command.replace("\\\n", ""))[3])) for command in commands]
    return found


def adapted(query: str) -> str:
    """The query about things of the invented graph: the first thing of a type that it names is the first of the graph,
    and so on."""
    known: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        place = sum(name.startswith(match[1]) for name in known)
        return known.setdefault(match[0], f"{match[1]}:kite-{place}")

    return re.sub(r"\b(method|model|dataset|metric|task):[\w-]+", other, query)


def fastest(work: Any) -> tuple[float, Any]:
    """Seconds and result of the fastest of some runs."""
    best, result = 1e9, None
    for _ in range(TIMES):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def rows(graph: GraphDir, query: str) -> set[tuple[str, ...]]:
    with sparql.select(graph, query, timeout=600) as found:
        return {tuple("" if t is None else str(getattr(t, "value", t)) for t in row) for row in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=1_000_000, help="of the large graph; 0: leave it out")
    parser.add_argument("--rdflib", type=int, default=5_000, help="statements of the graph for rdflib")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        small = GraphDir.open(invent(Path(folder) / "small.kg", args.rdflib))
        large = GraphDir.open(invent(Path(folder) / "large.kg", args.statements)) if args.statements else None
        export(small.path, "nt", Path(folder) / "small.nt")
        start = time.perf_counter()
        theirs = rdflib.Graph().parse(Path(folder) / "small.nt", format="nt")
        read = time.perf_counter() - start
        for graph in (small, large):
            if graph is not None:
                start = time.perf_counter()
                rows(graph, "SELECT * { ?s a kg:Paper } LIMIT 1")
                print(f"store made and asked the first time: {time.perf_counter() - start:.1f} s")
        print(f"rdflib has read {len(theirs):,} triples in {read:.1f} s")
        known = {name: rdflib.Namespace(iri) for name, iri in sparql.prefixes(small.manifest.base_iri).items()}
        worker = sparql.open_worker(small, limits=Limits(600.0, MEMORY))
        wide = sparql.open_worker(large, limits=Limits(600.0, MEMORY)) if large is not None else None
        sums = [0.0] * 4
        print(f"{'seconds':<58} {'rdflib':>8} {'kg':>8} {'warm':>8} {'large':>8}  rows")
        for heading, query in cookbook():
            slow, answer = fastest(lambda query=query: list(theirs.query(query, initNs=known)))
            whole, mine = fastest(lambda query=query: rows(small, query))
            if mine != {tuple("" if t is None else str(t) for t in row) for row in answer}:
                raise SystemExit(f"the answers differ: {heading}")
            warm = asked(worker, small, query)
            far = asked(wide, large, query) if wide is not None and large is not None else 0.0
            sums = [a + b for a, b in zip(sums, (slow, whole, warm, far), strict=True)]
            print(f"{heading:<58} {slow:>8.3f} {whole:>8.3f} {warm:>8.4f} {far:>8.3f}  {len(mine)}", flush=True)
        print(f"{'all':<58} {sums[0]:>8.3f} {sums[1]:>8.3f} {sums[2]:>8.4f} {sums[3]:>8.3f}")
        print(f"rdflib takes {sums[0] / sums[2]:.1f} times as long as a worker that is there,")
        print(f"{sums[0] / sums[1]:.1f} times as long as with a new process for each query")
        worker.close()
        if wide is not None:
            wide.close()


def asked(worker: Any, graph: GraphDir, query: str) -> float:
    """Seconds of one query in a worker that is there already."""

    def work() -> int:
        answer = worker.ask(sparql.request_for(graph, query, {"solutions": "rows"}))
        return sum(len(block) for block in answer)

    return fastest(work)[0]


if __name__ == "__main__":
    main()
