"""The closed vocabulary: node types, kinds, roles, predicates, their IRIs and property-graph names.

Mirrors `schemas/` (a test holds both together). Nothing else in the package spells these names out, and none of
them is ever taken from a text.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.text import percent_encode

VOCAB = "https://w3id.org/mlpapers-kg/vocab#"
DEFAULT_BASE = "https://w3id.org/mlpapers-kg/"

MODEL, METHOD, DATASET, METRIC, TASK = "Model", "Method", "Dataset", "Metric", "Task"
ENTITY_TYPES = (METHOD, MODEL, DATASET, METRIC, TASK)
PAPER, RESULT, AUTHOR, VENUE, REPOSITORY = "Paper", "Result", "Author", "Venue", "Repository"
NODE_TYPES = (PAPER, *ENTITY_TYPES, RESULT, AUTHOR, VENUE, REPOSITORY)
KINDS = ("named", "class")
MODES = ("absolute", "change", "ratio")

_ANY = frozenset(ENTITY_TYPES)
_SYSTEM = frozenset({METHOD, MODEL})


@dataclass(frozen=True, slots=True)
class Predicate:
    """A kind of edge: `name` in the graph, `label` in the guidelines, and the types that it may join.

    `same_type` holds for `subclassOf`, whose ends have one type.
    """

    name: str
    label: str
    domain: frozenset[str]
    range: frozenset[str]
    symmetric: bool = False
    same_type: bool = False

    def allows(self, subject_type: str, object_type: str) -> bool:
        """Whether an edge from `subject_type` to `object_type` respects domain and range."""
        return (
            subject_type in self.domain
            and object_type in self.range
            and (not self.same_type or subject_type == object_type)
        )

    @property
    def cypher(self) -> str:
        """The relationship type of the property graph: APPLIED_TO."""
        return _upper(self.name)

    @property
    def iri(self) -> str:
        return VOCAB + self.name


def _upper(camel: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in camel)


def _predicate(
    name: str,
    label: str,
    domain: frozenset[str],
    range_: frozenset[str],
    *,
    symmetric: bool = False,
    same: bool = False,
) -> Predicate:
    return Predicate(name, label, domain, range_, symmetric, same)


_ONE = {t: frozenset({t}) for t in NODE_TYPES}
_SYSTEM_OR_DATA = _SYSTEM | {DATASET}

RELATIONS: dict[str, Predicate] = {
    p.name: p
    for p in (
        _predicate("usedFor", "used_for", _SYSTEM, _ONE[TASK]),
        _predicate("appliedTo", "applied_to", _ONE[METHOD], _ONE[MODEL]),
        _predicate("basedOn", "based_on", _SYSTEM, _SYSTEM),
        _predicate("partOf", "part_of", _SYSTEM_OR_DATA, _SYSTEM_OR_DATA),
        _predicate("subclassOf", "subclass_of", _ANY, _ANY, same=True),
        _predicate("trainedOn", "trained_on", _SYSTEM, _ONE[DATASET]),
        _predicate("evaluatedOn", "evaluated_on", _SYSTEM, _ONE[DATASET]),
        _predicate("measuredBy", "measured_by", _SYSTEM, _ONE[METRIC]),
        _predicate("comparedWith", "compared_with", _SYSTEM, _SYSTEM, symmetric=True),
        _predicate("outperforms", "outperforms", _SYSTEM, _SYSTEM),
        _predicate("benchmarkFor", "benchmark_for", _ONE[DATASET], _ONE[TASK]),
        _predicate("subtaskOf", "subtask_of", _ONE[TASK], _ONE[TASK]),
    )
}
RELATION_BY_LABEL: dict[str, Predicate] = {p.label: p for p in RELATIONS.values()}

ROLES: dict[str, Predicate] = {  # role label -> the predicate from paper to entity
    p.label: p
    for p in (
        _predicate("introduces", "introduced", _ONE[PAPER], _ANY),
        _predicate("evaluatesOn", "evaluated_on", _ONE[PAPER], _ONE[DATASET]),
        _predicate("trainsOn", "trained_on", _ONE[PAPER], _ONE[DATASET]),
        _predicate("measures", "measured", _ONE[PAPER], _ONE[METRIC]),
        _predicate("addresses", "addressed", _ONE[PAPER], _ONE[TASK]),
        _predicate("comparesWith", "compared", _ONE[PAPER], _SYSTEM),
        _predicate("uses", "used", _ONE[PAPER], _SYSTEM),
        _predicate("mentions", "mentioned", _ONE[PAPER], _ANY),
    )
}
ROLE_PREDICATES: dict[str, Predicate] = {p.name: p for p in ROLES.values()}

RESULT_EDGES: dict[str, Predicate] = {  # column of results.parquet -> the predicate from the result
    "subject": _predicate("resultOf", "result_of", _ONE[RESULT], _ANY),
    "metric": _predicate("onMetric", "on_metric", _ONE[RESULT], _ONE[METRIC]),
    "dataset": _predicate("onDataset", "on_dataset", _ONE[RESULT], _ONE[DATASET]),
    "baseline": _predicate("overBaseline", "over_baseline", _ONE[RESULT], _ANY),
    "paper": _predicate("reportedIn", "reported_in", _ONE[RESULT], _ONE[PAPER]),
}
METADATA: dict[str, Predicate] = {
    p.name: p
    for p in (
        _predicate("authoredBy", "authored_by", _ONE[PAPER], _ONE[AUTHOR]),
        _predicate("publishedIn", "published_in", _ONE[PAPER], _ONE[VENUE]),
        _predicate("hasRepository", "has_repository", _ONE[PAPER], _ONE[REPOSITORY]),
    )
}
PREDICATES: dict[str, Predicate] = {
    **RELATIONS,
    **ROLE_PREDICATES,
    **{p.name: p for p in RESULT_EDGES.values()},
    **METADATA,
}
DENIES = "DENIES"  # relationship type of a negated statement, with a property `predicate`
ENTITY_LABEL = "Entity"  # second label of the five extracted types


def entity_iri(base: str, entity_id: str) -> str:
    """The IRI of an entity id `type/key`: `{base}id/{type}/{key}`, the key as one percent-encoded segment."""
    kind, _, key = entity_id.partition("/")
    return f"{base}id/{percent_encode(kind)}/{percent_encode(key)}"


def node_iri(base: str, room: str, identifier: str) -> str:
    """`{base}{room}/{identifier}` with the identifier as one percent-encoded segment; room is paper, statement …"""
    return f"{base}{room}/{percent_encode(identifier)}"
