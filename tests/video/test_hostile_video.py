"""Files that are no videos, damaged or hostile: one clear error each, soon, and nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from child_processes import children
from video_clips import GREYS, even_times, number_shown, picture, repeated, write_clip, write_sound

from ergo.errors import (
    DecodeFailed,
    EmptyFile,
    NoFrames,
    NotAVideo,
    NoVideoStream,
    StorageFull,
    VideoError,
    VideoTooLarge,
)
from ergo.video.grabbing import grab_frame
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe, source_of
from ergo.video.process import DecoderProcess
from ergo.video.reading import read_frames
from ergo.video.wire import Budget, ProbeRequest

LIMITS = DecodeLimits()
ALL = DecodeSettings()


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"just some words\n" * 40, "text"),
        (b"<!DOCTYPE html><html><body>not found</body></html>", "HTML"),
        (b"%PDF-1.7\n" + bytes(200), "PDF"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "playlist"),
        (b"\xef\xbb\xbf\n #EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "playlist"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "playlist"),
        (b"<?xml version='1.0'?><MPD></MPD>", "XML"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(200), "HEIC"),
        (bytes(5000), "no video"),
        (bytes(np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8)), "no video"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(4000), "header"),
        (b"\x1a\x45\xdf\xa3" + bytes(4000), "header"),
        (b"RIFF\xff\xff\xff\x7fAVI LIST" + bytes(4000), "header"),
        (b"OggS" + bytes(4000), "header"),
        (b"G", "text"),
    ],
)
def test_what_is_no_video(tmp_path, data, words):
    with pytest.raises(NotAVideo, match=words) as caught:
        probe(saved(tmp_path / "clip.mp4", data), LIMITS)
    assert caught.value.hint
    assert "clip.mp4" in caught.value.message


def test_empty_missing_and_folder(tmp_path):
    with pytest.raises(EmptyFile):
        probe(saved(tmp_path / "clip.mp4", b""), LIMITS)
    with pytest.raises(NotAVideo):
        probe(tmp_path / "nowhere.mp4", LIMITS)
    with pytest.raises(NotAVideo):
        probe(tmp_path, LIMITS)


def test_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "clip.mp4", "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(NotAVideo, match="ZIP"):
        probe(tmp_path / "clip.mp4", LIMITS)


@pytest.mark.parametrize(("codec", "suffix"), [("mjpeg", "jpg"), ("png", "png")])
def test_images_under_another_name(tmp_path, codec, suffix):
    image = tmp_path / f"a.{suffix}"
    av.VideoFrame.from_ndarray(picture(0), format="rgb24").save(image)
    with pytest.raises(NotAVideo, match="image"):
        probe(image.rename(tmp_path / "clip.mp4"), LIMITS)


def test_playlist_inside_a_container_name_opens_nothing(tmp_path):
    """The playlist's target is a perfect video; opening it would succeed, so an error shows it was not opened."""
    target = write_clip(tmp_path / "secret.ts", even_times(10))
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n{target}\n#EXT-X-ENDLIST\n"
    for head in (b"", b"\x00\x00\x00\x08free", b"\x1a\x45\xdf\xa3", b"OggS", b"FLV\x01", b"\x00\x00\x01\xba"):
        with pytest.raises(VideoError):
            probe(saved(tmp_path / "clip.mp4", head + text.encode()), LIMITS)


def test_names_that_look_like_addresses(tmp_path, monkeypatch):
    for name in ("concat:a.mp4", "http:a.mp4", "-i.mp4", "ümlaut %d 日本.mp4", "pipe:0"):
        write_clip(tmp_path / "a.mp4", even_times(3)).rename(tmp_path / name)
        monkeypatch.chdir(tmp_path)
        assert probe(Path(name), LIMITS).frame_count == 3


def test_sound_only(tmp_path):
    with pytest.raises(NoVideoStream):
        probe(write_sound(tmp_path / "a.mp4"), LIMITS)
    with pytest.raises(NoVideoStream):
        probe(saved(tmp_path / "b.mp4", b"RIFF\x00\x10\x00\x00WAVEfmt " + bytes(100)), LIMITS)


def test_cover_art_is_no_moving_picture(tmp_path):
    path = write_sound(tmp_path / "a.mp4", cover=True)
    with av.open(str(path)) as container:
        assert container.streams.video
    with pytest.raises(NoVideoStream, match="cover art"):
        probe(path, LIMITS)


def test_index_cut_off(tmp_path):
    data = write_clip(tmp_path / "a.mp4", even_times(60)).read_bytes()
    with pytest.raises(NotAVideo, match="header"):
        probe(saved(tmp_path / "clip.mp4", data[: data.index(b"moov") - 4]), LIMITS)


@pytest.mark.parametrize(("suffix", "movflags"), [("mp4", "+faststart"), ("mkv", ""), ("ts", "")])
def test_second_half_missing(tmp_path, suffix, movflags):
    whole = write_clip(tmp_path / f"a.{suffix}", even_times(240), movflags=movflags, options={"g": "10"})
    data = whole.read_bytes()
    path = saved(tmp_path / f"cut.{suffix}", data[: len(data) * 6 // 10])
    info = probe(path, LIMITS)
    preview = tmp_path / "p.mp4"
    with read_frames(path, info, ALL, LIMITS, preview) as reader:
        frames = list(reader)
    assert 60 < len(frames) < 220
    assert all(number_shown(f.rgb) == f.index % GREYS for f in frames[:-3])
    assert probe(preview, LIMITS).frame_count == len(frames)
    if suffix == "mp4":
        assert reader.damage is not None
        assert "240 frames" in reader.damage
    elif suffix == "mkv":
        assert reader.damage is not None


def test_damaged_in_the_middle(tmp_path):
    whole = write_clip(tmp_path / "a.mp4", even_times(120), movflags="+faststart", options={"g": "10", "bf": "0"})
    data = bytearray(whole.read_bytes())
    at = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    data[at : at + 3000] = bytes(np.random.default_rng(1).integers(0, 256, 3000, dtype=np.uint8))
    path = saved(tmp_path / "b.mp4", bytes(data))
    info = probe(path, LIMITS)
    with read_frames(path, info, ALL, LIMITS) as reader:
        frames = list(reader)
    assert reader.damage is not None
    assert 60 <= len(frames) < 120
    assert number_shown(frames[-1].rgb) == 119 % GREYS


def test_nothing_decodable(tmp_path):
    data = bytearray(write_clip(tmp_path / "a.mp4", even_times(30), movflags="+faststart").read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    with pytest.raises(NoFrames):
        probe(saved(tmp_path / "b.mp4", bytes(data)), LIMITS)


@pytest.fixture(scope="module")
def bomb(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bomb") / "bomb.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast", "threads": "1"})
        stream.width = stream.height = 8192
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame(8192, 8192, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        for index in range(2):
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_huge_picture_in_a_small_file(bomb):
    assert bomb.stat().st_size < 500_000
    with pytest.raises(VideoTooLarge, match="8192"):
        probe(bomb, LIMITS)


def test_huge_picture_behind_a_modest_header(bomb, tmp_path):
    data = bytearray(bomb.read_bytes())
    entry = data.index(b"avc1", data.index(b"stsd")) + 4 + 6 + 2 + 16
    assert data[entry : entry + 4] == bytes([0x20, 0, 0x20, 0])
    data[entry : entry + 4] = (1280).to_bytes(2, "big") + (720).to_bytes(2, "big")
    with pytest.raises(VideoTooLarge):
        probe(saved(tmp_path / "liar.mp4", bytes(data)), LIMITS)


def test_picture_that_grows_beyond_the_limit_midway(tmp_path):
    small = write_clip(tmp_path / "a.ts", even_times(5)).read_bytes()
    large = write_clip(tmp_path / "b.ts", 5 / 30 + even_times(5), size=(640, 384)).read_bytes()
    limits = replace(LIMITS, max_pixels=320 * 192)
    path = saved(tmp_path / "c.ts", small + large)
    info = probe(write_clip(tmp_path / "d.ts", even_times(10)), limits)
    with pytest.raises(VideoTooLarge), read_frames(path, info, ALL, limits) as reader:
        list(reader)


def test_too_many_frames(tmp_path):
    with pytest.raises(VideoTooLarge, match="20 frames"):
        probe(write_clip(tmp_path / "a.mp4", even_times(21)), replace(LIMITS, max_frames=20))


def test_memory_is_limited(tmp_path):
    """One picture of 7000 × 7000 needs about 100 MB beyond what Python and FFmpeg take: little room is too little."""
    path = write_clip(tmp_path / "a.mov", [0.0], size=(7000, 7000), codec="mjpeg", pix_fmt="yuvj420p")
    roomy = replace(LIMITS, max_pixels=10**8)
    info = probe(path, roomy)
    tight = replace(roomy, memory_bytes=330 << 20)
    with pytest.raises(DecodeFailed, match="more memory"), read_frames(path, info, ALL, tight) as reader:
        list(reader)
    with pytest.raises(DecodeFailed):
        probe(path, replace(roomy, memory_bytes=100 << 20))


def test_limits_are_set_in_the_child(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(300))
    info = probe(path, LIMITS)
    before = children()
    with read_frames(path, info, ALL, LIMITS) as reader:
        next(reader)
        (pid,) = children() - before
        text = Path(f"/proc/{pid}/limits").read_text()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    soft = {line[:26].strip(): line[26:].split()[0] for line in text.splitlines()}
    assert soft["Max address space"] == str(LIMITS.memory_bytes)
    assert soft["Max cpu time"] == "260"
    assert int(soft["Max file size"]) < 200 << 20
    assert soft["Max core file size"] == "0"
    assert b"PYTEST_CURRENT_TEST" not in environment


def test_cpu_time_is_limited(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(20), size=(1920, 1080), options={"bf": "0"})
    path = repeated(path, tmp_path / "long.mp4", 40)
    info = probe(path, LIMITS)
    tight = replace(LIMITS, cpu_s_base=1.0, cpu_s_per_video_s=0.0)
    with pytest.raises(DecodeFailed, match="CPU time"), read_frames(path, info, ALL, tight) as reader:
        list(reader)


def test_hung_decoder_is_killed(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(120))
    info = probe(path, LIMITS)
    before = children()
    reader = read_frames(path, info, ALL, replace(LIMITS, idle_timeout_s=5.0), tmp_path / "p.mp4")
    next(reader)
    (pid,) = children() - before
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(DecodeFailed, match="nothing new"):
        list(reader)
    assert children() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_decoder_without_a_core_is_waited_for(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(12))
    info = probe(path, LIMITS)
    core = min(os.sched_getaffinity(0))
    spin = f"import os\nos.sched_setaffinity(0, {{{core}}})\nprint(flush=True)\nwhile True: pass"
    hogs = [subprocess.Popen([sys.executable, "-c", spin], stdout=subprocess.PIPE) for _ in range(12)]
    try:
        for hog in hogs:
            hog.stdout.readline()
        before = children()
        with read_frames(path, info, ALL, replace(LIMITS, idle_timeout_s=4.0)) as reader:
            (pid,) = children() - before
            os.sched_setaffinity(pid, {core})
            assert len(list(reader)) == 12
    finally:
        for hog in hogs:
            hog.kill()
            hog.communicate()


def test_hung_probe_is_killed(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(3))
    before = children()

    def stop_the_child() -> None:
        # Not before it runs the decoder: until then, starting it would wait for it.
        while not any("ergo.video.child" in command_line(pid) for pid in children() - before):
            time.sleep(0.001)
        os.kill((children() - before).pop(), signal.SIGSTOP)

    thread = threading.Thread(target=stop_the_child)
    thread.start()
    with pytest.raises(DecodeFailed, match="stopped"):
        probe(path, replace(LIMITS, idle_timeout_s=1.0))
    thread.join()
    assert children() == before


def test_killed_decoder_is_told_of(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(120))
    before = children()
    reader = read_frames(path, probe(path, LIMITS), ALL, LIMITS)
    next(reader)
    (pid,) = children() - before
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(DecodeFailed, match="signal 9"):
        list(reader)
    assert children() == before


def test_slow_consumer_is_not_taken_for_a_hang(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(40))
    limits = replace(LIMITS, idle_timeout_s=3.0)
    with read_frames(path, probe(path, LIMITS), ALL, limits) as reader:
        next(reader)
        time.sleep(4)
        assert sum(1 for _ in reader) == 39


def test_no_room_for_the_preview(tmp_path, monkeypatch):
    path = write_clip(tmp_path / "a.mp4", even_times(30), size=(640, 384))
    info = probe(path, LIMITS)
    monkeypatch.setattr("ergo.video.reading._PREVIEW_BYTES_BASE", 0)
    monkeypatch.setattr("ergo.video.reading._PREVIEW_BYTES_PER_S", 0)
    with pytest.raises(StorageFull), read_frames(path, info, ALL, LIMITS, tmp_path / "p.mp4") as reader:
        list(reader)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_unwritable_preview_is_no_silent_loss(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(3))
    with (
        pytest.raises(DecodeFailed),
        read_frames(path, probe(path, LIMITS), ALL, LIMITS, tmp_path / "missing" / "p.mp4") as reader,
    ):
        list(reader)


def test_the_file_changes_after_the_probe(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(30))
    info = probe(path, LIMITS)
    write_clip(path, even_times(10))
    with read_frames(path, info, ALL, LIMITS) as reader:
        frames = list(reader)
    assert len(frames) == 10
    assert reader.damage is not None
    saved(path, b"")
    with pytest.raises(EmptyFile):
        grab_frame(path, info, 0.0, LIMITS)


def test_a_lively_decoder_still_has_a_deadline(tmp_path):
    path = write_clip(tmp_path / "a.mp4", even_times(3))
    budget = Budget(memory_bytes=2 << 30, cpu_s=60, file_bytes=0)
    request = ProbeRequest(budget=budget, source=source_of(path, LIMITS), max_frames=100, places=False)
    with DecoderProcess(request, (), name=path.name, idle_timeout_s=20.0) as child, pytest.raises(DecodeFailed):
        child.message(time.monotonic() - 1)
