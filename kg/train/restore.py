"""A network out of a model directory: `kg.train.export` backwards, up to what int8 and half precision have rounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from kg.errors import ModelError
from kg.train.network import Network, Size

Arrays = dict[str, NDArray[Any]]


def restore(directory: Path) -> tuple[Network, list[str]]:
    """The network whose weights are in `directory`, and its word pieces. Raises ModelError."""
    try:
        model = onnx.load(directory / "encoder.onnx")
        vocabulary = (directory / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
        with np.load(directory / "heads.npz", allow_pickle=False) as file:
            heads: Arrays = {name: file[name].astype(np.float32) for name in file.files}
    except (OSError, ValueError, onnx.onnx_cpp2py_export.checker.ValidationError) as error:
        raise ModelError(f"{directory}: no model to go on from ({error})") from error
    stored: Arrays = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    attention = [node for node in model.graph.node if node.op_type == "MultiHeadAttention"]
    size = _size(stored, heads, attention[0].attribute[0].i if attention else 0)
    network = Network(size)
    weights = {f"encoder.{name}": array for name, array in _encoder(stored).items()}
    weights |= {f"heads.{name}": array for name, array in heads.items()}
    try:
        network.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    except RuntimeError as error:
        raise ModelError(f"{directory}: its weights are not those of a network of this version ({error})") from error
    return network, vocabulary


def _size(stored: Arrays, heads: Arrays, attention: int) -> Size:
    words, width = stored["word.int8"].shape
    hidden = stored["norm.w"].shape[0]
    layers = sum(name.startswith("layer.") and name.endswith(".up.b") for name in stored)
    common = {
        "vocabulary": words, "hidden": hidden, "inner": stored["layer.0.up.b"].shape[0],
        "pair": heads["entity1.weight"].shape[0],
    }  # fmt: skip
    if attention:
        return Size(**common, layers=layers, heads=attention, positions=stored["position.table"].shape[0])
    dilations = tuple(int(stored[f"layer.{i}.pads"][0]) for i in range(layers))
    return Size(**common, embedding=width, dilations=dilations)


def _encoder(stored: Arrays) -> Arrays:
    """The encoder's weights by the names that torch knows them by."""
    found: Arrays = {"word.weight": stored["word.int8"].astype(np.float32) * stored["word.scale"]}
    for name, array in stored.items():
        base, _, kind = name.rpartition(".")
        if kind == "table":
            found[f"{base}.weight"] = array
        elif kind == "b":
            found[f"{base}.bias"] = array
        elif kind == "w8":
            found[f"{base}.weight"] = (array.astype(np.float32) * stored[f"{base}.scale"]).T
        elif kind == "w":
            found[f"{base}.weight"] = array.T if array.ndim == 2 else array
    return found
