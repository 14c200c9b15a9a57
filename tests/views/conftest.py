"""A headless Chromium that looks at pages, and the graph by hand of tests/query."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from query.drafts import kites

from kg.store import GraphDir

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
CHROMEDRIVER = shutil.which("chromedriver") or ""


@pytest.fixture(scope="session")
def kite_graph(tmp_path_factory: pytest.TempPathFactory) -> GraphDir:
    """Three papers about kites (see query/drafts.py); read only."""
    return kites().write(tmp_path_factory.mktemp("kites") / "kites.kg")


class Browser:
    """Opens files, runs scripts in them, moves the mouse, and knows what was logged and asked of the network."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path) -> None:
        self._log("browser")
        self._log("performance")
        self.driver.get(path.as_uri())
        self.run("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")

    def run(self, script: str, *args: object) -> Any:
        return self.driver.execute_script(script, *args)

    def hover(self, x: float, y: float) -> None:
        """Put the mouse at (x, y) of the window, coming from elsewhere."""
        for px, py in ((3, 3), (x - 1, y), (x, y)):
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": px, "y": py})
            time.sleep(0.05)

    def until(self, script: str, seconds: float = 5) -> Any:
        """What `script` returns as soon as that is true; fails after `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}")

    def messages(self) -> list[str]:
        """What the page wrote to the console, exceptions and policy violations included."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(kind)
        return entries


@pytest.fixture(scope="session")
def _driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if not (CHROMIUM and CHROMEDRIVER):
        reason = "no Chromium with chromedriver on the path: pages are looked at in a browser"
        if os.environ.get("CI"):
            pytest.fail(f"required in CI: {reason}")
        pytest.skip(reason)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("chromium")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1400,900",
        f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * ~NOTFOUND",  # no network, whatever a page tries
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
    driver.set_script_timeout(20)
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    yield driver
    driver.quit()


@pytest.fixture
def browser(_driver: Any) -> Iterator[Browser]:
    """The browser. After the test: nothing was asked of the network, nothing was written to the console."""
    shown = Browser(_driver)
    yield shown
    assert shown.messages() == []
    assert [address for address in shown.requests() if not address.startswith(("file:", "data:"))] == []


@pytest.fixture
def page(kite_graph: GraphDir, tmp_path: Path) -> Callable[..., Path]:
    """`page(graph=…, **options)` writes a page and returns its path."""
    from kg.views import view

    def write(graph: GraphDir = kite_graph, **options: Any) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.html"
        view(graph, path, **options)
        return path

    return write
