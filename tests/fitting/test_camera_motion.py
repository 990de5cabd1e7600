"""A camera that turns, filmed by turning real frames about the camera's centre: the truth is exact."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ergo.fitting.camera_motion import aligned, camera_motion, kind, steadied
from ergo.geometry.camera import default_intrinsics, project, rays, up_from_tilt
from ergo.geometry.rotations import angle_between_deg, rotation_between
from ergo.types import CameraMotion, Keypoints
from ergo.video.background import BackgroundWatcher
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames
from ergo.video.stills import StillKeeper, still_times

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
RATE_HZ = 7.5


def turns(degrees):
    return Rotation.from_rotvec(np.radians(degrees)).as_matrix()


@pytest.fixture(scope="module", params=["lift_squat", "twist_transfer"])
def film(request):
    path = EXAMPLES / f"{request.param}.mp4"
    info = probe(path, DecodeLimits())
    with read_frames(path, info, DecodeSettings(rate_hz=RATE_HZ, max_side_px=640), DecodeLimits()) as reader:
        return list(reader), default_intrinsics(info.width_px, info.height_px)


def filmed(frames, K, R_cam_ref):
    """The frames as a camera turned by `R_cam_ref` would have seen them."""
    made = []
    for frame, R in zip(frames, R_cam_ref, strict=True):
        scale = np.array([[frame.scale], [frame.scale], [1.0]])
        H = (K * scale) @ R @ np.linalg.inv(K * scale)
        size = frame.rgb.shape[1::-1]
        made.append(replace(frame, rgb=cv2.warpPerspective(frame.rgb, H, size, borderMode=cv2.BORDER_REFLECT_101)))
    return made


def watched(frames, K):
    watcher = BackgroundWatcher()
    assert sum(1 for _ in watcher.watch(iter(frames))) == len(frames) == len(watcher.matches)
    return camera_motion(watcher.matches, [], K)


def test_a_camera_at_rest_is_at_rest(film):
    assert watched(*film) is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("shakes", lambda t: np.stack([np.sin(3 * t), 0.8 * np.sin(2 * t + 1), 1.5 * np.sin(1.6 * t)], axis=1)),
        ("shakes", lambda t: np.stack([2.0 * t, 0 * t, -2.2 * t], axis=1)),
        ("pans", lambda t: np.stack([np.sin(t), 5.0 * t, 0.5 * np.sin(t)], axis=1)),
    ],
)
def test_turns_are_followed(film, name, path):
    frames, K = film
    t = np.array([frame.timestamp_s for frame in frames])
    R = turns(path(t))
    R = R @ R[0].T
    motion = watched(filmed(frames, K, R), K)
    assert motion is not None
    assert kind(motion) == name
    off_deg = np.degrees(Rotation.from_matrix(motion.R_ref_cam @ R).magnitude())
    assert off_deg.max() < 0.3
    assert (motion.sd_deg <= 1.0).all()


def test_a_cut_begins_a_shot_and_gets_its_own_stills(film):
    frames, K = film
    half = len(frames) // 2
    R = np.concatenate(
        [np.tile(np.eye(3), (half, 1, 1)), np.tile(turns([8.0, -38.0, 14.0]), (len(frames) - half, 1, 1))]
    )
    watcher = BackgroundWatcher()
    keeper = StillKeeper(still_times(frames[-1].timestamp_s), watcher)
    list(keeper.watch(watcher.watch(iter(filmed(frames, K, R)))))
    motion = camera_motion(watcher.matches, [], K)
    assert motion is not None
    assert kind(motion) == "cuts"
    assert motion.scene.tolist() == [0] * half + [1] * (len(frames) - half)
    assert half in keeper.numbers


def standing(K, R_cam_ref):
    """A stick person in front of the reference camera, seen by a turning one: what an estimator would give."""
    rng = np.random.default_rng(2)
    body = rng.normal(0.0, [0.25, 0.5, 0.15], (33, 3))
    body -= body[[23, 24]].mean(axis=0)
    seen = np.einsum("tij,nj->tni", R_cam_ref, body + np.array([0.4, 0.2, 4.0]))
    xy = project(seen, K)
    look = rotation_between(np.array([0.0, 0.0, 1.0]), rays(xy[:, [11, 12, 23, 24]].mean(axis=1), K))
    xyz = np.einsum("tji,tjk,nk->tni", look, R_cam_ref, body)
    count = len(R_cam_ref)
    return Keypoints(
        xy_px=xy, xyz_m=xyz, confidence=np.ones((count, 33)), timestamps_s=np.arange(count) / RATE_HZ, track_id=0
    )


def test_landmarks_are_steadied_exactly():
    K = default_intrinsics(1280, 720)
    R = turns(np.random.default_rng(0).normal(0, 4, (20, 3)))
    R[0] = np.eye(3)
    motion = CameraMotion(R_ref_cam=np.swapaxes(R, 1, 2), scene=np.zeros(20, int), sd_deg=np.zeros(20))
    still = standing(K, np.tile(np.eye(3), (20, 1, 1)))
    steady = steadied(standing(K, R), motion, K)
    assert np.allclose(steady.xy_px, still.xy_px, atol=1e-6)
    assert np.allclose(steady.xyz_m, still.xyz_m, atol=1e-9)


def test_far_pans_and_other_shots_keep_up_upright():
    up = up_from_tilt(15.0, 4.0)
    yaw = Rotation.from_rotvec(np.radians(np.linspace(0, 70, 15))[:, None] * up).as_matrix()
    other = turns([7.0, -3.0, 12.0])
    motion = CameraMotion(
        R_ref_cam=np.concatenate([yaw, np.tile(np.eye(3), (5, 1, 1))]),
        scene=np.repeat([0, 1], [15, 5]),
        sd_deg=np.zeros(20),
    )
    made = aligned(motion, [up, other @ up])
    ups_seen = np.concatenate([np.einsum("tji,j->ti", yaw, up), np.tile(other @ up, (5, 1))])
    turned = np.einsum("tij,tj->ti", made.R_ref_cam, ups_seen)
    assert angle_between_deg(turned, up).max() < 1e-6
    assert np.degrees(Rotation.from_matrix(made.R_ref_cam[:15]).magnitude()).max() < 1e-6  # the pan stays
