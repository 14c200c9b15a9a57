"""The query page in a real browser: YASGUI asks, shows, says what is wrong, and needs nothing but its server."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from .conftest import Server

SAID = """
    if (document.querySelector(".tab.active.querying, .yasqe_queryButton.busy")) return "";
    const info = document.querySelector(".tabPanel.active .yasr_response_chip");
    const error = document.querySelector(".tabPanel.active .yasr .errorResult");
    const seen = (info ? info.textContent : "") + "\\n" + (error ? error.innerText : "");
    return info && info.textContent && seen;
"""
SHOWN = "return document.querySelector('.tabPanel.active .yasr_results').innerText.trim()"


def until(browser: Any, script: str, seconds: float = 10) -> Any:
    """What `script` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := browser.execute_script(script):
            return value
        time.sleep(0.05)
    raise AssertionError(f"never true: {script}")


def ask(browser: Any, query: str) -> str:
    """Type a query into the editor, ask, and return what the page says of the answer when it is there."""
    browser.execute_script(
        """
        document.querySelectorAll(".yasr_response_chip").forEach((old) => { old.textContent = ""; });
        document.querySelectorAll(".yasr_results").forEach((old) => { old.innerHTML = ""; });
        document.querySelector(".tabPanel.active .yasqe .CodeMirror").CodeMirror.setValue(arguments[0]);
        document.querySelector(".tabPanel.active .yasqe_queryButton").click();
        """,
        query,
    )
    return str(until(browser, SAID))


@pytest.fixture
def page(browser: Any, server: Server) -> Any:
    browser.get(server.url)
    browser.execute_script("localStorage.clear()")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(server.url)
    until(browser, "return document.querySelector('.tabPanel.active .yasqe .CodeMirror') !== null")
    return browser


def test_rows_become_a_table_whose_links_stay_here(page: Any, server: Server) -> None:
    assert "3 results" in ask(page, "SELECT ?m ?name { ?m a kg:Model ; skos:prefLabel ?name } ORDER BY ?name")
    until(page, "return document.querySelectorAll('.yasr tbody tr').length === 3")
    shown = page.execute_script(SHOWN)
    assert [name for name in ("ElmNet", "KiteNet", "OakNet") if name in shown] == ["ElmNet", "KiteNet", "OakNet"]
    assert "model:kitenet" in shown
    page.execute_script(
        """const link = [...document.querySelectorAll(".yasr tbody a")].find((a) => a.textContent === "model:kitenet");
        link.removeAttribute("target"); link.click();"""
    )
    assert until(page, "return document.title === 'KiteNet' && location.href") == f"{server.url}id/model/kitenet"


def test_other_answers_are_shown(page: Any) -> None:
    ask(page, "ASK { ?m a kg:Model }")
    assert "True" in until(page, SHOWN)
    ask(page, "DESCRIBE model:kitenet")
    assert "KiteNet" in until(page, SHOWN)


def test_errors_are_told_in_the_servers_words(page: Any) -> None:
    assert "line 1" in ask(page, "SELECT ?m {")
    slow = ask(page, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert "the query was stopped after 2 seconds" in slow


def test_no_text_becomes_markup_in_an_answer(page: Any) -> None:
    assert "1 result" in ask(page, 'SELECT ("<img src=x onerror=alert(1)>" AS ?x) {}')
    assert "<img" in until(page, SHOWN)
    assert page.execute_script("return document.querySelectorAll('.yasr_results img').length") == 0
    assert "1 result" in ask(page, "SELECT (<javascript:alert(1)> AS ?x) {}")
    assert "javascript" in until(page, SHOWN)
    assert not page.execute_script("return document.querySelector(\".yasr_results a[href^='javascript']\")?.click()")
    assert page.execute_script("return document.title") == "Ask the graph"


def test_examples_are_asked_when_they_are_chosen(page: Any) -> None:
    page.execute_script(
        "const s = document.getElementById('examples'); s.selectedIndex = 1; s.dispatchEvent(new Event('change'))"
    )
    assert "result" in until(page, SAID)
    typed = page.execute_script(
        "return document.querySelector('.tabPanel.active .yasqe .CodeMirror').CodeMirror.getValue()"
    )
    assert typed.startswith("PREFIX kg: <")
    assert page.execute_script("return document.querySelectorAll('.parseErrorIcon').length") == 0


def test_words_of_the_vocabulary_are_completed(page: Any) -> None:
    """Classes, properties and prefixes come from this server's page; the editor knows no others."""
    from selenium.webdriver import ActionChains, Keys

    for typed, offered in (
        ("SELECT * { ?a kg:outp", "outperforms"),
        ("SELECT * { ?a a kg:Data", "Dataset"),
        ("PREFIX sko", "skos: <http://www.w3.org/2004/02/skos/core#>"),
    ):
        page.execute_script(
            """const editor = document.querySelector(".tabPanel.active .yasqe .CodeMirror").CodeMirror;
            editor.setValue(arguments[0]); editor.setCursor(0, arguments[0].length); editor.focus();""",
            typed,
        )
        ActionChains(page).key_down(Keys.CONTROL).send_keys(Keys.SPACE).key_up(Keys.CONTROL).perform()
        seen = until(page, "return [...document.querySelectorAll('.CodeMirror-hint')].map((hint) => hint.innerText)")
        assert any(offered in hint for hint in seen), (typed, seen)
        assert len(seen) < 5
        ActionChains(page).send_keys(Keys.ESCAPE).perform()


def test_a_stored_endpoint_of_somebody_else_is_not_asked(page: Any, server: Server) -> None:
    """What a browser kept, or a shared link says, cannot turn the page to another server."""
    page.get(f"{server.url}#query=ASK%20%7B%7D&endpoint=http%3A%2F%2F192.0.2.1%2Fsparql")
    page.refresh()
    until(page, "return document.querySelector('.tabPanel.active .yasqe .CodeMirror') !== null")
    page.get_log("performance")
    ask(page, "ASK { ?m a kg:Model }")
    assert asked_of(page) == {f"{server.url}sparql"}


def test_the_page_asks_nobody_else_and_breaks_no_rule(page: Any, server: Server) -> None:
    """No request leaves for another host; nothing is against the page's own content security policy."""
    ask(page, "SELECT * { ?a ?b ?c } LIMIT 3")
    asked = asked_of(page)
    assert f"{server.url}sparql" in asked
    assert all(url.startswith((server.url, "data:")) for url in asked)
    assert page.get_log("browser") == []


def asked_of(page: Any) -> set[str]:
    """The addresses that the page has asked since the log was last read."""
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    return {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
