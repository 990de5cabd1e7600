"""Where the posed body stands: its place in front of the camera, and its height above the ground it stands on."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.body.skeleton import JOINT_INDEX
from ergo.fitting.gaps import smooth
from ergo.fitting.stick import LHI, RHI

PLACE_SMOOTHING_S = 0.2
"""Distance from one camera is noisy; people do not jump towards it."""
KNEE_CLEARANCE_M = 0.06
"""Height of the knee joint above the ground when somebody kneels."""


def hips_to(
    points_m: Float[np.ndarray, "T 17 3"], joints_m: Float[np.ndarray, "T 55 3"], timestamps_s: Float[np.ndarray, "T"]
) -> Float[np.ndarray, "T 3"]:
    """Translation that brings the middle of the body's hips to that of the fitted points (world, metres)."""
    fitted = (points_m[:, LHI] + points_m[:, RHI]) / 2
    posed = (joints_m[:, JOINT_INDEX["left_hip"]] + joints_m[:, JOINT_INDEX["right_hip"]]) / 2
    return smooth(fitted - posed, timestamps_s, PLACE_SMOOTHING_S)


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
