"""Errors of wrist and forearm angles against hands triangulated from four synchronised cameras.

    python benchmarks/hands.py DATA [--quality high]

DATA holds ``real_pose2sim`` (docs/accuracy.md). Each camera's film is analysed on its own, with gravity from the
calibration. Where two cameras or more read the same hand at the same time, its landmarks are triangulated; forearm and
upper arm are those of the clip's triangulated body. Also printed: how far two cameras' angles are apart.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import repository  # noqa: F401

from ergo.assess.angles import measure
from ergo.body.hand_landmarks import HandLandmark as H
from ergo.body.hands import palmar, wrist_angles_deg
from ergo.body.load import load_body
from ergo.body.model import betas_for_stature
from ergo.fitting.fit import FitSettings, fit_motion
from ergo.geometry.camera import default_intrinsics
from ergo.geometry.rotations import frame_from_axes, signed_angle_deg, unit
from ergo.pose.catalogue import open_estimator, open_reader
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import track_people
from ergo.types import SIDES, Gravity, Hands, JointAngles, Side
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames

ANGLES = ("wrist_flexion", "wrist_deviation", "forearm_rotation")
STATURE_M = 1.75
MOST_REPROJECTION_PX = 12.0
PALM_M = (0.06, 0.13)


@dataclass(frozen=True)
class View:
    """One camera's analysis: frame numbers of the film, hands, angles, and the camera's projection."""

    frames: list[int]
    hands: Hands
    angles: JointAngles
    projection: np.ndarray


def analyse(clip: Path, camera: dict, fps: float, quality: str) -> View:
    """The whole way from one film to angles."""
    preset, info = PRESETS[quality], probe(clip, DecodeLimits())
    decode = DecodeSettings(rate_hz=preset.rate_hz, max_side_px=preset.input_side_px)
    reader = read_frames(clip, info, decode, DecodeLimits())
    with reader, open_estimator(preset) as estimator, open_reader(preset) as hands:
        worker = track_people(reader, info, estimator, preset, hands)[0]
    assert worker.hands is not None, f"{quality} looks at no hands"
    R = np.array(camera["R"])
    gravity = Gravity(up_cam=R @ np.array([0.0, 0.0, 1.0]), sd_deg=1.0, source="user")
    K, body = default_intrinsics(info.width_px, info.height_px), load_body(None, "neutral")
    fit = FitSettings.for_quality(quality)
    motion = fit_motion(worker, K, gravity, body, betas_for_stature(body, STATURE_M), settings=fit)
    return View(
        frames=[round(t * fps) for t in worker.timestamps_s],
        hands=worker.hands,
        angles=measure(motion, worker, gravity, K, quality),
        projection=np.array(camera["K"]) @ np.column_stack([R, camera["t"]]),
    )


def triangulate(projections: list[np.ndarray], xy_px: np.ndarray) -> tuple[np.ndarray, float]:
    """Points [21, 3] from views [n, 21, 2], and the median over points of the largest reprojection error."""
    points, errors = [], []
    for seen in np.swapaxes(xy_px, 0, 1):
        rows = [c * P[2] - P[k] for P, xy in zip(projections, seen, strict=True) for k, c in enumerate(xy)]
        point = np.linalg.svd(np.array(rows))[2][-1]
        again = [(P @ point)[:2] / (P @ point)[2] for P in projections]
        points.append(point[:3] / point[3])
        errors.append(float(np.linalg.norm(np.array(again) - seen, axis=1).max()))
    return np.array(points), float(np.median(errors))


def true_hand(views: list[View], frame: int, side: int) -> np.ndarray | None:
    """The hand from as many views as agree on it, at least two."""
    reading = [v for v in views if frame in v.frames and np.isfinite(v.hands.confidence[v.frames.index(frame), side])]
    for count in range(len(reading), 1, -1):
        for some in itertools.combinations(reading, count):
            xy = np.array([v.hands.xy_px[v.frames.index(frame), side] for v in some], dtype=float)
            points, error_px = triangulate([v.projection for v in some], xy)
            palm_m = float(np.linalg.norm(points[H.MIDDLE_MCP] - points[H.WRIST]))
            if error_px < MOST_REPROJECTION_PX and PALM_M[0] < palm_m < PALM_M[1]:
                return points
    return None


def true_angles(hand: np.ndarray, joints: dict, side: Side) -> dict[str, float]:
    """The three angles by their definitions, without any body model."""
    shoulder, elbow = (joints.get(f"{side[0]}_{part}") for part in ("shoulder", "elbow"))
    if shoulder is None or elbow is None:
        return {}
    frame = frame_from_axes(hand[H.MIDDLE_MCP] - hand[H.WRIST], hand[H.INDEX_MCP] - hand[H.PINKY_MCP])
    forearm = unit(hand[H.WRIST] - np.array(elbow))
    flexion, deviation = wrist_angles_deg(frame[None], forearm[None], palmar(side))
    across = np.cross(frame[:, 2], forearm)
    across = across * np.sign(across @ frame[:, 0])
    rotation = signed_angle_deg(np.array(shoulder) - np.array(elbow), across, forearm)
    return dict(zip(ANGLES, (flexion[0], deviation[0], -palmar(side) * float(rotation)), strict=True))


def main() -> None:
    """Print errors, and differences between cameras."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--quality", default="high")
    options = parser.parse_args()
    folder = options.data / "real_pose2sim" / "Demo_SinglePerson"
    truth = json.loads((folder / "pseudo_truth.json").read_text())
    joints = {frame["f"]: frame["joints"] for frame in truth["frames"]}
    views = [
        analyse(folder / f"{camera['name']}.mp4", camera, truth["fps"], options.quality) for camera in truth["cameras"]
    ]
    errors, apart, seen = defaultdict(list), defaultdict(list), 0
    for frame, (index, side) in itertools.product(sorted({f for v in views for f in v.frames}), enumerate(SIDES)):
        hand = true_hand(views, frame, index)
        exact = {} if hand is None else true_angles(hand, joints.get(frame, {}), side)
        for name in ANGLES:
            found = [float(v.angles[f"{side}_{name}"][v.frames.index(frame)]) for v in views if frame in v.frames]
            found = [value for value in found if np.isfinite(value)]
            seen += len(found) * (name == ANGLES[0])
            errors[name] += [(value, exact[name]) for value in found if name in exact]
            apart[name] += [abs(a - b) for a, b in itertools.combinations(found, 2)]
    looks = sum(len(v.frames) for v in views) * len(SIDES)
    print(f"{options.quality}: wrists told in {seen} of {looks} frames and hands ({seen / looks:.0%})")
    for name in ANGLES:
        pairs = np.array(errors[name]).reshape(-1, 2)
        off, between = pairs[:, 0] - pairs[:, 1], np.array(apart[name])
        if len(off):
            print(
                f"{name:17} n {len(off):3}  mean |error| {np.abs(off).mean():4.1f}  rms {np.sqrt((off**2).mean()):4.1f}"
                f"  bias {off.mean():+5.1f}  90 % below {np.percentile(np.abs(off), 90):4.1f}"
                f"  rms of the truth {np.sqrt((pairs[:, 1] ** 2).mean()):4.1f}"
            )
        if len(between):
            print(f"{'':17} two cameras apart: n {len(between)}, median {np.median(between):.1f}")


if __name__ == "__main__":
    main()
