"""Where heads are in the pictures of a film, at any time: what has to be blurred so that nobody's face is shown.

Rather too much than too little: a disc holds the whole head, hair and chin, with a margin. It is held over moments in
which somebody was not found, and beyond the first and the last in which they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.pose.face_tracks import FaceTrack
from ergo.types import Keypoints

_FACE = slice(L.NOSE, L.MOUTH_RIGHT + 1)
_FRONT = (L.NOSE, L.LEFT_EYE, L.RIGHT_EYE, L.MOUTH_LEFT, L.MOUTH_RIGHT)
_EARS = (L.LEFT_EAR, L.RIGHT_EAR)
_SHOULDERS = (L.LEFT_SHOULDER, L.RIGHT_SHOULDER)
_HIPS = (L.LEFT_HIP, L.RIGHT_HIP)
_UPPER = (*range(L.NOSE, L.RIGHT_SHOULDER + 1), *_HIPS)
HEAD_M = 0.17
"""Radius of what is blurred: a head is 23 cm from chin to crown, 19 cm from front to back; hair, and errors."""
_ABOUT_FACE = 1.25
"""At least this many times as far from the middle of the head as the farthest landmark of the face."""
_ABOVE_SHOULDERS_M = 0.25
_NEARER_MOST = 1.5
"""A head may be so many times as large as the trunk says: it may be nearer to the camera."""

GAP_S = 2.0
"""Between two sightings no further apart, somebody is taken to have gone straight from one to the other …"""
AFTER_S = 1.5
"""… and after their last one, to stay where they were or to go on as they went for this long."""
_GROWTH_PER_S = 0.5
_UNSEEN_S = 0.2
"""Discs begin to grow this far from the nearest sighting."""
_CURVE = 0.15
"""Between sightings heads leave the straight line by up to this share of the way, and beyond the ends by the same."""
_PACE_S = 0.5
_STRAY = 0.3
"""Who may have gone further than this many radii gets a second disc; up to there the first one grows."""


def head_discs(
    people: Sequence[Keypoints],
    times_s: Float[np.ndarray, "F"],
    before_s: float,
    faces: Sequence[FaceTrack] = (),
) -> Float[np.ndarray, "N 4"]:
    """Discs that hold the heads of everybody at rising times, in order: number of the time, x, y, radius.

    Args:
        people: everybody, in pixels of the displayed video.
        times_s: when.
        before_s: how long somebody may have been in the picture before they were found.
        faces: those that are nobody's of these people.

    Returns:
        In pixels of the displayed video; a head may have several discs, which may lie beyond the picture.
    """
    found = [disc for person in people for stay in _stays(person) for disc in _covered(*stay, times_s, before_s)]
    for face in faces:
        stay = (face.times_s, *_steadied(face.times_s, face.middle_px, face.radius_px))
        found += _covered(*stay, times_s, face.before_s)
    if not found:
        return np.zeros((0, 4))
    discs = np.concatenate(found)
    return discs[np.argsort(discs[:, 0], kind="stable")]


def heads_seen(
    xy_px: Float[np.ndarray, "T 33 2"], xyz_m: Float[np.ndarray, "T 33 3"]
) -> tuple[Float[np.ndarray, "T 2"], Float[np.ndarray, "T"]]:
    """Middle and radius of a head by the landmarks of the face, or above the shoulders where there are none.

    NaN where there are neither.
    """
    xy, xyz = np.asarray(xy_px, dtype=float), np.asarray(xyz_m, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        body = _scale(xy[:, _UPPER], xyz[:, _UPPER])
        near = _scale(xy[:, _FACE], xyz[:, _FACE])
    px_per_m = np.fmax(body, np.fmin(near, _NEARER_MOST * body))
    ears, front = _mean(xy[:, _EARS]), _mean(xy[:, _FRONT])
    middle = np.where(np.isfinite(ears + front), (ears + front) / 2, np.where(np.isfinite(front), front, ears))
    shoulders, hips = _mean(xy[:, _SHOULDERS]), _mean(xy[:, _HIPS])
    up = shoulders - hips
    length = np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-6)
    up = np.where(np.isfinite(up), up / length, (0.0, -1.0))
    above = shoulders + up * (_ABOVE_SHOULDERS_M * px_per_m)[:, None]
    middle = np.where(np.isfinite(middle), middle, above)
    away = np.linalg.norm(xy[:, _FACE] - middle[:, None], axis=2)
    farthest = np.max(np.where(np.isfinite(away), away, 0.0), axis=1)
    return middle, np.fmax(HEAD_M * px_per_m, _ABOUT_FACE * farthest)


def _mean(points: Float[np.ndarray, "T N D"]) -> Float[np.ndarray, "T D"]:
    """Mean of those that are finite, NaN where none is."""
    finite = np.isfinite(points)
    count = finite.sum(axis=1)
    return np.where(count > 0, np.where(finite, points, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _scale(xy: Float[np.ndarray, "T N 2"], xyz: Float[np.ndarray, "T N 3"]) -> Float[np.ndarray, "T"]:
    """Pixels per metre by how far landmarks lie apart in the picture and in the person."""
    known = np.isfinite(xy).all(axis=2, keepdims=True) & np.isfinite(xyz[..., :2]).all(axis=2, keepdims=True)

    def spread(points: np.ndarray) -> np.ndarray:
        points = np.where(known, points, np.nan)
        return np.sqrt(_mean((points - _mean(points)[:, None]) ** 2).sum(axis=1))

    return spread(xy) / np.maximum(spread(xyz[..., :2]), 1e-6)


def _stays(person: Keypoints) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Times, middles and radii of a head, for each stretch without a long gap."""
    middle, radius = heads_seen(person.xy_px, person.xyz_m)
    known = np.isfinite(middle).all(axis=1) & np.isfinite(radius)
    times_s, middle, radius = person.timestamps_s[known], middle[known], radius[known]
    for rows in np.split(np.arange(len(times_s)), np.flatnonzero(np.diff(times_s) > GAP_S) + 1):
        if len(rows):
            yield times_s[rows], *_steadied(times_s[rows], middle[rows], radius[rows])


def _steadied(
    times_s: Float[np.ndarray, "T"], middle: Float[np.ndarray, "T 2"], radius: Float[np.ndarray, "T"]
) -> tuple[Float[np.ndarray, "T 2"], Float[np.ndarray, "T"]]:
    """The same discs moving less: each holds the one that it comes from."""
    weights = np.array([0.25, 0.5, 0.25])
    if len(times_s) > 2:
        smooth = np.einsum("k,tdk->td", weights, _windows(middle, 1))
        close = np.convolve(np.diff(times_s) < _PACE_S, [1, 1], mode="full") == 2
        smooth = np.where(close[:, None], smooth, middle)
        radius = radius + np.linalg.norm(smooth - middle, axis=1)
        middle = smooth
    largest = _windows(radius, 2).max(axis=-1)
    return middle, _windows(largest, 1) @ weights


def _windows(values: Float[np.ndarray, "T *D"], reach: int) -> Float[np.ndarray, "T *D window"]:
    padded = np.pad(values, ((reach, reach), *((0, 0),) * (values.ndim - 1)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)


def _covered(
    seen_s: Float[np.ndarray, "T"],
    middle: Float[np.ndarray, "T 2"],
    radius: Float[np.ndarray, "T"],
    times_s: Float[np.ndarray, "F"],
    before_s: float,
) -> Iterator[Float[np.ndarray, "n 4"]]:
    """The discs of one stay: as seen and between, and beyond its ends held as well as moved on."""
    rows = np.flatnonzero((times_s >= seen_s[0] - before_s) & (times_s <= seen_s[-1] + AFTER_S))
    at_s = times_s[rows]
    held = np.clip(at_s, seen_s[0], seen_s[-1])
    after = np.clip(np.searchsorted(seen_s, held, side="left"), min(1, len(seen_s) - 1), len(seen_s) - 1)
    before = np.maximum(after - 1, 0)
    step_s = np.maximum(seen_s[after] - seen_s[before], 1e-9)
    share = np.clip((held - seen_s[before]) / step_s, 0.0, 1.0)
    centre = middle[before] + share[:, None] * (middle[after] - middle[before])
    unseen_s = np.minimum(np.abs(at_s - seen_s[before]), np.abs(at_s - seen_s[after]))
    growth = 1.0 + _GROWTH_PER_S * np.maximum(unseen_s - _UNSEEN_S, 0.0)
    curve = 4 * share * (1 - share) * _CURVE * np.linalg.norm(middle[after] - middle[before], axis=1)
    reach = growth * (radius[before] + share * (radius[after] - radius[before])) + curve
    came, went = _pace(seen_s, middle), -_pace(-seen_s[::-1], middle[::-1])
    moved = (at_s - held)[:, None] * np.where((at_s < held)[:, None], came, went)
    way = np.linalg.norm(moved, axis=1)
    far = way > _STRAY * reach
    yield np.column_stack([rows, centre, reach + np.minimum(way, _STRAY * reach)])
    yield np.column_stack([rows, centre + moved, reach + _CURVE * way])[far]


def _pace(seen_s: Float[np.ndarray, "T"], middle: Float[np.ndarray, "T 2"]) -> Float[np.ndarray, "2"]:
    """Pixels a second over the first half second, or to the second sighting."""
    if len(seen_s) == 1:
        return np.zeros(2)
    last = max(1, int(np.searchsorted(seen_s, seen_s[0] + _PACE_S, side="right")) - 1)
    return (middle[last] - middle[0]) / (seen_s[last] - seen_s[0])
