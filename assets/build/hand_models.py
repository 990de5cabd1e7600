"""Build ``assets/models/hand_landmarker_{lite,full}.task`` from the public package ``@mediapipe/hands``.

The package (Apache-2.0) holds two landmark networks. The Tasks API wants a palm detector beside each; Ergo knows from
the body where a hand must be, as MediaPipe's own Holistic does, so the place of the detector is taken by a network of
four operations that always answers "one palm, upright, such that the landmark network sees the whole picture". That
halves the cost of a look and finds hands the palm detector misses.

    python assets/build/hand_models.py [--package FILE.tgz]
"""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
from mediapipe.tasks.metadata import schema_py_generated as tflite_schema
from task_bundles import (
    MODEL_IDENTIFIER,
    bundle,
    image_metadata,
    sources_asked_for,
    with_metadata,
    write_bundles,
)

PACKAGE = "@mediapipe/hands"
VERSION = "0.4.1675469240"
SOURCES = {
    "hand_landmark_lite.tflite": "d7fde8ac11f8ce03f8663775bfc323f4fc9f2a38062b4f4efa142874ef5b2a48",
    "hand_landmark_full.tflite": "8c026882c9ec059ce0f8e75266bee5a9a23c341a40e0000df755374d3d1b9b68",
}
SIZES = ("lite", "full")

# How the runtime reads a palm detector (its hand_detector_graph.cc): 192 × 192 pixels, anchors on a 24 × 24 grid twice
# and a 12 × 12 grid six times, each with a box and seven points relative to it in pixels, and a score before the
# sigmoid; the picture given to the landmarks is 2.6 boxes wide and moved up by half a box. It is turned until the way
# from the wrist to the knuckle points at 90, which the graph sets in degrees and the calculator takes for radians.
SIDE_PX = 192
GRIDS = ((24, 2), (12, 6))
POINTS = 7
WRIST, MIDDLE_KNUCKLE = 0, 2
PICTURE_BOXES = 2.6
SHIFT_BOXES = 0.5
UPRIGHT_RAD = 90.0
CERTAIN = 100.0


def anchors() -> np.ndarray:
    """Centres of the detector's anchors, 0 to 1, in their order."""
    rows = []
    for cells, repeats in GRIDS:
        for y in range(cells):
            for x in range(cells):
                rows += [((x + 0.5) / cells, (y + 0.5) / cells)] * repeats
    return np.array(rows)


def constant_palm() -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores of the one answer."""
    centres = anchors()
    chosen = int(np.argmin(np.abs(centres - 0.5).sum(axis=1)))
    side = 1.0 / PICTURE_BOXES
    places = np.full((1 + POINTS, 2), 0.5)
    places[0] = (0.5, 0.5 + SHIFT_BOXES * side)
    places[1 + MIDDLE_KNUCKLE] = (0.5, 0.5)
    places[1 + WRIST] = places[1 + MIDDLE_KNUCKLE] - 0.4 * np.array([np.cos(UPRIGHT_RAD), -np.sin(UPRIGHT_RAD)])
    relative = (places - centres[chosen]) * SIDE_PX
    boxes = np.zeros((1, len(centres), 4 + 2 * POINTS), np.float32)
    boxes[0, chosen] = np.concatenate([relative[0], [side * SIDE_PX] * 2, relative[1:].ravel()])
    scores = np.full((1, len(centres), 1), -CERTAIN, np.float32)
    scores[0, chosen] = CERTAIN
    return boxes, scores


class _Network:
    """A TFLite model in the making: one graph, tensors and operations added one by one."""

    def __init__(self) -> None:
        self.model = tflite_schema.ModelT()
        self.model.version = 3
        self.model.description = "aims at the middle of the picture"
        self.model.buffers = [tflite_schema.BufferT()]  # the first one is empty, for tensors without data
        self.model.operatorCodes = []
        self.graph = tflite_schema.SubGraphT()
        self.graph.name = "main"
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]

    def tensor(self, name: str, shape: tuple[int, ...], values: np.ndarray | None = None) -> int:
        """A tensor's number; with `values` it is constant."""
        made = tflite_schema.TensorT()
        kinds = tflite_schema.TensorType
        made.name, made.shape, made.buffer = name, list(shape), 0
        made.type = kinds.INT32 if values is not None and values.dtype == np.int32 else kinds.FLOAT32
        if values is not None:
            buffer = tflite_schema.BufferT()
            buffer.data = list(values.tobytes())
            made.buffer = len(self.model.buffers)
            self.model.buffers.append(buffer)
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def operation(self, code: int, kind: int, options: Any, inputs: list[int], output: int) -> None:
        """Add an operation with its options."""
        known = [c.builtinCode for c in self.model.operatorCodes]
        if code not in known:
            entry = tflite_schema.OperatorCodeT()
            entry.builtinCode = entry.deprecatedBuiltinCode = code
            entry.version = 1
            self.model.operatorCodes.append(entry)
            known.append(code)
        made = tflite_schema.OperatorT()
        made.opcodeIndex, made.inputs, made.outputs = known.index(code), inputs, [output]
        made.builtinOptionsType, made.builtinOptions = kind, options
        self.graph.operators.append(made)

    def content(self) -> bytes:
        """The TFLite file."""
        builder = flatbuffers.Builder(1 << 18)
        builder.Finish(self.model.Pack(builder), MODEL_IDENTIFIER)
        return bytes(builder.Output())


def aiming_network() -> bytes:
    """constants + 0 × mean(picture): outputs must depend on the input for the runtime to run the graph."""
    boxes, scores = constant_palm()
    net, ops, kinds = _Network(), tflite_schema.BuiltinOperator, tflite_schema.BuiltinOptions
    picture = net.tensor("input_1", (1, SIDE_PX, SIDE_PX, 3))
    axes = net.tensor("axes", (3,), np.array([1, 2, 3], np.int32))
    zero = net.tensor("zero", (1,), np.zeros(1, np.float32))
    mean, nothing = net.tensor("mean", (1,)), net.tensor("nothing", (1,))
    net.operation(ops.MEAN, kinds.ReducerOptions, tflite_schema.ReducerOptionsT(), [picture, axes], mean)
    net.operation(ops.MUL, kinds.MulOptions, tflite_schema.MulOptionsT(), [mean, zero], nothing)
    outputs = []
    for name, values in (("Identity", boxes), ("Identity_1", scores)):
        constant, output = net.tensor(f"{name}/constant", values.shape, values), net.tensor(name, values.shape)
        net.operation(ops.ADD, kinds.AddOptions, tflite_schema.AddOptionsT(), [constant, nothing], output)
        outputs.append(output)
    net.graph.inputs, net.graph.outputs = [picture], outputs
    return net.content()


def main() -> None:
    """Fetch, check, build, write."""
    sources = sources_asked_for(__doc__, PACKAGE, VERSION, SOURCES)
    metadata = image_metadata(0.0, 255.0, "hand")
    aim = with_metadata(aiming_network(), metadata)
    bundles = {}
    for size in SIZES:
        landmarks = with_metadata(sources[f"hand_landmark_{size}.tflite"], metadata)
        members = {"hand_detector.tflite": aim, "hand_landmarks_detector.tflite": landmarks}
        bundles[f"hand_landmarker_{size}.task"] = bundle(members)
    write_bundles(bundles)


if __name__ == "__main__":
    main()
