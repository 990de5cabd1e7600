"""MediaPipe's hand network through the Tasks API, on the processor."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import UInt8

from ergo.pose.hand_reader import PICTURE_PX, PRESENCE_CONFIDENCE, HandModel, RawHand
from ergo.pose.mediapipe_image import mediapipe_image
from ergo.pose.models import model_path
from ergo.pose.native_log import without_chatter


class MediaPipeHands:
    """The hand network, as :class:`~ergo.pose.hand_reader.HandNetwork` wants it.

    Raises:
        ModelError: the model file is missing or damaged.
    """

    def __init__(self, model: HandModel) -> None:
        path = model_path(f"hand_landmarker_{model}.task")
        with without_chatter():
            from mediapipe.tasks.python import BaseOptions, vision  # noqa: PLC0415  heavy, and only needed here

            self._task = vision.HandLandmarker.create_from_options(
                vision.HandLandmarkerOptions(
                    base_options=BaseOptions(model_asset_path=str(path)),
                    running_mode=vision.RunningMode.IMAGE,
                    num_hands=1,
                    min_hand_presence_confidence=PRESENCE_CONFIDENCE,
                )
            )
            self._result(np.zeros((PICTURE_PX, PICTURE_PX, 3), np.uint8))  # further log lines come with the first

    def detect(self, rgb: UInt8[np.ndarray, "224 224 3"]) -> RawHand | None:
        """The hand that fills the picture, or None when none is seen."""
        result = self._result(rgb)
        if not result.hand_landmarks:
            return None
        handedness = result.handedness[0][0]
        return RawHand(
            xy_px=np.array([(p.x, p.y) for p in result.hand_landmarks[0]], np.float32) * PICTURE_PX,
            xyz_m=np.array([(p.x, p.y, p.z) for p in result.hand_world_landmarks[0]], np.float32),
            side="left" if handedness.category_name.lower() == "left" else "right",
            sure=float(np.clip(handedness.score, 0.0, 1.0)),
        )

    def _result(self, rgb: UInt8[np.ndarray, "H W 3"]) -> Any:
        return self._task.detect(mediapipe_image(rgb))

    def close(self) -> None:
        """Close the network; otherwise the runtime complains when Python ends."""
        self._task.close()
