"""Our types and relations in the words of each corpus, and which of its labels we have no word for.

`label_rows` gives the whole mapping as a table; `benchmarks/corpora.py --labels` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kg.vocab import DATASET, METHOD, METRIC, MODEL, TASK


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus: where it is from, its label of each of our types, and of each of our relations.

    A type or relation without a label is not counted. A label with `^` in front says our relation the other way round.
    `synonym` is the label between two names of one thing, which we join to one entity: "" where there is none.
    Relations of `symmetric` have no direction. `without` are the labels of entities, `without_relations` those of
    relations that nothing of ours answers to, and why. `published`: figures of systems that were trained on the corpus,
    strict micro F1.
    """

    name: str
    source: str
    types: Mapping[str, str]
    relations: Mapping[str, str]
    symmetric: frozenset[str]
    published: Mapping[str, tuple[tuple[str, float], ...]]
    synonym: str = ""
    without: Mapping[str, str] = field(default_factory=dict)
    without_relations: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> frozenset[str]:
        """The labels of entities that one of our types has."""
        return frozenset(self.types.values())

    @property
    def relation_labels(self) -> frozenset[str]:
        """The labels of relations that we can say."""
        synonym = {self.synonym} if self.synonym else set()
        return frozenset(label.removeprefix("^") for label in self.relations.values()) | synonym


def label_rows(corpus: Corpus) -> Iterator[tuple[str, str, str]]:
    """Corpus, its label, what of ours it is set beside: `^` in front of a relation that we say the other way round."""
    for label in sorted(corpus.labels):
        yield corpus.name, label, ", ".join(type_ for type_, theirs in corpus.types.items() if theirs == label)
    for label, reason in corpus.without.items():
        yield corpus.name, label, f"none: {reason}"
    for label in sorted(corpus.relation_labels):
        ours = [name for name, theirs in corpus.relations.items() if theirs == label]
        ours += [f"^{name}" for name, theirs in corpus.relations.items() if theirs == f"^{label}"]
        ours += ["two names of one entity"] if label == corpus.synonym else []
        yield corpus.name, label, ", ".join(ours)
    for label, reason in corpus.without_relations.items():
        yield corpus.name, label, f"none: {reason}"


# Where our relation has no word of its own in a corpus, the label is the one that the corpus's training part gives most
# often to pairs of which the pipeline says it: in SciER a method is part of the model that it is applied to, and what a
# thing is based on is part of it.
SCIER = Corpus(
    "SciER",
    "Zhang et al. 2024, SciER: An Entity and Relation Extraction Dataset for Datasets, Methods, and Tasks",
    {METHOD: "Method", MODEL: "Method", DATASET: "Dataset", TASK: "Task"},
    {
        "usedFor": "Used-For", "appliedTo": "Part-Of", "basedOn": "^Part-Of", "partOf": "Part-Of",
        "subclassOf": "SubClass-Of", "subtaskOf": "SubTask-Of", "trainedOn": "Trained-With",
        "evaluatedOn": "Evaluated-With", "comparedWith": "Compare-With", "outperforms": "Compare-With",
        "benchmarkFor": "Benchmark-For",
    },
    frozenset({"Compare-With", "Synonym-Of"}),
    {"entities": (("HGERE, SciBERT", 86.9),), "relations": (("HGERE, SciBERT", 62.3),)},
    synonym="Synonym-Of",
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
    without={
        "OtherScientificTerm": "terms that are none of our five types",
        "Generic": "words that stand for a thing named elsewhere (\"the method\")",
    },
    without_relations={
        "CONJUNCTION": "two things named side by side",
        "FEATURE-OF": "a property or a domain of something",
    },
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
