"""Kind and role of each entity: the rules' word, corrected by the trained model, which also drops what it doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from spacy.tokens import Doc

from kg.extract.neural import EntitySpans
from kg.extract.reader import Reader
from kg.extract.sift import Sift
from kg.extract.state import Coined, Found, Thing, get, put

TOLD = {"rival"}
STRONG = {"propose", "called", "ours", "noun-name", "title"}


class Attributes:
    """Component `kg_attributes`: writes kinds and roles into `doc._.kg_entities`; with a model only."""

    NAME = "kg_attributes"
    REQUIRES = ("doc._.kg_entities", "doc._.kg_coined", "doc._.kg_lexicon")
    ASSIGNS = ("doc._.kg_entities",)

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.votes: Mapping[str, float] = reader.model.config["roles"]
        self.sift = Sift.of(reader.model.config)

    def __call__(self, doc: Doc) -> Doc:
        return self.set_annotations(doc, self.predict(doc))

    def predict(self, doc: Doc) -> list[Thing]:
        things, found = get(doc, "kg_entities", Thing), get(doc, "kg_mentions", Found)
        encoding = self.reader.encoding(doc)
        spans: list[EntitySpans] = self.reader.entities(doc)
        said = self.reader.model.attributes(encoding, spans)
        cues = self.cues(doc)
        told = {(c.start, c.end) for c in get(doc, "kg_coined", Coined) if c.cue in TOLD}
        end = encoding.words.ends[-1] if len(encoding.words) else 0
        judged = []
        for thing, attributes in zip(things, said, strict=True):
            if found[thing.mentions[0]].start >= end:
                judged.append(thing)  # beyond what the model reads
                continue
            sure = self.sift.judge(thing.score, attributes.keep) if self.sift.least else thing.score
            if sure < self.sift.least and not self.is_told(thing, found, told):
                continue
            role = blend(thing, attributes.role_probs, self.votes, own=self.is_own(doc, thing, cues))
            kind = attributes.kind if attributes.kind_p >= 0.7 else thing.kind
            judged.append(thing._replace(kind=kind, role=role[0], role_score=round(role[1], 4), score=sure))
        return judged

    def is_told(self, thing: Thing, found: Sequence[Found], told: Set[tuple[int, int]]) -> bool:
        """Whether the text itself says that it is a thing: whatever the model doubts, it stays."""
        return any((found[m].start, found[m].end) in told for m in thing.mentions)

    def cues(self, doc: Doc) -> set[tuple[int, int]]:
        """Where the text presents a name as its own."""
        return {(c.start, c.end) for c in get(doc, "kg_coined", Coined) if c.own and c.cue in STRONG}

    def is_own(self, doc: Doc, thing: Thing, cues: Set[tuple[int, int]]) -> bool:
        """Whether the text presents the thing as its own."""
        found = get(doc, "kg_mentions", Found)
        return any((found[m].start, found[m].end) in cues for m in thing.mentions)

    def set_annotations(self, doc: Doc, things: list[Thing]) -> Doc:
        put(doc, "kg_entities", things)
        return doc


def blend(
    thing: Thing, probabilities: Mapping[str, float], weights: Mapping[str, float], *, own: bool
) -> tuple[str, float]:
    """The role that model and rules together find likeliest, with its share.

    `weights`: of the rules' own word, of a text that presents the thing as its own, and of "introduced" as such.
    """
    votes = dict(probabilities)
    votes[thing.role] = votes.get(thing.role, 0.0) + weights["rules"] * thing.role_score
    votes["introduced"] = votes.get("introduced", 0.0) + (weights["cue"] if own else 0.0)
    if votes["introduced"]:
        votes["introduced"] += weights["introduced"]
    total = sum(votes.values()) or 1.0
    best = max(sorted(votes), key=lambda role: votes[role])
    return best, votes[best] / total
