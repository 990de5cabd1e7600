"""Paint a body in its T-pose: skin, a hair cap and neutral work clothes, one colour a vertex.

Nothing of a licensed file is needed but geometry, so a user's own SMPL-X body is painted the same way.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.skeleton import JOINT_INDEX

SKIN = (190, 152, 128)
HAIR = (70, 61, 57)
SHIRT = (104, 125, 138)
BELT = (46, 45, 47)
TROUSERS = (66, 73, 84)
SHOES = (47, 46, 48)
EYE = (226, 224, 219)
IRIS = (66, 56, 50)
IRIS_RADIUS = 0.4
"""Sine of the angle between gaze and the iris' rim: 12 mm iris on a 24 mm eyeball, less for coarse meshes."""


def paint(
    vertices_m: Float[np.ndarray, "V 3"], joints_m: Float[np.ndarray, "55 3"], weights: Float[np.ndarray, "V 55"]
) -> UInt8[np.ndarray, "V 3"]:
    """sRGB colours of the vertices of a body in the T-pose (Y up, facing +Z)."""
    stature = float(np.ptp(vertices_m[:, 1]))
    x, y, z = vertices_m.T

    def at(name: str) -> np.ndarray:
        return joints_m[JOINT_INDEX[name]]

    rgb = np.empty((len(vertices_m), 3))
    rgb[:] = SHIRT
    arm = (np.abs(x) > np.abs(at("left_shoulder")[0])) & (y > at("spine3")[1])
    waist = np.where(arm, -np.inf, at("spine1")[1] + 0.01 * stature) - y
    edge = 0.006 * stature  # about the distance of two vertices, so that borders do not look like saws
    _layer(rgb, BELT, waist, edge)
    _layer(rgb, TROUSERS, waist - 0.022 * stature, edge)
    _layer(rgb, SHOES, at("left_ankle")[1] + 0.02 * stature - y, edge)
    _layer(rgb, SKIN, np.abs(x) - np.abs(at("left_wrist")[0]) + 0.012 * stature, edge)
    neck = at("neck")
    collar = neck[1] + 0.012 * stature - 0.55 * (z - neck[2])  # lower in front than behind
    _layer(rgb, SKIN, np.where(np.abs(x) < 0.07 * stature, y - collar, -np.inf), edge)
    _layer(rgb, HAIR, _above_hairline(vertices_m, joints_m, stature), edge)
    for side in ("left", "right"):
        ball = weights[:, JOINT_INDEX[f"{side}_eye_smplhf"]] > 0.5
        gaze = vertices_m[ball] - at(f"{side}_eye_smplhf")
        aside = np.hypot(gaze[:, 0], gaze[:, 1]) / np.maximum(np.linalg.norm(gaze, axis=1), 1e-9)
        rgb[ball] = np.where(((aside < IRIS_RADIUS) & (gaze[:, 2] > 0))[:, None], IRIS, EYE)
    return np.round(rgb).astype(np.uint8)


def _layer(rgb: np.ndarray, colour: tuple[int, int, int], inside_m: np.ndarray, edge_m: float) -> None:
    """Lay a colour over the vertices that are inside, fading over `edge_m` at the border."""
    cover = np.clip(inside_m / edge_m + 0.5, 0, 1)[:, None]
    rgb[:] = rgb * (1 - cover) + np.array(colour) * cover


def _above_hairline(vertices_m: np.ndarray, joints_m: np.ndarray, stature: float) -> np.ndarray:
    """Metres above a line that runs from the forehead over the ears to the nape; the ears are bare."""
    x, y, z = vertices_m.T
    eyes = (joints_m[JOINT_INDEX["left_eye_smplhf"]] + joints_m[JOINT_INDEX["right_eye_smplhf"]]) / 2
    skull = y > eyes[1] - 0.05 * stature
    back = z[skull & (y > eyes[1])].min()
    depth = (eyes[2] - z) / (eyes[2] - back)  # 0 at the eyes, 1 at the back of the head
    forehead = (y.max() - eyes[1]) * 0.5
    line = np.interp(depth, [0.0, 0.22, 0.34, 0.5, 0.62, 0.72, 1.0], [1.0, 0.9, 0.45, 0.3, 0.15, -0.3, -0.75])
    ear = (np.abs(x) > 0.043 * stature) & (y < eyes[1] + 0.012 * stature)
    return np.where(skull & ~ear, y - eyes[1] - line * forehead, -np.inf)
