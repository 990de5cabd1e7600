"""A person who moves in a known way in front of a known camera, and what a perfect estimator would say of it."""

import numpy as np
from scipy.spatial.transform import Rotation

from ergo.body.landmarks import LANDMARK_COUNT
from ergo.body.landmarks import Landmark as L
from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import forward_kinematics
from ergo.body.standing import standing_pose
from ergo.fitting.head import FACE
from ergo.fitting.stick import LandmarkOffsets
from ergo.geometry.camera import default_intrinsics, project, rays, rotation_world_cam, up_from_tilt
from ergo.geometry.rotations import rotation_between
from ergo.types import Keypoints

NO_OFFSETS = LandmarkOffsets(hip=(0, 0, 0), shoulder=(0, 0, 0))
SIZE_PX = (1280, 720)
PITCH_DEG = 12.0
DISTANCE_M = 4.0

_JOINT_OF_LANDMARK = {
    **{
        L[f"{side}_{part}".upper()]: f"{side}_{part}"
        for side in ("left", "right")
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    }
}

_FACE_IN_HEAD_M = {
    L.NOSE: (0, 0.05, 0.12),
    L.LEFT_EAR: (0.08, 0.05, 0.0),
    L.RIGHT_EAR: (-0.08, 0.05, 0.0),
    L.LEFT_EYE: (0.03, 0.08, 0.1),
    L.RIGHT_EYE: (-0.03, 0.08, 0.1),
    L.MOUTH_LEFT: (0.02, 0.0, 0.1),
    L.MOUTH_RIGHT: (-0.02, 0.0, 0.1),
}
_PLACES_M = np.array([_FACE_IN_HEAD_M[landmark] for landmark in FACE])
FACE_M = _PLACES_M - _PLACES_M.mean(axis=0)
"""The template of this worker's face."""


def pose_of_worker(body, shaped, frames):
    """A worker who bends, reaches and turns a little; local axis-angles [T, 55, 3]."""
    t = np.linspace(0, 2 * np.pi, frames)
    pose = np.repeat(standing_pose(body, shaped.joints_m)[None], frames, axis=0)
    j = JOINT_INDEX

    def add(name, axis, amplitude_deg, phase=0.0):
        turn = Rotation.from_rotvec(np.outer(np.radians(amplitude_deg) * (1 - np.cos(t + phase)) / 2, axis))
        pose[:, j[name]] = (Rotation.from_rotvec(pose[:, j[name]]) * turn).as_rotvec()

    add("pelvis", [1, 0, 0], 35)
    add("left_elbow", [0, -1, 0], 80)
    add("right_elbow", [0, 1, 0], 60, 0.7)
    add("left_knee", [1, 0, 0], 40)
    add("right_knee", [1, 0, 0], 45)
    add("left_hip", [1, 0, 0], -60)
    add("right_hip", [1, 0, 0], -60)
    return pose


def landmarks_of(shaped, pose):
    """Where the 33 landmarks of a posed body are, metres; landmarks without a joint ride on their segment."""
    matrices = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(*pose.shape[:2], 3, 3)
    world, joints = forward_kinematics(matrices, shaped.joints_m)
    j = JOINT_INDEX
    points = np.zeros((len(pose), LANDMARK_COUNT, 3))
    for landmark, name in _JOINT_OF_LANDMARK.items():
        points[:, landmark] = joints[:, j[name]]
    head, head_frame = joints[:, j["head"]], world[:, j["head"]]
    for landmark, at in _FACE_IN_HEAD_M.items():
        points[:, landmark] = head + head_frame @ np.array(at, dtype=float)
    for side in ("left", "right"):
        ankle, frame = joints[:, j[f"{side}_ankle"]], world[:, j[f"{side}_ankle"]]
        points[:, L[f"{side}_heel".upper()]] = ankle + frame @ np.array([0, -0.05, -0.04])
        points[:, L[f"{side}_foot_index".upper()]] = ankle + frame @ np.array([0, -0.05, 0.17])
        for part in ("pinky", "index", "thumb"):
            points[:, L[f"{side}_{part}".upper()]] = joints[:, j[f"{side}_middle1"]]
    return points


class Scene:
    """A worker, the truth and the keypoints of a perfect estimator."""

    def __init__(self, body, shaped, frames=45, fps=15.0):
        self.up_cam = up_from_tilt(PITCH_DEG, 0.0)
        self.K = default_intrinsics(*SIZE_PX)
        self.timestamps_s = np.arange(frames) / fps
        self.pose = pose_of_worker(body, shaped, frames)
        world = landmarks_of(shaped, self.pose)
        hips = (world[:, L.LEFT_HIP] + world[:, L.RIGHT_HIP]) / 2
        self.landmarks_world_m = world
        self.landmarks_cam_m = (world - hips.mean(axis=0)) @ rotation_world_cam(self.up_cam) + [0.3, 0.1, DISTANCE_M]
        self.xy_px = project(self.landmarks_cam_m, self.K)
        ray = rays(self.xy_px[:, [L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=1), self.K)
        turn = rotation_between(np.array([0.0, 0.0, 1.0]), ray)
        self.xyz_m = np.einsum(
            "tji,tlj->tli", turn, self.landmarks_cam_m - self.landmarks_cam_m[:, 23:25].mean(1)[:, None]
        )

    def keypoints(self, missing=(), xyz_noise_m=0.0, seed=0):
        rng = np.random.default_rng(seed)
        xyz = self.xyz_m + rng.normal(0, xyz_noise_m, self.xyz_m.shape) if xyz_noise_m else self.xyz_m.copy()
        xy, confidence = self.xy_px.copy(), np.ones(self.xy_px.shape[:2])
        for frames in missing:
            xy[frames], xyz[frames], confidence[frames] = np.nan, np.nan, np.nan
        return Keypoints(xy_px=xy, xyz_m=xyz, confidence=confidence, timestamps_s=self.timestamps_s.copy(), track_id=0)
