"""CSV: `nodes.csv` and `edges.csv`, in a folder or, where the name ends in `.zip`, in one archive.

UTF-8, a header, quotes where a field needs them, `\\n` at line ends, lists as JSON arrays, an absent value is empty.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from kg.errors import OutputError
from kg.export import Options, blocks
from kg.export.properties import EDGE_COLUMNS, NODE_COLUMNS, as_text, edge_values, node_values
from kg.graph import Graph
from kg.store import GraphDir
from kg.store.files import storage_errors, whole_file
from kg.text import xml_safe

NAMES = ("nodes.csv", "edges.csv")
_SPECIAL = re.compile('[",\r\n]')
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # of time, as far as ZIP knows: no clock in an archive


def write_csv(directory: GraphDir, options: Options, out: str | Path) -> None:
    """Write both files into the folder `out`, made if it is not there, or into the archive `out`.

    Raises OutputError where a folder with other things in it, or a file, is in the way.
    """
    graph = Graph(directory)
    tables: dict[str, Callable[[], Iterator[list[str]]]] = {
        "nodes.csv": lambda: node_rows(graph),
        "edges.csv": lambda: edge_rows(graph),
    }
    place = Path(out)
    if place.suffix.lower() == ".zip":
        with whole_file(place) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows in tables.items():
                about = zipfile.ZipInfo(name, _BEGINNING)
                about.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(about, "w", force_zip64=True) as member:
                    for block in blocks(csv_text(rows())):
                        member.write(block)
        return
    if place.is_dir():
        if strangers := sorted({entry.name for entry in place.iterdir()} - set(NAMES)):
            raise OutputError(place, f"is a folder with other things in it ({strangers[0]}); name a new one")
    elif place.exists():
        raise OutputError(place, "is a file; csv is two files and needs a folder, or a name that ends in .zip")
    made = not place.exists()
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as stack:  # both appear when both are whole
            files = {name: stack.enter_context(whole_file(place / name)) for name in tables}
            for name, rows in tables.items():
                for block in blocks(csv_text(rows())):
                    files[name].write(block)
    except BaseException:
        if made:
            with suppress(OSError):
                place.rmdir()
        raise


def node_rows(graph: Graph) -> Iterator[list[str]]:
    """Header and rows of `nodes.csv`."""
    yield ["id", *NODE_COLUMNS]
    for node in graph.nodes():
        values = node_values(node)
        yield [xml_safe(node.id), *(as_text(values[name]) if name in values else "" for name in NODE_COLUMNS)]


def edge_rows(graph: Graph) -> Iterator[list[str]]:
    """Header and rows of `edges.csv`."""
    yield ["id", "source", "target", *EDGE_COLUMNS]
    for edge in graph.edges():
        values = edge_values(edge)
        ends = [xml_safe(edge.id), xml_safe(edge.source), xml_safe(edge.target)]
        yield [*ends, *(as_text(values[name]) if name in values else "" for name in EDGE_COLUMNS)]


def csv_text(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines (the csv module of Python 3.11 leaves a lone carriage return without quotes).

    >>> print(*csv_text([("a", "b,c")]), sep="", end="")
    a,"b,c"
    """
    for row in rows:
        yield ",".join([_quoted(field) if _SPECIAL.search(field) else field for field in row]) + "\n"


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'
