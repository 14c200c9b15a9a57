"""The classes and properties that the query page's editor completes: those of `schemas/kg.ttl`, some standard ones."""

from __future__ import annotations

import re
from functools import cache

from kg.config import schemas_dir
from kg.vocab import VOCAB

_DECLARED = re.compile(r"^kg:([A-Za-z]+) a owl:(Class|ObjectProperty|DatatypeProperty)\b", re.MULTILINE)
_STANDARD = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": ("type", "subject", "predicate", "object"),
    "http://www.w3.org/2000/01/rdf-schema#": ("label", "subClassOf", "seeAlso", "comment"),
    "http://www.w3.org/2004/02/skos/core#": ("prefLabel", "altLabel", "broader", "exactMatch"),
    "http://purl.org/dc/terms/": ("issued", "title", "abstract", "identifier", "creator"),
    "http://www.w3.org/ns/prov#": ("wasQuotedFrom", "wasDerivedFrom", "wasGeneratedBy"),
}


@cache
def terms() -> dict[str, list[str]]:
    """IRIs under "classes" and "properties", sorted."""
    declared = _DECLARED.findall((schemas_dir() / "kg.ttl").read_text(encoding="utf-8"))
    properties = [VOCAB + name for name, kind in declared if kind != "Class"]
    properties += [start + name for start, names in _STANDARD.items() for name in names]
    classes = [VOCAB + name for name, kind in declared if kind == "Class"]
    return {"classes": sorted(classes), "properties": sorted(properties)}
