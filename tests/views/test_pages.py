"""Pages in a browser: whole and offline, texts as text, every edge and card there, marks on the right letters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from query.drafts import Draft

from .conftest import Browser

Page = Callable[..., Path]

EDGE_POINT = """
const id = arguments[0], edge = edges.get(id), p = network.getPositions([edge.from, edge.to]);
const a = network.canvasToDOM(p[edge.from]), b = network.canvasToDOM(p[edge.to]);
const box = document.getElementById('mynetwork').getBoundingClientRect();
for (let t = 0.5; t > 0.2; t -= 0.05) for (let d = 0; d <= 80; d += 2) for (const side of [1, -1]) {
  const l = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const x = a.x + (b.x - a.x) * t + side * d * (b.y - a.y) / l, y = a.y + (b.y - a.y) * t - side * d * (b.x - a.x) / l;
  if (network.getNodeAt({x, y}) === undefined && network.getEdgeAt({x, y}) === id) return [x + box.left, y + box.top];
}
return null;
"""
NODE_POINT = """
const p = network.canvasToDOM(network.getPositions([arguments[0]])[arguments[0]]);
const box = document.getElementById('mynetwork').getBoundingClientRect();
return [p.x + box.left, p.y + box.top];
"""
CARD = """
const card = document.querySelector('.vis-tooltip');
return card && card.style.visibility === 'visible' ? card.innerText : '';
"""


def hovered(browser: Browser, script: str, id_: str) -> str:
    """The text of the card that appears when the mouse stands on a node or an edge."""
    browser.hover(3, 3)
    browser.until(
        "const card = document.querySelector('.vis-tooltip'); return !card || card.style.visibility !== 'visible'"
    )
    point = browser.run(script, id_)
    assert point is not None, f"{id_} is drawn nowhere"
    browser.hover(*point)
    return str(browser.until(CARD))


def test_a_page_draws_every_node_and_edge_without_a_request(browser: Browser, page: Page) -> None:
    browser.open(page(around="KiteLM", hops=2))
    assert browser.run("return [nodes.length, edges.length]") == browser.run(
        "return [data.nodes.length, data.edges.length]"
    )
    assert browser.run("return nodes.length") >= 8
    assert browser.run("return document.title") == "KiteLM"
    assert browser.run("return document.querySelectorAll('canvas').length") == 1
    assert browser.run("return document.body.innerHTML.includes('cdn')") is False


def test_every_node_and_edge_shows_its_own_card(browser: Browser, page: Page) -> None:
    browser.open(page())
    cards = {}
    for id_ in browser.run("return edges.getIds()"):
        cards[id_] = hovered(browser, EDGE_POINT, id_)
        phrase = browser.run("return about.edges[arguments[0]].phrase", id_)
        assert phrase in cards[id_]
    assert len(set(cards.values())) == len(cards)
    for id_ in browser.run("return nodes.getIds()"):
        assert browser.run("return about.nodes[arguments[0]].name", id_) in hovered(browser, NODE_POINT, id_)


HOSTILE = "</script><script>document.title='owned'</script><!--<script> Kites"


@pytest.fixture
def hostile(tmp_path: Path) -> Any:
    """Names and sentences that try to be markup, a link, a script; two edges between the same two nodes."""
    draft = Draft()
    draft.paper(
        "x1",
        HOSTILE,
        "We propose hrefNet, a model, see href=\"x\". <img src=x onerror=document.title='owned'> OakNet is a model; "
        "hrefNet is based on OakNet and outperforms OakNet.\u2028\u202e {{ 7*7 }} {% raw %} Also <b>Bold</b>Net.",
        urls=("javascript:document.title='owned'", "https://example.org/'><script>"),
        venue="<svg onload=document.title='owned'>",
    )
    href = draft.entity("hrefNet", "Model", links=("javascript:document.title='owned'",))
    oak = draft.entity("OakNet", "Model")
    bold = draft.entity("<b>Bold</b>Net", "Model", aliases=("<img src=x onerror=document.title='owned'>",))
    for entity in (href, oak, bold):
        draft.role("x1", "introduces", entity)
    draft.says("x1", href, "basedOn", oak)
    draft.says("x1", href, "outperforms", oak)
    draft.says("x1", oak, "comparedWith", href)
    return draft.write(tmp_path / "hostile.kg")


def test_texts_are_shown_as_text_whatever_they_hold(browser: Browser, page: Page, hostile: Any) -> None:
    browser.open(page(hostile, around="hrefNet"))
    assert browser.run("return document.title") == "hrefNet"
    ids = browser.run("return edges.getIds().filter(id => !edges.get(id).from.startsWith('paper/'))")
    cards = {hovered(browser, EDGE_POINT, id_) for id_ in ids}
    assert len(ids) == len(cards) == 3
    assert any("builds on" in card for card in cards)
    assert any("outperforms" in card for card in cards)
    assert "hrefNet" in hovered(browser, NODE_POINT, "model/hrefnet")
    assert HOSTILE in hovered(browser, NODE_POINT, "paper/x1")
    for id_ in browser.run("return nodes.getIds()"):
        browser.run("choose(arguments[0])", id_)
        assert (
            browser.run(
                "return document.querySelectorAll('#panel img, #panel script, #panel svg svg, #panel b').length"
            )
            == 0
        )
    assert browser.run("return [...document.querySelectorAll('a')].filter(a => !/^https?:/.test(a.href)).length") == 0
    assert browser.run("return document.title") == "hrefNet"
    assert "{{ 7*7 }}" in browser.run("return JSON.stringify(about.sentences)")


def test_a_title_that_is_markup_is_a_title(browser: Browser, page: Page, hostile: Any) -> None:
    browser.open(page(hostile, around="x1"))
    assert browser.run("return document.querySelector('h1').textContent") == HOSTILE
    assert browser.run("return document.title") == HOSTILE


def test_marks_cover_exactly_the_names_beyond_the_basic_plane(browser: Browser, page: Page) -> None:
    browser.open(page(around="𝛼-KiteTune"))
    marks = set(browser.run("return [...document.querySelectorAll('#panel mark')].map(mark => mark.textContent)"))
    assert marks == {"𝛼-KiteTune", "KiteLM", "KiteShrink"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Kite-LM", ["KiteLM"]),
        ("kite\u2011lm", ["KiteLM"]),
        ("ACCURACY", ["accuracy"]),
        ("Kite7", []),
        ("*", []),
        (".*", []),
        ("(", []),
        ("\\", []),
        ("%", []),
        ("_", []),
        ('"', []),
        ("[a-z]", []),
        ("AND", []),
        ("x" * 10_000, []),
    ],
)
def test_what_is_typed_into_the_box_is_text(browser: Browser, page: Page, typed: str, found: list[str]) -> None:
    browser.open(page())
    names = browser.run(
        "search.value = arguments[0]; search.dispatchEvent(new Event('input'));"
        "return [...document.querySelectorAll('#found li')].map(item => item.textContent)",
        typed,
    )
    assert names == (found or ["Nothing found on this page"])


def test_choosing_a_hit_selects_the_node_and_tells_about_it(browser: Browser, page: Page) -> None:
    browser.open(page())
    browser.run(
        "search.value = 'oakprune'; search.dispatchEvent(new Event('input'));"
        "search.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))"
    )
    assert browser.run("return network.getSelectedNodes()") == ["method/oakprune"]
    assert browser.run("return document.querySelector('#panel h2').textContent") == "OakPrune"


def test_a_type_can_be_hidden_and_shown_again(browser: Browser, page: Page) -> None:
    browser.open(page())
    hidden = "return nodes.get().filter(node => node.hidden).map(node => node.type)"
    browser.run("document.querySelector('#legend button').click()")
    assert set(browser.run(hidden)) == {"Method"}
    assert browser.run("return edges.get().filter(edge => edge.hidden).length") > 0
    browser.run("document.querySelector('#legend button').click()")
    assert browser.run(hidden) == []


def test_one_node_stands_in_the_middle_and_can_be_seen(browser: Browser, page: Page, tmp_path: Path) -> None:
    draft = Draft()
    draft.paper("p", "T", "LonelyNet is a model.")
    draft.role("p", "mentions", draft.entity("LonelyNet", "Model"))
    browser.open(page(draft.write(tmp_path / "one.kg")))
    x, y = browser.run(NODE_POINT, "model/lonelynet")
    assert abs(x - 700) < 40
    assert abs(y - 485) < 60
    assert browser.run("return network.getScale() * nodes.get()[0].size") >= 6


def test_nothing_is_a_sentence_not_an_empty_page(browser: Browser, page: Page, tmp_path: Path) -> None:
    browser.open(page(Draft().write(tmp_path / "empty.kg")))
    assert "nothing to draw" in browser.run("return document.body.innerText")


def test_papers_without_entities_are_drawn_as_papers(browser: Browser, page: Page, tmp_path: Path) -> None:
    draft = Draft()
    for i in range(30):
        draft.paper(f"p{i}", f"Title {i}", "Nothing is found here.")
    browser.open(page(draft.write(tmp_path / "papers.kg")))
    assert browser.run("return nodes.length") == 30
    places = browser.run("return nodes.get().map(node => node.x + ',' + node.y)")
    assert len(set(places)) == 30


def test_a_page_in_a_frame_that_is_shown_later_is_whole(browser: Browser, page: Page, tmp_path: Path) -> None:
    inner = page()
    outer = tmp_path / "outer.html"
    outer.write_text(f"<iframe id=f src='{inner.name}' style='display:none;width:900px;height:600px'></iframe>")
    browser.open(outer)
    browser.run("return new Promise(done => setTimeout(done, 400))")
    browser.run("document.getElementById('f').style.display = 'block'")
    browser.run("return new Promise(done => setTimeout(done, 600))")
    browser.driver.switch_to.frame("f")
    try:
        scale = browser.run("return network.getScale()")
        inside = browser.run(
            "return nodes.getIds().every(id => { const p = network.canvasToDOM(network.getPositions([id])[id]);"
            "return p.x > 0 && p.y > 0 && p.x < container.clientWidth && p.y < container.clientHeight; })"
        )
    finally:
        browser.driver.switch_to.default_content()
    assert scale > 0.1
    assert inside
