"""Keypoints → Motion: the stages of the fit in their order."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.body.model import BodyModel, ShapedBody
from ergo.body.skeleton import BODY_POSE, JAW, LEFT_HAND_POSE, RIGHT_HAND_POSE
from ergo.body.skinning import forward_kinematics, rotation_matrices
from ergo.fitting.gaps import bridge_gaps, complete
from ergo.fitting.inverse_kinematics import solve_rotations
from ergo.fitting.lift import lift
from ergo.fitting.placement import locate, stand_on_ground
from ergo.geometry.camera import rotation_world_cam
from ergo.types import Gravity, Keypoints, Motion, Sex

BLOCK_FRAMES = 4096
"""Frames posed at once, so that an hour of video needs no more memory than a minute."""


def fit_motion(
    keypoints: Keypoints,
    K: Float[np.ndarray, "3 3"],
    gravity: Gravity,
    body: BodyModel,
    betas: Float[np.ndarray, "B"],
    sex: Sex = "neutral",
) -> Motion:
    """The SMPL-X motion that follows the landmarks, in the gravity-aligned world with the ground at Y = 0.

    Args:
        keypoints: one person's landmarks.
        K: intrinsics of the camera in displayed pixels.
        gravity: up in the camera frame.
        body: the body whose joints are posed.
        betas: its shape.
        sex: recorded with the motion.
    """
    shaped = body.shaped(betas)
    R_world_cam = rotation_world_cam(gravity.up_cam)
    points = lift(keypoints, K) @ R_world_cam.T
    valid = complete(points)
    pose, joints = _pose_in_blocks(points, shaped.joints_m, body.hands_mean)
    transl = _place(joints, keypoints, K, R_world_cam, shaped)
    return Motion(
        betas=np.asarray(betas, dtype=float),
        global_orient=pose[:, 0],
        body_pose=pose[:, BODY_POSE],
        left_hand_pose=pose[:, LEFT_HAND_POSE],
        right_hand_pose=pose[:, RIGHT_HAND_POSE],
        jaw_pose=pose[:, JAW],
        expression=np.zeros((len(points), 10)),
        transl=transl,
        joints_m=joints + transl[:, None],
        timestamps_s=np.asarray(keypoints.timestamps_s, dtype=float),
        valid=valid,
        sex=sex,
    )


def _pose_in_blocks(
    points: np.ndarray, joints_rest_m: np.ndarray, hands_mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    pose = np.full((len(points), 55, 3), np.nan)
    joints = np.full((len(points), 55, 3), np.nan)
    for start in range(0, len(points), BLOCK_FRAMES):
        block = slice(start, start + BLOCK_FRAMES)
        pose[block] = solve_rotations(points[block], joints_rest_m)
        pose[block, LEFT_HAND_POSE] += hands_mean[0]
        pose[block, RIGHT_HAND_POSE] += hands_mean[1]
        joints[block] = forward_kinematics(rotation_matrices(pose[block]), joints_rest_m)[1]
    return pose, joints


def _place(
    joints: np.ndarray, keypoints: Keypoints, K: np.ndarray, R_world_cam: np.ndarray, shaped: ShapedBody
) -> Float[np.ndarray, "T 3"]:
    """smplx's ``transl``: horizontally from the picture (starting near the origin), vertically from the ground."""
    xy, _ = bridge_gaps(np.asarray(keypoints.xy_px, dtype=float), keypoints.timestamps_s)
    confidence, _ = bridge_gaps(np.asarray(keypoints.confidence, dtype=float), keypoints.timestamps_s)
    bridged = Keypoints(
        xy_px=xy,
        xyz_m=keypoints.xyz_m,
        confidence=confidence,
        timestamps_s=keypoints.timestamps_s,
        track_id=keypoints.track_id,
    )
    transl = locate(joints, bridged, K, R_world_cam)
    known = np.flatnonzero(complete(transl))
    if len(known):
        transl = transl - transl[known[0]] * np.array([1.0, 0.0, 1.0])
    floor_rest_m = float(shaped.vertices_m[:, 1].min())
    transl[:, 1] = stand_on_ground(joints, shaped.joints_m, floor_rest_m, keypoints.timestamps_s)
    return transl
