"""What RDF says about each row: pairs of predicate and object, in the terms of a syntax (docs/rdf.md has the model)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, cast

from kg import vocab
from kg.export.iri import web_iri
from kg.export.lexical import dated, number
from kg.export.syntax import Pairs, Syntax, Syntax12
from kg.graph import Node, metadata_of
from kg.model import EntityRow, Paper, ResultRow

PairList = list[tuple[str, str]]
Triple = tuple[str, str, str]

TYPE = "rdf:type"
_SPANS = ("kg:subjectStart", "kg:subjectEnd", "kg:objectStart", "kg:objectEnd")


class Nodes:
    """Terms and pairs of rows under one base IRI. Terms of ids are remembered, as many as memory allows."""

    def __init__(self, syntax: Syntax, base: str, *, rdf12: bool = False) -> None:
        self.syntax, self._base, self._rdf12 = syntax, base, rdf12
        self.text = syntax.text
        self.entity = lru_cache(maxsize=200_000)(self._entity)
        self.paper = lru_cache(maxsize=20_000)(self._paper)
        self.number = lru_cache(maxsize=20_000)(self._number)
        self.integer = lru_cache(maxsize=20_000)(self._integer)
        self.flag = {True: syntax.typed("true", "boolean"), False: syntax.typed("false", "boolean")}

    # --- terms ------------------------------------------------------------------------------------------------------

    def thing(self, room: str, identifier: str) -> str:
        """The term of a statement, result, evidence, graph, author, venue, repository or extractor."""
        if identifier.isalnum() and identifier.isascii():  # a hash: nothing to encode, and there are many
            return self.syntax.iri(f"{self._base}{room}/{identifier}")
        return self.syntax.iri(vocab.node_iri(self._base, room, identifier))

    def node(self, node_id: str) -> str:
        """The term of an author, venue or repository by its node id."""
        room, _, key = node_id.partition("/")
        return self.thing(room, key)

    def address(self, address: str) -> str:
        """An address of a text or of metadata: an IRI if it can be one, else a string."""
        iri = web_iri(address)
        return self.syntax.iri(iri) if iri else self.text(address)

    def _entity(self, entity_id: str) -> str:
        return self.syntax.iri(vocab.entity_iri(self._base, entity_id))

    def _paper(self, paper_id: str) -> str:
        return self.syntax.iri(vocab.node_iri(self._base, "paper", paper_id))

    def _integer(self, value: int) -> str:
        return self.syntax.typed(str(value), "integer")

    def _number(self, value: float) -> str | None:
        written = number(value)
        return self.syntax.typed(*written) if written else None

    def _numbers(self, **values: float | None) -> PairList:
        return [
            (f"kg:{name}", term) for name, value in values.items() if value is not None and (term := self.number(value))
        ]

    # --- rows -------------------------------------------------------------------------------------------------------

    def of_entity(self, row: EntityRow) -> PairList:
        """Types, names, addresses."""
        text, name = self.text, self.text(row.name)
        pairs = [(TYPE, self.syntax.name(f"kg:{row.type}")), (TYPE, self.syntax.name("kg:Entity"))]
        pairs += [("skos:prefLabel", name), ("rdfs:label", name)]
        pairs += [("skos:altLabel", text(alias)) for alias in row.aliases]
        pairs += [("dcterms:identifier", text(row.id)), ("kg:kind", text(row.kind))]
        pairs += [("kg:paperCount", self.integer(row.papers))]
        pairs += [("schema:url", self.address(link)) for link in row.links]
        return once(pairs)

    def of_paper(self, paper: Paper, roles: Sequence[tuple[Any, ...]], links: Sequence[str]) -> PairList:
        """What a paper says of itself, which also stands in its named graph: type, title, date, metadata, roles."""
        name = self.syntax.name
        pairs = [(TYPE, name("kg:Paper")), (TYPE, name("schema:ScholarlyArticle"))]
        pairs += [("dcterms:title", self.text(paper.title)) if paper.title else ("rdfs:label", self.text(paper.id))]
        if paper.date:
            typed = dated(paper.date, paper.date_precision)
            pairs += [("dcterms:issued", self.syntax.typed(*typed) if typed else self.text(paper.date))]
        for predicate, key, _ in metadata_of(paper, links):
            room = next(iter(vocab.METADATA[predicate].range)).lower()
            pairs.append((f"kg:{predicate}", self.thing(room, key)))
        pairs += [(f"kg:{predicate}", self.entity(object_)) for _, predicate, object_ in roles]
        return pairs

    def more_of_paper(self, paper: Paper) -> PairList:
        """What else is known of a paper: abstract, ids, sources, addresses."""
        pairs = [("rdfs:label", self.text(paper.title))] if paper.title else []
        pairs += [("dcterms:abstract", self.text(paper.abstract))] if paper.abstract else []
        pairs += [("dcterms:identifier", self.text(paper.id))]
        pairs += [("kg:sourceId", self.text(id_)) for id_ in paper.source_ids]
        pairs += [("kg:source", self.text(source)) for source in paper.sources]
        pairs += [("schema:url", self.address(url)) for url in paper.urls]
        return once(pairs)

    def of_result(self, row: ResultRow) -> PairList:
        """Ends and values of a result; the value verbatim is a string, what it amounts to are numbers."""
        pairs = [(TYPE, self.syntax.name("kg:Result"))]
        for column, edge in vocab.RESULT_EDGES.items():
            if end := getattr(row, column):
                pairs.append((f"kg:{edge.name}", self.paper(end) if column == "paper" else self.entity(end)))
        pairs += [("kg:value", self.text(row.value)), ("kg:mode", self.text(row.mode))]
        pairs += [("kg:unit", self.text(row.unit))] if row.unit else []
        pairs += self._numbers(low=row.low, high=row.high, confidence=row.confidence)
        if row.higher_is_better is not None:
            pairs.append(("kg:higherIsBetter", self.flag[row.higher_is_better]))
        return pairs

    def of_evidence(self, paper: Paper, text: str, row: tuple[Any, ...]) -> PairList:
        """The sentence, where it stands, where the two ends stand in it, and who found it.

        `row` is (start, end, subject start, subject end, object start, object end, extractor, score).
        """
        start, end, *spans, extractor, score = row
        pairs = [(TYPE, self.syntax.name("kg:Evidence")), ("prov:wasQuotedFrom", self.paper(paper.id))]
        pairs += [("kg:quote", self.text(text[start:end]))]
        pairs += [("kg:start", self.integer(start)), ("kg:end", self.integer(end))]
        pairs += [(name, self.integer(at)) for name, at in zip(_SPANS, spans, strict=True) if at is not None]
        pairs += [("prov:wasAttributedTo", self.thing("extractor", extractor))]
        return pairs + self._numbers(score=score)

    def of_statement(self, support: int, confidence: float, evidence: Iterable[str]) -> PairList:
        """How often and how surely something is said, and where (evidence ids)."""
        pairs = [("kg:support", self.integer(support)), *self._numbers(confidence=confidence)]
        return pairs + self.evidence(evidence)

    def of_metadata(self, node: Node) -> PairList:
        """Type and name of an author, venue or repository."""
        pairs = [(TYPE, self.syntax.name(f"kg:{node.label}")), ("rdfs:label", self.text(node.name))]
        return [*pairs, ("schema:url", self.address(str(node.props["url"])))] if "url" in node.props else pairs

    def evidence(self, ids: Iterable[str]) -> PairList:
        """The links to evidence nodes."""
        return [("kg:evidence", self.thing("evidence", id_)) for id_ in ids]

    def statement(
        self, id_: str, triple: Triple, pairs: Pairs, *, negated: bool, assert_: bool, graph: str | None = None
    ) -> str:
        """The kg:Statement about a triple, and with `assert_` the plain triple before it."""
        statement = self.thing("statement", id_)
        pairs = [*([("kg:negated", self.flag[True])] if negated else []), *pairs]
        type_ = (TYPE, self.syntax.name("kg:Statement"))
        if self._rdf12:
            syntax = cast(Syntax12, self.syntax)
            if assert_:
                return syntax.annotated(statement, triple, [type_, *pairs])
            return syntax.reified(statement, triple, [type_, *pairs], graph)
        parts = [("rdf:subject", triple[0]), ("rdf:predicate", self.syntax.name(triple[1])), ("rdf:object", triple[2])]
        plain = self.syntax.node(triple[0], [triple[1:]], graph) if assert_ else ""
        return plain + self.syntax.node(statement, [type_, *parts, *pairs], graph)


def once(pairs: Iterable[tuple[str, str]]) -> PairList:
    """The pairs without repetition: two addresses may become one IRI, two aliases one cleaned string."""
    return list(dict.fromkeys(pairs))
