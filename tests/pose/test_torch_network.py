"""The operators of the networks in torch, against plain numpy."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest

from ergo.errors import ModelError
from ergo.pose.tflite_file import Graph, Node
from ergo.pose.torch_network import Network

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.integers(0, 256, (7, 6, 4), dtype=np.uint8)


def run(node: Node, shape: tuple[int, ...], constants: Mapping[int, np.ndarray] | None = None) -> np.ndarray:
    """What a network of one operator, with tensor 0 as its picture and 9 as its output, makes of the picture."""
    stored = dict(constants or {})
    shapes = {0: (1, *PICTURE.shape), 9: shape, **{number: values.shape for number, values in stored.items()}}
    graph = Graph(inputs=(0,), outputs=(9,), nodes=(node,), constants=stored, shapes=shapes)
    told = [Network(graph, (0,), "cpu", scale=1 / 255, channels_last=last)(PICTURE)[0] for last in (False, True)]
    assert told[0] == pytest.approx(told[1], abs=1e-5)
    assert told[0].shape == shape
    return told[0]


def convolved(weights: np.ndarray, bias: np.ndarray, stride: int, same: bool) -> np.ndarray:
    """TensorFlow's convolution, weights out × H × W × in, one number at a time."""
    value, (count, height, width, _) = PICTURE / 255.0, weights.shape
    sizes = [
        -(-size // stride) if same else (size - reach) // stride + 1
        for size, reach in zip(value.shape, (height, width), strict=False)
    ]
    if same:
        totals = [
            max((n - 1) * stride + reach - size, 0)
            for n, reach, size in zip(sizes, (height, width), value.shape, strict=False)
        ]
        value = np.pad(value, [*((t // 2, t - t // 2) for t in totals), (0, 0)])
    made = np.zeros((*sizes, count))
    for y, x, c in np.ndindex(*made.shape):
        made[y, x, c] = (
            value[y * stride : y * stride + height, x * stride : x * stride + width] * weights[c]
        ).sum() + bias[c]
    return made[None]


@pytest.mark.parametrize(("stride", "same", "window"), list(product((1, 2), (False, True), (1, 3))))
def test_a_convolution(stride: int, same: bool, window: int) -> None:
    weights = RANDOM.normal(size=(5, window, window, 4)).astype(np.float32)
    bias = RANDOM.normal(size=5).astype(np.float32)
    wanted = convolved(weights, bias, stride, same).clip(0, 6)
    node = Node(kind="CONV_2D", inputs=(0, 1, 2), outputs=(9,), activation="relu6", same=same, stride=(stride, stride))
    assert run(node, wanted.shape, {1: weights, 2: bias}) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize(("stride", "same"), list(product((1, 2), (False, True))))
def test_a_depthwise_convolution(stride: int, same: bool) -> None:
    weights = RANDOM.normal(size=(1, 3, 3, 4)).astype(np.float32)
    bias = RANDOM.normal(size=4).astype(np.float32)
    full = np.zeros((4, 3, 3, 4))
    for channel in range(4):
        full[channel, :, :, channel] = weights[0, :, :, channel]
    wanted = convolved(full, bias, stride, same)
    node = Node(kind="DEPTHWISE_CONV_2D", inputs=(0, 1, 2), outputs=(9,), same=same, stride=(stride, stride))
    assert run(node, wanted.shape, {1: weights, 2: bias}) == pytest.approx(wanted, abs=1e-4)


def test_what_moves_numbers_only() -> None:
    value = PICTURE[None] / 255.0
    blocks = run(Node(kind="DEPTH_TO_SPACE", inputs=(0,), outputs=(9,), block=2), (1, 14, 12, 1))
    for y, x in np.ndindex(14, 12):
        assert blocks[0, y, x, 0] == pytest.approx(value[0, y // 2, x // 2, 2 * (y % 2) + x % 2], abs=1e-6)
    flat = run(Node(kind="RESHAPE", inputs=(0, 1), outputs=(9,)), (1, 84, 2), {1: np.array([1, 84, 2], np.int32)})
    assert flat == pytest.approx(value.reshape(1, 84, 2), abs=1e-6)
    around = np.array([[0, 0], [1, 2], [0, 1], [0, 3]], np.int32)
    padded = run(Node(kind="PAD", inputs=(0, 1), outputs=(9,)), (1, 10, 7, 7), {1: around})
    assert padded == pytest.approx(np.pad(value, around), abs=1e-6)
    twice = run(Node(kind="CONCATENATION", inputs=(0, 0), outputs=(9,), axis=1), (1, 14, 6, 4))
    assert twice == pytest.approx(np.concatenate([value, value], axis=1), abs=1e-6)


def test_what_sums_and_compares() -> None:
    value = PICTURE[None] / 255.0
    mean = run(Node(kind="MEAN", inputs=(0, 1), outputs=(9,)), (1, 4), {1: np.array([1, 2], np.int32)})
    assert mean == pytest.approx(value.mean(axis=(1, 2)), abs=1e-6)
    assert run(Node(kind="ADD", inputs=(0, 0), outputs=(9,)), value.shape) == pytest.approx(2 * value, abs=1e-6)
    sure = run(Node(kind="LOGISTIC", inputs=(0,), outputs=(9,)), value.shape)
    assert sure == pytest.approx(1 / (1 + np.exp(-value)), abs=1e-6)
    pooled = run(Node(kind="MAX_POOL_2D", inputs=(0,), outputs=(9,), window=(2, 2), stride=(2, 2)), (1, 3, 3, 4))
    assert pooled[0] == pytest.approx(value[0, :6].reshape(3, 2, 3, 2, 4).max(axis=(1, 3)), abs=1e-6)


def test_pictures_are_resized_about_the_middles_of_pixels() -> None:
    node = Node(kind="RESIZE_BILINEAR", inputs=(0, 1), outputs=(9,), half_pixels=True)
    made = run(node, (1, 14, 12, 4), {1: np.array([14, 12], np.int32)})
    value = PICTURE / 255.0
    assert made[0, 0, 0] == pytest.approx(value[0, 0], abs=1e-6)
    assert made[0, 3, 0] == pytest.approx(0.75 * value[1, 0] + 0.25 * value[2, 0], abs=1e-6)
    assert made[0, 0, 2] == pytest.approx(0.25 * value[0, 0] + 0.75 * value[0, 1], abs=1e-6)


def test_what_is_not_known_is_named() -> None:
    with pytest.raises(ModelError, match="HARD_SWISH"):
        run(Node(kind="HARD_SWISH", inputs=(0,), outputs=(9,)), (1, 7, 6, 4))
