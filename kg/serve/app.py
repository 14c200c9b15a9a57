"""The web application: what lies at which path. Paths are read as they were sent, so that `%2F` in an id stays one."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import TypeVar
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kg.errors import AmbiguousError, GraphError, NotFoundError, StorageError, UsageError
from kg.query.search import search
from kg.query.show import show
from kg.serve import description, pages
from kg.serve.answers import Cut, Receive, Scope, Send, Wanted, answer
from kg.serve.pool import Pool, busy
from kg.serve.protocol import METHODS, Question, question
from kg.serve.things import Thing, find
from kg.serve.wire import CORS, GRAPH, HTML, PLAIN, Refused, best, choices, content_type, not_acceptable

BODY = 1 << 20  # bytes of a request's body
_DRAINED = 64 << 20  # bytes of a body too large that are read and thrown away, so that the client reads the refusal
_ARRIVAL = 30.0  # seconds in which a request must have arrived
_READERS = 4  # pages that are made at once
_CROWD = 200  # pages that may wait
_MOST = 200  # hits or lines of a group that can be asked for
_READING = "GET, HEAD, OPTIONS"
_STATIC = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "yasgui.min.css": "text/css",
    "yasgui.min.js": "text/javascript",
}
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# YASGUI sets style attributes, and adds one style sheet of its own, known by its hash.
_EDITOR = _POLICY.replace(
    "style-src 'self'",
    "style-src 'self' 'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='; style-src-attr 'unsafe-inline'",
)

T = TypeVar("T")


class App:
    """An ASGI application on `pool`; it closes the pool when the server ends. `root_path` is where a proxy shows it."""

    def __init__(self, pool: Pool, *, root_path: str = "") -> None:
        self._pool, self._root = pool, root_path.rstrip("/")
        self._threads = ThreadPoolExecutor(_READERS, "kg-serve-page")
        self._readers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._respond(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(self._pool.close)
        self._threads.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._route(request, receive, send)
        except Refused as refused:
            response = Response(refused.text + "\n", refused.status, {"Content-Type": PLAIN, **refused.headers})
        except (Cut, ClientDisconnect, asyncio.CancelledError):  # the last one: the server is being stopped
            scope.get("state", {}).get("abort", lambda: None)()
            await asyncio.sleep(0)  # the server learns that the connection is lost before this call ends
            return
        if response is not None:
            for name, value in {**CORS, "X-Content-Type-Options": "nosniff"}.items():
                response.headers[name] = value
            await response(scope, receive, send)

    async def _route(self, request: Request, receive: Receive, send: Send) -> Response | None:
        path = self._path(request)
        allowed = METHODS if path == ["sparql"] else _READING
        if request.method == "OPTIONS":
            return _options(allowed)
        if path == ["sparql"]:
            return await self._sparql(request, receive, send)
        if request.method not in ("GET", "HEAD"):
            raise Refused(405, f"{request.method} is not for this: {allowed}", {"Allow": allowed})
        if path == [""]:
            return await self._page(lambda: pages.home(self._pool.site.graph(), self._root), _EDITOR)
        if path == ["search"]:
            text = request.query_params.get("q", "")
            return await self._page(lambda: pages.found(search(self._pool.site.graph(), text), text, self._root))
        if path == ["api", "search"]:
            return await self._search(request)
        if path[:2] == ["api", "show"] and len(path) > 2:
            return await self._show(request, "/".join(path[2:]))
        if len(path) == 2 and path[0] == "static" and path[1] in _STATIC:
            content = files("kg.serve").joinpath("static", path[1]).read_bytes()
            return Response(content, headers={"Content-Type": f"{_STATIC[path[1]]}; charset=utf-8"})
        thing = await self._read(lambda: find(self._pool.site.graph(), path))
        if thing is None:
            raise Refused(404, "there is nothing here")
        return await self._thing(request, thing, receive, send)

    def _path(self, request: Request) -> list[str]:
        """The segments of the path as it was sent, each decoded by itself; below the root path, with it or without."""
        raw = (
            bytes(request.scope.get("raw_path") or request.scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        )
        if self._root and (raw == self._root or raw.startswith(f"{self._root}/")):
            raw = raw[len(self._root) :] or "/"
        segments = raw.split("/")[1:]
        try:
            if not segments or "." in segments or ".." in segments:
                raise Refused(404, "there is nothing here")
            return [unquote(segment, errors="strict") for segment in segments]
        except UnicodeDecodeError as error:
            raise Refused(404, "there is nothing here: the path is not percent-encoded UTF-8") from error

    async def _sparql(self, request: Request, receive: Receive, send: Send) -> Response | None:
        body = await _body(request) if request.method == "POST" else b""
        accept = _accept(request)
        asked = question(request.method, request.scope["query_string"], request.headers.get("content-type", ""), body)
        if asked is None:
            media = best(accept, [*GRAPH, HTML])
            if media == HTML:
                return Response(status_code=303, headers={"Location": f"{self._root}/", "Vary": "Accept"})
            endpoint = description.endpoint(request.url.scheme, request.headers.get("host", ""), self._root)
            asked = Question(description.service(endpoint))
        await self._answer(request, asked, choices(accept), receive, send)
        return None

    async def _thing(self, request: Request, thing: Thing, receive: Receive, send: Send) -> Response | None:
        accept = _accept(request)
        media = best(accept, [HTML, *GRAPH])
        if media is None:
            raise not_acceptable(accept)
        if media == HTML:
            return await self._page(lambda: pages.thing(self._pool.site.graph(), thing, self._root))
        await self._answer(request, Question(f"DESCRIBE <{thing.iri}>"), {"graph": media}, receive, send)
        return None

    async def _answer(
        self, request: Request, asked: Question, media: dict[str, str], receive: Receive, send: Send
    ) -> None:
        if not media:
            raise not_acceptable(_accept(request))
        wanted = Wanted(asked, media, _accept(request), head=request.method == "HEAD")
        await answer(self._pool, wanted, receive, send)

    async def _search(self, request: Request) -> Response:
        asked = request.query_params
        limit, types = _limit(asked.get("limit", "20")), asked.getlist("type")

        def hits() -> object:
            found = search(self._pool.site.graph(), asked.get("q", ""), limit=limit, types=types)
            return [dataclasses.asdict(hit) for hit in found]

        return _json(await self._read(hits))

    async def _show(self, request: Request, name: str) -> Response:
        limit = _limit(request.query_params.get("limit", "10"))
        try:
            card = await self._read(lambda: show(self._pool.site.graph(), name, limit=limit))
        except AmbiguousError as error:
            return _json({"error": "several things are called so", "candidates": error.candidates}, 300)
        except NotFoundError as error:
            return _json({"error": str(error)}, 404)
        return _json(dataclasses.asdict(card))

    async def _page(self, make: Callable[[], str], policy: str = _POLICY) -> Response:
        content = await self._read(make)
        headers = {"Content-Type": content_type(HTML), "Content-Security-Policy": policy, "Vary": "Accept"}
        return Response(content.encode("utf-8", "replace"), headers={**headers, "Referrer-Policy": "no-referrer"})

    async def _read(self, make: Callable[[], T]) -> T:
        """What `make` gives, in a thread of the readers'."""
        if self._readers >= _CROWD:
            raise busy()
        self._readers += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, make)
        except UsageError as error:
            raise Refused(400, str(error)) from error
        except (GraphError, StorageError) as error:
            raise Refused(503, f"the graph cannot be read now: {error}", {"Retry-After": "30"}) from error
        finally:
            self._readers -= 1


def _options(allowed: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "Allow": allowed,
            "Access-Control-Allow-Methods": allowed,
            "Access-Control-Allow-Headers": "Accept, Content-Type",
            "Access-Control-Max-Age": "86400",
        },
    )


def _accept(request: Request) -> str:
    return ",".join(request.headers.getlist("accept"))


def _json(content: object, status: int = 200) -> Response:
    text = json.dumps(content, ensure_ascii=False)
    return Response(text.encode("utf-8", "replace"), status, {"Content-Type": "application/json"})


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST):
        raise Refused(400, f"limit is a number from 1 to {_MOST}")
    return int(text)


async def _body(request: Request) -> bytes:
    """The body. Raises Refused where it is too large (413) or does not come (408)."""
    size = request.headers.get("content-length", "0")
    too_large = Refused(413, f"a query has at most {BODY:,} bytes", {"Connection": "close"})
    if size.isascii() and size.isdigit() and int(size[:19]) > _DRAINED:
        raise too_large
    parts, length = [], 0
    try:
        async with asyncio.timeout(_ARRIVAL):
            async for part in request.stream():
                length += len(part)
                if length <= BODY:
                    parts.append(part)
                elif length > _DRAINED:
                    break
    except TimeoutError as error:
        raise Refused(408, "the query does not come", {"Connection": "close"}) from error
    if length > BODY:
        raise too_large
    return b"".join(parts)
