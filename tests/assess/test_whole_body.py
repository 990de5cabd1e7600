"""OWAS, ISO 11226 and EN 1005-4 from what a film shows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from assess_people import SEATED_M, STANDING_M, angles_of, motion_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.assess.exposure import summarise
from ergo.assess.items import ITEMS, region_levels
from ergo.assess.owas_inputs import owas_points
from ergo.assess.posture import observe_arm, observe_body
from ergo.assess.score import assess
from ergo.body.skeleton import REGIONS
from ergo.methods import owas
from ergo.methods.catalogue import METHODS
from ergo.types import TaskContext

T = np.arange(0, 8, 1 / 10)
EMPTY_HANDS = TaskContext(load_kg=0, arms_supported=False)
FOLDED = {f"{side}_{joint}_flexion": 90 for side in ("left", "right") for joint in ("hip", "knee")}


def whole(context: TaskContext = EMPTY_HANDS, pose=STANDING_M, times_s=T, **angles):
    found = assess(motion_of(pose, times_s), angles_of(times_s, **angles), context)
    return {a.method: a for a in found if a.side is None}


def codes(assessment, frame: int = 40) -> tuple[int, ...]:
    return tuple(int(points[frame]) for points in assessment.parts.values())


@pytest.mark.parametrize(
    ("angles", "pose", "code"),
    [
        ({}, STANDING_M, (1, 1, 2, 1)),
        ({"trunk_flexion": 50, "trunk_twist": 25}, STANDING_M, (4, 1, 2, 1)),
        ({"trunk_flexion": -25}, STANDING_M, (2, 1, 2, 1)),
        ({"trunk_side_bend": -22}, STANDING_M, (3, 1, 2, 1)),
        ({"trunk_twist": 15}, STANDING_M, (1, 1, 2, 1)),
        ({"left_arm_elevation_gravity": 100}, STANDING_M, (1, 2, 2, 1)),
        ({"left_arm_elevation_gravity": 100, "right_arm_elevation_gravity": 90}, STANDING_M, (1, 3, 2, 1)),
        ({"left_knee_flexion": 40}, STANDING_M, (1, 1, 3, 1)),
        ({"left_knee_flexion": 40, "right_knee_flexion": 40}, STANDING_M, (1, 1, 4, 1)),
        (FOLDED, SEATED_M, (1, 1, 1, 1)),
    ],
)
def test_owas_codes_of_postures(angles, pose, code):
    found = whole(pose=pose, **angles)["owas"]
    assert codes(found) == code
    assert found.total[40] == owas.score(**dict(zip(("back", "arms", "legs", "load"), code, strict=True))).total
    assert found.total_low[40] == found.total[40] == found.total_high[40]


def test_owas_standing_on_one_bent_leg_and_kneeling_and_walking():
    lifted = STANDING_M | {"right_foot": (-0.11, 0.30, 0.12), "right_ankle": (-0.10, 0.36, 0)}
    assert codes(whole(pose=lifted, right_knee_flexion=70)["owas"])[2] == 3
    assert codes(whole(pose=lifted, right_knee_flexion=70, left_knee_flexion=50)["owas"])[2] == 5
    kneeling = STANDING_M | {"left_knee": (0.1, 0.05, 0.1)}
    assert codes(whole(pose=kneeling, left_knee_flexion=90)["owas"])[2] == 6
    motion = motion_of(STANDING_M, T)
    motion.joints_m[:, :, 0] += T[:, None]
    walking = {a.method: a for a in assess(motion, angles_of(T), EMPTY_HANDS)}["owas"]
    assert codes(walking)[2] == 7


@pytest.mark.parametrize(("load_kg", "code"), [(10, 1), (15, 2), (25, 3)])
def test_owas_load_comes_from_what_was_told(load_kg, code):
    assert codes(whole(TaskContext(load_kg=load_kg))["owas"])[3] == code
    silent = whole(TaskContext())["owas"]
    assert codes(silent)[3] == 1
    assert any(s.startswith("Load not given") for s in silent.assumptions)


HIDDEN = ("left_arm_elevation_gravity", "right_arm_elevation_gravity", "left_knee_flexion", "right_knee_flexion",
          "trunk_twist", "trunk_side_bend")  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sets(st.sampled_from(HIDDEN)), st.none() | st.floats(0, 40))
def test_the_range_of_owas_holds_every_answer_and_is_no_wider_than_needed(seed, hidden, load_kg):
    """The table does not rise with its codes, so the range is checked against every completion on a grid."""
    rng = np.random.default_rng(seed)
    t = T[:1]
    values = {
        "trunk_flexion": rng.uniform(-30, 70), "trunk_twist": rng.uniform(-30, 30), "trunk_side_bend": 0.0,
        "left_arm_elevation_gravity": rng.uniform(0, 150), "right_arm_elevation_gravity": rng.uniform(0, 150),
        "left_knee_flexion": rng.uniform(0, 60), "right_knee_flexion": rng.uniform(0, 60),
    }  # fmt: skip
    open_ = whole(TaskContext(load_kg=load_kg), times_s=t, **values | dict.fromkeys(hidden, np.nan))["owas"]
    assert open_.total_low[0] <= open_.total[0] <= open_.total_high[0]
    answers = np.array(list(itertools.product(*[(0.0, 35.0, 100.0)] * len(hidden))))
    filled = values | {name: answers[:, i] for i, name in enumerate(hidden)}
    moments_s = np.arange(len(answers), dtype=float)  # far apart, so that each answer stands for itself
    loads = (0, 15, 30) if load_kg is None else (load_kg,)
    found = np.concatenate(
        [whole(TaskContext(load_kg=load), times_s=moments_s, **filled)["owas"].total for load in loads]
    )
    assert open_.total_low[0] <= min(found)
    assert max(found) <= open_.total_high[0]
    if not hidden & {"left_knee_flexion", "right_knee_flexion"}:  # those also stand for postures not on the grid
        assert (open_.total_low[0], open_.total_high[0]) == (min(found), max(found))


def test_owas_unseen_parts_are_neutral_in_the_total_and_open_in_the_range():
    values = {"left_knee_flexion": np.nan, "right_knee_flexion": np.nan, "right_arm_elevation_gravity": np.nan}
    found = whole(trunk_flexion=40, left_arm_elevation_gravity=95, **values)["owas"]
    assert np.isnan(found.parts["legs"]).all()
    assert (found.parts["arms"] == 2).all()
    assert (found.total == owas.score(back=2, arms=2, legs=2, load=1).total).all()
    assert (found.total_high == 4).all()
    assert any(s.startswith("Legs not seen") for s in found.assumptions)
    assert any(s.startswith("Right upper arm not seen") for s in found.assumptions)


def test_owas_low_and_high_are_codes_whose_category_is_the_range():
    motion, angles = motion_of(STANDING_M, T), angles_of(T, trunk_flexion=30, left_knee_flexion=np.nan)
    body, arms = observe_body(motion, angles), [observe_arm(angles, side) for side in ("left", "right")]
    found = whole(TaskContext(), trunk_flexion=30, left_knee_flexion=np.nan)["owas"]
    for guess, total in (("low", found.total_low), ("high", found.total_high)):
        points = owas_points(body, *arms, TaskContext(), guess)
        np.testing.assert_array_equal(owas.score(**points).total, total)
        assert (points["back"] == 2).all()
    assert (found.total_high > found.total_low).all()


@pytest.mark.parametrize("method", ["owas", "iso11226", "en1005_4"])
def test_a_frame_without_the_trunk_is_not_assessed_by_any(method):
    trunk = np.where(np.arange(len(T)) < 60, 10.0, np.nan)
    found = whole(trunk_flexion=trunk)[method]
    for array in (found.total, found.total_low, found.total_high, found.level):
        assert np.isfinite(array[:60]).all()
        assert np.isnan(array[60:]).all()
    assert any("75% of the frames only" in s for s in found.assumptions)
    never = whole(trunk_flexion=np.nan)[method]
    assert never.assumptions == ("Trunk never seen well enough to be assessed.",)


def zones(assessment, part: str) -> set[float]:
    return set(np.unique(assessment.parts[part]))


def test_iso_judges_what_is_held_and_only_that():
    bent = whole(trunk_flexion=40, head_inclination=40)["iso11226"]
    assert zones(bent, "trunk") == {3}
    assert (bent.total_low == 2).all()  # with support
    assert zones(whole(trunk_flexion=70, head_inclination=70)["iso11226"], "trunk") == {4}
    assert zones(whole(trunk_twist=15)["iso11226"], "trunk") == {4}
    moving = whole(trunk_flexion=40 + 30 * np.sin(2 * np.pi * T / 3))["iso11226"]
    assert zones(moving, "trunk") == {1}
    raised = whole(left_arm_elevation_gravity=70)["iso11226"]
    assert (zones(raised, "left_upper_arm"), zones(raised, "right_upper_arm")) == ({4}, {2})
    behind = whole(left_shoulder_elevation=30, left_shoulder_flexion=-30, left_arm_elevation_gravity=15)["iso11226"]
    assert zones(behind, "left_upper_arm") == {4}


def test_iso_holding_time_runs_out_and_counts_for_the_whole_spell():
    t = np.arange(0, 200, 0.25)
    trunk = np.where(t < 160, 40.0, 0.0)
    found = whole(times_s=t, trunk_flexion=trunk, head_inclination=trunk)["iso11226"]
    assert (found.parts["trunk"][t < 155] == 4).all()  # 160 s where 150 s are allowed
    assert (found.parts["head"][t < 155] == 3).all()  # where 375 s are allowed
    short = np.where(t < 140, 40.0, 0.0)
    assert (whole(times_s=t, trunk_flexion=short)["iso11226"].parts["trunk"][t < 135] == 3).all()


def test_iso_says_why_a_short_film_is_not_assessed_and_en_gives_a_range():
    t = np.arange(0, 3, 0.1)
    found = whole(times_s=t, trunk_flexion=70)
    assert np.isnan(found["iso11226"].total).all()
    assert found["iso11226"].assumptions[0].startswith("Not assessable on a film under 4 s")
    assert (found["en1005_4"].total == 2).all()
    assert (found["en1005_4"].total_high == 3).all()


@pytest.mark.parametrize(("period_s", "zone"), [(5, 3), (12, 2)])
def test_en_counts_how_often_an_arm_moves(period_s, zone):
    t = np.arange(0, 130, 0.1)
    arm = 40 + 15 * np.sin(2 * np.pi * t / period_s)
    found = whole(times_s=t, left_arm_elevation_gravity=arm)["en1005_4"]
    middle = found.parts["left_upper_arm"][(t > 30) & (t < 100)]
    assert set(middle) == {zone}
    assert zones(found, "right_upper_arm") == {1}


def test_en_an_arm_that_moves_once_is_acceptable_while_it_moves_and_conditional_while_held():
    t = np.arange(0, 130, 0.1)
    found = whole(times_s=t, left_arm_elevation_gravity=25 + 30 * np.clip((t - 60) / 2, 0, 1))["en1005_4"]
    arm = found.parts["left_upper_arm"]
    assert (arm[(t > 60.8) & (t < 61.2)] == 1).all()
    assert (arm[(t < 58) | (t > 64)] == 2).all()


def test_en_static_postures_do_not_need_a_minute():
    found = whole(trunk_flexion=30, head_inclination=30)["en1005_4"]
    assert zones(found, "trunk") == {2}
    assert (found.total_low == 2).all()
    assert any("film under 60 s" in s for s in found.assumptions)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, True, False]), st.sampled_from([5, 40, 70]))
def test_zones_stay_in_their_range_whatever_is_unknown(seed, supported, seconds):
    rng = np.random.default_rng(seed)
    t = np.arange(0, seconds, 0.2)
    slow = np.repeat(rng.uniform(-40, 100, (len(t) // 25 + 1, 9)), 25, axis=0)[: len(t)]
    names = (
        "trunk_flexion", "trunk_twist", "head_inclination", "neck_twist", "neck_side_bend", "left_elbow_flexion",
        "left_arm_elevation_gravity", "right_arm_elevation_gravity", "left_knee_flexion",
    )  # fmt: skip
    values = {
        name: np.abs(slow[:, i]) if "left_" in name or "right_" in name else slow[:, i] for i, name in enumerate(names)
    }
    for name, column in values.items():
        if rng.random() < 0.3:
            values[name] = np.where(rng.random(len(t)) < 0.5, np.nan, column)
    for method, found in whole(TaskContext(arms_supported=supported), times_s=t, **values).items():
        seen = np.isfinite(found.total)
        assert (found.total_low[seen] <= found.total[seen]).all()
        assert (found.total[seen] <= found.total_high[seen]).all()
        assert set(found.level[seen]) <= {entry.level for entry in METHODS[method].levels}
        assert tuple(found.parts) == tuple(item.id for item in ITEMS[method])


def test_regions_take_the_tint_of_their_codes_and_zones():
    found = whole(trunk_flexion=70, trunk_twist=30, head_inclination=70, left_arm_elevation_gravity=100)
    expected = {
        "owas": {"trunk": 3, "left_upper_arm": 2, "left_leg": 0, "head": 0},
        "iso11226": {"trunk": 3, "left_upper_arm": 3, "right_upper_arm": 0, "left_leg": 0},
        "en1005_4": {"trunk": 3, "left_upper_arm": 3, "right_upper_arm": 0, "head": 3},
    }
    for method, tints in expected.items():
        levels = dict(zip(REGIONS, region_levels(found[method])[40], strict=True))
        assert {name: levels[name] for name in tints} == tints, method
    standing = whole()["owas"]
    assert not region_levels(standing).any()


def test_the_summary_tells_the_time_of_each_code_and_what_it_means():
    trunk = np.where(T < 5.95, 40.0, 0.0)
    summary = summarise(whole(trunk_flexion=trunk)["owas"])
    assert summary.share_of_parts["back"][2] == pytest.approx(0.75, abs=0.01)
    assert sum(summary.share_of_parts["back"].values()) == pytest.approx(1)
    assert summary.part_categories["back"] == {1: 1, 2: 2}
    assert summary.part_categories["legs"] == {2: 2}
    iso = summarise(whole(trunk_flexion=trunk)["iso11226"])
    assert iso.part_categories == {}
    assert set(iso.share_of_parts["trunk"]) == {1, 2, 3, 4}
    rula = summarise(assess(motion_of(STANDING_M, T), angles_of(T), EMPTY_HANDS)[0])
    assert sum(rula.share_of_parts["trunk"].values()) == pytest.approx(1)
