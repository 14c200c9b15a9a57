"""Where our mentions and a corpus's differ: borders, labels, mentions that only one side has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kg.corpora.labels import Corpus
from kg.corpora.read import Span


def first_overlaps(ours: Sequence[Span], theirs: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Each mention with one of the same label that overlaps it, equal ones first, none twice."""
    left = set(theirs)
    rest = []
    for span in ours:
        if span in left:
            left.discard(span)
            yield span, span
        else:
            rest.append(span)
    for span in rest:
        other = next((o for o in theirs if o in left and o[2] == span[2] and overlap(o, span)), None)
        if other is not None:
            left.discard(other)
            yield span, other


def borders(text: str, ours: Span, theirs: Span) -> Iterator[str]:
    """The words that ours has more (`+`) or less (`-`), on either side."""
    for sign, a, b in (("+", ours, theirs), ("-", theirs, ours)):
        for part in (text[a[0] : b[0]] if a[0] < b[0] else "", text[b[1] : a[1]] if a[1] > b[1] else ""):
            if part.strip():
                yield f"{sign}{part.strip()}"


def verdicts(ours: Collection[Span], theirs: Collection[Span], corpus: Corpus) -> Iterator[str]:
    """One line for each mention of ours, and for each of theirs whose label we have: the first that holds.

    "ours: same" … "ours: nothing of theirs there"; of several mentions that overlap it the likest one counts.
    """
    for span in sorted(ours):
        yield f"ours: {_verdict(span, theirs, corpus, 'theirs')}"
    for span in sorted(theirs):
        if span[2] in corpus.labels:
            yield f"theirs: {_verdict(span, ours, corpus, 'ours')}"


def _verdict(span: Span, others: Collection[Span], corpus: Corpus, whose: str) -> str:
    there = [other for other in others if overlap(span, other)]
    if span in there:
        return "same"
    if any(other[2] == span[2] for other in there):
        return "same label, other borders"
    known = [other for other in there if other[2] in corpus.labels]
    if any(other[:2] == span[:2] for other in known):
        return "same borders, other label"
    if known:
        return "other borders and label"
    return "only a label without counterpart there" if there else f"nothing of {whose} there"


def overlap(a: Span, b: Span) -> bool:
    """Whether two mentions have a character in common."""
    return a[0] < b[1] and b[0] < a[1]
