"""The SMPL-X skeleton: 55 joints, their parents, and the body region each one belongs to.

Order and names are those of the SMPL-X model files (Pavlakos et al., "Expressive Body Capture", CVPR 2019)
as the ``smplx`` package lists them: root, 21 body joints, jaw, two eyes, 15 joints of the left hand, 15 of
the right.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

_BODY: tuple[tuple[str, str | None], ...] = (
    ("pelvis", None),
    ("left_hip", "pelvis"),
    ("right_hip", "pelvis"),
    ("spine1", "pelvis"),
    ("left_knee", "left_hip"),
    ("right_knee", "right_hip"),
    ("spine2", "spine1"),
    ("left_ankle", "left_knee"),
    ("right_ankle", "right_knee"),
    ("spine3", "spine2"),
    ("left_foot", "left_ankle"),
    ("right_foot", "right_ankle"),
    ("neck", "spine3"),
    ("left_collar", "spine3"),
    ("right_collar", "spine3"),
    ("head", "neck"),
    ("left_shoulder", "left_collar"),
    ("right_shoulder", "right_collar"),
    ("left_elbow", "left_shoulder"),
    ("right_elbow", "right_shoulder"),
    ("left_wrist", "left_elbow"),
    ("right_wrist", "right_elbow"),
    ("jaw", "head"),
    ("left_eye_smplhf", "head"),
    ("right_eye_smplhf", "head"),
)
FINGERS: tuple[str, ...] = ("index", "middle", "pinky", "ring", "thumb")
"""Fingers in the order of the hand joints; each has three joints, 1 next to the palm."""

_HANDS: tuple[tuple[str, str], ...] = tuple(
    (f"{side}_{finger}{k}", f"{side}_{finger}{k - 1}" if k > 1 else f"{side}_wrist")
    for side in ("left", "right")
    for finger in FINGERS
    for k in (1, 2, 3)
)

JOINT_NAMES: tuple[str, ...] = tuple(name for name, _ in (*_BODY, *_HANDS))
"""The 55 joints in the order of every ``[55, …]`` array of a body."""

JOINT_INDEX: Mapping[str, int] = MappingProxyType({name: i for i, name in enumerate(JOINT_NAMES)})
"""Where each joint stands in :data:`JOINT_NAMES`."""

JOINT_COUNT = len(JOINT_NAMES)
BODY_POSE = slice(1, 22)
"""Joints that ``body_pose`` turns; 0 is ``global_orient``."""
JAW = 22
LEFT_EYE = 23
RIGHT_EYE = 24
LEFT_HAND_POSE = slice(25, 40)
RIGHT_HAND_POSE = slice(40, 55)


def _frozen(values: list[int]) -> np.ndarray:
    array = np.array(values, dtype=np.int64)
    array.setflags(write=False)
    return array


PARENTS: np.ndarray = _frozen([-1 if up is None else JOINT_INDEX[up] for _, up in (*_BODY, *_HANDS)])
"""int64[55], the parent of each joint, −1 for the root; a parent always stands before its children."""

REGIONS: tuple[str, ...] = (
    "head",
    "trunk",
    "left_upper_arm",
    "right_upper_arm",
    "left_lower_arm",
    "right_lower_arm",
    "left_hand",
    "right_hand",
    "left_leg",
    "right_leg",
)
"""Parts of the body that the viewer tints by risk."""


def _region(name: str) -> str:
    side, _, part = name.rpartition("_") if name.startswith(("left", "right")) else ("", "", name)
    if name in {"neck", "head", "jaw"} or "eye" in name:
        return "head"
    if name.startswith(("pelvis", "spine")) or part == "collar":
        return "trunk"
    limb = {
        "shoulder": "upper_arm",
        "elbow": "lower_arm",
        "hip": "leg",
        "knee": "leg",
        "ankle": "leg",
        "foot": "leg",
    }
    return f"{side}_{limb.get(part, 'hand')}"


REGION_OF_JOINT: np.ndarray = _frozen([REGIONS.index(_region(name)) for name in JOINT_NAMES])
"""int64[55], the index into :data:`REGIONS` of the part that each joint moves."""
