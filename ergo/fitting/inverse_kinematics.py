"""Analytic inverse kinematics: from joint positions to the local rotations of an SMPL-X body.

Directions are taken from the picture, lengths from the body. Pelvis and thorax come from the lines of the hips
and of the shoulders about the common trunk axis, the spine shares the twist between them; a limb is swung onto
its observed direction and twisted so that its hinge (elbow, knee) lies in the observed plane.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.body.skeleton import JOINT_INDEX, PARENTS
from ergo.fitting.gaps import complete
from ergo.fitting.stick import LAN, LEL, LHE, LHI, LKN, LSH, LTO, LWR, RAN, REL, RHE, RHI, RKN, RSH, RTO, RWR
from ergo.geometry.rotations import frame_from_axes, rotation_about, rotation_between, signed_angle_deg, unit

HINGE_TRUST_DEG = (8.0, 22.0)
"""Below the first flexion the plane of a hinge cannot be seen and is ignored, above the second it is taken."""


def solve_rotations(
    points_m: Float[np.ndarray, "T 17 3"],
    head_turn: Float[np.ndarray, "T 3"],
    joints_rest_m: Float[np.ndarray, "55 3"],
) -> Float[np.ndarray, "T 55 3"]:
    """Local rotations (axis-angle) that pose the body with rest joints `joints_rest_m` like `points_m`.

    Args:
        points_m: the points of :mod:`ergo.fitting.stick` in the world (Y up); frames with NaN give NaN.
        head_turn: yaw, pitch and roll of the head in the thorax's frame, radians.
        joints_rest_m: joints of the body in the SMPL-X T-pose.
    """
    count = len(points_m)
    world = np.tile(np.eye(3), (count, len(PARENTS), 1, 1))
    _place_trunk(world, points_m, joints_rest_m)
    _place_head(world, head_turn)
    for side in ("left", "right"):
        _place_arm(world, points_m, joints_rest_m, side)
        _place_leg(world, points_m, joints_rest_m, side)
    _inherit_rest(world)
    local = world.copy()
    local[:, 1:] = np.swapaxes(world[:, PARENTS[1:]], -1, -2) @ world[:, 1:]
    return _rotvec(local)


def _rotvec(matrices: Float[np.ndarray, "T J 3 3"]) -> Float[np.ndarray, "T J 3"]:
    flat = matrices.reshape(-1, 3, 3)
    known = np.isfinite(flat).all(axis=(1, 2))
    rotvec = np.full((len(flat), 3), np.nan)
    if known.any():
        rotvec[known] = Rotation.from_matrix(flat[known]).as_rotvec()
    return rotvec.reshape(*matrices.shape[:2], 3)


def _place_trunk(world: np.ndarray, points: np.ndarray, rest: np.ndarray) -> None:
    up = (points[:, LSH] + points[:, RSH] - points[:, LHI] - points[:, RHI]) / 2
    j = JOINT_INDEX
    rest_up = (rest[j["left_shoulder"]] + rest[j["right_shoulder"]] - rest[j["left_hip"]] - rest[j["right_hip"]]) / 2
    ends = []
    for left, right, rest_left, rest_right in (
        (LHI, RHI, "left_hip", "right_hip"),
        (LSH, RSH, "left_shoulder", "right_shoulder"),
    ):
        rest_frame = frame_from_axes(rest_up, rest[j[rest_left]] - rest[j[rest_right]])
        ends.append(frame_from_axes(up, points[:, left] - points[:, right]) @ rest_frame.T)
    pelvis, thorax = ends
    twist = _rotvec((np.swapaxes(pelvis, -1, -2) @ thorax)[:, None])[:, 0]
    for share, name in ((0.0, "pelvis"), (1 / 3, "spine1"), (2 / 3, "spine2"), (1.0, "spine3")):
        partial = np.full_like(pelvis, np.nan)
        known = complete(twist)
        if known.any():
            partial[known] = pelvis[known] @ Rotation.from_rotvec(share * twist[known]).as_matrix()
        world[:, j[name]] = partial
    for name in ("left_collar", "right_collar"):
        world[:, j[name]] = world[:, j["spine3"]]


def _place_head(world: np.ndarray, turn: np.ndarray) -> None:
    """Turn the head, half of it in the neck."""
    j = JOINT_INDEX
    thorax = world[:, j["spine3"]]
    known = complete(turn) & complete(thorax)
    neck, head = np.full_like(thorax, np.nan), np.full_like(thorax, np.nan)
    if known.any():
        full = Rotation.from_euler("YXZ", turn[known])
        neck[known] = thorax[known] @ (full**0.5).as_matrix()
        head[known] = thorax[known] @ full.as_matrix()
    world[:, j["neck"]] = neck
    world[:, j["head"]] = head


def _swing(parent: np.ndarray, rest_direction: np.ndarray, observed: np.ndarray) -> np.ndarray:
    return rotation_between(np.einsum("tij,j->ti", parent, rest_direction), observed) @ parent


def _twist_to_hinge(world: np.ndarray, upper: np.ndarray, lower: np.ndarray, rest_hinge: np.ndarray) -> np.ndarray:
    """`world` of the upper limb turned about its length until its hinge axis is that of the observed bend."""
    axis = unit(upper)
    current = np.einsum("tij,j->ti", world, rest_hinge)
    bend = np.cross(upper, lower)
    flexion_deg = np.degrees(np.arctan2(np.linalg.norm(bend, axis=1), np.sum(upper * lower, axis=1)))
    trust = np.clip((flexion_deg - HINGE_TRUST_DEG[0]) / (HINGE_TRUST_DEG[1] - HINGE_TRUST_DEG[0]), 0.0, 1.0)
    turn = np.radians(signed_angle_deg(current, bend, axis)) * trust
    return rotation_about(axis, turn) @ world


def _place_limb(
    world: np.ndarray,
    rest: np.ndarray,
    names: tuple[str, str, str, str],
    observed: tuple[np.ndarray, np.ndarray],
    rest_hinge: np.ndarray,
) -> None:
    j = JOINT_INDEX
    parent, root, hinge, tip = (j[name] for name in names)
    upper, lower = observed
    world[:, root] = _twist_to_hinge(
        _swing(world[:, parent], rest[hinge] - rest[root], upper), upper, lower, rest_hinge
    )
    world[:, hinge] = _swing(world[:, root], rest[tip] - rest[hinge], lower)


def _place_arm(world: np.ndarray, points: np.ndarray, rest: np.ndarray, side: str) -> None:
    shoulder, elbow, wrist = (points[:, i] for i in ((LSH, LEL, LWR) if side == "left" else (RSH, REL, RWR)))
    inward = np.array([0.0, -1.0, 0.0]) if side == "left" else np.array([0.0, 1.0, 0.0])
    names = (f"{side}_collar", f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist")
    _place_limb(world, rest, names, (elbow - shoulder, wrist - elbow), inward)


def _place_leg(world: np.ndarray, points: np.ndarray, rest: np.ndarray, side: str) -> None:
    marks = (LHI, LKN, LAN, LHE, LTO) if side == "left" else (RHI, RKN, RAN, RHE, RTO)
    hip, knee, ankle, heel, toe = (points[:, i] for i in marks)
    names = ("pelvis", f"{side}_hip", f"{side}_knee", f"{side}_ankle")
    _place_limb(world, rest, names, (knee - hip, ankle - knee), np.array([1.0, 0.0, 0.0]))
    j = JOINT_INDEX
    rest_shank = rest[j[f"{side}_ankle"]] - rest[j[f"{side}_knee"]]
    rest_foot = rest[j[f"{side}_foot"]] - rest[j[f"{side}_ankle"]]
    rest_sole = np.array([rest_foot[0], 0.0, rest_foot[2]])
    # The sole runs from heel to toe; the shank fixes the turn about it, as an ankle hardly twists.
    rest_frame = frame_from_axes(rest_sole, -rest_shank)
    world[:, j[f"{side}_ankle"]] = frame_from_axes(toe - heel, knee - ankle) @ rest_frame.T


def _inherit_rest(world: np.ndarray) -> None:
    """Joints no landmark tells of keep their rest rotation: they move with their parent."""
    placed = {"pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar", "neck", "head"} | {
        f"{side}_{part}" for side in ("left", "right") for part in ("shoulder", "elbow", "hip", "knee", "ankle")
    }
    for name, index in JOINT_INDEX.items():
        if name not in placed:
            world[:, index] = world[:, PARENTS[index]]
