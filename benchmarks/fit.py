"""Processor time of the fit alone: landmarks to moving body, on one core.

    OMP_NUM_THREADS=1 python benchmarks/fit.py RESULT [RESULT …] [--frames 360]

RESULT is a folder of results; its landmarks are played forth and back until there are so many pictures, as in a longer
film, and fitted at the quality they were seen with. The least time of five runs is told.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import repository  # noqa: F401

from ergo.body.load import load_body
from ergo.body.model import betas_for_stature
from ergo.fitting.fit import FitSettings, fit_motion
from ergo.fitting.view import find_tilt, steady
from ergo.geometry.camera import default_intrinsics
from ergo.pose.joining import joined
from ergo.pose.selection import choose_worker, describe_tracks
from ergo.report.seen import KEYPOINTS, read_seen
from ergo.types import Keypoints

RUNS = 5


def lengthened(keypoints: Keypoints, frames: int) -> Keypoints:
    """The landmarks forth and back for `frames` pictures, evenly in time; hands left out."""
    count = len(keypoints.timestamps_s)
    there = np.concatenate([np.arange(count), np.arange(count)[::-1]])
    at = there[np.arange(frames) % len(there)]
    step_s = float(np.median(np.diff(keypoints.timestamps_s)))
    return replace(
        keypoints,
        xy_px=keypoints.xy_px[at],
        xyz_m=keypoints.xyz_m[at],
        confidence=keypoints.confidence[at],
        timestamps_s=np.arange(frames) * step_s,
        hands=None,
    )


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--frames", type=int, default=360)
    options = parser.parse_args()
    body = load_body(None, "neutral")
    for folder in options.results:
        seen = read_seen(folder / KEYPOINTS)
        chosen = choose_worker(describe_tracks(seen.people, seen.video), None)
        worker = joined([person for person in seen.people if person.track_id in chosen])
        K = default_intrinsics(seen.video.width_px, seen.video.height_px)
        tilt = find_tilt([worker], seen.view, K)
        keypoints = lengthened(steady(worker, seen.view, tilt, tilt.gravity, K), options.frames)
        settings, spent_s = FitSettings.for_quality(seen.quality), []
        for _ in range(RUNS):
            started = time.process_time()
            fit_motion(keypoints, K, tilt.gravity, body, betas_for_stature(body, 1.7), settings=settings)
            spent_s.append(time.process_time() - started)
        print(f"{folder}: {seen.quality}, {1000 * min(spent_s) / options.frames:.2f} ms a picture")


if __name__ == "__main__":
    main()
