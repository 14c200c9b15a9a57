"""How near extracted records come to gold ones: precision, recall and F1 as the annotation's own scorer counts them.

    gold, predicted = read_records("gold.jsonl", annotated=True), read_records("predicted.jsonl")
    scores = score(gold, predicted)
    scores.rows()["relations"]

All figures are micro averages over the gold papers; a gold paper without a prediction counts as empty, a predicted
paper that gold lacks is passed over. `kg.evaluate.report` adds what a run is to be read with: bootstrap intervals, the
errors most often made, calibration; `kg.evaluate.given` lets the pipeline work on gold entities.
"""

from __future__ import annotations

from kg.evaluate.matching import match_entities, norm, number_key
from kg.evaluate.records import Record, paper_of, read_records, with_confidence
from kg.evaluate.scores import Scores, Tally, score

__all__ = [
    "Record", "Scores", "Tally", "match_entities", "norm", "number_key", "paper_of", "read_records", "score",
    "with_confidence",
]  # fmt: skip
