"""Our types and relations in the words of each corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.vocab import DATASET, METHOD, METRIC, MODEL, TASK


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus: where it is from, its label of each of our types, and of each of our relations.

    A type without a label is not counted. A relation's label with `^` in front is said the other way round. Relations
    of `symmetric` have no direction. `published`: figures of systems that were trained on the corpus, strict micro F1.
    """

    name: str
    source: str
    types: Mapping[str, str]
    relations: Mapping[str, str]
    symmetric: frozenset[str]
    published: Mapping[str, tuple[tuple[str, float], ...]]


SCIER = Corpus(
    "SciER",
    "Zhang et al. 2024, SciER: An Entity and Relation Extraction Dataset for Datasets, Methods, and Tasks",
    {METHOD: "Method", MODEL: "Method", DATASET: "Dataset", TASK: "Task"},
    {
        "usedFor": "Used-For", "appliedTo": "Used-For", "basedOn": "^Used-For", "partOf": "Part-Of",
        "subclassOf": "SubClass-Of", "subtaskOf": "SubTask-Of", "trainedOn": "Trained-With",
        "evaluatedOn": "Evaluated-With", "comparedWith": "Compare-With", "outperforms": "Compare-With",
        "benchmarkFor": "Benchmark-For",
    },
    frozenset({"Compare-With", "Synonym-Of"}),
    {"entities": (("HGERE, SciBERT", 86.9),), "relations": (("HGERE, SciBERT", 62.3),)},
)  # fmt: skip
SCIERC = Corpus(
    "SciERC",
    "Luan et al. 2018, Multi-Task Identification of Entities, Relations, and Coreference for Scientific Knowledge "
    "Graph Construction",
    {METHOD: "Method", MODEL: "Method", DATASET: "Material", TASK: "Task", METRIC: "Metric"},
    {
        "usedFor": "USED-FOR", "appliedTo": "USED-FOR", "basedOn": "^USED-FOR", "partOf": "PART-OF",
        "subclassOf": "HYPONYM-OF", "subtaskOf": "HYPONYM-OF", "trainedOn": "^USED-FOR", "evaluatedOn": "^EVALUATE-FOR",
        "measuredBy": "^EVALUATE-FOR", "comparedWith": "COMPARE", "outperforms": "COMPARE",
        "benchmarkFor": "EVALUATE-FOR",
    },
    frozenset({"COMPARE", "CONJUNCTION"}),
    {"entities": (("best, a transformer", 74.9), ("PL-Marker", 69.9), ("best without a transformer", 64.2))},
)  # fmt: skip
TDMSCI = Corpus(
    "TDMSci",
    "Hou et al. 2021, TDMSci: A Specialized Corpus for Scientific Literature Entity Tagging of Tasks Datasets and "
    "Metrics",
    {TASK: "TASK", DATASET: "DATASET", METRIC: "METRIC"},
    {},
    frozenset(),
    {"entities": (("Flair, no transformer", 62.1),)},
)
CORPORA = {corpus.name.lower(): corpus for corpus in (SCIER, SCIERC, TDMSCI)}
