import numpy as np
import pytest
from moving_worker import FACE_M
from scipy.spatial.transform import Rotation

from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import forward_kinematics
from ergo.fitting.head import head_turn
from ergo.fitting.inverse_kinematics import solve_rotations
from ergo.fitting.stick import points_of
from ergo.geometry.rotations import angle_between_deg

BONES = [
    (f"{side}_{a}", f"{side}_{b}")
    for side in ("left", "right")
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]


def posed(rotvec, shaped):
    matrices = Rotation.from_rotvec(rotvec.reshape(-1, 3)).as_matrix().reshape(-1, 55, 3, 3)
    return forward_kinematics(matrices, shaped.joints_m)[1]


@pytest.fixture
def solved(scene, shaped):
    points = points_of(scene.landmarks_world_m)
    return posed(solve_rotations(points, head_turn(scene.landmarks_world_m, FACE_M), shaped.joints_m), shaped)


def test_every_limb_points_as_observed(scene, shaped, solved):
    truth = posed(scene.pose, shaped)
    for a, b in BONES:
        i, j = JOINT_INDEX[a], JOINT_INDEX[b]
        assert angle_between_deg(solved[:, j] - solved[:, i], truth[:, j] - truth[:, i]).max() < 0.1, (a, b)


def test_trunk_keeps_its_direction(scene, shaped, solved):
    truth = posed(scene.pose, shaped)

    def trunk(joints):
        at = {n: joints[:, JOINT_INDEX[n]] for n in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")}
        return at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"]

    assert angle_between_deg(trunk(solved), trunk(truth)).max() < 0.1


def test_bent_elbow_turns_the_upper_arm_as_the_hinge_says(scene, shaped):
    solved = solve_rotations(
        points_of(scene.landmarks_world_m), head_turn(scene.landmarks_world_m, FACE_M), shaped.joints_m
    )
    elbow = solved[:, JOINT_INDEX["left_elbow"]]
    bent = np.degrees(np.linalg.norm(elbow, axis=1)) > 30
    assert bent.any()
    axis = elbow[bent] / np.linalg.norm(elbow[bent], axis=1, keepdims=True)
    assert (axis @ [0, -1, 0] > 0.9).all()  # a left elbow bends about −Y of the T-pose


def test_missing_frames_stay_missing(scene, shaped):
    points = points_of(scene.landmarks_world_m).copy()
    points[3] = np.nan
    solved = solve_rotations(points, head_turn(scene.landmarks_world_m, FACE_M), shaped.joints_m)
    assert np.isnan(solved[3]).any()
    assert np.isfinite(solved[[2, 4]]).all()
