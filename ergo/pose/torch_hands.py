"""The hand network in torch, for machines with a GPU."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from ergo.pose.hand_reader import PRESENCE_CONFIDENCE, HandModel, RawHand
from ergo.pose.models import model_path
from ergo.pose.tflite_file import read_bundle
from ergo.pose.torch_network import Network

_LANDMARKS = "hand_landmarks_detector.tflite"
_MARKS, _PRESENCE, _RIGHT, _WORLD = 0, 1, 2, 3


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
        marks, presence, right, world = self._network(rgb)
        if not presence[0, 0] > PRESENCE_CONFIDENCE:
            return None
        share = float(right[0, 0])
        return RawHand(
            xy_px=marks.reshape(21, 3)[:, :2].astype(np.float32),
            xyz_m=world.reshape(21, 3).astype(np.float32),
            side="right" if share > 0.5 else "left",
            sure=max(share, 1.0 - share),
        )

    def close(self) -> None:
        """Nothing is held but memory, which goes with the network."""
