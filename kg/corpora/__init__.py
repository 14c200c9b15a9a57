"""Public annotated corpora beside our own: read, our labels mapped to theirs, measured as their papers measure.

    passages = list(read_corpus(Path("scier/test.jsonl"), SCIER))
    figures = measure(passages, SCIER, nlp)

Nothing is trained on them: their guidelines differ from ours, so the figures say how far two views of the same texts
agree, and where a published system had thousands of sentences of the corpus to learn from.
"""

from kg.corpora.labels import CORPORA, SCIER, SCIERC, TDMSCI, Corpus, label_rows
from kg.corpora.measure import Count, Figures, measure
from kg.corpora.read import Passage, read_corpus

__all__ = [
    "CORPORA",
    "SCIER",
    "SCIERC",
    "TDMSCI",
    "Corpus",
    "Count",
    "Figures",
    "Passage",
    "label_rows",
    "measure",
    "read_corpus",
]
