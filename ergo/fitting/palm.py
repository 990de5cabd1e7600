"""How a palm is turned in space, from its five knuckles in the picture and the network's own guess.

The network's depth is flat: on four synchronised cameras its palms are 34° off (median) those triangulated from all
views. A palm is a rigid plate of known proportions, though, so its foreshortening in the picture tells how far it is
turned, the network only to which side, and the forearm which turns a wrist allows. That takes the error to 16°.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.transform import Rotation

from ergo.body.hand_landmarks import HandLandmark as H
from ergo.body.hands import wrist_angles_deg
from ergo.geometry.rotations import frame_from_axes

KNUCKLES = [H.WRIST, H.INDEX_MCP, H.MIDDLE_MCP, H.RING_MCP, H.PINKY_MCP]

PALM_M = np.array([[0.0, 0.0], [0.0194, 0.1024], [0.0, 0.0975], [-0.0183, 0.0878], [-0.0345, 0.0754]])
"""The knuckles in the plane of the palm (towards the thumb, along the hand), as the network marks them: triangulated
from four cameras on one man."""

PIXEL_SD_M = 0.0075
NETWORK_SD_DEG = 45.0
SIZE_SD = 0.15
"""Of the logarithm of the hand's size in the picture: people differ, and a hand may be nearer than its body."""
FLEXION_SD_DEG, DEVIATION_SD_DEG = 45.0, 30.0
"""A wide idea of what wrists do; a wrist reaches about 80° of flexion, 20° of radial and 35° of ulnar deviation."""

_STEPS = 14
_NUDGE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Palms:
    """Turned palms: columns of `rotation` are towards the thumb, along the hand, and their cross product.

    `cost` is the sum of squares of the fit in its own standard deviations, `turned_deg` how far the fit had to turn the
    network's guess: both are large where the network was wrong.
    """

    rotation: Float[np.ndarray, "N 3 3"]
    cost: Float[np.ndarray, "N"]
    turned_deg: Float[np.ndarray, "N"]


def turn_palms(
    xy_px: Float[np.ndarray, "N 21 2"],
    xyz_m: Float[np.ndarray, "N 21 3"],
    px_per_m: Float[np.ndarray, "N"],
    forearm: Float[np.ndarray, "N 3"],
    palmar: float,
) -> Palms:
    """The most probable turn of each palm, in the frame that looks straight at it (X right, Y down, Z away).

    A flat plate looks the same when its depth is mirrored, so both turns are tried.
    """
    space = xyz_m.astype(float)
    guess = frame_from_axes(space[:, H.MIDDLE_MCP] - space[:, H.WRIST], space[:, H.INDEX_MCP] - space[:, H.PINKY_MCP])
    mirror = np.diag([1.0, 1.0, -1.0])
    problem = _Problem(xy_px[:, KNUCKLES].astype(float), px_per_m, guess, forearm, palmar)
    tries = [problem.solve(start) for start in (guess, mirror @ guess @ mirror)]
    better = (tries[1][1] < tries[0][1])[:, None, None]
    rotation = np.where(better, tries[1][0], tries[0][0])
    turned = Rotation.from_matrix(rotation @ np.swapaxes(guess, 1, 2)).magnitude()
    return Palms(rotation=rotation, cost=np.minimum(tries[0][1], tries[1][1]), turned_deg=np.degrees(turned))


class _Problem:
    """Least squares over a small turn and the logarithm of the size, for many palms at once."""

    def __init__(
        self, knuckles_px: np.ndarray, px_per_m: np.ndarray, guess: np.ndarray, forearm: np.ndarray, palmar: float
    ) -> None:
        self._seen_m = (knuckles_px - knuckles_px.mean(axis=1, keepdims=True)) / px_per_m[:, None, None]
        self._guess, self._forearm, self._palmar = guess, forearm, palmar
        self._plate = np.concatenate([PALM_M - PALM_M.mean(axis=0), np.zeros((len(PALM_M), 1))], axis=1)

    def _residuals(self, rotation: np.ndarray, log_size: np.ndarray) -> Float[np.ndarray, "N 16"]:
        plate = np.einsum("nij,kj->nki", rotation[:, :2], self._plate) * np.exp(log_size)[:, None, None]
        pixels = ((plate - self._seen_m) / PIXEL_SD_M).reshape(len(plate), -1)
        from_guess = Rotation.from_matrix(rotation @ np.swapaxes(self._guess, 1, 2)).as_rotvec()
        flexion, deviation = wrist_angles_deg(rotation, self._forearm, self._palmar)
        priors = np.stack([log_size / SIZE_SD, flexion / FLEXION_SD_DEG, deviation / DEVIATION_SD_DEG], axis=1)
        return np.concatenate([pixels, from_guess / np.radians(NETWORK_SD_DEG), priors], axis=1)

    def solve(self, start: np.ndarray) -> tuple[Float[np.ndarray, "N 3 3"], Float[np.ndarray, "N"]]:
        """Levenberg–Marquardt; a step that makes a palm worse is not taken and damped more."""
        rotation, log_size = start.copy(), np.zeros(len(start))
        damping = np.full(len(start), 1e-2)
        residuals = self._residuals(rotation, log_size)
        cost = np.sum(residuals**2, axis=1)
        for _ in range(_STEPS):
            columns = []
            for axis in range(4):
                nudge = np.zeros(4)
                nudge[axis] = _NUDGE
                turned = Rotation.from_rotvec(nudge[:3]).as_matrix() @ rotation
                columns.append((self._residuals(turned, log_size + nudge[3]) - residuals) / _NUDGE)
            jacobian = np.stack(columns, axis=2)
            normal = np.swapaxes(jacobian, 1, 2) @ jacobian + damping[:, None, None] * np.eye(4) * 10.0
            step = -np.linalg.solve(normal, np.swapaxes(jacobian, 1, 2) @ residuals[:, :, None])[:, :, 0]
            tried = Rotation.from_rotvec(step[:, :3]).as_matrix() @ rotation
            tried_size = np.clip(log_size + step[:, 3], -0.7, 0.7)
            new = self._residuals(tried, tried_size)
            better: Bool[np.ndarray, "N"] = np.sum(new**2, axis=1) < cost
            rotation[better], log_size[better], residuals[better] = tried[better], tried_size[better], new[better]
            cost = np.sum(residuals**2, axis=1)
            damping = np.where(better, damping / 5, damping * 5)
        return rotation, cost
