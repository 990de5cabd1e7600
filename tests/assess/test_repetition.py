"""Movements, work cycles and doses of angles made by formula."""

from __future__ import annotations

import numpy as np
import pytest
from assess_people import angles_of

from ergo.assess.cycles import find_repetition
from ergo.assess.dose import doses
from ergo.types import Override

RATE_HZ = 15.0


def wave(seconds, period_s, low=0.0, high=50.0):
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return t, low + (high - low) * (0.5 - 0.5 * np.cos(2 * np.pi * t / period_s))


def part(repetition, name):
    return next(entry for entry in repetition.parts if entry.part == name)


def test_a_regular_movement_is_counted_and_timed():
    t, bend = wave(90, 4.5)
    repetition = find_repetition(angles_of(t, trunk_flexion=bend))
    trunk = part(repetition, "trunk")
    assert trunk.count == 20 and trunk.per_minute == pytest.approx(60 / 4.5, rel=0.05)
    assert trunk.period_s == pytest.approx(4.5, abs=0.1) and trunk.spread < 0.05
    assert part(repetition, "left_knee").count == 0
    assert repetition.work.period_s == pytest.approx(4.5, abs=0.1)
    assert repetition.work.count == pytest.approx(20, abs=0.5) and repetition.work.regularity > 0.9


def test_on_a_short_film_no_rate_is_told():
    t, bend = wave(20, 4.0)
    trunk = part(find_repetition(angles_of(t, trunk_flexion=bend)), "trunk")
    assert trunk.count == 5 and np.isnan(trunk.per_minute)


def test_small_movements_and_noise_are_no_cycles():
    t, bend = wave(90, 4.5, 0, 15)
    repetition = find_repetition(angles_of(t, trunk_flexion=bend))
    assert part(repetition, "trunk").count == 0
    noise = np.cumsum(np.random.default_rng(0).normal(0, 3, len(t)))
    assert np.isnan(find_repetition(angles_of(t, trunk_flexion=noise)).work.period_s)


def test_a_cycle_that_fits_only_twice_is_not_told():
    t, bend = wave(60, 25.0)
    assert np.isnan(find_repetition(angles_of(t, trunk_flexion=bend)).work.period_s)


def test_a_part_that_is_little_seen_is_not_assessed():
    t, bend = wave(90, 4.5)
    bend[: len(bend) // 3] = np.nan
    angles = angles_of(t, trunk_flexion=bend)
    trunk = part(find_repetition(angles), "trunk")
    assert np.isnan(trunk.count) and trunk.coverage == pytest.approx(2 / 3, abs=0.02)
    dose = next(entry for entry in doses(angles, np.ones(len(t), bool)) if entry.part == "trunk")
    assert not dose.assessed and dose.seconds_above == {} and np.isnan(dose.median_deg)


def test_a_dose_adds_up_the_time_beyond_each_level():
    t = np.arange(int(30 * RATE_HZ)) / RATE_HZ
    bend = np.select([t < 10, t < 16], [5.0, 50.0], 25.0)
    dose = next(
        entry for entry in doses(angles_of(t, trunk_flexion=bend), np.ones(len(t), bool)) if entry.part == "trunk"
    )
    assert dose.seconds_above[20.0] == pytest.approx(20, abs=0.2)
    assert dose.seconds_above[45.0] == pytest.approx(6, abs=0.2) and dose.seconds_above[60.0] == 0
    assert dose.share_above[45.0] == pytest.approx(0.2, abs=0.01)
    assert dose.longest_s[20.0] == pytest.approx(20, abs=0.2) and dose.longest_s[45.0] == pytest.approx(6, abs=0.2)
    assert dose.degree_minutes == pytest.approx((6 * 30 + 14 * 5) / 60, rel=0.02)
    curve = np.array(dose.curve_s[20.0])
    assert (np.diff(curve) >= 0).all() and curve[0] == 0 and curve[-1] == pytest.approx(dose.seconds_above[20.0])
    assert np.interp(10, dose.curve_times_s, curve) == pytest.approx(0, abs=0.3)
    assert (dose.median_deg, dose.p90_deg) == (25.0, 50.0)


def test_a_dose_follows_what_is_set_where_somebody_was_found():
    t = np.arange(int(30 * RATE_HZ)) / RATE_HZ
    found = t >= 5.0
    angles = angles_of(t, trunk_flexion=np.where(found, 50.0, np.nan), left_knee_flexion=10.0)
    upright = Override(input="trunk_flexion", value=19.0, rule="at_most", start_s=10.0)
    kneels = Override(input="knee_flexion", value=90.0, end_s=15.0)
    by_part = {entry.part: entry for entry in doses(angles, found, (upright, kneels))}
    assert by_part["trunk"].seconds_above[20.0] == pytest.approx(5.0, abs=0.2)
    assert by_part["left_knee"].seconds_above[60.0] == pytest.approx(10.0, abs=0.2)
