"""Answers of the store as HTTP responses: whole, or visibly cut; never a part that looks whole.

Nothing is sent before the first block is there, so that whatever goes wrong until then has a status of its own.
Afterwards the connection is reset: neither the end of a chunked body nor a clean close tells the client "that was all".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kg.errors import GraphError, QueryError, StorageError, UsageError
from kg.query.sparql import request_for
from kg.query.worker import QueryMemory, QueryTimeout
from kg.serve.pool import Lease, Pool
from kg.serve.protocol import Question
from kg.serve.wire import CORS, KINDS, Refused, content_type, not_acceptable

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STALL = 30.0  # seconds that a client may take to read one block
WHOLE = 600.0  # seconds that a client may take to read a whole answer
_SHORT = 4096  # bytes: a first block that is smaller is the last one (the engine writes about 8 KB at once)


class Cut(Exception):
    """An answer that has begun does not end: the connection must be reset."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question and how its answer is to be sent; `media` by kind of answer."""

    question: Question
    media: Mapping[str, str]
    accept: str
    head: bool = False


async def answer(pool: Pool, wanted: Wanted, receive: Receive, send: Send) -> None:
    """Send the answer. Raises Refused before it has begun, Cut afterwards; a client that leaves ends the query."""
    work = asyncio.create_task(_answer(pool, wanted, send))
    gone = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise Cut
        work.result()
    finally:
        for task in (work, gone):
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(pool: Pool, wanted: Wanted, send: Send) -> None:
    loop = asyncio.get_running_loop()
    async with pool.lease() as lease:
        try:
            media, first, rest = await loop.run_in_executor(pool.threads, _begin, pool, lease, wanted)
        except UsageError as error:
            raise not_acceptable(wanted.accept) from error
        except (QueryTimeout, QueryMemory) as error:
            raise Refused(503, str(error)) from error
        except QueryError as error:
            raise Refused(400 if lease.alive else 503, str(error)) from error
        except (GraphError, StorageError) as error:
            raise Refused(503, f"the graph cannot be read now: {error}", {"Retry-After": "30"}) from error
        headers = {"Content-Type": content_type(media), "Vary": "Accept", "X-Content-Type-Options": "nosniff", **CORS}
        if rest is None:
            headers["Content-Length"] = str(len(first))
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        try:
            async with asyncio.timeout(WHOLE):
                block: bytes = first
                while rest is not None and not wanted.head:
                    await _sent(send, block, more=True)
                    block = await loop.run_in_executor(pool.threads, next, rest, b"")
                    if not block:
                        break
                await _sent(send, block, more=False)
        except (TimeoutError, QueryError) as error:
            raise Cut from error


async def _sent(send: Send, block: bytes, *, more: bool) -> None:
    async with asyncio.timeout(STALL):
        await send({"type": "http.response.body", "body": block, "more_body": more})


def _begin(pool: Pool, lease: Lease, wanted: Wanted) -> tuple[str, bytes, Iterator[bytes] | None]:
    """The media type, the first block, and the rest (None: that was all). In a thread of the pool."""
    graph = pool.site.graph()
    formats = {kind: KINDS[kind][media] for kind, media in wanted.media.items()}
    asked = wanted.question
    request = request_for(
        graph, asked.query, formats, default_graphs=asked.default_graphs, named_graphs=asked.named_graphs
    )
    found = lease.ask(graph, request)
    blocks = iter(found)
    first, media = next(blocks, b""), wanted.media[found.header["kind"]]
    if len(first) < _SHORT:  # an answer that is over gets a length
        second = next(blocks, None)
        return (media, first, None) if second is None else (media, first + second, blocks)
    return media, first, blocks
