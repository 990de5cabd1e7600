"""Where the body stands before the camera that filmed it: what ``assets/viewer/filmed.js`` does in the page.

The motion lives in the room, upright and on the ground. How the camera was turned is known, so that only its place is
left: three numbers a frame, by least squares from the landmarks that were seen and the joints that they belong to.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.body.skeleton import JOINT_INDEX
from ergo.geometry.camera import rotation_world_cam, up_from_tilt
from ergo.report.player_file import KEYPOINT_SCALE, MISSING_I16
from ergo.report.stored import Stored

_PAIRS: Final = tuple(
    (L[f"{side}_{part}".upper()], JOINT_INDEX[f"{side}_{part}"])
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
_LEAST_PAIRS: Final = 4
_NEAREST_M: Final = 0.2
_STEADY_FRAMES: Final = 3
"""The distance is the mean over so many frames on both sides: it shakes, and the worker hardly comes and goes."""


def cameras(stored: Stored) -> Float[np.ndarray, "T 3 4"]:
    """Room coordinates in metres to those of the camera (X right, Y down, Z away); NaN where too little was seen."""
    turn = _turns(stored)
    marks, joints = (np.array(index) for index in zip(*_PAIRS, strict=True))
    raw = stored.arrays["keypoints"][:, marks].astype(float)
    sure = stored.arrays["keypoint_confidence"][:, marks] / 255.0
    known = (raw[..., 0] != MISSING_I16) & (sure > 0) & stored.motion.valid[:, None]
    video, focal_px = stored.meta["video"], stored.meta["gravity"]["focal_px"]
    xy = (raw / KEYPOINT_SCALE - 0.5) * [video["width_px"], video["height_px"]] / focal_px
    at = np.einsum("tab,tpb->tpa", turn, np.nan_to_num(stored.motion.joints_m[:, joints]))
    place = _places(xy, at, np.where(known, sure**2, 0.0))
    place[known.sum(axis=1) < _LEAST_PAIRS] = np.nan
    return np.concatenate([turn, place[..., None]], axis=2)


def _places(
    xy: Float[np.ndarray, "T P 2"], at_m: Float[np.ndarray, "T P 3"], weight: Float[np.ndarray, "T P"]
) -> Float[np.ndarray, "T 3"]:
    """The move of points that are turned already, from x·(z + move_z) = X + move_x of each, and the same for y."""
    total = weight.sum(axis=1)
    away = xy * at_m[..., 2:] - at_m[..., :2]
    sums = [np.einsum("tp,tp...->t...", weight, values) for values in (xy, away, (xy**2).sum(-1), (xy * away).sum(-1))]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = sums[2] - (sums[0] ** 2).sum(-1) / total
        distance = ((sums[0] * sums[1]).sum(-1) / total - sums[3]) / spread
        distance[~((spread > 1e-9) & (distance > _NEAREST_M))] = np.nan
        distance = _steady(distance)
        sideways = (sums[1] + sums[0] * distance[:, None]) / total[:, None]
    return np.concatenate([sideways, distance[:, None]], axis=1)


def _steady(distance_m: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """The mean over the frames around; NaN stays."""
    known = np.isfinite(distance_m)
    window = np.ones(2 * _STEADY_FRAMES + 1)
    padded = [np.pad(values, _STEADY_FRAMES) for values in (np.where(known, distance_m, 0.0), known.astype(float))]
    sums, counts = (np.convolve(values, window, "valid") for values in padded)
    return np.where(known, sums / np.maximum(counts, 1.0), np.nan)


def _turns(stored: Stored) -> Float[np.ndarray, "T 3 3"]:
    gravity = stored.meta["gravity"]
    turn = rotation_world_cam(up_from_tilt(gravity["pitch_deg"], gravity["roll_deg"])).T
    if "camera_turn" not in stored.arrays:
        return np.broadcast_to(turn, (len(stored.motion.timestamps_s), 3, 3))
    return stored.arrays["camera_turn"].reshape(-1, 3, 3).swapaxes(1, 2).astype(float) @ turn
