"""How many abstracts a second one core extracts from, start-up included, and in how much memory.

    python benchmarks/extract.py papers.jsonl              all models, one process each
    python benchmarks/extract.py --papers 2000             invented abstracts, the same ones every time
    python benchmarks/extract.py papers.jsonl --models fast

`kg extract --jobs 1` runs as a user would run it: the extracting process and the one that reads and writes. Processor
time counts both; memory is the larger process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from build import invented_papers  # benchmarks/build.py


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", type=Path, help="papers [default: invented ones]")
    parser.add_argument("--papers", type=int, default=2000, help="invented ones [default: 2000]")
    parser.add_argument("--models", default="default,fast,rules")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sources = args.sources
        if not sources:
            sources = [Path(folder) / "papers.jsonl"]
            rows = (json.dumps(paper) + "\n" for paper in invented_papers(args.papers))
            sources[0].write_text("".join(rows), encoding="utf-8")
        for model in args.models.split(","):
            measure(model, sources, Path(folder) / "out.jsonl")


def measure(model: str, sources: list[Path], out: Path) -> None:
    options = ["-o", str(out), "--jobs", "1", "--model", model]
    command = [sys.executable, "-m", "kg", "extract", *map(str, sources), *options]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    if status:
        raise SystemExit(f"{command} ended with {status}")
    cpu = usage.ru_utime + usage.ru_stime
    with out.open("rb") as lines:
        count = sum(1 for _ in lines)
    out.unlink()
    memory = usage.ru_maxrss / 1024  # of the largest process below it, too
    print(
        f"{model:<8} {count:,} papers {clock:>6.1f} s clock {cpu:>6.1f} s processor "
        f"{count / cpu:>6.1f} papers/s and core {memory:>5,.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    main()
