"""Example queries for the query page, about the best known things of the graph that is served."""

from __future__ import annotations

from dataclasses import dataclass

from kg.store import GraphDir
from kg.vocab import entity_iri


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    query: str


def examples(graph: GraphDir) -> list[Example]:
    """Queries with an answer where the graph has one; the first fits every graph."""
    found = [
        Example("How many things of each type", _COUNTS),
        Example("What outperforms what, and where it says so", _OUTPERFORMS),
        Example("Papers and what they introduce", _INTRODUCES),
    ]
    best = dict(graph.query("SELECT type, max_by(id, (papers, id)) FROM entities GROUP BY type"))
    names = dict(
        graph.query("SELECT id, name FROM entities WHERE id IN (SELECT unnest(?::VARCHAR[]))", [[*best.values()]])
    )
    for type_, title, query in _ABOUT:
        if type_ in best:
            iri = entity_iri(graph.manifest.base_iri, best[type_])
            found.append(Example(title.format(names[best[type_]]), query.replace("IRI", f"<{iri}>")))
    return found


_COUNTS = """SELECT ?type (COUNT(?thing) AS ?things) {
  ?thing a ?type
  FILTER(STRSTARTS(STR(?type), STR(kg:)))
} GROUP BY ?type ORDER BY DESC(?things)"""

_OUTPERFORMS = """SELECT ?winner ?loser ?paper ?sentence {
  ?statement rdf:predicate kg:outperforms ; rdf:subject ?winner ; rdf:object ?loser ; kg:evidence ?evidence .
  ?evidence kg:quote ?sentence ; prov:wasQuotedFrom ?paper .
  FILTER NOT EXISTS { ?statement kg:negated true }
} LIMIT 50"""

_INTRODUCES = """SELECT ?date ?title ?thing ?name {
  ?paper kg:introduces ?thing ; rdfs:label ?title .
  ?thing skos:prefLabel ?name .
  OPTIONAL { ?paper dcterms:issued ?date }
} ORDER BY DESC(?date) LIMIT 50"""

_ABOUT = (
    ("Model", "What is applied to {}", """SELECT ?method ?name {
  ?method kg:appliedTo IRI ; skos:prefLabel ?name .
} LIMIT 50"""),
    ("Dataset", "Results on {}", """SELECT ?name ?metric ?value ?paper {
  ?result kg:onDataset IRI ; kg:value ?value ; kg:reportedIn ?paper .
  OPTIONAL { ?result kg:resultOf/skos:prefLabel ?name }
  OPTIONAL { ?result kg:onMetric/skos:prefLabel ?metric ; kg:high ?high }
} ORDER BY ?metric DESC(?high) LIMIT 50"""),
    ("Task", "What is used for {}", """SELECT ?thing ?name {
  ?thing kg:usedFor IRI ; skos:prefLabel ?name .
} LIMIT 50"""),
    ("Method", "All that is said of {}", """CONSTRUCT { IRI ?p ?o . ?s ?q IRI } {
  { IRI ?p ?o } UNION { ?s ?q IRI }
} LIMIT 200"""),
)  # fmt: skip
