"""A connection to one database of a Neo4j server. The driver's errors leave here as errors of ours."""

from __future__ import annotations

import logging
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions as driver_errors

from kg.errors import KgError, NotFoundError, StorageError, UsageError

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
OLDEST = 5  # the first major version that has the Cypher that we send
RETRY_SECONDS = 60.0  # how long a batch is tried again while the server says that its trouble is temporary
CONNECT_SECONDS = 15.0

# The server's hints (a label does not exist yet) and the driver's notes go to logging alone, not to stderr.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_FULL = re.compile(
    r"no space left|disk (?:is )?full|OutOfDiskSpace|enough (?:disk )?space|quota exceeded", re.IGNORECASE
)
_TOO_MUCH = ("MemoryPoolOutOfMemoryError", "TransactionOutOfMemoryError", "OutOfMemoryError")


class ServerError(KgError):
    """A database server cannot be reached, refuses us, or fails; exit code 1."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri, self.reason = uri, reason


class Written(NamedTuple):
    """What a transaction did: rows that it handled, nodes and relationships that it created."""

    done: int
    nodes_created: int
    edges_created: int


class BatchTooBig(Exception):
    """The server lacks the memory for one transaction of this size; half of it may do."""


@dataclass(frozen=True)
class Database:
    """One database, connected. `name` None is the user's home database; `agent` is "Neo4j/5.26.30"."""

    uri: str
    user: str
    name: str | None
    agent: str
    session: neo4j.Session

    def rows(self, query: str, **parameters: object) -> list[list[Any]]:
        """Read: all records as lists of values. Tried again while the server's trouble is temporary."""
        with translated(self.uri, self.user, self.name):
            return self.session.execute_read(lambda tx: tx.run(query, parameters).values())

    def stream(self, query: str, **parameters: object) -> Iterator[list[Any]]:
        """Read: the records one after the other, in bounded memory; not tried again."""
        with translated(self.uri, self.user, self.name):
            for record in self.session.run(query, parameters):
                yield list(record.values())

    def define(self, statement: str) -> None:
        """Run a statement of the schema, which cannot share a transaction with others."""
        with translated(self.uri, self.user, self.name):
            self.session.run(statement).consume()

    def write(self, query: str, **parameters: object) -> Written:
        """Run one transaction of a query that returns `done`. Raises BatchTooBig, or an error of ours.

        Tried again while the server's trouble is temporary, also when a connection was lost while it committed:
        everything that we write can be written twice. (The driver's own retries would send a batch that is too big
        for the server's memory again and again: that error counts as temporary, too.)
        """
        deadline = time.monotonic() + RETRY_SECONDS
        with translated(self.uri, self.user, self.name):
            for attempt in count():
                try:
                    return self._transaction(query, parameters)
                except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
                    if _too_big(error):
                        raise BatchTooBig from error
                    pause = min(0.2 * 2**attempt, 10.0) * random.uniform(0.5, 1.5)  # two loaders must not march in step
                    lost = isinstance(error, driver_errors.IncompleteCommit)
                    if not (lost or error.is_retryable()) or time.monotonic() + pause > deadline:
                        raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _transaction(self, query: str, parameters: dict[str, object]) -> Written:
        with self.session.begin_transaction() as transaction:
            result = transaction.run(query, parameters)
            done = int(result.single(strict=True)["done"])
            counters = result.consume().counters
            transaction.commit()
        return Written(done, counters.nodes_created, counters.relationships_created)


def _too_big(error: Exception) -> bool:
    return (getattr(error, "code", None) or "").rpartition(".")[2] in _TOO_MUCH


@contextmanager
def connect(*, uri: str, user: str, password: str, database: str | None = None) -> Iterator[Database]:
    """Connect to a database (None: the user's home database) and see that the server is one that we know.

    Raises UsageError for an address that is none, ServerError where the server cannot be reached, refuses the
    password or is too old, NotFoundError where there is no such database.
    """
    _check_address(uri)
    with (
        translated(uri, user, database),
        neo4j.GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=CONNECT_SECONDS,
            max_transaction_retry_time=RETRY_SECONDS,
            user_agent="mlpapers-kg",
        ) as driver,
        driver.session(database=database, fetch_size=10_000) as session,
    ):
        # A wrong password or a missing database shows itself here, not in the middle.
        agent = session.run("RETURN 1").consume().server.agent
        check_version(uri, agent)
        yield Database(uri, user, database, agent, session)


def check_version(uri: str, agent: str) -> None:
    """Raises ServerError for a Neo4j that is older than version 5.

    >>> check_version("bolt://db", "Neo4j/2026.08.1")
    >>> check_version("bolt://db", "Neo4j/4.4.38")
    Traceback (most recent call last):
    kg.neo4j.server.ServerError: bolt://db: this is Neo4j 4.4.38; kg needs Neo4j 5 or later
    """
    found = re.match(r"Neo4j/((\d+)[\w.-]*)", agent)
    if found and int(found[2]) < OLDEST:
        raise ServerError(uri, f"this is Neo4j {found[1]}; kg needs Neo4j {OLDEST} or later")


def _check_address(uri: str) -> None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"not the address of a Neo4j server: {error}") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise UsageError(f"{parts.scheme or uri}: a Neo4j address begins with {', '.join(s + '://' for s in SCHEMES)}")
    if "@" in parts.netloc:  # not echoed: it holds a password
        raise UsageError("the address must not hold a user or password: use --user and NEO4J_PASSWORD")


@contextmanager
def translated(uri: str, user: str, database: str | None) -> Iterator[None]:
    """Turn what the driver raises within the block into a KgError with a sentence that says what to do."""
    try:
        yield
    except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
        raise explain(error, uri=uri, user=user, database=database) from error
    except (OSError, ValueError) as error:  # names that do not resolve, certificates
        raise ServerError(uri, str(error)) from error


def explain(error: Exception, *, uri: str, user: str, database: str | None) -> KgError:
    """The KgError for an error of the driver."""
    words = _words(error)
    code = getattr(error, "code", None) or ""
    say = _EXPLAINED.get(code.rpartition(".")[2])
    if _FULL.search(words):
        return StorageError(uri, f"the server's disk is full ({words}); make room and load again: it goes on")
    if say is not None:
        return say(uri, user, database, words)
    if isinstance(error, driver_errors.AuthError):
        return ServerError(uri, f"the server refuses user {user!r}: {words}")
    if isinstance(error, driver_errors.ConfigurationError):
        return UsageError(f"{uri}: {words}")
    if isinstance(error, driver_errors.ServiceUnavailable | driver_errors.SessionExpired):
        return ServerError(uri, _unreachable(error, words))
    return ServerError(uri, f"the server failed: {words}{f' ({code})' if code else ''}")


def _words(error: BaseException) -> str:
    """One line of an error's own text, without the link and advice that the driver appends."""
    text = str(getattr(error, "message", None) or error)
    words = " ".join(text.split())
    return words if len(words) <= 300 else f"{words[:299]}…"


def _unreachable(error: BaseException, words: str) -> str:
    root = error
    while (below := root.__cause__ or root.__context__) is not None:
        root = below
    if isinstance(root, ssl.SSLError):
        return (
            f"the encrypted connection fails ({_words(root)}): either the server offers none (then use bolt:// or "
            "neo4j://), or its certificate is not trusted here (SSL_CERT_FILE names one to trust)"
        )
    if isinstance(root, OSError) and root is not error:
        return f"no Neo4j server answers there ({root.strerror or root})"
    if isinstance(error, driver_errors.ServiceUnavailable) and "routing" in words.lower():
        return f"no Neo4j server answers there ({words}); bolt:// and bolt+s:// need no routing"
    return f"no Neo4j server answers there, or it went away: {words}"


def _cannot_write(uri: str, words: str) -> KgError:
    advice = "most likely its disk is full: make room, start it again and load again, which goes on"
    return StorageError(uri, f"the server cannot write any more ({words}); {advice}")


_Say = Callable[[str, str, str | None, str], KgError]
_EXPLAINED: dict[str, _Say] = {
    "Unauthorized": lambda uri, user, _db, _w: ServerError(uri, f"wrong password for user {user!r}, or no such user"),
    "AuthenticationRateLimit": lambda uri, user, _db, _w: ServerError(
        uri, f"too many wrong passwords for user {user!r}: wait some seconds"
    ),
    "CredentialsExpired": lambda uri, user, _db, _w: ServerError(
        uri, f"the password of user {user!r} has to be changed before first use (ALTER CURRENT USER SET PASSWORD …)"
    ),
    "Forbidden": lambda uri, user, _db, w: ServerError(uri, f"user {user!r} may not do this: {w}"),
    "DatabaseNotFound": lambda uri, _u, db, _w: NotFoundError(f"{uri}: there is no database {db!r}"),
    "DatabaseUnavailable": lambda uri, _u, _db, w: ServerError(
        uri, f"the database has not started yet, or cannot start (the server's log says why): {w}"
    ),
    # What Neo4j says when it can no longer write is the same for a full disk and for a broken one.
    "TransactionLogError": lambda uri, _u, _db, w: _cannot_write(uri, w),
    "TransactionCommitFailed": lambda uri, _u, _db, w: _cannot_write(uri, w),
    "TransactionStartFailed": lambda uri, _u, _db, w: _cannot_write(uri, w),
    "ConstraintValidationFailed": lambda uri, _u, _db, w: ServerError(
        uri, f"a constraint of the database, not one of ours, forbids it: {w}"
    ),
}


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """`items` in pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
