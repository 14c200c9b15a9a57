"""What can go wrong between here and the server: each with a KgError, a sentence and an exit code."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

import kg.neo4j.server as connection
from kg.errors import KgError, NotFoundError, StorageError, UsageError
from kg.neo4j import ServerError, load
from kg.neo4j.batches import batched
from tests.export.rows import Rows
from tests.neo4j import neo4j_server
from tests.neo4j.conftest import Load, Target, find_java
from tests.neo4j.neo4j_server import LTS, PASSWORD, Server, free_port, running

pytestmark = pytest.mark.xdist_group("neo4j")  # one server for all, where xdist runs by groups


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after two seconds."""
    monkeypatch.setattr(connection, "RETRY_SECONDS", 2.0)
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 2.0)


def try_(directory: Path, uri: str, *, user: str = "neo4j", password: str = "x", **more: str) -> KgError:
    with pytest.raises(KgError) as caught:
        load(directory, uri=uri, user=user, password=password, **more)
    assert len(str(caught.value)) < 700
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "uri",
    ["", "localhost", "localhost:7687", "http://localhost:7474", "bolt:", "bolt://", "bolt://h:port", "bolt://[::1"],
)
def test_an_address_that_is_none_is_wrong_usage(uri: str, kite_graph: Path) -> None:
    error = try_(kite_graph, uri)
    assert isinstance(error, UsageError)
    assert error.exit_code == 2


def test_a_password_within_the_address_is_refused_and_not_shown(kite_graph: Path) -> None:
    error = try_(kite_graph, "bolt://neo4j:geheim@localhost:7687")
    assert isinstance(error, UsageError)
    assert "geheim" not in str(error)
    assert "NEO4J_PASSWORD" in str(error)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "neo4j+s", "bolt+ssc"])
def test_no_server(scheme: str, kite_graph: Path, quick: None) -> None:
    error = try_(kite_graph, f"{scheme}://localhost:{free_port()}")
    assert isinstance(error, ServerError)
    assert error.exit_code == 1
    assert "no Neo4j server answers there" in str(error)


def test_a_name_that_does_not_resolve(kite_graph: Path, quick: None) -> None:
    assert "no Neo4j server answers there" in str(try_(kite_graph, "bolt://kites.invalid:7687"))


@pytest.fixture
def other_service(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port at which something answers each connection with the bytes of the parameter, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(64)
                    client.sendall(request.param)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.mark.parametrize(
    "other_service",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\0\0\0\0", b"\0\0\0\3"],
    indirect=True,
    ids=["http", "hangs up", "no common version", "an old version of the protocol"],
)
def test_a_server_that_speaks_something_else(other_service: int, kite_graph: Path, quick: None) -> None:
    assert isinstance(try_(kite_graph, f"bolt://localhost:{other_service}"), KgError)


def test_a_wrong_password_and_a_missing_database(target: Target, kite_graph: Path) -> None:
    wrong = try_(kite_graph, target.uri, user="nobody")
    assert isinstance(wrong, ServerError)
    assert "wrong password for user 'nobody', or no such user" in str(wrong)
    missing = try_(kite_graph, target.uri, user=target.user, password=target.password, database="nowhere")
    assert isinstance(missing, NotFoundError)
    assert missing.exit_code == 1
    assert "there is no database 'nowhere'" in str(missing)


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+ssc"])
def test_encryption_that_the_server_does_not_offer(scheme: str, target: Target, kite_graph: Path, quick: None) -> None:
    if not target.uri.startswith("bolt:"):
        pytest.skip("this server offers encryption")
    uri = target.uri.replace("bolt", scheme)
    assert isinstance(try_(kite_graph, uri, user=target.user, password=target.password), ServerError)


def test_routing_and_a_named_database_work(target: Target, database: neo4j.Session, kite_graph: Path) -> None:
    uri = target.uri.replace("bolt:", "neo4j:")
    report = load(kite_graph, uri=uri, user=target.user, password=target.password, database="neo4j")
    assert report.nodes_created == 16


def long_texts() -> Rows:
    rows = Rows()
    for number in range(400):
        rows.paper(
            f"p{number}", f"Title {number}", f"{number} " * 2_000, authors=tuple(f"A{number + i}" for i in range(9))
        )
    return rows


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_server_through_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kite_graph: Path) -> None:
    """Little memory (batches are halved), encryption, a restart in the middle, a crash in the middle."""
    java = find_java(LTS)
    directory = long_texts().write(tmp_path / "long.kg")
    settings = {"db.memory.transaction.max": "2m", **certificate(tmp_path / "tls")}
    with running(LTS, java, tmp_path / "server", settings) as server:
        options = {"user": "neo4j", "password": PASSWORD}
        report = load(directory, uri=server.uri, **options)
        assert report.nodes_created == report.nodes == 400 + 408
        if settings.get("server.bolt.tls_level"):
            monkeypatch.setattr(connection, "RETRY_SECONDS", 2.0)
            refused = try_(kite_graph, f"neo4j+s://{server.address}", **options)
            assert "certificate" in str(refused) or "no Neo4j server answers" in str(refused)
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "public.crt"))
            assert load(kite_graph, uri=f"neo4j+s://{server.address}", **options).nodes_created == 16
            assert load(kite_graph, uri=f"bolt+ssc://{server.address}", **options).nodes_created == 0
        monkeypatch.setattr(connection, "RETRY_SECONDS", 120.0)
        restarts = iter([True])

        def restart(_: int) -> None:
            if next(restarts, False):
                server.stop()
                server.start()

        load(directory, uri=server.uri, **options, batch=200, advance=restart)
        with neo4j.GraphDatabase.driver(server.uri, auth=("neo4j", PASSWORD)) as driver:
            driver.execute_query("MATCH (p:Paper) WHERE p.id ENDS WITH '77' DETACH DELETE p")
        monkeypatch.setattr(connection, "RETRY_SECONDS", 1.0)
        with pytest.raises(ServerError, match="no Neo4j server answers there"):
            load(directory, uri=server.uri, **options, batch=100, advance=lambda _: server.stop(kill=True))
        server.start()
        monkeypatch.setattr(connection, "RETRY_SECONDS", 60.0)
        again = load(directory, uri=server.uri, **options)
        assert again.nodes_created <= 4
        assert (again.nodes, again.edges) == (report.nodes, report.edges)
        gone = load(kite_graph, uri=server.uri, **options, prune=True)
        assert gone.nodes_deleted >= report.nodes - 3


def certificate(folder: Path) -> dict[str, str]:
    """The settings of a server that offers encryption under a certificate of its own; {} where openssl is missing."""
    if shutil.which("openssl") is None:
        return {}
    folder.mkdir()
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    files = ["-keyout", folder / "private.key", "-out", folder / "public.crt"]
    subprocess.run([*make, *files], check=True, capture_output=True)
    policy = "dbms.ssl.policy.bolt"
    return {
        "server.bolt.tls_level": "OPTIONAL",
        f"{policy}.enabled": "true",
        f"{policy}.base_directory": str(folder),
        f"{policy}.private_key": "private.key",
        f"{policy}.public_certificate": "public.crt",
        f"{policy}.client_auth": "NONE",
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_full_disk_is_named_and_the_load_goes_on_when_there_is_room(tmp_path: Path) -> None:
    java = find_java(LTS)
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(small)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    rows = Rows()
    for number in range(3_000):
        rows.paper(f"p{number}", f"Title {number}", f"{number} " * 1_000)
    directory = rows.write(tmp_path / "big.kg")
    server = Server(
        LTS, java, neo4j_server.jars(LTS, java), tmp_path / "server", {"server.directories.data": str(small)}
    )
    options = {"uri": server.uri, "user": "neo4j", "password": PASSWORD}
    try:
        server.prepare()
        server.start()
        for _ in range(2):  # also the second time, when the server only says that it needs to be restarted
            with pytest.raises(StorageError, match="the server cannot write any more"):
                load(directory, **options, batch=100)
        server.stop()
        subprocess.run(["mount", "-o", "remount,size=300m", str(small)], check=True)
        server.start()
        report = load(directory, **options)
        assert report.nodes == 3_000
        assert report.nodes_created < 3_000
    finally:
        server.stop()
        subprocess.run(["umount", str(small)], check=False)


def test_long_rows_make_short_batches() -> None:
    rows = [("a", ["x" * size]) for size in (5, 5, 5, 100, 1)]
    assert [len(batch) for _, batch in batched(rows, size=10, characters=10)] == [2, 1, 1, 1]


def test_rows_that_wait_are_bounded() -> None:
    rows = [(kind, [kind]) for kind in "abcab" * 20]
    batches = list(batched(rows, size=50, held=10))
    assert max(len(batch) for _, batch in batches) <= 10
    assert sum(len(batch) for _, batch in batches) == 100


def test_a_missing_password_is_asked_for_or_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, target: Target, database: neo4j.Session, loaded: Load, kite_graph: Path
) -> None:
    """`kg load` takes the password from NEO4J_PASSWORD alone where there is no terminal; it prints what it did."""
    from click.testing import CliRunner

    from kg.cli.load import command

    arguments = [str(kite_graph), "--uri", target.uri, "--user", target.user, "--prune"]
    monkeypatch.delenv("NEO4J_PASSWORD", raising=False)
    without = CliRunner().invoke(command, arguments)
    assert isinstance(without.exception, UsageError)
    assert "NEO4J_PASSWORD" in str(without.exception)
    monkeypatch.setenv("NEO4J_PASSWORD", target.password)
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert target.password not in done.output
    assert "relationships" in done.stdout
    assert done.stderr == ""


def test_the_help_ends_in_an_example() -> None:
    from click.testing import CliRunner

    from kg.cli.load import command

    shown = CliRunner().invoke(command, ["--help"]).output
    assert "Example: NEO4J_PASSWORD=… kg load" in shown.splitlines()[-1] + shown.splitlines()[-2]
