"""Which cells are one thing: the evidence, from the strongest kind to the weakest, offered to a `Forest`.

1. one key and one settled type;  2. versions and years written differently;  3. the lexicon;  4. generic tails
("Adam optimizer");  5. expansions of one acronym that have the same stems;  6. an acronym on its own, if its
expansion is beyond doubt;  7. the user's rules.

Acronyms come after everything that joins long names, and each joins at most one of them: nothing is merged because it
shares a short form, and no chain of merges runs through one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.resolve import reasons
from kg.resolve.census import Corpus
from kg.resolve.clusters import Forest
from kg.resolve.context import Contexts
from kg.resolve.keys import numbers, version_key
from kg.resolve.rules import Rule
from kg.resolve.similarity import says_no_more, stems
from kg.resolve.terms import TermLike, Terms
from kg.resolve.types import confused
from kg.text import fold
from kg.vocab import DATASET, METHOD, METRIC, MODEL, TASK

TAILS: dict[str, frozenset[str]] = {
    METHOD: frozenset({"method", "algorithm", "framework", "approach", "optimizer", "optimiser", "library"}),
    MODEL: frozenset({"model", "network", "architecture"}),
    DATASET: frozenset({"dataset", "benchmark", "corpus", "leaderboard"}),
    METRIC: frozenset({"metric", "score"}),
    TASK: frozenset({"task", "problem"}),
}
PROPER_TAILS = frozenset({"optimizer", "optimiser", "dataset", "benchmark", "corpus", "leaderboard", "library"})
DOMINANCE = (
    0.75  # share of the papers that explain an acronym which one expansion must have to be meant without explanation
)
LEXICON_PAPERS = 3  # a term of the lexicon counts as if so many papers explained its acronym so
SHORTEST = 3  # letters of an acronym for which one explanation is enough; a shorter one needs as many papers
ATTESTED = 3  # papers that explain an acronym in one way; with fewer, a plainly different context is reason for doubt
RARITY = 50  # an acronym used so many times more often without explanation is not explained by that


@dataclass(frozen=True, slots=True)
class Sense:
    """One expansion of an acronym: papers that explain it so, type, its cells."""

    papers: int
    type: str
    cells: list[int]


class Linker:
    """Links the cells of a corpus, kind of evidence by kind of evidence."""

    def __init__(self, corpus: Corpus, settled: list[str], terms: Terms, followed: Mapping[int, TermLike]) -> None:
        self.corpus, self.settled, self._terms = corpus, settled, terms
        self.form = [corpus.own_forms(cell)[0][0] for cell in range(len(corpus))]  # the most used form of each cell
        self.forest = Forest([numbers(form) for form in self.form])
        self.term: list[TermLike | None] = [followed.get(cell) for cell in range(len(corpus))]
        self._contexts = Contexts(corpus)
        self.derived: set[int] = set()  # cells whose forms say less than the name: bare acronyms, generic tails
        self._first: dict[str, int] = {}  # term -> the first cell that is it
        self.groups: dict[tuple[int, str], list[int]] = {}  # key and settled type -> cells
        for cell, type in enumerate(settled):
            self.groups.setdefault((corpus.cell_key[cell], type), []).append(cell)

    def link(self, rules: Sequence[Rule] = ()) -> Forest:
        """All the evidence there is; the user's rules have the last word."""
        for rule in rules:
            if not rule.same:
                self.forest.keep_apart(self.named(rule.first, rule.type), self.named(rule.second, rule.type))
        self._find_terms()
        written_otherwise = self._versions()
        for (key, _), cells in self.groups.items():
            if key not in self.corpus.expansions:
                self._join_like(cells)
        for cells in written_otherwise:
            self._join_all(cells, reasons.VERSION)
        self._lexicon()
        self._tails()
        self._stems()
        self._acronyms()
        for rule in rules:
            first, second = self.named(rule.first, rule.type), self.named(rule.second, rule.type)
            if rule.same and first and second:
                self._join_all(first, reasons.RULE)
                self._join_all(second, reasons.RULE)
                self.forest.join(first[0], second[0], reasons.RULE, force=True)
        return self.forest

    def named(self, form: str, type: str) -> list[int]:
        """The cells of a settled type that a name stands for: those with its key, else those that it abbreviates."""
        key = self.corpus.key_number.get(self.corpus.reader.keyer(form))
        if key is None:
            return []
        short = [cell for cell, _ in self.corpus.expansions.get(key, ()) if self.settled[cell] == type]
        return self.groups.get((key, type)) or short

    def _join_all(self, cells: list[int], reason: str) -> None:
        for cell in cells[1:]:
            self.forest.join(cells[0], cell, reason)

    def _join_like(self, cells: list[int]) -> None:
        """Join the cells of one name: all of them, unless several papers coin it and talk of other things."""
        coined = [cell for cell in cells if self.corpus.cell_coiner[cell]]
        if len(coined) < 2 or any(self.term[cell] is not None for cell in cells):
            self._join_all(cells, reasons.SPELLED)
            return
        plain = [cell for cell in cells if not self.corpus.cell_coiner[cell]]
        if any(form.islower() for cell in plain for form, _ in self.corpus.own_forms(cell)):
            words = [
                cell for cell in coined if self.form[cell][1:].islower()
            ]  # a common word at the head of a sentence
            plain, coined = plain + words, [cell for cell in coined if cell not in words]
        for part in self._contexts.partition(plain, coined):
            self._join_all(part, reasons.SPELLED)

    def _find_terms(self) -> None:
        for cell, type in enumerate(self.settled):
            for form, _ in self.corpus.own_forms(cell) if self.term[cell] is None else ():
                term = self._terms.of_type(form, type)
                if term is not None:
                    self.term[cell] = term
                    break

    def _versions(self) -> list[list[int]]:
        """For each name that is written with equal versions or years in several ways, a cell for each of these."""
        written: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for group in self.groups:
            form = self.form[self.groups[group][0]]
            if not (form.isascii() and form.isalpha()) and (key := version_key(form)):
                written.setdefault((key, group[1]), []).append(group)
        found = []
        for (key, _), groups in sorted(written.items()):
            if len(groups) > 1:
                self.forest.remark((cell for group in groups for cell in self.groups[group]), numbers(key))
                found.append([self.groups[group][0] for group in groups])
        return found

    def _lexicon(self) -> None:
        """Join the cells that name one term; an acronym that papers explain has to wait for what they say."""
        for cell, term in enumerate(self.term):
            if term is not None and self.corpus.cell_key[cell] not in self.corpus.expansions:
                self._name(cell, term)
        for first in list(self._first.values()):  # the name of a term is a form of it, whether it is listed or not
            term = self.term[first]
            if term is not None:
                for cell in self.named(term.name, term.type):
                    known = self.term[cell] is not None or self.corpus.cell_key[cell] in self.corpus.expansions
                    if not known and self._may_be(cell, term):
                        self.term[cell] = term
                        self._name(cell, term)

    def _may_be(self, cell: int, term: TermLike) -> bool:
        """Whether a cell has the key of the term's name or, where that abbreviates it, the words of a long form of the
        term: neither the spatial attention module (SAM) nor the gated contour network (GCN) is the lexicon's."""
        if self.corpus.keys[self.corpus.cell_key[cell]] == self.corpus.reader.keyer(term.name):
            return True
        known = self._terms.long_forms(term)
        return not known or any(says_no_more(self.form[cell], form) for form in known)

    def _name(self, cell: int, term: TermLike) -> bool:
        """Make a cell's cluster that of the term; False if it is another term already."""
        if not self.forest.name(cell, term.id):
            return False
        self.forest.join(self._first.setdefault(term.id, cell), cell, reasons.LEXICON)
        return True

    def _tails(self) -> None:
        """Names with and without a word that only says their type; acronyms that papers explain are none of them."""
        for cell, form in enumerate(self.form):
            head, _, last = form.strip().rpartition(" ")
            if head and fold(last) in TAILS[self.settled[cell]] and looks_like_name(head, fold(last)):
                stem = self.named(head, self.settled[cell])
                known = stem and self.corpus.cell_key[stem[0]] not in self.corpus.expansions
                if known and self.corpus.named[stem[0]] > 0 and self.forest.join(stem[0], cell, reasons.TAIL):
                    self.derived.add(cell)

    def _stems(self) -> None:
        for key in sorted(self.corpus.expansions):
            alike: dict[tuple[str, tuple[str, ...]], int] = {}
            for cell, _ in self.corpus.expansions[key]:
                mark = (self.settled[cell], stems(self.form[cell]))
                if len(mark[1]) > 1:
                    self.forest.join(alike.setdefault(mark, cell), cell, reasons.STEMS)

    def _acronyms(self) -> None:
        for (key, type), cells in self.groups.items():
            if key not in self.corpus.expansions:
                continue
            long, sure = self._meaning(key, type, cells)
            if not long:
                self._join_like(cells)
                self._name_by_term(cells)
                continue
            introduced = self.forest.term(long[0]) is None and any(self.corpus.introduced[cell] for cell in long)
            rest = []
            for cell in cells:
                if self.corpus.cell_coiner[cell] and introduced:  # what another paper introduces is not coined again
                    like = self._contexts.share(long, [cell])
                else:
                    like = sure or not self._contexts.different(long, [cell])
                if like and self.forest.join(long[0], cell, reasons.ABBREVIATION, same_term=False):
                    self.derived.add(cell)
                else:
                    rest.append(cell)
            self._join_like(rest)
            self._name_by_term([cell for cell in cells if cell not in rest])

    def _name_by_term(self, cells: list[int]) -> None:
        """An acronym is the lexicon's term, if that knows it and the cluster is not another term."""
        for cell in cells:
            term = self.term[cell]
            if term is not None and self.form[cell] not in term.ambiguous and self._name(cell, term):
                break

    def _meaning(self, key: int, type: str, cells: list[int]) -> tuple[list[int], bool]:
        """The cells of the expansion that an acronym without explanation stands for; whether that is beyond doubt."""
        senses = self._senses(key)
        fit = [sense for sense in senses if sense.type == type]
        crossed = not fit and len(senses) == 1 and confused(type, senses[0].type, named=True)
        if crossed:
            fit = senses
        if not fit:
            return [], False
        top, papers, total = fit[0], fit[0].papers, sum(sense.papers for sense in fit)
        term = next((self.term[cell] for cell in cells if self.term[cell] is not None), None)
        if term is not None and (long := self._terms.long_forms(term)):
            meant = next((sense for sense in fit if self._is_term(sense, term, long)), None)
            if meant is not None:
                top, papers = meant, meant.papers + LEXICON_PAPERS
            elif self.form[cells[0]] not in term.ambiguous:
                return [], False
            total += LEXICON_PAPERS
        used = sum(self.corpus.docs[cell] for cell in cells)
        letters = sum(c.isalnum() for c in self.corpus.keys[key])
        enough = papers >= (1 if letters >= SHORTEST else SHORTEST) and papers * RARITY >= used
        if not enough or papers < DOMINANCE * total or not self._same_case(key, top.cells, cells):
            return [], False
        if crossed and not self._contexts.share(top.cells, cells):
            return [], False
        return top.cells, papers >= ATTESTED

    def _is_term(self, sense: Sense, term: TermLike, long: tuple[str, ...]) -> bool:
        """Whether an expansion is a term, or one of its long forms but for endings of derivation."""
        known = {stems(form) for form in long}
        return self.forest.term(sense.cells[0]) == term.id or any(stems(self.form[c]) in known for c in sense.cells)

    def _same_case(self, key: int, long: list[int], cells: list[int]) -> bool:
        """Whether the acronym is somewhere written with the case in which it is explained: "Mirror" is no MIRROR."""
        explained = {
            self.corpus.forms[form]
            for cell in long
            for form, _ in self.corpus.usage(cell)
            if self.corpus.form_key[form] == key
        }
        used = {form for cell in cells for form, _ in self.corpus.own_forms(cell)}
        return bool({_cased(form) for form in explained} & {_cased(form) for form in used})

    def _senses(self, key: int) -> list[Sense]:
        """The expansions of an acronym, those that most papers give first. Acronyms are no expansions."""
        found: dict[int, Sense] = {}
        for cell, count in self.corpus.expansions[key]:
            if self.corpus.cell_key[cell] not in self.corpus.expansions:
                old = found.get(self.forest.find(cell), Sense(0, self.settled[cell], []))
                found[self.forest.find(cell)] = Sense(old.papers + count, old.type, [*old.cells, cell])
        return sorted(found.values(), key=lambda sense: (-sense.papers, sense.cells[0]))


def _cased(form: str) -> str:
    """A form with its case, without hyphens, blanks and a plural s."""
    return "".join(c for c in form if c.isalnum()).removesuffix("s")


def looks_like_name(head: str, tail: str) -> bool:
    """Whether what stands before a generic tail is a name: a digit or two capitals in its last word.

    One capital will do before a tail that no common term has ("Adam optimizer", but "Contrastive method").
    """
    last = head.split()[-1]
    if any(c.isdigit() for c in last) or sum(c.isupper() for c in last) >= 2:
        return True
    return last == head and last[0].isupper() and tail in PROPER_TAILS
