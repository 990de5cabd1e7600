"""The motion as BVH (Biovision hierarchy), which Blender, MotionBuilder and game engines read.

The hierarchy is the SMPL-X skeleton with its own names, offsets and positions in centimetres, Y up, +Z ahead in the
T-pose. Every joint turns by Z, then X, then Y about its own axes; at zero the body stands in the T-pose. The root has
no offset: its position channels alone say where it is. A BVH knows no gaps and one frame time: see
:mod:`ergo.report.even`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.body.skeleton import JOINT_COUNT, JOINT_NAMES, PARENTS
from ergo.report.even import even
from ergo.types import Motion

_CM = 100.0
_ORDER = "ZXY"
_TURNS = "Zrotation Xrotation Yrotation"
_TIP = 0.5
"""The last bone of a chain, as a part of the one before: BVH wants its end, the skeleton has none."""


def write_bvh(path: Path, motion: Motion, joints_rest_m: Float[np.ndarray, "55 3"]) -> None:
    """Write the motion of a body whose joints lie there in the T-pose.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    moving = even(motion)
    frames = len(moving.pose)
    turns = Rotation.from_rotvec(moving.pose.reshape(-1, 3)).as_euler(_ORDER, degrees=True)
    turns = turns.reshape(frames, JOINT_COUNT, 3)[:, _in_order()]
    root_cm = _CM * (joints_rest_m[0] + moving.transl)
    rows = np.concatenate([root_cm, turns.reshape(frames, -1)], axis=1)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write("HIERARCHY\n")
        file.writelines(line + "\n" for line in _joint(0, joints_rest_m, 0))
        file.write(f"MOTION\nFrames: {frames}\nFrame Time: {1 / moving.rate_hz:.8f}\n")
        np.savetxt(file, rows, fmt="%.4f")


def _children(joint: int) -> list[int]:
    return np.flatnonzero(joint == PARENTS).tolist()


def _in_order(joint: int = 0) -> list[int]:
    """The joints as the hierarchy lists them, depth first: that is the order of the channels."""
    return [joint, *(below for child in _children(joint) for below in _in_order(child))]


def _joint(joint: int, rest_m: np.ndarray, depth: int) -> Iterator[str]:
    tab = "\t" * depth
    bone = rest_m[joint] - rest_m[PARENTS[joint]] if joint else np.zeros(3)
    yield f"{tab}{'JOINT' if joint else 'ROOT'} {JOINT_NAMES[joint]}"
    yield f"{tab}{{"
    yield f"{tab}\t{_offset(bone)}"
    positions = "" if joint else "Xposition Yposition Zposition "
    yield f"{tab}\tCHANNELS {3 if joint else 6} {positions}{_TURNS}"
    for child in _children(joint):
        yield from _joint(child, rest_m, depth + 1)
    if not _children(joint):
        yield from (f"{tab}\tEnd Site", f"{tab}\t{{", f"{tab}\t\t{_offset(_TIP * bone)}", f"{tab}\t}}")
    yield f"{tab}}}"


def _offset(bone_m: np.ndarray) -> str:
    return "OFFSET " + " ".join(f"{_CM * value:.6f}" for value in bone_m)
