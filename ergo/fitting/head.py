"""How the head is turned against the trunk, from the landmarks of the face."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.geometry.rotations import frame_from_axes

NEUTRAL_FACE_PITCH_DEG: Mapping[str, float] = MappingProxyType({"lite": 30.0, "full": 30.0, "heavy": 40.0})
"""In neutral gaze the middle of the face lies this far forward of the trunk's line above the shoulders, as each
size of the estimator sees it (means over the rendered clips)."""


def head_turn(points_m: Float[np.ndarray, "T 33 3"], neutral_deg: float) -> Float[np.ndarray, "T 3"]:
    """Yaw to the left, pitch forward and roll to the right of the head in the thorax's frame, radians.

    `neutral_deg` is the pitch of the face in neutral gaze, one of :data:`NEUTRAL_FACE_PITCH_DEG`.

    The pitch is read off the direction from the shoulders to the middle of the face, which errs less than the
    line from the ears to the nose (7–8° against 6–13° on rendered clips, and alike for both estimator sizes).
    """

    def middle(a: L, b: L) -> Float[np.ndarray, "T 3"]:
        return (points_m[:, a] + points_m[:, b]) / 2

    shoulders, hips = middle(L.LEFT_SHOULDER, L.RIGHT_SHOULDER), middle(L.LEFT_HIP, L.RIGHT_HIP)
    thorax = frame_from_axes(shoulders - hips, points_m[:, L.LEFT_SHOULDER] - points_m[:, L.RIGHT_SHOULDER])
    ears, eyes, mouth = (
        middle(L.LEFT_EAR, L.RIGHT_EAR),
        middle(L.LEFT_EYE, L.RIGHT_EYE),
        middle(L.MOUTH_LEFT, L.MOUTH_RIGHT),
    )
    nose = points_m[:, L.NOSE]
    face, gaze, ear_line = (
        np.einsum("tji,tj->ti", thorax, direction)
        for direction in (
            (nose + ears + eyes + mouth) / 4 - shoulders,
            nose - ears,
            points_m[:, L.LEFT_EAR] - points_m[:, L.RIGHT_EAR],
        )
    )
    yaw = np.arctan2(gaze[:, 0], gaze[:, 2])
    pitch = np.arctan2(face[:, 2], face[:, 1]) - np.radians(neutral_deg)
    roll = np.arctan2(ear_line[:, 1], np.hypot(ear_line[:, 0], ear_line[:, 2]))
    return np.stack([yaw, pitch, roll], axis=1)
