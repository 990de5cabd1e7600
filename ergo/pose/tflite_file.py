"""The networks as they ship: TFLite files inside ``.task`` bundles, read into plain nodes and arrays.

A TFLite file lists operators over numbered tensors whose pictures lie rows first and channels last. Weights are stored
as half-precision numbers, some of them sparsely; both are undone here, so that a reader sees float32 arrays only.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np

from ergo.errors import ModelError

Activation: TypeAlias = Literal["none", "relu", "relu6"]

_FIX = "Check the model files out again."
_ACTIVATIONS: Mapping[int, Activation] = MappingProxyType({0: "none", 1: "relu", 3: "relu6"})
_UNDONE = ("DEQUANTIZE", "DENSIFY")
_DENSE, _SPARSE = 0, 1
_OPTIONS = MappingProxyType(
    {
        "ADD": "AddOptions",
        "CONCATENATION": "ConcatenationOptions",
        "CONV_2D": "Conv2DOptions",
        "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
        "DEPTH_TO_SPACE": "DepthToSpaceOptions",
        "FULLY_CONNECTED": "FullyConnectedOptions",
        "MAX_POOL_2D": "Pool2DOptions",
        "MEAN": "ReducerOptions",
        "RESIZE_BILINEAR": "ResizeBilinearOptions",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operator; `kind` is TFLite's name of it, inputs and outputs are numbers of tensors, −1 for none.

    Fields that an operator does not have keep their defaults. `same` is TensorFlow's padding that keeps the size.
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    activation: Activation = "none"
    same: bool = False
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    window: tuple[int, int] = (1, 1)
    axis: int = 0
    block: int = 1
    keep_dims: bool = False
    half_pixels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A network: its nodes in the order in which they run, its constants, and the shape of every tensor."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    nodes: tuple[Node, ...]
    constants: Mapping[int, np.ndarray]
    shapes: Mapping[int, tuple[int, ...]]

    def needed_for(self, outputs: tuple[int, ...]) -> Graph:
        """The same network without what these outputs do not depend on."""
        wanted, kept = set(outputs), list[Node]()
        for node in reversed(self.nodes):
            if wanted.intersection(node.outputs):
                kept.append(node)
                wanted.update(node.inputs)
        constants = {number: values for number, values in self.constants.items() if number in wanted}
        return Graph(
            inputs=self.inputs, outputs=outputs, nodes=tuple(reversed(kept)), constants=constants, shapes=self.shapes
        )


def read_bundle(path: Path, name: str) -> Graph:
    """The network `name` of a ``.task`` bundle.

    Raises:
        ModelError: there is none, or it is not understood.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            content = bundle.read(name)
    except (OSError, KeyError, zipfile.BadZipFile):
        raise ModelError(f"The bundle {path.name} has no network {name}.", _FIX) from None
    return read_network(content)


def read_network(content: bytes) -> Graph:
    """The one graph of a TFLite file.

    Raises:
        ModelError: it has a feature that no network of Ergo needs, or is no TFLite file.
    """
    import tflite  # noqa: PLC0415  only where networks run in torch

    if not tflite.Model.ModelBufferHasIdentifier(content, 0):
        raise ModelError("A network is not a TFLite file.", _FIX)
    model = tflite.Model.GetRootAsModel(content, 0)
    graph: Any = model.Subgraphs(0)
    numbers = range(graph.TensorsLength())
    tensors: list[Any] = [graph.Tensors(number) for number in numbers]
    shapes = {n: tuple(int(v) for v in tensors[n].ShapeAsNumpy()) if tensors[n].ShapeLength() else () for n in numbers}
    constants = {n: values for n in numbers if (values := _constant(model, tensors[n], shapes[n])) is not None}
    nodes = []
    for number in range(graph.OperatorsLength()):
        node = _node(tflite, model, graph.Operators(number))
        if node.kind in _UNDONE and node.inputs[0] in constants:
            constants[node.outputs[0]] = constants[node.inputs[0]]
        else:
            nodes.append(node)
    return Graph(
        inputs=tuple(map(int, graph.InputsAsNumpy())),
        outputs=tuple(map(int, graph.OutputsAsNumpy())),
        nodes=tuple(nodes),
        constants=constants,
        shapes=shapes,
    )


def _node(tflite: Any, model: Any, operator: Any) -> Node:
    code = model.OperatorCodes(operator.OpcodeIndex())
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    kinds = vars(tflite.BuiltinOperator).items()
    kind = next((name for name, value in kinds if value == number and name.isupper()), f"number {number}")
    inputs = tuple(map(int, operator.InputsAsNumpy()))
    outputs = tuple(map(int, operator.OutputsAsNumpy()))
    if kind not in _OPTIONS:
        return Node(kind=kind, inputs=inputs, outputs=outputs)
    options = getattr(tflite, _OPTIONS[kind])()
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)

    def read(name: str, default: Any) -> Any:
        return getattr(options, name)() if hasattr(options, name) else default

    activation = read("FusedActivationFunction", 0)
    if activation not in _ACTIVATIONS or read("AlignCorners", False) or read("DepthMultiplier", 1) != 1:
        raise ModelError(f"A network has an operator {kind} of an unknown kind.", _FIX)
    return Node(
        kind=kind,
        inputs=inputs,
        outputs=outputs,
        activation=_ACTIVATIONS[activation],
        same=read("Padding", tflite.Padding.VALID) == tflite.Padding.SAME,
        stride=(read("StrideH", 1), read("StrideW", 1)),
        dilation=(read("DilationHFactor", 1), read("DilationWFactor", 1)),
        window=(read("FilterHeight", 1), read("FilterWidth", 1)),
        axis=read("Axis", 0) if kind == "CONCATENATION" else 0,
        block=read("BlockSize", 1),
        keep_dims=bool(read("KeepDims", False)),
        half_pixels=bool(read("HalfPixelCenters", False)),
    )


def _constant(model: Any, tensor: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """A tensor's stored values: int32 as they are, numbers as float32; None when there are none."""
    content = model.Buffers(tensor.Buffer()).DataAsNumpy()
    if isinstance(content, int):  # the reader's way to say that there is nothing
        return None
    kinds = {0: np.float32, 1: np.float16, 2: np.int32}
    if tensor.Type() not in kinds:
        raise ModelError(f"A network stores weights as type {tensor.Type()}.", _FIX)
    values = content.tobytes()
    numbers = np.frombuffer(values, kinds[tensor.Type()])
    sparsity = tensor.Sparsity()
    if sparsity is not None:
        numbers = densified(numbers, shape, _levels(sparsity, shape))
    numbers = numbers.reshape(shape)
    return numbers if numbers.dtype == np.int32 else numbers.astype(np.float32)


Level: TypeAlias = tuple[np.ndarray, np.ndarray] | None
"""Of one dimension of a sparse tensor: where the row of each parent begins, and the indices present; None is all."""


def _levels(sparsity: Any, shape: tuple[int, ...]) -> tuple[Level, ...]:
    order = np.atleast_1d(sparsity.TraversalOrderAsNumpy())
    if sparsity.DimMetadataLength() != len(shape) or (order != np.arange(len(shape))).any():
        raise ModelError("A network stores weights in sparse blocks.", _FIX)
    return tuple(_level(sparsity.DimMetadata(number)) for number in range(len(shape)))


def _level(metadata: Any) -> Level:
    import tflite  # noqa: PLC0415

    if metadata.Format() == _DENSE:
        return None
    vectors = {1: tflite.Int32Vector, 2: tflite.Uint16Vector, 3: tflite.Uint8Vector}

    def read(kind: int, table: Any) -> np.ndarray:
        vector: Any = vectors[kind]()
        vector.Init(table.Bytes, table.Pos)
        return vector.ValuesAsNumpy().astype(np.int64)

    segments = read(metadata.ArraySegmentsType(), metadata.ArraySegments())
    return segments, read(metadata.ArrayIndicesType(), metadata.ArrayIndices())


def densified(values: np.ndarray, shape: tuple[int, ...], levels: tuple[Level, ...]) -> np.ndarray:
    """The array whose stored `values` lie where `levels` say, dimension by dimension, zero elsewhere."""
    places = np.zeros(1, np.int64)  # flat positions of what is stored, over the dimensions seen yet
    for size, level in zip(shape, levels, strict=True):
        if level is None:
            places = (places[:, None] * size + np.arange(size)).ravel()
        else:
            segments, indices = level
            places = np.repeat(places, np.diff(segments)) * size + indices
    dense = np.zeros(int(np.prod(shape)), values.dtype)
    dense[places] = values
    return dense.reshape(shape)
