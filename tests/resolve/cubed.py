"""B-cubed precision and recall: how well a clustering agrees with the true one.

A. Bagga and B. Baldwin, "Algorithms for Scoring Coreference Chains", LREC workshop on linguistic coreference, 1998.
For items that the system does not have at all, the variant that Veselin Stoyanov et al. call B3-0 ("Conundrums in Noun
Phrase Coreference Resolution", ACL 2009): their recall is 0, and precision is asked of the others only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Precision and recall, each between 0 and 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean; 0 if both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def b_cubed(gold: Mapping[str, Hashable], found: Mapping[str, Hashable]) -> Agreement:
    """The agreement of `found` with `gold`, both item → cluster; items that `found` lacks are missed.

    Each item counts once: precision is the share of its found cluster that belongs to its true one, recall the share
    of its true cluster that is in its found one.
    """
    kept = [item for item in gold if item in found]
    both = Counter((gold[item], found[item]) for item in kept)
    true, ours = Counter(gold.values()), Counter(found[item] for item in kept)
    precision = sum(both[gold[item], found[item]] / ours[found[item]] for item in kept)
    recall = sum(both[gold[item], found[item]] / true[gold[item]] for item in kept)
    return Agreement(precision / len(kept) if kept else 0.0, recall / len(gold))
