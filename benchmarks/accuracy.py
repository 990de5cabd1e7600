"""Joint-angle error on clips with known joints, beside the raw estimator in the same run.

    python benchmarks/accuracy.py DATA [--quality medium] [--known-gravity]

DATA holds ``synth/*.mp4`` with ``*.truth.json`` beside them (rendered, exact joints) and
``real_pose2sim/*/cam0N.mp4`` with ``pseudo_truth.json`` (four calibrated cameras, triangulated from a pose
estimator's own landmarks: good to about 3°, and blind to errors that all four views share).
Columns are mean absolute errors in degrees: trunk to vertical, head to trunk, upper arm to trunk, upper arm to
vertical, elbow, knee; ``mean5`` leaves the head out. ``1sd`` and ``2sd`` are the shares of errors within one and two
of the reported standard deviations (68 % and 95 % if they are right).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ergo.body.landmarks import Landmark as L
from ergo.geometry.camera import tilt_from_up
from ergo.geometry.rotations import angle_between_deg
from ergo.pipeline import analyse
from ergo.types import Analysis, AnalysisSettings

SHORT = {"left": "l", "right": "r"}
COLUMNS = ("trunk", "neck", "arm/trunk", "arm/vert", "elbow", "knee")
ANGLE_OF_COLUMN = {
    "trunk": ("trunk_inclination",),
    "neck": ("neck_flexion",),
    "arm/trunk": ("left_shoulder_elevation", "right_shoulder_elevation"),
    "arm/vert": ("left_arm_elevation_gravity", "right_arm_elevation_gravity"),
    "elbow": ("left_elbow_flexion", "right_elbow_flexion"),
    "knee": ("left_knee_flexion", "right_knee_flexion"),
}


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Joints in the world (Z up) by name over time, and the camera's up."""

    joints: dict[str, np.ndarray]
    times_s: np.ndarray
    up_cam: np.ndarray

    def angles(self) -> dict[str, np.ndarray]:
        """The angles of the columns from the true joints."""
        return angles_of(self.joints, np.array([0.0, 0.0, 1.0]))


def angles_of(joints: dict[str, np.ndarray], up: np.ndarray) -> dict[str, np.ndarray]:
    """Angles by the same definitions from any twelve joints (and ``head`` where it is known)."""
    shoulders = (joints["l_shoulder"] + joints["r_shoulder"]) / 2
    trunk = shoulders - (joints["l_hip"] + joints["r_hip"]) / 2
    up = np.broadcast_to(up, trunk.shape)
    found = {"trunk_inclination": angle_between_deg(trunk, up)}
    if "head" in joints:
        found["head_to_trunk"] = angle_between_deg(joints["head"] - shoulders, trunk)
    for side, s in SHORT.items():
        shoulder, elbow, wrist, hip, knee, ankle = (
            joints[f"{s}_{part}"] for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        )
        found[f"{side}_shoulder_elevation"] = angle_between_deg(elbow - shoulder, -trunk)
        found[f"{side}_arm_elevation_gravity"] = angle_between_deg(elbow - shoulder, -up)
        found[f"{side}_elbow_flexion"] = angle_between_deg(elbow - shoulder, wrist - elbow)
        found[f"{side}_knee_flexion"] = angle_between_deg(knee - hip, ankle - knee)
    return found


def read_truth(content: dict, camera: dict, fps: float) -> Truth:
    """Truth of one clip seen by one camera."""
    frames = content["frames"]
    names = frames[0]["joints"].keys()
    joints = {
        name: np.array([f["joints"][name] if f["joints"][name] is not None else [np.nan] * 3 for f in frames])
        for name in names
    }
    return Truth(
        joints=joints, times_s=np.arange(len(frames)) / fps, up_cam=np.array(camera["R"]) @ np.array([0.0, 0.0, 1.0])
    )


def clips(data: Path) -> list[tuple[str, Path, Truth]]:
    """All clips with truth."""
    found = []
    for path in sorted((data / "synth").glob("*.mp4")):
        content = json.loads(path.with_suffix(".truth.json").read_text())
        found.append((path.stem, path, read_truth(content, content, content["fps"])))
    for folder in sorted((data / "real_pose2sim").iterdir()):
        content = json.loads((folder / "pseudo_truth.json").read_text())
        for camera in content["cameras"]:
            path = folder / f"{camera['name']}.mp4"
            found.append((f"real_{camera['name']}", path, read_truth(content, camera, content["fps"])))
    return found


def compare(analysis: Analysis, truth: Truth) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Errors of the analysis and of the raw landmarks (camera taken to be level), by angle, on its frames."""
    at = np.abs(truth.times_s[None] - analysis.angles.timestamps_s[:, None]).argmin(axis=1)
    true = truth.angles()
    xyz = analysis.keypoints.xyz_m
    raw_joints = {
        f"{s}_{part}": xyz[:, L[f"{side}_{part}".upper()]]
        for side, s in SHORT.items()
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    }
    raw_joints["head"] = xyz[:, [L.LEFT_EAR, L.RIGHT_EAR]].mean(axis=1)
    raw = angles_of(raw_joints, np.array([0.0, -1.0, 0.0]))
    ours, plain = {}, {}
    for names in ANGLE_OF_COLUMN.values():
        for name in names:
            if name == "neck_flexion":
                if "head_to_trunk" not in true:
                    continue
                # The head joint of the rendered people lies 6° forward of the trunk's line in neutral gaze.
                ours[name] = np.abs(analysis.angles[name]) - np.abs(true["head_to_trunk"][at] - 6.0)
                plain[name] = raw["head_to_trunk"] - true["head_to_trunk"][at]
            else:
                ours[name] = analysis.angles[name] - true[name][at]
                plain[name] = raw[name] - true[name][at]
    return ours, plain


def row(errors: dict[str, np.ndarray]) -> np.ndarray:
    """Mean absolute error of each column."""
    values = []
    for column in COLUMNS:
        known = [np.nanmean(np.abs(errors[n])) for n in ANGLE_OF_COLUMN[column] if n in errors and seen(errors[n])]
        values.append(np.mean(known) if known else np.nan)
    return np.array(values)


def seen(values: np.ndarray) -> bool:
    """Whether there is anything to average."""
    return bool(np.isfinite(values).any())


def mean5(values: np.ndarray) -> float:
    """Mean of the columns without the head."""
    return float(np.nanmean(np.delete(values, 1)))


def line(name: str, values: np.ndarray, rest: str = "") -> str:
    """One row of the printed table."""
    cells = " ".join(f"{v:9.1f}" if np.isfinite(v) else f"{'–':>9}" for v in values)
    return f"{name:<26} {cells} {mean5(values):7.2f}  {rest}"


def within(errors: dict[str, np.ndarray], analysis: Analysis, count: float) -> float:
    """Share of all errors within `count` reported standard deviations."""
    hits = []
    for name, error in errors.items():
        sd = analysis.angles.sd_deg[:, analysis.angles.names.index(name)]
        known = np.isfinite(error) & np.isfinite(sd)
        hits.append(np.abs(error[known]) <= count * sd[known])
    return float(np.mean(np.concatenate(hits)))


def main() -> None:
    """Analyse every clip and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--quality", default="medium")
    parser.add_argument("--known-gravity", action="store_true", help="give the true tilt instead of estimating it")
    options = parser.parse_args()
    print(f"{'clip':<26} " + " ".join(f"{c:>9}" for c in COLUMNS) + f" {'mean5':>7}  gravity  seen  1sd  2sd")
    groups: dict[str, list[tuple[np.ndarray, np.ndarray, float]]] = {"rendered": [], "real": []}
    for name, path, truth in clips(options.data):
        pitch_deg, roll_deg = tilt_from_up(truth.up_cam) if options.known_gravity else (None, None)
        settings = AnalysisSettings(quality=options.quality, camera_pitch_deg=pitch_deg, camera_roll_deg=roll_deg)
        with tempfile.TemporaryDirectory() as folder:
            analysis = analyse(path, Path(folder) / "out", settings)
        ours, plain = compare(analysis, truth)
        tilt_deg = float(angle_between_deg(analysis.gravity.up_cam, truth.up_cam))
        calibration = f"{within(ours, analysis, 1):.0%} {within(ours, analysis, 2):.0%}"
        print(line(name, row(ours), f"{tilt_deg:6.1f}° {analysis.angles.valid.mean():5.0%}  {calibration}"), flush=True)
        groups["real" if name.startswith("real") else "rendered"].append((row(ours), row(plain), tilt_deg))
    for group, rows in groups.items():
        if rows:
            tilts = [tilt for *_, tilt in rows]
            print(line(f"{group}: ergo", np.nanmean([r[0] for r in rows], axis=0), f"{np.mean(tilts):6.1f}°"))
            print(line(f"{group}: raw landmarks", np.nanmean([r[1] for r in rows], axis=0)))


if __name__ == "__main__":
    main()
