"""What a server must bear: bombs, crowds, clients that leave or do not read, and being stopped at any moment."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from .conftest import Server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")

BOMB = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }"
BOMBS = [
    BOMB,
    "SELECT DISTINCT ?b WHERE { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z } ORDER BY ?b LIMIT 5",
    'SELECT ?s ?o WHERE { ?s ?p ?o . ?t ?q ?u . FILTER(REGEX(CONCAT(STR(?o), STR(?u)), "(.*a.*)+$")) FILTER(?s = ?u) }',
]
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SHORT = "SELECT ?m { ?m a kg:Model } LIMIT 1"


def get(query: str, version: str = "1.1") -> bytes:
    return f"GET /sparql?query={quote(query, safe='')} HTTP/{version}\r\nHost: x\r\n\r\n".encode()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_in_503_before_the_first_byte(start: Callable[..., Server], bomb: str) -> None:
    server = start("--timeout", "1", "--jobs", "2")
    begun = time.monotonic()
    reply = server.query(bomb)
    assert (reply.status, reply.media) == (503, "text/plain")
    assert "1 seconds" in reply.text
    assert time.monotonic() - begun < 5
    assert server.query(SHORT).status == 200
    assert len(server.settle(2)) <= 2


def test_a_query_that_wants_too_much_memory_ends_in_503(start: Callable[..., Server]) -> None:
    server = start("--timeout", "60", "--memory", "256")
    reply = server.query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?d")
    assert (reply.status, "memory" in reply.text) == (503, True)
    assert server.query(SHORT).status == 200


def read_all(response: http.client.HTTPResponse) -> None:
    while response.read(1 << 20):
        pass


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_answer_that_is_cut_never_looks_whole(start: Callable[..., Server], version: str) -> None:
    """The time limit passes in the middle of rows: the connection is reset, whatever the client's protocol."""
    server = start("--timeout", "0.5")
    with server.open(get(ENDLESS, version)) as connection:
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 200
        with pytest.raises((ConnectionResetError, http.client.IncompleteRead)):
            read_all(response)
    assert server.query(SHORT).status == 200


def test_a_client_that_leaves_ends_its_query(start: Callable[..., Server]) -> None:
    """Before an answer and in the middle of one; no worker goes on for nobody."""
    server = start("--timeout", "60", "--jobs", "2")
    for query in (BOMB, ENDLESS, BOMB, ENDLESS):
        connection = server.open(get(query))
        if query == ENDLESS:
            assert connection.recv(100)
        else:
            time.sleep(0.5)
        connection.close()
    begun = time.monotonic()
    assert [server.query(SHORT).status for _ in range(4)] == [200] * 4
    assert time.monotonic() - begun < 10
    assert len(server.settle(2)) <= 2


def test_a_slow_reader_costs_no_memory_and_keeps_nobody_waiting(start: Callable[..., Server]) -> None:
    server = start("--timeout", "60", "--jobs", "2")
    slow = server.open(get(ENDLESS))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.recv(100)
    time.sleep(1.5)
    assert server.query(SHORT).status == 200
    before = memory(server)
    time.sleep(1)
    assert memory(server) < before + (8 << 20)
    slow.close()


def memory(server: Server) -> int:
    """Bytes that the server process holds."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4096


def test_a_crowd_is_served_or_sent_away(start: Callable[..., Server]) -> None:
    """100 clients at once: each gets an answer or a 503 that says when to come again; the workers stay few."""
    server = start("--timeout", "1", "--jobs", "2")
    with ThreadPoolExecutor(100) as threads:
        replies = list(threads.map(lambda number: server.query(SHORT if number % 10 else BOMB), range(100)))
    assert set(Counter(reply.status for reply in replies)) <= {200, 503}
    assert sum(reply.status == 200 for reply in replies) >= 20
    for reply in replies:
        assert reply.status == 200 or "retry-after" in reply.headers or "seconds" in reply.text
    assert server.query(SHORT).status == 200
    assert len(server.settle(2)) <= 2


def test_two_hundred_clients_with_short_questions_are_all_served(start: Callable[..., Server]) -> None:
    server = start("--jobs", "2")
    with ThreadPoolExecutor(200) as threads:
        replies = list(threads.map(lambda _: server.query(SHORT).status, range(400)))
    assert replies == [200] * 400
    assert len(server.settle(2)) <= 2


def test_many_short_questions_leave_nothing_behind(server: Server) -> None:
    server.query(SHORT)
    before = len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))
    for number in range(150):
        assert server.query(SHORT if number % 3 else "SELECT wrong").status in (200, 400)
    assert len(server.settle(4)) <= 4
    time.sleep(0.2)
    assert len(list(Path(f"/proc/{server.process.pid}/task").iterdir())) <= before + 8


def alive(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_text())  # empty: dead, but nobody has asked for its code yet
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("busy", [False, True])
def test_no_worker_outlives_the_server(start: Callable[..., Server], number: int, busy: bool) -> None:
    """However it is stopped, and whatever its workers are doing."""
    server = start("--timeout", "60")
    connection = server.open(get(ENDLESS if busy else SHORT))
    connection.recv(100)
    workers = server.workers()
    assert workers
    begun = time.monotonic()
    code = server.stop(number)
    assert time.monotonic() - begun < 8
    assert code == {signal.SIGINT: 130}.get(number, -number)
    end = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [
        pid for pid in workers if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_text()
    ]
    connection.close()


def test_nonsense_on_the_line_ends_only_its_own_connection(server: Server) -> None:
    for sent in (
        b"\x00\xff\x16\x03\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            try:
                connection.sendall(sent)
                assert b"200 OK" not in connection.recv(1000)
            except ConnectionError:
                pass
    assert server.query(SHORT).status == 200
