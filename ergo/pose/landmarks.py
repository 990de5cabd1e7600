"""The 33 body landmarks of BlazePose (Bazarevsky et al. 2020, fig. 3), in the order of the network's output.

Left and right are the person's own.
"""

from __future__ import annotations

LANDMARK_NAMES: tuple[str, ...] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)

LANDMARK_COUNT = len(LANDMARK_NAMES)

LANDMARK: dict[str, int] = {name: index for index, name in enumerate(LANDMARK_NAMES)}


def _mirror_name(name: str) -> str:
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")


LEFT_RIGHT_PAIRS: tuple[tuple[int, int], ...] = tuple(
    (index, LANDMARK[_mirror_name(name)]) for name, index in LANDMARK.items() if "left" in name
)

MIRRORED: tuple[int, ...] = tuple(LANDMARK[_mirror_name(name)] for name in LANDMARK_NAMES)
"""Index of each landmark's counterpart on the other side; the nose is its own."""

MAIN_JOINTS: tuple[int, ...] = tuple(
    LANDMARK[f"{side}_{joint}"]
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
"""Shoulders, elbows, wrists, hips, knees and ankles: what tells one posture from another."""
