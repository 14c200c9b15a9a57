"""Word lists as plain text."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in order.

    >>> words("a an the")
    ('a', 'an', 'the')
    """
    return tuple(text.split())
