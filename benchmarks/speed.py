"""Speed and memory of the whole analysis beside the estimator alone on the same clip, which is the limit.

    python benchmarks/speed.py [CLIP] [--quality medium] [--seconds 60]

Without CLIP an example is scaled to 1080p30 and repeated. The estimator alone is the same network, on frames decoded
beforehand and already sampled and scaled as the analysis does, in one process. Memory is the peak of the sum of
resident sets of all processes, sampled ten times a second.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import av
import numpy as np

EXAMPLE = Path(__file__).parents[1] / "assets" / "examples" / "lift_squat.mp4"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def repeat_as_1080p30(source: Path, target: Path, seconds: float) -> None:
    """The clip in 1920 × 1080 (black at the sides), 30 frames a second, played forth and back for `seconds`."""
    with av.open(source) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    pictures = [letterboxed(frame) for frame in frames]
    pictures = [picture for picture in pictures + pictures[::-1] for _ in range(2)]
    with av.open(target, "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for index in range(round(seconds * 30)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pictures[index % len(pictures)], format="rgb24")))
        container.mux(stream.encode())


def letterboxed(rgb: np.ndarray) -> np.ndarray:
    """The picture at full height in the middle of 1920 × 1080."""
    width = 2 * round(540 * rgb.shape[1] / rgb.shape[0])
    scaled = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(width, 1080, interpolation="BICUBIC").to_ndarray()
    left = (1920 - width) // 2
    return np.pad(scaled, ((0, 0), (left, 1920 - width - left), (0, 0)))


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in path.read_text().split():
                found += family(int(child))
        except OSError:
            continue
    return found


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants."""
    total = 0
    for member in family(pid):
        try:
            total += int(Path(f"/proc/{member}/statm").read_text().split()[1]) * PAGE_BYTES
        except OSError:
            continue
    return total


def run_whole(clip: Path, quality: str) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak bytes of one ``python -m ergo analyse`` with all its processes."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.times()
        started = time.perf_counter()
        command = [sys.executable, "-m", "ergo", "analyse", clip, "--out", f"{folder}/out", "--quality", quality]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak, stop = 0, threading.Event()

        def watch() -> None:
            nonlocal peak
            while not stop.wait(0.1):
                peak = max(peak, resident_bytes(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        stop.set()
        watcher.join()
        wall_s = time.perf_counter() - started
        after = os.times()
    if code != 0:
        raise SystemExit(f"the analysis failed with code {code}")
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return wall_s, cpu_s, peak


def run_estimator(clip: Path, quality: str) -> float:
    """Wall seconds of the network alone on the sampled frames of the clip, decoding not counted."""
    from ergo.pose.boxes import Box
    from ergo.pose.catalogue import open_estimator
    from ergo.pose.settings import PRESETS
    from ergo.video.limits import DecodeLimits, DecodeSettings
    from ergo.video.probing import probe
    from ergo.video.reading import read_frames

    pose, limits = PRESETS[quality], DecodeLimits()
    info = probe(clip, limits)
    spent = 0.0
    decode = DecodeSettings(rate_hz=pose.rate_hz, max_side_px=pose.input_side_px)
    with open_estimator(pose) as estimator, read_frames(clip, info, decode, limits) as frames:
        near: Box | None = None
        for frame in frames:
            started = time.perf_counter()
            if near is None:
                found = estimator.estimate(frame.rgb, frame.timestamp_s)
                near = found[0].box if found else None
            else:
                seen = estimator.follow(0, frame.rgb, frame.timestamp_s, near)
                near = seen.box if seen else None
            spent += time.perf_counter() - started
    return spent


def main() -> None:
    """Print wall times, their ratio, and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, nargs="?")
    parser.add_argument("--quality", default="medium")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = options.clip
        if clip is None:
            clip = Path(folder) / "example_1080p30.mp4"
            repeat_as_1080p30(EXAMPLE, clip, options.seconds)
        with av.open(clip) as container:
            duration_s = float(np.max([container.duration or 0, 1])) / av.time_base
        wall_s, cpu_s, peak = run_whole(clip, options.quality)
        alone_s = run_estimator(clip, options.quality)
    print(f"video            {duration_s:8.1f} s  quality {options.quality}, {os.cpu_count()} cores")
    print(f"whole analysis   {wall_s:8.1f} s  {duration_s / wall_s:5.1f} x real time, CPU {cpu_s / duration_s:.2f} s/s")
    print(f"estimator alone  {alone_s:8.1f} s  {duration_s / alone_s:5.1f} x real time, one process")
    print(f"ratio            {wall_s / alone_s:8.2f}")
    print(f"peak memory      {peak / 2**20:8.0f} MiB, all processes")


if __name__ == "__main__":
    main()
