"""Runs a network that was read from its TFLite file in torch, on the processor or on a GPU.

Pictures are N × C × H × W inside; whoever calls sees TFLite's N × H × W × C. On a GPU the whole network is recorded
once as a CUDA graph and played back for each picture: two hundred small operators, started one by one, would take
longer to start than to run. Everything is deterministic: the same picture on the same kind of device gives the same
bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch.nn import functional

from ergo.errors import ModelError
from ergo.pose.tflite_file import Graph, Node

Values: TypeAlias = dict[int, torch.Tensor]
Step: TypeAlias = Callable[[Values], None]

_ROWS_FIRST = (0, 3, 1, 2)
_CHANNELS_LAST = (0, 2, 3, 1)
_WARM_UP = 3


class Network:
    """A network on a device, for one picture at a time; may be called from several threads.

    Args:
        graph: the network.
        outputs: which of its outputs are wanted, in this order; what only the others need is left out.
        device: ``cpu`` or ``cuda``.
        scale, offset: the network sees bytes of the picture × scale + offset.
        half: compute in half precision.
        recorded: play back a CUDA graph (CUDA only).
        channels_last: how pictures and weights lie in memory.

    Raises:
        ModelError: the network has an operator that is not known, or the GPU cannot take it.
    """

    def __init__(
        self,
        graph: Graph,
        outputs: Sequence[int],
        device: str,
        *,
        scale: float,
        offset: float = 0.0,
        half: bool = False,
        recorded: bool = True,
        channels_last: bool = False,
    ) -> None:
        kept = graph.needed_for(tuple(graph.outputs[number] for number in outputs))
        self._device = torch.device(device)
        self._kind = torch.float16 if half else torch.float32
        self._input, self._outputs = kept.inputs[0], kept.outputs
        self._scale, self._offset = scale, offset
        self._layout = torch.channels_last if channels_last else torch.contiguous_format
        self._lock = threading.Lock()
        self._recording: torch.cuda.CUDAGraph | None = None
        self._told: list[torch.Tensor] = []
        try:
            self._steps = [_step(node, kept, self._tensor) for node in kept.nodes]
            self._given = torch.zeros(kept.shapes[self._input], dtype=torch.uint8, device=self._device)
            if recorded and self._device.type == "cuda":
                self._record()
        except RuntimeError as error:
            first = str(error).strip().partition("\n")[0]
            raise ModelError(
                f"The pose networks cannot run on {device}: {first[:200]}", "Set ERGO_POSE_DEVICE=cpu."
            ) from error

    def __call__(self, rgb: UInt8[np.ndarray, "H W 3"]) -> list[Float[np.ndarray, "1 *shape"]]:
        """What the network says about a picture of exactly its size."""
        with self._lock, torch.inference_mode(), _exactly():
            if self._device.type == "cpu":
                return [each.numpy() for each in self._run(torch.from_numpy(rgb[None]))]
            self._given.copy_(torch.from_numpy(rgb[None]))
            if self._recording is None:
                told = self._run(self._given)
            else:
                self._recording.replay()
                told = self._told
            flat = torch.cat([each.reshape(-1) for each in told]).cpu().numpy()
            ends = np.cumsum([each.numel() for each in told])
            pieces = np.split(flat, ends[:-1])
            return [piece.reshape(each.shape) for piece, each in zip(pieces, told, strict=True)]

    def _run(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        values = {self._input: (pictures.to(torch.float32) * self._scale + self._offset).to(self._kind)}
        values[self._input] = values[self._input].permute(*_ROWS_FIRST).contiguous(memory_format=self._layout)
        for step in self._steps:
            step(values)
        return [_as_told(values[number]).float() for number in self._outputs]

    def _record(self) -> None:
        with torch.inference_mode(), _exactly(), torch.cuda.device(self._device):
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(_WARM_UP):
                    self._run(self._given)
            torch.cuda.current_stream().wait_stream(aside)
            recording = torch.cuda.CUDAGraph()
            with torch.cuda.graph(recording, capture_error_mode="thread_local"):
                self._told = self._run(self._given)
            self._recording = recording

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        tensor = torch.from_numpy(values.copy()).to(self._device, self._kind)
        return tensor.contiguous(memory_format=self._layout) if tensor.ndim == 4 else tensor


def _exactly() -> AbstractContextManager[object]:
    """Inside, convolutions give the same bytes each time, in full float32 where float32 is asked for."""
    if not torch.cuda.is_available():
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)


def _as_told(value: torch.Tensor) -> torch.Tensor:
    return value.permute(*_CHANNELS_LAST) if value.ndim == 4 else value


def _step(node: Node, graph: Graph, tensor: Callable[[np.ndarray], torch.Tensor]) -> Step:
    if node.kind not in _STEPS:
        raise ModelError(f"A network has an operator {node.kind}, which is not known.", "Use the models that ship.")
    return _STEPS[node.kind](node, graph, tensor)


Maker: TypeAlias = Callable[[Node, Graph, Callable[[np.ndarray], torch.Tensor]], Step]


def _simple(act: Callable[[Node, Graph, torch.Tensor], torch.Tensor]) -> Maker:
    """A step that looks at one tensor."""

    def make(node: Node, graph: Graph, _: Callable[[np.ndarray], torch.Tensor]) -> Step:
        def step(values: Values) -> None:
            values[node.outputs[0]] = act(node, graph, values[node.inputs[0]])

        return step

    return make


def _activated(node: Node, value: torch.Tensor) -> torch.Tensor:
    if node.activation == "relu":
        return functional.relu(value)
    return functional.relu6(value) if node.activation == "relu6" else value


def _around(size: int, window: int, stride: int, dilation: int) -> tuple[int, int]:
    """TensorFlow's padding before and after: as many results as strides fit; the odd one out comes after."""
    reach = (window - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def _convolution(node: Node, graph: Graph, tensor: Callable[[np.ndarray], torch.Tensor]) -> Step:
    """Ordinary ones store out × H × W × in, depthwise ones 1 × H × W × channels."""
    deep = node.kind == "DEPTHWISE_CONV_2D"
    stored = graph.constants[node.inputs[1]]
    weights = tensor(stored.transpose((3, 0, 1, 2) if deep else (0, 3, 1, 2)))
    bias = tensor(graph.constants[node.inputs[2]])
    groups = weights.shape[0] if deep else 1
    _, height, width, _ = graph.shapes[node.inputs[0]]
    pad = (0, 0, 0, 0)
    if node.same:
        top, bottom = _around(height, weights.shape[2], node.stride[0], node.dilation[0])
        left, right = _around(width, weights.shape[3], node.stride[1], node.dilation[1])
        pad = (left, right, top, bottom)
    even = pad[0] == pad[1] and pad[2] == pad[3]
    inside = (pad[2], pad[0]) if even else (0, 0)

    def step(values: Values) -> None:
        value = values[node.inputs[0]]
        value = value if even else functional.pad(value, pad)
        value = functional.conv2d(value, weights, bias, node.stride, inside, node.dilation, groups)
        values[node.outputs[0]] = _activated(node, value)

    return step


def _sum(node: Node, graph: Graph, tensor: Callable[[np.ndarray], torch.Tensor]) -> Step:
    if any(number in graph.constants for number in node.inputs):
        raise ModelError("A network adds a constant, which is not known.", "Use the models that ship.")

    def step(values: Values) -> None:
        values[node.outputs[0]] = _activated(node, values[node.inputs[0]] + values[node.inputs[1]])

    return step


def _joined(node: Node, graph: Graph, tensor: Callable[[np.ndarray], torch.Tensor]) -> Step:
    axis = _axis(node.axis, len(graph.shapes[node.outputs[0]]))

    def step(values: Values) -> None:
        values[node.outputs[0]] = torch.cat([values[number] for number in node.inputs], dim=axis)

    return step


def _connected(node: Node, graph: Graph, tensor: Callable[[np.ndarray], torch.Tensor]) -> Step:
    weights, bias = (tensor(graph.constants[number]) for number in node.inputs[1:3])

    def step(values: Values) -> None:
        values[node.outputs[0]] = _activated(node, functional.linear(values[node.inputs[0]], weights, bias))

    return step


def _axis(axis: int, rank: int) -> int:
    """Where TFLite's axis of a tensor lies in torch's."""
    return _ROWS_FIRST.index(axis % rank) if rank == 4 else axis % rank


def _padded(node: Node, graph: Graph, value: torch.Tensor) -> torch.Tensor:
    (_, (top, bottom), (left, right), (before, after)) = graph.constants[node.inputs[1]].tolist()
    return functional.pad(value, (left, right, top, bottom, before, after))


def _reshaped(node: Node, graph: Graph, value: torch.Tensor) -> torch.Tensor:
    shape = graph.shapes[node.outputs[0]]
    value = _as_told(value).reshape(value.shape[0], *shape[1:])
    return value.permute(*_ROWS_FIRST) if len(shape) == 4 else value


def _resized(node: Node, graph: Graph, value: torch.Tensor) -> torch.Tensor:
    if not node.half_pixels:
        raise ModelError("A network resizes about the corners of pixels, which is not known.", "Use those that ship.")
    _, height, width, _ = graph.shapes[node.outputs[0]]
    return functional.interpolate(value, size=(height, width), mode="bilinear", align_corners=False)


def _spread(node: Node, graph: Graph, value: torch.Tensor) -> torch.Tensor:
    """Channels to blocks of pixels; TFLite counts the block before the channel, torch's pixel_shuffle after it."""
    count, channels, height, width = value.shape
    block, kept = node.block, channels // node.block**2
    value = value.reshape(count, block, block, kept, height, width).permute(0, 3, 4, 1, 5, 2)
    return value.reshape(count, kept, height * block, width * block)


def _mean(node: Node, graph: Graph, value: torch.Tensor) -> torch.Tensor:
    axes = [_axis(axis, value.ndim) for axis in np.atleast_1d(graph.constants[node.inputs[1]]).tolist()]
    return value.mean(dim=axes, keepdim=node.keep_dims)


def _largest(node: Node, graph: Graph, value: torch.Tensor) -> torch.Tensor:
    if node.same and any(size % stride for size, stride in zip(value.shape[2:], node.stride, strict=True)):
        raise ModelError("A network pools beyond the edge, which is not known.", "Use the models that ship.")
    return _activated(node, functional.max_pool2d(value, node.window, node.stride))


_STEPS: Mapping[str, Maker] = MappingProxyType(
    {
        "ADD": _sum,
        "CONCATENATION": _joined,
        "CONV_2D": _convolution,
        "DEPTHWISE_CONV_2D": _convolution,
        "DEPTH_TO_SPACE": _simple(_spread),
        "FULLY_CONNECTED": _connected,
        "LOGISTIC": _simple(lambda _, __, value: torch.sigmoid(value)),
        "MAX_POOL_2D": _simple(_largest),
        "MEAN": _simple(_mean),
        "PAD": _simple(_padded),
        "RESHAPE": _simple(_reshaped),
        "RESIZE_BILINEAR": _simple(_resized),
    }
)
