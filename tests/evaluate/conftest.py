"""One annotated paper, and a way to damage records."""

from __future__ import annotations

from typing import Any

import pytest

Record = dict[str, Any]


@pytest.fixture
def gold() -> Record:
    """An annotated paper about things that do not exist."""
    return {
        "id": "1", "text": "KiteNet\nKiteNet beats OakNet by 3.1% on PondSet.",
        "entities": [
            {"name": "KiteNet", "forms": ["KiteNet"], "type": "Model", "kind": "named", "role": "introduced"},
            {"name": "OakNet", "forms": ["OakNet", "Oak Nets"], "type": "Model", "kind": "named", "role": "compared"},
            {"name": "PondSet", "forms": ["PondSet"], "type": "Dataset", "kind": "named", "role": "evaluated_on"},
        ],
        "relations": [["KiteNet", "outperforms", "OakNet"], ["KiteNet", "evaluated_on", "PondSet"]],
        "results": [{"subject": "KiteNet", "metric": None, "value": "3.1%", "dataset": "PondSet", "baseline": "OakNet",
                     "evidence": "KiteNet beats OakNet by 3.1% on PondSet"}],
        "links": ["https://a.example"],
    }  # fmt: skip


def damaged(record: Record, seed: int) -> Record:
    """A record with a part of everything left out or changed."""
    entities = [
        {**e, "type": "Task" if (i * 7 + seed) % 11 == 0 else e["type"],
         "role": "used" if (i + seed) % 5 == 0 else e["role"]}
        for i, e in enumerate(record["entities"]) if (i + seed) % 4
    ]  # fmt: skip
    relations = [
        [h, "compared_with" if r == "outperforms" and (i + seed) % 2 else r, t] if (i + seed) % 7 else [t, r, h]
        for i, (h, r, t) in enumerate(record["relations"]) if (i + seed) % 5
    ]  # fmt: skip
    results = [{**r, "metric": None if (i + seed) % 3 == 0 else r["metric"]} for i, r in enumerate(record["results"])]
    links = record["links"][: seed % 2]
    return {**record, "entities": entities, "relations": relations, "results": results, "links": links}
