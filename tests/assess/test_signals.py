from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.assess.signals import (
    cycles_a_minute,
    fill_short_gaps,
    frame_durations,
    held_a_minute,
    hysteresis,
    lasting,
    median_filtered,
    runs,
    swing,
)

NAN = np.nan


def test_gaps_up_to_a_third_of_a_second_are_bridged_and_longer_ones_stay():
    t = np.arange(20) / 10
    values = t.copy()
    values[3:5] = NAN  # 0.2 s to 0.5 s: the samples around it are 0.3 s apart
    values[10:13] = NAN  # 0.4 s apart
    filled = fill_short_gaps(values, t)
    assert np.allclose(filled[:10], t[:10])
    assert np.isnan(filled[10:13]).all()
    assert np.array_equal(filled[13:], t[13:])


def test_gaps_at_the_ends_are_never_filled():
    filled = fill_short_gaps(np.array([NAN, 1.0, 2.0, NAN]), np.arange(4) / 30)
    assert np.isnan(filled[[0, 3]]).all()


def test_median_drops_single_wrong_frames_and_keeps_steps():
    t = np.arange(60) / 30
    values = np.where(t < 1, 0.0, 50.0)
    wrong = values.copy()
    wrong[[10, 40]] = 170.0
    assert np.array_equal(median_filtered(wrong, t), values)


@given(st.lists(st.floats(-90, 90) | st.just(NAN), min_size=1, max_size=60), st.data())
def test_median_equals_the_plain_median_of_what_is_within_the_window(values, data):
    steps = data.draw(st.lists(st.floats(0.01, 0.2), min_size=len(values), max_size=len(values)))
    t, values = np.cumsum(steps), np.array(values)
    filled = fill_short_gaps(values, t)
    filtered = median_filtered(values, t)
    for i, time in enumerate(t):
        window = filled[np.abs(t - time) <= 0.125 + 1e-6]
        expected = np.median(window[np.isfinite(window)]) if np.isfinite(filled[i]) else NAN
        assert filtered[i] == pytest.approx(expected, nan_ok=True)


def test_hysteresis_turns_on_above_and_off_below():
    values = np.array([8, 9, 10.1, 8, 7, 6.9, 8, 11, NAN, 8, 12, 8])
    expected = [0, 0, 1, 1, 1, 0, 0, 1, NAN, 0, 1, 1]
    assert np.array_equal(hysteresis(values, 10, 7), expected, equal_nan=True)


@given(st.lists(st.floats(0, 20) | st.just(NAN), max_size=80))
def test_hysteresis_equals_a_state_machine(values):
    state, expected = 0.0, []
    for value in values:
        if np.isnan(value):
            state = 0.0
            expected.append(NAN)
            continue
        state = 1.0 if value > 10 else 0.0 if value < 7 else state
        expected.append(state)
    assert np.array_equal(hysteresis(np.array(values, dtype=float), 10, 7), expected, equal_nan=True)


def test_runs_end_at_gaps_in_time():
    t = np.array([0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2])
    first, last, seconds = runs(np.ones(7, dtype=bool), t)
    assert (first.tolist(), last.tolist()) == ([0, 4], [3, 6])
    assert np.allclose(seconds, [0.4, 0.3])


def test_stretches_shorter_than_asked_are_dropped():
    t = np.arange(30) / 10
    state = np.zeros(30)
    state[2:5], state[10:20], state[25] = 1, 1, NAN
    kept = lasting(state, t, 0.5)
    assert kept[2:5].sum() == 0
    assert kept[10:20].all()
    assert np.isnan(kept[25])


def test_frames_last_until_the_next():
    assert np.allclose(frame_durations(np.array([0, 0.1, 0.4])), [0.1, 0.3, 0.2])
    assert frame_durations(np.array([3.0])).tolist() == [0.0]
    assert frame_durations(np.array([])).size == 0


def test_held_needs_more_than_a_minute_within_five_degrees():
    t = np.arange(0, 100, 0.1)
    moving = 40 * np.sin(t)
    long, short = moving.copy(), moving.copy()
    long[100:720], short[100:690] = 30 + 4 * np.sin(t[100:720]), 30
    assert held_a_minute(long, t)[110:710].all()
    assert not held_a_minute(short, t).any()
    too_much = np.where(np.arange(len(t)) % 600 < 300, 24.0, 36.0)
    assert not held_a_minute(too_much, t).any()


def test_a_gap_ends_what_is_held():
    t = np.arange(0, 100, 0.1)
    values = np.zeros(len(t))
    values[500:510] = NAN
    assert not held_a_minute(values, t).any()


def test_under_a_minute_of_film_nothing_is_told_of_held_or_repeated():
    t = np.arange(0, 59.5, 0.1)
    assert np.isnan(held_a_minute(np.zeros(len(t)), t)).all()
    assert np.isnan(cycles_a_minute(np.zeros(len(t)), t)).all()


@pytest.mark.parametrize("per_minute", [2, 4, 12])
def test_cycles_are_counted_per_minute(per_minute):
    t = np.arange(0, 180, 1 / 25)
    values = 30 - 30 * np.cos(2 * np.pi * per_minute / 60 * t)
    assert np.abs(cycles_a_minute(values, t) - per_minute).max() <= 1


def test_small_movements_are_no_cycles_and_mostly_unseen_minutes_are_not_judged():
    t = np.arange(0, 120, 0.1)
    values = 9 * np.sin(2 * np.pi * t / 6)
    assert (cycles_a_minute(values, t) == 0).all()
    values[:200] = NAN
    assert np.isnan(cycles_a_minute(values, t)[:300]).all()
    assert (cycles_a_minute(values, t)[-300:] == 0).all()


def test_swing_is_the_range_within_the_window():
    t = np.arange(0, 4, 0.1)
    values = np.where(t < 2, 0.0, 60.0)
    values[5] = NAN
    found = swing(values, t, 1.0)
    assert np.isnan(found[5])
    assert found[16] == found[24] == 60
    assert found[0] == found[-1] == 0
