"""HTTP: a SPARQL endpoint, pages of entities and papers, a small JSON API. Reads only (home of starlette)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from kg.errors import ExtraMissing, UsageError

_ROOT = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


def serve(
    directory: str | Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    root_path: str = "",
    timeout: float = 30.0,
    memory: int = 2 << 30,
    jobs: int | None = None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the graph at `directory` until the process is interrupted; `ready` is told the address.

    `jobs` queries run at once (default: twice the cores, at most 8), each in a process with `memory` bytes and
    `timeout` seconds; `root_path` is the path at which a proxy shows the server. The SPARQL store is built first if
    there is none. Raises ExtraMissing, UsageError (address, root path), GraphError, StorageError.
    """
    for library in ("starlette", "uvicorn"):
        if find_spec(library) is None:
            raise ExtraMissing(library, "serve", "kg serve")
    if not _ROOT.fullmatch(root_path) or ".." in root_path:
        raise UsageError(f"--root-path {root_path!r} cannot be used: it must be a path such as /kg")
    from kg.query.worker import Limits
    from kg.serve.pool import Pool, Site
    from kg.serve.server import listen, run

    site = Site(directory)
    with listen(host, port) as door:
        pool = Pool(site, size=jobs or min(2 * (os.cpu_count() or 1), 8), limits=Limits(timeout, memory))
        try:
            pool.warm()
            name = f"[{host}]" if ":" in host else host
            address = f"http://{name}:{door.getsockname()[1]}{root_path.rstrip('/')}/"
            run(pool, door, root_path=root_path, ready=lambda: ready(address))
        finally:
            pool.close()
