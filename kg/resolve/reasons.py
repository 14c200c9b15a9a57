"""Why forms are one entity: the closed list of reasons in `merges.parquet`, each with how far it is trusted."""

from __future__ import annotations

SPELLED = "case and hyphens"
PLURAL = "plural"
MARKUP = "markup"
SPELLING = "spelling"
VERSION = "version written differently"
LEXICON = "lexicon alias"
TAIL = "generic tail"
STEMS = "same acronym and stems"
ABBREVIATION = "abbreviation"
IN_TEXT = "abbreviation in its text"
COREFERENCE = "same thing in its text"
FAMILY = "family of its variants"
RULE = "rule"
APART = "rule: kept apart"
TYPE_LEXICON = "type of the lexicon"
TYPE_VOTE = "type by vote"

TRUST: dict[str, float] = {
    SPELLED: 1.0,
    PLURAL: 0.99,
    MARKUP: 0.99,
    SPELLING: 0.98,
    VERSION: 0.95,
    LEXICON: 0.95,
    TAIL: 0.95,
    STEMS: 0.9,
    ABBREVIATION: 0.8,
    IN_TEXT: 0.95,
    COREFERENCE: 0.85,
    FAMILY: 0.9,
    RULE: 1.0,
    APART: 1.0,
    TYPE_LEXICON: 0.95,
    TYPE_VOTE: 0.9,
}
"""The scores are judgements, not measurements: an order of trust, the same for every row with that reason."""
