from __future__ import annotations

import gc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from video_clips import GREYS, corner_names, decoded_times, even_times, number_shown, turn, write_clip

from ergo.errors import SettingsError
from ergo.video.grabbing import grab_frame, grab_frames
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames

LIMITS = DecodeLimits()
ALL = DecodeSettings()
UPRIGHT = ("red", "green", "blue", "white")
TURNED = {
    90: ("green", "white", "red", "blue"),
    180: ("white", "blue", "green", "red"),
    270: ("blue", "red", "white", "green"),
}


def children() -> set[int]:
    return {int(pid) for pid in Path("/proc/self/task").glob("*/children") for pid in pid.read_text().split()}


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_every_frame_has_its_own_time(tmp_path, suffix):
    clock = Fraction(1, 30)
    path = write_clip(tmp_path / f"a.{suffix}", even_times(40), options={"bf": "2"}, clock=clock)
    info = probe(path, LIMITS)
    with read_frames(path, info, ALL, LIMITS) as reader:
        frames = list(reader)
    assert [f.index for f in frames] == list(range(40))
    assert [number_shown(f.rgb) for f in frames] == [i % GREYS for i in range(40)]
    assert [f.timestamp_s for f in frames] == info.timestamps_s.tolist()
    assert {f.rgb.shape for f in frames} == {(192, 320, 3)}
    assert corner_names(frames[7].rgb) == UPRIGHT
    assert (reader.frames_read, reader.frames_promised, reader.damage) == (40, 40, None)


def test_sampling_takes_the_nearest_frames(tmp_path):
    times_s = np.concatenate([even_times(30, 30.0), 1.0 + even_times(60, 60.0)])
    path = write_clip(tmp_path / "a.mp4", times_s)
    info = probe(path, LIMITS)
    frames = list(read_frames(path, info, DecodeSettings(rate_hz=10.0), LIMITS))
    np.testing.assert_allclose([f.timestamp_s for f in frames], np.arange(20) / 10, atol=1e-9)
    assert [number_shown(f.rgb) for f in frames] == [f.index % GREYS for f in frames]


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("with_preview", [False, True])
def test_turned_upright_and_scaled(tmp_path, rotation, with_preview):
    path = turn(write_clip(tmp_path / "a.mp4", even_times(4)), rotation)
    info = probe(path, LIMITS)
    preview = tmp_path / "p.mp4" if with_preview else None
    frames = list(read_frames(path, info, DecodeSettings(max_side_px=160), LIMITS, preview))
    assert frames[0].rgb.shape == ((160, 96, 3) if rotation != 180 else (96, 160, 3))
    assert frames[0].scale == 0.5
    assert all(corner_names(f.rgb) == TURNED[rotation] for f in frames)
    assert corner_names(grab_frame(path, info, 0.0, LIMITS)) == TURNED[rotation]
    if preview is not None:
        upright = probe(preview, LIMITS)
        assert (upright.rotation_deg, upright.width_px, upright.height_px) == (0, info.width_px, info.height_px)
        assert corner_names(grab_frame(preview, upright, 0.0, LIMITS)) == TURNED[rotation]


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "size"),
    [
        ("libx264", "yuv444p", (321, 193)),
        ("libx264", "yuv420p10le", (320, 192)),
        ("libx265", "yuv420p10le", (320, 192)),
        ("mjpeg", "yuvj420p", (319, 191)),
        ("libvpx-vp9", "yuv420p", (319, 191)),
    ],
)
def test_odd_sizes_and_deep_colours(tmp_path, codec, pix_fmt, size):
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = write_clip(tmp_path / "a.mkv", even_times(6), codec=codec, pix_fmt=pix_fmt, size=size, options=quiet)
    info = probe(path, LIMITS)
    assert (info.width_px, info.height_px) == size
    frames = list(read_frames(path, info, ALL, LIMITS, tmp_path / "p.mp4"))
    assert frames[0].rgb.shape[:2] == (size[1], size[0])
    assert [number_shown(f.rgb) for f in frames] == list(range(6))
    assert corner_names(frames[0].rgb) == UPRIGHT
    shown = probe(tmp_path / "p.mp4", LIMITS)
    assert shown.width_px % 2 == 0
    assert shown.height_px % 2 == 0


def test_odd_size_turned(tmp_path):
    path = turn(write_clip(tmp_path / "a.mp4", even_times(3), size=(321, 193), pix_fmt="yuv444p"), 90)
    frame = next(iter(read_frames(path, probe(path, LIMITS), ALL, LIMITS)))
    assert frame.rgb.shape == (321, 193, 3)
    assert corner_names(frame.rgb) == TURNED[90]


def test_preview_is_on_the_same_clock(tmp_path):
    times_s = np.cumsum([0, 3003, 3000, 6000, 2997, 30_000, 3000, 3000, 15_000, 3000, 3000]) / 90_000
    path = write_clip(tmp_path / "a.mkv", 3.0 + times_s, size=(1600, 900), sound=True, options={"bf": "2"})
    info = probe(path, LIMITS)
    preview = tmp_path / "preview.mp4"
    frames = list(read_frames(path, info, DecodeSettings(rate_hz=5, max_side_px=320), LIMITS, preview))
    assert [number_shown(f.rgb) for f in frames] == [f.index for f in frames]
    np.testing.assert_allclose(decoded_times(preview), info.timestamps_s, atol=6e-6)
    with av.open(str(preview)) as container:
        (stream,) = container.streams
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.codec_context.width, stream.codec_context.height) == (960, 540)
        assert container.duration / av.time_base == pytest.approx(info.duration_s, abs=2e-3)
        shown = [(number_shown(f.to_ndarray(format="rgb24")), f.key_frame) for f in container.decode(stream)]
    assert [number for number, _ in shown] == list(range(11))
    assert sum(key for _, key in shown) == 2  # at 0 s and at the first frame after half a second
    head = preview.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    assert not list(tmp_path.glob("*.part"))


def test_preview_of_a_fast_video_has_at_most_30_frames_a_second(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(60, 60.0))
    preview = tmp_path / "preview.mp4"
    frames = list(read_frames(path, probe(path, LIMITS), ALL, LIMITS, preview))
    assert len(frames) == 60
    np.testing.assert_allclose(decoded_times(preview), even_times(30), atol=6e-6)


def test_size_changes_midway_are_scaled_to_the_first(tmp_path):
    small, large = tmp_path / "small.ts", tmp_path / "large.ts"
    write_clip(small, even_times(10))
    write_clip(large, 10 / 30 + even_times(10), size=(640, 384))
    path = tmp_path / "both.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    info = probe(path, LIMITS)
    frames = list(read_frames(path, info, ALL, LIMITS, tmp_path / "p.mp4"))
    assert len(frames) > 15
    assert {f.rgb.shape for f in frames} == {(192, 320, 3)}
    assert all(corner_names(f.rgb) == UPRIGHT for f in frames)


def test_grabbing_single_pictures(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(240), options={"bf": "2", "g": "60"})
    info = probe(path, LIMITS)
    times_s = (7.0, 0.0, 3.512, 3.5, 99.0)
    pictures = grab_frames(path, info, times_s, LIMITS, max_side_px=160)
    assert [number_shown(p) for p in pictures] == [210 % GREYS, 0, 105 % GREYS, 105 % GREYS, 239 % GREYS]
    assert pictures[0].shape == (96, 160, 3)
    assert grab_frames(path, info, (), LIMITS) == []


def test_grabbing_where_frames_are_counted(tmp_path):
    path = write_clip(tmp_path / "a.avi", even_times(90), codec="mpeg4", clock=Fraction(1, 30))
    picture = grab_frame(path, probe(path, LIMITS), 2.9, LIMITS)
    assert number_shown(picture) == 87 % GREYS


@pytest.mark.parametrize("how", ["close", "break", "error"])
def test_stopping_early_leaves_nothing_behind(tmp_path, how):
    path = write_clip(tmp_path / "a.mp4", even_times(300))
    info = probe(path, LIMITS)
    before = children()
    reader = read_frames(path, info, ALL, LIMITS, tmp_path / "p.mp4")
    next(reader)
    assert len(children() - before) == 1
    if how == "close":
        reader.close()
        assert list(reader) == []
    elif how == "break":
        for _ in reader:
            break
        del reader
        gc.collect()
    else:
        with pytest.raises(RuntimeError), reader:
            raise RuntimeError
    assert children() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_reading_to_the_end_leaves_no_process(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(5))
    before = children()
    reader = read_frames(path, probe(path, LIMITS), ALL, LIMITS)
    assert len(list(reader)) == 5
    assert children() == before


@pytest.mark.parametrize("bad", [{"rate_hz": 0.0}, {"rate_hz": float("nan")}, {"max_side_px": 1}, {"threads": 0}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(SettingsError):
        DecodeSettings(**bad)
