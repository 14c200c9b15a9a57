"""What speaks for and against a candidate, as the names of its active features."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache

from kg.extract.candidate import Candidate, Material, Span
from kg.extract.names import is_capitalised, looks_named, type_of_noun, type_of_suffix
from kg.extract.priors import Priors, TextWord, form_key, text_words
from kg.extract.state import Coined
from kg.vocab import ENTITY_TYPES

_NEXT_WORD = re.compile(r"[\s)\]'\"]{0,4}([A-Za-z][\w-]*|[^\w\s])")
_PREVIOUS_WORD = re.compile(r"([A-Za-z][\w-]*|[^\w\s])[\s('\"\[]{0,4}$")


class Describer:
    """Turns a candidate into the names of its active features."""

    def __init__(self, material: Material, priors: Priors, own: Mapping[str, str], words: Sequence[TextWord]) -> None:
        self.material, self.priors, self.own = material, priors, own
        self.low = material.text.lower() if len(material.text.lower()) == len(material.text) else material.text
        self.inside: dict[str, str] = {}
        self.cues: dict[str, list[Coined]] = {}
        self.partners: dict[str, list[str]] = {}
        for name in material.coined:
            self.cues.setdefault(form_key(material.text[name.start : name.end]), []).append(name)
        for pair in material.pairs:
            long = form_key(material.text[pair.long_start : pair.long_end])
            short = form_key(material.text[pair.short_start : pair.short_end])
            self.partners.setdefault(long, []).append(short)
            self.partners.setdefault(short, []).append(long)
        self.hit_types: dict[str, str] = {}
        for hit in material.hits:
            self.hit_types.setdefault(
                form_key(material.text[hit.start : hit.end]), material.term_types[hit.terms[0]][0]
            )

    def nesting(self, candidates: Sequence[Candidate]) -> None:
        """How many occurrences of each candidate lie inside longer ones that the lexicon or training papers know."""
        strong = sorted(
            {
                span
                for c in candidates
                for span in c.spans
                if c.sources & {"lexicon", "seen", "long"} or any(s.startswith("cue") for s in c.sources)
            }
        )
        for candidate in candidates:
            covered = sum(_covered(span, strong) for span in candidate.spans)
            self.inside[candidate.key] = "all" if covered == len(candidate.spans) else "some" if covered else "none"

    def __call__(self, candidate: Candidate) -> list[str]:
        form = self.material.text[slice(*candidate.spans[0])]
        features = ["bias", *(f"src={s}" for s in sorted(candidate.sources) if s != "tagged")]
        features += self._lexicon(candidate)
        features += self._prior(candidate.key)
        features += self._cue(candidate.key)
        features += self._shape(form)
        features += self._place(candidate)
        features += self._context(candidate)
        features += self._word_priors(form)
        return features

    def _lexicon(self, candidate: Candidate) -> list[str]:
        if not candidate.terms:
            return ["lex=none"]
        type_, kind = self.material.term_types[candidate.terms[0]]
        sure = "lexicon" in candidate.sources
        return [f"lex={type_}/{kind}/{sure}", f"lexkey={candidate.key}"] if sure else [f"lex={type_}/{kind}/{sure}"]

    def _counts(self, key: str) -> tuple[int, list[int]]:
        counts = self.priors.forms.get(key)
        if counts is None:
            return 0, [0] * len(ENTITY_TYPES)
        seen, by_type = counts[0], list(counts[1:])
        own = self.own.get(key)
        if own is not None:
            by_type[ENTITY_TYPES.index(own)] -= 1
        return max(seen - (1 if self.own else 0), sum(by_type)), by_type

    def _prior(self, key: str) -> list[str]:
        seen, by_type = self._counts(key)
        total = sum(by_type)
        if not total:
            return [f"prior=none/{min(seen, 3)}"]
        best = max(range(len(by_type)), key=lambda i: (by_type[i], -i))
        share = (total + 0.3) / (seen + 1.0)
        pure = by_type[best] / total > 0.8
        bucket = int(share * 8)
        size = 1 if total == 1 else 2 if total < 4 else 3 if total < 12 else 4
        features = [
            f"prior={ENTITY_TYPES[best]}/{bucket}/{size}",
            f"priorshare={bucket}",
            f"priorpure={ENTITY_TYPES[best]}/{pure}",
        ]
        features += [f"priortype={t}" for t, n in zip(ENTITY_TYPES, by_type, strict=True) if n]
        return features

    def _cue(self, key: str) -> list[str]:
        features = []
        for name in self.cues.get(key, ())[:6]:
            features += [f"cue={name.cue}", f"cue={name.cue}/{name.type}", f"cuetype={name.type}/{name.own}"]
        for partner in self.partners.get(key, ())[:2]:
            type_ = self.hit_types.get(partner, "")
            _, by_type = self._counts(partner)
            best = ENTITY_TYPES[max(range(len(by_type)), key=lambda i: (by_type[i], -i))] if any(by_type) else ""
            features += ["partner", f"partner={type_}", f"partnerprior={best}", f"partnersuffix={partner[-5:]}"]
            features += [f"partnercue={name.type}" for name in self.cues.get(partner, ())[:2]]
        return features

    def _shape(self, form: str) -> list[str]:
        words = re.split(r"[\s-]+", form)
        words = [w for w in words if w] or [form]
        last, first = words[-1].lower(), words[0].lower()
        shape = _shape(form)
        size = min(len(words), 5)
        suffix = type_of_suffix(form) if looks_named(form) else ""
        return [
            f"shape={shape}", f"shape={shape}/{size}", f"size={size}", f"chars={min(len(form), 12)}",
            f"last={_singular(last)}",
            f"first={first}", f"suf3={form[-3:].lower()}", f"suf4={form[-4:].lower()}", f"pre3={form[:3].lower()}",
            f"suffix={suffix}",
            f"headtype={type_of_noun(form.lower())}", f"last={_singular(last)}/{size}",
        ]  # fmt: skip

    def _place(self, candidate: Candidate) -> list[str]:
        title_end = self.material.title_end
        in_title = sum(e <= title_end for _, e in candidate.spans)
        count = len(candidate.spans)
        features = [
            f"count={min(count, 6)}",
            f"title={min(in_title, 1)}/{min(count - in_title, 3)}",
            f"inside={self.inside.get(candidate.key, 'none')}",
        ]
        if candidate.spans[0][0] == 0 and title_end:
            features.append("opens")
        if title_end and not in_title and candidate.spans[0][0] > 0.7 * len(self.material.text):
            features.append("late")
        features.append(f"count={min(count, 4)}/{_shape(self.material.text[slice(*candidate.spans[0])])}")
        return features

    def _context(self, candidate: Candidate) -> list[str]:
        features: set[str] = set()
        text = self.low
        for start, end in candidate.spans[:5]:
            before = _PREVIOUS_WORD.search(text, max(0, start - 24), start)
            after = _NEXT_WORD.match(text, end, end + 24)
            previous = before[1] if before else "^"
            following = after[1] if after else "$"
            features.add(f"prev={previous}")
            features.add(f"next={_singular(following)}")
            if before and before.start() > 0:
                second = _PREVIOUS_WORD.search(text, max(0, before.start() - 24), before.start())
                if second:
                    features.add(f"prev2={second[1]} {previous}")
            if after:
                noun = (
                    type_of_noun(text[end : end + 40].split(",")[0].split(".")[0]) if text[end : end + 1] == " " else ""
                )
                if noun:
                    features.add(f"nextnoun={noun}")
            glued_left = start > 0 and text[start - 1] == "-"
            glued_right = text[end : end + 1] == "-"
            if glued_left or glued_right:
                features.add(f"glued={glued_left}/{glued_right}")
        return sorted(features)

    def _word_priors(self, form: str) -> list[str]:
        words = text_words(form)
        if not words:
            return []
        none = (0, 0, 0, 0)
        first, last = self.priors.words.get(words[0].low, none), self.priors.words.get(words[-1].low, none)
        inner = [self.priors.words.get(w.low, none) for w in words]
        lowest = min((r[1] + 0.5) / (r[0] + 2.0) for r in inner)
        return [
            f"firstword={int(8 * (first[2] + 0.2) / (first[0] + 2.0))}",
            f"lastword={int(8 * (last[3] + 0.2) / (last[0] + 2.0))}",
            f"weakest={int(8 * lowest)}",
            f"edges={_fifth(first[2], first[0])}/{_fifth(last[3], last[0])}/{min(len(words), 4)}",
        ]


def _fifth(part: int, whole: int) -> int:
    """A share in fifths, smoothed."""
    return int(5 * (part + 0.2) / (whole + 2.0))


def _covered(span: Span, strong: Sequence[Span]) -> bool:
    """Whether a longer span of the sorted `strong` holds `span`."""
    index = bisect_right(strong, (span[0], 1 << 60))
    return any(s <= span[0] and e >= span[1] and (s, e) != span for s, e in strong[max(0, index - 8) : index])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=1 << 14)
def _shape(form: str) -> str:
    """The case pattern of a form."""
    if form.islower():
        return "lower" if form.isalpha() or " " in form or "-" in form else "lower+"
    if " " in form or ("-" in form and not any(c.isdigit() for c in form)):
        words = [w for w in re.split(r"[\s-]+", form) if w]
        if all(w[:1].isupper() for w in words):
            return "Title Case" if all(w[1:].islower() for w in words) else "Names"
        return "Sentence case" if is_capitalised(form) and form[1:].islower() else "mixed words"
    digits = any(c.isdigit() for c in form)
    if form.isupper() or (form[:-1].isupper() and form.endswith("s")):
        return "UPPER9" if digits else "UPPER"
    if is_capitalised(form) and form[1:].islower():
        return "Capital9" if digits else "Capital"
    return "Mixed9" if digits else "Mixed"
