"""MediaPipe's BlazePose through the Tasks API, on the processor, without any connection to anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import UInt8

from ergo.pose.estimator import Detection
from ergo.pose.following import PRESENCE_CONFIDENCE, FollowingEstimator, Mode
from ergo.pose.mediapipe_image import mediapipe_image
from ergo.pose.models import model_path
from ergo.pose.native_log import without_chatter
from ergo.pose.settings import ModelSize, PoseSettings


def open_mediapipe(settings: PoseSettings) -> FollowingEstimator:
    """The estimator of the size the settings ask for.

    Raises:
        ModelError: a model file is missing or damaged.
    """
    return FollowingEstimator(settings, MediaPipeLandmarker)


class MediaPipeLandmarker:
    """One network of the Tasks API and the clock it insists on, as :class:`~ergo.pose.following.Landmarker`.

    Raises:
        ModelError: a model file is missing or damaged.
    """

    def __init__(self, model: ModelSize, mode: Mode, people: int, confidence: float) -> None:
        path = model_path(f"pose_landmarker_{model}.task")
        with without_chatter():
            from mediapipe.tasks.python import BaseOptions, vision  # noqa: PLC0415  heavy, and only needed here

            self._video = mode == "VIDEO"
            self._task = vision.PoseLandmarker.create_from_options(
                vision.PoseLandmarkerOptions(
                    base_options=BaseOptions(model_asset_path=str(path)),
                    running_mode=vision.RunningMode[mode],
                    num_poses=people,
                    min_pose_detection_confidence=confidence,
                    min_pose_presence_confidence=PRESENCE_CONFIDENCE,
                    min_tracking_confidence=PRESENCE_CONFIDENCE,
                )
            )
        self._last_ms = -1
        self._chatty = True

    def detect(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float) -> tuple[Detection, ...]:
        """Whom the networks see; in video mode where they saw them last, if they did."""
        if self._chatty:  # further log lines come with the first person, then never again
            with without_chatter():
                found = self._detect(rgb, timestamp_s)
            self._chatty = not found
            return found
        return self._detect(rgb, timestamp_s)

    def _detect(self, rgb: UInt8[np.ndarray, "H W 3"], timestamp_s: float) -> tuple[Detection, ...]:
        image = mediapipe_image(rgb)
        if self._video:
            self._last_ms = max(self._last_ms + 1, round(timestamp_s * 1000))
            result = self._task.detect_for_video(image, self._last_ms)
        else:
            result = self._task.detect(image)
        height, width = rgb.shape[:2]
        return tuple(
            _detection(flat, world, width, height)
            for flat, world in zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
        )

    def close(self) -> None:
        """Close the networks; otherwise the runtime complains when Python ends."""
        self._task.close()


def _detection(flat: list[Any], world: list[Any], width: int, height: int) -> Detection:
    values = np.array([(p.x, p.y, p.visibility, p.presence) for p in flat], np.float32)
    return Detection(
        xy_px=values[:, :2] * np.array([width, height], np.float32),
        xyz_m=np.array([(p.x, p.y, p.z) for p in world], np.float32),
        confidence=np.clip(values[:, 2:].min(axis=1), 0.0, 1.0),
    )
