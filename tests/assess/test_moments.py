from __future__ import annotations

import numpy as np
import pytest
from assess_people import STANDING_M, angles_of, motion_of

from ergo.assess.moments import worst_moments
from ergo.assess.reasons import explain
from ergo.assess.score import assess
from ergo.types import TaskContext

CONTEXT = TaskContext(load_kg=0, shock=False, coupling="good", arms_supported=False, legs_supported=True)
T = np.arange(0, 20, 1 / 30)


def between(start_s: float, end_s: float, value: float) -> np.ndarray:
    """`value` in a stretch of the film, with a second of ramp on either side."""
    return value * np.clip(np.minimum(T - start_s + 1, end_s + 1 - T), 0, 1)


def moments_of(count=5, context=CONTEXT, **values):
    angles = angles_of(T, **values)
    return worst_moments(assess(motion_of(STANDING_M, T), angles, context), angles, context, count)


def test_the_worst_moments_are_where_they_are_with_their_reasons():
    arm = between(13, 15, 95)
    bent, raised, *_ = moments_of(
        trunk_flexion=between(5, 7, 63), trunk_twist=between(5, 7, 13), left_shoulder_elevation=arm,
        left_shoulder_flexion=arm,
    )  # fmt: skip
    assert 4.5 < bent.time_s < 7.5
    assert bent.reasons[0].text == "Trunk bent forward 63° and twisted 13° to the left"
    assert (bent.reasons[0].part, bent.reasons[0].points) == ("trunk", 5)
    assert 12.5 < raised.time_s < 15.5
    assert raised.side == "left"
    assert raised.reasons[0].text == "Left upper arm raised 95°"
    assert raised.reasons[0].points == 4


def test_each_reason_says_what_the_score_would_be_without_it():
    both = {"trunk_flexion": between(5, 7, 63), "neck_flexion": between(5, 7, 30)}
    worst = moments_of(**both)[0]
    for reason in worst.reasons:
        rest = {name: value for name, value in both.items() if not name.startswith(reason.part)}
        angles = angles_of(T, **rest)
        alone = {(a.method, a.side): a for a in assess(motion_of(STANDING_M, T), angles, CONTEXT)}
        if reason.part in ("trunk", "neck"):
            assert reason.total_without == alone[worst.method, worst.side].total[worst.frame]
        assert reason.total_without <= worst.total
    assert min(reason.total_without for reason in worst.reasons) < worst.total


def test_moments_are_apart_and_from_bad_to_better():
    moments = moments_of(count=4, trunk_flexion=30 + 35 * np.sin(T), neck_flexion=20 * np.sin(3 * T))
    times = np.sort([moment.time_s for moment in moments])
    assert 2 <= len(moments) <= 4
    assert np.diff(times).min() >= 1.0
    steps = [(moment.method, moment.total) for moment in moments]
    assert steps[0][1] >= steps[-1][1]


def test_one_long_posture_is_one_moment():
    moments = moments_of(trunk_flexion=between(2, 18, 70))
    assert len([m for m in moments if any("70°" in reason.text for reason in m.reasons)]) == 1


def test_a_harmless_film_has_no_bad_moment():
    assert moments_of() == ()


def test_a_glitch_of_a_fifth_of_a_second_is_no_moment():
    trunk = np.where((T > 10) & (T < 10.2), 40.0, 0.0)
    assert moments_of(trunk_flexion=trunk) == ()


def test_no_assessments_no_moments():
    assert worst_moments((), angles_of(T), CONTEXT) == ()


@pytest.mark.parametrize(
    ("item", "side", "angles", "sentence"),
    [
        ("neck", "left", {"neck_flexion": -12.0}, "Neck bent backward 12°"),
        ("trunk", "left", {"trunk_flexion": 2.0, "trunk_side_bend": 15.0}, "Trunk bent 15° to the right"),
        ("upper_arm", "right", {"right_shoulder_elevation": 30.0, "right_shoulder_flexion": -30.0},
         "Right upper arm moved back 30°"),
        ("upper_arm", "left", {"left_shoulder_elevation": 60.0, "left_shoulder_abduction": 60.0},
         "Left upper arm raised 60°, out to the side"),
        ("lower_arm", "left", {"left_elbow_flexion": 40.0, "left_hand_across_cm": 5.0},
         "Left elbow bent 40°, hand across the body"),
        ("wrist", "right", {"right_wrist_flexion": -25.0, "right_wrist_deviation": 12.0},
         "Right wrist bent 25°, turned sideways 12°"),
        ("legs", "left", {"right_knee_flexion": 72.0}, "Knee bent 72°"),
        ("legs", "left", {"right_knee_flexion": 3.0}, "Weight not even on both feet"),
        ("load", "left", {}, "Load 12 kg with shock"),
        ("coupling", "left", {}, "Grip poor"),
    ],
)  # fmt: skip
def test_reasons_in_plain_words(item, side, angles, sentence):
    context = TaskContext(load_kg=12, shock=True, coupling="poor")
    assert explain(item, side, lambda name: angles.get(name, 0.0), context) == sentence


def test_what_is_said_of_activity_fits_the_length_of_the_film():
    assert explain("activity", "left", lambda _: 0.0, CONTEXT, film_s=20) == "Rapid large movement"
    assert explain("activity", "left", lambda _: 0.0, CONTEXT, film_s=90).startswith("Held for over a minute")
