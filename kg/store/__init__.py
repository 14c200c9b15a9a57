"""The graph directory: Parquet tables, a manifest, and how both are written so that no reader ever sees half of them.

    papers mentions entities statements evidence results merges   `.parquet`, rows as in `kg.model`, sorted, zstd
    records.parquet     every record of every source as it was read, before records of one paper were merged
    rejected.jsonl      `file`, `record`, `reason` of each record that could not be used
    manifest.json       what the graph was made from and with, counts, and size and hash of each file above
    cache/              what can be made again: nothing in it is part of the graph

`records.parquet` is no cache: merging loses what the single records said (the shorter text, the other title), and
adding or taking out a source must give the graph that a clean build of the remaining sources gives.

    graph = GraphDir.open("my.kg")
    for entity in graph.entities():
        ...

Writing: new files go to a folder inside the directory, are synced, and the folder is renamed once; from then on the
new graph is the valid one, wherever its files lie, and moving them to their places can be interrupted at any moment.
"""

from __future__ import annotations

from kg.store.directory import GraphDir
from kg.store.files import FILES, TABLES
from kg.store.manifest import Manifest, SourceEntry, TableFile
from kg.store.verify import damages
from kg.store.write import BuildDir, building, write_graph

__all__ = [
    "FILES",
    "TABLES",
    "BuildDir",
    "GraphDir",
    "Manifest",
    "SourceEntry",
    "TableFile",
    "building",
    "damages",
    "write_graph",
]
