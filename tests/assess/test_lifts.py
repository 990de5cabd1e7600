"""What is taken for a lift and what is not, and how its places are measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from assess_people import STANDING_M, motion_of
from lifting_people import HANGING, moving, pair

from ergo.assess.hand_path import hand_path
from ergo.assess.lift_places import measure_lift
from ergo.assess.lifts import find_lifts
from ergo.body.skeleton import JOINT_INDEX

PICK = [(0.0, HANGING), (1.5, pair(0.4, 0.45)), (3.0, pair(1.1, 0.35)), (4.5, HANGING)]


def found(motion):
    return find_lifts(hand_path(motion))


def measured(motion, scale_sd=0.01):
    path = hand_path(motion)
    return [measure_lift(path, lift, scale_sd) for lift in find_lifts(path)]


def test_reaching_down_and_letting_go_are_no_lifts_but_the_way_between_is():
    (lift,) = measured(moving(PICK))
    assert (lift.lift.hands, lift.lift.kind, lift.lift.belief) == ("both", "lift", "likely")
    assert lift.origin.height_cm == pytest.approx(40, abs=2) and lift.origin.reach_cm == pytest.approx(45, abs=2)
    assert lift.destination.height_cm == pytest.approx(110, abs=2)
    assert lift.destination.reach_cm == pytest.approx(35, abs=2)
    assert lift.travel_cm == pytest.approx(70, abs=3)
    assert abs(lift.origin.asymmetry_deg) < 1
    assert 1.5 <= lift.origin.time_s <= 2.3 <= lift.destination.time_s <= 3.1


@pytest.mark.parametrize("rate_hz", [7.5, 15.0, 30.0, 60.0])
def test_the_frame_rate_does_not_matter(rate_hz):
    (lift,) = measured(moving(PICK, rate_hz=rate_hz))
    assert lift.origin.height_cm == pytest.approx(40, abs=3) and lift.travel_cm == pytest.approx(70, abs=4)


def test_a_lower_and_a_turn_with_the_load():
    lower, turn = measured(
        moving([(0.0, pair(1.1, 0.4)), (1.5, pair(0.5, 0.4)), (3.0, pair(0.55, 0.3, aside_m=0.4)), (4.5, HANGING)])
    )
    assert lower.lift.kind == "lower" and turn.lift.kind == "transfer"
    left_deg = np.degrees(np.arctan2(0.4, 0.3))
    assert turn.destination.asymmetry_deg == pytest.approx(left_deg, abs=3)


def test_walking_on_with_the_load_is_one_lift():
    def walked(time):
        return 1.2 * np.clip((time - 3.3) / 2.0, 0.0, 1.0)

    places = [(0.0, HANGING), (1.5, pair(0.4, 0.45)), (2.8, pair(1.0, 0.35)), (5.3, pair(1.0, 0.35)), (6.8, HANGING)]
    (lift,) = found(moving(places, walked_m=walked))
    assert lift.walked_m == pytest.approx(1.2, abs=0.1)


def test_a_squat_with_the_arms_held_out_is_no_lift():
    t = np.arange(0, 8, 1 / 15)
    motion = motion_of(STANDING_M, t)
    joints = motion.joints_m.copy()
    low = 0.45 * (0.5 - 0.5 * np.cos(2 * np.pi * t / 1.7))
    for side, x in (("left", 0.15), ("right", -0.15)):
        for joint in ("middle1", "wrist", "index1", "pinky1"):
            joints[:, JOINT_INDEX[f"{side}_{joint}"]] = np.stack([np.full_like(t, x), 1.2 - low, 0.4 + 0 * t], axis=1)
    assert found(replace(motion, joints_m=joints)) == ()


def test_arms_that_swing_in_walking_are_no_lift():
    t = np.arange(0, 6, 1 / 15)
    motion = motion_of(STANDING_M, t)
    joints = motion.joints_m.copy()
    for side, x, sign in (("left", 0.27, 1), ("right", -0.27, -1)):
        swing = sign * np.sin(2 * np.pi * t)
        for joint in ("middle1", "wrist", "index1", "pinky1"):
            joints[:, JOINT_INDEX[f"{side}_{joint}"]] = np.stack(
                [np.full_like(t, x), 0.78 + 0.06 * swing**2, 0.3 * swing], axis=1
            )
    joints[..., 2] += 1.3 * t[:, None]
    assert found(replace(motion, joints_m=joints)) == ()


def test_nothing_is_found_across_a_gap():
    motion = moving(PICK)
    joints, valid = motion.joints_m.copy(), motion.valid.copy()
    hidden = (motion.timestamps_s > 2.2) & (motion.timestamps_s < 2.8)
    joints[hidden], valid[hidden] = np.nan, False
    assert all(lift.cut for lift in found(replace(motion, joints_m=joints, valid=valid)))


def test_a_lift_that_the_film_cuts_off_says_so():
    (lift,) = found(moving(PICK, until_s=2.6))
    assert lift.cut and "the hands rest at both ends" not in lift.signs


def test_one_hand_that_fetches_something_from_the_floor():
    def one(left, right):
        return (left, right)

    places = [
        (0.0, HANGING),
        (1.5, one((0.2, 0.3, 0.5), HANGING[1])),
        (3.0, one((0.2, 1.1, 0.4), HANGING[1])),
        (4.5, HANGING),
    ]
    motion = moving(places)
    joints = motion.joints_m.copy()
    low = (motion.timestamps_s > 1.0) & (motion.timestamps_s < 2.4)
    for side in ("left", "right"):  # the trunk goes along
        joints[low, JOINT_INDEX[f"{side}_shoulder"]] += [0.0, -0.25, 0.4]
    (lift,) = found(replace(motion, joints_m=joints))
    assert (lift.hands, lift.belief) == ("left", "possible")


def test_unknown_height_of_the_worker_makes_every_length_less_sure():
    (sure,), (unsure,) = measured(moving(PICK), 0.01), measured(moving(PICK), 0.055)
    assert unsure.destination.height_sd_cm > sure.destination.height_sd_cm
    assert unsure.origin.reach_sd_cm > sure.origin.reach_sd_cm and unsure.travel_sd_cm > sure.travel_sd_cm
    assert unsure.origin.asymmetry_sd_deg == sure.origin.asymmetry_sd_deg


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_films_of_hardly_any_frames_hold_no_lift(frames):
    assert found(motion_of(STANDING_M, np.arange(frames) / 15)) == ()
