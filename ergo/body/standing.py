"""The neutral standing pose of a body: where the zero of joint angles is measured.

Two bodies at rest differ by up to 18° in the arms and 10° in the trunk, so angles are read against this pose,
made from each body's own rest joints, and never off raw axis-angles.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import JOINT_COUNT, JOINT_INDEX, LEFT_HAND_POSE, PARENTS, RIGHT_HAND_POSE
from ergo.body.skinning import forward_kinematics, rotation_matrices
from ergo.geometry.rotations import rotation_about, rotation_between

ARM_ABDUCTION_DEG = 6.0
"""The hanging upper arm stands off the trunk by about its own thickness."""
ELBOW_FLEXION_DEG = 8.0
"""A relaxed hanging elbow is not locked."""
COLLAR_DROP_DEG = 12.0
"""Clavicles sink from the T-pose to hanging arms (Inman, Saunders and Abbott 1944, scapulohumeral rhythm)."""

_X, _Y, _Z = np.eye(3)


def standing_pose(body: BodyModel, joints_rest_m: Float[np.ndarray, "55 3"] | None = None) -> Float[np.ndarray, "55 3"]:
    """Local axis-angles, radians, of the body standing with arms hanging, palms to the thighs, legs upright.

    Trunk, neck and head keep the body's own rest posture, which is upright; hands are relaxed.

    Args:
        body: the body model.
        joints_rest_m: rest joints of a shaped body; those of the mean body when not given.
    """
    joints = np.asarray(body.joints_template_m if joints_rest_m is None else joints_rest_m, np.float64)
    world = np.tile(np.eye(3), (JOINT_COUNT, 1, 1))
    for side, out in (("left", 1.0), ("right", -1.0)):
        _hang_arm(world, joints, side, out)
        _stand_leg(world, joints, side)
    local = np.array(
        [world[child] if child == 0 else world[PARENTS[child]].T @ world[child] for child in range(JOINT_COUNT)]
    )
    pose = Rotation.from_matrix(local).as_rotvec()
    pose[LEFT_HAND_POSE], pose[RIGHT_HAND_POSE] = body.hands_mean
    return pose


def standing_joints(body: BodyModel, shaped: ShapedBody) -> Float[np.ndarray, "55 3"]:
    """Joints of :func:`standing_pose` in metres, soles on the ground plane Y = 0, pelvis above the origin."""
    pose = standing_pose(body, shaped.joints_m)
    _, joints = forward_kinematics(rotation_matrices(pose[None]), shaped.joints_m.astype(np.float64))
    placed = joints[0] - [joints[0, 0, 0], 0.0, joints[0, 0, 2]]
    sole = (
        shaped.joints_m[[JOINT_INDEX["left_ankle"], JOINT_INDEX["right_ankle"]], 1].mean()
        - shaped.vertices_m[:, 1].min()
    )
    ankles = placed[[JOINT_INDEX["left_ankle"], JOINT_INDEX["right_ankle"]], 1].mean()
    return placed - [0.0, ankles - sole, 0.0]


def _bone(joints: np.ndarray, start: str, end: str) -> np.ndarray:
    return joints[JOINT_INDEX[end]] - joints[JOINT_INDEX[start]]


def _hang_arm(world: np.ndarray, joints: np.ndarray, side: str, out: float) -> None:
    """Turn collar, shoulder, elbow and hand of one side; `out` is +1 for the left side, which lies along +X."""
    collar, shoulder, elbow, wrist = (f"{side}_{n}" for n in ("collar", "shoulder", "elbow", "wrist"))
    world[JOINT_INDEX[collar]] = rotation_about(_Z, np.array(-out * np.radians(COLLAR_DROP_DEG)))
    away, bend = np.radians([ARM_ABDUCTION_DEG, ELBOW_FLEXION_DEG])
    down = np.array([out * np.sin(away), -np.cos(away), 0.0])
    upper, fore = _bone(joints, shoulder, elbow), _bone(joints, elbow, wrist)
    quarter = rotation_about(_Z, np.array(-out * (np.pi / 2 - away)))  # the T-pose's own ±X becomes `down`
    swung = rotation_between(quarter @ upper, down) @ quarter
    hinge = rotation_about(np.cross(down, _Z) / np.linalg.norm(np.cross(down, _Z)), np.array(bend))
    forward = hinge @ down
    world[JOINT_INDEX[shoulder]] = swung
    lower = rotation_between(swung @ fore, forward) @ swung
    hand = [j for j in range(JOINT_COUNT) if _descends(j, JOINT_INDEX[wrist])]
    world[[JOINT_INDEX[elbow], *hand]] = lower


def _stand_leg(world: np.ndarray, joints: np.ndarray, side: str) -> None:
    """Hip, knee and ankle of one side above each other; the foot keeps its rest direction."""
    hip, knee, ankle = (f"{side}_{n}" for n in ("hip", "knee", "ankle"))
    world[JOINT_INDEX[hip]] = rotation_between(_bone(joints, hip, knee), -_Y)
    world[JOINT_INDEX[knee]] = rotation_between(_bone(joints, knee, ankle), -_Y)


def _descends(joint: int, ancestor: int) -> bool:
    while joint >= 0:
        if joint == ancestor:
            return True
        joint = int(PARENTS[joint])
    return False
