from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ergo.assess.exposure import summarise, sustained, weighted_percentile
from ergo.methods import reba
from ergo.types import Assessment

NAN = np.nan


def assessment_of(total, timestamps_s) -> Assessment:
    total = np.asarray(total, dtype=float)
    return Assessment(
        method="reba",
        side="left",
        timestamps_s=np.asarray(timestamps_s, dtype=float),
        total=total,
        total_low=np.maximum(total - 1, 1),
        total_high=np.minimum(total + 2, 15),
        level=np.asarray(reba.level(total)),
        parts={},
    )


scores_over_time = st.lists(
    st.tuples(st.integers(1, 15) | st.just(NAN), st.floats(0.02, 0.28)), min_size=2, max_size=80
)


@given(scores_over_time)
def test_shares_of_time_sum_to_one(frames):
    total, steps = np.array(frames).T
    summary = summarise(assessment_of(total, np.cumsum(steps)))
    if np.isnan(total).all():
        assert np.isnan([summary.peak, summary.median, *summary.share_of_time.values()]).all()
        assert summary.coverage == 0
        return
    assert sum(summary.share_of_time.values()) == pytest.approx(1)
    assert 0 < summary.coverage <= 1 + 1e-12
    spells = [summary.longest_spell_s[level] for level in range(5)]
    assert spells == sorted(spells, reverse=True)
    assert np.nanmin(total) <= summary.median <= summary.p90 <= np.nanmax(total)
    assert summary.peak_low <= summary.peak <= summary.peak_high
    assert summary.peak_level == reba.level(summary.peak)


@given(scores_over_time)
def test_showing_every_frame_twice_for_half_the_time_changes_nothing(frames):
    total, steps = np.array(frames).T
    starts = np.concatenate([[0], np.cumsum(steps)])[:-1]
    shown = np.append(np.diff(starts), np.median(np.diff(starts)))
    twice = np.column_stack([starts, starts + shown / 2]).ravel()
    a = summarise(assessment_of(total, starts))
    b = summarise(assessment_of(np.repeat(total, 2), twice))
    last_s = np.diff(twice)[-1] - np.median(np.diff(twice))  # only how long the very last frame lasts is a guess
    if abs(last_s) > 1e-9:
        return
    assert (a.median, a.p90) == pytest.approx((b.median, b.p90), nan_ok=True)
    for level in range(5):
        assert a.share_of_time[level] == pytest.approx(b.share_of_time[level], nan_ok=True)


def test_time_counts_not_frames():
    t = np.concatenate([np.arange(0, 5, 0.2), np.arange(5, 10, 0.02)])
    summary = summarise(assessment_of(np.where(t < 5, 2, 9), t))
    assert summary.share_of_time[1] == pytest.approx(0.5, abs=0.01)
    assert summary.share_of_time[3] == pytest.approx(0.5, abs=0.01)
    assert summary.longest_spell_s[3] == pytest.approx(5, abs=0.05)


def test_unseen_time_is_out_of_the_shares_and_in_the_coverage():
    t = np.arange(0, 10, 0.1)
    total = np.where(t < 4, 3.0, np.where(t < 6, NAN, 8.0))
    summary = summarise(assessment_of(total, t))
    assert summary.coverage == pytest.approx(0.8)
    assert summary.share_of_time[1] == pytest.approx(0.5)
    assert summary.longest_spell_s[1] == pytest.approx(4)


def test_a_hole_in_the_time_stamps_breaks_spells_and_lowers_the_coverage():
    t = np.concatenate([np.arange(0, 2, 0.1), np.arange(4, 6, 0.1)])
    summary = summarise(assessment_of(np.full(40, 9), t))
    assert summary.longest_spell_s[3] == pytest.approx(2)
    assert summary.coverage == pytest.approx(4.2 / 6.0, abs=0.01)


def test_the_peak_is_kept_up_for_half_a_second():
    t = np.arange(0, 4, 0.1)
    total = np.full(40, 4.0)
    total[10:14] = 12  # 0.4 s
    total[20:27] = [7, 8, 8, 8, 8, 8, 7]  # 8 for 0.5 s
    kept = sustained(total, t)
    assert kept[10:14].tolist() == [4, 4, 4, 4]
    assert kept[20:27].tolist() == [7, 8, 8, 8, 8, 8, 7]
    assert summarise(assessment_of(total, t)).peak == 8


def test_five_percent_of_the_time_does_not_make_the_peak():
    t = np.arange(0, 100, 0.1)
    total = np.full(1000, 3.0)
    total[:40] = 14
    assert summarise(assessment_of(total, t)).peak == 3
    total[:80] = 14
    assert summarise(assessment_of(total, t)).peak == 14


def test_nothing_is_kept_up_across_a_gap():
    t = np.arange(0, 2, 0.1)
    total = np.full(20, 9.0)
    total[4:6] = NAN
    total[9:] = NAN
    kept = sustained(total, t)
    assert np.isnan(kept).all()


def test_a_film_too_short_for_a_peak_takes_the_score_itself():
    assert summarise(assessment_of([5, 5], [0, 0.1])).peak == 5
    assert summarise(assessment_of([5], [0])).peak == 5


def test_an_empty_film():
    summary = summarise(assessment_of([], []))
    assert np.isnan(summary.peak)
    assert summary.coverage == 0


def test_weighted_percentile_is_one_of_the_values():
    assert weighted_percentile(np.array([1.0, 2, 3, NAN]), np.array([1.0, 1, 2, 9]), 50) == 2
    assert weighted_percentile(np.array([1.0, 2, 3]), np.array([1.0, 1, 2]), 51) == 3
    assert weighted_percentile(np.array([1.0, 2, 3]), np.array([1.0, 0, 0]), 99) == 1
