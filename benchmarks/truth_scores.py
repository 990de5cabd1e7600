"""What is made of the angles: twists and side bends beside the true ones, and scores beside those of the true angles.

    python benchmarks/truth_scores.py DATA [MORE …] --quality medium [--keep FOLDER]

DATA: see ``truth_clips.py``; --keep: see ``accuracy.py``. First, for each twist and side bend as measured, mean error,
root mean square, 68th and 95th percentile, and the term of ``ergo/assess/error_model.py`` that follows (the geometric
mean of the 68th and half of the 95th); the same for how far one ankle is above the other. Then how often RULA and
REBA of the true angles lie in the 90 % interval told, of each picture and of the peak: with angles as measured, and
as they most probably are (``ergo/assess/plausible.py``). Angles whose truth is not known are taken as measured, and
as exact. Every clip counts the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import repository  # noqa: F401
from accuracy import look
from truth_clips import UP, Truth, find_clips

from ergo.assess.angles import measure
from ergo.assess.certainty import with_certainty
from ergo.assess.exposure import peak_of
from ergo.assess.plausible import plausible
from ergo.assess.score import assess, neutral_totals
from ergo.body.skeleton import JOINT_INDEX
from ergo.errors import ErgoError
from ergo.geometry.rotations import reject, signed_angle_deg, unit
from ergo.types import QUALITIES, Analysis, AnalysisSettings, JointAngles, TaskContext

TWISTS = ("trunk_twist", "trunk_side_bend", "neck_twist", "neck_side_bend")
NOBODY_SAID = TaskContext()


def true_angles(truth: Truth) -> dict[str, np.ndarray]:
    """All angles the joints tell, by Ergo's names: those of ``truth_clips.py``, twists and side bends."""
    joints = truth.joints
    shoulders, hips = (joints[f"l_{part}"] - joints[f"r_{part}"] for part in ("shoulder", "hip"))
    trunk = (joints["l_shoulder"] + joints["r_shoulder"] - joints["l_hip"] - joints["r_hip"]) / 2
    across, along = unit(hips * (1.0 - UP)), unit(trunk)
    forward = np.cross(across, UP)
    found = truth.angles() | {
        "trunk_flexion": np.degrees(np.arctan2((along * forward).sum(axis=1), along @ UP)),
        "trunk_side_bend": -np.degrees(np.arcsin(np.clip((along * across).sum(axis=1), -1.0, 1.0))),
        "trunk_twist": signed_angle_deg(hips, shoulders, trunk),
    }
    if "l_eye" in joints:
        eyes = unit(joints["l_eye"] - joints["r_eye"])
        left = unit(reject(shoulders, along))
        ahead = np.cross(left, along)
        found["neck_side_bend"] = np.degrees(np.arcsin(np.clip((eyes * along).sum(axis=1), -1.0, 1.0)))
        found["neck_twist"] = np.degrees(np.arctan2(-(eyes * ahead).sum(axis=1), (eyes * left).sum(axis=1)))
    return found


def with_truth(angles: JointAngles, true: Mapping[str, np.ndarray]) -> tuple[JointAngles, JointAngles]:
    """The true angles where they are known; and the measured ones, those without a truth taken to be exact."""
    values, sd = angles.values_deg.copy(), np.where(angles.valid, 0.0, np.nan)
    for name, column in ((name, angles.names.index(name)) for name in true if name in angles.names):
        known = np.isfinite(true[name]) & angles.valid[:, column]
        values[known, column] = true[name][known]
        sd[:, column] = angles.sd_deg[:, column]
    return replace(angles, values_deg=values), replace(angles, sd_deg=sd)


def intervals(analysis: Analysis, measured: JointAngles, truth: JointAngles) -> list[list[float]]:
    """For RULA and REBA of each side: in, below, above, width, bias and error of the pictures; the same of the peak."""
    motion, rows = analysis.motion, []
    right = neutral_totals(motion, truth, NOBODY_SAID)
    scored = assess(motion, measured, NOBODY_SAID)
    for told in with_certainty(scored, motion, measured, analysis.gravity, NOBODY_SAID):
        if told.method not in ("rula", "reba") or told.certainty is None:
            continue
        true, sure = right[told.method, told.side], told.certainty
        seen = np.isfinite(true) & np.isfinite(told.total)
        if seen.sum() < 3:
            continue
        peaks = np.percentile(sure.peaks, (5, 95), method="nearest")
        peak, true_peak = (peak_of(total, told.timestamps_s) for total in (told.total, true))
        rows.append(
            [*_within(true[seen], sure.total_p05[seen], sure.total_p95[seen], told.total[seen]),
             *_within(*(np.array([value]) for value in (true_peak, *peaks, peak)))]
        )  # fmt: skip
    return rows


def _within(true: np.ndarray, low: np.ndarray, high: np.ndarray, told: np.ndarray) -> list[float]:
    below, above = np.mean(true < low), np.mean(true > high)
    error = told - true
    return [float(v) for v in (1 - below - above, below, above, np.mean(high - low), error.mean(), abs(error).mean())]


def spread(errors: list[np.ndarray]) -> str:
    """Mean error, rms, percentiles and term, every clip counting the same."""
    errors = [e[np.isfinite(e)] for e in errors]
    size = np.concatenate([np.abs(e) for e in errors])
    weight = np.concatenate([np.full(len(e), 1 / max(len(e), 1)) for e in errors])
    weight, order = weight / weight.sum(), np.argsort(size)
    p68, p95 = size[order][np.searchsorted(np.cumsum(weight[order]), (0.68, 0.95))]
    mean, rms = weight @ size, np.sqrt(weight @ size**2)
    return f"mean {mean:5.1f}  rms {rms:5.1f}  68 % {p68:5.1f}  95 % {p95:5.1f}  term {np.sqrt(p68 * p95 / 2):5.1f}"


def main() -> None:
    """Analyse every clip and print."""
    parser = argparse.ArgumentParser(description="Twists, side bends and scores beside the true ones.")
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--quality", choices=QUALITIES, default="medium")
    parser.add_argument("--keep", type=Path, help="keep results here, and start from those of an earlier run")
    options = parser.parse_args()
    errors: dict[str, list[np.ndarray]] = {}
    rows: dict[str, list[list[float]]] = {}
    for clip in find_clips(options.data):
        try:
            analysis, _ = look(clip, AnalysisSettings(quality=options.quality), options.keep)
        except ErgoError as error:
            print(f"{clip.name}: {error}")
            continue
        motion = analysis.motion
        angles = measure(motion, analysis.keypoints, analysis.gravity, analysis.camera.K, options.quality)
        at = np.abs(clip.truth.times_s[None] - angles.timestamps_s[:, None]).argmin(axis=1)
        true = {name: values[at] for name, values in true_angles(clip.truth).items()}
        for name in (name for name in TWISTS if name in true):
            errors.setdefault(name, []).append(angles[name] - true[name])
        heights = [motion.joints_m[:, JOINT_INDEX[f"{side}_ankle"], 1] for side in ("left", "right")]
        ankles = clip.truth.joints["l_ankle"][at] - clip.truth.joints["r_ankle"][at]
        errors.setdefault("ankles, cm", []).append(100 * (np.abs(heights[0] - heights[1]) - np.abs(ankles @ UP)))
        for label, told in (("as measured", angles), ("most probably", plausible(angles))):
            right, measured = with_truth(told, true)
            rows.setdefault(label, []).extend(intervals(analysis, measured, right))
        print(clip.name, flush=True)
    for name, found in errors.items():
        print(f"{name:<16} {spread(found)}  ({len(found)} clips)")
    titles = ("in", "below", "above", "width", "bias", "error")
    print(" " * 17 + "  ".join(f"{title:>6}" for title in titles) + "  the same of the peak")
    for label, found in rows.items():
        print(f"{label:<16} " + "  ".join(f"{v:6.2f}" for v in np.mean(found, axis=0)) + f"  ({len(found)})")


if __name__ == "__main__":
    main()
