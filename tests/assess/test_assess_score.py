from __future__ import annotations

import numpy as np
import pytest
from assess_people import SEATED_M, STANDING_M, angles_of, motion_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.assess.angle_catalogue import ANGLES
from ergo.assess.items import ITEMS, region_levels
from ergo.assess.score import assess
from ergo.body.skeleton import REGIONS
from ergo.methods.catalogue import METHODS
from ergo.types import TaskContext

T = np.arange(0, 2, 1 / 10)
KNOWN = TaskContext(
    load_kg=0, force_pattern="intermittent", shock=False, coupling="good", arms_supported=False, legs_supported=True
)
SEEN = {
    f"{side}_{part}": 0
    for side in ("left", "right")
    for part in ("shoulder_raised_cm", "wrist_flexion", "wrist_deviation", "forearm_rotation")
}
FOLDED = {f"{side}_{joint}_flexion": 90 for side in ("left", "right") for joint in ("hip", "knee")}


def scores(context: TaskContext = KNOWN, pose=STANDING_M, times_s=T, **angles):
    """Assessments by method and side."""
    found = assess(motion_of(pose, times_s), angles_of(times_s, **angles), context)
    return {(a.method, a.side): a for a in found}


def sided(context: TaskContext = KNOWN, **values):
    """The assessments of RULA and REBA, one for each side."""
    return [a for a in scores(context, **values).values() if a.side]


def test_standing_upright_with_everything_known_is_the_lowest_score_but_for_the_unseen_minute():
    t = np.arange(0, 61, 0.1)
    wobble = 8 * np.sin(t / 5)  # no held posture
    neck = 0.85 * wobble + 2
    for assessment in sided(
        times_s=t, **SEEN, left_elbow_flexion=80 + wobble, right_elbow_flexion=80 + wobble, neck_flexion=neck,
        trunk_flexion=wobble / 2, left_shoulder_elevation=10 + wobble, right_shoulder_elevation=10 + wobble,
    ):  # fmt: skip
        assert (assessment.total_low == assessment.total).all()
        assert (assessment.total_high == assessment.total).all()
        assert np.median(assessment.total) == 1
        assert assessment.assumptions == ()


def test_standing_upright_is_the_best_posture_for_the_whole_body_too():
    for (method, _), assessment in scores(times_s=np.arange(0, 61, 0.1), **SEEN).items():
        if assessment.side is None:
            assert (assessment.total == (2 if method == "iso11226" else 1)).all()
            assert (assessment.total_low == assessment.total).all()
            assert (assessment.total_high == assessment.total).all()


def test_a_lift_is_scored_as_by_hand():
    """Trunk 45° (3), twisted (+1); neck 25°; knees 40°; left arm 70°, elbow 40°, wrist 20°; 12 kg, fair grip."""
    found = scores(
        TaskContext(load_kg=12, force_pattern="intermittent", shock=False, coupling="fair", arms_supported=False),
        **SEEN | {"left_wrist_flexion": 20},
        trunk_flexion=45, trunk_twist=15, neck_flexion=25, left_knee_flexion=40, right_knee_flexion=10,
        left_shoulder_elevation=70, left_shoulder_flexion=70, left_elbow_flexion=40,
    )  # fmt: skip
    reba, rula = found["reba", "left"], found["rula", "left"]
    assert {k: v[5] for k, v in reba.parts.items()} == {
        "neck": 2, "trunk": 4, "legs": 2, "load": 2, "upper_arm": 3, "lower_arm": 2, "wrist": 2, "coupling": 1,
        "activity": 0,
    }  # fmt: skip
    assert (reba.total == 10).all()  # table A 6 + 2, table B 5 + 1, table C (8, 6) = 10
    assert {k: v[5] for k, v in rula.parts.items()} == {
        "upper_arm": 3, "lower_arm": 2, "wrist": 3, "wrist_twist": 1, "neck": 3, "trunk": 4, "legs": 1,
        "muscle_use_arm": 0, "muscle_use_body": 0, "force": 2,
    }  # fmt: skip
    assert (rula.total == 7).all()
    assert found["reba", "right"].total[5] < 10
    assert found["rula", "right"].parts["upper_arm"][5] == 1


def test_parts_are_the_items_in_order():
    for (method, _), assessment in scores().items():
        assert tuple(assessment.parts) == tuple(item.id for item in ITEMS[method])


def test_an_unseen_wrist_is_neutral_in_the_total_and_open_in_the_range():
    bent = {"trunk_flexion": 30, "left_shoulder_elevation": 50, "left_shoulder_flexion": 50}
    known, unseen = scores(**SEEN, **bent), scores(**SEEN | {"left_wrist_flexion": np.nan}, **bent)
    for method in ("rula", "reba"):
        a, b = known[method, "left"], unseen[method, "left"]
        assert (a.total == b.total).all()
        assert np.isnan(b.parts["wrist"]).all()
        assert (b.total_high > a.total_high).all()
        assert any(s.startswith("Wrist not seen: scored as neutral") for s in b.assumptions)
        assert not any(s.startswith("Wrist not") for s in a.assumptions)


@pytest.mark.parametrize(
    ("field", "sentence", "method"),
    [
        ("load_kg", "Load not given", "reba"),
        ("shock", "Shock not given", "rula"),
        ("coupling", "Grip not given", "reba"),
        ("arms_supported", "Arm support not given", "reba"),
        ("force_pattern", "How the load acts is not given", "rula"),
    ],
)
def test_what_nobody_said_widens_the_range_and_is_said(field, sentence, method):
    bent = {"left_shoulder_elevation": 60, "left_shoulder_flexion": 60, "trunk_flexion": 25}
    told = {name: getattr(KNOWN, name) for name in KNOWN.__slots__} | {"load_kg": 6}
    known = scores(TaskContext(**told), **SEEN, **bent)[method, "left"]
    open_ = scores(TaskContext(**told | {field: None}), **SEEN, **bent)[method, "left"]
    assert (open_.total_high - open_.total_low > known.total_high - known.total_low).all()
    assert any(s.startswith(sentence) for s in open_.assumptions)
    assert not any(s.startswith(sentence) for s in known.assumptions)


def test_feet_without_support_count_when_seated():
    hanging = TaskContext(
        load_kg=0,
        force_pattern="intermittent",
        shock=False,
        coupling="good",
        arms_supported=False,
        legs_supported=False,
    )
    silent = TaskContext(load_kg=0, force_pattern="intermittent", shock=False, coupling="good", arms_supported=False)
    seated = scores(KNOWN, SEATED_M, **SEEN, **FOLDED)["rula", "left"]
    assert (seated.parts["legs"] == 1).all()
    assert (scores(hanging, SEATED_M, **SEEN, **FOLDED)["rula", "left"].parts["legs"] == 2).all()
    asked = scores(silent, SEATED_M, **SEEN, **FOLDED)["rula", "left"]
    assert any(s.startswith("Seated, foot support") for s in asked.assumptions)
    assert not any("foot support" in s for s in scores(silent, **SEEN)["rula", "left"].assumptions)


def test_sitting_takes_the_knees_out_of_reba():
    assert (scores(KNOWN, SEATED_M, **SEEN, **FOLDED)["reba", "left"].parts["legs"] == 1).all()
    assert (scores(KNOWN, STANDING_M, **SEEN, **FOLDED)["reba", "left"].parts["legs"] == 3).all()


@pytest.mark.parametrize("angle", ["trunk_flexion", "neck_flexion", "left_shoulder_elevation", "left_elbow_flexion"])
def test_a_frame_without_an_essential_angle_is_not_assessed(angle):
    values = np.where(np.arange(len(T)) < 10, 0.0, np.nan)
    found = scores(**SEEN | {angle: values})
    for method in ("rula", "reba"):
        left = found[method, "left"]
        assert np.isfinite(left.total[:10]).all()
        for array in (left.total, left.total_low, left.total_high, left.level, left.parts[ITEMS[method][-1].id]):
            assert np.isnan(array[10:]).all()
        assert any("50% of the frames only" in s for s in left.assumptions)
        if angle.startswith("left"):
            assert np.isfinite(found[method, "right"].total).all()


def test_a_side_never_seen_says_only_so():
    left = scores(TaskContext(), left_elbow_flexion=np.nan)["rula", "left"]
    assert np.isnan(left.total).all()
    assert left.assumptions == ("Left side never seen well enough to be assessed.",)


def test_unseen_legs_do_not_stop_the_assessment():
    found = scores(**SEEN, left_knee_flexion=np.nan, right_knee_flexion=np.nan)["reba", "left"]
    assert np.isfinite(found.total).all()
    assert (found.total_high > found.total).all()
    assert np.isnan(found.parts["legs"]).all()


def test_repeated_movement_counts_from_a_minute_of_film_on():
    for seconds, points in ((90, 1), (50, 0)):
        t = np.arange(0, seconds, 0.1)
        elbow = 80 + 19 * np.sin(2 * np.pi * t / 6)
        found = scores(times_s=t, **SEEN, left_elbow_flexion=elbow)
        assert (found["rula", "left"].parts["muscle_use_arm"] == points).all()
        assert (found["reba", "left"].parts["activity"] == points).all()
        assert (found["reba", "right"].parts["activity"] == 0).all()
        said = any("not assessable on a film under 60 s" in s for s in found["rula", "left"].assumptions)
        assert said == (seconds < 60)


contexts = st.builds(
    TaskContext,
    load_kg=st.none() | st.floats(0, 60),
    force_pattern=st.sampled_from([None, "intermittent", "static", "repeated"]),
    shock=st.sampled_from([None, True, False]),
    coupling=st.sampled_from([None, "good", "fair", "poor", "unacceptable"]),
    arms_supported=st.sampled_from([None, True, False]),
    legs_supported=st.sampled_from([None, True, False]),
)


@settings(max_examples=60, deadline=None)
@given(contexts, st.integers(0, 2**32 - 1), st.sampled_from(["standing", "seated"]))
def test_the_total_lies_in_its_range_whatever_is_unknown(context, seed, pose):
    rng = np.random.default_rng(seed)
    motion = motion_of(SEATED_M if pose == "seated" else STANDING_M, T)
    values = {a.id: rng.uniform(max(a.range_deg[0], -100), min(a.range_deg[1], 150), len(T)) for a in ANGLES}
    for name, column in values.items():
        if rng.random() < 0.3:
            values[name] = np.where(rng.random(len(T)) < 0.5, np.nan, column)
    for assessment in assess(motion, angles_of(T, **values), context):
        seen = np.isfinite(assessment.total)
        low, total, high = (a[seen] for a in (assessment.total_low, assessment.total, assessment.total_high))
        assert (low <= total).all()
        assert (total <= high).all()
        assert (np.isfinite(assessment.total_low) == seen).all()
        assert (np.isfinite(assessment.total_high) == seen).all()
        levels = METHODS[assessment.method].levels
        assert set(assessment.level[seen]) <= {entry.level for entry in levels}
        for item in ITEMS[assessment.method]:
            points = assessment.parts[item.id]
            points = points[np.isfinite(points)]
            assert ((points >= min(item.neutral_points, 1)) & (points <= item.max_points)).all()


@settings(max_examples=40, deadline=None)
@given(contexts, st.integers(0, 2**32 - 1))
def test_the_range_holds_every_answer_that_could_be_given(context, seed):
    """Filling in what was unknown never leaves the range that was announced."""
    rng = np.random.default_rng(seed)
    t = T[:5]
    open_ones = [a.id for a in ANGLES if np.isnan(angles_of(t)[a.id]).any()]
    values = {
        "trunk_flexion": rng.uniform(-20, 90), "neck_flexion": rng.uniform(-30, 40),
        "left_shoulder_elevation": rng.uniform(0, 110), "left_elbow_flexion": rng.uniform(0, 140),
    }  # fmt: skip
    answers = {name: rng.uniform(-60, 60) for name in open_ones}
    told = TaskContext(
        load_kg=float(rng.uniform(0, 30)) if context.load_kg is None else context.load_kg,
        force_pattern=context.force_pattern or str(rng.choice(["intermittent", "static", "repeated"])),  # pyright: ignore[reportArgumentType]
        shock=bool(rng.integers(2)) if context.shock is None else context.shock,
        coupling=context.coupling or str(rng.choice(["good", "fair", "poor", "unacceptable"])),  # pyright: ignore[reportArgumentType]
        arms_supported=bool(rng.integers(2)) if context.arms_supported is None else context.arms_supported,
        legs_supported=context.legs_supported,
    )
    if context.load_kg == 0 and context.coupling is None:
        told = TaskContext(**{n: getattr(told, n) for n in told.__slots__} | {"coupling": "good"})
    before = scores(context, times_s=t, **values)
    after = scores(told, times_s=t, **values | answers)
    for key, assessment in before.items():
        if assessment.side:
            assert (assessment.total_low <= after[key].total).all()
            assert (after[key].total <= assessment.total_high).all()


def test_regions_are_tinted_by_their_own_items():
    left = scores(KNOWN, **SEEN, trunk_flexion=70, left_shoulder_elevation=100, left_shoulder_flexion=100)
    for method in ("rula", "reba"):
        levels = dict(zip(REGIONS, region_levels(left[method, "left"])[5], strict=True))
        assert levels["trunk"] == 2 if method == "rula" else 3
        assert levels["left_upper_arm"] == 2
        assert levels["right_upper_arm"] == levels["head"] == levels["left_leg"] == 0
        right = dict(zip(REGIONS, region_levels(left[method, "right"])[5], strict=True))
        assert right["left_upper_arm"] == right["right_upper_arm"] == 0


def test_unseen_frames_have_no_tint_and_the_highest_points_the_highest():
    found = scores(KNOWN, **SEEN, trunk_flexion=np.where(np.arange(len(T)) < 10, 80.0, np.nan), trunk_twist=30,
                   trunk_side_bend=30)  # fmt: skip
    levels = region_levels(found["rula", "left"])
    assert levels.shape == (len(T), len(REGIONS))
    assert levels.dtype == np.uint8
    column = REGIONS.index("trunk")
    assert (levels[:10, column] == 4).all()
    assert (levels[10:, column] == 0).all()
