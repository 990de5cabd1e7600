"""Face landmarks of the free body: 51 fixed ones and the contour that slides with the head's yaw.

Order of the iBUG 68-point mark-up (Sagonas et al. 2013), without its 17 contour points for the fixed ones.
Places are found on the mesh itself: eyelids where the eyeball disappears, the lips where the jaw parts them,
the nose from the profile; what has no edge of its own (brows, vermilion) by proportions of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GRID_M = 0.0004
CONTOUR_POINTS = 17
EAR_M = 0.03
"""How far the ear reaches forward of the vertex that stands out most."""
JAW_SLOPE = np.tan(np.radians(25.0))
"""Mandibular plane against the horizontal of the head, about 25° in adults."""
INNER_LIP = 45
"""The middle of the upper lip's inner edge among the 51."""
CONTOUR_YAWS = np.concatenate([-np.arange(40), np.arange(1, 40)])
"""Head yaw in degrees of each row of the sliding contour, as ``smplx`` looks them up."""


@dataclass(frozen=True)
class Landmarks:
    """Triangles and barycentric coordinates."""

    faces: np.ndarray
    bary: np.ndarray


@dataclass(frozen=True)
class Head:
    """The head's part of the mesh, Y up, facing +Z."""

    vertices: np.ndarray
    faces: np.ndarray
    skin: np.ndarray  # bool[F]: triangles of head and neck skin, without eyes and tongue
    eyes: tuple[np.ndarray, np.ndarray]  # bool[F]: triangles of the left and the right eyeball


def cast(head: Head, allowed: np.ndarray, x: float, y: float) -> tuple[int, np.ndarray, float]:
    """The foremost allowed triangle that a ray along −Z through (x, y) meets, its weights, and the depth z."""
    chosen = np.flatnonzero(allowed)
    a, b, c = (head.vertices[head.faces[chosen, k]] for k in range(3))
    area = (b[:, 1] - c[:, 1]) * (a[:, 0] - c[:, 0]) + (c[:, 0] - b[:, 0]) * (a[:, 1] - c[:, 1])
    area = np.where(np.abs(area) < 1e-14, np.nan, area)
    u = ((b[:, 1] - c[:, 1]) * (x - c[:, 0]) + (c[:, 0] - b[:, 0]) * (y - c[:, 1])) / area
    v = ((c[:, 1] - a[:, 1]) * (x - c[:, 0]) + (a[:, 0] - c[:, 0]) * (y - c[:, 1])) / area
    bary = np.stack([u, v, 1 - u - v], axis=1)
    depth = np.einsum("fk,fk->f", bary, np.stack([a[:, 2], b[:, 2], c[:, 2]], axis=1))
    depth = np.where((bary >= -1e-9).all(axis=1), depth, -np.inf)
    best = int(np.argmax(depth))
    if not np.isfinite(depth[best]):
        raise ValueError(f"no skin at x={x:.4f}, y={y:.4f}")
    bary = np.clip(bary[best], 0, 1)
    return int(chosen[best]), bary / bary.sum(), float(depth[best])


def eye_opening(head: Head, ball: np.ndarray) -> np.ndarray:
    """Six points [6, 2] around the visible part of an eyeball: −x corner, two above, +x corner, two below."""
    corners = head.vertices[head.faces[ball]].reshape(-1, 3)
    low, high = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    near = ball | (
        head.skin
        & (head.vertices[head.faces][:, :, :2].max(axis=1) > low).all(axis=1)
        & (head.vertices[head.faces][:, :, :2].min(axis=1) < high).all(axis=1)
    )
    xs, ys = (np.arange(low[k] + GRID_M, high[k] - GRID_M, GRID_M) for k in (0, 1))
    seen = np.array([[ball[cast(head, near, x, y)[0]] if _hit(head, near, x, y) else False for x in xs] for y in ys])
    columns = np.flatnonzero(seen.sum(axis=0) >= 2)
    left, right = xs[columns[0]], xs[columns[-1]]

    def column(fraction: float) -> np.ndarray:
        k = columns[round(fraction * (len(columns) - 1))]
        return np.append(xs[k], ys[np.flatnonzero(seen[:, k])[[0, -1]]])

    first, second = column(1 / 3), column(2 / 3)
    ends = [ys[np.flatnonzero(seen[:, k])].mean() for k in (columns[0], columns[-1])]
    return np.array(
        [
            [left, ends[0]],
            [first[0], first[2]],
            [second[0], second[2]],
            [right, ends[1]],
            [second[0], second[1]],
            [first[0], first[1]],
        ]
    )


def _hit(head: Head, allowed: np.ndarray, x: float, y: float) -> bool:
    try:
        cast(head, allowed, x, y)
    except ValueError:
        return False
    return True


def _profile(head: Head, top: float, bottom: float) -> tuple[np.ndarray, np.ndarray]:
    ys = np.arange(top, bottom, -0.0005)
    return ys, np.array([cast(head, head.skin, 1e-5, y)[2] for y in ys])


def fixed_landmarks(head: Head, jaw_open: np.ndarray, smile_left: np.ndarray) -> Landmarks:
    """The 51 landmarks of brows, nose, eyes and mouth.

    Args:
        head: the mesh.
        jaw_open: float[V, 3], displacement of the face unit that parts the lips.
        smile_left: float[V, 3], displacement of the one that pulls the left corner of the mouth.
    """
    right, left = eye_opening(head, head.eyes[1]), eye_opening(head, head.eyes[0])
    eye_y, width = left[:, 1].mean(), left[3, 0] - left[0, 0]
    inner = left[0, 0]
    ys, zs = _profile(head, eye_y, eye_y - 0.085)
    tip = int(np.argmax(np.where(ys > eye_y - 0.06, zs, -np.inf)))
    front = np.flatnonzero(
        (np.abs(head.vertices[:, 0]) < 0.006)
        & (head.vertices[:, 1] < ys[tip] - 0.012)
        & (head.vertices[:, 1] > ys[tip] - 0.06)
        & (head.vertices[:, 2] > zs[tip] - 0.045)
    )
    drop = np.linalg.norm(jaw_open[front], axis=1)
    upper = head.vertices[front[drop < 0.25 * drop.max()], 1].min()
    lower = head.vertices[front[drop > 0.6 * drop.max()], 1].max()
    lips = (upper + lower) / 2
    base = _subnasale(ys, zs, tip, lips)
    pull = np.linalg.norm(smile_left, axis=1) * (np.abs(head.vertices[:, 1] - lips) < 0.012)
    corner_x = float(head.vertices[int(np.argmax(pull)), 0])
    points = [*_brows(left, width), *_nose(ys, zs, tip, base, eye_y, inner)]
    points += [tuple(p) for p in right] + [tuple(p) for p in left]
    points += _mouth(lips, corner_x, ys[base] - lips)
    hits = [cast(head, head.skin | head.eyes[0] | head.eyes[1], x, y) for x, y in points]
    return Landmarks(faces=np.array([h[0] for h in hits]), bary=np.array([h[1] for h in hits]))


def _subnasale(ys: np.ndarray, zs: np.ndarray, tip: int, lips: float) -> int:
    """Where the profile lies deepest behind the straight line from the tip of the nose to the upper lip."""
    lip = int(np.argmin(np.abs(ys - (lips + 0.004))))
    k = np.arange(tip, lip + 1)
    chord = zs[tip] + (zs[lip] - zs[tip]) * (k - tip) / (lip - tip)
    return tip + int(np.argmax(chord - zs[k]))


def _brows(eye: np.ndarray, width: float) -> list[tuple[float, float]]:
    """Five points of each brow, from the right temple to the left one."""
    middle = eye[:, 1].mean()
    xs = np.linspace(eye[0, 0] - 0.05 * width, eye[3, 0] + 0.25 * width, 5)
    rise = width * np.array([0.55, 0.68, 0.74, 0.68, 0.48])
    half = [(float(x), float(middle + r)) for x, r in zip(xs, rise, strict=True)]
    return [(-x, y) for x, y in reversed(half)] + half


def _nose(ys: np.ndarray, zs: np.ndarray, tip: int, base: int, eye_y: float, inner: float) -> list[tuple[float, float]]:
    """Four points down the bridge, five under the nostrils; the nose is as wide as the eyes stand apart."""
    bridge = [(1e-5, float(y)) for y in np.linspace(eye_y, ys[tip], 4)]
    floor = float(ys[base])
    step = 0.42 * inner
    lift = 0.25 * (ys[tip] - floor)
    return (
        bridge
        + [(k * step, floor + abs(k) * lift) for k in (-2, -1)]
        + [(1e-5, floor)]
        + [(k * step, floor + k * lift) for k in (1, 2)]
    )


def _mouth(lips: float, corner_x: float, to_nose: float) -> list[tuple[float, float]]:
    """Twelve points around the lips, eight along their opening."""
    up, down = 0.34 * to_nose, -0.75 * to_nose
    outer_up = [(-0.62, 0.75), (-0.25, 1.0), (0.0, 0.88), (0.25, 1.0), (0.62, 0.75)]
    outer_down = [(0.62, 0.7), (0.3, 0.97), (0.0, 1.0), (-0.3, 0.97), (-0.62, 0.7)]
    at = lambda fx, y: (fx * corner_x + 1e-5, lips + y)  # noqa: E731
    outer = [at(-1, 0)] + [at(f, h * up) for f, h in outer_up] + [at(1, 0)] + [at(f, h * down) for f, h in outer_down]
    thin = 0.05 * to_nose
    inner = (
        [at(-0.85, 0)] + [at(f, thin) for f in (-0.4, 0, 0.4)] + [at(0.85, 0)] + [at(f, -thin) for f in (0.4, 0, -0.4)]
    )
    return outer + inner


def _above_jaw(head: Head, lips: float) -> np.ndarray:
    """bool[V]: not below the plane of the lower jaw, which rises from the chin to the ears."""
    ys, zs = _profile(head, lips - 0.015, lips - 0.04)
    chin_z = zs.max()
    v = head.vertices
    bow = (np.abs(v[:, 0]) < 0.01) & (v[:, 2] > chin_z - 0.02) & (v[:, 1] < lips)
    chin_y = v[bow & (v[:, 1] > ys[-1] - 0.02), 1].min()
    return v[:, 1] > chin_y + JAW_SLOPE * (chin_z - 0.02 - v[:, 2]) - 0.001


def contour(head: Head, fixed: Landmarks, ear_z: float, eye_y: float) -> Landmarks:
    """The 17 contour points [79, 17], from the right ear by the chin to the left, for each yaw of the head.

    A point is the vertex that reaches farthest along its direction in the picture, among the skin in front
    of the ears, above the jaw line and below the brows.
    """
    upper_lip = np.einsum("k,kc->c", fixed.bary[INNER_LIP], head.vertices[head.faces[fixed.faces[INNER_LIP]]])
    allowed = _above_jaw(head, float(upper_lip[1]))
    allowed &= (head.vertices[:, 2] > ear_z + EAR_M) & (head.vertices[:, 1] < eye_y + 0.02)
    used = np.unique(head.faces[head.skin])
    front = used[allowed[used]]
    chin = head.vertices[front, 1].min()
    middle = np.array([0.0, (2 * eye_y + chin) / 3, head.vertices[front, 2].mean()])
    first_face = {int(vertex): i for i in np.flatnonzero(head.skin)[::-1] for vertex in head.faces[i]}
    angles = np.radians(np.linspace(190, 350, CONTOUR_POINTS))
    along = np.stack([np.cos(angles), np.sin(angles)])
    aside = np.stack([-np.sin(angles), np.cos(angles)])
    faces = np.zeros((len(CONTOUR_YAWS), CONTOUR_POINTS), np.int64)
    bary = np.zeros((*faces.shape, 3))
    for row, yaw in enumerate(np.radians(CONTOUR_YAWS)):
        x = head.vertices[front] - middle
        seen = np.stack([np.cos(yaw) * x[:, 0] + np.sin(yaw) * x[:, 2], x[:, 1]], axis=1)
        farthest = front[np.argmax(seen @ along - 2 * np.abs(seen @ aside), axis=0)]
        for k, vertex in enumerate(farthest):
            faces[row, k] = first_face[int(vertex)]
            bary[row, k] = head.faces[faces[row, k]] == vertex
    return Landmarks(faces=faces, bary=bary)
