"""How long `kg build` takes, and what it needs: wall clock, processor time, memory; start-up included.

    python benchmarks/build.py ../papers            real sources
    python benchmarks/build.py --papers 10000       invented papers, the same ones every time
    python benchmarks/build.py --papers 2000 --jobs 1 --again

Memory is the largest sum over all processes at one moment, sampled every 50 ms: RSS counts shared pages once for each
process, PSS (Linux only) shares them out. `--again` builds a second time on the kept extractions.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STEMS = (
    "Kite", "Oak", "Pine", "Leaf", "Pond", "Tide", "Cone", "Fir", "Gate", "Moss",
    "Reed", "Lark", "Fern", "Dune", "Brook", "Quill", "Ember", "Slate", "Birch", "Wren",
)  # fmt: skip
ENDS = {
    "Model": ("Net", "Former", "LM", "BERT", "Mamba"),
    "Method": ("Tune", "Prune", "Opt", "Align", "Boost"),
    "Dataset": ("Set", "Bench", "QA"),
}
TASKS = ("kite detection", "leaf segmentation", "tide forecasting", "question answering", "image classification")
METRICS = ("accuracy", "F1", "BLEU", "mAP", "perplexity", "latency")
SENTENCES = (
    "We propose {model}, a model for {task}.",
    "We present {method}, a method based on {method2} that is applied to {model}.",
    "{model} outperforms {model2} on {dataset} by {value} points in {metric}.",
    "{model} is trained on {dataset} and evaluated on {dataset2}.",
    "On {dataset}, {method} reaches {value} {metric}, compared with {value2} for {method2}.",
    "Large language models such as {model2} remain expensive, and {task} needs many labels.",
    "{dataset} is a benchmark for {task} with {count} examples.",
    "Our code is at https://github.com/example/{slug}.",
    "Extensive experiments show that {method} does not help {model2} without {method2}.",
)  # fmt: skip


def invented_papers(number: int, seed: int = 7) -> Iterator[dict[str, str]]:
    """Abstracts of the usual length about things that do not exist; few names are common, most are rare."""
    chance = random.Random(seed)

    def name(kind: str) -> str:
        rank = int(chance.paretovariate(0.6)) % 50_000
        stem = STEMS[rank % len(STEMS)] + (STEMS[rank // len(STEMS) % len(STEMS)].lower() if rank >= len(STEMS) else "")
        suffix = f"-{rank // 400}" if rank >= 400 else ""
        return f"{stem}{chance.choice(ENDS[kind])}{suffix}"

    for index in range(number):
        words = {
            "model": name("Model"),
            "model2": name("Model"),
            "method": name("Method"),
            "method2": name("Method"),
            "dataset": name("Dataset"),
            "dataset2": name("Dataset"),
            "task": chance.choice(TASKS),
            "metric": chance.choice(METRICS),
            "value": f"{chance.uniform(0.5, 9):.1f}",
            "value2": f"{chance.uniform(40, 95):.1f}",
            "count": f"{chance.randrange(1, 99)}k",
        }
        words["slug"] = words["model"].lower()
        chosen = [SENTENCES[0], *chance.choices(SENTENCES[1:], k=chance.randrange(5, 12))]
        yield {
            "id": f"invented-{index:06d}",
            "title": f"{words['model']}: {words['task'].capitalize()} with {words['method']}",
            "abstract": " ".join(sentence.format(**words) for sentence in chosen),
            "date": f"20{chance.randrange(18, 26)}-{chance.randrange(1, 13):02d}",
        }


@dataclass(frozen=True)
class Measured:
    """One run: seconds of wall clock and processor, bytes at the peak, processes at the peak."""

    wall: float
    cpu: float
    rss: int
    pss: int
    processes: int


def measure(command: list[str]) -> Measured:
    """Run a command to its end. Raises CalledProcessError if it fails."""
    before = os.times()
    began = time.perf_counter()
    rss = pss = processes = 0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            family = [process.pid, *_children(process.pid)]
            rss = max(rss, sum(_memory(pid, "status", "VmRSS:") for pid in family))
            pss = max(pss, sum(_memory(pid, "smaps_rollup", "Pss:") for pid in family))
            processes = max(processes, len(family))
            time.sleep(0.05)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(time.perf_counter() - began, cpu, rss, pss, processes)


def _children(pid: int) -> list[int]:
    """All descendants of a process (Linux; elsewhere none)."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found + [grandchild for child in found for grandchild in _children(child)]


def _memory(pid: int, file: str, field: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--papers", type=int, default=0, help="invent so many papers")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument("--model", default="default")
    parser.add_argument("--again", action="store_true", help="build a second time on the kept extractions")
    parser.add_argument("--keep", metavar="DIR", help="leave the graph here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sources = list(options.sources)
        if options.papers:
            invented = Path(folder) / "invented.jsonl"
            with invented.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(paper) + "\n" for paper in invented_papers(options.papers))
            sources.append(str(invented))
        graph = options.keep or f"{folder}/G"
        command = [sys.executable, "-m", "kg", "build", *sources, "-o", graph]
        command += ["--jobs", str(options.jobs), "--model", options.model]
        for run in ("first", "again")[: 1 + options.again]:
            m = measure(command)
            print(
                f"{run:>6}: {m.wall:7.1f} s wall  {m.cpu:7.1f} s processor  {m.rss >> 20:6,} MiB RSS  "
                f"{m.pss >> 20:6,} MiB PSS  {m.processes} processes",
                file=sys.stderr,
            )


if __name__ == "__main__":
    main()
