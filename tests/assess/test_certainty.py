from dataclasses import replace

import numpy as np
import pytest
from assess_people import STANDING_M, angles_of, motion_of

from ergo.assess.certainty import with_certainty
from ergo.assess.exposure import summarise
from ergo.assess.score import assess
from ergo.methods.catalogue import METHODS
from ergo.types import Gravity, JointAngles, TaskContext

T = np.arange(40) / 8.0
STANDING = motion_of(STANDING_M, T)
SURE = TaskContext(load_kg=0.0, shock=False, coupling="good", arms_supported=False, legs_supported=True)
HELD = ("iso11226", "en1005_4")
"""Methods that ask how long a posture is held: drawn errors would tear it."""
UP = Gravity(up_cam=np.array([0.0, -1.0, 0.0]), sd_deg=4.0, source="user")


def drawn(angles: JointAngles, gravity=UP, **options):
    made = with_certainty(assess(STANDING, angles, SURE), STANDING, angles, gravity, SURE, **options)
    return {(a.method, a.side): a for a in made if a.method not in HELD}


def with_sd(angles: JointAngles, sd_deg: float, only: str = "") -> JointAngles:
    concerned = np.array([name.startswith(only) for name in angles.names])
    return replace(angles, sd_deg=np.where(angles.valid, sd_deg * concerned, np.nan))


def bent(trunk_deg: float) -> JointAngles:
    return angles_of(T, trunk_flexion=trunk_deg, trunk_inclination=abs(trunk_deg))


def test_exact_angles_leave_nothing_to_chance():
    for assessment in drawn(with_sd(bent(30), 0.0), versions=5).values():
        certainty = assessment.certainty
        assert certainty is not None
        np.testing.assert_array_equal(certainty.total_p05, assessment.total)
        np.testing.assert_array_equal(certainty.total_p95, assessment.total)
        assert np.all(certainty.level_chance.max(axis=1) == 1)


def test_on_the_edge_of_a_band_both_scores_are_as_likely():
    # 60° is where a bent trunk costs another point
    reba = drawn(with_sd(bent(60), 3.0, only="trunk_flexion"), versions=400)["reba", "left"]
    certainty = reba.certainty
    assert certainty is not None
    assert certainty.total_p95.min() > certainty.total_p05.max()
    np.testing.assert_allclose(certainty.level_chance.sum(axis=1), 1.0)
    low, high = np.unique(certainty.peaks)[[0, -1]]
    assert np.mean(certainty.peaks == high) == pytest.approx(0.5, abs=0.2)
    assert low < high


def test_larger_errors_widen_the_interval():
    widths = []
    for sd_deg in (1.0, 15.0):
        certainty = drawn(with_sd(bent(35), sd_deg), versions=100)["rula", "left"].certainty
        widths.append(float(np.mean(certainty.total_p95 - certainty.total_p05)))
    assert widths[1] > widths[0]


def test_what_is_not_assessed_has_no_chances():
    angles = bent(30)
    values = angles.values_deg.copy()
    values[10:20, angles.names.index("trunk_flexion")] = np.nan
    hidden = replace(
        angles,
        values_deg=values,
        valid=np.isfinite(values),
        sd_deg=np.where(np.isfinite(values), angles.sd_deg, np.nan),
    )
    for assessment in drawn(hidden, versions=5).values():
        certainty = assessment.certainty
        assert np.isnan(certainty.total_p05[10:20]).all()
        assert np.isnan(certainty.level_chance[10:20]).all()
        assert np.isfinite(certainty.total_p05[:10]).all()


def test_the_summary_tells_interval_chances_and_what_the_tilt_does():
    for (method, _), assessment in drawn(with_sd(bent(58), 3.0), versions=50).items():
        summary = summarise(assessment)
        assert summary.peak_p05 <= summary.peak <= summary.peak_p95
        assert set(summary.level_chance) == {entry.level for entry in METHODS[method].levels}
        assert sum(summary.level_chance.values()) == pytest.approx(1)
        assert summary.peak_if_tilted[0] <= summary.peak <= summary.peak_if_tilted[1]
    # 58° and 4° more cross the edge at 60°
    tilted = summarise(drawn(with_sd(bent(58), 3.0), versions=5)["reba", "left"]).peak_if_tilted
    steady = summarise(drawn(with_sd(bent(58), 3.0), replace(UP, sd_deg=0.5), versions=5)["reba", "left"])
    assert tilted[1] > tilted[0]
    assert steady.peak_if_tilted[0] == steady.peak_if_tilted[1]


def test_the_same_angles_give_the_same_certainty():
    first, again = (drawn(with_sd(bent(20), 5.0), versions=20)["rula", "right"].certainty for _ in range(2))
    np.testing.assert_array_equal(first.peaks, again.peaks)


def test_without_certainty_the_summary_says_so():
    summary = summarise(assess(STANDING, bent(30), SURE)[0])
    assert np.isnan(summary.peak_p05)
    assert summary.level_chance == {}


def test_what_asks_how_long_a_posture_is_held_is_not_drawn():
    angles = bent(30)
    made = with_certainty(assess(STANDING, angles, SURE), STANDING, angles, UP, SURE, versions=3)
    assert {a.method for a in made if a.certainty is None} == set(HELD)
