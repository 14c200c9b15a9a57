"""JSON in its layouts: what is a record, what it says, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kg.readers.json_values import Number, Values, decode
from tests.readers.conftest import Records, notices, papers, rejects

Read = Callable[..., Records]
ONE = {"id": "a", "title": "Reed One", "abstract": "We propose ReedOne, a model."}
TWO = {"id": "b", "title": "Reed Two", "abstract": "We propose ReedTwo, a model.", "date": "2024-03-05"}


def lines(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


LAYOUTS = {
    "lines": lines(ONE, TWO),
    "lines without a last line feed": lines(ONE, TWO).rstrip(),
    "lines with blank lines and Windows ends": "\r\n" + lines(ONE, TWO).replace("\n", "\r\n\r\n"),
    "lines with marks": "\ufeff" + json.dumps(ONE) + "\n\ufeff" + json.dumps(TWO),
    "array on one line": json.dumps([ONE, TWO]),
    "array, indented": json.dumps([ONE, TWO], indent=2),
    "array, a record a line": "[\n" + json.dumps(ONE) + ",\n" + json.dumps(TWO) + "\n]\n",
    "array with a mark": "\ufeff" + json.dumps([ONE, TWO], indent=2),
    "two arrays joined": json.dumps([ONE]) + "\n\ufeff" + json.dumps([TWO]),
    "two objects, indented": json.dumps(ONE, indent=1) + "\n" + json.dumps(TWO, indent=1),
    "envelope on one line": json.dumps({"total": 2, "data": [ONE, TWO]}),
    "envelope, indented": json.dumps({"meta": {"count": 2}, "results": [ONE, TWO], "group_by": []}, indent=2),
    "envelope, a record a line": '{"data": [\n' + json.dumps(ONE) + ",\n" + json.dumps(TWO) + "\n]}",
    "envelope in an envelope": json.dumps({"status": "ok", "message": {"items": [ONE, TWO], "total": 2}}, indent=1),
    "envelope with its own name for the list": json.dumps({"kites": [ONE, TWO], "next": None}, indent=1),
    "an answer a line": lines({"data": [ONE]}, {"data": [TWO]}),
    "no line feed at all": json.dumps(ONE) + json.dumps(TWO),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_same_records_in_any_layout_are_the_same_papers(read: Read, name: str) -> None:
    found = papers(records := read(LAYOUTS[name]))
    assert len(records) == 2
    assert [(p.id, p.title, p.abstract, p.date) for p in found] == [
        ("a", "Reed One", "We propose ReedOne, a model.", ""),
        ("b", "Reed Two", "We propose ReedTwo, a model.", "2024-03-05"),
    ]


def test_a_single_pretty_printed_record_is_one_paper(read: Read) -> None:
    record = {**ONE, "references": [{"title": "Not this"}], "data": [{"title": "Nor this"}]}
    assert [p.id for p in papers(read(json.dumps(record, indent=2)))] == ["a"]


def test_records_are_named_by_line_or_number(read: Read) -> None:
    assert [p.sources for p in papers(read(lines(ONE) + "\n" + lines(TWO)))] == [("source#1",), ("source#3",)]
    assert [p.sources for p in papers(read(json.dumps([ONE, TWO], indent=2)))] == [("source#1",), ("source#2",)]
    assert [p.sources for p in papers(read(lines({"data": [ONE, TWO]}, ONE)))][-1] == ("source#2",)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('{"id":"x","title":"Cut","abst', "not valid JSON: it ends in the middle"),
        ('{"id":"x" "title":"Y"}', "not valid JSON"),
        ("not json", "not valid JSON"),
        ("[1, 2]", "not a JSON object but a list"),
        ("42", "not a JSON object but a number"),
        ("null", "not a JSON object but null"),
        ('"text"', "not a JSON object but a string"),
        ("true", "not a JSON object but true or false"),
        ('{"id":"x","a":' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ('{"id":"x","title":7,"abstract":"y"}', "title: must be a string, not a number"),
        ('{"id":"x","title":["T"],"abstract":"y"}', "title: must be a string, not a list"),
        ('{"id":"x","title":null,"abstract":"y"}', "title: null"),
        ('{"id":"x","title":"  ","abstract":"y"}', "title: empty"),
        ('{"id":"x","abstract":"y"}', "title: missing"),
        ('{"id":"x","title":"T"}', "abstract: missing"),
        ('{"id":"x","title":"T","abstract":null}', "abstract: null"),
        ('{"id":"x","title":"T","abstract":""}', "abstract: empty"),
        ('{"id":"x","title":"T","abstract":{"a":1}}', "abstract: must be a string, not an object"),
        ('{"id":"x","text":3.5}', "text: must be a string, not a number"),
        ('{"title":"T","abstract":"y"}', "id: missing (or null)"),
        ('{"id":null,"title":"T","abstract":"y"}', "id: missing (or null)"),
        ('{"id":"","title":"T","abstract":"y"}', "id: empty"),
        ('{"id":true,"title":"T","abstract":"y"}', "id: must be a string, not true or false"),
        ('{"id":["x"],"title":"T","abstract":"y"}', "id: must be a string, not a list"),
        ('{"id":"x","title":"T","abstract_inverted_index":[]}', "abstract_inverted_index: must be an object"),
        ('{"id":"x","title":"T","abstract_inverted_index":{"a":[-1]}}', "must be a whole number"),
        ('{"id":"x","title":"T","abstract_inverted_index":{"a":[true]}}', "must be a whole number"),
        ('{"id":"x","title":"T","abstract_inverted_index":{"a":3}}', "must be a list"),
        ('{"id":"x","title":"T","abstract_inverted_index":{}}', "abstract: missing"),
        ("{}", "id: missing"),
    ],
)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_bad_line_is_rejected_with_its_field_and_the_rest_is_read(
    read: Read, bad: str, reason: str, place: str
) -> None:
    good = [json.dumps(ONE), json.dumps(TWO)]
    at = {"first": 0, "middle": 1, "last": 2}[place]
    records = read("\n".join([*good[:at], bad, *good[at:]]))
    assert [p.id for p in papers(records)] == ["a", "b"]
    [rejected] = rejects(records)
    assert (rejected.file, rejected.record) == ("source", str(at + 1))
    assert reason in rejected.reason


@pytest.mark.parametrize(
    "bad", ['{"id":"x" "title":"Y"}', "nonsense", '{"id":"x","title":7,"abstract":"y"}', "17", '"s"']
)
def test_a_bad_record_of_an_array_is_rejected_and_the_rest_is_read(read: Read, bad: str) -> None:
    records = read(f"[{json.dumps(ONE)},\n {bad},\n{json.dumps(TWO)}]")
    assert [p.id for p in papers(records)] == ["a", "b"]
    assert [r.record for r in rejects(records)] == ["2"]


@pytest.mark.parametrize("lost", range(1, 60, 7))
def test_an_array_that_was_cut_off_gives_what_is_whole_and_says_so(read: Read, lost: int) -> None:
    records = read(json.dumps([ONE, TWO], indent=1)[:-lost])
    assert papers(records)[0].id == "a"
    assert rejects(records) or any("cut off" in notice.message for notice in notices(records))


@pytest.mark.parametrize(
    "content", ["{", "[", "[]", "{}", '{"data": []}', '{"data"', '{"error": "no such page"}', "[[", '{"a":[}', "]"]
)
def test_a_document_without_records_is_never_nothing(read: Read, content: str) -> None:
    records = read(content)
    assert not papers(records)
    assert rejects(records)


def test_an_abstract_of_openalex_is_put_together_in_order(read: Read) -> None:
    index: dict[str, list[int]] = {
        "We": [0, 4],
        "test": [1],
        "on:": [6],
        "ReedBench:": [2],
        "then": [3],
        "stop": [5],
        "$k=3$": [7],
    }
    [paper] = papers(
        read(lines({"id": "W1", "title": "T", "publication_date": None, "abstract_inverted_index": index}))
    )
    assert paper.abstract == "We test ReedBench: then We stop on: $k=3$"


def test_positions_of_an_inverted_index_may_be_far_apart(read: Read) -> None:
    [paper] = papers(read(lines({"id": "W1", "title": "T", "abstract_inverted_index": {"b": [999999999], "a": [5]}})))
    assert paper.abstract == "a b"


@pytest.mark.parametrize("written", ["2401.00010", "12345678901234567890", "1e5", "-0", "1.50", "1" + "0" * 5000])
def test_a_number_as_id_stays_as_it_is_written(read: Read, written: str) -> None:
    [paper] = papers(read(f'{{"id": {written}, "title": "T", "abstract": "x"}}'))
    assert paper.source_ids[0] == written
    assert paper.id == written or len(written) > 200


def test_ids_that_differ_in_a_last_zero_stay_two(read: Read) -> None:
    text = '{"id": 2401.00010, "title": "Ten", "text": "x"}\n{"id": "2401.0001", "title": "One", "text": "y"}\n'
    assert [p.id for p in papers(read(text))] == ["2401.00010", "2401.0001"]


def test_a_long_id_is_cut_and_kept_whole_beside(read: Read) -> None:
    [one, two] = papers(read(lines({**ONE, "id": "x" * 9000}, {**ONE, "id": "x" * 9001})))
    assert len(one.id) == len(two.id) == 200
    assert one.id != two.id
    assert one.source_ids == ("x" * 9000,)


@pytest.mark.parametrize(
    ("fields", "title", "abstract"),
    [
        ({"title": "T", "abstract": "A"}, "T", "A"),
        ({"title": "T", "text": "A"}, "T", "A"),
        ({"title": "T", "abstract": "A", "text": "B"}, "T", "A"),
        ({"title": "T", "abstract": None, "text": "B"}, "T", "B"),
        ({"text": "T\nA"}, "", "T\nA"),
        ({"title": "", "text": "all of it"}, "", "all of it"),
    ],
)
def test_text_is_title_and_abstract_or_text_alone(
    read: Read, fields: dict[str, str], title: str, abstract: str
) -> None:
    [paper] = papers(read(lines({"id": "x", **fields})))
    assert (paper.title, paper.abstract) == (title, abstract)


@pytest.mark.parametrize(
    "text",
    [
        "  two  blanks\tand a tab \n and lines\r\n ",
        "<b>5 &lt; 6</b> &amp; a<b and c>d <jats:p>x</jats:p>",
        "\u202eright to left\u202c \u2066isolated\u2069 \u200bnothing\ufeff",
        "𝒪(n) 🪁👩‍🔬 e\u0301 ﬁ İ ß",
        "\u2028line\u2029paragraph\x85next",
    ],
)
def test_the_text_is_taken_as_it_is(read: Read, text: str) -> None:
    [paper] = papers(read(lines({"id": "x", "title": text + "!", "abstract": text})))
    assert (paper.title, paper.abstract) == (text + "!", text)


@pytest.mark.parametrize("bad", ["\x00", "\x01", "\x0b", "\x0c", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_is_one_replacement_in_every_field(read: Read, bad: str) -> None:
    record = {
        "id": f"i{bad}d",
        "title": f"T{bad}t",
        "abstract": f"A{bad}a",
        "venue": f"V{bad} v",
        "authors": [f"N{bad}n", {"name": f"M{bad}m"}],
        "urls": [f"http://x.example/{bad}"],
        "doi": f"10.5555/{bad}",
    }
    [paper] = papers(read(lines({**record, "date": "2024"})))
    assert (paper.id, paper.title, paper.abstract) == ("i\ufffdd", "T\ufffdt", "A\ufffda")
    assert paper.authors == ("N\ufffdn", "M\ufffdm")
    assert (paper.venue, paper.urls) == ("V\ufffd v", ("http://x.example/\ufffd",))
    assert paper.source_ids == ("i\ufffdd", "doi:10.5555/\ufffd")


def test_a_raw_control_character_does_not_spoil_its_line(read: Read) -> None:
    [paper] = papers(read('{"id":"x","title":"A\x01B","abstract":"C\tD\x00"}'))
    assert (paper.title, paper.abstract) == ("A\ufffdB", "C\tD\ufffd")


@pytest.mark.parametrize(
    ("fields", "authors"),
    [
        ({"authors": ["Ada Reed", "", None, "  Bo   Moss ", "Ada Reed"]}, ("Ada Reed", "Bo Moss")),
        ({"authors": ["Reed; Moss", "Fern, Ida"]}, ("Reed; Moss", "Fern, Ida")),
        ({"authors": [{"name": "Ada Reed"}, {"given": "Bo", "family": "Moss"}, {}, 7]}, ("Ada Reed", "Bo Moss")),
        ({"authorships": [{"author": {"display_name": "Ada Reed"}}, {"author": None}]}, ("Ada Reed",)),
        ({"authors": "Ada Reed; Moss, Bo"}, ("Ada Reed", "Moss, Bo")),
        ({"authors": "A. Reed, B. Moss and C. D. Fern"}, ("A. Reed", "B. Moss", "C. D. Fern")),
        ({"author": "Reed, Ada and Moss, Bo"}, ("Reed, Ada", "Moss, Bo")),
        ({"authors": None, "author": "Ada Reed"}, ("Ada Reed",)),
        ({"authors": 12}, ()),
    ],
)
def test_authors_are_names_in_their_order(read: Read, fields: dict[str, Any], authors: tuple[str, ...]) -> None:
    [paper] = papers(read(lines({**ONE, **fields})))
    assert paper.authors == authors


@pytest.mark.parametrize(
    ("fields", "venue"),
    [
        ({"venue": " Workshop\n on Reeds "}, "Workshop on Reeds"),
        ({"venue": "", "journal": {"name": "Journal of Reeds"}}, "Journal of Reeds"),
        ({"container-title": ["Reeds", "R."]}, "Reeds"),
        ({"primary_location": {"source": {"display_name": "Reeds"}}}, "Reeds"),
        ({"primary_location": {"source": None}}, ""),
        ({"venue": None}, ""),
        ({"venue": 3}, ""),
    ],
)
def test_the_venue_is_found_where_sources_put_it(read: Read, fields: dict[str, Any], venue: str) -> None:
    assert papers(read(lines({**ONE, **fields})))[0].venue == venue


def test_addresses_are_kept_as_written_and_sorted(read: Read) -> None:
    fields = {
        "url": 'http://b.example/a b"c',
        "urls": ["javascript:alert(1)", None, 4],
        "openAccessPdf": {"url": "http://a.example"},
    }
    [paper] = papers(read(lines({**ONE, **fields})))
    assert paper.urls == ("http://a.example", 'http://b.example/a b"c', "javascript:alert(1)")


@pytest.mark.parametrize(
    ("fields", "ids"),
    [
        ({"doi": "https://doi.org/10.5555/Reed.1"}, ("a", "doi:10.5555/reed.1")),
        ({"DOI": "10.5555/REED.1", "doi": None}, ("a", "doi:10.5555/reed.1")),
        (
            {"externalIds": {"ArXiv": "2401.00010", "DOI": "10.5555/x", "CorpusId": 7}},
            ("a", "arxiv:2401.00010", "doi:10.5555/x"),
        ),
        ({"arxiv_id": "arXiv:2401.00010v2"}, ("a", "arxiv:2401.00010v2")),
        ({"arxiv_id": 2401.1}, ("a",)),
        ({"doi": "none"}, ("a",)),
    ],
)
def test_other_ids_are_kept_in_one_form(read: Read, fields: dict[str, Any], ids: tuple[str, ...]) -> None:
    assert papers(read(lines({**ONE, **fields})))[0].source_ids == ids


@pytest.mark.parametrize(
    ("date", "value", "precision", "noticed"),
    [
        ("Feb 29", "--02-29", "month-day", False),
        ("2023-02-29", "", "", True),
        ("2024-02", "2024-02", "month", False),
        ("2024-02-30T00:00:00Z", "", "", True),
        ("", "", "", False),
        (None, "", "", False),
        (20240229, "2024-02-29", "day", False),
        (2024, "2024", "year", False),
        ({"date-parts": [[2024, 2]]}, "2024-02", "month", False),
        (True, "", "", True),
    ],
)
def test_a_bad_date_is_left_out_and_reported(
    read: Read, date: object, value: str, precision: str, noticed: bool
) -> None:
    records = read(lines({**ONE, "date": date}))
    [paper] = papers(records)
    assert (paper.date, paper.date_precision) == (value, precision)
    assert bool(notices(records)) == noticed
    assert all(notice.message.startswith("date: ") for notice in notices(records))


def test_a_year_stands_in_for_a_bad_date(read: Read) -> None:
    records = read(lines({**ONE, "publication_date": "2024-02-31", "year": 2024}))
    assert papers(records)[0].date == "2024"
    assert len(notices(records)) == 1


def test_a_long_abstract_is_no_trouble(read: Read) -> None:
    text = "We propose ReedNet, a model. " * 43_000
    [paper] = papers(read(lines({**ONE, "abstract": text})))
    assert len(paper.abstract) == len(text) > 1_200_000


def test_a_line_beyond_the_limit_is_named_and_the_rest_is_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.readers.content.MAX_RECORD", 1 << 20)
    records = read(lines(ONE, {**ONE, "abstract": "x" * (1 << 20)}, TWO))
    assert [p.id for p in papers(records)] == ["a", "b"]
    assert [(r.record, r.reason) for r in rejects(records)] == [("2", "a line of more than 1 MB")]


def test_an_array_on_one_line_is_read_piece_by_piece() -> None:
    record = json.dumps({**ONE, "abstract": 'x, [y] {z} \\" ' * 50})
    text = "[" + ",".join([record] * 5000) + "]"
    pieces = iter([text[start : start + 10_000] for start in range(0, len(text), 10_000)])
    values, held, count = Values(pieces), 0, 0
    values.skip() if values.peek() == "[" else None
    while not values.take("]"):
        assert values.value()["id"] == "a"
        values.take(",")
        held, count = max(held, len(values._text)), count + 1
    assert count == 5000
    assert held < 30_000


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_a_value_is_the_same_wherever_the_pieces_part(size: int) -> None:
    text = ' {"a": [12.50, -3e4, "q\\"}]", null, true, NaN], "b": {"c": "\\ud83e\\ude81"}} 12345 "x" '
    values = Values(iter([text[start : start + size] for start in range(0, len(text), size)]))
    found = []
    while values.peek():
        found.append(values.value())
    assert found == [{"a": ["12.50", "-3e4", 'q"}]', None, True, "NaN"], "b": {"c": "🪁"}}, "12345", "x"]
    assert isinstance(found[1], Number)


def test_numbers_keep_their_writing() -> None:
    assert decode("[1.10, 1e400, 9007199254740993]") == ["1.10", "1e400", "9007199254740993"]
