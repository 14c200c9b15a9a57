"""Numbers that are outcomes, with what they are outcomes of; settings are none."""

from __future__ import annotations

from collections.abc import Callable

from kg.model import Extraction

Read = Callable[[str, str], Extraction]


def test_results(read: Read) -> None:
    """Value verbatim and parsed, metric and data set of its own clause, direction of the metric."""
    extraction = read("R", "We propose KiteNet, a model. KiteNet reaches 92.50 accuracy on PondQA, 91.5 accuracy on "
                      "LakeQA, and runs up to 3.2x faster than OakNet.")  # fmt: skip
    found = [
        (r.value, None if r.dataset is None else extraction.entities[r.dataset].name, r.mode, r.low, r.high)
        for r in extraction.results
    ]
    assert found[:2] == [("92.50", "PondQA", "absolute", 92.5, 92.5), ("91.5", "LakeQA", "absolute", 91.5, 91.5)]
    assert found[2][0] == "up to 3.2x"
    assert found[2][2:] == ("ratio", None, 3.2)
    first = extraction.results[0]
    assert first.metric is not None
    assert extraction.entities[first.metric].name == "accuracy"
    assert first.higher_is_better is True
    assert first.subject is not None
    assert extraction.entities[first.subject].name == "KiteNet"


def test_settings_are_no_results(read: Read) -> None:
    """Sizes, learning rates and counts say what was done, not how it went."""
    extraction = read(
        "S", "We train KiteNet with 7B parameters on 12 datasets for 3 epochs with a learning rate of 0.001."
    )
    assert [r.value for r in extraction.results if r.value != "0.001"] == []
