"""Write a trained network as a model directory: encoder as int8 ONNX, heads as an npz, vocabulary, settings.

The encoder's graph is written node by node, so that the file depends on the weights alone. Matrices are quantised with
one scale a column and seven bits, which keeps every processor's int8 kernels from saturating; activations get their
scale at run time from the one text that is read.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kg.train.network import Network

OPSET = 17
EPSILON = 1e-12
LARGEST = 63
"""Seven bits: products of two neighbours fit into 16 bits on processors without VNNI."""


class Graph:
    """Collects nodes and weights."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, array: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, op: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=output, domain=domain, **attributes))
        return output

    def product(self, name: str, source: str, matrix: NDArray[np.float32], shift: str, *, int8: bool) -> str:
        """`source @ matrix + shift` ("" for no shift), the matrix in int8 with a scale a column if so wished."""
        if not int8:
            flat = self.add("MatMul", [source, self.weight(name + ".w", matrix)], name)
            return self.add("Add", [flat, shift], name + ".shifted") if shift else flat
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-8) / LARGEST
        weight = self.weight(name + ".w8", np.rint(matrix / scale).astype(np.int8))
        scales = self.weight(name + ".scale", scale.astype(np.float32))
        zero = self.weight(name + ".zero", np.zeros(len(scale), dtype=np.int8))
        return self.add("DynamicQuantizeMatMul", [source, weight, scales, zero, shift], name, "com.microsoft")


def encoder_graph(network: Network, *, int8: bool) -> onnx.ModelProto:
    """The encoder for one text: `ids`, `shape`, `lexicon`, `position` `[pieces]` to `vectors` `[pieces, hidden]`."""
    size, graph, fused = network.size, Graph(), "com.microsoft"
    w = {name: p.detach().numpy() for name, p in network.encoder.state_dict().items()}
    scale = np.maximum(np.abs(w["word.weight"]).max(axis=1, keepdims=True), 1e-8) / 127
    table = graph.weight("word.int8", np.rint(w["word.weight"] / scale).astype(np.int8))
    picked = graph.add("Cast", [graph.add("Gather", [table, "ids"], "word8")], "word32", to=TensorProto.FLOAT)
    scales = graph.add("Gather", [graph.weight("word.scale", scale.astype(np.float32)), "ids"], "scale")
    parts = [graph.add("Mul", [picked, scales], "word")]
    parts.extend(
        graph.add("Gather", [graph.weight(f"{name}.table", w[f"{name}.weight"]), name], f"{name}.picked")
        for name in ("position", "shape", "lexicon")
    )
    flat = parts[0]
    for number, part in enumerate(parts[1:]):
        flat = graph.add("Add", [flat, part], f"sum{number}")
    gain, shift = graph.weight("norm.w", w["norm.weight"]), graph.weight("norm.b", w["norm.bias"])
    normed = graph.add("LayerNormalization", [flat, gain, shift], "embedded", axis=-1, epsilon=EPSILON)
    x = graph.add("Unsqueeze", [normed, graph.weight("zero", np.array([0], dtype=np.int64))], "x0")
    for i in range(size.layers):
        base = f"layer.{i}."

        def bias(name: str, base: str = base) -> str:
            return graph.weight(f"{base}{name}.b", w[f"{base}{name}.bias"])

        def linear(name: str, source: str, shift: str = "", base: str = base) -> str:
            matrix = w[f"{base}{name}.weight"].T
            return graph.product(base + name, source, matrix, shift, int8=int8)

        def norm(left: str, right: str, name: str, added: str, base: str = base) -> str:
            gain = graph.weight(f"{base}{name}.w", w[f"{base}{name}.weight"])
            shift = graph.weight(f"{base}{name}.b", w[f"{base}{name}.bias"])
            inputs = [left, right, gain, shift, bias(added)]
            return graph.add("SkipLayerNormalization", inputs, base + name, fused, epsilon=EPSILON)

        qkv = linear("qkv", x, bias("qkv"))
        names = [base + part for part in "qkv"]
        split = graph.weight(base + "split", np.array([size.hidden] * 3, dtype=np.int64))
        graph.nodes.append(helper.make_node("Split", [qkv, split], names, name=base + "split", axis=-1))
        seen = graph.add("MultiHeadAttention", names, base + "seen", fused, num_heads=size.heads)
        x = norm(x, linear("out", seen), "norm1", "out")
        inner = graph.add("BiasGelu", [linear("up", x), bias("up")], base + "gelu", fused)
        x = norm(x, linear("down", inner), "norm2", "down")
    graph.add("Squeeze", [x, "zero"], "vectors")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["pieces"])
        for name in ("ids", "shape", "lexicon", "position")
    ]
    output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["pieces", size.hidden])
    made = helper.make_graph(graph.nodes, "encoder", inputs, [output], graph.weights)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(fused, 1)]
    model = helper.make_model(made, opset_imports=opsets, producer_name="kg")
    model.ir_version = 9
    return model


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """An npz whose bytes depend on the arrays alone (numpy's own carries the clock)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue())


def export(
    network: Network, vocabulary: Sequence[str], out: Path, settings: Mapping[str, Any], *, int8: bool = True
) -> None:
    """Write the model directory `out`; `settings` become `config.json`."""
    out.mkdir(parents=True, exist_ok=True)
    network.eval()
    onnx.save(encoder_graph(network, int8=int8), out / "encoder.onnx")
    weights = {name: p.detach().numpy().astype(np.float16) for name, p in network.heads.state_dict().items()}
    write_arrays(out / "heads.npz", weights)
    (out / "vocab.txt").write_text("".join(f"{piece}\n" for piece in vocabulary), encoding="utf-8")
    write_settings(out, settings)


def write_settings(out: Path, settings: Mapping[str, Any]) -> None:
    """Write `config.json`, keys sorted."""
    text = json.dumps(dict(settings), indent=1, sort_keys=True, ensure_ascii=False)
    (out / "config.json").write_text(text + "\n", encoding="utf-8")
