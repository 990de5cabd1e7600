from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ergo.video.geometry import displayed_size, fitted_size, nearest_frames, sampled_frames

SIDES = st.integers(1, 20_000)
TIMES = st.lists(st.integers(1, 5000), min_size=0, max_size=60).map(
    lambda gaps: np.cumsum([0, *gaps]).astype(float) / 1000
)


@given(SIDES, SIDES, st.integers(16, 4096))
def test_fits_and_is_never_enlarged(width, height, limit):
    w, h = fitted_size(width, height, limit)
    assert max(w, h) <= max(2, limit + 1)
    assert w <= max(2, width)
    assert h <= max(2, height)
    if max(width, height) <= limit:
        assert (w, h) == (width, height)
    else:
        assert w % 2 == h % 2 == 0
        if min(w, h) > 100:
            assert abs(w / h / (width / height) - 1) < 0.03


@given(SIDES, SIDES, st.sampled_from([0, 90, 180, 270]))
def test_turning_swaps_the_sides(width, height, rotation):
    assert sorted(displayed_size(width, height, 1.0, rotation)) == sorted((width, height))
    assert displayed_size(width, height, 1.0, 0) == (width, height)


@given(TIMES, st.lists(st.floats(-1, 400), min_size=1, max_size=20))
def test_nearest_is_nearest(timestamps_s, times_s):
    found = nearest_frames(timestamps_s, np.array(times_s))
    for time_s, index in zip(times_s, found, strict=True):
        assert abs(timestamps_s[index] - time_s) == np.abs(timestamps_s - time_s).min()


@given(TIMES, st.one_of(st.none(), st.floats(0.1, 100)))
def test_samples_rise_and_start_with_the_first(timestamps_s, rate_hz):
    picked = sampled_frames(timestamps_s, rate_hz)
    assert picked[0] == 0
    assert (np.diff(picked) > 0).all()
    assert picked[-1] < len(timestamps_s)


def test_jitter_loses_no_frame_when_the_rates_agree():
    jitter = np.random.default_rng(0).uniform(-0.01, 0.01, 300)
    timestamps_s = np.sort(np.arange(300) / 30 + jitter)
    timestamps_s -= timestamps_s[0]
    assert len(sampled_frames(timestamps_s, 30.0)) == 300


def test_half_rate_takes_every_other_frame():
    assert sampled_frames(np.arange(60) / 30, 15.0).tolist() == list(range(0, 60, 2))
