"""`kg serve`: a SPARQL endpoint, pages and a JSON API over HTTP."""

from __future__ import annotations

import click

from kg.cli.answers import timeout_option
from kg.cli.common import err, harmless


@click.command(epilog="Example: kg serve my.kg --port 8000, then open http://127.0.0.1:8000/")
@click.argument("graph", metavar="DIR")
@click.option("--host", metavar="NAME", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="Port; 0: a free one.",
)
@click.option("--root-path", metavar="PATH", default="", help="Where a proxy shows the server, such as /kg.")
@timeout_option
@click.option(
    "--memory", metavar="MB", type=click.IntRange(min=256), default=2048, show_default=True, help="For each query."
)
@click.option("--jobs", metavar="N", type=click.IntRange(1, 256), help="Queries at once.  [default: 2 a core, up to 8]")
def command(graph: str, host: str, port: int, root_path: str, timeout: float, memory: int, jobs: int | None) -> None:
    """Serve the graph over HTTP: SPARQL at /sparql, a query page at /, entities and papers at their ids, /api/.

    Reads only. Needs the extra `serve`. Ctrl-C ends it.
    """
    from kg.serve import serve

    serve(
        graph,
        host=host,
        port=port,
        root_path=root_path,
        timeout=timeout,
        memory=memory << 20,
        jobs=jobs,
        ready=lambda address: err(f"Serving {harmless(graph)} at {address} (Ctrl-C ends it)"),
    )
