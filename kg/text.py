"""Pure string work that every room needs: safe characters, folding, hashes, percent-encoding."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import quote

# What XML 1.0 (5th ed., production [2] Char) forbids: most controls, surrogates, U+FFFE and U+FFFF.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"

_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_BLANKS = re.compile(r"\s+")


def xml_safe(text: str) -> str:
    """Replace each character that XML 1.0 forbids by one U+FFFD, so that offsets stay.

    >>> xml_safe("a\\x00b") == "a\\ufffdb"
    True
    """
    return text if text.isprintable() else _FORBIDDEN.sub(REPLACEMENT, text)  # what can be printed is never forbidden


def fold(text: str) -> str:
    """A form of `text` for comparing names: NFKC, case folded, one kind of hyphen, single blanks, nothing invisible.

    >>> fold("Na\\u00efve\\u00a0Kite\\u20114") == fold("nai\\u0308ve kite-4")
    True
    """
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKC", text)
    text = unicodedata.normalize("NFKC", _HYPHENS.sub("-", text).casefold())
    return _BLANKS.sub(" ", text).strip()


def fold_title(title: str) -> str:
    """The key under which two titles are one: folded, letters and digits only, single blanks."""
    return _BLANKS.sub(" ", "".join(c if c.isalnum() else " " for c in fold(title))).strip()


def digest(*parts: str, length: int = 16) -> str:
    """The first `length` hex digits of the SHA-256 of the parts, each preceded by its length in characters.

    >>> digest("a", "bc") == digest("ab", "c")
    False
    """
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(f"{len(part)}:".encode())
        hasher.update(part.encode("utf-8", "surrogatepass"))
    return hasher.hexdigest()[:length]


def bounded(identifier: str, limit: int = 200) -> str:
    """`identifier`, or if longer than `limit` characters its beginning with a hash appended, `limit` in all."""
    if len(identifier) <= limit:
        return identifier
    return f"{identifier[: limit - 17]}~{digest(identifier)}"


def percent_encode(segment: str) -> str:
    """One path segment of an IRI: everything but RFC 3986's unreserved characters is percent-encoded as UTF-8.

    `.` and `..` alone would be dot segments, which clients remove (RFC 3986, 5.2.4): their dots are encoded.

    >>> percent_encode("CIFAR-10/100"), percent_encode("..")
    ('CIFAR-10%2F100', '%2E%2E')
    """
    encoded = quote(segment, safe="", encoding="utf-8", errors="replace")
    return encoded.replace(".", "%2E") if encoded.strip(".") == "" else encoded
