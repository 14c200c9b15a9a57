"""Clean a collected list of terms into the lexicon that ships: checked, merged, and weighed on annotated papers.

    clean_lexicon(Path("terms.jsonl"), [Path("train.jsonl")], Path("kg/extract/lexicon/terms.jsonl.gz"))

Precision is measured on training papers only, never on papers that figures are reported on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.extract.lexicon import Lexicon, Term, read_terms, write_terms
from kg.train.examples import form_key, read_records


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many papers on a form is judged, and at which precision it is dropped or marked."""

    papers: int = 4
    drop_below: float = 0.15
    ambiguous_below: float = 0.5


def merge_terms(terms: Iterable[Term]) -> list[Term]:
    """One term an id: forms and marks joined, the first name, parent, direction and unit kept; sorted by id."""
    merged: dict[str, Term] = {}
    for term in terms:
        old = merged.get(term.id)
        if old is None:
            merged[term.id] = term
            continue
        merged[term.id] = replace(
            old,
            forms=old.forms + term.forms,
            ambiguous=old.ambiguous + term.ambiguous,
            parent=old.parent or term.parent,
            direction=old.direction or term.direction,
            unit=old.unit or term.unit,
        )
    tidy = []
    for _, term in sorted(merged.items()):
        forms = tuple(sorted({form.strip() for form in (term.name, *term.forms) if _usable(form)}))
        parent = None if term.parent == term.name else term.parent
        if forms:
            unsure = tuple(sorted(set(term.ambiguous) & set(forms)))
            tidy.append(replace(term, forms=forms, ambiguous=unsure, parent=parent))
    return tidy


def _usable(form: str) -> bool:
    letters = sum(c.isalpha() for c in form)
    return letters >= 2 or (letters == 1 and any(c.isdigit() or c == "+" for c in form.strip()[1:]))


def form_counts(lexicon: Lexicon, records: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Counter[str]]:
    """For each term id and matched spelling: in how many papers it stands, and in how many the gold agrees."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for record in records:
        gold = {(form_key(form), e["type"]) for e in record["entities"] for form in e["forms"]}
        seen = {
            (term.id, form_key(record["text"][hit.start : hit.end]), term.type)
            for hit in lexicon.match(record["text"])
            for term in hit.terms
        }
        for identifier, key, type_ in seen:
            counts[identifier, key]["papers"] += 1
            counts[identifier, key]["right"] += (key, type_) in gold
    return counts


def weigh(terms: Iterable[Term], counts: dict[tuple[str, str], Counter[str]], limits: Limits) -> list[Term]:
    """Drop forms that are hardly ever the term, mark those that often are not."""
    kept = []
    for term in terms:
        forms, unsure = [], set(term.ambiguous)
        for form in term.forms:
            count = counts.get((term.id, form_key(form)), Counter())
            precision = count["right"] / count["papers"] if count["papers"] else 1.0
            judged = count["papers"] >= limits.papers
            if judged and precision < limits.drop_below:
                continue
            forms.append(form)
            if judged and precision < limits.ambiguous_below:
                unsure.add(form)
            elif judged and precision >= 0.8:
                unsure.discard(form)
        if forms:
            kept.append(replace(term, forms=tuple(forms), ambiguous=tuple(sorted(unsure & set(forms)))))
    return kept


def clean_lexicon(
    source: Path, train: Sequence[Path], out: Path, *,
    keep: Callable[[str], bool] = lambda _: True, limits: Limits | None = None,
) -> int:  # fmt: skip
    """Read `source`, weigh it on the papers of `train` that `keep` admits by id, write `out`; the number of terms."""
    terms = merge_terms(read_terms(source)[0])
    records = [record for record in read_records(train) if keep(record["id"])]
    counts = form_counts(Lexicon(tuple(terms), ""), records)
    kept = weigh(terms, counts, limits or Limits())
    write_terms(kept, out)
    return len(kept)
