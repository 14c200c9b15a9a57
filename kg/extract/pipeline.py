"""The pipeline put together, and its `Doc` turned into an `Extraction`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import spacy
from spacy.attrs import LOWER, NORM
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry

from kg.config import PACKAGE, model_dir
from kg.errors import ModelError
from kg.extract import state
from kg.extract.abbreviations import Abbreviations
from kg.extract.attributes import Attributes
from kg.extract.clustering import Clustering
from kg.extract.coined import CoinedNames
from kg.extract.confidence import FILE as CONFIDENCE
from kg.extract.confidence import Confidence, read_weights
from kg.extract.decision import read_decider
from kg.extract.lexicon import Lexicon, LexiconError, Term
from kg.extract.lexicon_hits import LexiconHits
from kg.extract.links import Links
from kg.extract.mentions import Mentions
from kg.extract.priors import Priors, read_priors
from kg.extract.reader import Reader
from kg.extract.relations import Relations
from kg.extract.results import Results, directions_of
from kg.extract.sentences import Sentences
from kg.extract.sift import Sift
from kg.extract.state import Found, Link, Outcome, Thing, get
from kg.extract.tokenizer import PaperTokenizer
from kg.model import DocEntity, DocRelation, DocResult, Extraction, Mention, Paper

DECISIONS = Path(__file__).with_name("decisions")
COMPONENTS: tuple[Any, ...] = (
    Links,
    Sentences,
    LexiconHits,
    Abbreviations,
    CoinedNames,
    Mentions,
    Clustering,
    Attributes,
    Relations,
    Results,
    Confidence,
)
DECIDERS = {
    "mention": "rules",
    "kind": "kinds",
    "role": "roles",
    "same": "same",
    "relation": "relations",
}
COMMON = 5  # papers of the training set that use a word
FUSED = "fused.npz"  # in a model's directory: how its word and the rules' are weighed
RULES = "rules"  # the name under which the rules work alone


def load(model: str | Path = "default", lexicon: Path | None = None, decisions: Path = DECISIONS) -> Language:
    """A spaCy `Language` with all components; see `kg.extract.load_pipeline`. `decisions`: the rules' weights."""
    state.register()
    try:
        terms = Lexicon.load(extra=lexicon)
    except LexiconError as error:
        raise ModelError(str(error)) from error
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": _tokenizer_name()}}})
    nlp.max_length = 1 << 31
    keep_few_attributes(nlp)
    by_id = {term.id: term for term in terms.terms}
    reader = _reader(model, by_id)
    deciders = {name: read_decider(decisions / f"{file}.npz") for name, file in DECIDERS.items()}
    if reader is not None:
        deciders["fused"] = read_decider(model_dir(str(model)) / FUSED)
    weights = read_weights((decisions if reader is None else model_dir(str(model))) / CONFIDENCE)
    priors = read_priors(decisions / "priors.json.gz")
    know_common_words(nlp, priors)
    made: dict[str, Callable[[], Any]] = {
        LexiconHits.NAME: partial(LexiconHits, terms),
        Mentions.NAME: partial(Mentions, deciders, priors, by_id, reader),
        Clustering.NAME: partial(Clustering, deciders["same"], by_id),
        Relations.NAME: partial(Relations, deciders["relation"], by_id, reader),
        Results.NAME: partial(Results, directions_of(terms.terms), reader),
        Confidence.NAME: partial(Confidence, weights),
    }
    if reader is not None:
        made[Attributes.NAME] = partial(Attributes, reader)
    unused = {Attributes} if reader is None else set() if Sift.of(reader.model.config).candidates else {CoinedNames}
    for component in COMPONENTS:
        if component in unused:
            continue
        _register(component, made.get(component.NAME, component))
        nlp.add_pipe(component.NAME)
    return nlp


def keep_few_attributes(nlp: Language) -> None:
    """Of spaCy's lexical attributes only those that somebody may look at: working out all of them for each word that
    is new to a text takes longer than all else that the tokenizer does."""
    vocab: Any = nlp.vocab  # its attributes are compiled, their types unknown
    getters = vocab.lex_attr_getters
    vocab.lex_attr_getters = {NORM: getters[NORM], LOWER: str.lower}


def know_common_words(nlp: Language, priors: Priors) -> None:
    """Words that many papers use, known to the vocabulary for good: what a text brings is forgotten with it, and would
    be worked out again for the next one."""
    for word, counts in sorted(priors.words.items()):
        if counts[0] >= COMMON:
            nlp.vocab[word]


def _reader(model: str | Path, terms: Mapping[str, Term]) -> Reader | None:
    """The trained model's reader; None for "rules", and for "default" where the package holds no model."""
    path = model_dir(str(model))
    if str(model) == RULES or (str(model) == "default" and not path.is_dir()):
        return None
    if not path.is_dir():
        raise ModelError(f"{model}: no model of that name and no such directory (shipped: {', '.join(_shipped())})")
    return Reader.load(path, terms)


def _shipped() -> list[str]:
    models = PACKAGE / "models"
    return [RULES, *sorted(p.name for p in models.iterdir() if p.is_dir())] if models.is_dir() else [RULES]


def _tokenizer_name() -> str:
    name = "kg.PaperTokenizer"
    if name not in registry.tokenizers.get_all():

        def make() -> Callable[[Language], PaperTokenizer]:
            return lambda nlp: PaperTokenizer(nlp.vocab)

        registry.tokenizers(name, func=make)
    return name


def _register(component: Any, make: Callable[[], Any]) -> None:
    """Tell spaCy how to make the component, what it needs and what it writes."""

    def factory(nlp: Language, name: str) -> Any:
        return make()

    Language.factory(component.NAME, assigns=component.ASSIGNS, requires=component.REQUIRES, func=factory)


def extract(nlp: Language, paper: Paper) -> Extraction:
    """Run the pipeline over one paper; see `kg.extract.extract_text`.

    In a memory zone: the strings of a text are forgotten with it, else the vocabulary would grow without end.
    """
    with nlp.memory_zone():
        doc = nlp.make_doc(paper.text)
        doc._.kg_title_end = len(paper.title)
        return extraction_of(nlp(doc), paper.id)


def extraction_of(doc: Doc, paper_id: str) -> Extraction:
    """What the components wrote on a `Doc`, as one frozen record."""
    text = state.get_text(doc)
    found = get(doc, "kg_mentions", Found)
    entities = tuple(_entity(thing, found, text) for thing in get(doc, "kg_entities", Thing))
    relations = tuple(
        DocRelation(
            r.head,
            r.predicate,
            r.tail,
            r.start,
            r.end,
            (r.head_start, r.head_end),
            (r.tail_start, r.tail_end),
            r.extractor,
            r.score,
            r.negated,
        )
        for r in get(doc, "kg_relations", Link)
    )
    results = tuple(_result(r, text) for r in get(doc, "kg_results", Outcome))
    links = tuple(dict.fromkeys(text[s:e] for s, e in state.spans(doc, "kg_links")))
    notes = tuple(doc._.kg_notes or ())
    if len(text) > state.MAX_READ:
        notes += (f"names and statements were looked for in the first {state.MAX_READ:,} of {len(text):,} characters",)
    return Extraction(paper_id, entities, relations, results, links, tuple(state.spans(doc, "kg_sentences")), notes)


def _entity(thing: Thing, found: list[Found], text: str) -> DocEntity:
    mentions = tuple(
        Mention(m.start, m.end, text[m.start : m.end], m.extractor, m.score)
        for m in sorted(found[i] for i in thing.mentions)
    )
    return DocEntity(
        thing.name,
        thing.type,
        thing.kind,
        thing.role,
        thing.score,
        mentions,
        thing.term,
        tuple(thing.short_forms),
        thing.role_score,
    )


def _result(r: Outcome, text: str) -> DocResult:
    def none(index: int) -> int | None:
        return index if index >= 0 else None

    return DocResult(
        none(r.subject), none(r.metric), none(r.dataset), none(r.baseline), text[r.start : r.end], r.start, r.end,
        (min(r.clause_start, r.start), max(r.clause_end, r.end)), r.mode, r.low, r.high, r.unit, r.higher_is_better,
        r.extractor, r.score,
    )  # fmt: skip
