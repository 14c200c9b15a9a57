"""Families: which entity is a variant of which, from their names and from the lexicon.

The parent is the nearest family that exists. One that no paper names is made where the lexicon knows it, or where two
variants differ only in a size, a version or a number ("Kite2-7B" and "Kite2-72B" are of the family "Kite2"); its
mentions are the beginnings of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.resolve.keys import id_key, match_key, plain
from kg.resolve.linking import Linker
from kg.resolve.naming import Cluster, entity_id
from kg.resolve.terms import TermLike, Terms
from kg.resolve.variants import CREATES, SUFFIX, Step, steps
from kg.vocab import DATASET, METHOD, MODEL

_ONE_NAME = {MODEL: (MODEL, METHOD), METHOD: (METHOD, MODEL)}  # a name of one is seldom a name of the other too
BY_MARK, BY_SUFFIX, BY_LEXICON = 0.95, 0.8, 0.9
"""How far a family edge is trusted that comes from a size, version, number or edition; a suffix; the lexicon."""


@dataclass(frozen=True, slots=True)
class FamilyEdge:
    """`child` is a variant of `parent` (ids). If not `sure`, only where some paper mentions both."""

    child: str
    parent: str
    score: float
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Families:
    """The edges, and the families that only their variants show: id of each variant → (id of the family, its name)."""

    edges: tuple[FamilyEdge, ...]
    created: tuple[Cluster, ...]
    shown_by: dict[str, str]


def find_families(linker: Linker, clusters: list[Cluster], terms: Terms) -> Families:
    """All families of a corpus. The same clusters give the same families."""
    finder = _Finder(linker, clusters, terms)
    created: list[Cluster] = []
    shown_by: dict[str, str] = {}
    fresh = [cluster for cluster in clusters if cluster.kind == "named"]
    while fresh:
        families = finder.missing(fresh)
        fresh = []
        for family, children in families:
            created.append(family)
            fresh.append(family)
            finder.add(family)
            for child in children:
                shown_by[child.id] = family.id
    edges: dict[tuple[str, str], FamilyEdge] = {}
    for cluster in [*clusters, *created]:
        for edge in finder.parents(cluster):
            pair = (edge.child, edge.parent)
            if pair not in edges or (edge.sure, edge.score) > (edges[pair].sure, edges[pair].score):
                edges[pair] = edge
    kept = _reduced(edges)
    return Families(tuple(edges[pair] for pair in sorted(kept)), tuple(created), shown_by)


def _reduced(edges: Mapping[tuple[str, str], FamilyEdge]) -> set[tuple[str, str]]:
    """Without the edges that a chain of others says already: LLaMA-2-7B → LLaMA, if there is LLaMA-2 between."""
    parents: dict[str, set[str]] = {}
    for child, parent in edges:
        parents.setdefault(child, set()).add(parent)

    def above(start: str) -> set[str]:
        seen: set[str] = set()
        queue = [start]
        while queue:
            for parent in parents.get(queue.pop(), ()):
                if parent not in seen:
                    seen.add(parent)
                    queue.append(parent)
        return seen

    return {
        (child, parent)
        for child, parent in edges
        if not any(parent in above(other) for other in parents[child] if other != parent and edges[child, other].sure)
    }


def shown_form(forms: Iterable[str], type: str, family: str) -> str:
    """The beginning of one of the forms that is a form of the family, "" if none begins so."""
    key = match_key(family)
    return next((step.rest for form in forms for step in steps(form, type) if match_key(step.rest) == key), "")


def _family(type: str, name: str, term: TermLike | None) -> Cluster:
    """A family as an entity without cells."""
    if term is None:
        return Cluster(entity_id(type, id_key(name)), type, "named", name, "", (), (name,))
    known = plain(term.name) or term.name
    return Cluster(entity_id(type, id_key(known)), type, term.kind, known, term.id, (), (name,))


class _Finder:
    """Finds the entity that a name stands for among those of its type."""

    def __init__(self, linker: Linker, clusters: list[Cluster], terms: Terms) -> None:
        self._linker, self._terms = linker, terms
        self._by_key: dict[tuple[str, str], str] = {}
        self._by_short: dict[tuple[str, str], str] = {}  # acronyms, where only one entity has them
        self._by_term: dict[str, str] = {}
        self._clusters: dict[str, Cluster] = {}
        corpus = linker.corpus
        short: dict[tuple[str, str], set[str]] = {}
        for cluster in clusters:
            self.add(cluster)
            for cell in cluster.cells:
                place = (corpus.keys[corpus.cell_key[cell]], cluster.type)
                if cell in linker.derived:
                    short.setdefault(place, set()).add(cluster.id)
                else:
                    self._by_key.setdefault(place, cluster.id)
                for form, _ in corpus.usage(cell):
                    key = corpus.form_key[form]
                    if corpus.explains(key, cell):
                        short.setdefault((corpus.keys[key], cluster.type), set()).add(cluster.id)
        for place, found in short.items():
            if len(found) == 1:
                self._by_short[place] = next(iter(found))

    def add(self, cluster: Cluster) -> None:
        """Know one more entity."""
        self._clusters[cluster.id] = cluster
        if cluster.term:
            self._by_term[cluster.term] = cluster.id
        if not cluster.cells:
            self._by_key[self._linker.corpus.reader.keyer(cluster.name), cluster.type] = cluster.id

    def known(self, id: str) -> bool:
        """Whether there is an entity with that id."""
        return id in self._clusters

    def find(self, name: str, type: str) -> tuple[str, bool] | None:
        """The entity that `name` is a form of, and whether as a full name rather than an acronym."""
        place = (self._linker.corpus.reader.keyer(name), type)
        if place in self._by_key:
            return self._by_key[place], True
        term = self._terms.of_type(name, type)
        if term is not None and term.id in self._by_term:
            return self._by_term[term.id], True
        return (self._by_short[place], False) if place in self._by_short else None

    def parents(self, cluster: Cluster) -> Iterator[FamilyEdge]:
        """The nearest family by name, and the one that the lexicon names."""
        if cluster.kind == "named":
            for name in self._names(cluster):
                edge = self._by_name(cluster, name)
                if edge is not None:
                    yield edge
                    break
        parent = self._lexicon_parent(cluster)
        if parent is not None and parent != cluster.id:
            yield FamilyEdge(cluster.id, parent, BY_LEXICON)

    def missing(self, clusters: list[Cluster]) -> list[tuple[Cluster, list[Cluster]]]:
        """Families that no paper names, each with the variants that show it: one if the lexicon knows it, else two."""
        shown: dict[tuple[str, str], list[tuple[Step, Cluster]]] = {}
        for cluster in clusters:
            step = self._missing_step(cluster)
            if step is not None and shown_form(cluster.forms, cluster.type, step.rest):
                key = self._linker.corpus.reader.keyer(step.rest)
                shown.setdefault((cluster.type, key), []).append((step, cluster))
        found = []
        for (type, _), variants in sorted(shown.items()):
            name = min((step.rest for step, _ in variants), key=lambda rest: (len(rest), rest))
            term = self._terms.of_type(name, type)
            if term is None and len({match_key(v.name) for step, v in variants if step.kind in CREATES}) < 2:
                continue
            family = _family(type, name, term)
            if not self.known(family.id):
                found.append((family, [variant for _, variant in variants]))
        return found

    def _missing_step(self, cluster: Cluster) -> Step | None:
        """The step to the nearest family, if that family is no entity but could be made one."""
        for step in steps(cluster.name, cluster.type):
            if any(self.find(step.rest, type) is not None for type in _ONE_NAME.get(cluster.type, (cluster.type,))):
                return None
            if step.kind == SUFFIX and self._is_other_thing(step.mark, cluster.type):
                return None
            if self._terms.of_type(step.rest, cluster.type) is not None:
                return step
            if step.kind in CREATES and cluster.type in (MODEL, DATASET, METHOD):
                return step
        return None

    def _names(self, cluster: Cluster) -> Iterator[str]:
        """The name, then those other forms that stand alone for the entity."""
        yield cluster.name
        corpus = self._linker.corpus
        for cell in cluster.cells[:20]:
            form = self._linker.form[cell]
            if form != cluster.name and corpus.cell_type[cell] == cluster.type:
                yield form

    def _by_name(self, cluster: Cluster, name: str) -> FamilyEdge | None:
        for step in steps(name, cluster.type):
            found = self.find(step.rest, cluster.type)
            if step.kind == SUFFIX and self._is_other_thing(step.mark, cluster.type):
                return None
            if found is None or found[0] == cluster.id:
                continue
            parent, alike = (
                self._clusters[found[0]],
                _written(step.rest) in map(_written, self._clusters[found[0]].forms),
            )
            if step.kind != SUFFIX and (alike or found[1]):
                return FamilyEdge(cluster.id, parent.id, BY_MARK)
            if parent.kind == "named" and alike:
                return FamilyEdge(cluster.id, parent.id, BY_SUFFIX, sure=found[1])
        return None

    def _is_other_thing(self, mark: str, type: str) -> bool:
        """Whether a suffix is itself the name of something: "CNN-LSTM" is no kind of CNN."""
        return len(mark) > 1 and any(self.find(mark, other) for other in {type, MODEL, METHOD})

    def _lexicon_parent(self, cluster: Cluster) -> str | None:
        """The nearest family that the lexicon knows and the papers mention."""
        term = self._terms.of_type(cluster.name, cluster.type) if cluster.term else None
        for _ in range(6):
            if term is None or not term.parent:
                return None
            name, term = term.parent, self._terms.of_type(term.parent, cluster.type)
            if term is not None and term.id in self._by_term:
                return self._by_term[term.id]
            if term is None:
                return self._by_key.get((self._linker.corpus.reader.keyer(name), cluster.type))
        return None


def _written(form: str) -> str:
    """A form with its case, letters and digits only: a suffix makes a variant only of what is written the same."""
    return "".join(c for c in form if c.isalnum())
