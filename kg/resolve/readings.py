"""What one paper says about one thing, made ready for resolving: a `Reading` for each number that its forms hold.

The extraction of a paper says which forms are one thing there. Two parts of that are never carried over to other
papers: an abbreviation, and a name cut short ("distillation" for "knowledge distillation"); they mean what they mean in
their own text. So each reading has one *main* form, which decides what it is; the others follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from kg.model import DocEntity, Mention
from kg.resolve.keys import numbers
from kg.resolve.similarity import abbreviates

Separator = Callable[[DocEntity, tuple[str, ...]], Sequence[Hashable]]
"""An entity and its forms → a token for each form; forms with different tokens are different things after all."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing in one paper. `short`: forms that abbreviate `main` in this text; `coined`: named and introduced."""

    main: str
    type: str
    kind: str
    forms: tuple[str, ...]
    short: tuple[str, ...]
    coined: bool
    mentions: tuple[Mention, ...]


def by_numbers(entity: DocEntity, forms: tuple[str, ...]) -> Sequence[Hashable]:
    """The separator that always holds: forms with different numbers are different things."""
    return [numbers(form) for form in forms]


def readings(entity: DocEntity, separate: Separator = by_numbers) -> tuple[Reading, ...]:
    """The readings of an entity, that of its name first: one, unless its forms hold different numbers."""
    if len(entity.mentions) == 1:
        return (_reading(entity, (entity.mentions[0].form,), entity.mentions),)
    forms = entity.forms
    tokens = dict(zip(forms, separate(entity, forms), strict=True))
    if len(set(tokens.values())) == 1:
        return (_reading(entity, forms, entity.mentions),)
    leading = tokens[entity.name] if entity.name in tokens else tokens[max(forms, key=len)]
    order = [leading] + [token for token in dict.fromkeys(tokens.values()) if token != leading]
    return tuple(
        _reading(
            entity,
            tuple(form for form in forms if tokens[form] == token),
            tuple(mention for mention in entity.mentions if tokens[mention.form] == token),
        )
        for token in order
    )


def _reading(entity: DocEntity, forms: tuple[str, ...], mentions: tuple[Mention, ...]) -> Reading:
    short: tuple[str, ...] = ()
    main = forms[0]
    if len(forms) > 1:
        main, short = _main_and_short(entity, forms)
    coined = entity.kind == "named" and entity.role == "introduced" and not main.islower()
    return Reading(main, entity.type, entity.kind, forms, short, coined, mentions)


def _main_and_short(entity: DocEntity, forms: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The form that says most, and those that abbreviate it."""
    known = set(entity.short_forms)
    long = [form for form in forms if form not in known] or list(forms)
    main = entity.name if entity.name in long else max(long, key=lambda form: (len(form), form))
    fuller = [form for form in long if form != main and abbreviates(main, form)]
    if fuller:
        main = max(fuller, key=lambda form: (len(form), form))
    short = tuple(f for f in forms if f != main and (f in known or abbreviates(f, main)))
    return main, short
