"""Knowledge graphs of machine-learning research, built from paper abstracts.

>>> import kg
>>> "build" in dir(kg)
True

Importing the package does no work: each verb loads what it needs when it is first used. The verbs whose names are
also those of a room stay in it: `kg.pipeline.extract`, `kg.export.export`, `kg.evaluate.evaluate` and
`kg.validate.validate`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.graph import load
    from kg.pipeline import build
    from kg.query.search import search
    from kg.query.show import show
    from kg.query.stats import stats
    from kg.views import view

__version__ = "0.1.0"

_VERBS = {
    "build": "kg.pipeline",
    "load": "kg.graph",
    "search": "kg.query.search",
    "show": "kg.query.show",
    "stats": "kg.query.stats",
    "view": "kg.views",
}

__all__ = [
    "__version__",
    "build",
    "load",
    "search",
    "show",
    "stats",
    "view",
]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_VERBS})
