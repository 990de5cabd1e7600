"""Hands of known turn come back as that turn, through the picture, the posed body and the measured angles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from ergo.assess.angles import measure
from ergo.body.hand_landmarks import HandLandmark as H
from ergo.body.hands import hand_frame, palmar, wrist_angles_deg
from ergo.body.load import load_body
from ergo.body.skeleton import BODY_POSE, JOINT_INDEX, LEFT_HAND_POSE, RIGHT_HAND_POSE
from ergo.body.skinning import forward_kinematics, rotation_matrices
from ergo.body.standing import standing_pose
from ergo.fitting.hands import fade, pose_wrists, turn_hands
from ergo.fitting.palm import KNUCKLES, PALM_M, turn_palms
from ergo.fitting.stick import LEL, LWR, POINTS, REL, RWR
from ergo.geometry.camera import default_intrinsics, project
from ergo.geometry.rotations import angle_between_deg, frame_from_axes, unit
from ergo.types import SIDES, Gravity, Hands, Keypoints, Motion, Side

BODY = load_body(None, "neutral")
REST = BODY.joints_template_m.astype(float)
UP = Gravity(up_cam=np.array([0.0, -1.0, 0.0]), sd_deg=1.0, source="user")

flexions, deviations = st.floats(-70, 70), st.floats(-30, 40)


def turned_hand(forearm: np.ndarray, thumb: np.ndarray, side: Side, flexion_deg: float, ulnar_deg: float) -> np.ndarray:
    """The frame of a hand on a forearm whose thumb side is `thumb`, bent by known angles, made by elementary turns."""
    out = palmar(side)
    neutral = frame_from_axes(forearm, thumb)
    bend = Rotation.from_rotvec([np.radians(flexion_deg) * out, 0, 0])  # towards the palm: y to out · z
    tilt = Rotation.from_rotvec([0, 0, np.radians(ulnar_deg)])  # away from the thumb: y to −x
    return neutral @ (bend * tilt).as_matrix()


def bent_arm_pose(side: Side, elbow_deg: float) -> np.ndarray:
    pose = standing_pose(BODY)
    out = 1 if side == "left" else -1
    pose[JOINT_INDEX[f"{side}_elbow"]] = [0, -np.radians(elbow_deg) * out, 0]
    return pose


def motion_of(pose: np.ndarray, hands_seen: np.ndarray) -> Motion:
    frames = len(pose)
    joints = forward_kinematics(rotation_matrices(pose), REST)[1]
    return Motion(
        betas=np.zeros(10), global_orient=pose[:, 0], body_pose=pose[:, BODY_POSE],
        left_hand_pose=pose[:, LEFT_HAND_POSE], right_hand_pose=pose[:, RIGHT_HAND_POSE],
        jaw_pose=np.zeros((frames, 3)), expression=np.zeros((frames, 10)), transl=np.zeros((frames, 3)),
        joints_m=joints,
        timestamps_s=np.arange(frames) / 10, valid=np.ones(frames, bool), hands_seen=hands_seen,
    )  # fmt: skip


def seen_keypoints(frames: int) -> Keypoints:
    return Keypoints(
        xy_px=np.ones((frames, 33, 2)), xyz_m=np.ones((frames, 33, 3)), confidence=np.ones((frames, 33)),
        timestamps_s=np.arange(frames) / 10, track_id=0,
    )  # fmt: skip


def angles_of_arm(side: Side, elbow_deg: float, pronation_deg: float, flexion_deg: float, ulnar_deg: float):
    """Angles measured on the free body whose hand was posed from a frame made by elementary turns."""
    pose = bent_arm_pose(side, elbow_deg)[None]
    joints = forward_kinematics(rotation_matrices(pose), REST)[1][0]
    shoulder, elbow, wrist = (joints[JOINT_INDEX[f"{side}_{part}"]] for part in ("shoulder", "elbow", "wrist"))
    forearm = unit(wrist - elbow)
    up = frame_from_axes(forearm, shoulder - elbow)[:, 0]
    inward = -1.0 if side == "left" else 1.0  # seen from the elbow, a right forearm pronates counter-clockwise
    thumb = Rotation.from_rotvec(-inward * np.radians(pronation_deg) * forearm).apply(up)
    hands = np.full((1, 2, 3, 3), np.nan)
    hands[0, SIDES.index(side)] = turned_hand(forearm, thumb, side, flexion_deg, ulnar_deg)
    posed = pose_wrists(pose, hands, np.zeros(1), REST)
    seen = np.array([[s == side for s in SIDES]])
    measured = measure(motion_of(posed, seen), seen_keypoints(1), UP, default_intrinsics(1280, 720), "medium")
    return measured, posed, hands


@pytest.mark.parametrize("side", SIDES)
@given(pronation=st.floats(-85, 85), flexion=flexions, ulnar=deviations, elbow=st.floats(70, 130))
@settings(max_examples=40, deadline=None)
def test_a_posed_wrist_measures_what_it_was_turned_by(side, pronation, flexion, ulnar, elbow):
    angles, posed, hands = angles_of_arm(side, elbow, pronation, flexion, ulnar)
    assert angles[f"{side}_wrist_flexion"][0] == pytest.approx(flexion, abs=0.1)
    assert angles[f"{side}_wrist_deviation"][0] == pytest.approx(ulnar, abs=0.1)
    assert angles[f"{side}_forearm_rotation"][0] == pytest.approx(pronation, abs=0.1)
    joints = forward_kinematics(rotation_matrices(posed), REST)[1]
    assert hand_frame(joints, side)[0] == pytest.approx(hands[0, SIDES.index(side)], abs=1e-6)
    other = "right" if side == "left" else "left"
    assert np.isnan(angles[f"{other}_wrist_flexion"][0])


@pytest.mark.parametrize(("side", "inward"), [("left", -1.0), ("right", 1.0)])
def test_palms_down_is_pronated_palms_up_supinated(side, inward):
    """Upper arm down, forearm forward, hand on: the palm faces the ground, or the sky."""
    joints = np.zeros((1, 55, 3))
    for part, place in (("shoulder", (0, 0, 0)), ("elbow", (0, -0.3, 0)), ("wrist", (0, -0.3, 0.25)),
                        ("middle1", (0, -0.3, 0.35))):  # fmt: skip
        joints[0, JOINT_INDEX[f"{side}_{part}"]] = place
    motion = replace(motion_of(np.zeros((1, 55, 3)), np.ones((1, 2), bool)))
    for thumb, expected in (((inward, 0, 0), 90), ((-inward, 0, 0), -90), ((0, 1, 0), 0)):
        for part, sign in (("index1", 0.02), ("pinky1", -0.04)):
            joints[0, JOINT_INDEX[f"{side}_{part}"]] = np.array([0, -0.3, 0.34]) + sign * np.array(thumb)
        angles = measure(
            replace(motion, joints_m=joints), seen_keypoints(1), UP, default_intrinsics(1280, 720), "medium"
        )
        assert angles[f"{side}_forearm_rotation"][0] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("side", SIDES)
def test_a_straight_arm_does_not_tell_the_forearms_rotation(side):
    angles, _, _ = angles_of_arm(side, 5, 0, 30, 10)
    assert np.isnan(angles[f"{side}_forearm_rotation"][0])
    assert angles[f"{side}_wrist_flexion"][0] == pytest.approx(30, abs=0.1)


def made_hand(frame: np.ndarray, flat: float) -> tuple[np.ndarray, np.ndarray]:
    """Metres of the 21 landmarks of a stiff hand, and the network's idea of them: depth shrunk to `flat`."""
    points = np.zeros((21, 3))
    points[KNUCKLES, :2] = PALM_M
    for tip, knuckle in zip((H.INDEX_TIP, H.MIDDLE_TIP, H.RING_TIP, H.PINKY_TIP), KNUCKLES[1:], strict=True):
        for step in range(3):
            points[tip - step] = points[knuckle] + [0, 0.08 * (3 - step) / 3, 0]
    for step, mark in enumerate((H.THUMB_CMC, H.THUMB_MCP, H.THUMB_IP, H.THUMB_TIP)):
        points[mark] = [0.02 + 0.01 * step, 0.02 + 0.02 * step, 0]
    space = points @ frame.T
    return space, space * np.array([1, 1, flat])


def made_arms(side: Side, flexion_deg: np.ndarray, ulnar_deg: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forearms in all directions, and frames of the hands on them."""
    rng = np.random.default_rng(7)
    forearm = unit(rng.normal(size=(len(flexion_deg), 3)))
    thumb = rng.normal(size=forearm.shape)
    bends = zip(forearm, thumb, flexion_deg, ulnar_deg, strict=True)
    return forearm, np.array([turned_hand(f, t, side, bend, ulnar) for f, t, bend, ulnar in bends])


@pytest.mark.parametrize("side", SIDES)
def test_a_straight_wrist_seen_without_error_is_kept(side):
    forearm, frames = made_arms(side, np.zeros(50), np.zeros(50))
    space = np.array([made_hand(frame, 1.0)[0] for frame in frames])
    palms = turn_palms(space[..., :2] * 300.0, space, np.full(50, 300.0), forearm, palmar(side))
    assert palms.rotation == pytest.approx(frames, abs=1e-3)
    assert palms.cost == pytest.approx(0, abs=1e-3)
    assert palms.turned_deg == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("side", SIDES)
def test_foreshortening_tells_what_flat_depth_hides(side):
    """Bent wrists whose depth the network halves, which is about what it does to real hands."""
    rng = np.random.default_rng(1)
    flexion, ulnar = rng.uniform(-60, 60, 400), rng.uniform(-15, 25, 400)
    forearm, frames = made_arms(side, flexion, ulnar)
    hands = [made_hand(frame, 0.5) for frame in frames]
    space, guess = (np.array([pair[k] for pair in hands]) for k in (0, 1))
    palms = turn_palms(space[..., :2] * 300.0, guess, np.full(400, 300.0), forearm, palmar(side))
    raw = angle_between_deg(guess[:, H.MIDDLE_MCP] - guess[:, H.WRIST], frames[:, :, 1])
    off = angle_between_deg(palms.rotation[:, :, 1], frames[:, :, 1])
    assert off.mean() < 0.6 * raw.mean()
    bend, _ = wrist_angles_deg(palms.rotation, forearm, palmar(side))
    assert np.corrcoef(bend, flexion)[0, 1] > 0.9


def hands_of(xy_px: np.ndarray, xyz_m: np.ndarray, index: int, confidence: float = 0.9) -> Hands:
    empty = np.full((1, 2, 21, 2), np.nan), np.full((1, 2, 21, 3), np.nan), np.full((1, 2), np.nan)
    empty[0][0, index], empty[1][0, index], empty[2][0, index] = xy_px, xyz_m, confidence
    return Hands(xy_px=empty[0], xyz_m=empty[1], confidence=empty[2], timestamps_s=np.zeros(1))


@pytest.mark.parametrize("side", SIDES)
def test_from_the_picture_to_the_world(side):
    """A hand beside the picture's middle, seen with perspective, its depth shrunk, on a forearm across the picture."""
    K = default_intrinsics(1280, 720)
    index = SIDES.index(side)
    forearm = unit(np.array([0.9, 0.3, 0.2]))
    thumb = frame_from_axes(forearm, np.array([0, -1.0, 0.3]))[:, 0]
    frame = turned_hand(forearm, thumb, side, 25.0, 10.0)
    space, guess = made_hand(frame, 0.8)
    wrist_cam = np.array([0.8, -0.3, 3.0])
    body_cam = np.random.default_rng(3).normal(0, 0.5, (33, 3)) + np.array([0.5, 0, 3.0])
    keypoints = replace(
        seen_keypoints(1),
        xy_px=project(body_cam, K)[None],
        xyz_m=(body_cam - body_cam.mean(axis=0))[None],
        hands=hands_of(project(space + wrist_cam, K), guess, index),
    )
    points = np.full((1, POINTS, 3), 0.0)
    R_world_cam = Rotation.from_euler("xyz", [170, 10, 5], degrees=True).as_matrix()
    elbow, wrist = (LEL, LWR) if side == "left" else (REL, RWR)
    points[0, wrist] = R_world_cam @ wrist_cam
    points[0, elbow] = R_world_cam @ (wrist_cam - 0.25 * forearm)
    found = turn_hands(keypoints, points, K, R_world_cam)
    assert found is not None
    assert found.seen[0].tolist() == [s == side for s in SIDES]
    off = Rotation.from_matrix(found.rotation[0, index].T @ R_world_cam @ frame).magnitude()
    assert np.degrees(off) < 20
    nobody_looked = turn_hands(replace(keypoints, hands=None), points, K, R_world_cam)
    assert nobody_looked is None
    backwards = points.copy()
    backwards[0, elbow] = R_world_cam @ (wrist_cam + 0.25 * forearm)
    rejected = turn_hands(keypoints, backwards, K, R_world_cam)
    assert rejected is not None
    assert not rejected.seen.any()


def test_a_hand_lost_from_sight_comes_to_rest():
    times = np.arange(20) / 10
    seen = np.zeros(20, bool)
    seen[[5, 6, 9]] = True
    values = np.where(seen[:, None], 1.0, 0.0)
    faded = fade(values, seen, times)[:, 0]
    assert faded[[5, 6, 9]] == pytest.approx(1.0)
    assert (faded[[7, 8]] > 0.7).all()
    assert (np.diff(faded[9:15]) < 0).all()
    assert faded[15:] == pytest.approx(0.0)
    assert faded[0] == pytest.approx(0.0)
    assert fade(values, np.zeros(20, bool), times) == pytest.approx(0.0)


def test_positions_up_to_the_wrists_stay():
    pose = np.tile(bent_arm_pose("left", 60)[None], (3, 1, 1))
    pose[1] = np.nan
    hands = np.full((3, 2, 3, 3), np.nan)
    hands[0] = Rotation.from_euler("xyz", [20, 60, 100], degrees=True).as_matrix()
    posed = pose_wrists(pose, hands, np.arange(3) / 10, REST)
    before, after = (forward_kinematics(rotation_matrices(p), REST)[1] for p in (pose, posed))
    assert after[[0, 2], :22] == pytest.approx(before[[0, 2], :22], abs=1e-9)
    assert np.isnan(posed[1, :22]).all()
    assert not np.allclose(posed[0, JOINT_INDEX["left_wrist"]], pose[0, JOINT_INDEX["left_wrist"]])
    assert np.isfinite(posed[2]).all()
