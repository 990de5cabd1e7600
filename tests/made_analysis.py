"""A small Analysis made by formula: somebody who squats and raises the arms, with a gap in the middle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ergo.assess.angle_catalogue import ANGLES
from ergo.assess.items import ITEMS
from ergo.body.model import BodyModel
from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import forward_kinematics, full_pose, rotation_matrices
from ergo.geometry.camera import project, rotation_world_cam, up_from_tilt
from ergo.methods.catalogue import METHODS
from ergo.types import (
    SIDES,
    Analysis,
    AnalysisSettings,
    Assessment,
    Camera,
    Certainty,
    Gravity,
    JointAngles,
    Keypoints,
    Motion,
    Side,
    VideoInfo,
)

RATE_HZ = 15.0
GAP = slice(30, 36)
"""Frames in which nobody is seen (0.4 s)."""
PITCH_DEG = 12.0
SOLE_M = 0.03
HEADING_RAD = 0.7
"""The body looks past the camera, 40° to its side."""


def made_motion(body: BodyModel, frames: int) -> Motion:
    """A squat with the arms raised at its deepest point, facing the camera; NaN in the gap."""
    times = np.arange(frames) / RATE_HZ
    depth = 0.5 - 0.5 * np.cos(2 * np.pi * times / 2.0)
    body_pose = np.zeros((frames, 21, 3))

    def bend(joint: str, axis: int, radians: np.ndarray) -> None:
        body_pose[:, JOINT_INDEX[joint] - 1, axis] = radians

    for side, sign in (("left", 1.0), ("right", -1.0)):
        bend(f"{side}_hip", 0, -1.3 * depth)
        bend(f"{side}_knee", 0, 1.7 * depth)
        bend(f"{side}_ankle", 0, -0.5 * depth)
        bend(f"{side}_shoulder", 2, sign * (-1.3 + 0.9 * depth))
        bend(f"{side}_elbow", 1, sign * -0.5 * depth)
    bend("spine2", 0, 0.5 * depth)
    transl = np.stack([0.1 * times, np.zeros(frames), np.zeros(frames)], axis=1)
    hands = np.tile(body.hands_mean, (frames, 1, 1, 1)).astype(float)
    valid = np.ones(frames, bool)
    valid[GAP] = False
    global_orient = np.tile([0.0, HEADING_RAD, 0.0], (frames, 1))
    for array in (global_orient, body_pose, transl, hands):
        array[~valid] = np.nan
    motion = Motion(
        betas=np.zeros(10),
        global_orient=global_orient,
        body_pose=body_pose,
        left_hand_pose=hands[:, 0],
        right_hand_pose=hands[:, 1],
        jaw_pose=np.zeros((frames, 3)),
        expression=np.zeros((frames, 10)),
        transl=transl,
        joints_m=np.zeros((frames, 55, 3)),
        timestamps_s=times,
        valid=valid,
    )
    joints = made_joints(motion, body)
    ground_m = joints[..., 1].min(axis=1) - SOLE_M
    joints[..., 1] -= ground_m[:, None]
    transl[:, 1] -= ground_m
    return replace(motion, transl=transl, joints_m=joints)


def made_joints(motion: Motion, body: BodyModel) -> np.ndarray:
    """World joints [T, 55, 3] of a motion, metres."""
    rest = body.shaped(motion.betas).joints_m
    _, joints = forward_kinematics(rotation_matrices(full_pose(motion)), rest.astype(float))
    return joints + motion.transl[:, None]


def made_camera(width_px: int, height_px: int) -> tuple[Camera, np.ndarray]:
    """A camera 3.4 m away, pitched down, and the up it sees."""
    up_cam = up_from_tilt(PITCH_DEG, 0.0)
    R_cam_world = rotation_world_cam(up_cam).T
    pose = np.eye(4)
    pose[:3, :3] = R_cam_world
    pose[:3, 3] = np.array([0, 0, 3.4]) - R_cam_world @ np.array([0, 0.9, 0])
    K = np.array([[544.0, 0, width_px / 2], [0, 544.0, height_px / 2], [0, 0, 1]])
    return Camera(K=K, T_cam_world=pose), up_cam


_SEEN_AS = {
    0: "head", 7: "left_eye_smplhf", 8: "right_eye_smplhf", 11: "left_shoulder", 12: "right_shoulder",
    13: "left_elbow", 14: "right_elbow", 15: "left_wrist", 16: "right_wrist", 19: "left_index1",
    20: "right_index1", 23: "left_hip", 24: "right_hip", 25: "left_knee", 26: "right_knee", 27: "left_ankle",
    28: "right_ankle", 29: "left_ankle", 30: "right_ankle", 31: "left_foot", 32: "right_foot",
}  # fmt: skip


def _keypoints(motion: Motion, camera: Camera) -> Keypoints:
    frames = len(motion.timestamps_s)
    xy = np.full((frames, 33, 2), np.nan)
    xyz = np.full((frames, 33, 3), np.nan)
    for landmark, joint in _SEEN_AS.items():
        world = motion.joints_m[:, JOINT_INDEX[joint]]
        seen = world @ camera.T_cam_world[:3, :3].T + camera.T_cam_world[:3, 3]
        xy[:, landmark] = project(seen, camera.K)
        xyz[:, landmark] = seen
    confidence = np.where(np.isfinite(xy[..., 0]), 0.9, np.nan)
    confidence[:, [15, 19]] *= 0.4
    return Keypoints(xy_px=xy, xyz_m=xyz, confidence=confidence, timestamps_s=motion.timestamps_s, track_id=1)


def _sides(method: str) -> tuple[Side | None, ...]:
    return SIDES if method in ("rula", "reba") else (None,)


def _assessment(method: str, side: Side | None, motion: Motion, seed: int) -> Assessment:
    rng = np.random.default_rng(seed)
    times = motion.timestamps_s
    entry = METHODS[method]
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * times / 2.0)
    reach = 0.9 if side == "left" else 0.7
    total = 1 + np.rint(reach * wave * (entry.max_total - 1))
    total[~motion.valid] = np.nan
    level = np.full(len(times), np.nan)
    for step in entry.levels:
        level[(total >= step.low) & (total <= step.high)] = step.level
    parts = {}
    for item in ITEMS[method]:
        points = np.rint(item.neutral_points + wave * rng.uniform(0.2, 1) * (item.max_points - item.neutral_points))
        parts[item.id] = np.where(motion.valid, points, np.nan)
    return Assessment(
        method=method,
        side=side,
        timestamps_s=times,
        total=total,
        total_low=np.maximum(1, total - 1),
        total_high=np.minimum(entry.max_total, total + 1),
        level=level,
        parts=parts,
        certainty=Certainty(
            total_p05=np.maximum(1, total - 2),
            total_p95=np.minimum(entry.max_total, total + 2),
            level_chance=np.where(motion.valid[:, None], 1 / len(entry.levels), np.full(len(entry.levels), np.nan)),
            peaks=np.array([entry.max_total - 1.0, entry.max_total]),
            tilt_peaks=np.full(2, float(entry.max_total)),
        ),
    )


def made_analysis(body: BodyModel, frames: int = 45) -> Analysis:
    """A whole analysis; motion and keypoints agree with each other, the points of the scores are invented."""
    motion = made_motion(body, frames)
    camera, up_cam = made_camera(640, 480)
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * motion.timestamps_s / 2.0)
    values = np.outer(wave, np.linspace(20, 110, len(ANGLES)))
    valid = np.broadcast_to(motion.valid[:, None], values.shape).copy()
    valid[:, [angle.id.endswith("wrist_flexion") for angle in ANGLES]] = False
    seconds = frames / RATE_HZ
    return Analysis(
        video=VideoInfo(
            width_px=640, height_px=480, rotation_deg=0, duration_s=seconds, fps=RATE_HZ,
            frame_count=frames, codec="h264", timestamps_s=motion.timestamps_s,
        ),
        settings=AnalysisSettings(),
        camera=camera,
        gravity=Gravity(up_cam=up_cam, sd_deg=1.5, source="body"),
        tracks=(),
        track_id=1,
        keypoints=_keypoints(motion, camera),
        motion=motion,
        angles=JointAngles(
            names=tuple(angle.id for angle in ANGLES), values_deg=np.where(valid, values, np.nan),
            sd_deg=np.where(valid, 5.0, np.nan), valid=valid, timestamps_s=motion.timestamps_s,
        ),
        assessments=tuple(
            _assessment(method, side, motion, seed)
            for seed, (method, side) in enumerate((m, s) for m in METHODS for s in _sides(m))
        ),
    )  # fmt: skip
