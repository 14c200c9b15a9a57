"""The cards of `kg show` as text: what people ask first comes first. Pure: nothing is printed here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.cli.layout import Style, columns, sentence, wrap
from kg.query.cards import (
    EntityCard,
    PaperCard,
    Quote,
    Ref,
    RelationGroup,
    RelationLine,
    ResultLine,
    RoleGroup,
)
from kg.query.names import unlike
from kg.query.phrases import spoken_date

__all__ = ["Style", "card_text"]

_FAMILY = ("subclassOf",)  # stands at the head of the card; its sentences come last


def card_text(card: EntityCard | PaperCard, style: Style) -> str:
    """The card as lines of text, without a final line end."""
    parts = _paper(card, style) if isinstance(card, PaperCard) else _entity(card, style)
    return "\n".join(parts)


# --- an entity ----------------------------------------------------------------------------------------------------


def _entity(card: EntityCard, style: Style) -> Iterable[str]:
    yield from _head(card, style)
    ordered = sorted(card.relations, key=lambda group: group.predicate in _FAMILY)
    for group in ordered[:1] if ordered and ordered[0].predicate == "appliedTo" else ():
        yield from _relations(card, group, style)
    yield from _results(card, style)
    for group in ordered[1:] if ordered and ordered[0].predicate == "appliedTo" else ordered:
        yield from _relations(card, group, style)
    for role in card.roles:
        yield from _role(role, style)


def _head(card: EntityCard, style: Style) -> Iterable[str]:
    yield f"{style.strong(card.name)}  {style.faint(f'{card.type}, {card.kind} · {card.id}')}"
    facts = [
        ("also called", ", ".join(unlike(card.name, card.aliases))),
        ("a kind of", ", ".join(ref.name for ref in card.parents)),
        ("kinds of it", _children(card)),
        ("links", "  ".join(card.links)),
        ("papers", _papers_by_role(card)),
    ]
    for label, text in facts:
        if text:
            yield wrap(style.paint(text), style, first=f"  {style.faint(f'{label:<12}')}", rest=" " * 14)


def _children(card: EntityCard) -> str:
    names = ", ".join(ref.name for ref in card.children)
    more = card.children_total - len(card.children)
    return f"{names} and {more:,} more" if more > 0 else names


def _papers_by_role(card: EntityCard) -> str:
    counts = ", ".join(f"{group.phrase} {group.total:,}" for group in card.roles)
    return f"{card.papers:,} ({counts})" if counts else f"{card.papers:,}"


def _relations(card: EntityCard, group: RelationGroup, style: Style) -> Iterable[str]:
    yield from ("", _section(group.phrase, len(group.lines), group.total, style))
    same: dict[tuple[str, bool], list[RelationLine]] = {}  # one method applied to several kinds stands once
    for line in group.lines:
        same.setdefault((line.other.id, line.negated), []).append(line)
    for lines in same.values():
        yield _relation_head(card, lines, style)
        on = dict.fromkeys(ref.name for line in lines for ref in line.on)
        if on:
            yield wrap(style.paint(", ".join(on)), style, first=f"      {style.faint('on      ')}", rest=" " * 14)
        results = dict.fromkeys(result_text(result) for line in lines for result in line.results)
        for i, text in enumerate(results):
            label = style.faint("result  ") if i == 0 else " " * 8
            yield wrap(style.paint(text), style, first=f"      {label}", rest=" " * 14)
        said = {(quote.paper, quote.start): quote for line in lines for quote in line.quotes}
        yield from _quotes(list(said.values())[: max(2, len(lines))], style, indent=6)


def _relation_head(card: EntityCard, lines: Sequence[RelationLine], style: Style) -> str:
    other, about = lines[0].other, []
    kinds = [name for name in other.kinds if name != card.name]
    if kinds:
        about.append(", ".join(kinds[:3]))
    if any(line.one.id != card.id for line in lines):
        about.append("to " + ", ".join(line.one.name for line in lines))
    if max(line.support for line in lines) > 1:
        about.append(f"{max(line.support for line in lines):,} papers")
    name = style.strong(other.name)
    if lines[0].negated:
        name = f"{style.paint('NOT', fg='red', bold=True)} {name}"
    return wrap(name + (f"  {style.faint(' · '.join(about))}" if about else ""), style, first="  ", rest="      ")


def _results(card: EntityCard, style: Style) -> Iterable[str]:
    if not card.results:
        return
    yield from ("", _section("results", len(card.results), card.results_total, style))
    rows = [
        (
            r.value,
            _name(r.metric),
            _name(r.dataset),
            _name(r.subject),
            _name(r.baseline),
            _dated(r.title or r.paper, r.date),
        )
        for r in card.results
    ]
    lines = columns(rows, ("value", "metric", "on", "of", "over", "paper"), style, indent="  ")
    yield lines[0]
    for line, result in zip(lines[1:], card.results, strict=True):
        yield line
        if result.quote:
            yield wrap(sentence(result.quote, style), style, first="      ", rest="      ")


def _role(group: RoleGroup, style: Style) -> Iterable[str]:
    yield from ("", _section(group.phrase, len(group.papers), group.total, style))
    for paper in group.papers:
        yield _source(paper.id, paper.title, paper.date, style, indent="  ")
        if paper.quote:
            yield wrap(sentence(paper.quote, style), style, first="      ", rest="      ")


# --- a paper ------------------------------------------------------------------------------------------------------


def _paper(card: PaperCard, style: Style) -> Iterable[str]:
    yield wrap(style.strong(card.title or "(no title)"), style)
    facts = [
        ("id", card.id),
        ("date", spoken_date(card.date)),
        ("authors", ", ".join(card.authors)),
        ("venue", card.venue),
        ("links", "  ".join(card.urls)),
        ("sources", "  ".join(card.sources)),
        ("ids there", "  ".join(id_ for id_ in card.source_ids if id_ != card.id)),
    ]
    for label, text in facts:
        if text:
            yield wrap(style.paint(text), style, first=f"  {style.faint(f'{label:<10}')}", rest=" " * 12)
    for group in card.entities:
        names = ", ".join(f"{line.entity.name} ({line.entity.type})" for line in group.entities)
        yield wrap(style.paint(names), style, first=f"  {style.faint(f'{group.phrase}: ')}", rest=" " * 6)
    if card.results:
        yield from ("", style.title("results"))
        for result in card.results:
            yield wrap(style.paint(result_text(result, subject=True)), style, first="  ", rest="      ")
            yield from _quotes((result.quote,) if result.quote else (), style, indent=6, source=False)
    if card.relations:
        yield from ("", style.title("what it says"))
        for stated in card.relations:
            ends = style.strong(stated.subject.name), style.strong(stated.object.name)
            yield wrap(f"{ends[0]} {stated.phrase} {ends[1]}", style, first="  ", rest="      ")
            yield from _quotes(stated.quotes, style, indent=6, source=False)
    if card.abstract:
        yield from (
            "",
            style.title("abstract"),
            wrap(style.paint(_one_line(card.abstract)), style, first="  ", rest="  "),
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


# --- pieces -------------------------------------------------------------------------------------------------------


def _section(phrase: str, shown: int, total: int, style: Style) -> str:
    count = f"{total:,}" if shown == total else f"{shown:,} of {total:,}"
    return f"{style.title(phrase)}  {style.faint(f'({count})')}"


def _quotes(quotes: Sequence[Quote], style: Style, *, indent: int, source: bool = True) -> Iterable[str]:
    blank = " " * indent
    for quote in quotes:
        yield wrap(sentence(quote, style), style, first=blank, rest=blank)
        if source:
            yield _source(quote.paper, quote.title, quote.date, style, indent=f"{blank}  — ")


def _source(id_: str, title: str, date: str, style: Style, *, indent: str) -> str:
    tail = f" ({spoken_date(date)}) [{id_}]" if date else f" [{id_}]"
    rest = " " * (len(indent) + 2)
    return wrap(
        style.paint(_one_line(title)) + style.faint(tail if title else tail.strip()), style, first=indent, rest=rest
    )


def result_text(result: ResultLine, *, subject: bool = False) -> str:
    """A result in words: "61.5% accuracy on PondText, over OakPrune".

    The value is verbatim; a change or ratio over a baseline says so by `over`.
    """
    words = [result.value]
    if result.metric:
        words.append(result.metric.name)
    if result.dataset:
        words.append(f"on {result.dataset.name}")
    text = " ".join(words)
    if result.baseline:
        text += f", over {result.baseline.name}"
    return f"{result.subject.name}: {text}" if subject and result.subject else text


def _name(ref: Ref | None) -> str:
    return ref.name if ref else ""


def _dated(title: str, date: str) -> str:
    return f"{_one_line(title)} ({spoken_date(date)})" if date else _one_line(title)
