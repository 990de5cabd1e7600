"""How wrong an angle may be in a given picture: a standard deviation for every angle and frame.

The variance of an angle's error is modelled as a sum

    base² + (depth · s²)² + (hidden · (1 − c))² + tilt²

with s the share of the limb that points along the viewing ray (1: straight at the camera, where a single picture tells
its direction least), c the confidence of the least certain landmark, and the tilt's own standard deviation for
angles against gravity. The terms were fitted to the errors on clips with known joints, for each way of looking at the
pictures on its own (``benchmarks/calibration.py``; docs/accuracy.md has the shares within one and two standard
deviations).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.body.skeleton import JOINT_INDEX
from ergo.geometry.camera import rays, rotation_world_cam
from ergo.geometry.rotations import unit
from ergo.types import Gravity, Keypoints, Motion, Quality, Side

ErrorKind: TypeAlias = Literal[
    "trunk", "neck", "shoulder", "arm_vertical", "elbow", "knee",
    "trunk_twist", "trunk_side_bend", "neck_twist", "neck_side_bend",
    "wrist_flexion", "wrist_deviation", "forearm_rotation", "hip", "hand", "shoulder_height",
]  # fmt: skip

Bone: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ErrorTerms:
    """Terms of the variance of one kind of angle, each as a standard deviation in degrees (centimetres for reaches)."""

    base: float
    depth: float = 0.0
    hidden: float = 0.0


_LITE: Mapping[ErrorKind, ErrorTerms] = MappingProxyType(
    {
        "trunk_twist": ErrorTerms(12.2),
        "trunk_side_bend": ErrorTerms(5.7),
        "neck_twist": ErrorTerms(17.4),
        "neck_side_bend": ErrorTerms(12.2),
        "trunk": ErrorTerms(4.2, 32.8, 0.0),
        "neck": ErrorTerms(25.0),
        "shoulder": ErrorTerms(12.9, 19.0, 0.0),
        "arm_vertical": ErrorTerms(9.4, 13.7, 0.0),
        "elbow": ErrorTerms(14.4, 83.2, 0.0),
        "knee": ErrorTerms(7.5, 30.7, 33.2),
    }
)
_HEAVY: Mapping[ErrorKind, ErrorTerms] = MappingProxyType(
    {
        "trunk": ErrorTerms(5.1, 16.4, 12.8),
        "neck": ErrorTerms(21.5),
        "shoulder": ErrorTerms(12.6, 7.0, 14.3),
        "arm_vertical": ErrorTerms(7.4, 0.0, 14.0),
        "elbow": ErrorTerms(8.9, 35.3, 27.7),
        "knee": ErrorTerms(11.1, 23.4, 25.5),
        "trunk_twist": ErrorTerms(17.7, 0.0, 31.5),
        "trunk_side_bend": ErrorTerms(4.7, 0.0, 35.9),
        "neck_twist": ErrorTerms(16.5, 0.0, 8.8),
        "neck_side_bend": ErrorTerms(13.3),
    }
)
_MIRRORED: Mapping[ErrorKind, ErrorTerms] = MappingProxyType(
    {
        "trunk_twist": ErrorTerms(10.2),
        "trunk_side_bend": ErrorTerms(4.0),
        "neck_twist": ErrorTerms(15.0, 0.0, 17.7),
        "neck_side_bend": ErrorTerms(15.0),
        "trunk": ErrorTerms(4.5, 8.3, 7.3),
        "neck": ErrorTerms(21.5),
        "shoulder": ErrorTerms(10.9, 13.6, 12.9),
        "arm_vertical": ErrorTerms(6.1, 0.0, 18.2),
        "elbow": ErrorTerms(9.5, 45.9, 0.0),
        "knee": ErrorTerms(10.0, 28.9, 18.3),
    }
)

MEASURED: Mapping[Quality, Mapping[ErrorKind, ErrorTerms]] = MappingProxyType(
    {"low": _LITE, "medium": _HEAVY, "high": _MIRRORED, "ultra": _MIRRORED}
)
"""Fitted by ``benchmarks/calibration.py``; docs/accuracy.md says to which clips. ``ultra`` is taken to err as ``high``
does: it is the same network, looking more often."""

ASSUMED: Mapping[ErrorKind, ErrorTerms] = MappingProxyType(
    {
        "wrist_flexion": ErrorTerms(15.0),
        "wrist_deviation": ErrorTerms(15.0),
        "forearm_rotation": ErrorTerms(20.0),
        "hip": ErrorTerms(12.0),
        "hand": ErrorTerms(6.0),
        "shoulder_height": ErrorTerms(2.0),
    }
)
"""Kinds whose truth the clips do not hold: assumptions in line with the neighbouring angles."""


def error_terms(kind: ErrorKind, quality: Quality) -> ErrorTerms:
    """The terms of `kind`, measured where there is truth."""
    return MEASURED[quality].get(kind) or ASSUMED[kind]


_TRUNK = (L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP)
_UPPER_ARM, _FOREARM = ("{side}_shoulder", "{side}_elbow"), ("{side}_elbow", "{side}_wrist")
_THIGH, _SHANK = ("{side}_hip", "{side}_knee"), ("{side}_knee", "{side}_ankle")

BONES: Mapping[ErrorKind, tuple[Bone, ...]] = MappingProxyType(
    {
        "trunk": (("pelvis", "neck"),),
        "neck": (("neck", "head"),),
        "shoulder": (_UPPER_ARM,),
        "arm_vertical": (_UPPER_ARM,),
        "elbow": (_UPPER_ARM, _FOREARM),
        "knee": (_THIGH, _SHANK),
    }
)
"""Bones whose direction towards the camera makes an angle uncertain."""


class Sight:
    """How a worker was seen: which limbs pointed at the camera, and how sure the estimator was.

    Args:
        motion: T frames in the gravity-aligned world.
        keypoints: the landmarks it was fitted to.
        gravity: up in the camera frame.
        K: intrinsics of the camera in displayed pixels.
        quality: how closely the pictures were looked at.
    """

    def __init__(
        self, motion: Motion, keypoints: Keypoints, gravity: Gravity, K: Float[np.ndarray, "3 3"], quality: Quality
    ) -> None:
        self._joints_m = motion.joints_m
        self._confidence = np.nan_to_num(np.asarray(keypoints.confidence, dtype=float), nan=0.0)
        trunk_px = np.asarray(keypoints.xy_px, dtype=float)[:, list(_TRUNK)].mean(axis=1)
        self._ray_world = unit(rays(trunk_px, K)) @ rotation_world_cam(gravity.up_cam).T
        self._quality: Quality = quality

    def standard_deviation(
        self, kind: ErrorKind, side: Side | None, landmarks: tuple[L, ...]
    ) -> Float[np.ndarray, "T"]:
        """Of an angle of `kind` that rests on `landmarks`, the tilt's share not included."""
        terms = error_terms(kind, self._quality)
        depth, hidden = self.cues(BONES.get(kind, ()), side, landmarks)
        return np.sqrt(terms.base**2 + (terms.depth * depth) ** 2 + (terms.hidden * hidden) ** 2)

    def cues(
        self, bones: tuple[Bone, ...], side: Side | None, landmarks: tuple[L, ...]
    ) -> tuple[Float[np.ndarray, "T"], Float[np.ndarray, "T"]]:
        """What an error may come from: s² of the bone that points most at the camera, and 1 − c."""
        none = np.zeros(len(self._confidence))
        depth = np.max([none, *(self._toward(bone, side) ** 2 for bone in bones)], axis=0)
        hidden = 1.0 - self._confidence[:, list(landmarks)].min(axis=1) if landmarks else none
        return depth, hidden

    def _toward(self, bone: Bone, side: Side | None) -> Float[np.ndarray, "T"]:
        """Share of a bone along the viewing ray; 0 where it is unknown."""
        start, end = (self._joints_m[:, JOINT_INDEX[name.format(side=side)]] for name in bone)
        return np.nan_to_num(np.abs(np.sum(unit(end - start) * self._ray_world, axis=1)))
