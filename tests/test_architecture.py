"""Imports point one way, and each heavy library has one home (docs/architecture.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

# A room may import only itself and rooms above it.
ORDER = [
    ("errors", "text"),
    ("vocab", "model"),
    ("config",),
    ("readers",),
    ("extract",),
    ("resolve",),
    ("store",),
    ("graph",),
    ("export",),
    ("query",),
    ("neo4j",),
    ("views",),
    ("serve",),
    ("evaluate", "validate"),
    ("train", "corpora"),
    ("pipeline",),
    ("cli",),
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
HOMES = {
    "spacy": {"corpora", "extract", "train"},
    "onnxruntime": {"extract"},
    "tokenizers": {"extract", "train"},
    "pyarrow": {"store"},
    "duckdb": {"store"},
    "networkx": {"graph"},
    "rdflib": {"export", "validate"},
    "pyoxigraph": {"export", "query"},
    "pyshacl": {"validate"},
    "ladybug": {"query"},
    "sqlite3": {"query"},
    "neo4j": {"neo4j"},
    "pyvis": {"views"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "click": {"cli"},
    "torch": {"train"},
}


def modules(root: Path) -> list[tuple[str, Path]]:
    package = root / "kg"
    found = []
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room not in ("__init__", "__main__"):
            found.append((room, path))
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names.add(node.module or "")
            if node.module == "kg":
                names.update(f"kg.{alias.name}" for alias in node.names)
    return names


def test_a_room_imports_only_rooms_above_it(root: Path) -> None:
    wrong = []
    for room, path in modules(root):
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "kg" or len(parts) == 1 or parts[1] not in LEVEL or parts[1] == room:
                continue
            if LEVEL[parts[1]] >= LEVEL[room]:
                wrong.append(f"{path.relative_to(root)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_every_room_is_in_the_order(root: Path) -> None:
    assert {room for room, _ in modules(root)} <= set(LEVEL)


def test_heavy_libraries_stay_in_their_homes(root: Path) -> None:
    wrong = []
    for room, path in modules(root):
        for name in imports(path):
            library = name.split(".")[0]
            if library in HOMES and room not in HOMES[library]:
                wrong.append(f"{path.relative_to(root)} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", ["kg", "kg.cli", "kg.readers", "kg.model"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    heavy = [
        "spacy",
        "pyarrow",
        "duckdb",
        "networkx",
        "rdflib",
        "pyoxigraph",
        "ladybug",
        "neo4j",
        "pyvis",
        "onnxruntime",
        "numpy",
        "torch",
    ]
    code = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_no_module_is_named_after_nothing(root: Path) -> None:
    vague = {"utils", "util", "helpers", "manager", "misc", "process", "data"}
    assert not [path for _, path in modules(root) if path.stem in vague]
