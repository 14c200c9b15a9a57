"""Real servers: `kg serve` in a process of its own, on a free port of this machine."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import require
from tests.export.rows import Rows, kites


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass
class Server:
    """A running server: `url` ends in a slash."""

    url: str
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, accept: str | None = None, **headers: str
    ) -> Reply:
        """One request, the path sent as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept is not None:
            named["Accept"] = accept
        try:
            connection.request(method, path, body, named)
            response: HTTPResponse = connection.getresponse()
            return Reply(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    def query(self, text: str, *, accept: str | None = None, more: str = "") -> Reply:
        return self.ask(f"/sparql?query={quote(text, safe='')}{more}", accept=accept)

    def open(self, request: bytes) -> socket.socket:
        """A connection on which `request` has been sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(request)
        return connection

    def workers(self) -> list[int]:
        """The query workers of the server that are alive."""
        return workers_of(self.process.pid)

    def settle(self, most: int, seconds: float = 10.0) -> list[int]:
        """The workers, as soon as there are at most so many, or after some time."""
        end = time.monotonic() + seconds
        while len(self.workers()) > most and time.monotonic() < end:
            time.sleep(0.05)
        return self.workers()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


def workers_of(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
            command = (entry.parent / "cmdline").read_text()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z" and "kg.query.inside" in command:
            found.append(int(entry.parent.name))
    return found


@contextmanager
def serving(path: Path, *options: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "kg", "serve", str(path), "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        assert "Serving" in line, line + process.stderr.read()
        yield Server(line.split(" at ")[1].split()[0], process)
    finally:
        process.kill()
        process.wait()
        said = process.stderr.read()
        process.stderr.close()
    assert said.strip() in ("", "Interrupted.")  # no traceback, whatever has been asked


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Kites, with a short time limit."""
    with serving(kites().write(tmp_path_factory.mktemp("serve") / "k.kg"), "--timeout", "2", "--jobs", "4") as running:
        yield running


def crowd() -> Rows:
    """Enough triples for a query that never ends."""
    rows = Rows()
    paper = rows.paper("p1", "Crowds", "We propose many nets.")
    for number in range(400):
        model = rows.entity(f"model/net-{number}", "Model", f"Net-{number}")
        rows.say(paper, "introduces", model, (paper, "We propose many nets."))
    return rows


@pytest.fixture(scope="session")
def crowd_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crowd().write(tmp_path_factory.mktemp("serve") / "crowd.kg")


@pytest.fixture
def start(crowd_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on the crowd that the test may stop."""
    running = []

    def begin(*options: str, path: Path = crowd_path) -> Server:
        context = serving(path, *options)
        running.append(context)
        return context.__enter__()

    yield begin
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    require(bool(chromium and driver), "Chromium and chromedriver are not installed")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    running = webdriver.Chrome(options=options, service=Service(driver))
    yield running
    running.quit()
