"""From hand landmarks to posed wrists: hands turned in the world, and the SMPL-X elbows and wrists that follow them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.spatial.transform import Rotation

from ergo.body.hands import hand_frame, palmar, wrist_angles_deg
from ergo.body.landmarks import Landmark as L
from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import forward_kinematics, rotation_matrices
from ergo.fitting.gaps import complete
from ergo.fitting.palm import turn_palms
from ergo.fitting.stick import LEL, LWR, REL, RWR
from ergo.geometry.camera import rays
from ergo.geometry.rotations import rotation_between, unit
from ergo.types import SIDES, Hands, Keypoints, Side

MOST_COST = 8.0
MOST_TURNED_DEG = 45.0
"""A palm whose fit costs more, or turned the network's guess further, is not taken as seen (docs/pose.md)."""
REACH_DEG = (75.0, 45.0)
"""Flexion and deviation beyond which a reading is taken for an error: hardly a wrist at work goes there."""

ELBOW_SHARE = 0.5
"""Of the forearm's rotation turned in the elbow, the rest in the wrist, so that the skin does not wring."""
FADE_S = 0.5
"""A hand lost from sight comes to rest over this time."""

_FOREARM = {"left": (LEL, LWR), "right": (REL, RWR)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedHands:
    """Hands in the world: left, right.

    `rotation` are frames as of :func:`ergo.body.hands.hand_frame`; NaN where not `seen`.
    """

    rotation: Float[np.ndarray, "T 2 3 3"]
    seen: Bool[np.ndarray, "T 2"]
    timestamps_s: Float[np.ndarray, "T"]


def turn_hands(
    keypoints: Keypoints,
    points_m: Float[np.ndarray, "T 17 3"],
    K: Float[np.ndarray, "3 3"],
    R_world_cam: Float[np.ndarray, "3 3"],
) -> TurnedHands | None:
    """How each hand is turned in the world; None when nobody looked for hands.

    Args:
        keypoints: landmarks of body and hands.
        points_m: the fitted stick figure in the world, which knows the forearms better than the landmarks do.
        K: intrinsics of the camera in displayed pixels.
        R_world_cam: turns camera coordinates into the world.
    """
    if keypoints.hands is None:
        return None
    frames = len(points_m)
    rotation = np.full((frames, 2, 3, 3), np.nan)
    seen = np.zeros((frames, 2), dtype=bool)
    for index, side in enumerate(SIDES):
        elbow, wrist = _FOREARM[side]
        forearm = unit((points_m[:, wrist] - points_m[:, elbow]) @ R_world_cam)
        known = np.flatnonzero(np.isfinite(keypoints.hands.confidence[:, index]) & np.isfinite(forearm).all(axis=1))
        if len(known):
            turned, good = _turn_side(keypoints, keypoints.hands, known, forearm[known], K, side)
            rotation[known[good], index] = R_world_cam @ turned[good]
            seen[known[good], index] = True
    return TurnedHands(rotation=rotation, seen=seen, timestamps_s=np.asarray(keypoints.timestamps_s, dtype=float))


def _turn_side(
    keypoints: Keypoints, hands: Hands, frames: np.ndarray, forearm: np.ndarray, K: np.ndarray, side: Side
) -> tuple[Float[np.ndarray, "N 3 3"], Bool[np.ndarray, "N"]]:
    """Hands of one side in the camera frame, and which of them are to be believed."""
    index = SIDES.index(side)
    xy = np.asarray(hands.xy_px[frames, index], dtype=float)
    # The network looks straight at the hand; its frame is turned onto the viewing ray.
    ray_frame = rotation_between(np.array([0.0, 0.0, 1.0]), rays(xy.mean(axis=1), K))
    facing = np.einsum("nji,nj->ni", ray_frame, forearm)
    palms = turn_palms(xy, hands.xyz_m[frames, index], _px_per_m(keypoints, frames), facing, palmar(side))
    flexion, deviation = wrist_angles_deg(palms.rotation, facing, palmar(side))
    good = (
        (palms.cost <= MOST_COST)
        & (palms.turned_deg <= MOST_TURNED_DEG)
        & (np.abs(flexion) <= REACH_DEG[0])
        & (np.abs(deviation) <= REACH_DEG[1])
    )
    return ray_frame @ palms.rotation, good


_MAIN = [int(mark) for mark in L if mark >= L.LEFT_SHOULDER]


def _px_per_m(keypoints: Keypoints, frames: np.ndarray) -> Float[np.ndarray, "N"]:
    """Pixels a metre takes at the person: the spread of the landmarks in the picture over that in space."""
    flat_px = np.asarray(keypoints.xy_px, dtype=float)[frames][:, _MAIN]
    flat_m = np.asarray(keypoints.xyz_m, dtype=float)[frames][:, _MAIN, :2]
    spreads = [np.linalg.norm(flat - flat.mean(axis=1, keepdims=True), axis=(1, 2)) for flat in (flat_px, flat_m)]
    return spreads[0] / np.maximum(spreads[1], 0.1)


def pose_wrists(
    pose: Float[np.ndarray, "t 55 3"],
    hands: Float[np.ndarray, "t 2 3 3"],
    timestamps_s: Float[np.ndarray, "t"],
    joints_rest_m: Float[np.ndarray, "55 3"],
) -> Float[np.ndarray, "t 55 3"]:
    """`pose` with elbows and wrists turned such that the hands lie as seen; without a hand they fade to rest.

    Joint positions up to the wrists stay: an elbow only turns about its own forearm.
    """
    posed = pose.copy()
    world, _ = forward_kinematics(rotation_matrices(pose), joints_rest_m)
    for index, side in enumerate(SIDES):
        elbow, wrist = JOINT_INDEX[f"{side}_elbow"], JOINT_INDEX[f"{side}_wrist"]
        axis = unit(joints_rest_m[wrist] - joints_rest_m[elbow]).astype(float)
        seen = complete(hands[:, index]) & complete(world[:, wrist])
        if not seen.any():
            continue
        rest = hand_frame(joints_rest_m[None].astype(float), side)[0]
        target = hands[seen, index] @ rest.T
        local = Rotation.from_matrix(np.swapaxes(world[seen, elbow], 1, 2) @ target)
        twist_rad = np.zeros(len(pose))
        twist_rad[seen] = ELBOW_SHARE * _twist_rad(local, axis)
        in_wrist = np.zeros((len(pose), 3))
        in_wrist[seen] = (Rotation.from_rotvec(-twist_rad[seen, None] * axis) * local).as_rotvec()
        twist_rad = fade(twist_rad[:, None], seen, timestamps_s)
        posed[:, wrist] = np.where(np.isfinite(pose[:, wrist]), fade(in_wrist, seen, timestamps_s), np.nan)
        known = np.isfinite(pose[:, elbow]).all(axis=1)
        turned = Rotation.from_rotvec(pose[known, elbow]) * Rotation.from_rotvec(twist_rad[known] * axis)
        posed[known, elbow] = turned.as_rotvec()
    return posed


def _twist_rad(turn: Rotation, axis: np.ndarray) -> Float[np.ndarray, "N"]:
    """The part of a rotation that is about `axis` (swing–twist)."""
    quaternion = turn.as_quat(canonical=True)
    return 2.0 * np.arctan2(quaternion[:, :3] @ axis, quaternion[:, 3])


def fade(
    values: Float[np.ndarray, "T d"], seen: Bool[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]
) -> Float[np.ndarray, "T d"]:
    """`values` where `seen`; elsewhere those of the nearest seen frames around, falling to 0 in half a second."""
    where = np.flatnonzero(seen)
    if len(where) == 0:
        return np.zeros_like(values)
    after = np.searchsorted(where, np.arange(len(values)))
    faded, total = np.zeros_like(values), np.zeros((len(values), 1))
    for neighbour, exists in ((after - 1, after > 0), (after, after < len(where))):
        frame = where[np.clip(neighbour, 0, len(where) - 1)]
        weight = np.where(exists, np.clip(1.0 - np.abs(timestamps_s - timestamps_s[frame]) / FADE_S, 0.0, 1.0), 0.0)
        faded += weight[:, None] * values[frame]
        total += weight[:, None]
    return np.where(seen[:, None], values, faded / np.maximum(total, 1.0))
