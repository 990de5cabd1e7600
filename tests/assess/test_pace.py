from __future__ import annotations

import numpy as np
from assess_people import angles_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.assess.pace import held_s, observe_paces


def by_hand(values: np.ndarray) -> np.ndarray:
    """Every stretch from every sample, one sample after the other."""
    seconds = np.zeros(len(values))
    for first, value in enumerate(values):
        low = high = value
        last = first
        while last + 1 < len(values) and np.ptp([low, high, values[last + 1]]) <= 10:  # NaN ends it
            last += 1
            low, high = min(low, values[last]), max(high, values[last])
        seconds[first : last + 1] = np.maximum(seconds[first : last + 1], (last - first) / 10)
    return np.where(np.isnan(values), np.nan, seconds)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(42, 250), st.floats(0.2, 4), st.booleans())
def test_a_frame_is_held_as_long_as_its_longest_stretch_within_ten_degrees(seed, count, step_deg, gaps):
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(0, step_deg, count))
    if gaps:
        values[rng.random(count) < 0.05] = np.nan
    np.testing.assert_allclose(held_s(values, np.arange(count) / 10), by_hand(values))


def test_a_gap_in_time_ends_a_stretch_and_a_short_film_tells_nothing():
    t = np.concatenate([np.arange(0, 5, 0.1), np.arange(10, 13, 0.1)])
    held = held_s(np.full(len(t), 20.0), t)
    assert 4.8 <= held[0] <= 5.1
    assert 2.7 <= held[-1] <= 3.1
    assert np.isnan(held_s(np.zeros(30), np.arange(30) / 10)).all()


def test_parts_are_held_and_moved_each_for_itself():
    t = np.arange(0, 90, 0.1)
    swing = 40 + 20 * np.sin(2 * np.pi * t / 10)
    paces = observe_paces(angles_of(t, trunk_flexion=30, trunk_twist=swing, left_arm_elevation_gravity=swing))
    assert (paces.trunk.hold_s > 89).all()
    assert (paces.trunk.per_minute == 0).all()
    for pace in (paces.upper_arms["left"], paces.trunk_turn):
        assert np.nanmax(pace.hold_s) < 4
        assert np.isin(pace.per_minute, (5, 6, 7)).all()
    assert (paces.upper_arms["right"].hold_s > 89).all()
