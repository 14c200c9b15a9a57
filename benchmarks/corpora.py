"""Our extraction beside published figures on public corpora: SciER, SciERC, TDMSci.

    python benchmarks/corpora.py DIR                       DIR holds scier/test.jsonl, scierc/test.jsonl …
    python benchmarks/corpora.py DIR --model fast --split dev
    python benchmarks/corpora.py DIR --differences 10      also where our mentions and theirs differ
    python benchmarks/corpora.py --labels                  our types and relations in the words of each corpus

The published systems were trained on the corpus, ours on none of it, and its guidelines differ from ours: strict
figures say how far two views of the same texts agree. `kg.corpora.read` tells the format, `kg.corpora.measure` what is
counted. Nothing is tuned here. Where a corpus lacks the split its `dev` is taken, and the table says so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kg.cli.common import progress, table
from kg.corpora import CORPORA, Corpus, Count, Figures, label_rows, measure, read_corpus
from kg.errors import KgError, SourceError, UsageError
from kg.extract import load_pipeline

HEADERS = ("corpus", "", "P", "R", "F1", "in the corpus", "published F1")
NOTE = """\
strict: same characters and same label, micro average. Rel: label and characters of both ends; Rel+: the ends' labels
too. by names: whichever mentions of the two things a passage relates. The published systems were trained on the corpus
that they are measured on; kg was trained on none of them."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", metavar="DIR")
    parser.add_argument("--model", default="default", help="default, fast, rules or a directory")
    parser.add_argument("--split", default="test")
    parser.add_argument("--labels", action="store_true", help="print the mapping of labels, measure nothing")
    parser.add_argument(
        "--differences", type=int, default=0, metavar="N", help="what differs, with N border differences"
    )
    args = parser.parse_args(arguments)
    if args.labels:
        rows = [row for corpus in CORPORA.values() for row in label_rows(corpus)]
        print(table(rows, ("corpus", "label", "ours (^: the other way round)")))
        return 0
    if args.folder is None:
        parser.error("DIR is needed")
    try:
        compare(args.folder, args.model, args.split, args.differences)
    except KgError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def compare(folder: Path, model: str, split: str, differences: int) -> None:
    """Measure every corpus that is there and print one table. Raises KgError."""
    files = {name: path for name in CORPORA if (path := file_of(folder / name, split)) is not None}
    if not files:
        raise UsageError(f"{folder}: holds none of {', '.join(f'{name}/{split}.jsonl' for name in CORPORA)}")
    for name in (name for name in CORPORA if name not in files):
        print(f"left out: {SourceError(str(folder / name / f'{split}.jsonl'), 'not there')}", file=sys.stderr)
    nlp = load_pipeline(model)
    rows: list[tuple[object, ...]] = []
    notes: list[str] = []
    for name, path in files.items():
        corpus = CORPORA[name]
        passages = list(read_corpus(path, corpus))
        with progress(corpus.name, len(passages)) as advance:
            figures = measure(passages, corpus, nlp, advance)
        rows += [(f"{corpus.name} {path.stem}", *row) for row in rows_of(corpus, figures)]
        if differences:
            notes += ["", *differences_of(corpus, figures, differences)]
    print(table(rows, HEADERS))
    print("\n".join(["", f"model: {model}", NOTE, *notes]))


def file_of(folder: Path, split: str) -> Path | None:
    """The file of that split, else of `dev`."""
    return next((path for stem in (split, "dev") if (path := folder / f"{stem}.jsonl").exists()), None)


def rows_of(corpus: Corpus, figures: Figures) -> Iterator[tuple[object, ...]]:
    """One row for each figure of a corpus."""
    published = {what: ", ".join(f"{f1} ({who})" for who, f1 in known) for what, known in corpus.published.items()}

    def row(what: str, counted: Count, known: str = "") -> tuple[object, ...]:
        return what, *(f"{value:>5.1f}" for value in counted.row()), counted.wanted, published.get(known, "")

    if corpus.without:
        yield row("entities, strict, labels that we have", figures.strict)
    yield row("entities, strict", figures.all_labels, "entities")
    yield row("entities, overlapping", figures.overlapping)
    for label, counted in figures.labels.items():
        yield row(f"  {label}, strict", counted)
    if corpus.relations:
        yield row("relations, Rel", figures.relations)
        yield row("relations, Rel+", figures.relations_typed, "relations")
        if figures.relations_sayable.wanted < figures.relations_typed.wanted:
            yield row("relations, Rel+, labels that we have", figures.relations_sayable)
        yield row("relations, by names", figures.relations_named)
        for label, counted in figures.relation_labels.items():
            yield row(f"  {label}, Rel+", counted)


def differences_of(corpus: Corpus, figures: Figures, most: int) -> Iterator[str]:
    """What became of mentions, and the commonest differences at borders."""
    for whose in ("ours", "theirs"):
        counts = {what: n for what, n in figures.verdicts.most_common() if what.startswith(f"{whose}: ")}
        for what, n in counts.items():
            yield f"{corpus.name}, {what}: {n:,} ({100 * n / sum(counts.values()):.0f} %)"
    for part, n in sorted(figures.borders.items(), key=lambda item: (-item[1], item[0]))[:most]:
        yield f"{corpus.name}, border: {n} × {part}"


if __name__ == "__main__":
    sys.exit(main())
