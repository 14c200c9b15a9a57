"""Where nodes stand on a page: a force-directed layout without chance, so that the same part gives the same page.

Forces after ForceAtlas2 (Jacomy, Venturini, Heymann, Bastian: ForceAtlas2, PLoS ONE 9(6), 2014) in its
"LinLog" variant: repulsion by degree, so that hubs get room, attraction by the logarithm of the length, gravity towards
the middle. Then labels are pushed apart and the connected components packed. All pairs are computed: meant for up to
about a thousand nodes.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Indices = NDArray[np.intp]
Box = tuple[float, float]

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_ASPECT = 1.5  # screens are wider than high
_GAP = 70.0  # pixels between components


def positions(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """For each node, given by width and height of its mark with its label in pixels, its centre in whole pixels.

    `edges` are pairs of indices into `boxes`. The whole is centred on (0, 0). Deterministic.
    """
    placed: list[tuple[list[int], Points]] = []
    for members in _components(len(boxes), edges):
        index = {node: i for i, node in enumerate(members)}
        links = sorted({(min(index[a], index[b]), max(index[a], index[b])) for a, b in edges if a in index and a != b})
        sizes = np.array([boxes[node] for node in members], dtype=float)
        placed.append((members, _apart(_forces(len(members), links, sizes), sizes)))
    return _packed(placed, boxes)


def _components(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Connected components as sorted lists, the largest first."""
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        near[a].add(b)
        near[b].add(a)
    seen: set[int] = set()
    found = []
    for start in range(count):
        if start not in seen:
            found.append(sorted(_reached(start, near)))
            seen.update(found[-1])
    return sorted(found, key=lambda members: (-len(members), members[0]))


def _reached(start: int, near: dict[int, set[int]]) -> list[int]:
    """What can be reached from `start`, breadth first."""
    order, waiting, seen = [], deque([start]), {start}
    while waiting:
        node = waiting.popleft()
        order.append(node)
        for other in sorted(near[node] - seen):
            seen.add(other)
            waiting.append(other)
    return order


def _forces(count: int, links: Sequence[tuple[int, int]], sizes: Points) -> Points:
    """Positions of one component in pixels, before labels are pushed apart."""
    if count == 1:
        return np.zeros((1, 2))
    ends = np.array(links, dtype=np.intp).reshape(-1, 2)
    degree = np.bincount(ends.ravel(), minlength=count).astype(float)
    place = _spiral(count, ends, degree)
    mass = degree + 1.0
    pairs = mass[:, None] * mass[None, :] * 0.6
    rounds = 400 if count <= 400 else 200
    for step in range(rounds):
        x, y = place[:, 0], place[:, 1]
        near = pairs / ((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 + 0.01)
        total = near.sum(axis=1)
        # einsum adds in one order on every number of threads, which a matrix product need not
        force = np.stack([v * total - np.einsum("ij,j->i", near, v) for v in (x, y)], axis=1)
        along = place[ends[:, 1]] - place[ends[:, 0]]
        far = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
        along *= np.log1p(far) / far * 3  # by the logarithm: clusters stay apart
        np.add.at(force, ends[:, 0], along)
        np.add.at(force, ends[:, 1], -along)
        force -= place * mass[:, None] * 0.1  # gravity that grows with the distance: no long tails
        length = np.maximum(np.hypot(force[:, 0], force[:, 1]), 1e-9)[:, None]
        heat = 0.6 * math.sqrt(count) * (1 - step / rounds) ** 1.5 + 0.01
        place = place + force / length * np.minimum(length / mass[:, None], heat)
        place -= place.mean(axis=0)
    reach = np.median(np.linalg.norm(place[ends[:, 1]] - place[ends[:, 0]], axis=1))
    roomy = 170.0 if count <= 40 else 130.0  # pixels of a usual edge: room for what stands on it
    by_edges = max(roomy, 1.1 * float(sizes[:, 0].mean())) / max(float(reach), 1e-6)
    extent = np.prod(np.maximum(place.max(axis=0) - place.min(axis=0), 0.1))
    by_area = math.sqrt(0.8 * float(np.prod(sizes, axis=1).sum()) / float(extent))  # all labels must have room
    return place * max(by_edges, by_area if count > 40 else 0.0)


def _spiral(count: int, ends: Indices, degree: Points) -> Points:
    """Start positions: neighbours near each other, the best connected node in the middle."""
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in ends.tolist():
        near[a].add(b)
        near[b].add(a)
    place = np.zeros((count, 2))
    for turn, node in enumerate(_reached(int(np.argmax(degree)), near)):
        radius, angle = math.sqrt(turn) * 1.2, turn * _GOLDEN_ANGLE
        place[node] = radius * math.cos(angle), radius * math.sin(angle)
    return place


def _apart(place: Points, sizes: Points) -> Points:
    """Push boxes that cover each other apart along the line between their centres, so that directions stay.

    After PRISM (Gansner, Hu: Efficient, proximity-preserving node overlap removal, JGAA 14(1), 2010), with all pairs in
    place of a proximity graph.
    """
    place = place.copy()
    count = len(place)
    first, second = np.triu_indices(count, 1)
    need = (sizes[first] + sizes[second]) / 2
    for _ in range(150):
        close = (np.abs(place[first] - place[second]) < need + 40.0).all(axis=1)
        one, other, room = first[close], second[close], need[close]
        if not _pushed(place, one, other, room):
            break
        for _ in range(9):
            _pushed(place, one, other, room)
    return place


def _pushed(place: Points, first: Indices, second: Indices, room: Points) -> bool:
    """One step of pushing those pairs of boxes apart that cover each other; False if none does. Changes `place`."""
    away = place[first] - place[second]
    hit = (np.abs(away[:, 0]) < room[:, 0] - 0.5) & (np.abs(away[:, 1]) < room[:, 1] - 0.5)
    if not hit.any():
        return False
    one, other, line = first[hit], second[hit], away[hit]
    line[np.abs(line).max(axis=1) < 1.0] = (1.0, 0.5)  # on one spot: any direction will do
    stretch = (room[hit] / np.maximum(np.abs(line), 1e-6)).min(axis=1)
    shift = line * np.minimum((stretch - 1) / 2, 4.0)[:, None] * 0.5
    move = np.zeros_like(place)
    np.add.at(move, one, shift)
    np.add.at(move, other, -shift)
    crowd = np.maximum(np.bincount(np.concatenate((one, other)), minlength=len(place)), 1)
    place += move / np.sqrt(crowd)[:, None]
    return True


def _packed(placed: Sequence[tuple[list[int], Points]], boxes: Sequence[Box]) -> list[tuple[int, int]]:
    """The largest component, the small ones in rows at its right; all centred."""
    where = np.zeros((len(boxes), 2))
    corners: list[tuple[list[int], Points, Points, Points]] = []
    for members, place in placed:
        half = np.array([boxes[node] for node in members], dtype=float) / 2
        low, high = (place - half).min(axis=0), (place + half).max(axis=0)
        corners.append((members, place, low, high - low + _GAP))
    if not corners:
        return []
    (members, place, low, size), *small = corners
    where[members] = place - low
    left, height = float(size[0]), float(size[1])
    area = sum(float(extent[0] * extent[1]) for *_, extent in small)
    widest = max((float(extent[0]) for *_, extent in small), default=0.0)
    # beside a large component a column; among equals something as wide as a screen
    breadth = max(widest, area / height, math.sqrt((area + left * height) * _ASPECT) - left)
    x, y, tallest = left, 0.0, 0.0
    for members, place, low, size in small:
        if x > left and x + size[0] > left + breadth:
            x, y, tallest = left, y + tallest, 0.0
        where[members] = place - low + (x, y)
        x, tallest = x + float(size[0]), max(tallest, float(size[1]))
    where -= (where.max(axis=0) + where.min(axis=0)) / 2
    return [(round(float(px)), round(float(py))) for px, py in where]
