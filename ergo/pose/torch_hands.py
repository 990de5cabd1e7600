"""The hand network in torch, for machines with a GPU."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import UInt8

from ergo.pose.blazepose import Region, cut_out
from ergo.pose.hand_reader import PICTURE_PX, PRESENCE_CONFIDENCE, HandModel, RawHand
from ergo.pose.models import model_path
from ergo.pose.tflite_file import read_bundle
from ergo.pose.torch_network import Network

_LANDMARKS = "hand_landmarks_detector.tflite"
_MARKS, _PRESENCE, _RIGHT, _WORLD = 0, 1, 2, 3

# hand_detector_graph.cc says 90 where radians are meant, so that MediaPipe's look at an upright hand is turned by
# 26.6° about a point half a palm below the middle of the picture. The same here: both are to see the same hand.
_TURN_RAD = math.remainder(90.0 - math.pi / 2, math.tau)
_HALF_PALM_PX = PICTURE_PX / 2.6 / 2
_REGION = Region(
    centre_px=PICTURE_PX / 2 + _HALF_PALM_PX * np.array([math.sin(_TURN_RAD), 1 - math.cos(_TURN_RAD)]),
    side_px=float(PICTURE_PX),
    turn_rad=_TURN_RAD,
)


class TorchHands:
    """The hand network, as :class:`~ergo.pose.hand_reader.HandNetwork` wants it.

    Args:
        model: its size.
        device: ``cpu`` or ``cuda``.

    Raises:
        ModelError: the model file is missing, damaged or not understood.
    """

    def __init__(self, model: HandModel, device: str) -> None:
        graph = read_bundle(model_path(f"hand_landmarker_{model}.task"), _LANDMARKS)
        self._network = Network(graph, (_MARKS, _PRESENCE, _RIGHT, _WORLD), device, scale=1 / 255)

    def detect(self, rgb: UInt8[np.ndarray, "224 224 3"]) -> RawHand | None:
        """The hand that fills the picture, or None when none is seen."""
        marks, presence, right, world = self._network(cut_out(rgb, _REGION, PICTURE_PX, "stretched"))
        if not presence[0, 0] > PRESENCE_CONFIDENCE:
            return None
        share = float(right[0, 0])
        flat, space = marks.reshape(21, 3)[:, :2] / PICTURE_PX, world.reshape(21, 3).copy()
        space[:, :2] = space[:, :2] @ _REGION.axes.T
        return RawHand(
            xy_px=_REGION.to_picture(flat).astype(np.float32),
            xyz_m=space.astype(np.float32),
            side="right" if share > 0.5 else "left",
            sure=max(share, 1.0 - share),
        )

    def close(self) -> None:
        """Nothing is held but memory, which goes with the network."""
