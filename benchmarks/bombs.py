"""What query bombs do to `kg serve`: twenty at once, then 500 short questions, then 200 clients at once.

    python benchmarks/bombs.py                            1,000,000 statements, invented
    python benchmarks/bombs.py my.kg --memory 1024 --timeout 10

Nothing is asserted: it prints how each bomb ended, how fast the server answers afterwards, the most memory of the
server and of a worker, and processes and open files before and after (Linux).
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from rdf import write as invent  # benchmarks/rdf.py

BOMBS = (
    "SELECT DISTINCT ?b WHERE { ?a ?p ?x . ?b ?q ?y } ORDER BY ?b LIMIT 5",
    "SELECT (COUNT(*) AS ?n) WHERE { ?a (kg:basedOn|^kg:basedOn|kg:usedFor|^kg:usedFor)* ?b }",
    'SELECT ?s ?o WHERE { ?s ?p ?o FILTER(REGEX(STR(?o), "(a+)+$")) }',
)
SHORT = "SELECT ?s { ?s a kg:Model } OFFSET %d LIMIT 3"


def family(pid: int) -> dict[int, int]:
    """A process and all that come from it: resident megabytes by process id."""
    shown = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in shown.splitlines()]
    members, grown = {pid}, True
    while grown:
        more = {p for p, parent, _ in rows if parent in members} | members
        grown, members = more != members, more
    return {p: rss // 1024 for p, _, rss in rows if p in members}


def ask(base: str, query: str) -> tuple[str, float]:
    """How a question ended, and after how many seconds."""
    start = time.perf_counter()
    try:
        with urlopen(f"{base}/sparql?{urlencode({'query': query})}", timeout=120) as answer:
            answer.read()
            told = str(answer.status)
    except HTTPError as error:
        told = f"{error.code} {error.read().decode().strip()}"
    except OSError as error:
        told = type(error).__name__
    return told, time.perf_counter() - start


def many(base: str, queries: list[str], clients: int) -> None:
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(lambda query: ask(base, query), queries))
    print(f"{len(queries)} questions of {clients} clients: {time.perf_counter() - start:.1f} s, "
          f"the slowest {max(seconds for _, seconds in answers):.1f} s")  # fmt: skip
    for told, count in Counter(told for told, _ in answers).most_common():
        print(f"  {count:>4} × {told}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", nargs="?", type=Path, help="a graph directory [default: an invented one]")
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--timeout", default="10")
    parser.add_argument("--memory", default="1024")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        graph = args.graph or invent(Path(folder) / "graph.kg", args.statements)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "kg", "serve", str(graph), "--port", str(port)]
        options = ["--timeout", args.timeout, "--memory", args.memory, "--jobs", "4"]
        subprocess.run([*command[:3], "sparql", str(graph), SHORT % 0, "--timeout", "3600"], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        server = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
        try:
            torture(f"http://127.0.0.1:{port}", server.pid)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def torture(base: str, pid: int) -> None:
    while ask(base, SHORT % 0)[0] != "200":
        time.sleep(0.2)
    peak = {"server": 0, "worker": 0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            sizes = family(pid)
            peak["server"] = max(peak["server"], sizes.pop(pid, 0))
            peak["worker"] = max([peak["worker"], *sizes.values()])

    watcher = threading.Thread(target=watch)
    watcher.start()
    print(f"before: {len(family(pid))} processes, {len(os.listdir(f'/proc/{pid}/fd'))} open files")
    many(base, [BOMBS[n % len(BOMBS)] for n in range(20)], 20)
    print(f"the next question: {ask(base, SHORT % 1)[1] * 1000:.0f} ms")
    many(base, [SHORT % n for n in range(500)], 8)
    many(base, [SHORT % n for n in range(200)], 200)
    time.sleep(1)
    ended.set()
    watcher.join()
    print(f"after: {len(family(pid))} processes, {len(os.listdir(f'/proc/{pid}/fd'))} open files")
    print(f"at most: server {peak['server']:,} MB, a worker {peak['worker']:,} MB")


if __name__ == "__main__":
    main()
