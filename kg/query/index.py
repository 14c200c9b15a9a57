"""The search index: a SQLite file with every form of every entity and the titles and ids of papers (home of sqlite3).

Forms stand in the order of how many papers know the thing, so that the first rows of any lookup are the best known
ones. Substrings come from FTS5's trigram index; what is looked for is bound as a parameter or quoted as a phrase.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from kg.errors import StorageError
from kg.query.cache import ask
from kg.query.names import loose, spaced
from kg.store import GraphDir
from kg.text import fold
from kg.vocab import PAPER

Answer = TypeVar("Answer")

INDEX = "search.sqlite"
LONGEST = 2_000  # characters of a form that are indexed; a longer query is nowhere held
POOL = 400  # rows that one lookup returns at most

_SCHEMA = """
CREATE TABLE raw (thing, type, name, form, main, folded, spaced, loose, papers)
"""
_SORT = """
CREATE TABLE form (id INTEGER PRIMARY KEY, thing TEXT, type TEXT, name TEXT, form TEXT, main INTEGER,
                   folded TEXT, spaced TEXT, loose TEXT, papers INTEGER, size INTEGER);
INSERT INTO form (thing, type, name, form, main, folded, spaced, loose, papers, size)
    SELECT *, length(spaced) FROM raw ORDER BY papers DESC, length(spaced), thing, form;
DROP TABLE raw;
CREATE INDEX form_folded ON form (folded);
CREATE INDEX form_loose ON form (loose);
CREATE INDEX form_size ON form (size, spaced);
CREATE INDEX form_thing ON form (thing);
CREATE VIRTUAL TABLE gram USING fts5(spaced, content='form', content_rowid='id', tokenize='trigram case_sensitive 1');
INSERT INTO gram(gram) VALUES ('rebuild');
CREATE VIRTUAL TABLE gram_count USING fts5vocab(gram, 'row');
"""
_COLUMNS = "form.thing, form.type, form.name, form.form, form.main, form.folded, form.spaced, form.loose, form.papers"


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a thing is called. `main` is 2 for its name, 1 for an alias, 0 for an id of a paper."""

    thing: str
    type: str
    name: str
    form: str
    main: int
    folded: str
    spaced: str
    loose: str
    papers: int


class Index:
    """Lookups in the index of one graph; each returns at most POOL forms, those of the best known things first."""

    def __init__(self, connection: sqlite3.Connection, types: Sequence[str]) -> None:
        self._connection, self._types = connection, tuple(types)

    def called(self, text: str) -> list[Form]:
        """Forms that are `text`, folded or with other separators, and things with this id."""
        return [
            *self._forms("form.thing = ?", text),
            *self._forms("form.folded = ?", fold(text)),
            *(self._forms("form.loose = ?", loose(text)) if spaced(text) else []),
        ]

    def starting(self, text: str) -> list[Form]:
        """Forms that begin with `text`, whatever the separators."""
        start = loose(text)
        if not start:
            return []
        return self._forms("form.loose >= ? AND form.loose < ?", start, start + "\U0010ffff", order=True)

    def holding(self, text: str) -> list[Form]:
        """Forms in which `text` stands. One or two letters or digits must be a word of the form."""
        within = spaced(text)
        if len(within) >= 3:
            return self._grams(_phrase(within))
        if within.isalnum() and within.isascii():
            return self._forms("instr(' ' || form.spaced || ' ', ?) > 0", f" {within} ", order=True)
        return self._forms("instr(form.folded, ?) > 0", fold(text), order=True)

    def with_words(self, words: Iterable[str]) -> list[Form]:
        """Forms in which each of the words of three or more letters stands."""
        phrases = [_phrase(word) for word in words if len(word) >= 3][:30]
        return self._grams(" AND ".join(phrases)) if phrases else []

    def resembling(self, text: str) -> list[Form]:
        """Forms that share rare trigrams with `text`, and for a short text those of about its length."""
        query = spaced(text)[:200]
        found = self._grams(" OR ".join(_phrase(gram) for gram in self._rarest(query, 12)), order="rank")
        if len(query) <= 9:
            close = self._connection.execute(
                "SELECT DISTINCT spaced FROM form WHERE size BETWEEN ? AND ?", (len(query) - 2, len(query) + 2)
            )
            letters = set(query)
            near = [form for (form,) in close if len(letters ^ set(form)) <= 4][:POOL]
            for form in near:
                found += self._forms("form.spaced = ?", form)
        return found

    def _rarest(self, text: str, count: int) -> list[str]:
        grams = sorted({text[i : i + 3] for i in range(len(text) - 2)})
        marks = ",".join("?" * len(grams))
        rows = self._connection.execute(f"SELECT doc, term FROM gram_count WHERE term IN ({marks})", grams)
        return [gram for _, gram in sorted(rows)[:count]]

    def _forms(self, condition: str, *values: object, order: bool = False) -> list[Form]:
        marks = ",".join("?" * len(self._types))
        sql = f"SELECT {_COLUMNS} FROM form WHERE {condition} AND form.type IN ({marks})"
        if order:
            sql += " ORDER BY form.id"
        rows = self._connection.execute(f"{sql} LIMIT ?", (*values, *self._types, POOL))
        return [Form(*row) for row in rows]

    def _grams(self, match: str, *, order: str = "form.id") -> list[Form]:
        if not match:
            return []
        marks = ",".join("?" * len(self._types))
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM gram JOIN form ON form.id = gram.rowid "
            f"WHERE gram MATCH ? AND form.type IN ({marks}) ORDER BY {order} LIMIT ?",
            (match, *self._types, POOL),
        )
        return [Form(*row) for row in rows]


def _phrase(text: str) -> str:
    """`text` as an FTS5 string: between quotes everything but a quote stands for itself, and that is doubled."""
    return '"' + text.replace('"', '""') + '"'


def asking(graph: GraphDir, types: Sequence[str], question: Callable[[Index], Answer]) -> Answer:
    """`question(index of graph)`; the index is built if need be: on disk, or in memory where nothing can be written."""

    def on_file(path: Path) -> Answer:
        # immutable: without locks and journals, so that it opens on a read-only mount as well
        address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return question(Index(connection, types))

    try:
        return ask(graph, INDEX, lambda path: _write(graph, path), on_file, broken=(sqlite3.DatabaseError,))
    except StorageError:
        with closing(sqlite3.connect(":memory:")) as connection:
            _fill(connection, graph)
            return question(Index(connection, types))


def _write(graph: GraphDir, path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")  # a broken file is noticed by its seal and built again
            _fill(connection, graph)
            connection.commit()
    except sqlite3.OperationalError as error:
        raise StorageError(path, f"the search index cannot be written ({error})") from error


def _fill(connection: sqlite3.Connection, graph: GraphDir) -> None:
    connection.execute(_SCHEMA)
    connection.executemany("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", _rows(graph))
    connection.executescript(_SORT)


def _rows(graph: GraphDir) -> Iterator[tuple[object, ...]]:
    for entity in graph.entities():
        for form in dict.fromkeys((entity.name, *entity.aliases)):
            yield _row(entity.id, entity.type, entity.name, form, 2 if form == entity.name else 1, entity.papers)
    for paper in graph.papers():
        title = paper.title or paper.id
        if paper.title:
            yield _row(paper.id, PAPER, title, paper.title, 2, 0)
        for form in dict.fromkeys((paper.id, *paper.source_ids)):
            yield _row(paper.id, PAPER, title, form, 0, 0)


def _row(thing: str, type_: str, name: str, form: str, main: int, papers: int) -> tuple[object, ...]:
    cut = form[:LONGEST]
    return thing, type_, name, form, main, fold(cut), spaced(cut), loose(cut), papers
