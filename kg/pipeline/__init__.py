"""The whole flow: sources → records → papers → extractions → entities, statements, results → graph directory.

    report = build(["papers/"], "my.kg")
    extract(["papers/"], "extracted.jsonl")

Everything that is decided here is decided by content: the order of the sources, the number of jobs and what was built
before change nothing about the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from kg.config import Settings
from kg.errors import ModelError, NothingReadable, UsageError
from kg.extract.lexicon import Lexicon, LexiconError
from kg.extract.worker import Done, Failed
from kg.model import Notice, Paper, Rejected
from kg.pipeline import lines
from kg.pipeline import settings as _settings
from kg.pipeline.extracting import Extractor, extract_all
from kg.pipeline.extractions import Extractions, pipeline_version
from kg.pipeline.report import (
    Advance,
    BuildReport,
    ExtractReport,
    OnProblem,
    Progress,
    counts_by_type,
    ignore,
    silent,
    top_entities,
)
from kg.pipeline.sources import (
    Records,
    bad_record,
    known_records,
    manifest_of,
    outside,
    read_files,
    rejected_rows,
    take_out,
)
from kg.readers import list_files, merge_papers
from kg.resolve import Resolver, read_rules
from kg.store.write import building, claim
from kg.vocab import DEFAULT_BASE

__all__ = ["BuildReport", "ExtractReport", "build", "extract"]

Sources = Sequence[str | Path] | str | Path


def build(
    sources: Sources = (),
    out: str | Path = "graph.kg",
    *,
    model: str = "default",
    lexicon: str | Path | None = None,
    rules: str | Path | None = None,
    min_confidence: float = 0.0,
    base_iri: str = DEFAULT_BASE,
    format: str | None = None,
    encoding: str | None = None,
    jobs: int = 0,
    fresh: bool = False,
    remove: Sequence[str] = (),
    strict: bool = False,
    progress: Progress = silent,
    on_problem: OnProblem = ignore,
    extractor: Extractor | None = None,
) -> BuildReport:
    """Build the graph directory `out` from `sources`, or add them to the graph that is there.

    A source that was there under the same name is replaced. `fresh` forgets what was there; `remove` takes out sources
    by name and papers by id. `jobs` worker processes extract (0: one for each core). `on_problem` is called for each
    bad record as it is met; `extractor` takes the place of the pipeline. The graph is that of one clean build of all
    its sources with these settings.

    Raises UsageError (nothing was written), SourceError, RecordError where `strict`, NotFoundError, ModelError,
    GraphError, StorageError, WorkerError (then the graph is as before), NothingReadable (then it holds the rejects).
    """
    settings = Settings(
        model=model,
        lexicon=_path(lexicon),
        rules=_path(rules),
        min_confidence=min_confidence,
        base_iri=base_iri,
        format=format,
        encoding=encoding,
        jobs=jobs,
        strict=strict,
    )
    _settings.check(settings)
    named = _as_list(sources)
    if not named and not remove:
        raise UsageError("no source given: name a file, a directory, a pattern, or - for standard input")
    resolver, terms = _resolver(settings)
    files = outside(list_files(named), claim(out)) if named else ()

    with building(out) as place:
        before = None if fresh else manifest_of(place.path)
        old = {} if fresh else known_records(place.path, [file.name for file in files])
        with progress("Reading", len(files)) as advance:
            new = read_files(files, settings, on_problem, advance)
        records = take_out({**old, **new}, remove)
        merged = merge_papers(_papers_of(records))
        with Extractions.open(place.cache / "extractions", _version(settings, extractor)) as extractions:
            missing = [paper for paper in merged.papers if paper not in extractions]
            with progress("Extracting", len(missing)) if missing else silent("") as advance:
                failed = _extract(missing, extractor or _pipeline(settings), extractions, advance)
            papers = [paper for paper in merged.papers if paper.id not in failed]
            rejected = rejected_rows(records, merged.papers, failed)
            _tell(rejected, failed, strict=strict, on_problem=on_problem)
            with progress("Resolving", 1) as advance:
                found = resolver.resolve(
                    lambda: ((paper, extractions.get(paper)) for paper in papers), min_confidence=min_confidence
                )
                advance(1)
        counts = {
            **found.counts,
            **counts_by_type(found.entities),
            "conflicts": merged.conflicts,
            **_accounts(records, papers, rejected),
        }
        with progress("Writing", 1) as advance:
            manifest = place.write(
                papers=papers,
                mentions=found.mentions,
                entities=found.entities,
                statements=found.statements,
                evidence=found.evidence,
                results=found.results,
                merges=found.merges,
                rejected=rejected,
                records=records.values(),
                manifest_fields={"counts": counts, **_settings.manifest_fields(settings, terms, records)},
            )
            advance(1)
    if new and not any(source.papers for source in new.values()):
        raise NothingReadable(_why_nothing(new))
    return BuildReport(
        path=Path(out),
        counts=manifest.counts,
        rejected=tuple(rejected),
        notices=tuple(notice for _, source in sorted(records.items()) for notice in source.notices),
        sources=len(records),
        replaced=tuple(name for name in sorted(new) if name in old and old[name].sha256 != new[name].sha256),
        changed=tuple(_settings.changes(before, manifest)) if before else (),
        extracted=len(missing),
        reused=len(merged.papers) - len(missing),
        top=top_entities(found.entities),
    )


def extract(
    sources: Sources,
    out: str | Path | BinaryIO,
    *,
    model: str = "default",
    lexicon: str | Path | None = None,
    format: str | None = None,
    encoding: str | None = None,
    jobs: int = 0,
    strict: bool = False,
    progress: Progress = silent,
    on_problem: OnProblem = ignore,
    extractor: Extractor | None = None,
) -> ExtractReport:
    """Write one JSON record for each record of `sources` to the file `out`, in their order, as JSON Lines.

    The records have the form of the annotation guidelines, under the ids that the sources gave. Bad ones stand in
    `OUT.rejected.jsonl`, which is there only if there are any. The files appear when all is done, or not at all; an
    open binary file as `out` is written to as the work goes on, and then rejects are only reported.

    Raises UsageError, SourceError, RecordError where `strict`, NothingReadable, ModelError, StorageError, WorkerError.
    """
    settings = Settings(model=model, lexicon=_path(lexicon), format=format, encoding=encoding, jobs=jobs, strict=strict)
    _settings.check(settings)
    files = list_files(_as_list(sources))
    problems: list[Rejected | Notice] = []

    def met(problem: Rejected | Notice) -> None:
        if strict and isinstance(problem, Rejected):
            raise bad_record(problem)
        problems.append(problem)
        on_problem(problem)

    with progress("Extracting") as advance:
        papers = lines.accepted(files, settings, met)
        rows = lines.records(papers, extractor or _pipeline(settings), met, advance)
        if isinstance(out, str | Path):
            lines.ensure_no_source(out, files)
            written, rejected_path = lines.write_file(Path(out), rows, problems)
        else:
            written, rejected_path = lines.write_lines(out, rows), None
    rejected = tuple(problem for problem in problems if isinstance(problem, Rejected))
    if not written:
        raise NothingReadable(_no_record(rejected))
    notices = tuple(problem for problem in problems if isinstance(problem, Notice))
    return ExtractReport(written, rejected, notices, rejected_path)


def _path(path: str | Path | None) -> Path | None:
    return Path(path) if path else None


def _as_list(sources: Sources) -> list[str | Path]:
    return [sources] if isinstance(sources, str | Path) else list(sources)


def _resolver(settings: Settings) -> tuple[Resolver, Lexicon]:
    """The resolver with the lexicon and the user's rules. Raises ModelError, UsageError."""
    try:
        lexicon = Lexicon.load(extra=settings.lexicon)
    except LexiconError as error:
        raise ModelError(str(error)) from error
    return Resolver(lexicon, read_rules(settings.rules) if settings.rules else ()), lexicon


def _pipeline(settings: Settings) -> Extractor:
    return partial(extract_all, model=settings.model, lexicon=settings.lexicon, jobs=settings.jobs)


def _version(settings: Settings, extractor: Extractor | None) -> str:
    """The name under which extractions are kept; "" where they are not: an extractor from outside has no version."""
    return pipeline_version(settings.model, settings.lexicon) if extractor is None else ""


def _papers_of(records: Records) -> Iterator[Paper]:
    return (paper for _, source in sorted(records.items()) for paper in source.papers)


def _extract(papers: list[Paper], extractor: Extractor, extractions: Extractions, advance: Advance) -> dict[str, str]:
    """Extract from each paper and keep what was found; returns the ids that failed, with the reasons."""
    failed: dict[str, str] = {}
    for paper, outcome in zip(papers, extractor(papers), strict=True):
        match outcome:
            case Done(extraction):
                extractions.put(paper, extraction)
            case Failed(reason):
                failed[paper.id] = reason
        advance(1)
    return failed


def _tell(rejected: list[Rejected], failed: dict[str, str], *, strict: bool, on_problem: OnProblem) -> None:
    """Report the records that extraction could not cope with (the others were reported when they were read)."""
    reasons = set(failed.values())
    for row in rejected:
        if row.reason in reasons:
            on_problem(row)
            if strict:
                raise bad_record(row)


def _accounts(records: Records, papers: list[Paper], rejected: list[Rejected]) -> dict[str, int]:
    """papers + merged + rejected = records."""
    read = sum(len(source.papers) + len(source.rejected) for source in records.values())
    return {"records": read, "merged": read - len(papers) - len(rejected)}


def _why_nothing(records: Records) -> str:
    return _no_record([row for _, source in sorted(records.items()) for row in source.rejected])


def _no_record(rejected: Sequence[Rejected]) -> str:
    if not rejected:
        return "no record could be read: the sources are empty"
    first = bad_record(rejected[0])
    return f"no record could be read: {first}" + (f" (and {len(rejected) - 1} more)" if len(rejected) > 1 else "")
