"""The pinhole camera and its tilt.

Camera frame: X right, Y down, Z away (OpenCV). World frame: Y up, gravity −Y.
Pitch is positive when the camera looks down, roll when it is turned clockwise as seen from behind it.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ergo.geometry.rotations import rotation_between, unit

FOCAL_PER_LONG_SIDE = 0.92
"""Focal length over the picture's long side: a phone's main camera (24–28 mm equivalent, cropped for video).

Fits change by less than half a degree between 0.7 and 1.2, so no per-clip estimate is made.
"""


def default_intrinsics(width_px: int, height_px: int) -> Float[np.ndarray, "3 3"]:
    """Intrinsics of an unknown phone camera with the principal point in the middle."""
    focal = FOCAL_PER_LONG_SIDE * max(width_px, height_px)
    return np.array([[focal, 0.0, width_px / 2], [0.0, focal, height_px / 2], [0.0, 0.0, 1.0]])


def up_from_tilt(pitch_deg: float, roll_deg: float) -> Float[np.ndarray, "3"]:
    """World up in camera coordinates for a camera that looks down by `pitch_deg` and is rolled by `roll_deg`."""
    p, r = math.radians(pitch_deg), math.radians(roll_deg)
    return np.array([math.sin(r) * math.cos(p), -math.cos(r) * math.cos(p), -math.sin(p)])


def tilt_from_up(up_cam: Float[np.ndarray, "3"]) -> tuple[float, float]:
    """Pitch and roll in degrees; the inverse of :func:`up_from_tilt`."""
    x, y, z = unit(np.asarray(up_cam, dtype=float))
    return math.degrees(math.asin(max(-1.0, min(1.0, -z)))), math.degrees(math.atan2(x, -y))


def rotation_world_cam(up_cam: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    """``R_world_cam``: turns camera coordinates into the gravity-aligned world.

    World +Z points from the scene back to the camera (horizontally), so a worker facing the camera faces +Z,
    as the SMPL-X template does.
    """
    up = unit(np.asarray(up_cam, dtype=float))
    flip = np.diag([1.0, -1.0, -1.0])  # OpenCV axes to Y-up axes for an untilted camera
    return rotation_between(flip @ up, np.array([0.0, 1.0, 0.0])) @ flip


def rays(xy_px: Float[np.ndarray, "*n 2"], K: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "*n 3"]:
    """Viewing directions (z = 1) through pixels."""
    x = (xy_px[..., 0] - K[0, 2]) / K[0, 0]
    y = (xy_px[..., 1] - K[1, 2]) / K[1, 1]
    return np.stack([x, y, np.ones_like(x)], axis=-1)


def project(points_cam: Float[np.ndarray, "*n 3"], K: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "*n 2"]:
    """Pixels of points in front of the camera; NaN behind it."""
    z = points_cam[..., 2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        xy = np.where(z > 0, points_cam[..., :2] / z, np.nan)
    return xy * np.array([K[0, 0], K[1, 1]]) + K[:2, 2]
