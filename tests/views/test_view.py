"""The page as a file: the same bytes each time, nothing foreign in it, the right part of the graph, errors in words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from query.drafts import Draft

from kg.errors import AmbiguousError, GraphError, NotFoundError, OutputError, UsageError
from kg.store import GraphDir
from kg.views import view
from kg.views.page import label
from kg.views.palette import LOOKS
from kg.vocab import NODE_TYPES


def test_the_same_graph_gives_the_same_bytes_in_another_process(kite_graph: GraphDir, tmp_path: Path) -> None:
    view(kite_graph, tmp_path / "a.html", around="KiteLM", hops=2)
    paths = f"{str(kite_graph.path)!r}, {str(tmp_path / 'b.html')!r}"
    code = f"from kg.views import view; view({paths}, around='KiteLM', hops=2)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONHASHSEED": "7", "LC_ALL": "C", "PATH": ""})
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_page_loads_nothing_and_names_no_path(kite_graph: GraphDir, tmp_path: Path) -> None:
    view(kite_graph, tmp_path / "v.html")
    text = (tmp_path / "v.html").read_bytes().decode("utf-8")
    own = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert [address for address in re.findall(r"(?:src|href)\s*=\s*(\S+)", own) if "data:" not in address] == []
    assert "default-src 'none'" in own
    assert "sourceMappingURL" not in text
    assert str(tmp_path) not in text
    assert "bootstrap" not in own.casefold()


def test_of_too_many_nodes_the_best_supported_are_kept_and_the_rest_counted(tmp_path: Path) -> None:
    draft = Draft()
    hub = draft.entity("Hub", "Model")
    for i in range(40):
        name = f"Spoke{i:02}"
        spoke = draft.entity(name, "Method")
        for j in range(1 + (i % 4 == 0)):
            paper = draft.paper(f"p{i}-{j}", f"On {name}", f"{name} is applied to Hub.")
            draft.role(paper, "introduces", spoke)
            draft.role(paper, "uses", hub)
            draft.says(paper, spoke, "appliedTo", hub)
    graph = draft.write(tmp_path / "hub.kg")
    report = view(graph, tmp_path / "v.html", limit=11)
    text = (tmp_path / "v.html").read_text(encoding="utf-8")
    assert (report.nodes, report.edges, report.left_out) == (11, 10, 30)
    assert "30 less supported nodes are left out" in text
    assert all(f"Spoke{i:02}" in text for i in range(0, 40, 4))
    near = view(graph, tmp_path / "w.html", around="Hub", types=["method"], limit=6)
    assert (near.nodes, near.edges, near.left_out) == (6, 5, 35)


def test_hops_and_types_choose_the_part(kite_graph: GraphDir, tmp_path: Path) -> None:
    out = tmp_path / "v.html"
    assert view(kite_graph, out, around="KiteLM", hops=0).nodes == 1
    one = view(kite_graph, out, around="KiteLM", hops=1).nodes
    assert one < view(kite_graph, out, around="KiteLM", hops=2).nodes
    only = view(kite_graph, out, around="KiteLM", hops=3, types=["Method", "Model"]).nodes
    assert only < view(kite_graph, out, around="KiteLM", hops=3).nodes
    assert view(kite_graph, out, types=["Task"]).nodes == 1
    assert view(kite_graph, out, types=["Paper"]).nodes == 3
    assert view(kite_graph, out, around="p1").nodes > 5


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"limit": 0}, UsageError),
        ({"limit": 1_001}, UsageError),
        ({"hops": -1}, UsageError),
        ({"types": ["Person"]}, UsageError),
        ({"around": "Nobody"}, NotFoundError),
        ({"around": "KRA"}, AmbiguousError),
    ],
)
def test_what_cannot_be_drawn_is_an_error_and_no_file(
    kite_graph: GraphDir, tmp_path: Path, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        view(kite_graph, tmp_path / "v.html", **options)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_a_directory_is_refused(kite_graph: GraphDir, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        view(kite_graph, tmp_path)
    with pytest.raises(OutputError):
        view(kite_graph, tmp_path / "missing" / "v.html")
    with pytest.raises(GraphError):
        view(tmp_path, tmp_path / "v.html")
    assert list(tmp_path.iterdir()) == []


def test_every_type_of_node_has_a_look_of_its_own() -> None:
    assert set(LOOKS) == set(NODE_TYPES)
    assert len({look.fill for look in LOOKS.values()}) == len(LOOKS)
    assert len({(look.fill, look.shape) for look in LOOKS.values()}) == len(LOOKS)


@pytest.mark.parametrize(
    "name", ["", " ", "a", "x" * 500, "two words", "a name of a great many short words indeed", "\n\t"]
)
def test_a_label_has_at_most_two_short_lines(name: str) -> None:
    lines = label(name).split("\n")
    assert 1 <= len(lines) <= 2
    assert all(1 <= len(line) <= 22 for line in lines)
