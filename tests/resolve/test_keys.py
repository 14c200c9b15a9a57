"""Keys of forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.resolve.keys import difference, digits, id_key, match_key, numbers, plain, version_key

SAME = [
    ("na\u00efve Kite", "nai\u0308ve Kite", "naive kite"),
    ("\ufb01ne-kite", "fine-kite", "Fine Kite"),
    ("Kite\u20104", "Kite\u20114", "Kite-4", "Kite 4", "kite4", "Kite\u00a04"),
    ("\u03bcKite", "\u00b5Kite", "muKite", r"$\mu$Kite", r"$\mu$-Kite"),
    ("Kite\u200bNet", "KiteNet", "Kite-Net", "kite net"),
    ("LLMs", "LLM", "llm"),
    ("Kullback-Leibler (KL) divergence", "Kullback-Leibler divergence"),
    ("accuracies", "accuracy", "Accuracy"),
    ("losses", "loss"),
    ("caches", "cache"),
    ("matrices", "matrix"),
    ("hypotheses", "hypothesis"),
    ("normalisation", "normalization"),
    ("neighbouring", "neighboring"),
    ("1,024 kites", "1024 kites"),
]
DIFFERENT = [
    ("\u03b2-KAE", "KAE"),
    ("Kite++", "Kite+", "Kite"),
    ("A*", "A"),
    ("\u03c0\u2080", "\u03c0\u2080.\u2085"),
    ("F1", "F1@10", "F@110"),
    ("\u609f\u9053", "\u76d8\u53e4"),
    (".", "..", "-", "--", "'", "()"),
    ("Kite2-7B", "Kite27B", "Kite-2.7B"),
    ("CIFAR-10", "CIFAR-100", "CIFAR-10/100"),
    ("A%2FB", "A/B", "AB"),
    ("NAS", "NA"),
    ("MDS", "MD"),
    ("\u30ac", "\u30ab"),  # Japanese marks change the letter
    ("c#", "c", "c++"),
    ("who?", "who!", "who"),
    ("a+b", "a b", "a|b"),
]


@pytest.mark.parametrize("forms", SAME)
def test_ways_of_writing_one_name_have_one_key(forms: tuple[str, ...]) -> None:
    """Case, hyphens, blanks, invisible characters, composition, plural and British spelling do not count."""
    assert len({match_key(form) for form in forms}) == 1


@pytest.mark.parametrize("forms", DIFFERENT)
def test_names_that_differ_in_a_symbol_or_a_number_have_different_keys(forms: tuple[str, ...]) -> None:
    """Symbols, numbers and where these stand always count."""
    assert len({match_key(form) for form in forms}) == len(forms)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("LLaMA-2.0", "LLaMA 2"),
        ("Kite III", "Kite-3"),
        ("Kite v2", "Kite 2"),
        ("VOC 2012", "VOC'12"),
        ("WMT 2014", "WMT14"),
        ("Kite version 3", "Kite v3"),
        ("MIMIC-III v1.0", "MIMIC 3 v1"),
    ],
)
def test_equal_versions_and_years_have_one_version_key(first: str, second: str) -> None:
    """2.0 / 2, III / 3, 2012 / 12 behind the same name are equal, though the match keys differ."""
    assert version_key(first) == version_key(second) != ""
    assert match_key(first) != match_key(second) or digits(first) == digits(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("Kite 1.1", "Kite 1.10"), ("Kite 1", "Kite 11"), ("Kite 1612", "Kite 12"), ("Kite VI", "Kite 5")],
)
def test_other_numbers_have_different_version_keys(first: str, second: str) -> None:
    """Only an empty decimal, a Roman number behind a name and a year of our time are rewritten."""
    assert version_key(first) != version_key(second)


def test_ids_keep_what_sets_names_apart() -> None:
    """The readable key of an id keeps slashes, percent signs and dots."""
    names = ["CIFAR-10/100", "TCP/IP", "A%2FB", "A/B", "F1@k", "who?", "#1", ".", "..", "a+b", "a b"]
    assert len({id_key(name) for name in names}) == len(names)
    assert id_key("Lattice  Kite\u2011Attention") == "lattice-kite-attention"


@given(st.text(min_size=1, max_size=20))
def test_no_key_is_empty_or_only_hyphens(form: str) -> None:
    """Whatever a form is, its keys say something; a key is its own key's like."""
    for key in (match_key(form), id_key(form)):
        assert key.strip("-_ ")


words = st.lists(
    st.sampled_from(["Kite", "kite", "2", "7", "20", "-", " ", "+", "v", "B", "III", ".", "'", "s"]), min_size=1
)


@given(words.map("".join), words.map("".join))
def test_one_key_means_the_same_numbers(first: str, second: str) -> None:
    """Forms with one match key never differ in their numbers."""
    if match_key(first) == match_key(second):
        assert numbers(first) == numbers(second)


@given(words)
def test_hyphens_and_blanks_between_letters_do_not_count(parts: list[str]) -> None:
    """A form and its copy with other hyphens have one key."""
    form = "".join(parts)
    assert match_key(form) == match_key(form.replace("-", "\u2011")) == match_key(form.replace(" ", "\u00a0"))


def test_markup_is_no_part_of_a_name() -> None:
    """Tags, references and LaTeX go, a comparison stays."""
    assert plain("A<sub>2</sub>C") == "A2C"
    assert plain("Kite &amp; Co") == "Kite & Co"
    assert plain(r"\textbf{Kite}Net~") == "KiteNet"
    assert plain("a<b and c>d") == "a<b and c>d"


@pytest.mark.parametrize(
    ("form", "name", "reason"),
    [
        ("KITE net", "Kite-Net", "case and hyphens"),
        ("Kite nets", "Kite net", "plural"),
        (r"\textbf{Kite} net", "Kite net", "markup"),
        ("Kite normalisation", "Kite normalization", "spelling"),
        ("\u03bcKite", "muKite", "spelling"),
    ],
)
def test_the_difference_between_two_spellings_is_named(form: str, name: str, reason: str) -> None:
    """The reason says what was passed over."""
    assert match_key(form) == match_key(name)
    assert difference(form, name) == reason
