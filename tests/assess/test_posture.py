from __future__ import annotations

import numpy as np
import pytest
from assess_people import SEATED_M, SQUATTING_M, STANDING_M, angles_of, motion_of

from ergo.assess.posture import observe_arm, observe_body, out_of_plane_deg

T = np.arange(0, 3, 1 / 30)
FOLDED = {f"{side}_{joint}_flexion": 90 for side in ("left", "right") for joint in ("hip", "knee")}


def test_somebody_on_a_chair_sits_and_somebody_squatting_or_standing_does_not():
    assert observe_body(motion_of(SEATED_M, T), angles_of(T, **FOLDED)).sitting.all()
    assert not observe_body(motion_of(SQUATTING_M, T), angles_of(T, **FOLDED)).sitting.any()
    assert not observe_body(motion_of(STANDING_M, T), angles_of(T)).sitting.any()


def test_who_sat_down_still_sits_with_the_feet_tucked_under_the_seat():
    motion = motion_of(SEATED_M, T)
    later = motion_of(SQUATTING_M, T)
    motion.joints_m[45:] = later.joints_m[45:]
    assert observe_body(motion, angles_of(T, **FOLDED)).sitting.all()


def test_a_knee_on_the_ground_is_kneeling():
    pose = STANDING_M | {"left_knee": (0.1, 0.06, 0.1), "left_foot": (0.1, 0.02, -0.4)}
    body = observe_body(motion_of(pose, T), angles_of(T, left_knee_flexion=100))
    assert body.kneeling.all()
    assert not body.one_leg.any()


def test_a_foot_lifted_for_long_is_standing_on_one_leg_and_for_a_moment_is_a_step():
    motion = motion_of(STANDING_M, T)
    motion.joints_m[30:60, 10, 1] += 0.15
    assert observe_body(motion, angles_of(T)).one_leg[32:58].all()
    motion = motion_of(STANDING_M, T)
    motion.joints_m[30:40, 10, 1] += 0.15
    assert not observe_body(motion, angles_of(T)).one_leg.any()


def test_feet_that_take_turns_or_differ_by_their_error_are_no_standing_on_one_leg():
    motion = motion_of(STANDING_M, T)
    for start in range(10, 90, 20):
        motion.joints_m[start : start + 10, 10, 1] += 0.15
        motion.joints_m[start + 10 : start + 20, 11, 1] += 0.15
    assert not observe_body(motion, angles_of(T)).one_leg.any()
    motion = motion_of(STANDING_M, T)
    motion.joints_m[30:60, 10, 1] += 0.06
    assert not observe_body(motion, angles_of(T)).one_leg.any()


def test_walking_is_no_standing_on_one_leg():
    motion = motion_of(STANDING_M, T)
    motion.joints_m[..., 2] += 1.2 * T[:, None]
    motion.joints_m[30:60, 10, 1] += 0.10
    body = observe_body(motion, angles_of(T))
    assert body.walking.all()
    assert not body.one_leg.any()


def test_hidden_legs_are_unknown_and_one_hidden_leg_leaves_only_the_balance_unknown():
    hidden = observe_body(motion_of(STANDING_M, T), angles_of(T, left_knee_flexion=np.nan, right_knee_flexion=np.nan))
    assert np.isnan([hidden.sitting, hidden.kneeling, hidden.one_leg, hidden.knee_flexion]).all()
    half = observe_body(motion_of(STANDING_M, T), angles_of(T, left_knee_flexion=np.nan, right_knee_flexion=40))
    assert np.isnan(half.one_leg).all()
    assert (half.knee_flexion == 40).all()
    assert not half.sitting.any()


@pytest.mark.parametrize(
    ("flexion", "abduction", "elevation", "scored", "abducted"),
    [
        (90, 0, 90, 90, 0),
        (0, 90, 90, 90, 1),
        (-30, 0, 30, -30, 0),
        (-40, 90, 98, 98, 1),  # behind and to the side: no extension
        (88, 20.8, 90, 90, 0),  # forward, 13° to the side
        (0, 0, 12, 12, 0),
    ],
)
def test_the_upper_arm_is_scored_by_its_whole_elevation(flexion, abduction, elevation, scored, abducted):
    angles = angles_of(
        T, left_shoulder_flexion=flexion, left_shoulder_abduction=abduction, left_shoulder_elevation=elevation
    )
    arm = observe_arm(angles, "left")
    assert (arm.upper_arm_flexion == scored).all()
    assert (arm.abducted == abducted).all()
    assert (observe_arm(angles, "right").upper_arm_flexion == 0).all()


def test_an_arm_across_the_body_is_not_abducted():
    angle = out_of_plane_deg(np.array([30.0]), np.array([-40.0]), np.array([50.0]))
    assert angle[0] < -30


def test_a_raised_shoulder_counts_only_below_120_degrees_of_elevation():
    elevation = np.where(T < 1.5, 60.0, 150.0)
    angles = angles_of(
        T, left_shoulder_raised_cm=4.0, left_shoulder_elevation=elevation, left_shoulder_flexion=elevation
    )
    raised = observe_arm(angles, "left").raised
    assert raised[:40].all()
    assert not raised[50:].any()


def test_a_twist_near_the_edge_does_not_flicker():
    twist = np.where(np.arange(len(T)) % 10 < 5, 8.0, 9.5)
    twist[20:30] = 12.0
    twisted = observe_body(motion_of(STANDING_M, T), angles_of(T, trunk_twist=-twist)).trunk_twisted
    assert np.count_nonzero(np.diff(twisted)) == 1
    assert twisted[-1] == 1


def test_invalid_angles_are_unseen_whatever_their_value():
    angles = angles_of(T, trunk_flexion=50)
    angles.valid[:, angles.names.index("trunk_flexion")] = False
    assert np.isnan(observe_body(motion_of(STANDING_M, T), angles).trunk_flexion).all()


def test_a_large_change_within_a_second_is_rapid():
    body = observe_body(motion_of(STANDING_M, T), angles_of(T, trunk_flexion=np.where(T < 1.5, 0.0, 70.0)))
    assert body.rapid[44] == 1
    assert body.rapid[0] == 0
    slow = observe_body(motion_of(STANDING_M, T), angles_of(T, trunk_flexion=20 * T))
    assert not slow.rapid.any()
