"""Parts of a film put together: who is who over the cuts, landmarks without a step, a film as long as it was."""

from dataclasses import replace

import numpy as np
import pytest
from pose_scenes import detection

from ergo.errors import NoFrames
from ergo.looking.join import join
from ergo.looking.part import Part, read_part, write_part
from ergo.looking.plan import Plan
from ergo.pose.tracking import Sighting
from ergo.types import Keypoints, VideoInfo
from ergo.video.background import Matches
from ergo.video.limits import Frame, Stretch

FPS = 10.0
COUNT = 400
TIMES_S = np.arange(COUNT) / FPS
INFO = VideoInfo(
    width_px=1280, height_px=720, rotation_deg=0, duration_s=COUNT / FPS, fps=FPS, frame_count=COUNT, codec="h264",
    timestamps_s=TIMES_S,
)  # fmt: skip
PIECES = (
    Stretch(first=0, begin=0, end=150, last=160),
    Stretch(first=110, begin=150, end=300, last=310),
    Stretch(first=260, begin=300, end=400, last=400),
)
PLAN = Plan(video_name="film.mp4", video=INFO, turn_deg=0, quality="low", pieces=PIECES)
RED, BLUE = np.array([200.0, 20, 20, 60, 60, 60]), np.array([20.0, 20, 200, 60, 60, 60])


def seen(piece, x_px, number=0, clothes=RED, present=lambda time_s: True):
    """Somebody in a piece; `x_px` is where they are at a time, None for nowhere."""
    frames = np.arange(piece.first, piece.last)
    shape = (len(frames), 33)
    xy, xyz = np.full((*shape, 2), np.nan, np.float32), np.full((*shape, 3), np.nan, np.float32)
    confidence = np.full(shape, np.nan, np.float32)
    for row, time_s in enumerate(TIMES_S[frames]):
        if present(time_s):
            body = detection(x_px(time_s))
            xy[row], xyz[row], confidence[row] = body.xy_px, body.xyz_m, body.confidence
    points = Keypoints(xy_px=xy, xyz_m=xyz, confidence=confidence, timestamps_s=TIMES_S[frames], track_id=number)
    return Sighting(keypoints=points, clothes=clothes)


def part(piece, *people, damage=None):
    count = piece.last - piece.first
    still = Frame(
        index=piece.begin, timestamp_s=float(TIMES_S[piece.begin]), rgb=np.zeros((4, 4, 3), np.uint8), scale=1.0
    )
    return Part(
        frames=np.arange(piece.first, piece.last),
        people=people,
        matches=tuple(Matches(key=0) for _ in range(count)),
        stills=((piece.begin - piece.first, still), (0, replace(still, index=piece.first))),
        damage=damage,
    )


def hips_px(person):
    return person.xy_px[:, 23:25, 0].mean(axis=1)


def test_everybody_keeps_their_name_over_the_cuts_and_no_step_is_left():
    def walk(time_s):
        return 300 + 8 * time_s

    parts = [
        part(PIECES[0], seen(PIECES[0], walk), seen(PIECES[0], lambda t: 900, 1, BLUE)),
        # the other way round, and a little beside
        part(PIECES[1], seen(PIECES[1], lambda t: 900, 0, BLUE), seen(PIECES[1], lambda t: walk(t) + 6, 1)),
        part(PIECES[2], seen(PIECES[2], walk), seen(PIECES[2], lambda t: 900, 1, BLUE)),
    ]
    film = join(PLAN, parts)
    assert len(film.people) == 2
    walker = max(film.people, key=lambda p: np.ptp(hips_px(p)))
    assert np.isfinite(hips_px(walker)).all()
    steps_px = np.diff(hips_px(walker))
    assert steps_px.max() < 0.8 + 6 / 8  # 6 pixels shared out over the ten pictures of the fade
    np.testing.assert_array_equal(walker.timestamps_s, TIMES_S)
    assert len(film.matches) == COUNT and film.matches[160].key == 110
    assert [(number, frame.index) for number, frame in film.stills] == [(0, 0), (0, 0), (150, 150), (300, 300)]


def test_somebody_who_comes_back_in_a_later_piece_is_known_again_by_place_and_clothes():
    def early(time_s):
        return time_s < 9.0

    def late(time_s):
        return time_s > 32.0

    first = part(PIECES[0], seen(PIECES[0], lambda t: 400, 0, RED, early), seen(PIECES[0], lambda t: 900, 1, BLUE))
    second = part(PIECES[1], seen(PIECES[1], lambda t: 900, 0, BLUE))
    for clothes, people in ((RED, 2), (BLUE + 10, 3)):
        back = seen(PIECES[2], lambda t: 420, 1, clothes, late)
        film = join(PLAN, [first, second, part(PIECES[2], seen(PIECES[2], lambda t: 900, 0, BLUE), back)])
        assert len(film.people) == people


def test_somebody_seen_for_a_moment_only_is_nobody():
    ghost = seen(PIECES[1], lambda t: 500, 1, BLUE, lambda t: 20 < t < 20.35)
    film = join(PLAN, [part(PIECES[0]), part(PIECES[1], seen(PIECES[1], lambda t: 900), ghost), part(PIECES[2])])
    assert len(film.people) == 1


def test_an_unreadable_piece_leaves_a_gap_and_a_note():
    nothing = Part(frames=np.zeros(0, np.int64), people=(), matches=(), stills=(), damage="No picture.")
    there = [part(piece, seen(piece, lambda t: 500)) for piece in PIECES]
    film = join(PLAN, [there[0], nothing, there[2]])
    assert film.damage == "No picture."
    (person,) = film.people
    assert len(person.timestamps_s) == 250 and person.found.all()
    with pytest.raises(NoFrames):
        join(PLAN, [nothing, nothing, nothing])


def test_a_part_travels_unchanged(tmp_path):
    before = part(PIECES[1], seen(PIECES[1], lambda t: 500), damage="a little")
    moved = Matches(key=3, key_px=np.ones((5, 2), np.float32), now_px=np.zeros((5, 2), np.float32), cut=True)
    before = replace(before, matches=(moved, *before.matches[1:]))
    write_part(tmp_path / "a.npz", before)
    after = read_part(tmp_path / "a.npz")
    write_part(tmp_path / "b.npz", after)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    np.testing.assert_array_equal(after.matches[0].key_px, moved.key_px)
    assert after.damage == "a little" and after.stills[0][1].index == 150
