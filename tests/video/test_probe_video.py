from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from video_clips import decoded_times, even_times, turn, write_clip

from ergo.config import Settings
from ergo.video.limits import DecodeLimits
from ergo.video.probing import probe

LIMITS = DecodeLimits()
# A phone's clock: 24 to 60 frames a second, with a pause.
UNEVEN_S = np.cumsum([0.0, 3000, 1500, 1500, 3750, 3000, 45_000, 3000, 3003, 2997, 1500]) / 90_000


def test_constant_rate(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(45), options={"bf": "3"})
    info = probe(path, LIMITS)
    assert (info.width_px, info.height_px, info.rotation_deg, info.codec) == (320, 192, 0, "h264")
    assert info.frame_count == 45
    assert info.fps == pytest.approx(30)
    assert info.duration_s == pytest.approx(1.5)
    np.testing.assert_allclose(info.timestamps_s, even_times(45), atol=1e-9)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "ts", "flv", "mkv"])
@pytest.mark.parametrize("b_frames", ["0", "2"])
def test_variable_rate_keeps_every_time(tmp_path, suffix, b_frames):
    path = write_clip(tmp_path / f"a.{suffix}", UNEVEN_S, options={"bf": b_frames})
    info = probe(path, LIMITS)
    atol = 1e-3 if suffix in ("flv", "mkv") else 1e-9  # these two keep milliseconds
    np.testing.assert_allclose(info.timestamps_s, UNEVEN_S, atol=atol)
    shown = decoded_times(path)
    np.testing.assert_allclose(info.timestamps_s, shown - shown[0], atol=1e-9)


def test_times_start_at_the_first_picture(tmp_path):
    path = write_clip(tmp_path / "late.mkv", 7.0 + even_times(5))
    info = probe(path, LIMITS)
    assert info.start_s == pytest.approx(7.0)
    np.testing.assert_allclose(info.timestamps_s, even_times(5), atol=1e-3)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_avi_keeps_no_presentation_times_so_frames_are_counted(tmp_path, codec):
    path = write_clip(tmp_path / "a.avi", even_times(30), codec=codec, options={"bf": "2"}, clock=Fraction(1, 30))
    info = probe(path, LIMITS)
    assert math.isnan(info.start_s)
    np.testing.assert_allclose(info.timestamps_s, even_times(30), atol=1e-9)


def test_edit_list_hides_frames(tmp_path):
    whole = write_clip(tmp_path / "whole.mp4", even_times(30), options={"bf": "0", "g": "30"})
    data = bytearray(whole.read_bytes())
    # Start the presentation at frame 10: the media time of the one edit (ISO 14496-12, 8.6.6), in track ticks.
    edit = data.index(b"elst") + 4 + 4 + 4
    scale = int.from_bytes(data[(at := data.index(b"mdhd") + 16) : at + 4], "big")
    data[edit + 4 : edit + 8] = (10 * scale // 30).to_bytes(4, "big")
    trimmed = tmp_path / "trimmed.mp4"
    trimmed.write_bytes(data)
    info = probe(trimmed, LIMITS)
    assert info.frame_count == len(decoded_times(trimmed)) == 20
    np.testing.assert_allclose(info.timestamps_s, even_times(20), atol=1e-9)


def test_hidden_vp8_pictures_are_no_frames(tmp_path):
    options = {"auto-alt-ref": "1", "lag-in-frames": "16", "b": "200k", "deadline": "good"}
    path = write_clip(tmp_path / "a.webm", even_times(60), codec="libvpx", options=options)
    info = probe(path, LIMITS)
    assert info.frame_count == len(decoded_times(path)) == 60


@pytest.mark.parametrize(("rotation", "size"), [(90, (192, 320)), (180, (320, 192)), (270, (192, 320))])
def test_rotation_gives_the_size_as_displayed(tmp_path, rotation, size):
    info = probe(turn(write_clip(tmp_path / "a.mp4", even_times(3)), rotation), LIMITS)
    assert info.rotation_deg == rotation
    assert (info.width_px, info.height_px) == size


def test_oblong_pixels_are_displayed_square(tmp_path):
    path = write_clip(tmp_path / "a.mkv", even_times(3), size=(288, 192), pixel_aspect=Fraction(4, 3))
    info = probe(path, LIMITS)
    assert (info.width_px, info.height_px) == (384, 192)


@pytest.mark.parametrize("count", [1, 2])
def test_hardly_any_frames(tmp_path, count):
    info = probe(write_clip(tmp_path / "a.mp4", even_times(count)), LIMITS)
    assert info.frame_count == count
    assert info.duration_s > 0
    assert info.fps > 0


def test_limits_come_from_the_settings():
    limits = DecodeLimits.from_settings(Settings(max_pixels=70_000, decode_timeout_s=3))
    assert (limits.max_pixels, limits.idle_timeout_s) == (70_000, 3.0)
