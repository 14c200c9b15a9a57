r"""An offset-preserving reading of a text: the left-overs of LaTeX and of web pages put into plain characters.

Listings hand down `32times`, `sim50\%`, `mathcal{O}`, `\tool`, `\textbf{Kite}`, `$10\times$` and `2{3}`. Every later
stage looks at `View.text`, which has exactly as many code points as the original, so that its offsets are the
original's. What was cut down to fewer characters is filled up with blanks; `View.widen` gives a span its lost
characters back (`$\beta$-VAE` is seen as `β-VAE`, and widened to all of it).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

_GREEK = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "varepsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "phi",
            "varphi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
        ],
        "αβγδεεζηθικλμνξπρστφφχψωΓΔΘΛΞΠΣΦΨΩ",
        strict=True,
    )
)
_SYMBOLS = {
    "times": "×", "sim": "~", "approx": "~", "simeq": "~", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "pm": "±",
    "to": "→", "rightarrow": "→", "ell": "ℓ", "infty": "∞", "cdot": "·", "ldots": "…", "dots": "…", "star": "*",
    "ast": "*", "degree": "°", "circ": "°", "percent": "%",
}  # fmt: skip
_STYLES = (
    "textbf|textit|texttt|textsc|textsf|textrm|textnormal|textsubscript|textsuperscript|emph|"
    "underline|text|mathcal|mathbb|"
    "mathbf|mathrm|mathit|mathsf|mathtt|mathfrak|boldsymbol|bm|operatorname|mbox|href|url|xspace|"
    "ensuremath|hat|tilde|bar|vec"
)


_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2043\u2212\ufe63\uff0d"), "-")
_BLANKS = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"), " "
)
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"', 0x0060: "'", 0x00B4: "'"}
_TABLE = {**_HYPHENS, **_BLANKS, **_QUOTES}

_STYLE = re.compile(
    rf"\\(?:{_STYLES})\s?\{{|\\(?:xspace)\b|\b(?:mathcal|mathbb|mathbf|mathrm|textbf|textit|texttt|textsc|emph)\{{"
)
_BRACED = re.compile(r"(?<=[\w)])[\^_]?\{([^{}\s]{1,6})\}")
_MATH = re.compile(r"\$([^$\n]{1,40})\$")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_ESCAPED = re.compile(r"\\([%&_#$ ,;:!{}])")
_BARE_TIMES = re.compile(r"(?<=\d)(\s?)times\b(?! (?:as|that|when|the)\b)")
_BARE_SIM = re.compile(r"(?<![A-Za-z])(?:sim|approx)(?=\s?\$?\.?\d)")


@dataclass(frozen=True, slots=True)
class View:
    """`text` as it is to be read, as long as the original; `atoms` are the stretches that belong together, sorted."""

    text: str
    atoms: tuple[tuple[int, int], ...] = ()

    def widen(self, start: int, end: int) -> tuple[int, int]:
        """The span with the atoms that it touches: no replaced stretch is cut in two."""
        if not self.atoms:
            return start, end
        index = bisect_right(self.atoms, (start, 1 << 60)) - 1
        if index >= 0 and self.atoms[index][0] < start < self.atoms[index][1]:
            start = self.atoms[index][0]
        index = bisect_left(self.atoms, (end, 0)) - 1
        if index >= 0 and self.atoms[index][0] < end < self.atoms[index][1]:
            end = self.atoms[index][1]
        return start, end


def read_view(text: str) -> View:
    r"""The view of `text`, in time linear in its length.

    >>> read_view(r"a 32times speed-up, sim50\% less").text
    'a 32×     speed-up, ~  50 % less'
    """
    plain = text.translate(_TABLE)
    if not any(mark in text for mark in ("\\", "$", "{", "times", "sim", "approx")):
        return View(plain)
    chars = list(plain)
    atoms: list[tuple[int, int]] = []
    if "$" in text:
        _math(plain, chars, atoms)
    plain = "".join(chars)
    if "{" in text or "\\" in text:
        _styles(plain, chars)
        plain = "".join(chars)
        _fill(_BRACED, plain, chars, lambda m: m[1], left=True)
        _fill(_ESCAPED, plain, chars, lambda m: m[1].strip("{}, ;:!") or " ", left=False)
        _fill(_COMMAND, plain, chars, _command, left=False)
        plain = "".join(chars)
    _fill(_BARE_TIMES, plain, chars, lambda m: m[1] + "×", left=True)
    _fill(_BARE_SIM, plain, chars, lambda m: "~", left=True)
    return View("".join(chars), tuple(sorted(atoms)))


def _fill(
    pattern: re.Pattern[str], text: str, chars: list[str], new: Callable[[re.Match[str]], str], *, left: bool
) -> None:
    for match in pattern.finditer(text):
        _put(chars, match.start(), match.end(), new(match), left=left)


def _put(chars: list[str], start: int, end: int, content: str, *, left: bool) -> None:
    room = end - start
    content = content[:room]
    chars[start:end] = content.ljust(room) if left else content.rjust(room)


def _command(match: re.Match[str]) -> str:
    """A known symbol, or the name of an unknown macro without its backslash (`\\tool` stands for a name)."""
    name = match[1]
    return _GREEK.get(name) or _SYMBOLS.get(name) or name


def _styles(text: str, chars: list[str]) -> None:
    """Blank out `\\textbf{` with the bracket that closes it."""
    found = list(_STYLE.finditer(text))
    closing = _closing_brackets(text) if found else {}
    for match in found:
        chars[match.start() : match.end()] = " " * (match.end() - match.start())
        end = closing.get(match.end() - 1)
        if end is not None:
            chars[end] = " "


def _closing_brackets(text: str) -> dict[int, int]:
    """Where each curly bracket that is closed is closed."""
    open_at: list[int] = []
    closed: dict[int, int] = {}
    for match in re.finditer("[{}]", text):
        if match.group() == "{":
            open_at.append(match.start())
        elif open_at:
            closed[open_at.pop()] = match.start()
    return closed


def _math(text: str, chars: list[str], atoms: list[tuple[int, int]]) -> None:
    """Short formulas in dollars: what they say, moved to the side on which a word is glued to them."""
    for match in _MATH.finditer(text):
        inner = _COMMAND.sub(
            lambda m: _GREEK.get(m[1]) or _SYMBOLS.get(m[1]) or ("" if m[1] in _STYLES else m[1]), match[1]
        )
        inner = re.sub(r"[\\{}]", "", inner)
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        glued_left = bool(before) and (before.isalnum() or before in "-)")
        if glued_left:
            inner = re.sub(r"[\^_]", "", inner)
        _put(chars, match.start(), match.end(), inner, left=glued_left)
        if glued_left or after == "-" or after.isalnum():
            atoms.append((match.start(), match.end()))
