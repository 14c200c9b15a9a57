"""Text in XML 1.0, well-formed whatever it holds."""

from __future__ import annotations

import re

from kg.text import xml_safe

_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def content(text: str) -> str:
    """`text` as the content of an element; characters that XML forbids become U+FFFD.

    >>> content("a<b & c")
    'a&lt;b &amp; c'
    """
    if _SPECIAL.search(text):
        return _SPECIAL.sub(lambda m: _ESCAPES.get(m[0]) or xml_safe(m[0]), text)
    return text


def attribute(text: str) -> str:
    """`text` as the value of an attribute in double quotes: line ends and tabs survive.

    >>> attribute('a\\n"b"')
    'a&#10;&quot;b&quot;'
    """
    return content(text).replace("\n", "&#10;").replace("\t", "&#9;")
