"""How fast the RDF export streams, and in how much memory; rdflib's own serialisers side by side.

    python benchmarks/rdf.py                                      1,000,000 statements, rdflib on 50,000
    python benchmarks/rdf.py --statements 100000 --rdflib 20000
    python benchmarks/rdf.py my.kg                                a graph of one's own

The graph is invented, the same one every time. An export runs as a process of its own, start-up included; of rdflib
only `serialize` is timed, after its graph has been read. Rates are triples a second of processor time, since other work
on the machine stretches the clock. rdflib keeps all in memory, so it gets a smaller graph.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kg import vocab
from kg.model import EntityRow, EvidenceRow, Paper, ResultRow, StatementRow
from kg.store import write_graph
from kg.text import digest

SENTENCE = "KiteNet {0} outperforms OakNet {1} on PondSet by {2} points in accuracy, at half of its latency. "
SENTENCES = 8  # a paper

SERIALISE = """
import sys, time, warnings, rdflib
warnings.simplefilter("ignore")
graph = rdflib.Graph().parse(sys.argv[1], format="nt")
for name in sys.argv[2:]:
    start = time.process_time()
    graph.serialize("/dev/null", format=name)
    print(name, len(graph), time.process_time() - start, flush=True)
"""


def papers(count: int) -> Iterator[Paper]:
    for number in range(count):
        text = "".join(SENTENCE.format(number, number + i, i) for i in range(SENTENCES))
        yield Paper(
            f"24{number % 12 + 1:02}.{number:07}", f"Kites {number}", text, "2024-03-05", "day", (f"A {number % 999}",)
        )


def write(place: Path, statements: int) -> Path:
    """A graph directory with so many statements, three of five of them roles; each relation is said once or twice."""
    chance = random.Random(0)
    all_papers = list(papers(max(1, statements // 16)))
    things = [
        EntityRow(f"{t.lower()}/kite-{n}", t, "named", f"Kite-{n}", (f"Kite {n}",), (), 1)
        for n in range(max(10, statements // 100))
        for t in vocab.ENTITY_TYPES
    ]
    of_type = {t: [row.id for row in things if row.type == t] for t in vocab.ENTITY_TYPES}
    rows: dict[str, StatementRow] = {}
    evidence: dict[str, EvidenceRow] = {}
    predicates = list(vocab.RELATIONS.values())

    def say(subject: str, predicate: str, object_: str, where: list[Paper]) -> None:
        id_ = "s" + digest(subject, predicate, object_, "+")
        if id_ in rows:
            return
        rows[id_] = StatementRow(id_, subject, predicate, object_, False, len(where), round(chance.random(), 4))
        for paper in where:
            start = len(paper.title) + 1 + chance.randrange(len(paper.abstract) - 90)
            proof = "e" + digest(id_, paper.id)
            evidence[proof] = EvidenceRow(
                proof, id_, paper.id, start, start + 80, start, start + 9, start + 20, start + 30, "rules", 0.75
            )

    while len(rows) < statements:
        paper = chance.choice(all_papers)
        for _ in range(6):
            say(paper.id, "mentions", chance.choice(things).id, [paper])
        for _ in range(4):
            predicate = chance.choice(predicates)
            kind = chance.choice(sorted(predicate.domain))
            other = kind if predicate.same_type else chance.choice(sorted(predicate.range))
            subject, object_ = chance.choice(of_type[kind]), chance.choice(of_type[other])
            if subject != object_:
                where = {p.id: p for p in [paper, *([chance.choice(all_papers)] if chance.random() < 0.3 else [])]}
                say(subject, predicate.name, object_, list(where.values()))
    models, metric = of_type["Model"], of_type["Metric"][0]
    results = [
        ResultRow(
            "r" + digest(paper.id), paper.id, models[n % len(models)], metric, None, None,
            f"{n % 1000 / 10} %", "absolute", n % 1000 / 10, n % 1000 / 10, "%", True, 0.9,
        )
        for n, paper in enumerate(all_papers)
    ]  # fmt: skip
    write_graph(
        place,
        papers=all_papers,
        mentions=(),
        entities=things,
        statements=rows.values(),
        evidence=evidence.values(),
        results=results,
        merges=(),
    )
    return place


def measured(*command: str) -> tuple[float, float, float]:
    """Seconds of clock, seconds of processor, megabytes of a process that must end well."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {status}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def exported(graph: Path, format_: str, out: Path, *options: str) -> tuple[int, float]:
    """Export, print a line, and return (triples, processor seconds)."""
    clock, cpu, memory = measured("-m", "kg", "export", str(graph), "-f", format_, "-o", str(out), *options)
    triples = count_triples(graph, out, format_)
    size = out.stat().st_size / 1e6
    print(
        f"kg {format_:8} {triples:>12,} triples {size:>8,.0f} MB {clock:>7.1f} s clock {cpu:>7.1f} s processor "
        f"{triples / cpu:>10,.0f} triples/s {memory:>6,.0f} MB memory",
        flush=True,
    )
    return triples, cpu


_counted: dict[Path, int] = {}


def count_triples(graph: Path, out: Path, format_: str) -> int:
    """Lines of the N-Triples file (the first export of each graph is one)."""
    if format_ == "nt":
        with out.open("rb") as file:
            _counted[graph] = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return _counted[graph]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", nargs="?", type=Path, help="a graph directory [default: an invented one]")
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument(
        "--rdflib", type=int, default=50_000, help="statements of the graph for rdflib; 0: leave it out"
    )
    parser.add_argument("--formats", default="nt,ttl,nq,trig,jsonld,rdfxml")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if args.rdflib:
            small = write(home / "small.kg", args.rdflib)
            exported(small, "nt", home / "small.nt")
            triples, cpu = exported(small, "ttl", home / "small.ttl")
            done = subprocess.run(
                [sys.executable, "-c", SERIALISE, str(home / "small.nt"), "turtle", "nt"],
                capture_output=True,
                text=True,
                check=True,
            )
            for line in done.stdout.splitlines():
                name, count, seconds = line.split()
                rate = int(count) / float(seconds)
                print(f"rdflib {name:8} {int(count):>8,} triples {float(seconds):>7.1f} s {rate:>10,.0f} triples/s")
                if name == "turtle":
                    print(
                        f"Turtle, the same graph: {triples / cpu / rate:.1f} x rdflib's serialiser, start-up included"
                    )
        graph = args.graph or home / "large.kg"
        if not args.graph:  # in a process of its own: a child's peak memory begins with its parent's
            maker = multiprocessing.get_context("spawn").Process(target=write, args=(graph, args.statements))
            maker.start()
            maker.join()
        for format_ in args.formats.split(","):
            exported(graph, format_, home / "out")


if __name__ == "__main__":
    main()
