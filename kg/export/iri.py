"""Which addresses may stand as IRIs, and how they are made fit for it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pyoxigraph

from kg.errors import UsageError
from kg.text import xml_safe

_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
# RFC 3986's reserved and unreserved characters, but for square brackets, which only a host may hold.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;=%")
_BASE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]*[/#:]")


def web_iri(address: str) -> str | None:
    """The IRI of an address of the web, every bad character percent-encoded; None where it is no such address.

    Only http, https and ftp become IRIs: what a program fetches or a reader clicks is never `javascript:`.
    Letters and digits of any script stay as they are (RFC 3987).

    >>> web_iri('http://example.org/a b"c'), web_iri("https://münchen.example/ä#x#y")
    ('http://example.org/a%20b%22c', 'https://münchen.example/ä#x%23y')
    >>> web_iri("javascript:alert(1)") is web_iri("https://") is web_iri("http://[::1") is web_iri("www.kite.example")
    True
    """
    scheme = _SCHEME.match(address)
    if scheme is None:
        return None
    rest = xml_safe(address[scheme.end() :])
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    path = rest[len(host) :]
    if not host:
        return None
    before, mark, fragment = path.partition("#")
    iri = scheme[0].lower() + _encode(host, "[]") + _encode(before) + mark + _encode(fragment).replace("#", "%23")
    return iri if _possible(iri) else None


def checked_base(base: str) -> str:
    """`base` if things can be named under it: an absolute IRI that ends in `/`, `#` or `:`. Raises UsageError."""
    if not _BASE.fullmatch(base) or not _possible(base) or re.fullmatch("(?i)(https?|ftp):/*", base):
        raise UsageError(
            f"--base-iri {base!r} cannot be used: it must be an absolute IRI without blanks, quotes or brackets "
            "that ends in '/', '#' or ':', such as https://example.org/kg/"
        )
    if base.lower().startswith("javascript:"):
        raise UsageError(f"--base-iri {base!r} cannot be used: it is a script")
    return base


def _encode(part: str, also: str = "") -> str:
    part = _BAD_PERCENT.sub("%25", part)
    return "".join(
        c if c in _PLAIN or c in also or (c > "\x7f" and c.isalnum()) else quote(c, safe="", errors="replace")
        for c in part
    )


def _possible(iri: str) -> bool:
    try:
        pyoxigraph.NamedNode(iri)
    except ValueError:
        return False
    return True
