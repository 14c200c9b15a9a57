"""From a paper to what it says: a spaCy `Language` of rules and, where there is a model, trained components.

    nlp = load_pipeline()
    extraction = extract_text(nlp, paper)
    record = to_record(extraction, paper.text)

Importing this package loads neither spaCy nor a model; calling its functions does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.model import Extraction, Paper

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["extract_text", "load_pipeline", "to_record"]


def load_pipeline(model: str | Path = "default", lexicon: Path | None = None) -> Language:
    """The pipeline with the model of that name or directory and, on top of the shipped lexicon, one's own terms.

    Without a shipped model of that name the rules work alone. Raises `ModelError` for a model or lexicon that is wrong.
    """
    from kg.extract.pipeline import load

    return load(model, lexicon)


def extract_text(nlp: Language, paper: Paper) -> Extraction:
    """Everything that the paper's text says; depends on nothing but the text and where its title ends."""
    from kg.extract.pipeline import extract

    return extract(nlp, paper)


def to_record(extraction: Extraction, text: str) -> dict[str, Any]:
    """The extraction in the form of the annotation guidelines: snake_case relations and roles, no negated ones."""
    from kg.extract.record import to_record as record

    return record(extraction, text)
