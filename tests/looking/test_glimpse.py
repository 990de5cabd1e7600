"""The first look at one piece: of the likeliest worker, second for second of the piece's own part."""

from dataclasses import replace

import numpy as np
import pytest

from ergo.body.landmarks import LANDMARK
from ergo.errors import JobFailed
from ergo.looking.glimpse import decode_glimpse, encode_glimpse, glimpse
from ergo.looking.part import Part
from ergo.looking.plan import Plan, cut
from ergo.pose.tracking import Sighting
from ergo.types import Keypoints, VideoInfo

FPS = 10.0


def film(duration_s=60.0):
    times_s = np.arange(round(duration_s * FPS)) / FPS
    info = VideoInfo(
        width_px=640, height_px=360, rotation_deg=0, duration_s=duration_s, fps=FPS, frame_count=len(times_s),
        codec="h264", timestamps_s=times_s, start_s=0.0,
    )  # fmt: skip
    return Plan(video_name="a.mp4", video=info, turn_deg=0, quality="low", pieces=cut(info, 20.0))


def leaning(times_s, lean_deg, seen):
    """Somebody whose trunk leans so far, in the pictures in which they are seen."""
    count = len(times_s)
    xyz_m = np.zeros((count, 33, 3), np.float32)
    lean = np.radians(lean_deg)
    for name in ("left_shoulder", "right_shoulder"):
        xyz_m[:, LANDMARK[name]] = np.stack([0.5 * np.sin(lean), -0.5 * np.cos(lean), 0 * lean], axis=1)
    xy_px = np.random.default_rng(1).uniform(100, 300, (count, 33, 2)).astype(np.float32)
    for array in (xyz_m, xy_px):
        array[~seen] = np.nan
    confidence = np.where(seen[:, None], 0.9, np.nan).astype(np.float32) * np.ones(33, np.float32)
    points = Keypoints(xy_px=xy_px, xyz_m=xyz_m, confidence=confidence, timestamps_s=times_s, track_id=0)
    return Sighting(keypoints=points, clothes=np.zeros(8, np.float32))


def part_of(plan, number, people):
    piece = plan.pieces[number]
    return Part(frames=np.arange(piece.first, piece.last), people=people, matches=(), stills=(), damage=None)


def test_it_tells_the_lean_of_its_own_seconds_and_where_nobody_was_seen():
    plan = film()
    piece = plan.pieces[1]
    times_s = plan.video.timestamps_s[piece.first : piece.last]
    seen = times_s < 30.0
    person = leaning(times_s, np.where(times_s < 25.0, 10.0, 45.0), seen)
    found = glimpse(plan, 1, part_of(plan, 1, (person,)))
    assert (found.begin_s, found.end_s, found.film_s) == (20.0, 40.0, 60.0)
    assert len(found.trunk_deg) == 20
    assert found.trunk_deg[:10] == pytest.approx((10.0,) * 5 + (45.0,) * 5, abs=0.1)
    assert found.trunk_deg[10:] == (None,) * 10
    assert decode_glimpse(encode_glimpse(found)) == found


def test_a_piece_without_people_tells_that():
    plan = film()
    assert set(glimpse(plan, 0, part_of(plan, 0, ())).trunk_deg) == {None}


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"schema": "ergo.glimpse/9"}', b'{"schema": "ergo.glimpse/1"}'])
def test_nothing_else_is_taken_for_one(raw):
    with pytest.raises(JobFailed):
        decode_glimpse(raw)


def test_a_trunk_upside_down_is_no_error():
    plan = replace(film())
    times_s = plan.video.timestamps_s[plan.pieces[0].first : plan.pieces[0].last]
    person = leaning(times_s, np.full(len(times_s), 175.0), np.ones(len(times_s), bool))
    assert glimpse(plan, 0, part_of(plan, 0, (person,))).trunk_deg[0] == pytest.approx(175.0, abs=0.1)
