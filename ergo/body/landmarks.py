"""The 33 body landmarks of BlazePose (MediaPipe Pose), in the order of every ``[33, …]`` array.

Source: Bazarevsky et al., "BlazePose: On-device real-time body pose tracking", 2020, figure 2.
Left and right are the person's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Landmark(IntEnum):
    """Index of each landmark."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


LANDMARK_COUNT = len(Landmark)

LANDMARK: Mapping[str, int] = MappingProxyType({landmark.name.lower(): int(landmark) for landmark in Landmark})
"""Index of each landmark by its name in lower case."""

LANDMARK_NAMES: tuple[str, ...] = tuple(LANDMARK)


def _counterpart(landmark: Landmark) -> int:
    name = landmark.name
    return Landmark[name.replace("LEFT", "RIGHT") if "LEFT" in name else name.replace("RIGHT", "LEFT")]


MIRRORED: tuple[int, ...] = tuple(_counterpart(landmark) for landmark in Landmark)
"""Index of each landmark's counterpart on the other side; the nose is its own."""

LEFT_RIGHT_PAIRS: tuple[tuple[int, int], ...] = tuple(
    (int(landmark), _counterpart(landmark)) for landmark in Landmark if "LEFT" in landmark.name
)
"""Landmarks that change places when the picture is mirrored."""

MAIN_JOINTS: tuple[int, ...] = tuple(
    LANDMARK[f"{side}_{joint}"]
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
"""Shoulders, elbows, wrists, hips, knees and ankles: what tells one posture from another."""
