import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from ergo.assess.angle_catalogue import ANGLES, NOT_MEASURED, OF_HANDS
from ergo.assess.angles import MIN_CONFIDENCE, measure
from ergo.assess.error_model import error_terms
from ergo.body.landmarks import Landmark as L
from ergo.body.load import load_body
from ergo.body.skeleton import BODY_POSE, JOINT_INDEX
from ergo.body.skinning import forward_kinematics, rotation_matrices
from ergo.body.standing import standing_pose
from ergo.geometry.camera import default_intrinsics
from ergo.types import QUALITIES, SIDES, Gravity, Keypoints, Motion

UP = Gravity(up_cam=np.array([0.0, -1.0, 0.0]), sd_deg=3.0, source="user")
BODY = load_body(None, "neutral")
SHAPED = BODY.shaped(np.zeros(10))


def keypoints(frames=1):
    return Keypoints(
        xy_px=np.full((frames, 33, 2), [640.0, 360.0]),
        xyz_m=np.zeros((frames, 33, 3)),
        confidence=np.ones((frames, 33)),
        timestamps_s=np.arange(frames) / 10,
        track_id=0,
    )


def motion_of(turns, yaw_deg=0.0):
    """The standing body with joints turned in their own standing frame by rotation vectors in degrees."""
    pose = standing_pose(BODY, SHAPED.joints_m)
    for name, rotvec_deg in turns.items():
        joint = JOINT_INDEX[name]
        pose[joint] = (Rotation.from_rotvec(rotvec_deg, degrees=True) * Rotation.from_rotvec(pose[joint])).as_rotvec()
    pose[0] = (Rotation.from_rotvec([0, yaw_deg, 0], degrees=True) * Rotation.from_rotvec(pose[0])).as_rotvec()
    _, joints = forward_kinematics(rotation_matrices(pose[None]), SHAPED.joints_m.astype(float))
    return Motion(
        betas=np.zeros(10),
        global_orient=pose[None, 0],
        body_pose=pose[None, BODY_POSE],
        left_hand_pose=np.zeros((1, 15, 3)),
        right_hand_pose=np.zeros((1, 15, 3)),
        jaw_pose=np.zeros((1, 3)),
        expression=np.zeros((1, 10)),
        transl=np.zeros((1, 3)),
        joints_m=joints,
        timestamps_s=np.zeros(1),
        valid=np.ones(1, dtype=bool),
    )


def measured(motion, points=None, gravity=UP, quality="medium"):
    points = keypoints() if points is None else points
    return measure(motion, points, gravity, default_intrinsics(1280, 720), quality)


def angle(name, turns, yaw_deg=0.0):
    return float(measured(motion_of(turns, yaw_deg))[name][0])


def test_neutral_standing_is_near_zero():
    for name in ("trunk_flexion", "trunk_side_bend", "trunk_twist", "neck_flexion", "neck_twist", "neck_side_bend"):
        assert angle(name, {}) == pytest.approx(0, abs=3.5), name
    for side in SIDES:
        assert angle(f"{side}_shoulder_elevation", {}) < 12
        assert angle(f"{side}_knee_flexion", {}) < 8


@settings(max_examples=25, deadline=None)
@given(st.floats(-20, 100), st.floats(-180, 180))
def test_trunk_flexion_is_the_bend_whichever_way_the_worker_faces(bend, yaw):
    rest = angle("trunk_flexion", {})
    assert angle("trunk_flexion", {"pelvis": [bend, 0, 0]}, yaw) == pytest.approx(bend + rest, abs=0.1)


@settings(max_examples=15, deadline=None)
@given(st.floats(-60, 60))
def test_signs_of_the_trunk(turn):
    assert angle("trunk_twist", {"spine2": [0, turn, 0]}) == pytest.approx(turn, abs=1.0)  # + to the left
    lean = angle("trunk_side_bend", {"pelvis": [0, 0, -turn]})  # −Z turns up towards the worker's left, +X
    assert lean == pytest.approx(-turn, abs=2.5)


def test_side_bend_to_the_right_is_positive():
    right = motion_of({"pelvis": [0, 0, 30]})
    shoulders = right.joints_m[0, [16, 17]].mean(axis=0)
    hips = right.joints_m[0, [1, 2]].mean(axis=0)
    assert shoulders[0] < hips[0]  # the worker's right is −X
    assert float(measured(right)["trunk_side_bend"][0]) == pytest.approx(30, abs=2)


@pytest.mark.parametrize(("joint", "name"), [("neck", "neck_flexion"), ("head", "neck_flexion")])
def test_nodding_is_neck_flexion(joint, name):
    assert angle(name, {joint: [25, 0, 0]}) == pytest.approx(25, abs=0.5)
    assert angle("neck_twist", {joint: [0, 25, 0]}) == pytest.approx(25, abs=0.5)


def test_head_inclination_adds_trunk_and_neck():
    bent = {"pelvis": [30, 0, 0], "neck": [20, 0, 0]}
    assert angle("head_inclination", bent) == pytest.approx(50, abs=3)
    assert angle("neck_flexion", bent) == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("side", SIDES)
def test_arm_forward_is_flexion_and_outward_is_abduction(side):
    forward = {f"{side}_shoulder": [-80, 0, 0]}
    assert angle(f"{side}_shoulder_flexion", forward) == pytest.approx(80, abs=8)
    # The hanging arm stands off by 6° and the collar it turns in is lowered by 12°: a part of that stays.
    assert abs(angle(f"{side}_shoulder_abduction", forward)) < 25
    outward = {f"{side}_shoulder": [0, 0, 80 if side == "left" else -80]}
    assert angle(f"{side}_shoulder_abduction", outward) == pytest.approx(80, abs=12)
    assert abs(angle(f"{side}_shoulder_flexion", outward)) < 15
    other = "right" if side == "left" else "left"
    assert angle(f"{other}_shoulder_elevation", forward) < 12


def test_arm_against_trunk_and_against_gravity_differ_by_the_bend():
    bent = {"pelvis": [60, 0, 0]}
    assert angle("left_shoulder_elevation", bent) < 12
    assert angle("left_arm_elevation_gravity", bent) == pytest.approx(60, abs=8)


@pytest.mark.parametrize("side", SIDES)
def test_hinges(side):
    out = 1 if side == "left" else -1
    rest = angle(f"{side}_knee_flexion", {})
    assert angle(f"{side}_knee_flexion", {f"{side}_knee": [70, 0, 0]}) == pytest.approx(70 + rest, abs=5)
    elbow = Rotation.from_rotvec(standing_pose(BODY, SHAPED.joints_m)[JOINT_INDEX[f"{side}_elbow"]])
    assert elbow.magnitude() < 0.5
    bent = angle(f"{side}_elbow_flexion", {f"{side}_elbow": [0, -90 * out, 0]})
    assert bent == pytest.approx(90, abs=12)


def test_below_fifteen_degrees_the_plane_of_the_arm_is_not_told():
    assert angle("left_shoulder_flexion", {}) == 0
    assert angle("left_shoulder_abduction", {}) == 0


def test_what_is_not_seen_is_nan_with_its_reason_elsewhere():
    points = keypoints()
    points.confidence[0, L.LEFT_WRIST] = MIN_CONFIDENCE / 2
    angles = measured(motion_of({}), points)
    assert np.isnan(angles["left_elbow_flexion"][0])
    assert np.isfinite(angles["right_elbow_flexion"][0])
    for name in NOT_MEASURED | OF_HANDS:
        assert np.isnan(angles[name][0])
    assert np.array_equal(angles.valid, np.isfinite(angles.values_deg))
    assert np.array_equal(angles.valid, np.isfinite(angles.sd_deg))


def test_uncertain_gravity_widens_only_what_is_measured_against_it():
    sure, unsure = measured(motion_of({})), measured(motion_of({}), gravity=replace(UP, sd_deg=4.0))
    for column, angle_ in enumerate(ANGLES):
        if angle_.id in NOT_MEASURED | OF_HANDS:
            continue
        wider = np.sqrt(sure.sd_deg[0, column] ** 2 - 3.0**2 + 4.0**2)
        expected = wider if angle_.reference == "gravity" else sure.sd_deg[0, column]
        assert unsure.sd_deg[0, column] == pytest.approx(expected), angle_.id


@pytest.mark.parametrize("yaw_deg", [0, 90])
def test_a_bone_that_points_at_the_camera_makes_its_angle_uncertain(yaw_deg):
    # the thigh is raised forward: towards the camera of somebody who faces it, across the picture seen from the side
    angles = measured(motion_of({"left_hip": [-90, 0, 0]}, yaw_deg))
    left, right = (angles.sd_deg[0, angles.names.index(f"{side}_knee_flexion")] for side in SIDES)
    assert (left > 2 * right) == (yaw_deg == 0)


def test_a_hidden_landmark_makes_its_angle_uncertain():
    points = keypoints()
    points.confidence[0, L.LEFT_ELBOW] = 0.4
    angles = measured(motion_of({}), points, quality="high")
    left, right = (angles.sd_deg[0, angles.names.index(f"{side}_shoulder_elevation")] for side in SIDES)
    assert left > right


def test_every_angle_has_error_terms_at_every_quality():
    for angle_, quality in itertools.product(ANGLES, QUALITIES):
        assert error_terms(angle_.error, quality).base > 0


def test_the_table_is_complete():
    assert len({a.id for a in ANGLES}) == len(ANGLES)
    for a in ANGLES:
        assert a.label
        assert a.zero
        assert a.positive
        assert a.range_deg[0] < a.range_deg[1]
        assert (a.side is None) == (not a.id.startswith(("left_", "right_")))
