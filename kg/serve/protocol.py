"""Requests of the SPARQL 1.1 Protocol, read: which query, over which graphs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from kg.serve.wire import Refused

METHODS = "GET, HEAD, POST, OPTIONS"
QUERY = "application/sparql-query"
FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"
_FIELDS = 1_000  # parameters of a request
_READ_ONLY = "this endpoint only reads: updates are refused"


@dataclass(frozen=True, slots=True)
class Question:
    """A query and its data set; None for graphs that the request does not name."""

    query: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None


def question(method: str, query_string: bytes, content_type: str, body: bytes) -> Question | None:
    """What is asked; None for a GET without any query, which asks for the service description.

    Raises Refused: 400 for what the protocol does not allow, 403 for updates, 405, 415.
    """
    fields = _fields(query_string, "the address")
    if method == "POST":
        media, charset = _media(content_type)
        if media == UPDATE:
            raise Refused(403, _READ_ONLY)
        if media not in (QUERY, FORM):
            raise Refused(415, f"a query is posted as {FORM} or {QUERY}, not as {media or 'nothing'}")
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise Refused(415, f"a query is posted in UTF-8, not in {charset}")
        fields += [("query", _text(body))] if media == QUERY else _fields(body, "the form")
    elif method not in ("GET", "HEAD"):
        raise Refused(405, f"{method} is not for queries: {METHODS}", {"Allow": METHODS})
    if any(name == "update" for name, _ in fields):
        raise Refused(403, _READ_ONLY)
    queries = [value for name, value in fields if name == "query"]
    if not queries and method != "POST":
        return None
    if len(queries) != 1:
        raise Refused(400, "the parameter 'query' is missing" if not queries else "there is more than one query")
    return Question(queries[0], *_graphs(fields))


def _graphs(fields: list[tuple[str, str]]) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    default = tuple(value for name, value in fields if name == "default-graph-uri")
    named = tuple(value for name, value in fields if name == "named-graph-uri")
    return (default, named) if default or named else (None, None)


def _fields(encoded: bytes, where: str) -> list[tuple[str, str]]:
    try:
        text = encoded.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError as error:
        raise Refused(400, f"{where} is not percent-encoded UTF-8") from error
    except ValueError as error:
        raise Refused(400, f"{where} has more than {_FIELDS} parameters") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(400, f"the query is not UTF-8 (byte {error.start})") from error


def _media(content_type: str) -> tuple[str, str]:
    """Media type and charset of a Content-Type, in lower case."""
    media, *parameters = (part.strip().lower() for part in content_type.split(";"))
    named = dict(parameter.partition("=")[::2] for parameter in parameters)
    return media, named.get("charset", "").strip("\"' ")
