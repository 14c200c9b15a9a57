"""The records of a graph: what was there, what is read now, what is taken out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from kg import readers
from kg.config import Settings
from kg.errors import AmbiguousError, GraphError, NotFoundError, RecordError, SourceError
from kg.model import Notice, Paper, Rejected
from kg.pipeline.report import Advance, OnProblem
from kg.readers import SourceFile, merge_papers
from kg.store import records as records_table
from kg.store.files import FILES, MANIFEST, RECORDS
from kg.store.manifest import Manifest
from kg.store.records import Item, SourceRecords
from kg.store.verify import check_file, open_file, read_manifest

Records = dict[str, SourceRecords]


def read_files(files: Iterable[SourceFile], settings: Settings, on_problem: OnProblem, advance: Advance) -> Records:
    """Everything that the files hold, by source name. Where `strict`, the first bad record raises RecordError."""
    records: Records = {}
    read = partial(readers.read_files, format=settings.format, encoding=settings.encoding)
    for file in files:
        items: list[Item] = []
        for item in read([file]):
            if settings.strict and isinstance(item, Rejected):
                raise bad_record(item)
            if not isinstance(item, Paper):
                on_problem(item)
            items.append(item)
        records[file.name] = SourceRecords(file.name, file.sha256, tuple(items))
        advance(1)
    return records


def bad_record(rejected: Rejected) -> RecordError | SourceError:
    """The error with which `--strict` ends at a bad record or file."""
    if not rejected.record:
        return SourceError(rejected.file, rejected.reason)
    return RecordError(rejected.file, rejected.record, rejected.reason)


def known_records(home: Path, given: Iterable[str]) -> Records:
    """The records of the graph at `home`, empty where there is none; `given` are the sources that are read anew.

    A damaged graph is no obstacle as long as its records can be had: from `records.parquet`, or because all of its
    sources are given again. Otherwise GraphError says which sources are lacking.
    """
    from kg.store.tables import TableError

    if not any((home / name).exists() for name in (MANIFEST, *FILES)):
        return {}
    sources: set[str] | None = None
    try:
        manifest = read_manifest(home)
        sources = {source.name for source in manifest.sources}
        check_file(home, RECORDS, manifest.files[RECORDS], content=True)
    except GraphError as error:
        damage: Exception | None = error
    else:
        damage = None
    if damage is None or sources is None:  # with a damaged manifest the checksums of the pages must do
        try:
            with open_file(home, RECORDS) as file:
                return records_table.read(file)
        except (OSError, TableError) as error:
            damage = error
    lacking = sorted(sources - set(given)) if sources is not None else ["all of its sources"]
    if lacking:
        raise GraphError(
            home / RECORDS,
            f"is damaged, so the graph can only be built from its sources: give {', '.join(lacking[:5])}"
            f"{' and others' if len(lacking) > 5 else ''} too, or begin anew with --fresh ({damage})",
        )
    return {}


def manifest_of(home: Path) -> Manifest | None:
    """The manifest of the graph at `home`; None where there is none that can be read."""
    try:
        return read_manifest(home)
    except GraphError:
        return None


def outside(files: Iterable[SourceFile], home: Path) -> tuple[SourceFile, ...]:
    """The files that do not lie in the graph directory itself (`kg build . -o my.kg`, again)."""
    place = Path(os.path.realpath(home))
    return tuple(f for f in files if f.path is None or not Path(os.path.realpath(f.path)).is_relative_to(place))


def take_out(records: Records, names: Sequence[str]) -> Records:
    """`records` without the sources and papers named: a source by its name (or the directory in it), a paper by its id.

    A paper goes with all the records that became it. A source of which nothing is left goes too.
    Raises NotFoundError, or AmbiguousError where a name is a source and a paper.
    """
    for name in names:
        sources = {s for s in records if s == name or s.startswith(f"{name.rstrip('/')}/")}
        gone = _records_of(name, records)
        if sources and gone:
            raise AmbiguousError(name, [*sorted(f"source {s}" for s in sources), f"paper {name}"])
        if not sources and not gone:
            raise NotFoundError(f"nothing to take out: {name!r} is neither a source nor a paper of this graph")
        records = {s: _without(r, gone) for s, r in records.items() if s not in sources}
        records = {s: r for s, r in records.items() if r.papers or r.rejected or not gone}
    return records


def _records_of(paper_id: str, records: Mapping[str, SourceRecords]) -> frozenset[str]:
    """The records ("file#record") that became the paper known under this id."""
    papers = merge_papers(paper for source in records.values() for paper in source.papers).papers
    return frozenset(
        record for paper in papers if paper_id == paper.id or paper_id in paper.source_ids for record in paper.sources
    )


def _without(source: SourceRecords, gone: frozenset[str]) -> SourceRecords:
    def stays(item: Item) -> bool:
        match item:
            case Paper():
                return not gone.intersection(item.sources)
            case Notice():
                return f"{item.file}#{item.record}" not in gone
        return True

    return replace(source, items=tuple(item for item in source.items if stays(item)))


def rejected_rows(
    records: Mapping[str, SourceRecords], papers: Iterable[Paper], failed: Mapping[str, str]
) -> list[Rejected]:
    """All rejected records in the order of their sources: those that could not be read, and each record of a paper
    that extraction could not cope with (`failed`: its id → the reason)."""
    lost = {record: failed[paper.id] for paper in papers if paper.id in failed for record in paper.sources}
    rows = []
    for name, source in sorted(records.items()):
        for item in source.items:
            match item:
                case Rejected():
                    rows.append(item)
                case Paper() if item.sources[0] in lost:
                    rows.append(Rejected(name, item.sources[0].removeprefix(f"{name}#"), lost[item.sources[0]]))
    return rows
