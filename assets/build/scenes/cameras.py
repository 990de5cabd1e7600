"""Where the camera stands and how it moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ergo.geometry.rotations import rotation_about, unit

Motion = Literal["still", "held", "panned", "driven"]
"""On a stand; in a hand; turned after the person; on a vehicle that drives by."""

SIZES_PX = ((640, 480), (640, 480), (640, 360), (480, 640), (384, 680))


@dataclass(frozen=True, kw_only=True)
class View:
    """A camera over time: intrinsics and poses [T, 4, 4]."""

    size_px: tuple[int, int]
    K: np.ndarray
    T_cam_world: np.ndarray
    motion: Motion

    @property
    def positions_m(self) -> np.ndarray:
        """Where the camera is in the world, [T, 3]."""
        R, t = self.T_cam_world[:, :3, :3], self.T_cam_world[:, :3, 3]
        return -np.einsum("tji,tj->ti", R, t)


def look(position_m: np.ndarray, target_m: np.ndarray, roll_rad: float) -> np.ndarray:
    """``R_cam_world`` of a camera that looks at a point, rolled clockwise as seen from behind it."""
    ahead = unit(target_m - position_m)
    right = unit(np.cross(ahead, [0.0, 1.0, 0.0]))
    level = np.stack([right, np.cross(ahead, right), ahead])
    return rotation_about(np.array([0.0, 0.0, 1.0]), np.asarray(-roll_rad)) @ level


def place(rng: np.random.Generator, joints_m: np.ndarray, motion: Motion, rate_hz: float) -> View:
    """A camera that sees a person's joints [T, J, 3] during the whole clip, near or far, high or low."""
    size_px = SIZES_PX[rng.integers(len(SIZES_PX))]
    focal = float(rng.uniform(0.72, 1.25)) * max(size_px)
    K = np.array([[focal, 0, size_px[0] / 2], [0, focal, size_px[1] / 2], [0, 0, 1.0]])
    flat = joints_m.reshape(-1, 3)
    low, high = flat.min(axis=0), flat.max(axis=0)
    centre = (low + high) / 2
    height = _height_m(rng)
    roll = np.radians(rng.normal(0, 2.5) if rng.random() < 0.7 else rng.uniform(-25, 25))
    azimuth, fill = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 0.92)
    aim = centre + rng.normal(0, 0.06, 3)
    for distance in np.arange(1.6, 9.0, 0.1):
        position = np.array([aim[0] + distance * np.sin(azimuth), height, aim[2] + distance * np.cos(azimuth)])
        R = look(position, aim, roll)
        seen = (flat - position) @ R.T
        if seen[:, 2].min() < 0.6:
            continue
        xy = np.abs(seen[:, :2] / seen[:, 2:]) * focal
        if (xy.max(axis=0) <= fill * np.array(size_px) / 2).all():
            break
    T_cam_world = _move(rng, position, R, joints_m, motion, rate_hz)
    return View(size_px=size_px, K=K, T_cam_world=T_cam_world, motion=motion)


def _height_m(rng: np.random.Generator) -> float:
    kind = rng.random()
    if kind < 0.55:
        return float(rng.uniform(1.0, 1.75))
    return float(rng.uniform(1.75, 3.1)) if kind < 0.88 else float(rng.uniform(0.4, 1.0))


def _move(
    rng: np.random.Generator,
    position: np.ndarray,
    R: np.ndarray,
    joints_m: np.ndarray,
    motion: Motion,
    rate_hz: float,
) -> np.ndarray:
    count = len(joints_m)
    positions, turns = np.tile(position, (count, 1)), np.zeros((count, 3))
    if motion in ("held", "driven"):
        strength = 0.012 if motion == "held" else 0.02
        turns = strength * _wander(rng, count, 0.35 * rate_hz) + 0.15 * strength * _wander(rng, count, 0.06 * rate_hz)
        positions = positions + 0.03 * _wander(rng, count, 0.4 * rate_hz)
    if motion == "panned":
        turns[:, 1] = np.radians(rng.uniform(6, 15)) * np.sin(np.linspace(0, np.pi, count)) * rng.choice([-1, 1])
    if motion == "driven":
        along = R[0] * np.array([1, 0, 1])
        positions = positions + along * np.linspace(-0.6, 0.6, count)[:, None]
    T = np.tile(np.eye(4), (count, 1, 1))
    for k in range(count):
        x, y, z = (rotation_about(axis, np.asarray(a)) for axis, a in zip(np.eye(3), turns[k], strict=True))
        T[k, :3, :3] = x @ y @ z @ R
        T[k, :3, 3] = -T[k, :3, :3] @ positions[k]
    return T


def _wander(rng: np.random.Generator, count: int, sigma: float) -> np.ndarray:
    """Smooth noise [T, 3] of unit size."""
    noise = gaussian_filter1d(rng.normal(size=(count + int(8 * sigma), 3)), sigma, axis=0)[-count:]
    return noise / max(1e-9, float(noise.std())) if count > 1 else noise * 0
