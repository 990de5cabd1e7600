"""The real networks on a rendered clip."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pose_scenes import info as made_info

from ergo.pose.boxes import Box
from ergo.pose.catalogue import open_estimator
from ergo.pose.estimator import Estimator
from ergo.pose.following import mirrored
from ergo.pose.native_log import without_chatter
from ergo.pose.selection import choose_worker, describe_tracks
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import track_people
from ergo.types import VideoInfo
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame
from ergo.video.probing import probe
from ergo.video.reading import read_frames

CLIP = Path(__file__).resolve().parents[2] / "assets" / "examples" / "lift_squat.mp4"
LOW = PRESETS["low"]


@pytest.fixture(scope="module")
def clip() -> tuple[VideoInfo, list[Frame]]:
    info = probe(CLIP, DecodeLimits())
    decode = DecodeSettings(rate_hz=LOW.rate_hz, max_side_px=LOW.input_side_px)
    return info, list(read_frames(CLIP, info, decode, DecodeLimits()))


@pytest.fixture(scope="module")
def estimator() -> Iterator[Estimator]:
    with open_estimator(LOW) as opened:
        yield opened


def test_the_worker_is_found_in_every_picture(clip: tuple[VideoInfo, list[Frame]]) -> None:
    info, frames = clip
    with open_estimator(LOW) as estimator:
        people = track_people(frames, info, estimator, LOW)
    assert len(people) == 1
    assert people[0].found.mean() > 0.9
    assert len(people[0].timestamps_s) == len(frames)
    tracks = describe_tracks(people, info)
    assert choose_worker(tracks, None) == (people[0].track_id,)
    x, y, width, height = tracks[0].bbox_px
    assert height > width > 0
    assert 0 <= x < info.width_px
    assert 0 <= y < info.height_px


def test_head_above_hips_above_feet(clip: tuple[VideoInfo, list[Frame]], estimator: Estimator) -> None:
    (found,) = estimator.estimate(clip[1][0].rgb, 0.0)
    nose, hips, feet = found.xy_px[0, 1], found.xy_px[[23, 24], 1].mean(), found.xy_px[[27, 28], 1].mean()
    assert nose < hips < feet
    assert abs(found.xyz_m[[23, 24]].mean(axis=0)).max() < 0.05
    assert 0.3 < np.linalg.norm(found.xyz_m[[11, 12]].mean(axis=0)) < 0.7
    height_px = np.ptp(found.xy_px[:, 1])
    assert found.standing_height_px == pytest.approx(height_px, rel=0.25)


def test_following_in_a_window_agrees_with_the_whole_picture(
    clip: tuple[VideoInfo, list[Frame]], estimator: Estimator
) -> None:
    rgb = clip[1][0].rgb
    (whole,) = estimator.estimate(rgb, 0.0)
    near = estimator.follow(1, rgb, 0.0, whole.box)
    assert near is not None
    apart_px = np.linalg.norm(near.xy_px - whole.xy_px, axis=1)
    assert np.median(apart_px) < 0.04 * whole.box.side_px
    corner = Box(0, 0, 60, 60)
    assert estimator.follow(2, rgb, 0.0, corner) is None
    again = estimator.follow(2, rgb, 0.1, whole.box)
    assert again is not None
    estimator.forget(2)
    estimator.forget(2)
    estimator.forget(1)


def test_the_mirrored_picture_shows_the_mirrored_person(
    clip: tuple[VideoInfo, list[Frame]], estimator: Estimator
) -> None:
    rgb = clip[1][0].rgb
    (plain,) = estimator.estimate(rgb, 0.0)
    (flipped,) = estimator.estimate(np.ascontiguousarray(rgb[:, ::-1]), 0.0)
    back = mirrored(flipped, rgb.shape[1])
    apart_px = np.linalg.norm(back.xy_px - plain.xy_px, axis=1)
    unmirrored_px = np.linalg.norm(flipped.xy_px - plain.xy_px, axis=1)
    assert np.median(apart_px) < 0.05 * plain.box.side_px < np.median(unmirrored_px)


def test_small_people_are_found_by_a_thorough_search(clip: tuple[VideoInfo, list[Frame]], estimator: Estimator) -> None:
    rgb = clip[1][0].rgb[::2, ::2]
    large = np.full((540, 960, 3), rgb[5, 5], np.uint8)
    large[280 : 280 + rgb.shape[0], 40 : 40 + rgb.shape[1]] = rgb
    found = estimator.estimate(large, 0.0, thorough=True)
    assert found
    assert all(40 <= person.box.centre_px[0] <= 40 + rgb.shape[1] for person in found)


@pytest.mark.parametrize("kind", ["black", "grey", "noise"])
def test_pictures_of_nothing_show_nobody(kind: str, estimator: Estimator) -> None:
    random = np.random.default_rng(0)
    pictures = {
        "black": lambda: np.zeros((360, 640, 3), np.uint8),
        "grey": lambda: np.full((360, 640, 3), 128, np.uint8),
        "noise": lambda: random.integers(0, 256, (360, 640, 3), dtype=np.uint8),
    }
    frames = [Frame(index=k, timestamp_s=1000 + k / 6, rgb=pictures[kind](), scale=1.0) for k in range(4)]
    assert track_people(frames, made_info(), estimator, LOW) == ()


def test_standard_error_stays_clean() -> None:
    code = (
        "import numpy as np\n"
        "from ergo.pose.catalogue import open_estimator\n"
        "from ergo.pose.settings import PRESETS\n"
        "with open_estimator(PRESETS['low']) as estimator:\n"
        "    estimator.estimate(np.zeros((90, 160, 3), np.uint8), 0.0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_only_chatter_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    with without_chatter():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(2, b"W0000 00:00:17 inference_feedback_manager.cc:114] no feedback\n")
        os.write(2, b"E0000 00:00:17 graph.cc:1] broken\n")
        os.write(2, b"Traceback\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "E0000 00:00:17 graph.cc:1] broken\nTraceback\nafter\n"
