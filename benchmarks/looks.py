"""Looks a second of the pose networks through MediaPipe and through torch, on this machine, in one run.

    python benchmarks/looks.py [CLIP] [--device cpu|cuda] [--seconds 4] [--beside 8] [--analyses high] [--film-s 30]

A look is everything from a picture in memory to landmarks in memory. The runtimes take turns on the same pictures. Then
the same looks in several processes beside one another, as workers do them, and whole analyses of a film both ways.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import repository  # noqa: F401
from speed import EXAMPLE, repeat_as_1080p30, run_whole

from ergo.pose.catalogue import HAND_NETWORKS
from ergo.pose.hand_reader import PICTURE_PX, HandReader
from ergo.pose.hands import where_hand_is
from ergo.pose.mediapipe_tasks import MediaPipeLandmarker
from ergo.pose.runtimes import Runtime
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames

if TYPE_CHECKING:
    from ergo.pose.following import Landmarker

Picture = np.ndarray
_CONFIDENCE = 0.25


def pictures_of(clip: Path) -> list[Picture]:
    """Twelve pictures a second of a clip, as `high` reads them."""
    limits = DecodeLimits()
    decode = DecodeSettings(rate_hz=12.0, max_side_px=1280)
    with read_frames(clip, probe(clip, limits), decode, limits) as frames:
        return [frame.rgb for frame in frames]


def landmarker(runtime: Runtime, model: Any, mode: Any, **options: Any) -> Landmarker:
    """One landmarker of a runtime; `options` go to torch's networks."""
    if runtime == "mediapipe-cpu":
        return MediaPipeLandmarker(model, mode, 1, _CONFIDENCE)
    from ergo.pose.torch_landmarker import Networks, TorchLandmarker

    return TorchLandmarker(Networks(runtime.removeprefix("torch-"), **options), model, mode, 1, _CONFIDENCE)


def rate(look: Callable[[Picture], object], pictures: list[Picture], seconds: float) -> float:
    """Looks a second over pictures played forth and back, after some to warm up."""
    for picture in pictures[:5]:
        look(picture)
    began_s = time.perf_counter()
    for count, picture in enumerate(itertools.cycle([*pictures, *reversed(pictures)]), 1):
        look(picture)
        if (took_s := time.perf_counter() - began_s) > seconds:
            return count / took_s
    raise ValueError("there are no pictures")


def following(runtime: Runtime, model: str, **options: Any) -> Callable[[Picture], object]:
    """Looks at somebody who is being followed: the landmark network alone."""
    task, times_s = landmarker(runtime, model, "VIDEO", **options), itertools.count(1)
    return lambda picture: task.detect(picture, next(times_s) / 12)


def searching(runtime: Runtime) -> Callable[[Picture], object]:
    """Searches of whole pictures: the detector, and the small landmark network for whom it finds."""
    task = landmarker(runtime, "lite", "IMAGE")
    return lambda picture: task.detect(picture, 0.0)


def reading(runtime: Runtime, clip: list[Picture]) -> Callable[[Picture], object]:
    """Looks at a hand that is there."""
    network, finder = HAND_NETWORKS[runtime]("full"), landmarker("mediapipe-cpu", "heavy", "IMAGE")
    seen: list[Picture] = []

    class Keeping:
        def detect(self, rgb: Picture) -> None:
            seen.append(rgb)

        def close(self) -> None: ...

    for picture in clip:
        for body in finder.detect(picture, 0.0):
            aim = where_hand_is(body, "left", picture.shape[1], picture.shape[0])
            if aim is not None:
                HandReader(Keeping()).read(picture, aim, "left")
    finder.close()
    hands = itertools.cycle(seen or [np.zeros((PICTURE_PX, PICTURE_PX, 3), np.uint8)])
    return lambda _: network.detect(next(hands))


def agreement(runtime: Runtime, pictures: list[Picture], **options: Any) -> str:
    """How far landmarks of single pictures lie from those of MediaPipe on the processor, heavy network."""
    one, other = landmarker("mediapipe-cpu", "heavy", "IMAGE"), landmarker(runtime, "heavy", "IMAGE", **options)
    pixels, space, sure = [], [], []
    for picture in pictures[::3]:
        for a, b in zip(one.detect(picture, 0.0), other.detect(picture, 0.0), strict=True):
            pixels.append(np.linalg.norm(a.xy_px - b.xy_px, axis=1))
            space.append(1000 * np.linalg.norm(a.xyz_m - b.xyz_m, axis=1))
            sure.append(np.abs(a.confidence - b.confidence))
    one.close()
    told = [
        f"{name} median {np.median(v):.3f}, 99 % {np.percentile(v, 99):.2f}, most {np.max(v):.2f}"
        for name, v in (("px", pixels), ("mm", space), ("confidence", sure))
    ]
    return "; ".join(told)


def _alone(task: tuple[Runtime, list[Picture], float]) -> float:
    runtime, pictures, seconds = task
    return rate(following(runtime, "heavy"), pictures, seconds)


def beside(runtime: Runtime, pictures: list[Picture], seconds: float, count: int) -> float:
    """Looks a second of `count` processes together, heavy network."""
    with multiprocessing.get_context("spawn").Pool(count) as pool:
        tasks: list[tuple[Runtime, list[Picture], float]] = [(runtime, pictures, seconds)] * count
        return sum(pool.map(_alone, tasks, chunksize=1))


def main() -> None:
    """Print everything, one line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clip", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where torch runs")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--beside", type=int, default=0, help="processes side by side")
    parser.add_argument("--analyses", nargs="*", default=[], help="qualities of whole analyses")
    parser.add_argument("--film-s", type=float, default=30.0, help="length of the film for these")
    options = parser.parse_args()
    pictures = pictures_of(options.clip)
    torch_here: Runtime = "torch-cuda" if options.device == "cuda" else "torch-cpu"
    print(f"{os.cpu_count()} cores; looks a second, MediaPipe on the processor and {torch_here}")
    kinds: list[tuple[str, Callable[[Runtime], Callable[[Picture], object]]]] = [
        ("search", searching),
        *((f"follow, {model}", lambda runtime, model=model: following(runtime, model)) for model in ("lite", "heavy")),
        ("hand", lambda runtime: reading(runtime, pictures)),
    ]
    for name, make in kinds:
        old, new = (rate(make(runtime), pictures, options.seconds) for runtime in ("mediapipe-cpu", torch_here))
        print(f"{name}: {old:.1f}, {new:.1f}, ratio {new / old:.2f}", flush=True)
    print(f"heavy network, {torch_here} against MediaPipe: {agreement(torch_here, pictures)}", flush=True)
    if options.beside:
        old, new = (
            beside(runtime, pictures, options.seconds, options.beside) for runtime in ("mediapipe-cpu", torch_here)
        )
        print(f"follow, heavy, {options.beside} processes: {old:.1f}, {new:.1f}, ratio {new / old:.2f}", flush=True)
    if options.analyses:
        with tempfile.TemporaryDirectory() as folder:
            film = Path(folder) / "film.mp4"
            repeat_as_1080p30(options.clip, film, options.film_s)
            for quality in options.analyses:
                for device in ("cpu", options.device):
                    os.environ["ERGO_POSE_DEVICE"] = device
                    wall_s, cpu_s, _ = run_whole(film, quality)
                    print(f"{quality}, {device}: {wall_s:.1f} s, {cpu_s:.1f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
