"""The learned decisions: their arithmetic, their files, and that they can be fitted again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg.errors import ModelError
from kg.extract.decision import Decider, read_decider, write_decider
from kg.extract.lexicon import Lexicon
from kg.extract.priors import count_priors, form_key, read_priors, write_priors

RECORDS: list[dict[str, Any]] = [
    {
        "id": str(n),
        "text": f"{name}: A Kite Model\nWe propose {name}, a model. {name} beats OakNet on PondSet in accuracy.",
        "entities": [
            {"name": name, "forms": [name], "type": "Model", "kind": "named", "role": "introduced"},
            {"name": "OakNet", "forms": ["OakNet"], "type": "Model", "kind": "named", "role": "compared"},
            {"name": "PondSet", "forms": ["PondSet"], "type": "Dataset", "kind": "named", "role": "evaluated_on"},
            {"name": "accuracy", "forms": ["accuracy"], "type": "Metric", "kind": "class", "role": "measured"},
        ],
        "relations": [[name, "outperforms", "OakNet"], [name, "evaluated_on", "PondSet"]], "results": [], "links": [],
    }
    for n, name in enumerate(["KiteNet", "GateNet", "PineNet", "LeafNet", "ConeNet", "MossNet", "ReedNet", "FernNet"])
]  # fmt: skip


def test_probabilities() -> None:
    """Softmax of summed weights; unknown features count nothing; many at once give the same."""
    decider = Decider(("no", "yes"), ("a", "b"), np.array([[0.0, 1.0], [2.0, 0.0]]))
    assert decider.probabilities(["a", "zzz"]) == pytest.approx([0.2689, 0.7311], abs=1e-4)
    assert decider.probabilities([], [("b", 0.5)]) == pytest.approx([0.7311, 0.2689], abs=1e-4)
    assert decider.many([["a"], [], ["b", "a"]]).tolist() == [
        pytest.approx(decider.probabilities(f)) for f in (["a"], [], ["b", "a"])
    ]
    assert decider.many([]).shape == (0, 2)


def test_files(tmp_path: Path) -> None:
    """Written weights are read back, the same weights give the same bytes, a wrong file is an error that names it."""
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    weights = {"b": [2.0, 0.0], "a": [0.0, 1.0]}
    write_decider(one, ("no", "yes"), weights)
    write_decider(two, ("no", "yes"), dict(reversed(list(weights.items()))))
    assert one.read_bytes() == two.read_bytes()
    assert read_decider(one).probabilities(["a"])[1] == pytest.approx(0.7311, abs=1e-4)
    two.write_bytes(b"no weights")
    read_decider.cache_clear()
    with pytest.raises(ModelError, match=r"two\.npz"):
        read_decider(two)


def test_counts(tmp_path: Path) -> None:
    """Forms are counted by paper and type, spellings together, and come back from the file."""
    priors = count_priors(RECORDS)
    assert priors.forms[form_key("Oak-Nets")] == (8, 0, 8, 0, 0, 0)
    write_priors(priors, tmp_path / "priors.json.gz")
    assert read_priors(tmp_path / "priors.json.gz") == priors


def test_fitting_again(tmp_path: Path) -> None:
    """The shipped weights can be fitted from records; on these the decisions learn what they were shown."""
    decisions = pytest.importorskip("kg.train.decisions", reason="fitting needs the train extra", exc_type=ImportError)
    fitter = decisions.Fitter(RECORDS, Lexicon.load(), progress=lambda *_: None)
    fitter.write(tmp_path)
    rules = read_decider(tmp_path / "rules.npz")
    candidates = {c.key: rules.probabilities(c.features) for c in fitter.candidates(RECORDS[0])}
    assert np.argmax(candidates["kitenet"]) == rules.classes.index("Model")
    assert np.argmax(candidates["pondset"]) == rules.classes.index("Dataset")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "kinds.npz", "priors.json.gz", "relations.npz", "roles.npz", "rules.npz", "same.npz",
    ]  # fmt: skip
