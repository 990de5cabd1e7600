"""A face that is on nobody's body: a rendered head on a wall, in a film in which nobody is."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from test_heads import person

from ergo.looking.heads import head_discs
from ergo.looking.look import look
from ergo.looking.plan import Plan
from ergo.looking.strangers import strange_faces
from ergo.pose.boxes import Box
from ergo.pose.face_tracks import SURE, WEAK, FaceSighting, face_tracks
from ergo.pose.faces import squares, watching_faces
from ergo.video.limits import DecodeLimits, Frame, Stretch
from ergo.video.probing import probe

CLIP = Path(__file__).parents[2] / "assets" / "examples" / "lift_squat.mp4"
LIMITS = DecodeLimits()
LEFT, TOP, SIDE = 160, 100, 56


@pytest.fixture(scope="module")
def wall():
    """A picture of a wall with a face on it."""
    with av.open(str(CLIP)) as source:
        rgb = next(source.decode(video=0)).to_ndarray(format="rgb24")
    picture = np.random.default_rng(4).normal(150, 12, (270, 480, 3)).clip(0, 255).astype(np.uint8)
    picture[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = rgb[114 : 114 + SIDE, 296 : 296 + SIDE]
    return picture


@pytest.fixture(scope="module")
def film(wall, tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "wall.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=12, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for _ in range(8):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(wall, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def detail(rgb):
    """Mean difference of neighbouring pixels of the face."""
    grey = rgb[TOP + 8 : TOP + 48, LEFT + 8 : LEFT + 48].astype(float).mean(axis=2)
    return np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()


def looked_at(film, folder, blur_faces):
    info = probe(film, LIMITS)
    whole = Stretch(first=0, begin=0, end=info.frame_count, last=info.frame_count)
    plan = Plan(video_name="wall.mp4", video=info, turn_deg=0, quality="low", pieces=(whole,), blur_faces=blur_faces)
    folder.mkdir()
    part = look(film, plan, 0, folder / "preview.mp4", LIMITS, lambda _: None)
    with av.open(str(folder / "preview.mp4")) as shown:
        return part, [frame.to_ndarray(format="rgb24") for frame in shown.decode(video=0)]


def test_it_is_blurred_in_preview_and_stills_unless_that_is_not_wanted(wall, film, tmp_path):
    part, shown = looked_at(film, tmp_path / "blurred", blur_faces=True)
    clear_part, clear = looked_at(film, tmp_path / "clear", blur_faces=False)
    assert not part.people and len(part.stills) == len(clear_part.stills) > 1
    for pictures, there in ((shown, False), (clear, True)):
        assert all((detail(rgb) > 0.5 * detail(wall)) == there for rgb in pictures)
    for stills, there in ((part.stills, False), (clear_part.stills, True)):
        assert all((detail(frame.rgb) > 0.5 * detail(wall)) == there for _, frame in stills)


def test_squares_are_looked_at_again_where_something_changes_beside_the_people_followed(wall):
    moved = wall.copy()
    moved[200:230, 400:430] = 20
    all_over = len(squares(480, 270))
    looks = []
    with watching_faces(100.0) as watcher:
        for number, (rgb, bodies) in enumerate([(wall, ()), (wall, ()), (moved, ()), (wall, [Box(395, 195, 40, 40)])]):
            watcher.add(Frame(index=number, timestamp_s=float(number), rgb=rgb, scale=1.0), bodies)
            looks.append(watcher.looks - sum(looks))
        on_the_wall = [s for s in watcher.sightings() if s.score >= SURE]
    assert looks[:2] == [all_over, 0] and 0 < looks[2] < all_over
    assert on_the_wall and max(s.times_s[-1] for s in on_the_wall) == 3.0


def sighting(at_s, x, y=100.0, score=0.9):
    return FaceSighting(
        at_s=at_s, times_s=np.array([at_s]), before_s=0.5, middle_px=np.array([x, y]), side_px=20.0, score=score
    )


def test_sightings_of_one_face_are_a_track_and_doubtful_ones_alone_are_none():
    walker = [sighting(t, 100 + 60 * t) for t in (0.0, 1.0, 2.0)]
    doubtful = [sighting(t, 400.0, score=WEAK) for t in (0.5, 1.5)]
    gone = [sighting(9.0, 220.0)]
    tracks = face_tracks(sorted([*walker, *doubtful, *gone], key=lambda s: s.times_s[0]))
    assert [len(track.times_s) for track in tracks] == [3, 1]
    shown_s = np.arange(0.0, 12.0, 0.1)
    discs = head_discs([], shown_s, 1.0, tracks)
    for number, time_s in enumerate(shown_s):
        own = discs[discs[:, 0] == number]
        near = np.hypot(own[:, 1] - (100 + 60 * time_s), own[:, 2] - 98) + 10 <= own[:, 3]
        assert near.any() or time_s > 2.0
    assert not ((discs[:, 0] > 40) & (discs[:, 0] < 80)).any()


def test_what_is_on_somebodys_body_is_no_strangers_face():
    times_s = np.arange(0.0, 2.0, 0.125)
    somebody = person(times_s, np.full((len(times_s), 2), 150.0))
    own, chest = sighting(1.0, 150.0, 150.0), sighting(1.0, 160.0, 230.0)
    beside, later = sighting(1.0, 260.0, 150.0), replace(chest, at_s=9.0)
    assert len(strange_faces([own, chest], [somebody])) == 0
    assert len(strange_faces([own, chest, beside, later], [somebody])) == 2
