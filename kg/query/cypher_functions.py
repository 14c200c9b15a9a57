"""Functions that Neo4j and the engine call differently, or only Neo4j has. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kg import vocab

# Names of the same function: Neo4j's in small letters, the engine's
RENAMED = {
    "type": "label",
    "startnode": "start_node",
    "endnode": "end_node",
    "tostring": "string",
    "tointeger": "to_int64",
    "tofloat": "to_double",
    "toboolean": "to_bool",
    "split": "string_split",
    "rand": "random",
    "char_length": "size",
    "character_length": "size",
}
# What to write instead of a function that is not there
MISSING = {
    "elementid": "the property `id` names a node or relationship",
    "reduce": "there are list_sum, list_max, list_min, list_product",
    "datetime": 'dates are texts here ("2024-03-05"), compare them as they are, or use date(…)',
    "percentilecont": "collect the values, and sort and pick one with list_sort(…)",
    "percentiledisc": "collect the values, and sort and pick one with list_sort(…)",
    "stdev": "sqrt(avg(x * x) - avg(x) * avg(x))",
    "exists": "write n.name IS NOT NULL, or EXISTS { MATCH … }",
}
_ENTITIES = ", ".join(f"'{label}'" for label in vocab.ENTITY_TYPES)


def _labels(arguments: Sequence[str]) -> str:
    label = f"label({arguments[0]})"
    return f"(CASE WHEN {label} IN [{_ENTITIES}] THEN [{label}, '{vocab.ENTITY_LABEL}'] ELSE [{label}] END)"


def _substring(arguments: Sequence[str]) -> str:
    text, start, *length = arguments
    return f"substring({text}, ({start}) + 1, {length[0] if length else f'size({text})'})"


# What a call becomes, from the texts of its arguments
SPECIAL: dict[str, Callable[[Sequence[str]], str]] = {
    "labels": _labels,
    "substring": _substring,
    "isempty": lambda a: f"(size({a[0]}) = 0)",
    "head": lambda a: f"(CASE WHEN size({a[0]}) > 0 THEN ({a[0]})[1] END)",
    "last": lambda a: f"(CASE WHEN size({a[0]}) > 0 THEN ({a[0]})[-1] END)",
    "tail": lambda a: f"({a[0]})[2..]",
}
