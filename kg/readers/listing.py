"""Saved listings of papers on the Hugging Face site: title and abstract in turn, as copied from the browser.

Layouts that were seen: blank lines between the parts or none; "Subscribe" on a line of its own or glued to the first
title; under each paper "• 6 authors", "·" and a date, or nothing. A date may lack its year (then it is the year in
which the page was saved, which the page hardly ever says) and may be followed by a number of comments or votes.

The page's own words ("new", "Get trending papers …", "Daily Papers", "byAK and the research community", its own date)
never become text. An abstract may run over several lines. Which line is a title and which an abstract is decided for
all lines between two such date lines together, by the cheapest way to read them (Viterbi): abstracts are long prose
and follow a title; everything else costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.errors import LayoutError
from kg.model import Notice, Paper, Rejected
from kg.readers.content import Content
from kg.readers.dates import Date, DateProblem, parse_listing_date, with_year
from kg.readers.formats import Format, Record
from kg.text import digest, fold_title, xml_safe

MAX_LISTING = 256 << 20  # characters
_NEWLINE = re.compile(r"\r\n|\r|\n")  # not str.splitlines, which knows seven more

_NEWS = re.compile(r"Get trending papers in your email inbox.*", re.IGNORECASE)
_MARKER = re.compile(  # one of these makes a text a listing
    rf"{_NEWS.pattern}|by\s?AK and the research community|Daily Papers|Subscribe"
    r"|[•·*-]?\s*[0-9]+ authors?",
    re.IGNORECASE,
)
_HEADER = re.compile(
    rf"{_MARKER.pattern}|new|Trending Papers|by|by\s?AK|AK|and the research community|[·•|]|[0-9]+", re.IGNORECASE
)
_HEADER_LINES = 16  # how far down the page's own lines are looked for, lines that are not blank
_FOOTER = re.compile(
    r"Previous|Next|[0-9.…]+|[·•|]|Company|© ?Hugging Face|System theme|Website|Models|Datasets|Spaces|Pricing|Docs"
    r"|TOS|Privacy|About|Careers|Jobs|Load more|Upvote",
    re.IGNORECASE,
)
# "Subscribe" glued to a title; "Subscriber churn …" is a title of its own.
_GLUED = re.compile(r"Subscribe(?=[^\s.,;:!?])(?!(?:rs?|d|s)\b)")
_AUTHORS = re.compile(r"[•·*-]?\s*[0-9][0-9,]* authors?(?P<rest>.*)", re.IGNORECASE)
_LOOSE = re.compile(r"[·•|]|[0-9]+(?:\.[0-9]+)?k?|Upvote", re.IGNORECASE)
_URL = re.compile(r"https?://\S+")
_SENTENCE = re.compile(r"[.?!][)\"'”]*\s+[A-Z]")

_STOPS = (".", "?", "!", "…", ")")
_NO_ABSTRACT, _CONTINUED = 6.0, 3.0  # costs of a title without an abstract, of one more line of an abstract
_LONG = 200  # characters that make a line prose


@dataclass(slots=True)
class _Stretch:
    """The lines up to a date line (or the end), and what that line says of the last paper in them."""

    lines: list[str] = field(default_factory=list)
    glued: list[bool] = field(default_factory=list)  # whether no blank line stands before it
    date: Date | DateProblem | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    abstract: str
    date: Date | DateProblem | None


def looks_like_listing(content: Content) -> bool:
    """Whether one of the page's own lines is there."""
    lines = (line.strip() for line in _NEWLINE.split(content.head))
    return any(_MARKER.fullmatch(line) for line in lines if line) or bool(_GLUED.match(content.head.strip()))


def read_listing(content: Content) -> Iterator[Record]:
    """The papers of a listing, numbered from 1; a title without an abstract is rejected."""
    found = [_read_page(page) for page in _pages(_NEWLINE.split(content.text(MAX_LISTING)))]
    entries = [(entry, day) for entries, day in found for entry in entries]
    if _is_no_listing([entry for entry, _ in entries]):
        raise LayoutError(content.name, _unlike(content.head))
    for number, (entry, day) in enumerate(entries, 1):
        yield from _records(entry, day, content.name, str(number))


def _pages(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """The pages of a listing, several where saved ones were joined: each begins with the line about the newsletter."""
    start, before, last = 0, "", 0
    for place, line in enumerate(line.strip() for line in lines):
        if not line:
            continue
        if _NEWS.fullmatch(line) and not _NEWS.fullmatch(before):
            cut = last if before.lower() == "new" else place
            yield lines[start:cut]
            start = cut
        before, last = line, place
    yield lines[start:]


def _read_page(lines: Sequence[str]) -> tuple[list[_Entry], Date | None]:
    """The papers of a page, and the day that gives dates without a year theirs, where there is one."""
    body, day = _without_furniture(lines)
    stretches = _stretches(body)
    years = [s.date.value[:4] for s in stretches if isinstance(s.date, Date) and s.date.precision == "day"]
    if day is not None and any(year >= day.value[:4] for year in years):
        day = None  # this page writes the year of its own day too: which year the others have is not said
    return [entry for stretch in stretches for entry in _entries(stretch)], day


def listing_id(title: str, abstract: str) -> str:
    """The id of a listing's paper: from title and abstract, letters and digits alone, without addresses.

    Addresses are left out because a page that was saved through another host has that host in them.

    >>> listing_id("A Kite", "See https://hub.example/kite.") == listing_id("a  kite", "See https://mirror.example/kite")
    True
    """
    return "hf-" + digest(fold_title(title), fold_title(_URL.sub(" ", abstract)))


def _records(entry: _Entry, page: Date | None, file: str, record: str) -> Iterator[Record]:
    if not entry.abstract:
        yield Rejected(file, record, f"abstract: missing (title {entry.title[:60]!r})")
        return
    identifier = listing_id(entry.title, entry.abstract)
    date = with_year(entry.date, page) if isinstance(entry.date, Date) else None
    yield Paper(
        id=identifier,
        title=xml_safe(entry.title),
        abstract=xml_safe(entry.abstract),
        date=date.value if date else "",
        date_precision=date.precision if date else "",
        sources=(f"{file}#{record}",),
        source_ids=(identifier,),
    )
    if isinstance(entry.date, DateProblem):
        yield Notice(file, record, f"date: {entry.date}, left out")


def _without_furniture(lines: Sequence[str]) -> tuple[list[str], Date | None]:
    """The lines between the page's head and foot, and the page's own date."""
    lines = [line.strip() for line in lines]
    start, end = _head_end(lines), len(lines)
    head = lines[:start]
    dates = [date for line in head if isinstance(date := parse_listing_date(line), Date)]
    while end > start and (not lines[end - 1] or _is_foot(lines[end - 1])):
        end -= 1
    body = lines[start:end]
    if body and not any(line.lower() == "subscribe" for line in head):
        body[0] = _GLUED.sub("", body[0], count=1) if _GLUED.match(body[0]) else body[0]
    return body, dates[-1] if dates else None


def _head_end(lines: Sequence[str]) -> int:
    """Where the page's head ends: after its last own line, if nothing long stands before, and what goes on like one."""
    end, seen = 0, 0
    for place, line in enumerate(lines):
        if len(line) > _LONG or seen == _HEADER_LINES:
            break
        seen += bool(line)
        if _MARKER.fullmatch(line) and not _AUTHORS.fullmatch(line):
            end = place + 1
    while end < len(lines) and (
        not lines[end] or _HEADER.fullmatch(lines[end]) or parse_listing_date(lines[end]) is not None
    ):
        end += 1
    return end


def _is_foot(line: str) -> bool:
    return bool(_FOOTER.fullmatch(line) or _HEADER.fullmatch(line)) and not _AUTHORS.fullmatch(line)


def _stretches(body: Sequence[str]) -> list[_Stretch]:
    """The body cut after each paper's date line; lines that only count or separate are left out."""
    stretches = [_Stretch()]
    blank, closing = True, False
    for raw in body:
        line = raw.strip()
        if not line:
            blank = True
            continue
        authors = _AUTHORS.fullmatch(line)
        date = parse_listing_date(authors["rest"] if authors else line)
        authors = authors if authors and (date or not authors["rest"].strip()) else None  # "9 authors wrote …" is text
        if authors or date is not None or _LOOSE.fullmatch(line):
            stretches[-1].date = date or stretches[-1].date
            closing = bool(stretches[-1].lines) and (closing or bool(authors) or date is not None)
        else:
            if closing:
                stretches.append(_Stretch())
                closing = False
            stretches[-1].lines.append(line)
            stretches[-1].glued.append(not blank)
        blank = False
    return stretches


def _entries(stretch: _Stretch) -> list[_Entry]:
    """The papers of a stretch; the date belongs to the last."""
    entries: list[_Entry] = []
    for role, line in zip(_read_roles(stretch), stretch.lines, strict=True):
        if role == "T":
            entries.append(_Entry(line, "", None))
        else:
            last = entries[-1]
            entries[-1] = _Entry(last.title, f"{last.abstract}\n{line}" if last.abstract else line, None)
    if entries:
        entries[-1] = _Entry(entries[-1].title, entries[-1].abstract, stretch.date)
    return entries


def _is_no_listing(entries: Sequence[_Entry]) -> bool:
    """Whether too many of the entries are not what a paper looks like; one without an abstract may always be there."""
    odd = sum(map(_is_odd, entries))
    bad = odd + sum(not entry.abstract for entry in entries)
    return odd * 3 > len(entries) or (bad > 1 and bad * 2 >= len(entries))


def _is_odd(entry: _Entry) -> bool:
    """Whether a title is prose, or an abstract begins with something short that is no sentence (names, a title)."""
    first = entry.abstract.split("\n", 1)[0]
    return _costs(entry.title)[0] >= 2.5 or (_costs(first)[1] >= 4 and bool(first) and not first.endswith(_STOPS))


def _read_roles(stretch: _Stretch) -> str:
    """The cheapest roles of the lines: T a title, A an abstract's first line, B a later one."""
    best: dict[str, tuple[float, str]] = {"": (0.0, "")}
    separated = not all(stretch.glued[1:])  # blank lines stand between the parts of this page
    for line, glued in zip(stretch.lines, stretch.glued, strict=True):
        title, prose = _costs(line)
        more = _CONTINUED + prose / 2 - (2.5 if separated and glued else 0.0)
        apart = 2.0 if separated and glued else 0.0  # a part of its own without the blank line of the others
        options = {
            "T": [(before, title + apart + (_NO_ABSTRACT if before == "T" else 0.0)) for before in ("", "T", "A", "B")],
            "A": [("T", prose + apart)],
            "B": [(before, more) for before in ("A", "B")],
        }
        best = {
            role: min((best[before][0] + cost, best[before][1] + role) for before, cost in ways if before in best)
            for role, ways in options.items()
            if any(before in best for before, _ in ways)
        }
    return min((cost + (_NO_ABSTRACT if role == "T" else 0.0), roles) for role, (cost, roles) in best.items())[1]


def _costs(line: str) -> tuple[float, float]:
    """How unlike a title, and how unlike an abstract's first line, a line is."""
    length, sentences = len(line), len(_SENTENCE.findall(line))
    title = max(0.0, length - 160) / 40 + 2.0 * sentences + (0.5 if line.endswith(".") else 0.0)
    prose = max(0.0, _LONG - length) / 40 + (0.0 if sentences or line.endswith(_STOPS) else 1.0)
    return min(title, 10.0), min(prose, 5.0)


def _unlike(head: str) -> str:
    first = [line.strip() for line in _without_furniture(_NEWLINE.split(head))[0] if line.strip()][:3]
    shown = ", ".join(repr(line[:40] + ("…" if len(line) > 40 else "")) for line in first)
    return (
        "no known layout: it has the marks of a saved Hugging Face listing, but titles and abstracts in turn are "
        f"expected (each on a line, perhaps '• 3 authors', '·' and a date after them); saw {shown}"
    )


FORMAT = Format(
    "listing", "a saved Hugging Face listing (titles and abstracts in turn)", looks_like_listing, read_listing
)
