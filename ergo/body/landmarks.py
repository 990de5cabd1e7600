"""The 33 body landmarks of BlazePose (MediaPipe Pose), in the order of every ``[33, …]`` array.

Source: Bazarevsky et al., "BlazePose: On-device real-time body pose tracking", 2020, figure 2.
Left and right are the person's own.
"""

from __future__ import annotations

from enum import IntEnum


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

LEFT_RIGHT_PAIRS: tuple[tuple[Landmark, Landmark], ...] = tuple(
    (landmark, Landmark[landmark.name.replace("LEFT", "RIGHT")]) for landmark in Landmark if "LEFT" in landmark.name
)
"""Landmarks that change places when the picture is mirrored."""

BONES: tuple[tuple[Landmark, Landmark], ...] = tuple(
    (Landmark[a], Landmark[b])
    for a, b in (
        ("LEFT_SHOULDER", "RIGHT_SHOULDER"),
        ("LEFT_HIP", "RIGHT_HIP"),
        *(
            (f"{side}_{a}", f"{side}_{b}")
            for side in ("LEFT", "RIGHT")
            for a, b in (
                ("SHOULDER", "ELBOW"),
                ("ELBOW", "WRIST"),
                ("SHOULDER", "HIP"),
                ("HIP", "KNEE"),
                ("KNEE", "ANKLE"),
                ("ANKLE", "HEEL"),
                ("HEEL", "FOOT_INDEX"),
            )
        ),
    )
)
"""Pairs that are drawn as the stick figure."""
