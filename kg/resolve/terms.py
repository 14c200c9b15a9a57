"""What resolving asks of a lexicon, and the answers remembered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kg.resolve.keys import numbers
from kg.resolve.similarity import abbreviates
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


class TermLookup(Protocol):
    """A lexicon: `kg.extract.lexicon.Lexicon` is one."""

    def lookup(self, form: str, type: str | None = None) -> TermLike | None:
        """The term that `form` names (of that type), or None."""


class NoTerms:
    """The lexicon that knows nothing."""

    def lookup(self, form: str, type: str | None = None) -> TermLike | None:
        return None


class Terms:
    """A lexicon behind the rule that numbers keep things apart: a form with other numbers than the name is no alias."""

    def __init__(self, lexicon: TermLookup) -> None:
        self._lexicon = lexicon
        self._long: dict[str, tuple[str, ...]] = {}

    def of_type(self, form: str, type: str) -> TermLike | None:
        """The term of that type that `form` is a name of. Two terms that share their name count as the first."""
        term = self._lexicon.lookup(form, type)
        if term is None or numbers(form) != numbers(term.name):
            return None
        first = self._lexicon.lookup(term.name, type)
        return first if first is not None and numbers(first.name) == numbers(term.name) else term

    def by_type(self, forms: Iterable[str]) -> dict[str, tuple[TermLike, bool]]:
        """For each type the term that one of the forms names, and whether that form is surely this."""
        found: dict[str, tuple[TermLike, bool]] = {}
        for form in forms:
            if self._lexicon.lookup(form) is None:
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
