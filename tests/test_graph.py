"""The property graph: one projection, streamed or as networkx."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import networkx
import pytest

import kg
import kg.graph
from kg import vocab
from kg.errors import GraphError, NotFoundError, UsageError
from kg.graph import EDGE_PROPERTIES, NODE_PROPERTIES, load, name_key, repository
from tests.export.rows import NASTY_IDS, Rows, kites, nasty


@pytest.fixture(scope="module")
def kite_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kites().write(tmp_path_factory.mktemp("graphs") / "kites.kg")


@pytest.fixture(scope="module")
def nasty_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return nasty().write(tmp_path_factory.mktemp("graphs") / "nasty.kg")


def test_nodes_are_everything_once(kite_graph: Path) -> None:
    """Every paper, entity and result, and each author, venue and repository under one id."""
    nodes = list(kg.load(kite_graph).nodes())
    assert Counter(node.label for node in nodes) == {
        "Paper": 2, "Model": 3, "Dataset": 2, "Metric": 1, "Task": 1, "Method": 2,
        "Result": 1, "Author": 2, "Venue": 1, "Repository": 1,
    }  # fmt: skip
    assert len({node.id for node in nodes}) == len(nodes)
    assert {node.id for node in nodes} >= {
        "paper/oak", "model/kitenet", "author/ada reed", "venue/workshop on leaves",
        "repository/https://github.com/kites/KiteNet",
    }  # fmt: skip


def test_properties_are_those_that_the_module_names(nasty_graph: Path) -> None:
    """No node or edge has a property that NODE_PROPERTIES or EDGE_PROPERTIES does not name, or of another type."""
    graph = load(nasty_graph)
    for node in graph.nodes():
        for name, value in node.props.items():
            assert type(value) is NODE_PROPERTIES[node.label][name]
    for edge in graph.edges():
        assert set(EDGE_PROPERTIES) - set(edge.props) == (set() if edge.type == vocab.DENIES else {"predicate"})
        for name, value in edge.props.items():
            assert type(value) is EDGE_PROPERTIES[name]


def test_edges_are_statements_results_and_metadata(kite_graph: Path) -> None:
    """Each edge joins nodes that are there; ids are unique; a denial is DENIES with its predicate."""
    graph = load(kite_graph)
    nodes = {node.id for node in graph.nodes()}
    edges = list(graph.edges())
    assert {end for edge in edges for end in (edge.source, edge.target)} <= nodes
    assert len({edge.id for edge in edges}) == len(edges)
    assert Counter(edge.type for edge in edges) == {
        "introduces": 1, "comparesWith": 2, "mentions": 1, "evaluatesOn": 2, "measures": 1, "uses": 2, "trainsOn": 1,
        "addresses": 1, "outperforms": 1, "evaluatedOn": 1, "basedOn": 1, "usedFor": 1, "subclassOf": 1, "DENIES": 1,
        "resultOf": 1, "onMetric": 1, "onDataset": 1, "reportedIn": 1, "authoredBy": 3, "publishedIn": 1,
        "hasRepository": 1,
    }  # fmt: skip
    (denial,) = (edge for edge in edges if edge.type == "DENIES")
    assert denial.props["predicate"] == "outperforms"


def test_an_edge_says_where_it_is_said(kite_graph: Path) -> None:
    """`papers` and `evidence` (paper:start-end, code points) lead to the sentences."""
    graph = load(kite_graph)
    (edge,) = (edge for edge in graph.edges() if edge.type == "outperforms")
    assert edge.props["support"] == 2
    assert edge.props["papers"] == ("2401.00010", "oak")
    evidence = edge.props["evidence"]
    assert isinstance(evidence, tuple)
    for place in evidence:
        paper, _, span = place.rpartition(":")
        start, end = map(int, span.split("-"))
        assert graph.dir.text_of(paper)[start:end] == "KiteNet outperforms OakNet on PondSet."
    assert len(evidence) == 2


def test_evidence_of_an_edge_is_at_most_twenty(tmp_path: Path) -> None:
    rows = Rows()
    rows.entity("model/a", "Model", "A")
    rows.entity("model/b", "Model", "B")
    for number in range(25):
        rows.paper(f"p{number:02}", "T", "A beats B.")
    rows.say("model/a", "outperforms", "model/b", *((f"p{number:02}", "A beats B.") for number in range(25)))
    (edge,) = load(rows.write(tmp_path / "g")).edges()
    assert edge.props["evidence"] == tuple(f"p{number:02}:2-12" for number in range(20))
    assert edge.props["papers"] == tuple(f"p{number:02}" for number in range(25))


def test_pages_do_not_show(kite_graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows are read at a time, the edges are the same in the same order."""
    before = list(load(kite_graph).edges())
    for size in (1, 2, 5):
        monkeypatch.setattr(kg.graph, "PAGE", size)
        assert list(load(kite_graph).edges()) == before


def test_networkx_holds_the_same(nasty_graph: Path) -> None:
    """Nodes by id, edges keyed by predicate, the same attributes."""
    graph = load(nasty_graph)
    view = graph.to_networkx()
    assert isinstance(view, networkx.MultiDiGraph)
    assert {(node.id, node.name, node.label) for node in graph.nodes()} == {
        (id_, data["name"], data["type"]) for id_, data in view.nodes(data=True)
    }
    assert {(edge.source, edge.target, edge.type, edge.id) for edge in graph.edges()} == {
        (source, target, key, data["id"]) for source, target, key, data in view.edges(keys=True, data=True)
    }
    assert {f"paper/{id_}" for id_ in NASTY_IDS} <= set(view)


def test_two_denials_between_the_same_things_are_two_edges(tmp_path: Path) -> None:
    rows = Rows()
    rows.paper("p", "T", "A is neither based on B nor better.")
    rows.entity("model/a", "Model", "A")
    rows.entity("model/b", "Model", "B")
    for predicate in ("basedOn", "outperforms"):
        rows.say("model/a", predicate, "model/b", ("p", "A is neither"), negated=True)
    view = load(rows.write(tmp_path / "g")).to_networkx()
    found = {data["predicate"]: data["type"] for *_, data in view.edges(data=True)}
    assert found == {"basedOn": "DENIES", "outperforms": "DENIES"}


@pytest.mark.parametrize(
    ("around", "hops", "types", "expected"),
    [
        ("method/magnitude pruning", 0, (), {"method/magnitude pruning"}),
        ("method/magnitude pruning", 1, (), {"method/magnitude pruning", "method/pruning"}),
        ("method/magnitude pruning", 2, (), {"method/magnitude pruning", "method/pruning", "paper/oak"}),
        ("method/magnitude pruning", 2, ("Method",), {"method/magnitude pruning", "method/pruning"}),
        ("venue/workshop on leaves", 1, (), {"venue/workshop on leaves", "paper/2401.00010"}),
        ("author/bo sedge", 2, ("Paper", "Author"), {"author/bo sedge", "paper/2401.00010", "author/ada reed"}),
        ("model/kitenet", 1, ("Model",), {"model/kitenet", "model/oaknet", "model/elmnet"}),
    ],
)
def test_a_part_is_what_lies_around(
    kite_graph: Path, around: str, hops: int, types: tuple[str, ...], expected: set[str]
) -> None:
    """Nodes within so many edges, in either direction, and all edges between them."""
    graph = load(kite_graph)
    part = graph.to_networkx(around=around, hops=hops, types=types)
    assert set(part) == expected
    whole = graph.to_networkx()
    assert set(part.edges(keys=True)) == {
        (a, b, key) for a, b, key in whole.edges(keys=True) if a in expected and b in expected
    }
    for node in part:
        assert part.nodes[node] == whole.nodes[node]


@pytest.mark.parametrize("around", ["paper/oak", "r", "model/oaknet"])
def test_a_part_is_the_ego_graph_of_the_whole(kite_graph: Path, around: str) -> None:
    """Up to three hops it is what networkx finds in the whole."""
    graph = load(kite_graph)
    whole = graph.to_networkx()
    if around == "r":
        around = next(node for node in whole if whole.nodes[node]["type"] == "Result")
    for hops in range(4):
        expected = networkx.ego_graph(whole, around, radius=hops, undirected=True)
        assert set(graph.to_networkx(around=around, hops=hops)) == set(expected)


def test_types_alone_keep_nodes_of_these_types(kite_graph: Path) -> None:
    view = load(kite_graph).to_networkx(types=["Model"])
    assert set(view) == {"model/kitenet", "model/oaknet", "model/elmnet"}
    assert view.number_of_edges() == 3


def test_what_is_not_there_is_an_error(kite_graph: Path, tmp_path: Path) -> None:
    graph = load(kite_graph)
    with pytest.raises(NotFoundError, match="model/none"):
        graph.to_networkx(around="model/none")
    with pytest.raises(UsageError, match="Modell"):
        graph.to_networkx(types=["Modell"])
    with pytest.raises(GraphError):
        load(tmp_path / "none")


def test_authors_are_one_by_name_and_venues_too(tmp_path: Path) -> None:
    """Names that differ in case or blanks only are one; names of nothing are none; the first spelling stays."""
    rows = Rows()
    rows.paper("a", "A", "a", authors=("Ada  Reed", "", "  ", "ADA REED"), venue=" ")
    rows.paper("b", "B", "b", authors=("ada reed",), venue="Leaf Days")
    graph = load(rows.write(tmp_path / "g"))
    found = {node.id: node.name for node in graph.nodes() if node.label in ("Author", "Venue")}
    assert found == {"author/ada reed": "Ada  Reed", "venue/leaf days": "Leaf Days"}
    assert Counter(edge.type for edge in graph.edges()) == {"authoredBy": 2, "publishedIn": 1}


def test_a_repository_is_what_the_paper_gives(tmp_path: Path) -> None:
    """An address in metadata, or one that the text gives for a thing that the paper introduces; not another's."""
    rows = Rows()
    rows.paper("a", "A", "Kite is at https://github.com/kites/kite.", urls=("https://gitlab.com/x/y",))
    rows.paper("b", "B", "Kite is nice.", urls=("https://a.example.org/x/y",))
    rows.entity("model/kite", "Model", "Kite", links=("https://github.com/kites/kite",))
    for paper in ("a", "b"):
        rows.say(paper, "introduces", "model/kite", (paper, "Kite"))
    edges = [e for e in load(rows.write(tmp_path / "g")).edges() if e.type == "hasRepository"]
    assert {(edge.source, edge.target) for edge in edges} == {
        ("paper/a", "repository/https://github.com/kites/kite"),
        ("paper/a", "repository/https://gitlab.com/x/y"),
    }


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("github.com/kites/kite", "https://github.com/kites/kite"),
        ("https://GitHub.com/kites/kite/", "https://github.com/kites/kite"),
        ("https://github.com/kites/kite.git", "https://github.com/kites/kite"),
        ("https://github.com/kites/kite#readme", "https://github.com/kites/kite"),
        ("https://huggingface.co/kites/kite-7b/tree/main", "https://huggingface.co/kites/kite-7b"),
        ("https://huggingface.co/datasets/kites/pond", "https://huggingface.co/datasets/kites/pond"),
        ("https://huggingface.co/papers/2401.00010", None),
        ("https://github.com/kites", None),
        ("https://kites.github.io/kite/x", None),
        ("https://notgithub.com/a/b", None),
        ("http://[::1", None),
        ("javascript://github.com/a/b", None),
        ("", None),
    ],
)
def test_addresses_of_repositories(address: str, expected: str | None) -> None:
    assert repository(address) == expected


def test_keys_are_bounded() -> None:
    """However long a name is, its key fits into an index."""
    assert len(name_key("x" * 9000)) == 200
