// Constraints and indexes of the property graph in Neo4j 5 and later, Community edition.
// `kg load` runs them; after a bulk import run this file with cypher-shell, or `kg load`, which finds nothing else to do.
//
// kg_key: 24 hexadecimal digits on each node and relationship that kg made. The constraints stand on it and not on id,
//   so that nodes of other people under the same labels are neither found nor bound by them.
// id: bounded at 211 characters by construction. Names, titles and the like have no bound, and a range index refuses
//   values of more than about 8 kB, so they stand in a full-text index only:
//   CALL db.index.fulltext.queryNodes('kg_names', 'lora') YIELD node, score

CREATE CONSTRAINT kg_entity_key IF NOT EXISTS FOR (n:Entity) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_paper_key IF NOT EXISTS FOR (n:Paper) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_method_key IF NOT EXISTS FOR (n:Method) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_model_key IF NOT EXISTS FOR (n:Model) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_dataset_key IF NOT EXISTS FOR (n:Dataset) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_metric_key IF NOT EXISTS FOR (n:Metric) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_task_key IF NOT EXISTS FOR (n:Task) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_result_key IF NOT EXISTS FOR (n:Result) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_author_key IF NOT EXISTS FOR (n:Author) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_venue_key IF NOT EXISTS FOR (n:Venue) REQUIRE n.kg_key IS UNIQUE;
CREATE CONSTRAINT kg_repository_key IF NOT EXISTS FOR (n:Repository) REQUIRE n.kg_key IS UNIQUE;

CREATE INDEX kg_paper_id IF NOT EXISTS FOR (n:Paper) ON (n.id);
CREATE INDEX kg_method_id IF NOT EXISTS FOR (n:Method) ON (n.id);
CREATE INDEX kg_model_id IF NOT EXISTS FOR (n:Model) ON (n.id);
CREATE INDEX kg_dataset_id IF NOT EXISTS FOR (n:Dataset) ON (n.id);
CREATE INDEX kg_metric_id IF NOT EXISTS FOR (n:Metric) ON (n.id);
CREATE INDEX kg_task_id IF NOT EXISTS FOR (n:Task) ON (n.id);
CREATE INDEX kg_result_id IF NOT EXISTS FOR (n:Result) ON (n.id);
CREATE INDEX kg_author_id IF NOT EXISTS FOR (n:Author) ON (n.id);
CREATE INDEX kg_venue_id IF NOT EXISTS FOR (n:Venue) ON (n.id);
CREATE INDEX kg_repository_id IF NOT EXISTS FOR (n:Repository) ON (n.id);
CREATE INDEX kg_entity_id IF NOT EXISTS FOR (n:Entity) ON (n.id);

CREATE FULLTEXT INDEX kg_names IF NOT EXISTS
  FOR (n:Paper|Method|Model|Dataset|Metric|Task|Author|Venue|Repository) ON EACH [n.name, n.aliases];
