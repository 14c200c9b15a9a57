"""A part of a graph as one offline HTML page: pyvis holds nodes and edges, our template draws them (home of pyvis).

The page is a file of its own: vis-network stands in it, a content security policy forbids every request, and texts from
papers reach the document only as text nodes, never as markup. The same part gives the same bytes.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.graph import Edge, Node
from kg.query.cards import Quote
from kg.query.excerpt import excerpt
from kg.query.names import spaced, unlike
from kg.query.phrases import ROLE_PHRASES, STATEMENT_PHRASES, spoken_date
from kg.views.layout import positions
from kg.views.palette import EDGE, EDGE_DENIED, EDGE_FAINT, LOOKS
from kg.views.select import Part
from kg.vocab import DENIES, PAPER, RESULT, ROLE_PREDICATES

_TEMPLATES = Path(__file__).parent / "templates"
_LABEL_WIDTH = 22  # characters of a line of a label
_EDGE_PHRASES = {
    **{name: phrase for name, (phrase, _) in STATEMENT_PHRASES.items()},
    **{name: phrase for name, (_, phrase) in ROLE_PHRASES.items()},
    "resultOf": "is a result of",
    "onMetric": "is measured in",
    "onDataset": "is on",
    "overBaseline": "is relative to",
    "reportedIn": "is reported in",
    "authoredBy": "is written by",
    "publishedIn": "is published in",
    "hasRepository": "has the repository",
}


@dataclass(frozen=True, slots=True)
class Texts:
    """What a page tells beyond names: its title, a line below it, sentences by node id and by edge id."""

    title: str
    subtitle: str
    of_nodes: Mapping[str, Sequence[Quote]]
    of_edges: Mapping[str, Sequence[Quote]]


def html(part: Part, texts: Texts) -> str:
    """The page of a part."""
    from jinja2 import Environment, FileSystemLoader
    from pyvis.network import Network

    network = Network(height="100%", width="100%", directed=True, cdn_resources="in_line", heading=texts.title)
    for node in _node_options(part):
        network.add_node(node.pop("id"), **node)
    for edge in _edge_options(part):
        network.add_edge(edge.pop("source"), edge.pop("target"), **edge)
    network.options = _OPTIONS
    network.templateEnv = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    network.path = "page.html"
    network.templateEnv.globals["kg"] = {
        "title": texts.title,
        "subtitle": texts.subtitle,
        "vis_js": _vis_file("vis-network.min.js"),
        "vis_css": _vis_file("vis-network.css"),
        "css": (_TEMPLATES / "page.css").read_text(encoding="utf-8"),
        "js": (_TEMPLATES / "page.js").read_text(encoding="utf-8"),
        "about": _about(part, texts),
    }
    page: str = network.generate_html(notebook=False)
    return page


def _vis_file(name: str) -> str:
    """A file of the vis-network that comes with pyvis, as it may stand inside an HTML element."""
    import pyvis

    found = sorted((Path(pyvis.__file__).parent / "templates" / "lib").glob(f"vis-9*/{name}"))
    text = found[-1].read_text(encoding="utf-8")
    text = re.sub(r"//# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/", "", text)  # a debugger would ask for it
    return re.sub(r"(?i)<(?=/script|!--)", r"\\x3c", text) if name.endswith(".js") else text


_OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False, "randomSeed": 1},
    "interaction": {
        "hover": True,
        "tooltipDelay": 120,
        "hoverConnectedEdges": False,
        "selectConnectedEdges": False,
        "keyboard": {"enabled": True, "bindToWindow": False},
        "hideEdgesOnDrag": False,
    },
    "nodes": {
        "borderWidth": 1.5,
        "borderWidthSelected": 3,
        "scaling": {"label": {"drawThreshold": 5, "maxVisible": 40}},
        "font": {"face": "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"},
    },
    "edges": {
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.5}},
        "arrowStrikethrough": False,
        "selectionWidth": 2,
        "hoverWidth": 1.5,
        "scaling": {"label": {"drawThreshold": 8, "maxVisible": 16}},
        "font": {
            "face": "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif",
            "size": 10,
            "color": "#4A5562",
            "strokeWidth": 3,
            "strokeColor": "#FFFFFF",
            "align": "middle",
        },
    },
}


# --- nodes and edges as vis-network takes them --------------------------------------------------------------------


def _node_options(part: Part) -> Iterable[dict[str, Any]]:
    degree: Counter[str] = Counter()
    for edge in part.edges:
        degree.update((edge.source, edge.target))
    sizes = [_size(node, degree[node.id], node.id == part.centre) for node in part.nodes]
    largest = 30 if len(sizes) > 100 else 20  # seen from afar, the names of the best connected must be readable
    fonts = [min(largest, 12 + max(0, size - 10)) for size in sizes]
    labels = [label(node.name) for node in part.nodes]
    index = {node.id: i for i, node in enumerate(part.nodes)}
    heights = [font * 1.25 * (text.count("\n") + 1) for font, text in zip(fonts, labels, strict=True)]
    boxes = [
        (max(2 * size, 0.58 * font * max(map(len, text.split("\n")))) + 14, 2 * size + height + 12)
        for size, font, text, height in zip(sizes, fonts, labels, heights, strict=True)
    ]
    places = positions(boxes, [(index[edge.source], index[edge.target]) for edge in part.edges])
    for node, size, font, text, height, (x, y) in zip(part.nodes, sizes, fonts, labels, heights, places, strict=True):
        look, centre = LOOKS[node.label], node.id == part.centre
        yield {
            "id": node.id,
            "label": text,
            "type": node.label,
            "shape": look.shape,
            "size": size,
            "color": {
                "background": look.fill,
                "border": "#111111" if centre else look.border,
                "highlight": {"background": look.fill, "border": "#111111"},
                "hover": {"background": look.fill, "border": "#111111"},
            },
            "borderWidth": 4 if centre else 1.5,
            "font": {"size": font, "color": "#1D2733", "strokeWidth": 4, "strokeColor": "#FFFFFF"},
            "x": x,
            "y": round(y - height / 2),
        }


def _size(node: Node, degree: int, centre: bool) -> int:
    if centre:
        return 30
    papers = node.props.get("papers", 0)
    known = papers if isinstance(papers, int) else 0
    return round(min(28.0, 5 + 2.6 * math.log2(1 + degree) + 1.3 * math.log2(1 + known)))


def label(name: str) -> str:
    """A name on at most two lines, the rest left to its card."""
    lines = textwrap.wrap(name, _LABEL_WIDTH, break_long_words=True) or ["–"]
    if len(lines) > 2:
        lines = [lines[0], lines[1][: _LABEL_WIDTH - 1] + "…"]
    return "\n".join(lines)


def _edge_options(part: Part) -> Iterable[dict[str, Any]]:
    """Edges between the same two nodes are bent apart, so that each can be seen and hovered."""
    between: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in part.edges:
        between[min(edge.source, edge.target), max(edge.source, edge.target)].append(edge)
    bends = {edge.id: _bend(edge, i, len(group)) for group in between.values() for i, edge in enumerate(group)}
    crowded = len(part.edges) > 300
    for edge in part.edges:
        role = edge.type in ROLE_PREDICATES
        support = edge.props.get("support", 1)
        denied = edge.type == DENIES
        yield {
            "source": edge.source,
            "target": edge.target,
            "id": edge.id,
            "predicate": str(edge.props.get("predicate", edge.type)),
            "label": "" if crowded and role else _phrase(edge).removeprefix("is ").removeprefix("a "),
            "width": round(min(6.0, 1 + 0.9 * math.log2(support if isinstance(support, int) else 1)), 2),
            "color": {
                "color": EDGE_DENIED if denied else EDGE_FAINT if role else EDGE,
                "highlight": "#1D2733",
                "hover": "#1D2733",
                "opacity": 0.6 if crowded and not denied else 1.0,
            },
            "dashes": denied,
            "smooth": bends[edge.id],
        }


def _bend(edge: Edge, place: int, count: int) -> dict[str, Any]:
    """vis-network bends by the direction of an edge; to lie side by side, reverse ones bend the other way."""
    offset = (place - (count - 1) / 2) * 0.28
    if edge.source > edge.target:
        offset = -offset
    if abs(offset) < 1e-9:
        return {"enabled": False, "type": "continuous", "roundness": 0}
    return {"enabled": True, "type": "curvedCW" if offset > 0 else "curvedCCW", "roundness": round(abs(offset), 3)}


def _phrase(edge: Edge) -> str:
    if edge.type == DENIES:
        return STATEMENT_PHRASES[str(edge.props["predicate"])][1]
    return _EDGE_PHRASES[edge.type]


# --- what the cards say -------------------------------------------------------------------------------------------


def _about(part: Part, texts: Texts) -> dict[str, Any]:
    """The content of hover cards and of the panel: plain strings and numbers; sentences once, by number."""
    sentences: dict[tuple[str, int, str], int] = {}
    stored: list[dict[str, Any]] = []

    def quoted(quotes: Iterable[Quote]) -> list[dict[str, Any]]:
        shown = []
        for quote in quotes:
            part = excerpt(quote)
            key = (quote.paper, quote.start, part.text)
            if key not in sentences:
                sentences[key] = len(stored)
                stored.append(
                    {"text": part.text, "title": quote.title, "date": spoken_date(quote.date), "paper": quote.paper}
                )
            shown.append({"s": sentences[key], "m": [[mark.start, mark.end] for mark in part.marks]})
        return shown

    types = Counter(node.label for node in part.nodes)
    return {
        "centre": part.centre,
        "legend": [
            {"type": type_, "fill": look.fill, "border": look.border, "shape": look.shape, "count": types[type_]}
            | {"name": look.plural}
            for type_, look in LOOKS.items()
            if types[type_]
        ],
        "denied": any(edge.type == DENIES for edge in part.edges),
        "nodes": {node.id: _about_node(node) | {"q": quoted(texts.of_nodes.get(node.id, ()))} for node in part.nodes},
        "edges": {edge.id: _about_edge(edge) | {"q": quoted(texts.of_edges.get(edge.id, ()))} for edge in part.edges},
        "sentences": stored,
    }


def _about_node(node: Node) -> dict[str, Any]:
    def texts(name: str, most: int) -> list[str]:
        value = node.props.get(name, ())
        return [str(item) for item in value][:most] if isinstance(value, tuple) else []

    facts: list[tuple[str, str]] = []
    if node.label == PAPER:
        authors = texts("authors", 12)
        facts += [("date", spoken_date(str(node.props.get("date", "")))), ("authors", ", ".join(authors))]
        facts += [("venue", str(node.props.get("venue", "")))]
    elif node.label == RESULT:
        facts += [("mode", str(node.props.get("mode", "")))]
    elif isinstance(node.props.get("papers"), int):
        count = int(node.props["papers"])  # type: ignore[arg-type]
        facts += [("in", f"{count:,} paper{'' if count == 1 else 's'}")]
    aliases = texts("aliases", 60)
    facts += [("also called", ", ".join(unlike(node.name, aliases)))]
    links = texts("urls", 5) + texts("links", 5) + ([str(node.props["url"])] if "url" in node.props else [])
    return {
        "name": node.name,
        "type": node.label,
        "kind": str(node.props.get("kind", "")),
        "facts": [[name, value] for name, value in facts if value],
        "links": links,
        "find": " \n ".join(spaced(text) for text in (node.name, *aliases)),
    }


def _about_edge(edge: Edge) -> dict[str, Any]:
    support, confidence = edge.props.get("support", 1), edge.props.get("confidence", 1.0)
    return {
        "from": edge.source,
        "to": edge.target,
        "phrase": _phrase(edge),
        "predicate": str(edge.props.get("predicate", edge.type)),
        "denied": edge.type == DENIES,
        "support": support,
        "confidence": confidence,
    }
