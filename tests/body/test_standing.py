import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ergo.body.load import load_body
from ergo.body.model import betas_for_stature
from ergo.body.skeleton import JOINT_INDEX
from ergo.body.skinning import forward_kinematics, rotation_matrices, skin
from ergo.body.standing import ARM_ABDUCTION_DEG, ELBOW_FLEXION_DEG, standing_joints, standing_pose
from ergo.geometry.rotations import angle_between_deg

BODY = load_body(None)


def _splayed(joints: np.ndarray) -> np.ndarray:
    """Rest joints as another body has them: arms and legs bent and splayed by some degrees."""
    rng = np.random.default_rng(1)
    bent = rotation_matrices(rng.normal(0, 0.12, (1, 55, 3)))
    bent[:, 0] = np.eye(3)
    return forward_kinematics(bent, joints)[1][0]


@pytest.mark.parametrize("rest", [BODY.joints_template_m, _splayed(BODY.joints_template_m)], ids=["free", "other"])
def test_arms_hang_and_legs_stand(rest):
    pose = standing_pose(BODY, rest)
    _, joints = forward_kinematics(rotation_matrices(pose[None]), rest.astype(float))

    def bone(start, end):
        return joints[0, JOINT_INDEX[end]] - joints[0, JOINT_INDEX[start]]

    for side, out in (("left", 1), ("right", -1)):
        upper, fore = bone(f"{side}_shoulder", f"{side}_elbow"), bone(f"{side}_elbow", f"{side}_wrist")
        assert angle_between_deg(upper, np.array([0, -1, 0])) == pytest.approx(ARM_ABDUCTION_DEG, abs=0.01)
        assert upper[0] * out > 0
        assert angle_between_deg(upper, fore) == pytest.approx(ELBOW_FLEXION_DEG, abs=0.01)
        assert fore[2] > 0
        for start, end in (("hip", "knee"), ("knee", "ankle")):
            assert angle_between_deg(bone(f"{side}_{start}", f"{side}_{end}"), np.array([0, -1, 0])) < 0.01


def test_palms_face_the_thighs_and_feet_the_front():
    pose = standing_pose(BODY)
    world, joints = forward_kinematics(rotation_matrices(pose[None]), BODY.joints_template_m)
    for side, out in (("left", 1), ("right", -1)):
        palm = world[0, JOINT_INDEX[f"{side}_wrist"]] @ [0, -1, 0]  # palms are down in the T-pose
        assert -palm[0] * out > 0.9
        toes = joints[0, JOINT_INDEX[f"{side}_foot"]] - joints[0, JOINT_INDEX[f"{side}_ankle"]]
        assert toes[2] > 0.8 * np.linalg.norm(toes)


def test_hands_are_relaxed_and_the_trunk_keeps_its_rest():
    pose = standing_pose(BODY)
    assert np.abs(pose[25:55].reshape(2, 15, 3) - BODY.hands_mean).max() < 1e-6
    still = ("pelvis", "spine1", "spine2", "spine3", "neck", "head", "jaw")
    assert np.abs(pose[[JOINT_INDEX[n] for n in still]]).max() < 1e-9


def test_standing_joints_stand_on_the_ground():
    shaped = BODY.shaped(betas_for_stature(BODY, 1.8))
    joints = standing_joints(BODY, shaped)
    vertices = skin(BODY, shaped, rotation_matrices(standing_pose(BODY, shaped.joints_m)[None]))[0]
    _, posed = forward_kinematics(
        rotation_matrices(standing_pose(BODY, shaped.joints_m)[None]), shaped.joints_m.astype(float)
    )
    lift = joints[0, 1] - posed[0, 0, 1]
    assert vertices[:, 1].min() + lift == pytest.approx(0, abs=0.003)
    assert np.abs(joints[0, [0, 2]]).max() < 1e-9
    assert joints[JOINT_INDEX["head"], 1] == pytest.approx(0.9 * 1.8, abs=0.08)


def test_standing_pose_is_mirror_symmetric():
    pose = standing_pose(BODY)
    for name in ("collar", "shoulder", "elbow", "hip", "knee", "ankle"):
        left, right = (Rotation.from_rotvec(pose[JOINT_INDEX[f"{s}_{name}"]]).as_rotvec() for s in ("left", "right"))
        assert np.abs(left - right * [1, -1, -1]).max() < 1e-3
