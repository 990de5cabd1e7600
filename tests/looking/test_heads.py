"""Discs over heads: a head that is there is held at every moment, whatever was seen of it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.body.landmarks import Landmark as L
from ergo.looking.heads import AFTER_S, head_discs, heads_seen
from ergo.types import Keypoints

PX_PER_M = 200.0
REACH_PX = 0.115 * PX_PER_M
"""Half of what lies between chin and crown."""
FACE_PX = 0.075 * PX_PER_M
BEFORE_S = 3.0

# metres about the middle of the head: x right, y down, z away
_POINTS_M = {
    L.NOSE: (0.0, 0.03, -0.11), L.LEFT_EYE: (0.03, 0.0, -0.09), L.RIGHT_EYE: (-0.03, 0.0, -0.09),
    L.LEFT_EYE_INNER: (0.02, 0.0, -0.09), L.LEFT_EYE_OUTER: (0.045, 0.0, -0.08),
    L.RIGHT_EYE_INNER: (-0.02, 0.0, -0.09), L.RIGHT_EYE_OUTER: (-0.045, 0.0, -0.08),
    L.LEFT_EAR: (0.075, 0.01, 0.0), L.RIGHT_EAR: (-0.075, 0.01, 0.0),
    L.MOUTH_LEFT: (0.025, 0.07, -0.09), L.MOUTH_RIGHT: (-0.025, 0.07, -0.09),
    L.LEFT_SHOULDER: (0.18, 0.27, 0.0), L.RIGHT_SHOULDER: (-0.18, 0.27, 0.0),
    L.LEFT_HIP: (0.12, 0.77, 0.0), L.RIGHT_HIP: (-0.12, 0.77, 0.0),
}  # fmt: skip


def body_m(turn_deg=0.0):
    points = np.full((33, 3), (0.0, 0.9, 0.0))
    for index, place in _POINTS_M.items():
        points[index] = place
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    return points @ np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]).T


def person(times_s, heads_px, *, turn_deg=0.0, noise_px=0.0, seen=None):
    xyz = np.tile(body_m(turn_deg), (len(times_s), 1, 1))
    xy = heads_px[:, None] + PX_PER_M * xyz[..., :2]
    xy = xy + noise_px * np.random.default_rng(0).standard_normal(xy.shape)
    if seen is not None:
        xy[~seen], xyz[~seen] = np.nan, np.nan
    return Keypoints(
        xy_px=xy.astype(np.float32), xyz_m=xyz.astype(np.float32), confidence=np.ones(xy.shape[:2], np.float32),
        timestamps_s=times_s, track_id=0,
    )  # fmt: skip


def held(discs, number, head_px, reach_px=REACH_PX):
    own = discs[discs[:, 0] == number]
    return bool((np.linalg.norm(own[:, 1:3] - head_px, axis=1) + reach_px <= own[:, 3]).any())


@settings(deadline=None, max_examples=25)
@given(
    rate_hz=st.sampled_from([6.0, 7.5, 12.0]),
    pace_m_s=st.floats(0.0, 1.5),
    sway_m=st.floats(0.0, 0.1),
    turn_deg=st.floats(-180.0, 180.0),
    gap=st.tuples(st.floats(1.0, 4.0), st.floats(0.0, 1.7)),
)
def test_a_head_is_held_in_every_picture_over_gaps_and_beyond_the_ends(rate_hz, pace_m_s, sway_m, turn_deg, gap):
    """Walking and swaying, seen from 1 s on, lost for a while, and followed until 6 s of 7."""
    times_s = np.arange(0.0, 7.0, 1 / rate_hz)
    shown_s = np.arange(0.0, 7.0, 1 / 15)

    def head_px(at_s):
        x = 300.0 + PX_PER_M * (pace_m_s * at_s + sway_m * np.sin(2 * at_s))
        return np.column_stack([x, 200.0 + PX_PER_M * sway_m * np.cos(2 * at_s)])

    lost = (times_s > gap[0]) & (times_s < gap[0] + gap[1])
    seen = (times_s >= 1.0) & (times_s <= 6.0) & ~lost
    discs = head_discs([person(times_s, head_px(times_s), turn_deg=turn_deg, seen=seen)], shown_s, BEFORE_S)
    true = head_px(shown_s)
    for number, t in enumerate(shown_s):
        certain = (np.abs(times_s[seen] - t) < 0.1).any()
        if 0.5 <= t <= 6.5:
            assert held(discs, number, true[number], REACH_PX if certain else FACE_PX), t
    assert np.all(np.diff(discs[:, 0]) >= 0)


def test_who_stands_still_is_held_as_long_as_may_have_gone_by_and_no_longer():
    times_s, shown_s = np.arange(0.0, 20.0, 0.125), np.arange(0.0, 20.0, 1 / 30)
    heads_px = np.full((len(times_s), 2), 150.0)
    seen = (times_s >= 8.0) & (times_s <= 12.0)
    discs = head_discs([person(times_s, heads_px, seen=seen)], shown_s, BEFORE_S)
    at_s = shown_s[discs[:, 0].astype(int)]
    assert at_s.min() < 8.0 - BEFORE_S + 0.1 and at_s.max() > 12.0 + AFTER_S - 0.1
    assert at_s.min() >= 8.0 - BEFORE_S - 1e-9 and at_s.max() <= 12.0 + AFTER_S + 1e-9
    assert all(held(discs, n, heads_px[0]) for n, t in enumerate(shown_s) if at_s.min() <= t <= at_s.max())


def test_discs_do_not_shake_with_the_landmarks():
    times_s = np.arange(0.0, 10.0, 0.125)
    noisy = person(times_s, np.full((len(times_s), 2), 150.0), noise_px=4.0)
    raw, _ = heads_seen(noisy.xy_px, noisy.xyz_m)
    discs = head_discs([noisy], times_s, BEFORE_S)
    assert np.std(np.diff(discs[:, 1])) < 0.6 * np.std(np.diff(raw[:, 0]))
    assert np.all(np.linalg.norm(raw - discs[:, 1:3], axis=1) + REACH_PX <= discs[:, 3])
    assert np.median(discs[:, 3]) < 2 * REACH_PX


def test_a_face_that_is_not_known_is_looked_for_above_the_shoulders():
    times_s = np.arange(0.0, 2.0, 0.125)
    one = person(times_s, np.full((len(times_s), 2), 150.0))
    one.xy_px[:, : L.MOUTH_RIGHT + 1] = np.nan
    middle, radius = heads_seen(one.xy_px, one.xyz_m)
    assert np.all(np.linalg.norm(middle - 150.0, axis=1) + REACH_PX < radius * 1.2)
    one.xy_px[:] = np.nan
    assert len(head_discs([one], times_s, BEFORE_S)) == 0
    assert head_discs([], times_s, BEFORE_S).shape == (0, 4)
