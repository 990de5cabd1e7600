"""Where the posed body stands: distance from the picture, height from the ground it stands on."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.body.skeleton import JOINT_INDEX
from ergo.fitting.gaps import complete, smooth
from ergo.geometry.camera import rays
from ergo.types import Keypoints

PLACED_BY: tuple[tuple[str, L], ...] = tuple(
    (f"{side}_{part}", L[f"{side}_{part}".upper()])
    for side in ("left", "right")
    for part in ("shoulder", "hip", "elbow", "knee", "ankle")
)
"""Joints whose pixels tell where the body is."""

PLACE_SMOOTHING_S = 0.2
"""Distance from one camera is noisy; people do not jump towards it."""

MIN_DISTANCE_M = 0.5
KNEE_CLEARANCE_M = 0.06
"""Height of the knee joint above the ground when somebody kneels."""


def locate(
    joints_world_m: Float[np.ndarray, "T 55 3"],
    keypoints: Keypoints,
    K: Float[np.ndarray, "3 3"],
    R_world_cam: Float[np.ndarray, "3 3"],
) -> Float[np.ndarray, "T 3"]:
    """Translation (world axes, from the camera) that lays the posed joints over their pixels, least squares."""
    joints = joints_world_m[:, [JOINT_INDEX[name] for name, _ in PLACED_BY]] @ R_world_cam
    landmarks = [int(landmark) for _, landmark in PLACED_BY]
    ray = rays(np.asarray(keypoints.xy_px, dtype=float)[:, landmarks], K)
    weight = np.asarray(keypoints.confidence, dtype=float)[:, landmarks].clip(0.05, 1.0)
    count, points = ray.shape[:2]
    # (x + tx) = u (z + tz) and (y + ty) = v (z + tz), one pair of rows for each joint.
    A = np.zeros((count, 2, points, 3))
    A[:, 0, :, 0] = A[:, 1, :, 1] = 1.0
    A[:, 0, :, 2], A[:, 1, :, 2] = -ray[..., 0], -ray[..., 1]
    b = np.stack([ray[..., axis] * joints[..., 2] - joints[..., axis] for axis in (0, 1)], axis=1)
    A, b = (m.reshape(count, 2 * points, -1) for m in (A * weight[:, None, :, None], b * weight[:, None, :]))
    known = complete(b)
    transl = np.full((count, 3), np.nan)
    At = np.swapaxes(A[known], -1, -2)
    transl[known] = np.linalg.solve(At @ A[known] + 1e-9 * np.eye(3), At @ b[known])[..., 0]
    transl[:, 2] = np.maximum(transl[:, 2], MIN_DISTANCE_M)
    return smooth(transl, keypoints.timestamps_s, PLACE_SMOOTHING_S) @ R_world_cam.T


def stand_on_ground(
    joints_m: Float[np.ndarray, "T 55 3"],
    joints_rest_m: Float[np.ndarray, "55 3"],
    floor_rest_m: float,
    timestamps_s: Float[np.ndarray, "T"],
) -> Float[np.ndarray, "T"]:
    """Vertical shift that puts the lowest of feet and knees on the ground (Y = 0) in every frame.

    Takes it that the worker stands, kneels or sits with a foot on the ground; a climb of a ladder is not seen.
    """
    lowest = np.full(len(joints_m), np.inf)
    for side in ("left", "right"):
        for part in ("ankle", "foot", "knee"):
            index = JOINT_INDEX[f"{side}_{part}"]
            clearance = KNEE_CLEARANCE_M if part == "knee" else joints_rest_m[index, 1] - floor_rest_m
            lowest = np.minimum(lowest, joints_m[:, index, 1] - clearance)
    return -smooth(lowest, timestamps_s, PLACE_SMOOTHING_S)
