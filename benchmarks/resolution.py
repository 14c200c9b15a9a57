"""How well names in texts are told apart and put together: extraction and resolution judged together.

    python benchmarks/resolution.py
    python benchmarks/resolution.py --model fast
    python benchmarks/resolution.py --tables

The texts are those of `tests/resolve/texts`. What extraction misses counts as wrong. B-cubed: Bagga and Baldwin 1998,
"Algorithms for Scoring Coreference Chains" (see `tests/resolve/cubed.py`). Mistakes are shown for the tuned half only,
so that nobody tunes with the other by accident. `--tables` measures the tables of names as well, each name in one of a
few frames (`tests/resolve/stand.py`).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from spacy.language import Language

from kg.cli.common import table
from kg.extract import extract_text, load_pipeline
from kg.extract.lexicon import Lexicon
from kg.model import Paper
from tests.resolve.judging import MISSED, Half, Verdict
from tests.resolve.stand import clusters_of, cubed, judge, pairs_of
from tests.resolve.texts import APART, DIFFERENT, HELD, SAME, TUNED, VARIANT, read_groups

KINDS = {
    "same": (SAME,),
    "not the same": (DIFFERENT, APART),
    "variant of": (VARIANT,),
    "all": (SAME, DIFFERENT, APART, VARIANT),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    parser.add_argument("--tables", action="store_true", help="also the tables of names in frames")
    args = parser.parse_args()
    nlp, lexicon = load_pipeline(args.model), Lexicon.load()
    groups = read_groups()
    papers = [Paper(id, "", text) for group in groups for id, text in group.texts.items()]
    records = {paper.id: (paper, extract_text(nlp, paper)) for paper in papers}
    halves = {name: Half((g for g in groups if g.half == name), records, lexicon) for name in (TUNED, HELD)}
    show_pairs(halves)
    show_clusters(halves)
    print("\nmistakes in the tuned half:")
    for line in halves[TUNED].mistakes():
        print(f"  {line}")
    if args.tables:
        show_tables(nlp, lexicon)


def show_pairs(halves: dict[str, Half]) -> None:
    """Accuracy by relation, in the graph of all texts and in that of the pair's texts alone."""
    rows: list[list[object]] = []
    for name, half in halves.items():
        together, alone = half.verdicts(), half.verdicts_alone()
        for kind, relations in KINDS.items():
            some = [v for v in together if v.pair.relation in relations]
            found = [v for v in some if v.found != MISSED]
            single = [v for v in alone if v.pair.relation in relations]
            shares = [f"{accuracy(verdicts):.3f}" for verdicts in (some, found, single)]
            rows.append([name, kind, len(some), len(some) - len(found), *shares])
    print(table(rows, ["half", "are", "pairs", "a name missed", "right", "right of found", "right, two texts alone"]))


def accuracy(verdicts: Sequence[Verdict]) -> float:
    """The share that is right."""
    return sum(verdict.right for verdict in verdicts) / len(verdicts)


def show_clusters(halves: dict[str, Half]) -> None:
    """B-cubed of all names, of those that extraction finds, and of those that the lexicon does not know."""
    rows: list[list[object]] = []
    for name, half in halves.items():
        gold, found = half.clusters()
        for what, ids in (("all", list(gold)), ("found", list(found)), ("not in the lexicon", half.unknown())):
            sizes = Counter(gold[id] for id in ids)
            several = sum(size > 1 for size in sizes.values())
            every = half.agreement(ids)
            shares = [f"{x:.3f}" for x in (every.precision, every.recall, every.f1)]
            rows.append([name, what, len(ids), len(set(ids) - set(found)), len(sizes), several, *shares])
    head = ["half", "names", "count", "missed", "things", "named twice or more", "precision", "recall", "F1"]
    print(f"\n{table(rows, head)}")


def show_tables(nlp: Language, lexicon: Lexicon) -> None:
    """The same for the tables of names, each in a frame."""
    rows: list[list[object]] = []
    for name, prefix in ((TUNED, ""), (HELD, "held_")):
        verdicts = Counter(judge(nlp, lexicon, pairs_of(f"{prefix}pairs.csv")))
        right = sum(count for (gold, got), count in verdicts.items() if gold == got)
        missed = sum(count for (_, got), count in verdicts.items() if got == MISSED)
        every = sum(verdicts.values())
        f1, _ = cubed(nlp, lexicon, clusters_of(f"{prefix}clusters.csv"))
        rows.append([name, every, missed, f"{right / every:.3f}", f"{right / (every - missed):.3f}", f"{f1:.3f}"])
    print(f"\n{table(rows, ['table', 'pairs', 'a name missed', 'right', 'right of found', 'B-cubed F1'])}")


if __name__ == "__main__":
    main()
