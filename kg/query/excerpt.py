"""The part of a quote that a reader needs: what stands around the marks, where the whole is long."""

from __future__ import annotations

from dataclasses import replace

from kg.query.cards import Mark, Quote

LONG = 420  # characters of a quote that are shown whole
_AROUND = 130  # characters kept on each side of a mark
_CUT = " … "


def excerpt(quote: Quote, *, longest: int = LONG) -> Quote:
    """`quote`, or if its text is longer than `longest`, the stretches around its marks joined by " … ".

    The marks of the result point into its text; `start` and `end` still name the whole stretch in the paper.
    """
    if len(quote.text) <= longest:
        return quote
    marks = quote.marks or (Mark(0, min(len(quote.text), longest - 2 * _AROUND), ""),)
    stretches: list[list[int]] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        start, end = _to_word(quote.text, mark.start - _AROUND, 1), _to_word(quote.text, mark.end + _AROUND, -1)
        start, end = min(start, mark.start), max(end, mark.end)
        if stretches and start <= stretches[-1][1] + len(_CUT):
            stretches[-1][1] = max(stretches[-1][1], end)
        else:
            stretches.append([start, end])
    text, moved = _CUT.lstrip() if stretches[0][0] > 0 else "", []
    for i, (start, end) in enumerate(stretches):
        text += _CUT if i else ""
        moved += [
            Mark(mark.start - start + len(text), mark.end - start + len(text), mark.what)
            for mark in quote.marks
            if start <= mark.start and mark.end <= end
        ]
        text += quote.text[start:end]
    text += _CUT.rstrip() if stretches[-1][1] < len(quote.text) else ""
    return replace(quote, text=text, marks=tuple(moved))


def _to_word(text: str, position: int, step: int) -> int:
    """The nearest edge of a word from `position` on in the direction of `step`, within the text and a few letters."""
    if position <= 0 or position >= len(text):
        return max(0, min(position, len(text)))
    for _ in range(25):
        if not 0 < position < len(text) or text[position - (step > 0)].isspace():
            break
        position += step
    return position
