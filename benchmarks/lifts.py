"""Lifts found, and H, V, D, A of them, on films and motion capture whose truth is known.

    python benchmarks/lifts.py DATA [--quality medium] [--motion-only]

DATA holds ``synth/*.mp4`` with ``*.truth.json`` (rendered, exact joints) and ``mocap`` (BVH of the CMU database and of
box picking in an Xsens suit, OpenSim angles of squats). First the true motions are searched: that is the detector
alone. Then the rendered films are analysed and searched: detector and pose together. Knuckles are taken 8.5 cm beyond
the wrist along the forearm where the truth has none. What is a lift was read off the true path of the hands by eye.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import repository  # noqa: F401
from bvh import poses, read_bvh
from pose_prior import RIGS
from scipy.spatial.transform import Rotation

from ergo.assess.hand_path import hand_path
from ergo.assess.lift_places import MeasuredLift, measure_lift, size_sd
from ergo.assess.lifts import find_lifts
from ergo.body.skeleton import JOINT_INDEX
from ergo.evaluation import PipelineOptions
from ergo.pipeline import analyse
from ergo.types import SIDES, AnalysisSettings, Motion
from ergo.video.limits import DecodeLimits

PATIENT = PipelineOptions(limits=DecodeLimits(idle_timeout_s=600.0))
"""A busy machine must not end a measurement."""
PALM_M = 0.085
TRUE_LIFTS = {
    "proof_lift": 1, "pub_lift_squat": 1, "pub_twist_transfer": 1, "pub_xsens_box": 1, "pub_overhead": 1,
    "xsens_motionbox_0_640": 1,
}  # fmt: skip
"""Lifts of each clip; all others hold none. In pub_overhead two hands go up as a pair: as good as a lift."""
EVERYDAY = ("cmu_02_02", "cmu_03_02", "cmu_07_")
"""Recordings of plain walking; the other ones are play, dance, sport and stooping."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A true motion, and the film of it if there is one."""

    name: str
    motion: Motion
    film: Path | None = None


def motion_of(joints: dict[str, np.ndarray], times_s: np.ndarray) -> Motion:
    """A motion that knows joints alone (Y up, metres)."""
    frames = len(times_s)
    world = np.full((frames, 55, 3), np.nan)
    for side in SIDES:
        wrist, elbow = joints[f"{side}_wrist"], joints[f"{side}_elbow"]
        along = (wrist - elbow) / np.linalg.norm(wrist - elbow, axis=1, keepdims=True)
        joints.setdefault(f"{side}_middle1", wrist + PALM_M * along)
    for name, place in joints.items():
        world[:, JOINT_INDEX[name]] = place
    world[:, 0] = (joints["left_hip"] + joints["right_hip"]) / 2
    return Motion(
        betas=np.zeros(10), global_orient=np.zeros((frames, 3)), body_pose=np.zeros((frames, 21, 3)),
        left_hand_pose=np.zeros((frames, 15, 3)), right_hand_pose=np.zeros((frames, 15, 3)),
        jaw_pose=np.zeros((frames, 3)), expression=np.zeros((frames, 10)), transl=np.zeros((frames, 3)),
        joints_m=world, timestamps_s=times_s.astype(float), valid=np.ones(frames, bool),
    )  # fmt: skip


def rendered(folder: Path) -> Iterator[Clip]:
    """The rendered clips; their world has Z up."""
    for path in sorted(folder.glob("*.truth.json")):
        content = json.loads(path.read_text())
        frames = content["frames"]
        joints = {}
        for side in SIDES:
            for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist", "toe"):
                place = np.array([frame["joints"][f"{side[0]}_{part}"] for frame in frames])
                joints[f"{side}_{'foot' if part == 'toe' else part}"] = place[:, [0, 2, 1]] * [1.0, 1.0, -1.0]
        name = path.name.removesuffix(".truth.json")
        times_s = np.arange(len(frames)) / content["fps"]
        yield Clip(name=name, motion=motion_of(joints, times_s), film=folder / f"{name}.mp4")


def captured(folder: Path) -> Iterator[Clip]:
    """The BVH recordings at about 30 Hz, put on their feet; the Xsens one without its first T-pose."""
    for path in sorted(folder.glob("*.bvh")):
        recording = read_bvh(path)
        rig = next(rig for rig in RIGS if set(rig.values()) <= set(recording.names))
        every = max(1, round(1 / 30 / recording.step_s))
        _, found = poses(recording, slice(None, None, every))
        joints = {name: found[bone] / 100 for name, bone in rig.items()}
        for side in SIDES:
            s = side[0].upper()
            toe = f"CC_Base_{s}_ToeBase" if f"CC_Base_{s}_ToeBase" in found else f"{side.capitalize()}Toe"
            joints[f"{side}_foot"] = found[toe] / 100
            if f"CC_Base_{s}_Mid1" in found:
                joints[f"{side}_middle1"] = found[f"CC_Base_{s}_Mid1"] / 100
        standing = np.mean(joints["left_shoulder"] - joints["left_ankle"], axis=0)
        if abs(standing[2]) > abs(standing[1]):
            joints = {name: place[:, [0, 2, 1]] * [1.0, 1.0, -1.0] for name, place in joints.items()}
        floor_m = float(np.min(joints["left_ankle"][:, 1] + joints["right_ankle"][:, 1]) / 2 - 0.09)
        first = 2 if "xsens" in path.stem else 0
        joints = {name: (place - [0.0, floor_m, 0.0])[first:] for name, place in joints.items()}
        times_s = np.arange(len(joints["left_hip"])) * every * recording.step_s
        yield Clip(name=path.stem, motion=motion_of(joints, times_s))


def squats(path: Path) -> Clip:
    """Five squats with the arms held out, from joint angles of an OpenSim model and typical lengths."""
    lines = path.read_text().splitlines()
    start = lines.index("endheader") + 1
    names = lines[start].split()
    values = np.array([line.split() for line in lines[start + 1 :] if line.strip()], dtype=float)

    def column(name: str) -> np.ndarray:
        return values[:, names.index(name)]

    def turn(order: str, *angles: np.ndarray) -> Rotation:
        return Rotation.from_euler(order, np.stack(angles, axis=1), degrees=True)

    pelvis = turn("ZXY", column("pelvis_tilt"), column("pelvis_list"), column("pelvis_rotation"))
    at = np.stack([column(f"pelvis_t{axis}") for axis in "xyz"], axis=1)
    trunk = pelvis * turn("ZXY", column("lumbar_extension"), column("lumbar_bending"), column("lumbar_rotation"))
    back = at + pelvis.apply([-0.10, 0.08, 0.0])
    joints = {}
    for side, sign in (("left", -1), ("right", 1)):
        s = side[0]
        hip = at + pelvis.apply([-0.056, -0.078, 0.077 * sign])
        thigh = pelvis * turn(
            "ZXY", column(f"hip_flexion_{s}"), sign * column(f"hip_adduction_{s}"), sign * column(f"hip_rotation_{s}")
        )
        knee = hip + thigh.apply([0.0, -0.41, 0.0])
        ankle = knee + (thigh * turn("ZX", -column(f"knee_angle_{s}"), 0 * at[:, 0])).apply([0.0, -0.40, 0.0])
        shoulder = back + trunk.apply([0.0, 0.37, 0.17 * sign])
        arm = trunk * turn("ZXY", column(f"arm_flex_{s}"), sign * column(f"arm_add_{s}"), sign * column(f"arm_rot_{s}"))
        elbow = shoulder + arm.apply([0.0, -0.29, 0.0])
        wrist = elbow + (arm * turn("ZX", column(f"elbow_flex_{s}"), 0 * at[:, 0])).apply([0.0, -0.25, 0.0])
        parts = {
            "hip": hip,
            "knee": knee,
            "ankle": ankle,
            "foot": np.add(ankle, [0.13, -0.06, 0.0]),
            "shoulder": shoulder,
        }
        joints |= {f"{side}_{part}": place for part, place in (parts | {"elbow": elbow, "wrist": wrist}).items()}
    return Clip(name="opencap_squats", motion=motion_of(joints, column("time")))


def search(motion: Motion) -> list[MeasuredLift]:
    """Lifts with their places; two hands only, as single hands are told as possible and nothing more."""
    path = hand_path(motion)
    sd = size_sd(AnalysisSettings())
    return [measure_lift(path, lift, sd) for lift in find_lifts(path) if lift.hands == "both"]


def counts(found: dict[str, int]) -> str:
    """Precision and recall over clips."""
    hits = sum(min(count, TRUE_LIFTS.get(name, 0)) for name, count in found.items())
    true = sum(TRUE_LIFTS.get(name, 0) for name in found)
    return f"{hits} of {true} lifts found, {sum(found.values()) - hits} found that are none"


def seconds(motion: Motion) -> float:
    """Length of a motion."""
    return float(motion.timestamps_s[-1] - motion.timestamps_s[0])


def main() -> None:
    """Search true motions, then films, and print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--quality", default="medium")
    parser.add_argument("--motion-only", action="store_true", help="leave the films out")
    options = parser.parse_args()
    films = list(rendered(options.data / "synth"))
    moves = [*captured(options.data / "mocap"), squats(next((options.data / "mocap").glob("opencap*.mot")))]
    print("true motions")
    groups = {
        "rendered clips": films,
        "box picking": [c for c in moves if "xsens" in c.name],
        "walking": [c for c in moves if c.name.startswith(EVERYDAY)],
        "squats": [c for c in moves if "squats" in c.name],
        "play, dance, sport": [c for c in moves if c.name.startswith("cmu") and not c.name.startswith(EVERYDAY)],
    }
    for group, clips in groups.items():
        found = {clip.name: len(search(clip.motion)) for clip in clips}
        print(f"  {group:<20} {sum(seconds(c.motion) for c in clips):6.0f} s  {counts(found)}")
    if options.motion_only:
        return
    print(f"films at {options.quality}: error (standard deviation told), origin | destination; cm, degrees")
    found, errors = {}, []
    for clip in films:
        with tempfile.TemporaryDirectory() as folder:
            settings = AnalysisSettings(quality=options.quality)
            motion = analyse(clip.film, Path(folder) / "out", settings, PATIENT).motion
        ours, truth = search(motion), search(clip.motion)
        found[clip.name] = len(ours)
        pairs = [(mine, true) for mine in ours for true in truth if abs(mine.origin.time_s - true.origin.time_s) < 1.0]
        for mine, true in pairs[:1]:
            errors.append(compare(mine, true))
            print(f"  {clip.name:<20} {errors[-1].line()}", flush=True)
        if not pairs:
            print(f"  {clip.name:<20} missed", flush=True)
    print(f"  {counts(found)}")
    if errors:
        rms = np.sqrt(np.nanmean(np.square([e.values for e in errors]), axis=0))
        print("  rms " + "  ".join(f"{name} {value:.0f}" for name, value in zip(NAMES, rms, strict=True)))


NAMES = ("H", "V", "A", "H'", "V'", "A'", "D")


@dataclass(frozen=True)
class Errors:
    """Errors of one lift: H, V, A at the origin, at the destination, and D; with what was told of them."""

    values: tuple[float, ...]
    told_sd: tuple[float, ...]

    def line(self) -> str:
        """As a row."""
        known = [entry for entry in zip(NAMES, self.values, self.told_sd, strict=True) if np.isfinite(entry[1])]
        cells = [f"{n} {v:+.0f} ({s:.0f})" for n, v, s in known]
        return "  ".join(cells)


def compare(mine: MeasuredLift, true: MeasuredLift) -> Errors:
    """Errors of one lift; a destination that either film cuts off has none."""
    cut = mine.lift.cut or true.lift.cut
    values, told = [], []
    for end in ("origin", "destination"):
        a, b = getattr(mine, end), getattr(true, end)
        gone = np.nan if cut and end == "destination" else 0.0
        values += [getattr(a, n) - getattr(b, n) + gone for n in ("reach_cm", "height_cm", "asymmetry_deg")]
        told += [a.reach_sd_cm, a.height_sd_cm, a.asymmetry_sd_deg]
    values.append(mine.travel_cm - true.travel_cm + (np.nan if cut else 0.0))
    return Errors(tuple(values), (*told, mine.travel_sd_cm))


if __name__ == "__main__":
    main()
