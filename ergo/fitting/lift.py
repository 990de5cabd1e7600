"""From an estimator's landmarks to joint positions in the camera frame.

Three corrections turn BlazePose world landmarks into joints:

1. the estimator sees a crop and answers in a frame that looks straight at the person; turning that frame onto
   the viewing ray of the person puts the landmarks into the camera frame
2. landmarks sit on clothes and skin, joints inside: hips, shoulders are moved by constant offsets in the body's
   own frame, measured on rendered clips with known joints
3. short gaps are bridged (:mod:`ergo.fitting.gaps`), then a short Gaussian over time takes the jitter
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.fitting.gaps import bridge_gaps, smooth
from ergo.fitting.stick import LHI, LSH, RHI, RSH, LandmarkOffsets, points_of
from ergo.geometry.camera import rays
from ergo.geometry.rotations import rotation_between
from ergo.types import Keypoints

SMOOTHING_S = 0.08
"""Standard deviation of the Gaussian over time, well below the 0.5 s that a scored posture must last."""

_TRUNK = [L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP]


def turn_to_viewing_ray(
    xyz_m: Float[np.ndarray, "T 33 3"], xy_px: Float[np.ndarray, "T 33 2"], K: Float[np.ndarray, "3 3"]
) -> Float[np.ndarray, "T 33 3"]:
    """World landmarks turned from the frame that looks at the person into the camera frame."""
    ray = rays(xy_px[:, _TRUNK].mean(axis=1), K)
    turn = rotation_between(np.array([0.0, 0.0, 1.0]), ray)
    return np.einsum("tij,tlj->tli", turn, xyz_m)


def move_to_joints(points_m: Float[np.ndarray, "T 33 3"]) -> Float[np.ndarray, "T 33 3"]:
    """Hip and shoulder landmarks moved to the joint centres (the other landmarks stay)."""
    moved = points_m.copy()
    moved[:, _TRUNK] -= LandmarkOffsets().at(points_of(points_m))[:, [LSH, RSH, LHI, RHI]]
    return moved


def lift(keypoints: Keypoints, K: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "T 33 3"]:
    """Joint positions about the hips in the camera frame, metres; NaN in frames without the person."""
    xyz, _ = bridge_gaps(np.asarray(keypoints.xyz_m), keypoints.timestamps_s)
    xy, _ = bridge_gaps(np.asarray(keypoints.xy_px), keypoints.timestamps_s)
    points = move_to_joints(turn_to_viewing_ray(xyz, xy, K))
    return smooth(points, keypoints.timestamps_s, SMOOTHING_S)
