"""Where the forms of annotated entities stand in a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Span = tuple[int, int]


def whole_words(text: str, form: str) -> Iterator[Span]:
    """The places where `form` stands between word borders; where it never does, all its places.

    >>> list(whole_words("AI, said AIDA", "AI"))
    [(0, 2)]
    """
    spans = []
    start = text.find(form) if form else -1
    while start >= 0:
        spans.append((start, start + len(form)))
        start = text.find(form, start + 1)
    yield from [span for span in spans if _border(text, span[0]) and _border(text, span[1])] or spans


def _border(text: str, place: int) -> bool:
    return not (0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum())


def mark(text: str, forms: Sequence[Sequence[str]]) -> list[tuple[int, int, int]]:
    """`(start, end, entity)` of every mention, in order; `forms`: those of each entity.

    Longer forms come first and no two overlap; an entity whose every form lies within longer ones gets its places all
    the same.

    >>> mark("BERT and BERT-large", [["BERT-large"], ["BERT"]])
    [(0, 4, 1), (9, 19, 0)]
    """
    ranked = sorted(
        ((form, i) for i, own in enumerate(forms) for form in own), key=lambda item: (-len(item[0]), item[1])
    )
    free = bytearray(b"\x01") * len(text)
    marks = []
    for form, index in ranked:
        for start, end in whole_words(text, form):
            if all(free[start:end]):
                free[start:end] = bytes(end - start)
                marks.append((start, end, index))
    placed = {index for _, _, index in marks}
    marks += [(*span, index) for form, index in ranked if index not in placed for span in whole_words(text, form)]
    return sorted(marks)
