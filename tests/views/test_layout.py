"""Layouts are deterministic, and no label covers another."""

from __future__ import annotations

import random

import pytest

from kg.views.layout import positions

GRAPHS = {
    "nothing": (0, []),
    "one": (1, []),
    "a self loop": (1, [(0, 0)]),
    "two": (2, [(0, 1)]),
    "two, both ways": (2, [(0, 1), (1, 0)]),
    "strangers": (60, []),
    "a star": (80, [(0, i) for i in range(1, 80)]),
    "a chain": (50, [(i, i + 1) for i in range(49)]),
    "pairs": (40, [(i, i + 1) for i in range(0, 40, 2)]),
    "a clique": (20, [(i, j) for i in range(20) for j in range(i)]),
    "a tangle": (150, [tuple(random.Random(i).sample(range(150), 2)) for i in range(500)]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_places_are_the_same_each_time_apart_and_centred(name: str) -> None:
    count, edges = GRAPHS[name]
    boxes = [(40.0 + 7 * (i % 9), 45.0) for i in range(count)]
    places = positions(boxes, edges)
    assert places == positions(boxes, edges)
    assert len(places) == count
    covered = [
        (i, j)
        for i in range(count)
        for j in range(i)
        if abs(places[i][0] - places[j][0]) < (boxes[i][0] + boxes[j][0]) / 2 - 3
        and abs(places[i][1] - places[j][1]) < (boxes[i][1] + boxes[j][1]) / 2 - 3
    ]
    assert covered == []
    if count:
        for axis in (0, 1):
            values = [place[axis] for place in places]
            assert abs(min(values) + max(values)) <= 2
