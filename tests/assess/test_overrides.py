import numpy as np
import pytest
from assess_people import STANDING_M, angles_of, motion_of
from hypothesis import given
from hypothesis import strategies as st

from ergo.assess.certainty import with_certainty
from ergo.assess.items import ITEMS, SIDED
from ergo.assess.moments import worst_moments
from ergo.assess.observations import observe
from ergo.assess.overridable import INPUTS
from ergo.assess.overridden import frames_of, overridden
from ergo.assess.overrides import check_overrides, described, end_of, layered, parse_override, start_of
from ergo.assess.score import assess, assess_observed
from ergo.errors import SettingsError
from ergo.types import SIDES, Gravity, Override, TaskContext

T = np.arange(40) / 4.0
FILM_S = 10.0
STANDING = motion_of(STANDING_M, T)
BENT = angles_of(T, trunk_flexion=70, trunk_inclination=70, trunk_twist=25, left_shoulder_elevation=100)
KNOWN = TaskContext(load_kg=12.0, shock=False, coupling="good", arms_supported=False, legs_supported=True)


def scores(*overrides, angles=BENT, context=KNOWN, motion=STANDING):
    return {(a.method, a.side): a for a in assess(motion, angles, context, overrides)}


def example(entry, side=None):
    """A value of an input that is not the observed one of a standing figure."""
    value = {"yes_no": True, "choice": entry.choices[-1] if entry.choices else "", "number": entry.high / 2}[entry.kind]
    return Override(input=entry.id, value=value, side=side)


def test_a_trunk_that_is_said_to_be_upright_costs_less_where_it_is_said():
    before = scores()["reba", "left"]
    after = scores(Override(input="trunk_flexion", value=0.0, start_s=2.0, end_s=4.0))["reba", "left"]
    inside = (T >= 2) & (T < 4)
    assert (after.total[inside] < before.total[inside]).all()
    np.testing.assert_array_equal(after.total[~inside], before.total[~inside])
    assert (after.parts["trunk"][inside] == 2).all()  # upright, still twisted


def test_a_limit_only_lowers_what_is_beyond_it():
    angles = angles_of(T, trunk_flexion=np.where(T < 5, 10.0, 50.0), left_wrist_flexion=np.nan)
    trunk = scores(Override(input="trunk_flexion", value=19.0, rule="at_most"), angles=angles)["rula", "left"]
    np.testing.assert_array_equal(trunk.parts["trunk"], scores(angles=angles)["rula", "left"].parts["trunk"].min())
    wrist = scores(Override(input="wrist_flexion", value=10.0, rule="at_most"), angles=angles)["rula", "left"]
    assert np.isnan(wrist.parts["wrist"]).all()  # a limit says nothing of what nobody saw
    set_wrist = scores(Override(input="wrist_flexion", value=10.0), angles=angles)["rula", "left"]
    assert (set_wrist.parts["wrist"] == 2).all()


def test_one_side_leaves_the_other_alone():
    before = scores()
    after = scores(Override(input="upper_arm_flexion", value=10.0, side="left"))
    assert (after["rula", "left"].parts["upper_arm"] == 1).all()
    np.testing.assert_array_equal(after["rula", "right"].total, before["rula", "right"].total)


def test_facts_hold_in_their_span_and_close_the_range_only_where_they_are_told_of_every_frame():
    context = TaskContext(shock=False, coupling="good", arms_supported=False, legs_supported=True)
    heavy = scores(Override(input="load_kg", value=15.0, end_s=5.0), context=context)["reba", "left"]
    assert (heavy.parts["load"][T < 5] == 2).all()
    assert (heavy.parts["load"][T >= 5] == 0).all()
    assert any("Load not given" in text for text in heavy.assumptions)
    told = scores(Override(input="load_kg", value=15.0), context=context)["reba", "left"]
    assert not any("Load not given" in text for text in told.assumptions)


def test_half_of_an_unknown_load_is_unknown():
    limited = scores(Override(input="load_kg", value=3.0, rule="at_most"), context=TaskContext())["reba", "left"]
    assert (limited.total_high > limited.total_low).all()
    assert (scores(Override(input="load_kg", value=3.0, rule="at_most"))["reba", "left"].parts["load"] == 0).all()


def test_where_nobody_was_found_nothing_is_set():
    valid = T < 5
    angles = angles_of(T, trunk_flexion=np.where(valid, 70.0, np.nan), neck_flexion=np.where(valid, 0, np.nan))
    everything = [example(entry) for entry in INPUTS.values()]
    for assessment in scores(*everything, angles=angles, motion=motion_of(STANDING_M, T, valid)).values():
        assert np.isnan(assessment.total[~valid]).all() or assessment.method in ("owas", "iso11226", "en1005_4")
    seen = overridden(observe(motion_of(STANDING_M, T, valid), angles), everything)
    assert np.isnan(seen.body.trunk_flexion[~valid]).all()


UPRIGHT = angles_of(T, trunk_flexion=10, head_inclination=30)
PLAIN = tuple((observe(STANDING, angles), TaskContext(load_kg=12.0)) for angles in (BENT, UPRIGHT))
NEED_MORE = ("_moves", "_hold_s")
"""Inputs that show only together with others: a posture has to be awkward before it matters how long it is held."""


@pytest.mark.parametrize("name", [name for name, entry in INPUTS.items() if set(entry.methods) & set(ITEMS)])
def test_an_input_reaches_the_items_it_names_and_no_other(name):
    entry = INPUTS[name]
    numbers = [v for v in (entry.low, 6.0, 50.0, min(entry.high, 150.0)) if entry.low <= v <= entry.high]
    values = {"yes_no": (True, False), "choice": entry.choices, "number": numbers}[entry.kind]
    touched = set()
    for seen, context in PLAIN:
        before = {(a.method, a.side): a for a in assess_observed(seen, context)}
        for value in values:
            touched |= {
                (a.method, item)
                for a in assess_observed(seen, context, (Override(input=name, value=value),))
                for item, points in a.parts.items()
                if not np.array_equal(points, before[a.method, a.side].parts[item], equal_nan=True)
            }
    named = {
        (method, item.id)
        for method, items in ITEMS.items()
        for item in items
        for side in (SIDES if method in SIDED else (None,))
        if entry.touches(method, item.id, side)
    }
    assert touched <= named
    assert touched or name.endswith(NEED_MORE) or name in ("back_supported", "head_supported", "wrist_deviated")


def test_what_is_set_has_no_error():
    up = Gravity(up_cam=np.array([0.0, -1.0, 0.0]), sd_deg=8.0, source="user")
    everything = [Override(input="trunk_flexion", value=30.0), Override(input="neck_flexion", value=0.0)]
    everything += [Override(input=name, value=False) for name in INPUTS if INPUTS[name].kind == "yes_no"]
    everything += [Override(input=name, value=80.0) for name in ("elbow_flexion", "arm_elevation")]
    everything += [Override(input=name, value=10.0) for name in ("upper_arm_flexion", "wrist_flexion", "knee_flexion")]
    everything += [Override(input="forearm_rotation", value=0.0), Override(input="stance", value="both_legs")]
    made = assess(STANDING, BENT, KNOWN, everything)
    for a in with_certainty(made, STANDING, BENT, up, KNOWN, overrides=everything, versions=5):
        if a.certainty is not None:
            assert set(a.certainty.peaks) == {a.total[0]}
            assert set(a.certainty.tilt_peaks) == {a.total[0]}


def test_the_reason_says_that_it_was_set():
    said = (Override(input="trunk_twisted", value=False), Override(input="trunk_flexion", value=65.0))
    (worst, *_) = worst_moments(assess(STANDING, BENT, KNOWN, said), BENT, KNOWN, 1, said)
    text = next(reason.text for reason in worst.reasons if reason.part == "trunk")
    assert text.startswith("Trunk bent forward 65° (set by hand: ")
    assert "trunk twisted: no" in text
    assert "twisted 25°" not in text
    other = next(reason.text for reason in worst.reasons if reason.part == "upper_arm")
    assert "set by hand" not in other


# -- what may be set ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "word"),
    [
        ({"input": "mood", "value": 3.0}, "mood"),
        ({"input": "trunk_flexion", "value": 400.0}, "trunk_flexion is 400"),
        ({"input": "trunk_flexion", "value": float("nan")}, "trunk_flexion is nan"),
        ({"input": "trunk_flexion", "value": True}, "trunk_flexion"),
        ({"input": "trunk_flexion", "value": "far"}, "trunk_flexion"),
        ({"input": "trunk_twisted", "value": 1.0}, "trunk_twisted"),
        ({"input": "trunk_twisted", "value": True, "rule": "at_most"}, "trunk_twisted"),
        ({"input": "trunk_flexion", "value": 3.0, "side": "left"}, "trunk_flexion has no left side"),
        ({"input": "coupling", "value": "sticky"}, "coupling"),
        ({"input": "load_kg", "value": -1.0}, "load_kg"),
        ({"input": "raised", "value": True, "side": "middle"}, "raised: side"),
        ({"input": "exertion", "value": 2.5}, "exertion is 2.5"),
        ({"input": "lifts_per_minute", "value": 3.0, "end_s": 4.0}, "lifts_per_minute is set"),
        ({"input": "lift_from_reach_cm", "value": -3.0}, "lift_from_reach_cm"),
        ({"input": "lifting_duration", "value": "weeks"}, "lifting_duration"),
        ({"input": "raised", "value": True, "start_s": -1.0}, "raised: start_s"),
        ({"input": "raised", "value": True, "start_s": 5.0, "end_s": 5.0}, "raised: end_s"),
        ({"input": "raised", "value": True, "start_s": 11.0}, "raised"),
        ({"input": "raised", "value": True, "end_s": 10.4}, "raised"),
        ({"input": "raised", "value": True, "why": "x" * 1001}, "raised: why"),
    ],
)
def test_what_cannot_be_is_refused_by_name(override, word):
    with pytest.raises(SettingsError, match=word) as caught:
        check_overrides([Override(**override)], FILM_S)
    assert caught.value.hint


def test_contradictions_are_refused_and_agreement_is_not():
    one = Override(input="raised", value=True, end_s=5.0)
    check_overrides([one, one, Override(input="raised", value=False, start_s=5.0)], FILM_S)
    check_overrides(
        [Override(input="raised", value=True, side="left"), Override(input="raised", value=False, side="right")]
    )
    with pytest.raises(SettingsError, match="raised"):
        check_overrides([one, Override(input="raised", value=False, start_s=4.0, side="left")])


def overrides():
    spans = st.tuples(st.integers(0, 20), st.integers(1, 10)).map(lambda s: (float(s[0]), float(s[0] + s[1])))
    return st.builds(
        lambda value, side, span, whole: Override(
            input="raised", value=value, side=side, start_s=None if whole else span[0], end_s=None if whole else span[1]
        ),
        st.booleans(), st.sampled_from([None, "left", "right"]), spans, st.booleans(),
    )  # fmt: skip


@given(st.lists(overrides(), max_size=6), st.lists(overrides(), max_size=4))
def test_the_later_one_holds(earlier, later):
    first = layered((), earlier)
    both = layered(first, later)
    check_overrides(both)
    times = np.arange(0, 32, 0.5) + 0.25

    def held(said, time_s, side):
        """What the last one that speaks of this side and time says."""
        values = [
            o.value for o in said if o.side in (None, side) and start_of(o) <= time_s < end_of(o)
        ]  # fmt: skip
        return values[-1] if values else None

    for time_s in times:
        for side in SIDES:
            assert held(both, time_s, side) == held([*earlier, *later], time_s, side)


@given(st.floats(0, 9), st.floats(0.01, 5))
def test_a_span_always_has_a_frame(start_s, length_s):
    frames = frames_of(Override(input="raised", value=True, start_s=start_s, end_s=start_s + length_s), T)
    assert frames.any()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("trunk_twisted=no@12.0-15.5", Override(input="trunk_twisted", value=False, start_s=12.0, end_s=15.5)),
        ("upper_arm_flexion.left<=45", Override(input="upper_arm_flexion", value=45.0, rule="at_most", side="left")),
        ("load_kg=6@3-", Override(input="load_kg", value=6.0, start_s=3.0)),
        ("neck_flexion >= -4", Override(input="neck_flexion", value=-4.0, rule="at_least")),
        ("lift=no@4-5.2", Override(input="lift", value=False, start_s=4.0, end_s=5.2)),
        ("lift_from_reach_cm<=40", Override(input="lift_from_reach_cm", value=40.0, rule="at_most")),
        ("exertion=4", Override(input="exertion", value=4.0)),
        ("coupling=poor@-4", Override(input="coupling", value="poor", end_s=4.0)),
    ],
)
def test_as_people_type_it(text, wanted):
    assert parse_override(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "trunk", "trunk=", "trunk_flexion=far", "trunk_twisted=maybe", "mood=1", "raised.up=yes", "load_kg=6@b-c"],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(SettingsError):
        parse_override(text)


def test_words():
    assert described(Override(input="raised", value=True, side="left")) == "Left shoulder raised: yes"
    assert described(Override(input="trunk_flexion", value=-5.0)) == "Trunk bend −5°"
    assert described(Override(input="load_kg", value=6.5, rule="at_most")) == "Load at most 6.5 kg"
    assert described(Override(input="stance", value="both_legs")) == "Stance on both legs"
