"""Virtual markers: joint centres, and points of the skin where a motion laboratory would stick one.

A point of the skin is the farthest vertex in a direction from a place in the skeleton, in the T-pose (palms down, left
arm along +X, facing +Z), close to that line. The model has no bones under its skin: such a marker is where the bone
would be felt, to a centimetre or two, and moves with the skin as the body model does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from jaxtyping import Float

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import full_pose, rotation_matrices, skin_blocks
from ergo.errors import SettingsError
from ergo.types import Motion

Direction = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SkinPoint:
    """A marker on the skin: seen from `joints` (their mean, moved by `shift_m`) along `direction`, on the part that
    `moved_by` moves. `what` names it."""

    what: str
    joints: tuple[str, ...]
    direction: Direction
    moved_by: tuple[str, ...]
    shift_m: Direction = (0.0, 0.0, 0.0)


_UP, _DOWN, _AHEAD, _BACK = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)
_TRUNK = ("pelvis", "spine1", "spine2", "spine3", "neck", "left_collar", "right_collar")
_LOW = ("pelvis", "spine1", "left_hip", "right_hip")
_EYES = ("left_eye_smplhf", "right_eye_smplhf")

_MIDDLE: Final[Mapping[str, SkinPoint]] = {
    "C7": SkinPoint("seventh cervical vertebra", ("neck",), _BACK, _TRUNK),
    "T10": SkinPoint("tenth thoracic vertebra", ("spine2", "spine3"), _BACK, _TRUNK),
    "CLAV": SkinPoint("jugular notch", ("left_collar", "right_collar"), _AHEAD, _TRUNK),
    "STRN": SkinPoint("xiphoid process", ("spine3",), _AHEAD, _TRUNK),
    "TOPH": SkinPoint("top of the head", ("head",), _UP, ("head",)),
    "GLAB": SkinPoint("between the eyes", _EYES, _AHEAD, ("head",)),
}


def _side(letter: str, side: str, out: Direction) -> dict[str, SkinPoint]:
    inward = (-out[0], 0.0, 0.0)

    def joints(*names: str) -> tuple[str, ...]:
        return tuple(f"{side}_{name}" for name in names)

    arm, leg, foot = joints("shoulder", "elbow", "wrist"), joints("hip", "knee", "ankle"), joints("ankle", "foot")
    hand = joints("wrist", "index1", "middle1", "ring1", "pinky1", "thumb1", "elbow")
    points = {
        "SHO": SkinPoint("acromion", joints("shoulder"), _UP, joints("collar", "shoulder")),
        "LEL": SkinPoint("lateral epicondyle of the humerus", joints("elbow"), _UP, arm),
        "MEL": SkinPoint("medial epicondyle of the humerus", joints("elbow"), _DOWN, arm),
        "WRR": SkinPoint("radial styloid", joints("wrist"), _AHEAD, hand),
        "WRU": SkinPoint("ulnar styloid", joints("wrist"), _BACK, hand),
        "FIN": SkinPoint("head of the third metacarpal", joints("middle1"), _UP, hand + joints("middle2")),
        "ASI": SkinPoint("anterior superior iliac spine", ("spine1", *joints("hip", "hip")), _AHEAD, _LOW),
        "PSI": SkinPoint("posterior superior iliac spine", ("spine1", *joints("hip")), _BACK, _LOW),
        "TRO": SkinPoint("greater trochanter", joints("hip"), out, _LOW),
        "LKN": SkinPoint("lateral condyle of the femur", joints("knee"), out, leg),
        "MKN": SkinPoint("medial condyle of the femur", joints("knee"), inward, leg),
        "LAN": SkinPoint("lateral malleolus", joints("ankle"), out, leg + foot),
        "MAN": SkinPoint("medial malleolus", joints("ankle"), inward, leg + foot),
        "HEE": SkinPoint("heel", joints("ankle"), _BACK, foot, (0.0, -0.03, 0.0)),
        "TOE": SkinPoint("tip of the foot", joints("foot"), _AHEAD, foot),
        "MT5": SkinPoint("head of the fifth metatarsal", joints("foot"), out, foot),
        "MT1": SkinPoint("head of the first metatarsal", joints("foot"), inward, foot),
        "EAR": SkinPoint("in front of the ear", ("head", *_EYES), out, ("head", "jaw")),
    }
    return {f"{letter}{name}": point for name, point in points.items()}


SKIN_POINTS: Final[Mapping[str, SkinPoint]] = MappingProxyType(
    {**_MIDDLE, **_side("L", "left", (1.0, 0.0, 0.0)), **_side("R", "right", (-1.0, 0.0, 0.0))}
)
"""Markers on the skin by their name."""

JOINT_MARKERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{'' if side is None else side[0].upper()}{name}": joint if side is None else f"{side}_{joint}"
        for name, joint, sides in (
            ("PelvisC", "pelvis", (None,)),
            ("NeckC", "neck", (None,)),
            ("HeadC", "head", (None,)),
            *(
                (f"{part.capitalize()}JC", part, ("left", "right"))
                for part in ("hip", "knee", "ankle", "foot", "shoulder", "elbow", "wrist")
            ),
        )
        for side in sides
    }
)
"""Joint centres by the name of their marker: ``LKneeJC`` is ``left_knee``."""

_NEAR_M = 0.02


def vertices_of(body: BodyModel, shaped: ShapedBody) -> dict[str, int]:
    """The vertex of each marker on the skin."""
    mover = body.weights.argmax(axis=1)
    return {name: _vertex(point, shaped, mover) for name, point in SKIN_POINTS.items()}


def _vertex(point: SkinPoint, shaped: ShapedBody, mover: np.ndarray) -> int:
    start = np.mean([shaped.joints_m[JOINT_INDEX[joint]] for joint in point.joints], axis=0) + point.shift_m
    direction = np.array(point.direction)
    away = shaped.vertices_m - start
    along = away @ direction
    beside = np.linalg.norm(away - along[:, None] * direction, axis=1)
    candidates = np.isin(mover, [JOINT_INDEX[joint] for joint in point.moved_by]) & (along > 0)
    near = candidates & (beside < max(_NEAR_M, 1.2 * beside[candidates].min()))
    return int(np.flatnonzero(near)[along[near].argmax()])


def marker_paths(motion: Motion, body: BodyModel) -> dict[str, Float[np.ndarray, "T 3"]]:
    """Where each marker is over time, metres in the world of the motion; NaN where nobody was seen."""
    shaped = body.shaped(motion.betas)
    chosen = vertices_of(body, shaped)
    points = _skinned(motion, body, shaped, list(chosen.values()))
    joints = {name: motion.joints_m[:, JOINT_INDEX[joint]] for name, joint in JOINT_MARKERS.items()}
    return joints | {name: points[:, column].astype(float) for column, name in enumerate(chosen)}


def _skinned(motion: Motion, body: BodyModel, shaped: ShapedBody, vertices: list[int]) -> np.ndarray:
    """A few vertices over the whole motion: the body is cut down to them first."""
    few = replace(
        body,
        v_template_m=body.v_template_m[vertices],
        shapedirs=body.shapedirs[vertices],
        exprdirs=body.exprdirs[vertices],
        posedirs=None if body.posedirs is None else _columns(body.posedirs, vertices),
        weights=body.weights[vertices],
        joint_regressor=body.joint_regressor[:, vertices],
        faces=np.zeros((0, 3), np.int32),
        vertex_rgb=body.vertex_rgb[vertices],
    )
    rest = ShapedBody(vertices_m=shaped.vertices_m[vertices], joints_m=shaped.joints_m)
    pose = full_pose(motion)
    out = np.empty((len(pose), len(vertices), 3), np.float32)
    for frames, found in skin_blocks(few, rest, rotation_matrices(pose), motion.transl, block_frames=4096):
        out[frames] = found
    return out


def _columns(posedirs: np.ndarray, vertices: list[int]) -> np.ndarray:
    return np.ascontiguousarray(posedirs.reshape(len(posedirs), -1, 3)[:, vertices].reshape(len(posedirs), -1))


def facing(motion: Motion) -> Float[np.ndarray, "3 3"]:
    """The turn about the vertical after which the body faces +X on the whole, as OpenSim's models do.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    left, right = (motion.joints_m[motion.valid, JOINT_INDEX[f"{side}_hip"]] for side in ("left", "right"))
    if len(left) == 0:
        raise SettingsError("The person was seen in no frame.", "Pick a person who is in the picture.")
    ahead = np.cross(left - right, [0.0, 1.0, 0.0])
    mean = np.median(ahead / np.linalg.norm(ahead, axis=1, keepdims=True), axis=0)
    x, z = np.array([mean[0], mean[2]]) / np.hypot(mean[0], mean[2])
    return np.array([[x, 0.0, z], [0.0, 1.0, 0.0], [-z, 0.0, x]])
