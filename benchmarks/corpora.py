"""Our extraction beside published figures on public corpora: SciER, SciERC, TDMSci.

    python benchmarks/corpora.py DIR                       DIR holds scier/test.jsonl, scierc/test.jsonl …
    python benchmarks/corpora.py DIR --model fast --split dev --borders 10

The published systems were trained on the corpus, ours on none of it, and its guidelines differ from ours: strict
figures say how far two views of the same texts agree. `kg.corpora.read` tells the format. Nothing is tuned here. Where
a corpus lacks the split its `dev` is taken.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kg.cli.common import progress, table
from kg.corpora import CORPORA, measure, read_corpus
from kg.errors import SourceError
from kg.extract import load_pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--split", default="test")
    parser.add_argument("--borders", type=int, default=0, metavar="N", help="the N commonest differences at borders")
    args = parser.parse_args()
    nlp = load_pipeline(args.model)
    rows: list[list[object]] = []
    notes: list[str] = []
    for name, corpus in CORPORA.items():
        try:
            path = args.folder / name / f"{args.split}.jsonl"
            path = path if path.exists() else path.with_stem("dev")
            passages = list(read_corpus(path))
        except SourceError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        with progress(corpus.name, len(passages)) as advance:
            figures = measure(passages, corpus, nlp, advance)

        def row(
            what: str, counted: tuple[float, float, float], published: str, name: str = f"{corpus.name} {path.stem}"
        ) -> list[object]:
            return [name, what, *(f"{value:.1f}" for value in counted), published]

        known = {key: ", ".join(f"{f1} ({who})" for who, f1 in value) for key, value in corpus.published.items()}
        rows.append(row("entities, strict", figures.strict.row(), ""))
        rows.append(row("the same, all labels of the corpus", figures.all_labels.row(), known.get("entities", "")))
        rows.append(row("entities, overlapping", figures.overlapping.row(), ""))
        rows += [row(f"  {label}, strict", counted.row(), "") for label, counted in figures.labels.items()]
        if corpus.relations:
            rows.append(row("relations, both ends strict", figures.relations.row(), known.get("relations", "")))
        notes += [f"{corpus.name}: {n} × {part}" for part, n in figures.borders.most_common(args.borders)]
    print(table(rows, ["corpus", "", "P", "R", "F1", "published F1"]))
    print("\n".join(notes))


if __name__ == "__main__":
    main()
