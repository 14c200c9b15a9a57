"""Keys of forms: when two ways of writing are one name.

Three functions of a form, all pure:

- `match_key`: forms with one match key are one name: case, hyphens, blanks, quotes, markup, a plural s and British
  spelling do not count; numbers and symbols (`+`, `*`, `/`, `@` …) always do.
- `version_key`: the same, with equal versions and years written in one way ("v2", "2.0", "II"; "2012", "12").
- `id_key`: the readable part of an entity's id.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kg.text import fold

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9:]*(?:\s+[A-Za-z:-]+\s*=[^<>]*)?\s*/?>")
_CHARACTER_REFERENCES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " "}
_WRAPPER = re.compile(
    r"\\?(?:mathcal|mathbb|mathrm|mathbf|mathit|mathsf|boldsymbol|operatorname|emph|text(?:sc|bf|it|tt|rm|sf)?)"
    r"\s*\{([^{}]*)\}"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_SIGNS = re.compile("[™®©℠]")
_POSSESSIVE = re.compile(r"['’]s$")
_EXPLAINED = re.compile(r"(?<=\w)\s\(([^\W\d_]{2,10})\)")
_AND = re.compile(r"\s&\s")
_THOUSANDS = re.compile(r"(?<![\d.])(\d{1,3})((?:,\d{3})+)(?![\d])")
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|[^\w\s]")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_DROPPED = frozenset("'’‘`´\"“”„«»,;:.()[]{}$\\^-")
_GREEK = {
    letter: name
    for name, letters in (
        ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"), ("epsilon", "ε"), ("zeta", "ζ"), ("eta", "η"),
        ("theta", "θ"), ("iota", "ι"), ("kappa", "κ"), ("lambda", "λ"), ("mu", "μ"), ("nu", "ν"), ("xi", "ξ"),
        ("omicron", "ο"), ("pi", "π"), ("rho", "ρ"), ("sigma", "σς"), ("tau", "τ"), ("upsilon", "υ"), ("phi", "φ"),
        ("chi", "χ"), ("psi", "ψ"), ("omega", "ω"),
    )
    for letter in letters
}  # fmt: skip
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}

# British to American: ends of words, then doubled consonants and single words.
_ISE = re.compile(r"(?<=[a-z]{3})is(ation|ations|ing|er|ers|ed|es|e)\b")
_YSE = re.compile(r"(?<=[a-z]{2})ys(ed|er|ers|ing|e)\b")
_DOUBLED = re.compile(r"\b(model|label|signal|channel|travel|level|tunnel|cancel|fuel|dial)l(ing|ed|er|ers)\b")
_OUR = re.compile(r"\b(behavi|col|neighb|fav|vap|lab)our")
_CENTRE = re.compile(r"\b(cent|met|fib)re(s?)\b")

_IRREGULAR = {
    "analyses": "analysis",
    "bias": "bias",
    "biases": "bias",
    "corpora": "corpus",
    "criteria": "criterion",
    "gas": "gas",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lens": "lens",
    "lenses": "lens",
    "matrices": "matrix",
    "phenomena": "phenomenon",
    "series": "series",
    "syntheses": "synthesis",
    "vertices": "vertex",
}
_SOFT_E = re.compile(r"(?:ch|sh|ss|x|z)e$")


def plain(form: str) -> str:
    """`form` without markup: tags, references, LaTeX wrappers, `$`, braces, what cannot be seen; blanks are single.

    >>> plain(r"A<sub>2</sub>C"), plain(r"$\\beta$-VAE"), plain("textsc{Kite} &amp; Co")
    ('A2C', 'β-VAE', 'Kite & Co')
    """
    if "&" in form:
        for written, meant in _CHARACTER_REFERENCES.items():
            form = form.replace(written, meant)
    if "<" in form:
        form = _TAG.sub("", form)
    if "{" in form:
        form = _WRAPPER.sub(r"\1", form)
    if "\\" in form:
        form = _COMMAND.sub(_command, form).replace("\\", "")
    if "$" in form or "{" in form or "}" in form:
        form = re.sub(r"[${}]", "", form)
    if "~" in form:  # LaTeX's blank
        form = form.replace("~", " ")
    if not form.isascii():
        form = _INVISIBLE.sub("", form)
    return " ".join(form.split())


def _command(match: re.Match[str]) -> str:
    """A Greek command as its letter, any other by its name."""
    name = match.group(1)
    for letter, spelled in _GREEK.items():
        if spelled == name.lower():
            return letter.upper() if name[0].isupper() else letter
    return name


@lru_cache(maxsize=1 << 16)
def match_key(form: str) -> str:
    """The key under which forms are one name; never empty, never only hyphens.

    >>> [match_key(f) for f in ("LeafNet-50", "LeafNet50", "WMT'14", "Kite2-7B", "Kite27B", "F1@10", "LLMs")]
    ['leafnet50', 'leafnet50', 'wmt14', 'kite2-7b', 'kite27b', 'f1@10', 'llm']
    """
    return _join(_tokens(form)) or _fallback(form)


def version_key(form: str) -> str:
    """The match key with versions and years in one way of writing; "" where the form has neither.

    >>> {version_key(f) for f in ("Kite v2", "Kite-2.0", "Kite II", "kite2")}
    {'kite2'}
    >>> version_key("VOC 2012"), version_key("Kite")
    ('voc12', '')
    """
    tokens = _tokens(form)
    found = False
    out: list[tuple[str, bool]] = []
    for index, (token, glued) in enumerate(tokens):
        if token[0].isdigit():
            found = found or index > 0
            out.append((canonical_number(token) if index else token, glued))
        elif index and not glued and token in _ROMAN and _ends_name(tokens, index):
            found = True
            out.append((_ROMAN[token], glued))
        else:
            shorter = _without_v(token, tokens[index + 1] if index + 1 < len(tokens) else ("", False), index)
            if shorter:
                out.append((shorter, glued))
    return _join(out) if found else ""


def _ends_name(tokens: list[tuple[str, bool]], index: int) -> bool:
    """Whether nothing, or only a number or another version, follows token `index`."""
    return index + 1 == len(tokens) or tokens[index + 1][0] == "v" or tokens[index + 1][0][0].isdigit()


def _without_v(token: str, following: tuple[str, bool], index: int) -> str:
    """A word before a number without the "v" or "version" that announces it; "" if nothing is left."""
    if not following[0][:1].isdigit():
        return token
    if index and token in ("v", "ver", "version"):
        return ""
    return token[:-1] if following[1] and len(token) > 3 and token.endswith("v") else token


def canonical_number(number: str) -> str:
    """A version without empty decimals, a year of our time by its last two digits.

    >>> canonical_number("2.0"), canonical_number("2012"), canonical_number("1603"), canonical_number("3.10")
    ('2', '12', '1603', '3.10')
    """
    while number.endswith(".0"):
        number = number[:-2]
    return number[2:] if len(number) == 4 and number.isdigit() and 1960 <= int(number) <= 2049 else number


@lru_cache(maxsize=1 << 16)
def numbers(form: str) -> tuple[str, ...]:
    """The numbers in a form, canonical and sorted: forms for which they differ are never one thing.

    >>> numbers("LLaMA-2.0 7B"), numbers("3D Shapes") == numbers("Shapes3D"), numbers("π₀.₅")
    (('2', '7'), True, ('0.5',))
    """
    if form.isascii() and form.isalpha():
        return ()
    text = _THOUSANDS.sub(_without_commas, unicodedata.normalize("NFKC", plain(form)))
    return tuple(sorted(canonical_number(number) for number in _NUMBER.findall(text)))


def digits(form: str) -> tuple[str, ...]:
    """The runs of digits in a form as they stand there, sorted."""
    return tuple(sorted(re.findall(r"\d+", unicodedata.normalize("NFKC", form))))


def id_key(name: str) -> str:
    """The readable key of an entity: folded, blanks and hyphens as one hyphen.

    >>> id_key("Low-Rank  Adaptation"), id_key("C++"), id_key("CIFAR-10/100"), id_key(".."), id_key("--")
    ('low-rank-adaptation', 'c++', 'cifar-10/100', '..', 'u002d-u002d')
    """
    return re.sub(r"[\s\-_]+", "-", fold(plain(name))).strip("-") or _fallback(name)


def greek_by_name(form: str) -> str:
    """A form with its Greek letters, LaTeX or not, by name; its other letters as they are.

    >>> greek_by_name("β-VAE"), greek_by_name(r"$\\epsilon$-greedy")
    ('beta-VAE', 'epsilon-greedy')
    """
    return "".join(_GREEK.get(char, char) for char in plain(form))


def difference(form: str, name: str) -> str:
    """How two forms with one match key differ: "case and hyphens", "plural", "markup" or "spelling"."""
    first, second = _bare(form), _bare(name)
    if first == second:
        return "case and hyphens"
    if singular(first) == singular(second):
        return "plural"
    if _bare(plain(form)) == _bare(plain(name)):
        return "markup"
    return "spelling"


def singular(word: str) -> str:
    """A lower-case word, or a squashed name, without its plural ending; only good for comparing.

    >>> [singular(w) for w in ("networks", "accuracies", "losses", "analysis", "loss", "matrices", "bias")]
    ['network', 'accuracy', 'loss', 'analysis', 'loss', 'matrix', 'bias']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(("ss", "us", "is")) or len(word) < 3:
        return word
    if word.endswith("s"):
        word = word[:-1]
    if word.endswith("ie") and len(word) > 3:
        return word[:-2] + "y"
    return word[:-1] if _SOFT_E.search(word) and len(word) > 4 else word


def is_plural(form: str) -> bool:
    """Whether a form seems to be a plural, so that another with its key is the better name."""
    last = fold(form).rpartition(" ")[2]
    return _IRREGULAR.get(last, last) != last or (
        len(last) > 2 and last.endswith("s") and not last.endswith(("ss", "us", "is")) and last not in _IRREGULAR
    )


def _bare(form: str) -> str:
    """Folded, without hyphens, blanks and punctuation that no key keeps."""
    return "".join(c for c in fold(form) if not c.isspace() and c not in _DROPPED and c != "_")


def _tokens(form: str) -> list[tuple[str, bool]]:
    """Words, numbers and symbols that count, each with whether it follows the one before it without a gap."""
    text = _EXPLAINED.sub(_without_acronym, plain(_SIGNS.sub("", form)))
    keep_s = _ends_in_capital_s(text)
    text = _POSSESSIVE.sub("", text)
    text = _spelling(_letters(_AND.sub(" and ", fold(text))))
    text = _THOUSANDS.sub(_without_commas, text)
    found: list[tuple[str, bool]] = []
    end = -1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token not in _DROPPED:
            found.append((token, match.start() == end))
            end = match.end()
        elif token in "'’`^":
            end += 1 if match.start() == end else 0
    if found and found[-1][0].isalpha() and not keep_s:
        token, glued = found[-1]
        if _acronym_plural(form):
            found[-1] = (token[:-1], glued)
        elif len(token) > 3:
            found[-1] = (singular(token), glued)
    return found


def _join(tokens: list[tuple[str, bool]]) -> str:
    """Tokens as one string; only between two numbers a hyphen stays, so that 2-7 is not 27."""
    out: list[str] = []
    for token, _ in tokens:
        if out and token[0].isdigit() and out[-1][-1].isdigit():
            out.append("-")
        out.append(token)
    return "".join(out)


def _fallback(form: str) -> str:
    """The key of a form that has no letter, digit or symbol: itself, or the numbers of its characters."""
    folded = fold(form)
    if folded.strip("-_ "):
        return folded
    return "-".join(f"u{ord(c):04x}" for c in folded or " ")


def _letters(text: str) -> str:
    """Greek letters by name, Latin letters without accents; folded text in, folded text out."""
    if text.isascii():
        return text
    out: list[str] = []
    latin = False
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            if not latin:
                out.append(char)
            continue
        latin = char.isascii() or unicodedata.name(char, "").startswith(("LATIN", "GREEK"))
        out.append(_GREEK.get(char, char))
    return unicodedata.normalize("NFC", "".join(out))


def _spelling(text: str) -> str:
    text = _ISE.sub(r"iz\1", text)
    text = _YSE.sub(r"yz\1", text)
    text = _DOUBLED.sub(r"\1\2", text)
    text = _OUR.sub(r"\1or", text)
    return _CENTRE.sub(r"\1er\2", text)


def _ends_in_capital_s(text: str) -> bool:
    """Whether a final S belongs to an acronym (DPMS, NAS), not to a plural (MODELS, LLMs)."""
    if not text.endswith("S"):
        return False
    word = re.split(r"[\s\-]", text)[-1]
    return len(word) < 6 or len(word) == len(text)


def _acronym_plural(form: str) -> bool:
    """Whether a short form is an acronym with a plural s: LMs, AIs."""
    return len(form) > 2 and form[-1] == "s" and form[-2].isupper()


def _without_acronym(match: re.Match[str]) -> str:
    """Nothing, where a bracket holds the initials of the words before it: "Kullback-Leibler (KL) divergence"."""
    letters = match.group(1).casefold()
    initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", match.string[: match.start()].casefold()))
    return "" if initials.endswith(letters.removesuffix("s")) else match.group()


def _without_commas(match: re.Match[str]) -> str:
    return match.group().replace(",", "")
