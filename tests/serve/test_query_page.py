"""The query page in a real browser: it asks, shows, says what is wrong, and needs nothing but its server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from .conftest import Server

SAID = """
    const said = document.getElementById("status").textContent || document.querySelector("#answer pre")?.textContent;
    return document.getElementById("stop").disabled && said;
"""


def until(browser: Any, script: str, seconds: float = 10) -> Any:
    """What `script` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := browser.execute_script(script):
            return value
        time.sleep(0.05)
    raise AssertionError(f"never true: {script}")


def ask(browser: Any, query: str) -> str:
    """Type a query, ask, and return what the page says when it is done."""
    browser.execute_script(
        "document.getElementById('query').value = arguments[0]; document.getElementById('run').click();", query
    )
    return str(until(browser, SAID))


@pytest.fixture
def page(browser: Any, server: Server) -> Any:
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(server.url)
    return browser


def test_rows_become_a_table_whose_links_stay_here(page: Any, server: Server) -> None:
    said = ask(page, "SELECT ?m ?name { ?m a kg:Model ; skos:prefLabel ?name } ORDER BY ?name")
    assert said == "3 rows"
    cells = page.execute_script("return [...document.querySelectorAll('#answer td')].map(cell => cell.textContent)")
    assert cells == ["model:elmnet", "ElmNet", "model:kitenet", "KiteNet", "model:oaknet", "OakNet"]
    page.execute_script("document.querySelectorAll('#answer a')[1].click()")
    assert until(page, "return document.title === 'KiteNet' && location.href") == f"{server.url}id/model/kitenet"


def test_other_answers_and_errors_are_told(page: Any) -> None:
    assert ask(page, "ASK { ?m a kg:Model }") == "yes"
    assert "KiteNet" in ask(page, "DESCRIBE model:kitenet")
    assert "line 1" in ask(page, "SELECT ?m {")
    assert "2 seconds" in ask(page, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert ask(page, 'SELECT ("<img src=x onerror=alert(1)>" AS ?x) {}') == "1 rows"
    assert page.execute_script("return document.querySelectorAll('#answer img').length") == 0
    assert page.execute_script("return document.querySelector('#answer td').textContent").startswith("<img")
    assert ask(page, "SELECT (<javascript:alert(1)> AS ?x) {}") == "1 rows"
    assert page.execute_script("return document.querySelectorAll('#answer a').length") == 0


def test_examples_are_asked_when_they_are_chosen(page: Any) -> None:
    page.execute_script(
        "const s = document.getElementById('examples'); s.selectedIndex = 1; s.dispatchEvent(new Event('change'))"
    )
    assert until(page, "return /rows/.test(document.getElementById('status').textContent)")


def test_the_page_asks_nobody_else_and_breaks_no_rule(page: Any, server: Server) -> None:
    """No request leaves for another host; nothing is against the page's own content security policy."""
    ask(page, "SELECT * { ?a ?b ?c } LIMIT 3")
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert f"{server.url}sparql" in asked
    assert all(url.startswith((server.url, "data:")) for url in asked)
    assert page.get_log("browser") == []
