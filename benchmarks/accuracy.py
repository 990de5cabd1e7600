"""Joint-angle error on clips with known joints, beside the raw estimator in the same run.

    python benchmarks/accuracy.py DATA [MORE …] --quality medium high [--json FILE] [--markdown docs/accuracy.md]

DATA: see ``truth_clips.py``. Columns are mean absolute errors in degrees: trunk to vertical, head to trunk, upper arm
to trunk, upper arm to vertical, elbow, knee; ``mean5`` leaves the head out. ``1sd`` and ``2sd`` are the shares of
errors within one and two of the reported standard deviations (68 % and 95 % if they are right). ``told`` is the share
of these angles that are told at all; the raw landmarks are judged on the same pictures. ``cpu`` is processor time,
which other work on the machine changes little.

With ``--json`` the figures of every clip are kept and earlier ones replaced, so that a long run can be done in pieces.
With ``--markdown`` the tables between the marks of that file are written anew from them. With ``--keep`` the results
are kept, and another run takes what was seen in the pictures from there (its time is then the first run's).
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import repository  # noqa: F401
from accuracy_tables import lines, write_tables
from truth_clips import SHORT, Clip, Truth, angles_of, find_clips

from ergo.body.landmarks import Landmark as L
from ergo.errors import ErgoError, SettingsError
from ergo.evaluation import PipelineOptions
from ergo.geometry.camera import tilt_from_up
from ergo.geometry.rotations import angle_between_deg
from ergo.pipeline import analyse
from ergo.reanalysis import reanalyse
from ergo.types import QUALITIES, Analysis, AnalysisSettings
from ergo.video.limits import DecodeLimits

ANGLE_OF_COLUMN = {
    "trunk": ("trunk_inclination",),
    "head": ("neck_flexion",),
    "arm/trunk": ("left_shoulder_elevation", "right_shoulder_elevation"),
    "arm/vertical": ("left_arm_elevation_gravity", "right_arm_elevation_gravity"),
    "elbow": ("left_elbow_flexion", "right_elbow_flexion"),
    "knee": ("left_knee_flexion", "right_knee_flexion"),
}
SAME_PERSON = 0.6
"""The worker was found when the hips are this near to the true pelvis, in median trunk lengths."""

PATIENT = PipelineOptions(limits=DecodeLimits(idle_timeout_s=600.0))
"""A busy machine must not end a measurement."""

Errors = dict[str, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one clip at one quality; errors by column, NaN where nothing is told.

    `within` holds, by column, the shares of errors within one and two standard deviations; `worker` tells whether the
    right person was chosen, None where the truth does not say where they are.
    """

    clip: str
    group: str
    quality: str
    commit: str
    ours_deg: dict[str, float]
    raw_deg: dict[str, float]
    tilt_deg: float
    told: float
    within: dict[str, tuple[float, float]]
    worker: bool | None
    cpu_ms_a_frame: float
    frames: int


def compare(analysis: Analysis, truth: Truth) -> tuple[Errors, Errors]:
    """Errors of the analysis and of the raw landmarks (camera taken to be level), by angle, on its frames."""
    at = np.abs(truth.times_s[None] - analysis.angles.timestamps_s[:, None]).argmin(axis=1)
    true = truth.angles()
    xyz = analysis.keypoints.xyz_m
    joints = {
        f"{s}_{part}": xyz[:, L[f"{side}_{part}".upper()]]
        for side, s in SHORT.items()
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    }
    plain = angles_of(joints, np.array([0.0, -1.0, 0.0]))
    ours, raw = {}, {}
    for name in (name for names in ANGLE_OF_COLUMN.values() for name in names if name in true):
        ours[name] = analysis.angles[name] - true[name][at]
        raw[name] = np.where(np.isfinite(ours[name]), plain.get(name, np.nan) - true[name][at], np.nan)
    return ours, raw


def by_column(errors: Errors) -> dict[str, float]:
    """Mean absolute error of each column: left and right count the same."""
    found = {}
    for column, names in ANGLE_OF_COLUMN.items():
        sides = [np.abs(errors[name]) for name in names if name in errors and np.isfinite(errors[name]).any()]
        found[column] = float(np.mean([np.nanmean(side) for side in sides])) if sides else float("nan")
    return found


def within(errors: Errors, analysis: Analysis) -> dict[str, tuple[float, float]]:
    """By column, the shares of errors within one and two reported standard deviations."""
    found = {}
    for column, names in ANGLE_OF_COLUMN.items():
        size = np.concatenate(
            [
                np.abs(errors[n]) / analysis.angles.sd_deg[:, analysis.angles.names.index(n)]
                for n in names
                if n in errors
            ]
            or [np.empty(0)]
        )
        size = size[np.isfinite(size)]
        if len(size):
            found[column] = (float(np.mean(size <= 1)), float(np.mean(size <= 2)))
    return found


def found_worker(analysis: Analysis, truth: Truth) -> bool | None:
    """Whether the person analysed stands where the worker does."""
    if truth.pelvis_px is None:
        return None
    at = np.abs(truth.times_s[None] - analysis.angles.timestamps_s[:, None]).argmin(axis=1)
    xy = analysis.keypoints.xy_px
    hips, shoulders = (xy[:, list(pair)].mean(axis=1) for pair in ((L.LEFT_HIP, L.RIGHT_HIP),
                                                                   (L.LEFT_SHOULDER, L.RIGHT_SHOULDER)))  # fmt: skip
    trunk_px = np.nanmedian(np.linalg.norm(hips - shoulders, axis=1))
    return bool(np.nanmedian(np.linalg.norm(hips - truth.pelvis_px[at], axis=1)) < SAME_PERSON * trunk_px)


def look(clip: Clip, settings: AnalysisSettings, keep: Path | None) -> tuple[Analysis, float]:
    """Analyse a clip, or what an earlier run saw of it; and the processor time that took, NaN for the latter."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        kept = keep / clip.group / clip.name / settings.quality if keep else None
        if kept is not None and kept.exists():
            with suppress(SettingsError):  # kept by an older version, say
                return reanalyse(kept, out, settings, PATIENT), float("nan")
            shutil.rmtree(kept)
        started = _cpu_s()
        analysis = analyse(clip.path, out, settings, PATIENT)
        cpu_s = _cpu_s() - started
        if kept is not None:
            shutil.copytree(out, kept)
        return analysis, cpu_s


def measure(clip: Clip, quality: str, commit: str, keep: Path | None, known_gravity: bool) -> Row:
    """The figures of one clip; all unknown where Ergo finds nobody."""
    pitch_deg, roll_deg = tilt_from_up(clip.truth.up_cam) if known_gravity else (None, None)
    settings = AnalysisSettings(quality=quality, camera_pitch_deg=pitch_deg, camera_roll_deg=roll_deg)
    frames = len(clip.truth.times_s)
    known = {"clip": clip.name, "group": clip.group, "quality": quality, "commit": commit, "frames": frames}
    try:
        analysis, cpu_s = look(clip, settings, keep)
    except ErgoError as error:
        print(f"{clip.name}: {error}")
        nan = float("nan")
        nothing = dict.fromkeys(ANGLE_OF_COLUMN, nan)
        return Row(**known, ours_deg=nothing, raw_deg=nothing, tilt_deg=nan, told=0.0, within={}, worker=None,
                   cpu_ms_a_frame=nan)  # fmt: skip
    ours, raw = compare(analysis, clip.truth)
    return Row(
        **known,
        ours_deg=by_column(ours),
        raw_deg=by_column(raw),
        tilt_deg=float(angle_between_deg(analysis.gravity.up_cam, clip.truth.up_cam)),
        told=float(np.mean([np.isfinite(error) for error in ours.values()])),
        within=within(ours, analysis),
        worker=found_worker(analysis, clip.truth),
        cpu_ms_a_frame=1000 * cpu_s / frames,
    )


def _cpu_s() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    done = subprocess.run(
        [git, "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def merged(path: Path | None, fresh: list[Row]) -> list[Row]:
    """Rows kept in a file with the fresh ones in place of their earlier selves, and the file written anew."""
    rows = [Row(**entry) for entry in json.loads(path.read_text())] if path is not None and path.exists() else []
    by_name = {(row.group, row.clip, row.quality): row for row in rows}
    for row in fresh:
        key = (row.group, row.clip, row.quality)
        timed = row.cpu_ms_a_frame if np.isfinite(row.cpu_ms_a_frame) or key not in by_name else None
        by_name[key] = row if timed is not None else replace(row, cpu_ms_a_frame=by_name[key].cpu_ms_a_frame)
    if path is not None:
        path.write_text(json.dumps([asdict(row) for row in by_name.values()], indent=1))
    return list(by_name.values())


def main() -> None:
    """Analyse every clip, print the table, keep and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="*")
    parser.add_argument("--quality", nargs="+", choices=QUALITIES, default=["medium"])
    parser.add_argument("--known-gravity", action="store_true", help="give the true tilt instead of estimating it")
    parser.add_argument("--json", type=Path, help="keep the figures of every clip here")
    parser.add_argument("--markdown", type=Path, help="write the tables into this file, between its marks")
    parser.add_argument("--keep", type=Path, help="keep results here, and start from those of an earlier run")
    options = parser.parse_args()
    rows, commit = [], _commit()
    for quality in options.quality:
        for clip in find_clips(options.data):
            row = measure(clip, quality, commit, options.keep, options.known_gravity)
            print(lines([row])[-1], flush=True)
            rows = [*rows, row]
            everything = merged(options.json, rows)
    everything = merged(options.json, rows)
    print("\n".join(lines(everything)))
    if options.markdown is not None:
        write_tables(options.markdown, everything)


if __name__ == "__main__":
    main()
