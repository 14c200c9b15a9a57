"""What resolving asks of a lexicon, and the answers remembered."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kg.model import DocEntity
from kg.resolve.keys import greek_by_name, match_key, numbers
from kg.resolve.readings import by_numbers
from kg.resolve.similarity import abbreviates
from kg.resolve.variants import other_variant
from kg.vocab import ENTITY_TYPES


class TermLike(Protocol):
    """A known thing, as `kg.extract.lexicon.Term`. `ambiguous`: those of its forms that often mean something else."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def forms(self) -> tuple[str, ...]: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def ambiguous(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Retyped:
    """A term of the lexicon with the type that papers give it."""

    id: str
    name: str
    type: str
    kind: str
    forms: tuple[str, ...]
    parent: str | None
    ambiguous: tuple[str, ...]


class TermLookup(Protocol):
    """A lexicon: `kg.extract.lexicon.Lexicon` is one."""

    def lookup(self, form: str, type: str | None = None) -> TermLike | None:
        """The term that `form` names (of that type), or None."""


class NoTerms:
    """The lexicon that knows nothing."""

    def lookup(self, form: str, type: str | None = None) -> TermLike | None:
        return None


class Terms:
    """A lexicon behind two rules: a form with other numbers than the name, or that of another variant, is no alias."""

    def __init__(self, lexicon: TermLookup) -> None:
        self._lexicon = lexicon
        self._long: dict[str, tuple[str, ...]] = {}
        self._unknown: set[str] = set()
        self._surely: dict[tuple[str, str], str] = {}

    def of_type(self, form: str, type: str) -> TermLike | None:
        """The term of that type that `form` is a name of. Two terms that share their name count as the first."""
        term = self._lexicon.lookup(form, type) if self.knows(form) else None
        if term is not None and not form.isascii():  # the name of one term ("beta-VAE") is no alias of another (VAE)
            named = self._lexicon.lookup(greek_by_name(form), type)
            term = named if named is not None and match_key(named.name) == match_key(form) else term
        if term is None or numbers(form) != numbers(term.name):
            return None
        if term.kind == "named" and other_variant(form, term.name, type):
            return None
        first = self._lexicon.lookup(term.name, type)
        return first if first is not None and numbers(first.name) == numbers(term.name) else term

    def knows(self, form: str) -> bool:
        """Whether any term has that form."""
        if form in self._unknown:
            return False
        known = self._lexicon.lookup(form) is not None
        if not known:
            self._unknown.add(form)
        return known

    def surely(self, form: str, type: str) -> str:
        """The id of the term of that type that `form` names beyond doubt, "" if there is none; remembered."""
        found = self._surely.get((form, type))
        if found is None:
            term = self.of_type(form, type)
            found = term.id if term is not None and form not in term.ambiguous else ""
            if self.knows(form):
                self._surely[form, type] = found
        return found

    def by_type(self, forms: Iterable[str]) -> dict[str, tuple[TermLike, bool]]:
        """For each type the term that one of the forms names, and whether that form is surely this."""
        found: dict[str, tuple[TermLike, bool]] = {}
        for form in forms:
            if not self.knows(form):
                continue
            for type in ENTITY_TYPES:
                term = self.of_type(form, type)
                if term is not None:
                    sure = form not in term.ambiguous
                    if type not in found or (sure and not found[type][1]):
                        found[type] = (term, sure)
        return found

    def long_forms(self, term: TermLike) -> tuple[str, ...]:
        """Those forms of a term that another of its forms abbreviates."""
        if term.id not in self._long:
            short = [form for form in term.forms if " " not in form]
            self._long[term.id] = tuple(form for form in term.forms if any(abbreviates(s, form) for s in short))
        return self._long[term.id]


class TermSeparator:
    """Which forms of one entity of a paper are different things: by their numbers, and by what the lexicon knows.

    A text may call a large language model "the language model"; in the graph these are two.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def __call__(self, entity: DocEntity, forms: tuple[str, ...]) -> Sequence[Hashable]:
        """Forms that name another term than the entity's name does are taken out, with the acronyms that are theirs."""
        counts = by_numbers(entity, forms)
        own = self._terms.surely(entity.name, entity.type)
        if not own:
            return counts
        other = {}
        for form in forms:
            term = self._terms.surely(form, entity.type)
            if term and term != own and form not in entity.short_forms and not abbreviates(form, entity.name):
                other[form] = term
        if not other:
            return counts
        for short in entity.short_forms:
            if short in forms and not abbreviates(short, entity.name):
                long = next((form for form in other if abbreviates(short, form)), None)
                if long is not None:
                    other[short] = other[long]
        return [(count, other.get(form, "")) for count, form in zip(counts, forms, strict=True)]
