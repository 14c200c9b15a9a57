"""The server: uvicorn on one socket, with connections that can be reset (home of uvicorn)."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from kg.errors import UsageError
from kg.serve.app import App
from kg.serve.pool import Pool

CONNECTIONS = 1_000
_LEAVING = 2  # seconds that answers have to end when the server is stopped
_FIRST = 30.0  # seconds in which a new connection must ask something
_BACKLOG = 512
_NO_WAIT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)  # SO_LINGER: on, no seconds


class Protocol(H11Protocol):
    """HTTP/1.1 whose applications find `abort` in their state: it resets the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self.app_state = {**self.app_state, "abort": self._abort}
        self._opened = asyncio.get_running_loop().call_later(_FIRST, self._unless_asked)

    def connection_lost(self, exc: Exception | None) -> None:
        self._opened.cancel()
        super().connection_lost(exc)

    def _unless_asked(self) -> None:
        if self.cycle is None:
            self._abort()

    def _abort(self) -> None:
        """End the connection with a reset, so that no client takes its end for that of the answer (HTTP/1.0)."""
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_WAIT)
        self.transport.abort()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises UsageError where that cannot be."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except socket.gaierror as error:
        raise UsageError(f"--host {host}: there is no such address ({error.strerror})") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} of {host} is taken: choose another one with --port") from error
        raise UsageError(f"{host}:{port} cannot be served ({error.strerror})") from error


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a message of uvicorn says something: that answers end with the server is no fault."""
    return not str(record.msg).startswith("Cancel ")


def run(pool: Pool, door: socket.socket, *, root_path: str, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; then no worker is left. Only bugs are logged."""
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    options: dict[str, Any] = {
        "http": Protocol,
        "ws": "none",
        "loop": "asyncio",
        "lifespan": "on",
        "log_config": None,
        "log_level": "error",
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": _LEAVING,
        "limit_concurrency": CONNECTIONS,
        "backlog": _BACKLOG,
    }
    try:
        _Server(uvicorn.Config(App(pool, root_path=root_path), **options), ready).run(sockets=[door])
    finally:
        pool.close()
