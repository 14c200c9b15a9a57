"""Words: every character that is no blank belongs to exactly one word, and offsets point into the text given."""

from __future__ import annotations

import pytest

from kg.extract.words import (
    CAPITALISED,
    DIGITS,
    LOWER,
    MIXED,
    ONE_CAPITAL,
    OTHER,
    UPPER,
    letter_case,
    shapes,
    split_words,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ToyNet-7B wins", ["ToyNet", "-", "7", "B", "wins"]),
        ("F1=92.1%", ["F", "1", "=", "92", ".", "1", "%"]),
        ("a_b", ["a", "_", "b"]),
        ("", []),
        ("İzmirNet ﬁne 𝔸x", ["İzmirNet", "ﬁne", "𝔸x"]),
    ],
)
def test_letters_digits_and_single_characters_are_words(text: str, expected: list[str]) -> None:
    assert list(split_words(text).texts) == expected


def test_offsets_point_into_the_text_that_was_given() -> None:
    text = "İİ İzmirNet beats ﬃ-Net\tby 3.1 🙂 points\n"
    words = split_words(text)
    assert [text[s:e] for s, e in zip(words.starts, words.ends, strict=True)] == list(words.texts)
    assert "".join(words.texts) == "".join(text.split())


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("net", LOWER),
        ("42", DIGITS),
        ("NET", UPPER),
        ("N", ONE_CAPITAL),
        ("Net", CAPITALISED),
        ("ToyNet", MIXED),
        ("%", OTHER),
        ("x", LOWER),
    ],
)
def test_the_case_of_a_word_is_one_of_seven(word: str, case: int) -> None:
    assert letter_case(word) == case


def test_the_shape_says_whether_a_word_is_glued_to_the_one_before() -> None:
    assert shapes(split_words("Toy7 7")) == [2 * CAPITALISED, 2 * DIGITS + 1, 2 * DIGITS]
