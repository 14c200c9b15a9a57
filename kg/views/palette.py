"""Colours and shapes by node type. The colours are those of Okabe and Ito (Color Universal Design, 2008), which people
with any kind of colour vision can tell apart; the shape says the same once more."""

from __future__ import annotations

from dataclasses import dataclass

from kg.vocab import AUTHOR, DATASET, METHOD, METRIC, MODEL, PAPER, REPOSITORY, RESULT, TASK, VENUE


@dataclass(frozen=True, slots=True)
class Look:
    """How nodes of one type look: fill and border colour, vis-network's name of the shape."""

    fill: str
    border: str
    shape: str
    plural: str


LOOKS: dict[str, Look] = {
    METHOD: Look("#E69F00", "#9C6B00", "dot", "methods"),
    MODEL: Look("#0072B2", "#004B76", "square", "models"),
    DATASET: Look("#009E73", "#006A4D", "diamond", "data sets"),
    METRIC: Look("#CC79A7", "#8F4A70", "triangle", "metrics"),
    TASK: Look("#D55E00", "#8F3F00", "hexagon", "tasks"),
    RESULT: Look("#F0E442", "#A39A1A", "star", "results"),
    PAPER: Look("#8A94A0", "#5B646E", "triangleDown", "papers"),
    AUTHOR: Look("#56B4E9", "#2C7FB0", "dot", "authors"),
    VENUE: Look("#2B2B2B", "#000000", "square", "venues"),
    REPOSITORY: Look("#B9A78C", "#7D6C51", "hexagon", "repositories"),
}
EDGE, EDGE_DENIED, EDGE_FAINT = "#8D99A8", "#B3261E", "#CBD2DA"
