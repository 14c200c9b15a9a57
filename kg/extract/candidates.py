"""Candidate forms of a document: every stretch of text that might name an entity, with what speaks for each type.

Sources are the lexicon, abbreviations, coined names, words that look like names, forms and head nouns that the training
papers hold, and the trained tagger where there is one. Occurrences with one key (`priors.form_key`) make one candidate,
which is described by sparse features for `decision.Decider`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from kg.extract.candidate import Candidate, Material
from kg.extract.describe import Describer
from kg.extract.names import WORD, is_capitalised, looks_named
from kg.extract.priors import Priors, form_key, joined, ngrams, text_words
from kg.extract.state import MAX_READ, stretches
from kg.extract.word_lists import words

STOP_WORDS = frozenset(
    words(
        """
        a an the this that these those our their its his her we they it i you he she who whom which what where when
        why how and or but nor so yet if then than as at by for from in into of off on onto out over to up with
        within without via per through across between among against during is are was were be been being am do does
        did done has have had having can could may might must shall should will would not no only also very more
        most less least many much few several some any each every all both either neither such same other another
        own using used use uses based show shows shown showed propose proposed proposes present presents introduce
        introduces new novel recent existing previous prior various different further moreover however thus
        therefore hence while whereas although though because since due despite e.g i.e etc al et vs versus first
        second third one two three four five six seven eight nine ten here there about above below under again once
        too just even still well significantly substantially respectively including include includes achieve
        achieves achieving improve improves improving improved outperform outperforms outperforming demonstrate
        demonstrates state-of-the-art called named 's
        """
    )
)
_NAME_WORD = re.compile(WORD)
_MAX_OCCURRENCES = 40
_HEAD_SHARE, _HEAD_COUNT = 0.12, 8


class Collector:
    """Collects the candidates of one document."""

    def __init__(self, material: Material, priors: Priors, own: Mapping[str, str] | None = None) -> None:
        self.material, self.priors = material, priors
        self.own = own or {}  # forms of this paper, to be taken off the counts when weights are trained
        self.words = text_words(material.text[:MAX_READ])
        self.found: dict[str, Candidate] = {}

    def collect(self) -> list[Candidate]:
        """All candidates with their features, by first occurrence."""
        self._from_sources()
        self._from_training_forms()
        self._from_names()
        describe = Describer(self.material, self.priors, self.own, self.words)
        candidates = sorted(self.found.values(), key=lambda c: (min(c.spans), c.key))
        for candidate in candidates:
            candidate.spans = sorted(set(candidate.spans))
        describe.nesting(candidates)
        for candidate in candidates:
            candidate.features = describe(candidate)
        return candidates

    def add(self, start: int, end: int, source: str, terms: tuple[str, ...] = ()) -> None:
        """One occurrence; blanks, quotes and commas around it are left out."""
        text = self.material.text
        while start < end and not (text[start].isalnum() or text[start] in "([{+*\\$'-&@#."):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:!?'\"-|&@"):
            end -= 1
        key = form_key(text[start:end])
        if not key or end - start > 12_000 or (source != "lexicon" and not any(c.isalpha() for c in key)):
            return
        if self._in_link(start, end):
            return
        candidate = self.found.setdefault(key, Candidate(key))
        if len(candidate.spans) < _MAX_OCCURRENCES or (start, end) in candidate.spans:
            candidate.spans.append((start, end))
        candidate.sources.add(source)
        if terms and not candidate.terms:
            candidate.terms = terms

    def _in_link(self, start: int, end: int) -> bool:
        index = bisect_right(self.material.links, (start, 1 << 60))
        return any(s < end and start < e for s, e in self.material.links[max(0, index - 1) : index + 1])

    def _from_sources(self) -> None:
        for hit in self.material.hits:
            self.add(hit.start, hit.end, "lexicon?" if hit.ambiguous else "lexicon", hit.terms)
        for pair in self.material.pairs:
            self.add(pair.long_start, pair.long_end, "long")
            self.add(pair.short_start, pair.short_end, "short")
        for name in self.material.coined:
            self.add(name.start, name.end, f"cue:{name.cue}")
        for start, end, _type, _score in self.material.tagged:
            self.add(start, end, "tagged")

    def _from_training_forms(self) -> None:
        words = self.words
        for first, last, key in ngrams(self.material.text, words, STOP_WORDS):
            counts = self.priors.forms.get(key)
            if counts is not None and (not self.own or sum(counts[1:]) > (key in self.own)):
                self.add(words[first].start, words[last].end, "seen")
        for first, last in self._phrases():
            key = form_key(self.material.text[words[first].start : words[last].end])
            if key not in self.found or "seen" not in self.found[key].sources:
                self.add(words[first].start, words[last].end, "phrase")

    def _phrases(self) -> Iterator[tuple[int, int]]:
        """Noun phrases of two to four words: the last one often ends entities, the first one is not always outside."""
        words, counts = self.words, self.priors.words
        for last in range(1, len(words)):
            head = counts.get(words[last].low)
            if (
                head is None
                or head[3] < _HEAD_COUNT
                or head[3] < _HEAD_SHARE * head[0]
                or words[last].low in STOP_WORDS
            ):
                continue
            if looks_named(self.material.text[words[last].start : words[last].end]):
                continue
            for first in range(last - 1, max(-1, last - 4), -1):
                if words[first].low in STOP_WORDS or not joined(self.material.text, words, first + 1):
                    break
                lead = counts.get(words[first].low)
                if lead is None or lead[1] >= 0.08 * lead[0]:
                    yield first, last

    def _from_names(self) -> None:
        """Words that look like names, and runs of capitalised words inside a sentence."""
        text = self.material.text
        run: list[re.Match[str]] = []
        for start, end in stretches(self.material.sentences, text):
            run = []
            in_title = end <= self.material.title_end
            for match in _NAME_WORD.finditer(text, start, end):
                word = match.group()
                named = looks_named(word)
                if named and len(word) > 1:
                    self.add(match.start(), match.end(), "name")
                    self._parts(match)
                if in_title:
                    continue
                if run and text[run[-1].end() : match.start()] != " ":
                    self._close(run, start)
                    run = []
                if named or is_capitalised(word) or (run and re.fullmatch(r"\d{1,3}[BMK]?|v\d[\d.]*", word)):
                    run.append(match)
                else:
                    self._close(run, start)
                    run = []
            self._close(run, start)

    def _parts(self, match: re.Match[str]) -> None:
        """What a hyphen holds on to a name is left out: "BERT-based", "GPT-4-generated"; "A/B" is two."""
        word = match.group()
        tail = re.search(r"[-–]([a-z]{3,}|[A-Z][a-z]{2,}ed|[Ii]n|[Oo]n|to)(?:-[a-z]+)*$", word)
        if tail and len(word) > tail.end() - tail.start() + 1:
            self.add(match.start(), match.start() + tail.start(), "name-part")
        if (dash := word.find("-")) > 1 and not tail:
            self.add(match.start(), match.start() + dash, "name-head")

    def _close(self, run: list[re.Match[str]], sentence_start: int) -> None:
        if (
            len(run) > 1
            and run[0].start() == sentence_start
            and not looks_named(run[0].group())
            and run[0].group().lower() in STOP_WORDS
        ):
            run = run[1:]
        if 1 < len(run) <= 7:
            self.add(run[0].start(), run[-1].end(), "capitals")
        elif len(run) == 1 and run[0].start() != sentence_start and run[0].group().lower() not in STOP_WORDS:
            self.add(run[0].start(), run[0].end(), "capital")


def candidates_of(material: Material, priors: Priors, own: Mapping[str, str] | None = None) -> list[Candidate]:
    """The candidates of one document. `own`: the paper's gold forms (key → type), only while training."""
    return Collector(material, priors, own).collect()
