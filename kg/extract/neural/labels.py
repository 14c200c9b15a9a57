"""What the trained model can say: types, tags, kinds, roles and predicates, in the order of its output columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TYPES = ("Method", "Model", "Dataset", "Metric", "Task")
TAGS = ("O", *(f"{prefix}-{type_}" for type_ in TYPES for prefix in "BI"))
KINDS = ("named", "class")
ROLES = ("introduced", "evaluated_on", "trained_on", "measured", "addressed", "compared", "used", "mentioned")
SLOTS = ("subject", "metric", "dataset", "baseline")

_DOER = ("Method", "Model")
SIGNATURES: dict[str, tuple[tuple[str, str], ...]] = {
    "used_for": tuple((h, "Task") for h in _DOER),
    "applied_to": (("Method", "Model"),),
    "based_on": tuple((h, t) for h in _DOER for t in _DOER),
    "part_of": tuple((h, t) for h in (*_DOER, "Dataset") for t in (*_DOER, "Dataset")),
    "subclass_of": tuple((t, t) for t in TYPES),
    "trained_on": tuple((h, "Dataset") for h in _DOER),
    "evaluated_on": tuple((h, "Dataset") for h in _DOER),
    "measured_by": tuple((h, "Metric") for h in _DOER),
    "compared_with": tuple((h, t) for h in _DOER for t in _DOER),
    "outperforms": tuple((h, t) for h in _DOER for t in _DOER),
    "benchmark_for": (("Dataset", "Task"),),
    "subtask_of": (("Task", "Task"),),
}
"""The types that each predicate may join, head first."""

PREDICATES = tuple(SIGNATURES)

ROLES_OF: dict[str, tuple[str, ...]] = {
    "Method": ("introduced", "compared", "used", "mentioned"),
    "Model": ("introduced", "compared", "used", "mentioned"),
    "Dataset": ("introduced", "evaluated_on", "trained_on", "mentioned"),
    "Metric": ("introduced", "measured", "mentioned"),
    "Task": ("introduced", "addressed", "mentioned"),
}

SLOT_TYPES: dict[str, tuple[str, ...]] = {
    "subject": TYPES,
    "metric": ("Metric",),
    "dataset": ("Dataset", "Task"),
    "baseline": ("Method", "Model"),
}


def predicate_mask() -> NDArray[np.bool_]:
    """`[head type, tail type, predicate]`: which predicates may join which types."""
    mask = np.zeros((len(TYPES), len(TYPES), len(PREDICATES)), dtype=np.bool_)
    for column, pairs in enumerate(SIGNATURES.values()):
        for head, tail in pairs:
            mask[TYPES.index(head), TYPES.index(tail), column] = True
    return mask


def role_mask() -> NDArray[np.bool_]:
    """`[type, role]`: which roles a type may have."""
    return np.array([[role in ROLES_OF[type_] for role in ROLES] for type_ in TYPES], dtype=np.bool_)


def slot_mask() -> NDArray[np.bool_]:
    """`[type, slot]`: which slots of a result a type may fill."""
    return np.array([[type_ in SLOT_TYPES[slot] for slot in SLOTS] for type_ in TYPES], dtype=np.bool_)
