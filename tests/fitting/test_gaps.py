import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ergo.fitting.gaps import MAX_GAP_S, bridge_gaps, complete, runs, smooth


def series(missing, count=30, fps=10.0):
    t = np.arange(count) / fps
    values = np.stack([t, 2 * t], axis=1)
    values[list(missing)] = np.nan
    return values, t


def test_short_gap_is_bridged_linearly():
    values, t = series({5, 6})
    filled, known = bridge_gaps(values, t)
    assert known.all()
    assert np.allclose(filled[5:7], np.stack([t, 2 * t], axis=1)[5:7])


def test_long_gap_stays_a_gap():
    values, t = series({5, 6, 7})
    filled, known = bridge_gaps(values, t)
    assert not known[5:8].any()
    assert np.isnan(filled[5:8]).all()


def test_gap_is_measured_in_time_not_frames():
    values, t = series({5, 6, 7, 8})
    assert bridge_gaps(values, t / 10)[1].all()


@given(st.sets(st.integers(0, 29)))
def test_bridging_never_changes_what_is_known_nor_the_ends(missing):
    values, t = series(missing)
    filled, known = bridge_gaps(values, t)
    was = complete(values)
    assert np.array_equal(filled[was], values[was])
    for run in runs(~known):
        inside = run.start > 0 and run.stop < len(t)
        if inside:
            assert t[run.stop] - t[run.start - 1] > MAX_GAP_S


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_runs_cover_exactly_the_true_frames(mask):
    mask = np.array(mask)
    covered = np.zeros(len(mask), dtype=bool)
    for run in runs(mask):
        assert not covered[run].any()
        covered[run] = True
    assert np.array_equal(covered, mask)


def test_smoothing_does_not_leak_across_a_gap():
    values, t = series({10, 11, 12, 13, 14})
    values[15:] += 100.0
    smoothed = smooth(values, t, 0.2)
    assert smoothed[:10].max() < 10
    assert smoothed[15:].min() > 90
    assert np.isnan(smoothed[10:15]).all()


def test_smoothing_keeps_a_straight_line_in_the_middle():
    values, t = series(())
    assert np.allclose(smooth(values, t, 0.1)[10:20], values[10:20])
