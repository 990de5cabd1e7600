"""Motions and angles of simple figures, for tests of the assessment."""

from __future__ import annotations

import numpy as np

from ergo.assess.angle_catalogue import ANGLES, NOT_MEASURED, OF_HANDS
from ergo.body.skeleton import JOINT_INDEX
from ergo.types import JointAngles, Motion

STANDING_M = {
    "pelvis": (0, 0.95, 0),
    "left_hip": (0.09, 0.90, 0),
    "right_hip": (-0.09, 0.90, 0),
    "left_knee": (0.10, 0.49, 0),
    "right_knee": (-0.10, 0.49, 0),
    "left_ankle": (0.10, 0.08, 0),
    "right_ankle": (-0.10, 0.08, 0),
    "left_foot": (0.11, 0.02, 0.12),
    "right_foot": (-0.11, 0.02, 0.12),
    "neck": (0, 1.45, 0),
    "head": (0, 1.60, 0.02),
    "left_shoulder": (0.18, 1.38, 0),
    "right_shoulder": (-0.18, 1.38, 0),
    "left_elbow": (0.20, 1.10, 0),
    "right_elbow": (-0.20, 1.10, 0),
    "left_wrist": (0.21, 0.85, 0.02),
    "right_wrist": (-0.21, 0.85, 0.02),
}
_LOWER = ("left_knee", "right_knee", "left_ankle", "right_ankle", "left_foot", "right_foot")

SEATED_M = (
    STANDING_M
    | {name: (x, y - 0.45, z) for name, (x, y, z) in STANDING_M.items() if name not in _LOWER}
    | {name: (x, y, z + 0.41) for name, (x, y, z) in STANDING_M.items() if name in _LOWER}
)
"""On a chair: pelvis at 0.50 m, thighs level, feet 0.4 m in front."""

SQUATTING_M = SEATED_M | {name: (x, y - 0.1, z + 0.40) for name, (x, y, z) in SEATED_M.items() if name not in _LOWER}
"""Low, with the weight over the feet."""


def motion_of(pose_m: dict[str, tuple[float, float, float]], timestamps_s, valid=None) -> Motion:
    """A figure standing still at the given joint positions."""
    frames = len(timestamps_s)
    joints = np.zeros((frames, 55, 3))
    for name, place in pose_m.items():
        joints[:, JOINT_INDEX[name]] = place
    valid = np.ones(frames, dtype=bool) if valid is None else valid
    joints[~valid] = np.nan
    return Motion(
        betas=np.zeros(10),
        global_orient=np.zeros((frames, 3)),
        body_pose=np.zeros((frames, 21, 3)),
        left_hand_pose=np.zeros((frames, 15, 3)),
        right_hand_pose=np.zeros((frames, 15, 3)),
        jaw_pose=np.zeros((frames, 3)),
        expression=np.zeros((frames, 10)),
        transl=np.zeros((frames, 3)),
        joints_m=joints,
        timestamps_s=np.asarray(timestamps_s, dtype=float),
        valid=valid,
    )


def angles_of(timestamps_s, **values) -> JointAngles:
    """Angles all 0 but elbows 80°, hands beside the hips and the never measured ones NaN; `values` override by name."""
    names = tuple(angle.id for angle in ANGLES)
    columns = np.zeros((len(timestamps_s), len(names)))
    for name in NOT_MEASURED | OF_HANDS:
        columns[:, names.index(name)] = np.nan
    for side in ("left", "right"):
        columns[:, names.index(f"{side}_elbow_flexion")] = 80
        columns[:, names.index(f"{side}_hand_across_cm")] = -18
    for name, value in values.items():
        columns[:, names.index(name)] = value
    return JointAngles(
        names=names,
        values_deg=columns,
        sd_deg=np.full_like(columns, 5.0),
        valid=np.isfinite(columns),
        timestamps_s=np.asarray(timestamps_s, dtype=float),
    )
