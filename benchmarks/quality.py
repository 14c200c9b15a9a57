"""How good extraction is: measures it, and writes the tables of docs/quality.md from what was measured.

    python benchmarks/quality.py                          the tables from docs/figures/
    python benchmarks/quality.py --measure ../shared/gold measure first: dev.jsonl and dev_external.jsonl there

Measuring writes docs/figures/: a file for each model and set (`kg eval GOLD --compare` takes those of `default`),
`given.json` (with gold entities), and the part `end_to_end` of `ablations.json`; it takes a minute or two. The other
parts of `ablations.json`, and `agreement.json`, come from training and from the annotators and are kept as they are.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from quality_tables import DOCS, FIGURES, MODELS, SETS, read, render

from kg.evaluate import paper_of, read_records, with_confidence
from kg.evaluate.given import extract_given
from kg.evaluate.report import Report, compare, dumps, figure, report, to_json
from kg.extract import load_pipeline, to_record
from kg.extract.pipeline import extract
from kg.extract.priors import form_key
from kg.extract.relations import THRESHOLDS
from kg.extract.state import Found, get_text

SHOWN = ("entities", "introduced", "role accuracy", "relations", "results")
"""Rows of the end-to-end ablations."""
Records = Mapping[str, Mapping[str, Any]]


def extract_records(gold: Records, nlp: Any) -> dict[str, dict[str, Any]]:
    """The records, with confidences, that a pipeline makes of the gold texts."""
    found = {}
    for record in gold.values():
        paper = paper_of(record)
        extraction = extract(nlp, paper)
        found[paper.id] = with_confidence(to_record(extraction, paper.text), extraction)
    return found


# --- end to end, with a part of the pipeline taken out or replaced --------------------------------------------------


def rules_choose_entities(nlp: Any) -> None:
    nlp.get_pipe("kg_mentions").reader = None


def tagger_chooses_entities(nlp: Any) -> None:
    """The tagger's own best sequence of tags is taken as it is: no candidates, no rules, no second decision."""
    mentions = nlp.get_pipe("kg_mentions")

    def predict(doc: Any) -> list[Found]:
        text, encoding = get_text(doc), mentions.reader.encoding(doc)
        return [
            Found(start, end, type_, "tagger", score, "", form_key(text[start:end]), "class", "mentioned", 0.0)
            for start, end, type_, score in mentions.reader.model.mentions(encoding)
        ]  # fmt: skip

    mentions.predict = predict


def only_sure_joints(nlp: Any) -> None:
    nlp.get_pipe("kg_clustering").decider = None


def rules_choose_roles(nlp: Any) -> None:
    nlp.disable_pipe("kg_attributes")


def rules_choose_relations(nlp: Any) -> None:
    relations = nlp.get_pipe("kg_relations")
    relations.reader, relations.thresholds, relations.rule_share = None, THRESHOLDS, 1.0


def head_chooses_relations(nlp: Any) -> None:
    nlp.get_pipe("kg_relations").rule_share = 0.0


def no_lexicon(nlp: Any) -> None:
    nlp.get_pipe("kg_lexicon").predict = lambda doc: []


ABLATIONS: dict[str, Callable[[Any], None]] = {
    "entities: rules alone, no tagger": rules_choose_entities,
    "entities: the tagger's tags alone, no second decision over candidates": tagger_chooses_entities,
    "clusters: no learned decision, sure joints only": only_sure_joints,
    "kinds and roles: rules alone": rules_choose_roles,
    "relations: rules alone": rules_choose_relations,
    "relations: trained head and patterns, without the rules' regression": head_chooses_relations,
    "no lexicon": no_lexicon,
}


def measure(folder: Path) -> None:
    """Measure everything on the gold sets in `folder` and write docs/figures/."""
    given: dict[str, Any] = {}
    rows: dict[str, dict[str, Any]] = {}
    for name in SETS:
        gold = read_records(folder / f"{name}.jsonl", annotated=True)
        found = {model: _measured(name, model, gold) for model in MODELS}
        given[name] = {label: _given(gold, **how) for label, how in _GIVEN.items()}
        rows.setdefault("default", {})[name] = _cells(found["default"])
        for label, change in ABLATIONS.items():
            say(f"{name}: {label}")
            nlp = load_pipeline()
            change(nlp)
            rows.setdefault(label, {})[name] = _cells(report(gold, extract_records(gold, nlp)), found["default"])
        rows.setdefault("rules alone for everything", {})[name] = _cells(found["rules"], found["default"])
    write("given", given)
    write("ablations", {**read("ablations"), "end_to_end": [{"change": label, **sets} for label, sets in rows.items()]})


_GIVEN: dict[str, dict[str, Any]] = {
    "default": {"model": "default"},
    "default, its own kinds and roles": {"model": "default", "roles": False},
    "fast": {"model": "fast"},
    "rules": {"model": "rules"},
}


def _measured(name: str, model: str, gold: Records) -> Report:
    say(f"{name}: {model}")
    nlp = load_pipeline(model)
    found = report(gold, extract_records(gold, nlp), on=f"{name}.jsonl", of=model)
    content = to_json(found)
    reader = nlp.get_pipe("kg_relations").reader  # type: ignore[attr-defined]
    content["version"] = "" if reader is None else reader.model.version
    for mistake in content["mistakes"]:
        del mistake["example"]  # words of the papers, which are their authors'
    if model != "default":
        del content["by_paper"], content["mistakes"]
    write(f"{name}.{model}", content)
    return found


def _given(gold: Records, **how: Any) -> dict[str, Any]:
    say(f"gold entities: {how}")
    records = {record["id"]: record for record in extract_given(gold.values(), **how)}
    figures = report(gold, records, given=True).figures()
    return {row: figures[row] for row in ("relations", "relation pairs", "results")}


def _cells(found: Report, whole: Report | None = None) -> dict[str, Any]:
    """The figures of an ablation; a verdict where the paired bootstrap tells it from the whole pipeline."""
    figures = found.figures()
    verdicts = {} if whole is None else {d.row: d.verdict for d in compare(found, whole.counts)}
    return {row: [figure(figures[row]), verdicts.get(row, "")] for row in SHOWN}


def write(name: str, content: Mapping[str, Any]) -> None:
    (FIGURES / f"{name}.json").write_text(dumps(content) + "\n", encoding="utf-8")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", type=Path, metavar="GOLD", help="the folder with dev.jsonl and dev_external.jsonl")
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
    cards = [DOCS.parent / "kg" / "models" / model / "README.md" for model in ("default", "fast")]
    for page in (DOCS / "quality.md", DOCS / "models.md", *cards):
        page.write_text(render(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
