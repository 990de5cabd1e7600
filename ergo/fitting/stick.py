"""The stick figure that is fitted: 17 points, 16 bones, 10 shared lengths, and how landmarks lie on joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.geometry.rotations import frame_from_axes

POINT_LANDMARKS: tuple[tuple[L, ...], ...] = (
    (L.LEFT_SHOULDER,),
    (L.RIGHT_SHOULDER,),
    (L.LEFT_ELBOW,),
    (L.RIGHT_ELBOW,),
    (L.LEFT_WRIST,),
    (L.RIGHT_WRIST,),
    (L.LEFT_HIP,),
    (L.RIGHT_HIP,),
    (L.LEFT_KNEE,),
    (L.RIGHT_KNEE,),
    (L.LEFT_ANKLE,),
    (L.RIGHT_ANKLE,),
    (L.LEFT_EAR, L.RIGHT_EAR),
    (L.LEFT_FOOT_INDEX,),
    (L.RIGHT_FOOT_INDEX,),
    (L.LEFT_HEEL,),
    (L.RIGHT_HEEL,),
)
"""The 17 points; the head's is the middle between the ears."""

POINTS = len(POINT_LANDMARKS)
SIZE = 3 * POINTS
LSH, RSH, LEL, REL, LWR, RWR, LHI, RHI, LKN, RKN, LAN, RAN, HEAD, LTO, RTO, LHE, RHE = range(POINTS)
FEET = [LTO, RTO, LHE, RHE]

LENGTHS_M = np.array([0.20, 0.48, 0.35, 0.22, 0.28, 0.25, 0.40, 0.41, 0.19, 0.06])
"""Typical bone lengths at a stature of 1.70 m: hips, trunk, shoulders, head, upper arm, forearm, thigh, shank,
ankle to toe, ankle to heel."""
LENGTHS_STATURE_M = 1.70

_BONES: tuple[tuple[int, dict[int, float]], ...] = (
    (0, {LHI: 1, RHI: -1}),
    (1, {LSH: 0.5, RSH: 0.5, LHI: -0.5, RHI: -0.5}),
    (2, {LSH: 1, RSH: -1}),
    (3, {HEAD: 1, LSH: -0.5, RSH: -0.5}),
    (4, {LEL: 1, LSH: -1}),
    (4, {REL: 1, RSH: -1}),
    (5, {LWR: 1, LEL: -1}),
    (5, {RWR: 1, REL: -1}),
    (6, {LKN: 1, LHI: -1}),
    (6, {RKN: 1, RHI: -1}),
    (7, {LAN: 1, LKN: -1}),
    (7, {RAN: 1, RKN: -1}),
    (8, {LTO: 1, LAN: -1}),
    (8, {RTO: 1, RAN: -1}),
    (9, {LHE: 1, LAN: -1}),
    (9, {RHE: 1, RAN: -1}),
)
"""Bones as (index of the shared length, combination of points)."""

BONE_OF_POINTS: Float[np.ndarray, "16 17"] = np.array(
    [[combination.get(point, 0.0) for point in range(POINTS)] for _, combination in _BONES]
)
LENGTH_OF_BONE = np.array([length for length, _ in _BONES])


def points_of(landmarks: Float[np.ndarray, "T 33 d"]) -> Float[np.ndarray, "T 17 d"]:
    """The 17 points of the fit from the 33 landmarks."""
    return np.stack([landmarks[:, list(group)].mean(axis=1) for group in POINT_LANDMARKS], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkOffsets:
    """Landmark minus joint, metres, in the frame (left, up, forward) of pelvis or thorax; mirrored on the right."""

    hip: tuple[float, float, float] = (0.0, 0.0, 0.048)
    shoulder: tuple[float, float, float] = (0.0, 0.025, 0.014)

    def at(self, points: Float[np.ndarray, "T 17 3"]) -> Float[np.ndarray, "T 17 3"]:
        """Offsets of all points for the current posture, camera frame."""
        up = (points[:, LSH] + points[:, RSH] - points[:, LHI] - points[:, RHI]) / 2
        moved = np.zeros_like(points)
        for left, right, offset in ((LHI, RHI, self.hip), (LSH, RSH, self.shoulder)):
            frame = frame_from_axes(up, points[:, left] - points[:, right])
            for point, mirror in ((left, 1.0), (right, -1.0)):
                moved[:, point] = frame @ (np.array(offset) * np.array([mirror, 1.0, 1.0]))
        return moved
