"""From an estimator's landmarks to joint positions in the camera frame.

Three corrections turn BlazePose world landmarks into joints:

1. the estimator sees a crop and answers in a frame that looks straight at the person; turning that frame onto
   the viewing ray of the person puts the landmarks into the camera frame
2. landmarks sit on clothes and skin, joints inside: hips, shoulders are moved by constant offsets in the body's
   own frame, measured on rendered clips with known joints
3. gaps up to :data:`MAX_GAP_S` are bridged, longer ones stay gaps; then a short Gaussian over time takes the jitter
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import gaussian_filter1d

from ergo.body.landmarks import Landmark as L
from ergo.geometry.camera import rays
from ergo.geometry.rotations import frame_from_axes, rotation_between
from ergo.types import Keypoints

MAX_GAP_S = 0.3
"""Longest gap that is bridged: a posture can change within half a second, so a longer one stays unknown."""

SMOOTHING_S = 0.08
"""Standard deviation of the Gaussian over time, well below the 0.5 s that a scored posture must last."""

HIP_OFFSET_M = np.array([0.0, 0.0, 0.048])
"""Hip landmark minus hip joint in the pelvis frame (left, up, forward)."""

SHOULDER_OFFSET_M = np.array([0.0, 0.025, 0.014])
"""Shoulder landmark minus shoulder joint in the thorax frame (left, up, forward)."""

_TRUNK = [L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP]


def bridge_gaps(
    values: Float[np.ndarray, "T *d"], timestamps_s: Float[np.ndarray, "T"]
) -> tuple[Float[np.ndarray, "T *d"], Bool[np.ndarray, "T"]]:
    """Linear interpolation over missing (NaN) frames no more than :data:`MAX_GAP_S` from both neighbours.

    Returns the values and the mask of frames that now have one.
    """
    flat = values.reshape(len(values), -1)
    known = np.flatnonzero(np.isfinite(flat).all(axis=1))
    filled = flat.astype(float, copy=True)
    if len(known) == 0:
        return filled.reshape(values.shape), np.zeros(len(values), dtype=bool)
    gap = np.diff(timestamps_s[known])
    for left, right, width_s in zip(known[:-1], known[1:], gap, strict=True):
        if right - left > 1 and width_s <= MAX_GAP_S:
            weight = (timestamps_s[left + 1 : right] - timestamps_s[left]) / width_s
            filled[left + 1 : right] = flat[left] + weight[:, None] * (flat[right] - flat[left])
    return filled.reshape(values.shape), np.isfinite(filled).all(axis=1)


def smooth(
    values: Float[np.ndarray, "T *d"], timestamps_s: Float[np.ndarray, "T"], sd_s: float
) -> Float[np.ndarray, "T *d"]:
    """Gaussian over time within each run of valid frames; runs are never mixed across a gap."""
    step_s = float(np.median(np.diff(timestamps_s))) if len(timestamps_s) > 1 else 1.0
    smoothed = values.astype(float, copy=True)
    for run in runs(np.isfinite(values.reshape(len(values), -1)).all(axis=1)):
        smoothed[run] = gaussian_filter1d(values[run].astype(float), sd_s / step_s, axis=0, mode="nearest")
    return smoothed


def runs(mask: Bool[np.ndarray, "T"]) -> list[slice]:
    """Slices of consecutive true frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def turn_to_viewing_ray(
    xyz_m: Float[np.ndarray, "T 33 3"], xy_px: Float[np.ndarray, "T 33 2"], K: Float[np.ndarray, "3 3"]
) -> Float[np.ndarray, "T 33 3"]:
    """World landmarks turned from the frame that looks at the person into the camera frame."""
    ray = rays(xy_px[:, _TRUNK].mean(axis=1), K)
    turn = rotation_between(np.array([0.0, 0.0, 1.0]), ray)
    return np.einsum("tij,tlj->tli", turn, xyz_m)


def move_to_joints(points_m: Float[np.ndarray, "T 33 3"]) -> Float[np.ndarray, "T 33 3"]:
    """Hip and shoulder landmarks moved to the joint centres (the other landmarks stay)."""
    trunk_up = points_m[:, _TRUNK[:2]].mean(axis=1) - points_m[:, _TRUNK[2:]].mean(axis=1)
    moved = points_m.copy()
    for pair, offset_m in (
        ((L.LEFT_HIP, L.RIGHT_HIP), HIP_OFFSET_M),
        ((L.LEFT_SHOULDER, L.RIGHT_SHOULDER), SHOULDER_OFFSET_M),
    ):
        frame = frame_from_axes(trunk_up, points_m[:, pair[0]] - points_m[:, pair[1]])
        moved[:, list(pair)] -= np.einsum("tij,j->ti", frame, offset_m)[:, None]
    return moved


def lift(keypoints: Keypoints, K: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "T 33 3"]:
    """Joint positions about the hips in the camera frame, metres; NaN in frames without the person."""
    xyz, _ = bridge_gaps(np.asarray(keypoints.xyz_m), keypoints.timestamps_s)
    xy, _ = bridge_gaps(np.asarray(keypoints.xy_px), keypoints.timestamps_s)
    points = move_to_joints(turn_to_viewing_ray(xyz, xy, K))
    return smooth(points, keypoints.timestamps_s, SMOOTHING_S)
