"""What goes over the wire apart from content: refusals, media types, and the choice between them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# media type -> format of kg.query.sparql; of those that a client likes equally the first is taken
SOLUTIONS = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
BOOLEAN = {media: form for media, form in SOLUTIONS.items() if form in ("json", "xml")}
GRAPH = {
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
}
KINDS: Mapping[str, Mapping[str, str]] = {"solutions": SOLUTIONS, "boolean": BOOLEAN, "graph": GRAPH}
HTML = "text/html"
PLAIN = "text/plain; charset=utf-8"
_TEXTS = (HTML, "text/turtle", "text/csv", "text/tab-separated-values", "application/n-triples")
_MOST = 200  # ranges of an Accept header that are read

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Type, Retry-After, Allow, Link",
}


class Refused(Exception):
    """A request that gets `status` and `text` for an answer."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, dict(headers or {})


def content_type(media: str) -> str:
    """The value of a Content-Type: with a charset where the media type has one (JSON and XML say it themselves)."""
    return f"{media}; charset=utf-8" if media in _TEXTS else media


def best(accept: str, offers: Sequence[str]) -> str | None:
    """The offer that `accept` likes best (RFC 9110, 12.5.1), None where it takes none; no header takes anything.

    The most specific range decides about an offer. Equal offers: the one named more exactly, then the first.

    >>> best("text/*;q=0.5, text/csv;q=0, */*;q=0.1", ["text/csv", "text/turtle", "application/json"])
    'text/turtle'
    >>> best("*/*, text/csv", ["application/json", "text/csv"])
    'text/csv'
    >>> best("image/png", ["text/csv"]) is None, best("", ["text/csv"])
    (True, 'text/csv')
    """
    if not accept.strip():
        return offers[0]
    ranges = list(filter(None, map(_range, accept.split(",")[:_MOST])))
    found: list[tuple[float, int, int]] = []
    for place, offer in enumerate(offers):
        levels = ("*/*", f"{offer.partition('/')[0]}/*", offer)
        fits = [(levels.index(media), quality) for media, quality in ranges if media in levels]
        if fits:
            exact, quality = max(fits)
            if quality > 0:
                found.append((-quality, -exact, place))
    return offers[min(found)[2]] if found else None


def _range(text: str) -> tuple[str, float] | None:
    """A media range and its quality; None where it cannot be read."""
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return None
    if media == "*":  # what some old clients send
        media = "*/*"
    return (media, min(quality, 1.0)) if "/" in media and quality == quality else None


def choices(accept: str) -> dict[str, str]:
    """For each kind of answer the media type to write it in; no entry where the client takes none."""
    chosen = {kind: best(accept, list(offers)) for kind, offers in KINDS.items()}
    return {kind: media for kind, media in chosen.items() if media is not None}


def not_acceptable(accept: str) -> Refused:
    """The 406 for an `accept` that nothing satisfies."""
    offered = "; ".join(f"{kind}: {', '.join(offers)}" for kind, offers in KINDS.items())
    return Refused(406, f"nothing that Accept: {accept[:200]} takes can be given. There is for {offered}")
