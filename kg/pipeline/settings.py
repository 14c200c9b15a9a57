"""Settings: checked before anything is read or written, and what of them the manifest tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kg import readers
from kg.config import Settings, model_dir
from kg.errors import ModelError, UsageError
from kg.extract.lexicon import Lexicon
from kg.pipeline.extractions import tree_hash
from kg.store.manifest import Manifest, SourceEntry
from kg.store.records import SourceRecords

BUILT_IN = ("default", "rules")  # these work without a model directory, by rules alone

# An absolute IRI without what RFC 3987 excludes, ending so that names can be appended.
_BASE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+[/#]")
_WEB = re.compile(r"https?:", re.IGNORECASE)
_WEB_WITH_HOST = re.compile(r"https?://[^/?#]+/.*", re.IGNORECASE)


def check(settings: Settings) -> None:
    """Raises UsageError for a setting that cannot be, ModelError for a model that is not there."""
    if not 0.0 <= settings.min_confidence <= 1.0:
        raise UsageError(f"a confidence lies between 0 and 1, and the least is given as {settings.min_confidence}")
    if settings.jobs < 0:
        raise UsageError(f"the number of jobs is 1 or more, or 0 for one for each core, not {settings.jobs}")
    iri = settings.base_iri
    if not _BASE_IRI.fullmatch(iri) or (_WEB.match(iri) and not _WEB_WITH_HOST.fullmatch(iri)):
        raise UsageError(
            f'{iri!r} cannot be a base IRI: it must be absolute, without blanks or any of <>"{{}}|\\^`, '
            "and end in / or #, as https://example.org/graph/"
        )
    for path, what in ((settings.lexicon, "lexicon"), (settings.rules, "rules")):
        if path is not None and not path.is_file():
            raise UsageError(f"{path}: there is no such {what} file")
    if settings.model not in BUILT_IN and not model_dir(settings.model).is_dir():
        raise ModelError(f"{settings.model}: there is no model of that name and no such directory")
    readers.read_files((), format=settings.format, encoding=settings.encoding)  # raises for names that are not known


def manifest_fields(settings: Settings, lexicon: Lexicon, records: Mapping[str, SourceRecords]) -> dict[str, Any]:
    """The fields of the manifest that tell what the graph was made from and with: names and hashes, no places."""
    own = settings.lexicon
    return {
        "base_iri": settings.base_iri,
        "model": {"name": Path(settings.model).name, "sha256": tree_hash(model_dir(settings.model))},
        "lexicon": {"version": lexicon.version, "own_sha256": tree_hash(own) if own else ""},
        "settings": {
            "min_confidence": settings.min_confidence,
            "rules_sha256": tree_hash(settings.rules) if settings.rules else "",
        },
        "sources": tuple(
            SourceEntry(name, source.sha256, len(source.papers) + len(source.rejected), len(source.rejected))
            for name, source in sorted(records.items())
        ),
    }


def changes(old: Manifest, new: Manifest) -> Iterator[str]:
    """What was built in another way before, one sentence each: adding to a graph builds all of it with new settings."""
    if old.base_iri != new.base_iri:
        yield f"the base IRI was {old.base_iri} and is now {new.base_iri}"
    if old.model != new.model:
        yield f"the model was {_model(old)} and is now {_model(new)}"
    if old.lexicon != new.lexicon:
        yield "the lexicon is another one"
    for name in sorted(old.settings.keys() | new.settings.keys()):
        before, now = old.settings.get(name), new.settings.get(name)
        if before != now:
            yield "the rules are other ones" if name == "rules_sha256" else f"{name} was {before} and is now {now}"


def _model(manifest: Manifest) -> str:
    return f"{manifest.model.get('name', '?')} ({manifest.model.get('sha256', '')[:8] or 'rules alone'})"
