"""Records to papers: which records are one paper, and what that paper says. Pure, and independent of order.

1. Same id, same title (see `alike.title_key`): one paper.
2. Same id, another title: both are kept; each id gets "~" and eight hex digits of its title (a conflict).
3. Different ids: one paper where the arXiv id is the same; where the DOI is the same and title or abstract are similar
   (a volume's DOI stands on many papers); or where the titles are the same and the abstracts alike (`alike.alike`).
   Ids of step 2 are not trusted here: such papers are joined by title and abstract only.

Clusters are the connected components of these pairs (union-find). Time is near linear: pairs are looked for only under
one key, and under a title with many different abstracts ("Editorial") only equal abstracts are joined.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kg.model import Paper
from kg.readers.alike import alike, outside_ids, same_words, shingles, similar_titles, title_key, version
from kg.text import bounded, digest

_MANY = 50  # different abstracts under one title, beyond which they are not compared pair by pair
_LISTING_ID = re.compile(r"hf-[0-9a-f]{16}")
_PRECISION = {"day": 3, "month": 2, "year": 1, "month-day": 0}


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """What became of `records` Papers: `papers`, sorted by id, and `duplicates` merged into them.

    records = papers + duplicates.
    `conflicts` counts the ids under which different papers came.
    """

    papers: tuple[Paper, ...]
    records: int
    duplicates: int
    conflicts: int


def merge_papers(papers: Iterable[Paper]) -> MergeOutcome:
    """The different papers among records of any order; ids are unique afterwards, and `source_ids` keep those given."""
    records = 0
    by_id: dict[str, dict[str, list[Paper]]] = {}
    for paper in papers:
        records += 1
        by_id.setdefault(paper.id, {}).setdefault(title_key(paper), []).append(paper)
    groups = _Groups(_named(by_id))
    groups.join()
    merged = sorted(groups.merged(), key=lambda paper: paper.id)
    conflicts = sum(len(titles) > 1 for titles in by_id.values())
    return MergeOutcome(tuple(merged), records, records - len(merged), conflicts)


class _Group(NamedTuple):
    """The records of one id and one title."""

    id: str
    key: str
    records: list[Paper]
    trusted: bool  # no other title came under this id


def _named(by_id: Mapping[str, Mapping[str, list[Paper]]]) -> list[_Group]:
    """The groups in the order of their final ids, which are unique."""
    named: dict[str, _Group] = {}
    for identifier, titles in by_id.items():
        if len(titles) == 1:
            [(key, records)] = titles.items()
            named[identifier] = _Group(identifier, key, records, trusted=True)
    for identifier, titles in by_id.items():
        for key, records in titles.items() if len(titles) > 1 else ():
            name = identifier
            while name in by_id and (name not in named or named[name].key != key):
                name = bounded(f"{name}~{digest(key, length=8)}")
            # A source may give the very id that a conflict makes (from a graph of ours), with the same title.
            known = named[name].records if name in named else []
            named[name] = _Group(name, key, known + records, trusted=False)
    return [named[name] for name in sorted(named)]


def unite(papers: Sequence[Paper], identifier: str) -> Paper:
    """One Paper from its records: the text of the latest version, else the longer, else the lesser by code points.

    A record is known to be older where another has a higher arXiv version or a later date. Of the others, the most
    precise date and the longest list of authors count; ids, sources and addresses are united.
    """
    if len(papers) == 1:
        paper = papers[0]
        return replace(paper, id=identifier, source_ids=_union([paper.source_ids]))
    current = _current(papers)
    chosen = min(current, key=lambda p: (-len(p.text), not p.title, p.text, p.title, not p.venue, p.venue))
    dated = [p for p in current if p.date] or [p for p in papers if p.date] or [chosen]
    date, precision = max((p.date, p.date_precision) for p in _finest(dated))
    authors = [p.authors for p in current if p.authors] or [p.authors for p in papers if p.authors] or [()]
    venues = [chosen.venue] if chosen.venue else [p.venue for p in current if p.venue] or [p.venue for p in papers]
    return replace(
        chosen,
        id=identifier,
        date=date,
        date_precision=precision,
        authors=min(authors, key=lambda names: (-len(names), names)),
        venue=min(venues, key=lambda venue: (-len(venue), venue)),
        sources=_union(p.sources for p in papers),
        source_ids=_union(p.source_ids for p in papers),
        urls=_union(p.urls for p in papers),
    )


def _current(papers: Sequence[Paper]) -> list[Paper]:
    """The records that are not known to be older than another one."""
    versions = [version(paper.source_ids) for paper in papers]
    newest = max(versions)
    dates = [paper.date if paper.date_precision != "month-day" else "" for paper in papers]
    latest = max(dates)

    def is_old(number: int, date: str) -> bool:
        if number and number != newest:
            return True
        length = min(len(date), len(latest))  # "2024" and "2024-03" may be the same day
        return number == 0 and newest == 0 and date[:length] < latest[:length]

    return [p for p, number, date in zip(papers, versions, dates, strict=True) if not is_old(number, date)]


def _finest(papers: Sequence[Paper]) -> list[Paper]:
    best = max(_PRECISION.get(paper.date_precision, -1) for paper in papers)
    return [paper for paper in papers if _PRECISION.get(paper.date_precision, -1) == best]


def _union(many: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({item for items in many for item in items}))


def _id_rank(group: _Group) -> tuple[bool, bool, str]:
    """An id that a source gave goes before one made from content, a trusted one before one in conflict."""
    return bool(_LISTING_ID.fullmatch(group.id)), not group.trusted, group.id


class _Groups:
    """Which groups of records belong together."""

    def __init__(self, groups: list[_Group]) -> None:
        self._groups = groups
        self._texts = [unite(group.records, group.id) for group in groups]  # each as one paper
        self._parents = list(range(len(groups)))

    def join(self) -> None:
        """Unites the groups that are one paper."""
        arxiv: defaultdict[str, list[int]] = defaultdict(list)
        dois: defaultdict[str, list[int]] = defaultdict(list)
        titles: defaultdict[str, list[int]] = defaultdict(list)
        for place, (group, paper) in enumerate(zip(self._groups, self._texts, strict=True)):
            titles[group.key].append(place)
            if group.trusted:
                for index, keys in zip((arxiv, dois), outside_ids(paper), strict=True):
                    for key in keys:
                        index[key].append(place)
        for places in arxiv.values():
            for place in places[1:]:
                self._unite(places[0], place)
        for places in dois.values():
            self._compare(places, self._same_doi)
        for key, places in titles.items():
            if len(places) > 1:
                self._same_title(key, places)

    def merged(self) -> Iterable[Paper]:
        """One Paper a cluster."""
        clusters: defaultdict[int, list[int]] = defaultdict(list)
        for place in range(len(self._groups)):
            clusters[self._root(place)].append(place)
        for places in clusters.values():
            if len(places) == 1:
                yield self._texts[places[0]]
                continue
            groups = [self._groups[place] for place in places]
            yield unite([paper for group in groups for paper in group.records], min(map(_id_rank, groups))[-1])

    def _same_title(self, key: str, places: list[int]) -> None:
        """Joins groups of one title whose abstracts are equal, and, if they are not too many, alike."""
        equal: dict[str, int] = {}
        for place in places:
            first = equal.setdefault(same_words(self._texts[place]), place)
            self._unite(first, place)
        different = list(equal.values())
        if key and 1 < len(different) <= _MANY:
            runs = {place: shingles(self._texts[place]) for place in different}
            self._compare(different, lambda one, other: alike(runs[one], runs[other]))

    def _same_doi(self, one: int, other: int) -> bool:
        first, second = self._texts[one], self._texts[other]
        return similar_titles(first, second) or alike(shingles(first), shingles(second))

    def _compare(self, places: Sequence[int], same: Callable[[int, int], bool]) -> None:
        for start, one in enumerate(places[:_MANY]):
            for other in places[start + 1 : _MANY]:
                if self._root(one) != self._root(other) and same(one, other):
                    self._unite(one, other)

    def _root(self, place: int) -> int:
        while self._parents[place] != place:
            self._parents[place] = self._parents[self._parents[place]]
            place = self._parents[place]
        return place

    def _unite(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first
