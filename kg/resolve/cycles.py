"""Breaking cycles: what `subclassOf` needs to be an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Edge = tuple[int, int]


def weakest_edges(edges: Mapping[Edge, tuple[int, int]]) -> set[Edge]:
    """The edges to take away so that no cycle is left: in each knot of cycles the weakest, as long as there is a knot.

    `edges` maps (from, to) to its strength; of equally strong ones that with the greatest numbers goes. Knots are
    strongly connected components (Tarjan 1972).
    """
    removed: set[Edge] = set()
    pending: list[set[Edge]] = [set(edges)]
    while pending:
        for knot in _knots(pending.pop()):
            weakest = min(knot, key=lambda edge: (edges[edge], -edge[0], -edge[1]))
            removed.add(weakest)
            pending.append(knot - {weakest})
    return removed


def _knots(edges: Iterable[Edge]) -> list[set[Edge]]:
    """The edges inside each strongly connected component that has more than one node."""
    following: dict[int, list[int]] = {}
    for first, second in sorted(edges):
        following.setdefault(first, []).append(second)
        following.setdefault(second, [])
    component = _components(following)
    knots: dict[int, set[Edge]] = {}
    for first, targets in following.items():
        for second in targets:
            if component[first] == component[second]:
                knots.setdefault(component[first], set()).add((first, second))
    return [knots[number] for number in sorted(knots)]


def _components(following: Mapping[int, list[int]]) -> dict[int, int]:
    """Tarjan's algorithm without recursion: node → number of its component."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component: dict[int, int] = {}
    stack: list[int] = []
    for start in following:
        if start in index:
            continue
        work = [(start, iter(following[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(following[target])))
                    break
                if target not in component:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component[member] = index[node]
                        if member == node:
                            break
    return component
