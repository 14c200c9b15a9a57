"""How a run says what it is doing."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told now and then what is being done; with `total`, how many of so many parts are done."""

    def __call__(self, text: str, done: int = 0, total: int = 0, /) -> None: ...


def under(label: str, progress: Progress) -> Progress:
    """The same, each text with a label in front."""

    def told(text: str, done: int = 0, total: int = 0, /) -> None:
        progress(f"{label}: {text}", done, total)

    return told
