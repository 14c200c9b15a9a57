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

from kg.train.network import Network, Size

OPSET = 20
EPSILON = 1e-12
FUSED = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""
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
        return self.add("DynamicQuantizeMatMul", [source, *self.quantised(name, matrix), shift], name, FUSED)

    def quantised(self, name: str, matrix: NDArray[np.float32]) -> tuple[str, str, str]:
        """The matrix in int8, its scales, its zeros."""
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-8) / LARGEST
        weight = self.weight(name + ".w8", np.rint(matrix / scale).astype(np.int8))
        scales = self.weight(name + ".scale", scale.astype(np.float32))
        return weight, scales, self.weight(name + ".zero", np.zeros(len(scale), dtype=np.int8))


def encoder_graph(network: Network, *, int8: bool) -> onnx.ModelProto:
    """The encoder for one text: `ids`, `shape`, `lexicon`, `position` `[pieces]` to `vectors` `[pieces, hidden]`.

    The convolutional encoder takes no `position`. Sums and layer norms are nodes of their own: the fused node of ONNX
    Runtime takes six times as long on a CPU (release 1.32), so a session should not fuse them again.
    """
    size, graph = network.size, Graph()
    w = {name: p.detach().numpy() for name, p in network.encoder.state_dict().items()}
    names = _convolutions(graph, w, size, int8=int8) if size.dilations else _transformer(graph, w, size, int8=int8)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["pieces"]) for name in names]
    output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["pieces", size.hidden])
    made = helper.make_graph(graph.nodes, "encoder", inputs, [output], graph.weights)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(made, opset_imports=opsets, producer_name="kg")
    model.ir_version = 9
    return model


def _pieces(graph: Graph, w: Mapping[str, NDArray[np.float32]]) -> str:
    """The vectors of the word pieces, from a table in int8 with one scale a row."""
    scale = np.maximum(np.abs(w["word.weight"]).max(axis=1, keepdims=True), 1e-8) / 127
    table = graph.weight("word.int8", np.rint(w["word.weight"] / scale).astype(np.int8))
    picked = graph.add("Cast", [graph.add("Gather", [table, "ids"], "word8")], "word32", to=TensorProto.FLOAT)
    scales = graph.add("Gather", [graph.weight("word.scale", scale.astype(np.float32)), "ids"], "scale")
    return graph.add("Mul", [picked, scales], "word")


def _added(graph: Graph, w: Mapping[str, NDArray[np.float32]], source: str, names: Sequence[str]) -> str:
    """`source` with the embeddings of these inputs added, normalised."""
    for name in names:
        picked = graph.add("Gather", [graph.weight(f"{name}.table", w[f"{name}.weight"]), name], f"{name}.picked")
        source = graph.add("Add", [source, picked], f"{name}.added")
    return _norm(graph, w, source, "norm")


def _norm(graph: Graph, w: Mapping[str, NDArray[np.float32]], source: str, name: str) -> str:
    gain, shift = graph.weight(f"{name}.w", w[f"{name}.weight"]), graph.weight(f"{name}.b", w[f"{name}.bias"])
    return graph.add("LayerNormalization", [source, gain, shift], f"{name}.out", axis=-1, epsilon=EPSILON)


def _linear(graph: Graph, w: Mapping[str, NDArray[np.float32]], source: str, name: str, *, int8: bool) -> str:
    shift = graph.weight(f"{name}.b", w[f"{name}.bias"])
    return graph.product(name, source, w[f"{name}.weight"].T, shift, int8=int8)


def _transformer(graph: Graph, w: Mapping[str, NDArray[np.float32]], size: Size, *, int8: bool) -> tuple[str, ...]:
    inputs = ("ids", "shape", "lexicon", "position")
    flat = _added(graph, w, _pieces(graph, w), inputs[1:])
    x = graph.add("Unsqueeze", [flat, graph.weight("zero", np.array([0], dtype=np.int64))], "x0")
    for i in range(size.layers):
        base = f"layer.{i}."
        qkv = _linear(graph, w, x, base + "qkv", int8=int8)
        names = [base + part for part in "qkv"]
        names[0] += ".part"
        split = graph.weight(base + "split", np.array([size.hidden] * 3, dtype=np.int64))
        graph.nodes.append(helper.make_node("Split", [qkv, split], names, name=base + "split", axis=-1))
        seen = graph.add("MultiHeadAttention", names, base + "seen", FUSED, num_heads=size.heads)
        seen = _linear(graph, w, seen, base + "out", int8=int8)
        x = _norm(graph, w, graph.add("Add", [x, seen], base + "sum1"), base + "norm1")
        inner = graph.add("Gelu", [_linear(graph, w, x, base + "up", int8=int8)], base + "gelu", approximate="tanh")
        inner = _linear(graph, w, inner, base + "down", int8=int8)
        x = _norm(graph, w, graph.add("Add", [x, inner], base + "sum2"), base + "norm2")
    graph.add("Squeeze", [x, "zero"], "vectors")
    return inputs


def _convolutions(graph: Graph, w: Mapping[str, NDArray[np.float32]], size: Size, *, int8: bool) -> tuple[str, ...]:
    inputs = ("ids", "shape", "lexicon")
    x = _added(graph, w, _linear(graph, w, _pieces(graph, w), "widen", int8=int8), inputs[1:])
    zero, far_end = graph.weight("zero", np.array([0], np.int64)), graph.weight("end", np.array([1 << 40], np.int64))
    for i, dilation in enumerate(size.dilations):
        base = f"layer.{i}."
        if i == size.layers_before_context:
            whole = graph.add("ReduceMean", [x, zero], "whole", keepdims=1)
            x = graph.add("Add", [x, _linear(graph, w, whole, "context", int8=False)], "with.context")
        # Quantised before it is laid three times side by side: the same numbers, a quarter of the bytes to move.
        rows, scale, nought = _dynamic(graph, x, base) if int8 else (x, "", "")
        pads = graph.weight(base + "pads", np.array([dilation, 0, dilation, 0], np.int64))
        wide = graph.add("Pad", [rows, pads, nought] if int8 else [rows, pads], base + "wide")
        last = graph.weight(base + "last", np.array([-2 * dilation], np.int64))
        first = graph.weight(base + "first", np.array([2 * dilation], np.int64))
        left = graph.add("Slice", [wide, zero, last, zero], base + "left")
        right = graph.add("Slice", [wide, first, far_end, zero], base + "right")
        around = graph.add("Concat", [left, rows, right], base + "around", axis=1)
        if int8:
            matrix, scales, zeros = graph.quantised(base + "up", w[base + "up.weight"].T)
            shift = graph.weight(base + "up.b", w[base + "up.bias"])
            given = [around, matrix, scale, scales, nought, zeros, shift]
            inner = graph.add("MatMulIntegerToFloat", given, base + "up", FUSED)
        else:
            inner = _linear(graph, w, around, base + "up", int8=False)
        inner = graph.add("Relu", [inner], base + "relu")
        inner = _linear(graph, w, inner, base + "down", int8=int8)
        x = _norm(graph, w, graph.add("Add", [x, inner], base + "sum"), base + "norm")
    mean = graph.add("ReduceMean", [x, zero], "mean", keepdims=1)
    one = graph.weight("one", np.array([1], np.int64))
    rest = graph.add("Slice", [x, one, far_end, zero], "rest")
    graph.add("Concat", [mean, rest], "vectors", axis=0)
    return inputs


def _dynamic(graph: Graph, source: str, base: str) -> tuple[str, str, str]:
    """`source` in uint8 by the scale of this text, the scale, and what stands for zero."""
    names = (base + "q", base + "q.scale", base + "q.zero")
    graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [source], list(names), name=base + "quantise"))
    return names


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
