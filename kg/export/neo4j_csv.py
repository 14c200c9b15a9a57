"""Bulk files for Neo4j: one CSV file a label and a relationship type, and `import.sh`, which loads them.

    kg export my.kg -f neo4j-csv -o bulk/ && sh bulk/import.sh neo4j       (the server of that database being stopped)

The files hold exactly what `kg load` writes, so the two can follow each other. What the import tool has no escape for
is kept away from it: every text is in quotes (a quote doubled), so delimiters, leading quotes, backslashes and line
ends are text; elements of a list are parted by U+001F, which no text of a graph can hold; an absent value is an empty
field without quotes; the read buffer is as large as the longest row.
"""

from __future__ import annotations

import math
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from kg.errors import OutputError
from kg.export import Options
from kg.export.neo4j_rows import (
    EDGE_COLUMNS,
    KEY,
    NODE_COLUMNS,
    RELATIONSHIP_TYPES,
    Cell,
    Keys,
    Row,
    edge_row,
    labels,
    node_row,
)
from kg.graph import Graph
from kg.store import GraphDir
from kg.store.files import storage_errors, whole_file

SCRIPT = "import.sh"
_UNIT = "\x1f"
_BUFFER = 4 << 20  # the tool's own default
_TYPES = {str: "string", int: "long", float: "double", bool: "boolean", tuple: "string[]"}


def write_neo4j_csv(directory: GraphDir, options: Options, out: str | Path) -> None:
    """Write the bulk files into the folder `out`, made if it is not there.

    The things' keys are of the base IRI that the graph was built with, as `kg load` has them.
    Raises OutputError where a file, or a folder with other things in it, is in the way.
    """
    place = Path(out)
    _claim(place)
    with ExitStack() as stack:  # all appear when all are whole
        files = _Files(place, stack)
        for name, line in lines(Graph(directory), Keys(directory.manifest.base_iri)):
            files.write(name, line)
        script = stack.enter_context(whole_file(place / SCRIPT))
        script.write(import_script(sorted(files.open), files.longest).encode())
    with storage_errors(place):
        script_path = place / SCRIPT
        script_path.chmod(script_path.stat().st_mode | stat.S_IXUSR)
        for stale in {path for path in place.iterdir() if _is_ours(path.name)} - files.paths - {script_path}:
            stale.unlink()


def lines(graph: Graph, keys: Keys) -> Iterator[tuple[str, str]]:
    """(file name, line) of every node and edge."""
    for node in graph.nodes():
        yield f"nodes-{node.label}.csv", csv_line(node_row(node, keys))
    for edge in graph.edges():
        yield f"relationships-{RELATIONSHIP_TYPES[edge.type]}.csv", csv_line(edge_row(edge, keys))


def header(name: str) -> str:
    """The first line of a file, by its name.

    >>> header("nodes-Author.csv")
    'kg_key:ID,id:string,name:string\\n'
    """
    kind, _, rest = name.removesuffix(".csv").partition("-")
    if kind == "nodes":
        return ",".join([f"{KEY}:ID", *_typed(NODE_COLUMNS[rest])]) + "\n"
    return ",".join([":START_ID", ":END_ID", f"{KEY}:string", *_typed(EDGE_COLUMNS)]) + "\n"


def csv_line(row: Row) -> str:
    """A row as a line of the file.

    >>> print(csv_line(["k", 'a"b', None, True, 0.5, ["x", "y"]]).replace("\\x1f", "^"), end="")
    "k","a""b",,true,0.5,"x^y"
    """
    return ",".join(map(_field, row)) + "\n"


def import_script(names: list[str], longest: int) -> str:
    """The shell script that holds the import tool's command line for the files of these names.

    `longest` is the length of the longest line in bytes.
    """
    arguments = [
        "--delimiter=,",
        "--array-delimiter=U+001F",
        "--quote='\"'",
        "--multiline-fields=true",
        "--legacy-style-quoting=false",
        "--ignore-empty-strings=false",
        "--trim-strings=false",
        "--id-type=string",
        "--bad-tolerance=0",
        "--strict=true",
        f"--read-buffer-size={max(_BUFFER, 2 * longest)}",
        *(_argument(name) for name in names),
    ]
    return (
        "#!/bin/sh\n"
        "# Loads these files into a new, empty database; the server must not run meanwhile.\n"
        "# Usage: sh import.sh [DATABASE] [more options of neo4j-admin, such as --overwrite-destination]\n"
        "# Then start the server and make the constraints and indexes: run `kg load`, which finds nothing else to do.\n"
        'cd "$(dirname "$0")" || exit 1\n'
        "database=${1:-neo4j}\n"
        "[ $# -gt 0 ] && shift\n"
        # The database comes first: after --relationships=… the tool would take its name for one more file.
        + " \\\n  ".join(['exec neo4j-admin database import full "$database" "$@"', *arguments])
        + "\n"
    )


def _argument(name: str) -> str:
    kind, _, rest = name.removesuffix(".csv").partition("-")
    return f"--{kind}={':'.join(labels(rest)) if kind == 'nodes' else rest}=./{name}"


def _typed(columns: Mapping[str, type]) -> Iterator[str]:
    return (f"{name}:{_TYPES[kind]}" for name, kind in columns.items())


def _field(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(cell) if math.isfinite(cell) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(cell), "NaN")
    if isinstance(cell, int):
        return str(cell)
    text = _UNIT.join(cell) if isinstance(cell, list) else cell
    return '"' + text.replace('"', '""') + '"'


class _Files:
    """The files of an export, each opened with its header when it gets its first line."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        self.place, self.stack = place, stack
        self.open: dict[str, BinaryIO] = {}
        self.longest = 0

    @property
    def paths(self) -> set[Path]:
        return {self.place / name for name in self.open}

    def write(self, name: str, line: str) -> None:
        file = self.open.get(name)
        if file is None:
            file = self.open[name] = self.stack.enter_context(whole_file(self.place / name))
            file.write(header(name).encode())
        encoded = line.encode()
        self.longest = max(self.longest, len(encoded))
        file.write(encoded)


def _is_ours(name: str) -> bool:
    kind, _, rest = name.removesuffix(".csv").partition("-")
    names = {"nodes": NODE_COLUMNS, "relationships": RELATIONSHIP_TYPES.values()}.get(kind, ())
    return name == SCRIPT or (name.endswith(".csv") and rest in names)


def _claim(place: Path) -> None:
    """Make the folder, or see that it holds an earlier export and nothing else."""
    if place.is_dir():
        if strangers := sorted(entry.name for entry in place.iterdir() if not _is_ours(entry.name)):
            raise OutputError(place, f"is a folder with other things in it ({strangers[0]}); name a new one")
    elif place.exists():
        raise OutputError(place, "is a file; neo4j-csv is several files and needs a folder")
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
