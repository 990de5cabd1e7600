"""A camera that moves: how it turned during the film, and landmarks as a camera at rest would have seen them.

Hand-held cameras mostly turn; what they also wander is small against the distance of the background. So the motion
is taken to be a rotation, worked out from background points (:mod:`ergo.video.background`) with those on people left
out, by robust least squares on viewing rays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.transform import Rotation

from ergo.body.landmarks import Landmark as L
from ergo.geometry.camera import project, rays
from ergo.geometry.rotations import rotation_between, unit
from ergo.types import CameraMotion, Hands, Keypoints
from ergo.video.background import Matches

STILL_DEG = 0.5
"""A camera that turns less than this between the 2nd and the 98th percentile is taken to be at rest."""
PAN_DEG = 8.0
"""Turns to the side beyond this are a pan, below it a shaking hand."""
FAR_DEG = 25.0
"""Turns beyond this are not undone as a whole, only their tilt: people would leave the steady picture."""
_LEAST_POINTS = 8
_LEAST_INLIERS = 0.35
_INLIER_RAD = 0.008
_KEY_SD_DEG = 0.2
"""What each new key picture adds to the uncertainty of the turn."""
_LOST_SD_DEG = 3.0
"""Uncertainty when the background could not be followed."""
_AROUND_PERSON = 0.15
_TRUNK = [L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP]


def camera_motion(
    matches: Sequence[Matches], people: Sequence[Keypoints], K: Float[np.ndarray, "3 3"]
) -> CameraMotion | None:
    """How the camera turned, None when it was at rest (within half a degree) in one unbroken shot.

    Args:
        matches: background points of each sampled frame.
        people: everybody tracked, on the same frames; points on them are left out.
        K: intrinsics in displayed pixels.
    """
    if not matches:
        return None
    count = len(matches)
    turn = np.tile(np.eye(3), (count, 1, 1))
    sd_deg, scene = np.zeros(count), np.cumsum([match.cut for match in matches])
    boxes = _boxes(people, count)
    for index, match in enumerate(matches):
        if match.key == index:
            continue
        key = match.key
        turn[index], sd_deg[index] = turn[key], sd_deg[key]
        if match.key_px is None or match.now_px is None:
            continue
        free = ~(_inside(match.key_px, boxes[:, key]) | _inside(match.now_px, boxes[:, index]))
        start = turn[key].T @ turn[index - 1] if scene[index - 1] == scene[index] else np.eye(3)
        found = _rotation(match.now_px[free], match.key_px[free], K, start)
        if found is None:
            # Nothing to go by: the camera is taken to be where it was a moment ago.
            turn[index], sd_deg[index] = turn[index - 1], float(np.hypot(sd_deg[index - 1], _LOST_SD_DEG))
        else:
            turn[index] = turn[key] @ found
            sd_deg[index] = float(np.hypot(sd_deg[key], _KEY_SD_DEG))
    motion = CameraMotion(R_ref_cam=turn, scene=scene, sd_deg=sd_deg)
    return None if kind(motion) == "still" else motion


def kind(motion: CameraMotion) -> str:
    """``still``, ``shakes``, ``pans`` or ``cuts``: what the camera does most that matters."""
    if motion.scene.max() > 0:
        return "cuts"
    ranges_deg = _ranges_deg(motion.R_ref_cam)
    if max(ranges_deg) > PAN_DEG:
        return "pans"
    return "shakes" if max(ranges_deg) > STILL_DEG else "still"


def _ranges_deg(R_ref_cam: Float[np.ndarray, "T 3 3"]) -> tuple[float, ...]:
    turns = np.degrees(Rotation.from_matrix(R_ref_cam[0].T @ R_ref_cam).as_rotvec())
    low, high = np.percentile(turns, [2, 98], axis=0)
    return tuple(float(v) for v in high - low)


def aligned(motion: CameraMotion, ups_cam: Sequence[Float[np.ndarray, "3"]]) -> CameraMotion:
    """The same motion with every shot turned so that its up, `ups_cam` in its own reference, is that of the first.

    Turns too far to be undone as a whole keep their pan: only what changes up is undone.
    """
    turns = motion.R_ref_cam.copy()
    for number, up in enumerate(ups_cam):
        inside = motion.scene == number
        off_deg = np.degrees(Rotation.from_matrix(turns[inside]).magnitude())
        if off_deg.size and off_deg.max() > FAR_DEG:
            seen_up = np.einsum("tji,j->ti", turns[inside], unit(up))
            turns[inside] = rotation_between(seen_up, unit(ups_cam[0]))
        else:
            turns[inside] = rotation_between(unit(up), unit(ups_cam[0])) @ turns[inside]
    return replace(motion, R_ref_cam=turns)


def steadied(keypoints: Keypoints, motion: CameraMotion, K: Float[np.ndarray, "3 3"]) -> Keypoints:
    """Landmarks as a camera that stays in the reference frame would have seen them."""
    xy, xyz = _turned(
        np.asarray(keypoints.xy_px, dtype=float), np.asarray(keypoints.xyz_m, dtype=float), motion.R_ref_cam, K, _TRUNK
    )
    hands = keypoints.hands
    if hands is not None:
        every = list(range(hands.xy_px.shape[2]))
        sides = [
            _turned(hands.xy_px[:, side].astype(float), hands.xyz_m[:, side].astype(float), motion.R_ref_cam, K, every)
            for side in range(2)
        ]
        hands = Hands(
            xy_px=np.stack([side[0] for side in sides], axis=1),
            xyz_m=np.stack([side[1] for side in sides], axis=1),
            confidence=hands.confidence,
            timestamps_s=hands.timestamps_s,
        )
    return replace(keypoints, xy_px=xy, xyz_m=xyz, hands=hands)


def _turned(
    xy_px: Float[np.ndarray, "T J 2"],
    xyz_m: Float[np.ndarray, "T J 3"],
    R_ref_cam: Float[np.ndarray, "T 3 3"],
    K: Float[np.ndarray, "3 3"],
    middle: Sequence[int],
) -> tuple[Float[np.ndarray, "T J 2"], Float[np.ndarray, "T J 3"]]:
    """Picture points by the homography of a pure turn; the others live in a frame that looks at the `middle`."""
    directions = np.einsum("tij,tnj->tni", R_ref_cam, rays(xy_px, K))
    moved_px = project(directions, K)
    ahead = np.array([0.0, 0.0, 1.0])
    with np.errstate(invalid="ignore"):
        before = rotation_between(ahead, rays(xy_px[:, list(middle)].mean(axis=1), K))
        after = rotation_between(ahead, rays(moved_px[:, list(middle)].mean(axis=1), K))
    whole = np.einsum("tji,tjk,tkl->til", after, R_ref_cam, before)
    return moved_px, np.einsum("tij,tnj->tni", whole, xyz_m)


def _boxes(people: Sequence[Keypoints], count: int) -> Float[np.ndarray, "P T 2 2"]:
    """Lowest and highest corner of each person in each frame with a margin; NaN where they were not found."""
    boxes = np.full((len(people), count, 2, 2), np.nan)
    for index, person in enumerate(people):
        xy = np.asarray(person.xy_px, dtype=float)
        boxes[index, :, 0], boxes[index, :, 1] = xy.min(axis=1), xy.max(axis=1)
    margin = _AROUND_PERSON * (boxes[:, :, 1, 1] - boxes[:, :, 0, 1])[..., None]
    boxes[:, :, 0] -= margin
    boxes[:, :, 1] += margin
    return boxes


def _inside(xy_px: Float[np.ndarray, "N 2"], boxes: Float[np.ndarray, "P 2 2"]) -> Bool[np.ndarray, "N"]:
    within = (xy_px[:, None] > boxes[:, 0]) & (xy_px[:, None] < boxes[:, 1])  # NaN compares as False
    return np.logical_or.reduce(np.logical_and.reduce(within, axis=2), axis=1)


def _rotation(
    from_px: Float[np.ndarray, "N 2"],
    to_px: Float[np.ndarray, "N 2"],
    K: Float[np.ndarray, "3 3"],
    start: Float[np.ndarray, "3 3"],
) -> Float[np.ndarray, "3 3"] | None:
    """The turn that takes most viewing rays onto their partners; None when too few agree on any."""
    if len(from_px) < _LEAST_POINTS:
        return None
    a, b = unit(rays(from_px.astype(float), K)), unit(rays(to_px.astype(float), K))
    best: tuple[float, Float[np.ndarray, "3 3"]] | None = None
    for turn in (start, np.eye(3), _most_common_turn(a, b)):
        for round_rad in (0.03, 0.015, _INLIER_RAD, _INLIER_RAD):
            off = np.linalg.norm(a @ turn.T - b, axis=1)
            turn = _kabsch(a, b, 1.0 / (1.0 + (off / round_rad) ** 2) ** 2)  # noqa: PLW2901  refined in place
        share = float(np.mean(np.linalg.norm(a @ turn.T - b, axis=1) < _INLIER_RAD))
        if best is None or share > best[0]:
            best = (share, turn)
        if best[0] > 0.7:
            break
    return best[1] if best is not None and best[0] >= _LEAST_INLIERS else None


def _most_common_turn(a: Float[np.ndarray, "N 3"], b: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "3 3"]:
    """The best of some turns that each take one pair of points onto its partners."""
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, len(a), (40, 2))
    turns = [_kabsch(a[pair], b[pair], np.ones(2)) for pair in pairs]
    votes = [int((np.linalg.norm(a @ turn.T - b, axis=1) < _INLIER_RAD).sum()) for turn in turns]
    return turns[int(np.argmax(votes))]


def _kabsch(
    a: Float[np.ndarray, "N 3"], b: Float[np.ndarray, "N 3"], weight: Float[np.ndarray, "N"]
) -> Float[np.ndarray, "3 3"]:
    u, _, vt = np.linalg.svd((b * weight[:, None]).T @ a)
    return u @ np.diag([1.0, 1.0, np.linalg.det(u @ vt)]) @ vt
