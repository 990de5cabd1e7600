import numpy as np

from ergo.body.skeleton import (
    BODY_POSE,
    JAW,
    JOINT_NAMES,
    LEFT_HAND_POSE,
    PARENTS,
    REGION_OF_JOINT,
    REGIONS,
    RIGHT_HAND_POSE,
)


def test_names_are_those_of_smplx():
    from smplx.joint_names import JOINT_NAMES as SMPLX_NAMES

    assert tuple(SMPLX_NAMES[:55]) == JOINT_NAMES


def test_parents_stand_before_children():
    assert PARENTS[0] == -1
    assert (PARENTS[1:] < np.arange(1, 55)).all()
    assert not PARENTS.flags.writeable


def test_slices_cover_the_pose():
    assert JOINT_NAMES[BODY_POSE][0] == "left_hip"
    assert JOINT_NAMES[BODY_POSE][-1] == "right_wrist"
    assert JOINT_NAMES[JAW] == "jaw"
    assert all(name.startswith("left_") for name in JOINT_NAMES[LEFT_HAND_POSE])
    assert all(name.startswith("right_") for name in JOINT_NAMES[RIGHT_HAND_POSE])


def test_regions_follow_the_limb():
    def region(name: str) -> str:
        return REGIONS[REGION_OF_JOINT[JOINT_NAMES.index(name)]]

    assert region("spine2") == region("left_collar") == region("pelvis") == "trunk"
    assert region("neck") == region("jaw") == region("right_eye_smplhf") == "head"
    assert region("left_shoulder") == "left_upper_arm"
    assert region("right_elbow") == "right_lower_arm"
    assert region("right_wrist") == region("right_thumb3") == "right_hand"
    assert region("left_hip") == region("left_foot") == "left_leg"
    assert set(REGION_OF_JOINT) == set(range(len(REGIONS)))
