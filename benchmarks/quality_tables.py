"""The tables of docs/quality.md and of the model cards, from docs/figures/, which `benchmarks/quality.py` writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.vocab import ENTITY_TYPES, RELATION_BY_LABEL, ROLES

DOCS = Path(__file__).resolve().parents[1] / "docs"
FIGURES = DOCS / "figures"
SETS = ("dev", "dev_external")
MODELS = ("default", "fast", "rules")


def read(name: str, folder: Path = FIGURES) -> dict[str, Any]:
    """One file of figures."""
    content: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return content


def figure(row: Mapping[str, float]) -> float:
    """F1, or the accuracy of roles."""
    return row["accuracy"] if "accuracy" in row else row["f1"]


def render(page: str, folder: Path = FIGURES) -> str:
    """The page with what stands between `<!-- figures: NAME -->` and `<!-- end -->` made anew from the data."""
    done = []
    for place, part in enumerate(page.split("<!-- figures: ")):
        if place:
            name, _, rest = part.partition(" -->")
            _, end, after = rest.partition("<!-- end -->")
            blocks = {**BLOCKS, **CARDS}
            if name not in blocks or not end:
                raise SystemExit(f"{name!r} is no block, or has no end; there are {', '.join(blocks)}")
            done.append(f"<!-- figures: {name} -->\n{blocks[name](folder)}\n{end}{after}")
        else:
            done.append(part)
    return "".join(done)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _f(value: float) -> str:
    return f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.2f}"


def _interval(row: Mapping[str, float]) -> str:
    return f"{_f(row['low'])}–{_f(row['high'])}"


def sizes(folder: Path) -> str:
    texts = []
    for name in SETS:
        run = read(f"{name}.default", folder)
        figures, papers = run["figures"], len(run["by_paper"]["papers"])
        counts = [f"{figures[r]['tp'] + figures[r]['fn']:,} {r}" for r in ("entities", "relations", "results")]
        texts.append(f"`{name}`: {papers} papers, {', '.join(counts)}")
    return "; ".join(texts) + "."


def rows_of(*rows: str, agreed: bool = False) -> Callable[[Path], str]:
    """A table of these rows on both sets; `agreed`: with what two annotators reach."""

    def block(folder: Path) -> str:
        head = ["", *(h for name in SETS for h in (f"{name}: F1 (95 %)", "P / R", *MODELS[1:]))]
        lines = [_row(row, folder) for row in rows]
        if agreed:
            reached = read("agreement", folder)["rows"]
            head.append("two annotators")
            lines = [[*line, reached.get(row, "")] for line, row in zip(lines, rows, strict=True)]
        return markdown(head, lines)

    return block


def _row(row: str, folder: Path) -> list[str]:
    cells = [row.rpartition("/")[2]]
    for name in SETS:
        own, *others = (read(f"{name}.{model}", folder)["figures"].get(row) for model in MODELS)
        both = f"{_f(own['precision'])} / {_f(own['recall'])}" if own and "f1" in own else ""
        cells += [f"**{_f(figure(own))}** ({_interval(own)})" if own else "", both]
        cells += [_f(figure(other)) if other else "" for other in others]
    return cells


def card(model: str) -> Callable[[Path], str]:
    """The figures of a model card: each with its 95 % interval, on both sets."""

    def block(folder: Path) -> str:
        runs = [read(f"{name}.{model}", folder) for name in SETS]
        rows = [
            [row, *(f"{_f(figure(run['figures'][row]))} ({_interval(run['figures'][row])})" for run in runs)]
            for row in OVERALL
        ]
        sure = [
            [f"calibration error, {what}", *(f"{_f(run['calibration'][what]['error'])} "
                                             f"({_interval(run['calibration'][what])})" for run in runs)]
            for what in ("entities", "roles", "relations", "results")
        ]  # fmt: skip
        return markdown(["", *(f"{name} (95 %)" for name in SETS)], [*rows, *sure])

    return block


def given_entities(folder: Path) -> str:
    data = read("given", folder)
    columns = [(name, row) for name in SETS for row in ("relations", "relation pairs", "results")]
    rows = [
        [label, *(f"{_f(data[n][label][r]['f1'])} ({_interval(data[n][label][r])})" for n, r in columns)]
        for label in data[SETS[0]]
    ]
    return markdown(["", *(f"{name}: {row}" for name, row in columns)], rows)


def errors(folder: Path) -> str:
    sets = [read(f"{name}.default", folder)["mistakes"] for name in SETS]
    sorts = list(dict.fromkeys(m["sort"] for mistakes in sets for m in mistakes))
    rows = []
    for sort in sorts:
        here = [[m for m in mistakes if m["sort"] == sort] for mistakes in sets]
        often = [f"{of[0]['what']} ({of[0]['count']})" if of and of[0]["what"] else "" for of in here]
        total = [sum(m["count"] for m in of) for of in here]
        rows.append([sort, str(total[0]), often[0], str(total[1]), often[1]])
    rows.sort(key=lambda row: (-int(row[1]) - int(row[3]), row[0]))
    return markdown(["", *(head for name in SETS for head in (name, "most often"))], rows)


def calibration(folder: Path) -> str:
    rows = []
    for name in SETS:
        for model in MODELS:
            for what, c in read(f"{name}.{model}", folder)["calibration"].items():
                means = [_f(c[mean]) for mean in ("confidence", "right")]
                error = [f"**{_f(c['error'])}** ({_interval(c)})", _f(c["equal_mass"]), _f(c["by_chance"])]
                rows.append([name, model, what, f"{c['count']:,}", *means, *error])
    head = ["", "model", "confidence of", "answers", "mean", "right", "ECE (95 %)", "equal mass", "by chance"]
    return markdown(head, rows)


def reliability(folder: Path) -> str:
    found = read("dev.default", folder)["calibration"]
    rows = []
    for low in sorted({b["low"] for c in found.values() for b in c["bins"]}):
        here = [next((b for b in c["bins"] if b["low"] == low), None) for c in found.values()]
        rows.append([f"{low:.1f}–{low + 0.1:.1f}", *(f"{_f(b['right'])} of {b['count']}" if b else "" for b in here)])
    return markdown(["confidence on dev", *found], rows)


def end_to_end(folder: Path) -> str:
    measured = read("ablations", folder)["end_to_end"]
    rows = []
    for row in measured:
        cells = [_f(value) + ("*" if verdict else "") for name in SETS for value, verdict in row[name].values()]
        rows.append([row["change"], *cells])
    return markdown(["", *(f"{name}: {row}" for name in SETS for row in measured[0][name])], rows)


def held_out(folder: Path) -> str:
    data = read("ablations", folder)["held_out"]
    rows = [[row["what"], *(_f(row[column]) for column in data["columns"])] for row in data["rows"]]
    return markdown(["", *data["columns"].values()], rows)


OVERALL = ("entities", "entities/named", "entities/class", "introduced", "role accuracy", "relations",
           "relation pairs", "results", "result values", "links")  # fmt: skip

BLOCKS: dict[str, Callable[[Path], str]] = {
    "sizes": sizes,
    "overall": rows_of(*OVERALL, agreed=True),
    "types": rows_of(*(f"entities/{type_}" for type_ in ENTITY_TYPES)),
    "roles": rows_of(*(f"roles/{role}" for role in ROLES)),
    "relations": rows_of(*(f"relations/{relation}" for relation in RELATION_BY_LABEL)),
    "given": given_entities,
    "errors": errors,
    "calibration": calibration,
    "reliability": reliability,
    "end_to_end": end_to_end,
    "held_out": held_out,
}

CARDS: dict[str, Callable[[Path], str]] = {f"card {model}": card(model) for model in ("default", "fast")}
"""The blocks of docs/models.md."""
