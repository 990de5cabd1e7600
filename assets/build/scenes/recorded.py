"""Recorded motion put onto a body: the turns of each bone since the recording's rest pose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from bvh import Recording, poses, read_bvh, rest_positions
from scipy.spatial.transform import Rotation, Slerp

from ergo.body.skeleton import JOINT_INDEX, PARENTS
from ergo.geometry.rotations import rotation_between
from scenes.figure import Figure, Movement, from_world

SIDES = (("left", "L"), ("right", "R"))
_CC = {"pelvis": "Hip", "spine1": "Waist", "spine2": "Spine01", "spine3": "Spine02", "neck": "NeckTwist01",
       "head": "Head"}  # fmt: skip
_CC_LIMBS = {"collar": "Clavicle", "shoulder": "Upperarm", "elbow": "Forearm", "wrist": "Hand", "hip": "Thigh",
             "knee": "Calf", "ankle": "Foot"}  # fmt: skip
_XSENS = {"pelvis": "Hips", "spine1": "Chest", "spine2": "Chest3", "spine3": "Chest4", "neck": "Neck", "head": "Head"}
_XSENS_LIMBS = {"collar": "Collar", "shoulder": "Shoulder", "elbow": "Elbow", "wrist": "Wrist", "hip": "Hip",
                "knee": "Knee", "ankle": "Ankle"}  # fmt: skip
RIGS: tuple[Mapping[str, str], ...] = tuple(
    MappingProxyType(rig)
    for rig in (
        {k: f"CC_Base_{v}" for k, v in _CC.items()}
        | {f"{side}_{k}": f"CC_Base_{s}_{v}" for side, s in SIDES for k, v in _CC_LIMBS.items()},
        _XSENS | {f"{side}_{k}": f"{side.capitalize()}{v}" for side, _ in SIDES for k, v in _XSENS_LIMBS.items()},
    )
)
"""The recordings' name of each joint of the body."""

LIMBS = {"collar": "shoulder", "shoulder": "elbow", "elbow": "wrist", "hip": "knee", "knee": "ankle"}
"""Bones whose direction at rest differs from the body's, by the joints at their ends."""


def play(figure: Figure, path: Path, start_share: float, times_s: np.ndarray) -> Movement:
    """The body moved as in a piece of a recording, in its middle above the origin and turned to +Z.

    Args:
        figure: who moves.
        path: a BVH file with the joints of one of :data:`RIGS`.
        start_share: where the piece starts: 0 at the beginning, 1 as late as its length allows.
        times_s: of the frames, from 0; a short recording ends in its last posture.
    """
    recording = read_bvh(path)
    rig = next(rig for rig in RIGS if set(rig.values()) <= set(recording.names))
    length_s = (len(recording.frames) - 1) * recording.step_s
    first = int(start_share * max(0.0, length_s - times_s[-1]) / recording.step_s)
    last = min(len(recording.frames), first + int(times_s[-1] / recording.step_s) + 2)
    turns, places = poses(recording, slice(first, last))
    at = np.clip(times_s, 0, (last - first - 1) * recording.step_s)
    grid = np.arange(last - first) * recording.step_s
    corrections = _corrections(figure, recording, rig)
    world = np.tile(np.eye(3), (len(times_s), len(PARENTS), 1, 1))
    for name, index in JOINT_INDEX.items():
        if name in rig:
            world[:, index] = Slerp(grid, turns[rig[name]])(at).as_matrix() @ corrections[name]
        elif index > 0:
            world[:, index] = world[:, PARENTS[index]]
    root = places[rig["pelvis"]]
    pelvis_m = np.stack([np.interp(at, grid, root[:, k]) for k in range(3)], axis=-1) * _scale(figure, recording, rig)
    middle = world[len(world) // 2, 0] @ [0.0, 0.0, 1.0]
    face = Rotation.from_euler("y", -np.arctan2(middle[0], middle[2])).as_matrix()
    low, high = pelvis_m.min(axis=0), pelvis_m.max(axis=0)
    pelvis_m = (pelvis_m - (low + high) / 2 * [1, 0, 1]) @ face.T
    movement = from_world(figure, face @ world, pelvis_m)
    ankles = movement.joints_m[:, [JOINT_INDEX["left_ankle"], JOINT_INDEX["right_ankle"]], 1].min(axis=1)
    return movement.moved(0.0, np.array([0.0, figure.sole_m - np.percentile(ankles, 15), 0.0]))


def _corrections(figure: Figure, recording: Recording, rig: Mapping[str, str]) -> dict[str, np.ndarray]:
    """What turns each bone of the T-pose to the recording's rest pose."""
    rest = rest_positions(recording)
    found = {name: np.eye(3) for name in rig}
    for side, _ in SIDES:
        for start, end in LIMBS.items():
            a, b = f"{side}_{start}", f"{side}_{end}"
            found[a] = rotation_between(figure.bone(a, b), rest[rig[b]] - rest[rig[a]])
        found[f"{side}_wrist"] = found[f"{side}_elbow"]
    return found


def _scale(figure: Figure, recording: Recording, rig: Mapping[str, str]) -> float:
    """Metres of this body for each unit of the recording, by the length of the legs."""
    rest = rest_positions(recording)
    pairs = (("left_hip", "left_knee"), ("left_knee", "left_ankle"))
    ours = sum(np.linalg.norm(figure.bone(a, b)) for a, b in pairs)
    theirs = sum(np.linalg.norm(rest[rig[b]] - rest[rig[a]]) for a, b in pairs)
    return float(ours / theirs)
