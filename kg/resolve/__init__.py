"""Resolving: the forms that papers use become entities, what papers say becomes statements.

`Resolver(lexicon, rules).resolve(papers)` is pure: the same papers in any order give the same rows, and every form that
became part of an entity has a row that says why.
"""

from kg.resolve.resolver import Resolution, Resolver
from kg.resolve.rules import Rule, parse_rules, read_rules
from kg.resolve.terms import NoTerms, TermLike, TermLookup

__all__ = ["NoTerms", "Resolution", "Resolver", "Rule", "TermLike", "TermLookup", "parse_rules", "read_rules"]
