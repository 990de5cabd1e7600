import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ergo.errors import JobFailed
from ergo.looking.plan import Plan, cut, decode_plan, encode_plan
from ergo.types import VideoInfo
from ergo.video.byte_ranges import Layout


def film(duration_s, fps, start_s=0.0):
    count = max(1, round(duration_s * fps))
    jitter = 0.3 / fps * np.sin(np.arange(count))
    times_s = np.arange(count) / fps + jitter - jitter[0]
    return VideoInfo(
        width_px=640, height_px=360, rotation_deg=0, duration_s=count / fps, fps=fps, frame_count=count, codec="h264",
        timestamps_s=times_s, start_s=start_s,
    )  # fmt: skip


@settings(deadline=None)
@given(duration_s=st.floats(0.1, 900.0), fps=st.sampled_from([5.0, 12.0, 29.97, 60.0]), piece_s=st.floats(10.0, 300.0))
def test_the_pieces_own_parts_make_up_the_film_and_overlap_their_neighbours(duration_s, fps, piece_s):
    info = film(duration_s, fps)
    pieces = cut(info, piece_s)
    assert [p.begin for p in pieces] == [0, *(p.end for p in pieces[:-1])]
    assert pieces[-1].end == pieces[-1].last == info.frame_count and pieces[0].first == 0
    for before, piece in pairwise(pieces):
        begin_s = info.timestamps_s[piece.begin]
        assert begin_s - info.timestamps_s[piece.first] <= 4.0 < begin_s - info.timestamps_s[piece.first] + 2 / fps
        assert before.last > before.end and piece.first < piece.begin
    if duration_s < 1.4 * piece_s:
        assert len(pieces) == 1


def test_a_film_that_cannot_be_entered_in_the_middle_stays_whole():
    assert len(cut(film(600.0, 12.0, start_s=math.nan), 60.0)) == 1


def test_a_plan_travels_unchanged_and_nothing_else_is_taken_for_one():
    info = film(300.0, 29.97)
    plan = Plan(video_name="a.mp4", video=info, turn_deg=0, quality="low", pieces=cut(info, 60.0))
    layout = Layout(frame=((0, 10), (90, 100)), pieces=((5, 40), (35, 90)))
    placed, odd = replace(plan, layout=layout), replace(plan, video=replace(info, start_s=math.nan))
    assert decode_plan(encode_plan(placed)).layout == layout
    for one in (plan, plan.turned(90), placed, odd):
        raw = encode_plan(one)
        assert encode_plan(decode_plan(raw)) == raw
        np.testing.assert_array_equal(decode_plan(raw).video.timestamps_s, info.timestamps_s)
    for bad in (b"", b"[]", b"{}", raw.replace(b"plan/3", b"plan/9"), raw.replace(b'"quality"', b'"x"')):
        with pytest.raises(JobFailed):
            decode_plan(bad)
