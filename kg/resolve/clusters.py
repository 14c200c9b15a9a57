"""Union-find that can refuse, and remembers why it agreed.

A union is refused when the two clusters hold different numbers, are names of two terms of the lexicon, or are kept
apart by a rule of the user. What was agreed to forms a forest, from which the reason for each member can be read off.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence


class Forest:
    """Clusters over the numbers 0 … n - 1."""

    def __init__(self, marks: Sequence[Hashable]) -> None:
        """`marks`: what members of one cluster must have in common (their numbers), one for each."""
        self._parent = list(range(len(marks)))
        self._mark = list(marks)
        self._term: dict[int, str] = {}
        self._foes: dict[int, set[int]] = {}
        self._edges: dict[int, list[tuple[int, str]]] = {}

    def find(self, item: int) -> int:
        """The representative of the item's cluster: its least member."""
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def term(self, item: int) -> str | None:
        """The id of the lexicon term that the item's cluster is, if it is one."""
        return self._term.get(self.find(item))

    def name(self, item: int, term: str) -> bool:
        """Say that the item's cluster is that term; False (and nothing said) if it is another already."""
        return self._term.setdefault(self.find(item), term) == term

    def remark(self, items: Iterable[int], mark: Hashable) -> None:
        """Give items that are no part of a cluster yet another mark."""
        for item in items:
            self._mark[item] = mark

    def keep_apart(self, first: Iterable[int], second: Iterable[int]) -> None:
        """From now on refuse each union that would bring a member of `first` to one of `second`."""
        for mine, theirs in ((list(first), list(second)), (list(second), list(first))):
            for item in mine:
                self._foes.setdefault(self.find(item), set()).update(theirs)

    def may_join(self, first: int, second: int, *, force: bool = False, same_term: bool = True) -> bool:
        """Whether a union of the two clusters would be agreed to."""
        a, b = self.find(first), self.find(second)
        if a == b or any(self.find(foe) == b for foe in self._foes.get(a, ())):
            return False
        terms = {self._term[root] for root in (a, b) if root in self._term}
        return force or (self._mark[a] == self._mark[b] and not (same_term and len(terms) > 1))

    def join(self, first: int, second: int, reason: str, *, force: bool = False, same_term: bool = True) -> bool:
        """Make two clusters one because of `reason`; False if they are one already or must not be.

        `force` overrules numbers and terms, `same_term` false terms alone; a rule of the user is never overruled.
        """
        if not self.may_join(first, second, force=force, same_term=same_term):
            return False
        a, b = sorted((self.find(first), self.find(second)))
        self._parent[b] = a
        if b in self._term:
            self._term.setdefault(a, self._term.pop(b))
        if b in self._foes:
            self._foes.setdefault(a, set()).update(self._foes.pop(b))
        self._edges.setdefault(first, []).append((second, reason))
        self._edges.setdefault(second, []).append((first, reason))
        return True

    def reasons_from(self, item: int, own: str = "", *, weakest: str = "") -> dict[int, str]:
        """For each member of the item's cluster the reason of the step by which it is reached from `item`; its `own`.

        A step of reason `weakest` says nothing new: behind it, the reason of the step before it holds.
        """
        found = {item: own}
        queue = [item]
        for here in queue:
            for there, reason in self._edges.get(here, ()):
                if there not in found:
                    found[there] = found[here] if reason == weakest else reason
                    queue.append(there)
        return found

    def clusters(self) -> dict[int, list[int]]:
        """Representative → members in order, representatives in order."""
        found: dict[int, list[int]] = {}
        for item in range(len(self._parent)):
            found.setdefault(self.find(item), []).append(item)
        return found
