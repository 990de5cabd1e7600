"""What stands around the people: a room, clutter, things in the way, the box they carry; and the light."""

from __future__ import annotations

import numpy as np

from ergo.body.skeleton import JOINT_INDEX
from ergo.geometry.rotations import rotation_about, unit
from scenes.paint import Palette, cloth, linear
from scenes.raster import Light, Mesh, Room

_CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
CLEAR_M = 0.75
"""Clutter stays this far from where the person's joints go, in plan."""


def box(centre_m: np.ndarray, size_m: np.ndarray, yaw_rad: float, material: int, rgb: np.ndarray) -> Mesh:
    """A box with flat sides."""
    rest = np.concatenate([_CORNERS[list(quad)] for quad in _QUADS]) * size_m
    starts = 4 * np.arange(6)
    triangles = np.concatenate([[(s, s + 1, s + 2), (s, s + 2, s + 3)] for s in starts])
    turn = rotation_about(np.array([0.0, 1.0, 0.0]), np.asarray(yaw_rad))
    return Mesh(
        vertices_m=(rest @ turn.T + centre_m).astype(np.float32),
        triangles=triangles.astype(np.int32),
        material_of=np.full(len(triangles), material, np.int32),
        rest_m=rest.astype(np.float32),
        rgb=np.tile(rgb, (len(rest), 1)).astype(np.float32),
    )


def any_box(rng: np.random.Generator, palette: Palette, centre_m: np.ndarray, size_m: np.ndarray, yaw: float) -> Mesh:
    """A box of random looks; cardboard more often than not."""
    rgb = linear(np.array([176, 140, 98]) * rng.uniform(0.6, 1.2)) if rng.random() < 0.5 else cloth(rng)
    return box(centre_m, size_m, yaw, palette.add(rng, striped=0.3), np.clip(rgb, 0, 1))


def room(rng: np.random.Generator, palette: Palette, around_m: np.ndarray) -> Room:
    """Floor, walls and ceiling around all points (people and camera); takes the palette's first three materials."""
    low, high = around_m.min(axis=0), around_m.max(axis=0)
    low = np.array([low[0] - rng.uniform(0.8, 4), 0.0, low[2] - rng.uniform(0.8, 4)])
    high = np.array(
        [high[0] + rng.uniform(0.8, 4), max(2.6, high[1] + rng.uniform(0.4, 2)), high[2] + rng.uniform(0.8, 4)]
    )
    palette.add(rng, grain_per_m=float(rng.choice([1, 3, 8])), striped=0.4)
    palette.add(rng, grain=0.15, grain_per_m=float(rng.choice([0.7, 2, 5])), striped=0.5)
    palette.add(rng, grain=0.1, striped=0.3)
    rgb = np.array([linear(np.full(3, rng.uniform(60, 220)) + rng.normal(0, 12, 3)) for _ in range(3)])
    for row, colour in zip(palette.rows[:3], rgb, strict=True):
        row[2] *= 0.15  # wide stripes: slabs, panels, beams
        row[5:8] = np.clip(colour * rng.uniform(0.4, 1.6) * rng.uniform(0.9, 1.1, 3), 0.01, 0.9)
    return Room(low_m=low, high_m=high, rgb=np.clip(rgb, 0.01, 0.9))


def light(rng: np.random.Generator) -> Light:
    """A light from above that throws shadows, one or two weaker ones, and the rest from everywhere."""
    count = int(rng.integers(2, 4))
    raw = rng.normal(size=(count, 3))
    raw[:, 1] = np.abs(raw[:, 1]) + 0.4
    raw[0, 1] += 0.8
    strength = np.array([rng.uniform(0.3, 1.1), *rng.uniform(0.05, 0.4, count - 1)])
    tint = np.clip(rng.normal(1, 0.06, (count, 3)), 0.8, 1.2)
    ambient = rng.uniform(0.25, 0.7) * np.array([[1.0, 1.0, 1.0], [0.5, 0.48, 0.46]])
    return Light(
        directions=unit(raw), rgb=strength[:, None] * tint, ambient=ambient, exposure=float(rng.uniform(0.75, 1.15))
    )


def clutter(
    rng: np.random.Generator, palette: Palette, joints_m: np.ndarray, camera_m: np.ndarray, space: Room
) -> list[Mesh]:
    """Boxes, crates, racks and posts that leave the people and the sight of them free."""
    paths = joints_m[:, :, [0, 2]].reshape(-1, 2)[::7]
    centre, camera = paths.mean(axis=0), camera_m[[0, 2]]
    found: list[Mesh] = []
    for _ in range(int(rng.integers(4, 16))):
        size = np.array([rng.uniform(0.2, 1.2), rng.choice([rng.uniform(0.2, 1.1), rng.uniform(1.2, 2.4)]),
                         rng.uniform(0.2, 0.8)])  # fmt: skip
        at = rng.uniform(space.low_m[[0, 2]], space.high_m[[0, 2]])
        reach = np.hypot(size[0], size[2]) / 2
        if np.linalg.norm(paths - at, axis=1).min() < CLEAR_M + reach:
            continue
        share = np.clip((at - camera) @ (centre - camera) / np.sum((centre - camera) ** 2), 0, 1)
        if np.linalg.norm(at - camera - share * (centre - camera)) < reach + 0.3 + 0.5 * share:
            continue
        found.append(any_box(rng, palette, np.array([at[0], size[1] / 2, at[1]]), size, rng.normal(0, 0.3)))
    return found


def obstacle(rng: np.random.Generator, palette: Palette, joints_m: np.ndarray, camera_m: np.ndarray) -> Mesh:
    """A box between camera and person that hides their feet, legs or one side."""
    centre = joints_m.reshape(-1, 3).mean(axis=0)
    towards = unit((camera_m - centre) * [1, 0, 1])
    aside = np.array([towards[2], 0, -towards[0]])
    size = np.array([rng.uniform(0.3, 1.0), rng.uniform(0.25, 0.75), rng.uniform(0.2, 0.5)])
    nearest = float((joints_m.reshape(-1, 3) @ towards).max() - centre @ towards)
    middle = centre + towards * (nearest + 0.15 + size[2] / 2) + aside * rng.uniform(-0.35, 0.35)
    yaw = float(np.arctan2(towards[0], towards[2]))
    return any_box(rng, palette, middle * [1, 0, 1] + [0, size[1] / 2, 0], size, yaw)


def in_hands(joints_m: np.ndarray, held: np.ndarray, size_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres [T, 3] and yaw [T] of a box between the hands; before it is first held it waits where it will be taken.

    Args:
        joints_m: [T, 55, 3].
        held: bool[T], both hands are at the box.
        size_m: width, height and depth.
    """
    left, right = (joints_m[:, JOINT_INDEX[f"{side}_wrist"]] for side in ("left", "right"))
    elbows = (joints_m[:, JOINT_INDEX["left_elbow"]] + joints_m[:, JOINT_INDEX["right_elbow"]]) / 2
    across = left - right
    yaw = np.arctan2(-across[:, 2], across[:, 0])
    centre = (left + right) / 2 + 0.09 * unit((left + right) / 2 - elbows)
    first = int(np.argmax(held)) if held.any() else 0
    centre[:first], yaw[:first] = centre[first], yaw[first]
    centre[:, 1] = np.maximum(centre[:, 1], size_m[1] / 2)
    return centre, yaw
