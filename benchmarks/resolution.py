"""How well names in texts are told apart and put together: extraction and resolution judged together.

    python benchmarks/resolution.py
    python benchmarks/resolution.py --model fast

The tables are those of `tests/resolve`: tuned with, and held (see `tests/resolve/test_stand.py`). B-cubed: Bagga and
Baldwin 1998, "Algorithms for Scoring Coreference Chains".
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kg.cli.common import table
from kg.extract import load_pipeline
from kg.extract.lexicon import Lexicon
from tests.resolve.stand import clusters_of, cubed, judge, pairs_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    args = parser.parse_args()
    nlp, lexicon = load_pipeline(args.model), Lexicon.load()
    rows: list[list[object]] = []
    for name, prefix in (("tuned", ""), ("held", "held_")):
        verdicts = Counter(judge(nlp, lexicon, pairs_of(f"{prefix}pairs.csv")))
        for wanted in ("same", "different", "variant"):
            of = {got: count for (gold, got), count in verdicts.items() if gold == wanted}
            told = [of.get(got, 0) for got in ("same", "different", "variant", "missed")]
            rows.append([name, wanted, sum(told), *told, f"{of.get(wanted, 0) / max(sum(told) - told[3], 1):.3f}"])
    print(table(rows, ["pairs", "are", "of", "same", "different", "variant", "a name missed", "right of those found"]))
    for name, prefix in (("tuned", ""), ("held", "held_")):
        clusters = clusters_of(f"{prefix}clusters.csv")
        f1, wrong = cubed(nlp, lexicon, clusters)
        forms = sum(len(forms) for _, forms in clusters)
        print(f"\n{name}: {len(clusters)} clusters, {forms} forms, B-cubed F1 {f1:.3f}")
        for row in wrong:
            print(f"  wrong: {' ; '.join(row)}")


if __name__ == "__main__":
    main()
