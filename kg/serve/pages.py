"""Plain HTML pages: the query page, what a search found, an entity, a paper. Every text of the graph is escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from kg.query.cards import EntityCard, PaperCard, Quote, Ref, ResultLine
from kg.query.phrases import spoken_date
from kg.query.search import Hit

# By id and nothing else: `show` would also take a name, and an id may be another thing's name.
from kg.query.show import entity_card, paper_card
from kg.query.sparql import prefixes
from kg.serve.examples import examples
from kg.serve.terms import terms
from kg.serve.things import Thing, address
from kg.store import GraphDir
from kg.vocab import PAPER

_LIMIT = 20  # lines of a group on a page


def home(graph: GraphDir, root: str) -> str:
    """The query page: YASGUI, which page.js sets up, and examples of this graph; without scripts a plain form."""
    base = graph.manifest.base_iri
    known_examples = [(example.title, declared(example.query, prefixes(base))) for example in examples(graph)]
    options = "".join(f'<option value="{escape(query)}">{escape(title)}</option>' for title, query in known_examples)
    known = " ".join(sorted(f"{name}:" for name in prefixes(base)))
    counts = ", ".join(f"{n:,} {name}" for name, n in sorted(graph.manifest.counts.items()) if isinstance(n, int) and n)
    first = escape(known_examples[0][1])
    body = f"""
<p class="note">{escape(counts)}</p>
<p><label for="examples">Examples</label> <select id="examples"><option value="">…</option>{options}</select></p>
<div id="yasgui" data-root="{escape(root)}" data-base="{escape(base)}" data-query="{first}"
 data-prefixes="{escape(json.dumps(prefixes(base)))}" data-terms="{escape(json.dumps(terms()))}"></div>
<noscript><form action="{escape(root)}/sparql" method="get">
<p><label for="query">SPARQL</label></p><textarea id="query" name="query" rows="12">{first}</textarea>
<p><button>Ask</button></p></form></noscript>
<p class="note">Known prefixes, which need not be declared: {escape(known)}</p>
<script src="{escape(root)}/static/yasgui.min.js"></script>
<script src="{escape(root)}/static/page.js"></script>"""
    return _page("Ask the graph", body, root, style="yasgui.min.css")


def declared(query: str, known: Mapping[str, str]) -> str:
    """The query with a declaration of each known prefix that it uses, so that it can be asked elsewhere too."""
    used = sorted(set(re.findall(r"(?<![\w<:-])([A-Za-z]\w*):(?!//)", query)) & known.keys())
    return "".join(f"PREFIX {name}: <{known[name]}>\n" for name in used) + query


def found(hits: Sequence[Hit], text: str, root: str) -> str:
    """What a search found."""
    rows = "".join(
        f"<li>{_link(hit.id, hit.type, hit.name, root)} <span class=note>{escape(hit.type)}"
        f"{f', {hit.papers:,} papers' if hit.papers else ''}{f', {escape(hit.form)}' if hit.form != hit.name else ''}"
        "</span></li>"
        for hit in hits
    )
    return _page("Search", f"<ul>{rows}</ul>" if hits else "<p>Nothing found.</p>", root, text)


def thing(graph: GraphDir, thing: Thing, root: str) -> str:
    """The page of an entity or a paper."""
    if thing.type == PAPER:
        card = paper_card(graph, thing.id)
        return _page(card.title or card.id, _paper(card, root) + _formats(thing), root)
    entity = entity_card(graph, thing.id, _LIMIT)
    return _page(entity.name, _entity(entity, root) + _formats(thing), root)


def _entity(card: EntityCard, root: str) -> str:
    parts = [f"<p class=note>{escape(card.type)}, {card.papers:,} papers</p>"]
    parts += [f"<p>Also called {escape(', '.join(card.aliases))}</p>"] if card.aliases else []
    parts += [_links(card.links)] if card.links else []
    parts += [f"<p>A kind of {_refs(card.parents, root)}</p>"] if card.parents else []
    if card.children:
        parts.append(f"<p>Kinds of it ({card.children_total:,}): {_refs(card.children, root)}</p>")
    for relation in card.relations:
        items = [
            f"{'<b>not</b> ' if line.negated else ''}{_ref(line.other, root)}"
            f"{'' if line.one.id == card.id else f' ({_ref(line.one, root)})'}{_quotes(line.quotes, root)}"
            for line in relation.lines
        ]
        parts.append(_section(f"{relation.phrase} ({relation.total:,})", items))
    if card.results:
        parts.append(f"<h2>results ({card.results_total:,})</h2>{_results(card.results, root)}")
    for role in card.roles:
        items = [
            f"{_link(line.id, PAPER, line.title or line.id, root)} {escape(spoken_date(line.date))}"
            f"{_quotes((line.quote,) if line.quote else (), root, source=False)}"
            for line in role.papers
        ]
        parts.append(_section(f"{role.phrase} ({role.total:,})", items))
    return "".join(parts)


def _paper(card: PaperCard, root: str) -> str:
    about = [", ".join(card.authors), card.venue, spoken_date(card.date), card.id]
    parts = [f"<p class=note>{escape(' · '.join(filter(None, about)))}</p>", _links(card.urls)]
    parts.append(f"<p class=text>{escape(card.abstract)}</p>")
    for group in card.entities:
        items = [
            f"{_ref(line.entity, root)} <span class=note>{escape(line.entity.type)}</span>" for line in group.entities
        ]
        parts.append(_section(group.phrase, items))
    stated = [
        f"{_ref(line.subject, root)} {escape(line.phrase)} {_ref(line.object, root)}"
        f"{_quotes(line.quotes, root, source=False)}"
        for line in card.relations
    ]
    parts += [_section("what it says", stated)] if stated else []
    parts += [f"<h2>results</h2>{_results(card.results, root)}"] if card.results else []
    return "".join(parts)


def _results(results: Iterable[ResultLine], root: str) -> str:
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{_ref(ref, root) if ref else ''}</td>" for ref in (line.subject, line.dataset, line.metric))
        + f"<td>{escape(line.value)}</td><td>{_ref(line.baseline, root) if line.baseline else ''}</td>"
        + f"<td>{_link(line.paper, PAPER, line.title or line.paper, root)}</td></tr>"
        for line in results
    )
    head = "".join(f"<th>{name}</th>" for name in ("of", "on", "metric", "value", "over", "paper"))
    return f"<div class=wide><table><tr>{head}</tr>{rows}</table></div>"


def _quotes(quotes: Iterable[Quote], root: str, *, source: bool = True) -> str:
    return "".join(
        f"<blockquote>{_marked(quote)}"
        f"{f'<br>{_link(quote.paper, PAPER, quote.title or quote.paper, root)}' if source else ''}</blockquote>"
        for quote in quotes
    )


def _marked(quote: Quote) -> str:
    """The sentence, its ends marked; of marks that overlap the first."""
    parts, at = [], 0
    for mark in quote.marks:
        if mark.start >= at:
            parts += [escape(quote.text[at : mark.start]), f"<mark>{escape(quote.text[mark.start : mark.end])}</mark>"]
            at = mark.end
    return "".join([*parts, escape(quote.text[at:])])


def _section(title: str, items: Sequence[str]) -> str:
    return f"<h2>{escape(title)}</h2><ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def _refs(refs: Iterable[Ref], root: str) -> str:
    return ", ".join(_ref(ref, root) for ref in refs)


def _ref(ref: Ref, root: str) -> str:
    return _link(ref.id, ref.type, ref.name, root)


def _link(id_: str, type_: str, name: str, root: str) -> str:
    return f'<a href="{escape(address(id_, type_, root))}">{escape(name)}</a>'


def _links(addresses: Iterable[str]) -> str:
    """Addresses found in texts or metadata; only those of the web can be clicked."""
    shown = [
        f'<a rel="noreferrer nofollow" href="{escape(link)}">{escape(link)}</a>'
        if link.lower().startswith(("https://", "http://"))
        else escape(link)
        for link in addresses
    ]
    return f"<p>{'<br>'.join(shown)}</p>" if shown else ""


def _formats(thing: Thing) -> str:
    return f"<p class=note>{escape(thing.iri)} (also as Turtle, JSON-LD, N-Triples, RDF/XML)</p>"


def _page(title: str, body: str, root: str, text: str = "", *, style: str = "") -> str:
    more = f'<link rel="stylesheet" href="{escape(root)}/static/{style}">\n' if style else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><link rel="icon" href="data:,">
{more}<link rel="stylesheet" href="{escape(root)}/static/page.css">
</head><body><header><a href="{escape(root)}/">Ask</a>
<form action="{escape(root)}/search" method="get" role="search"><input name="q" aria-label="Search" placeholder="Search"
 value="{escape(text)}"></form></header><main><h1>{escape(title)}</h1>{body}</main></body></html>
"""
