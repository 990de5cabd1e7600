"""From what was seen in the pictures to a folder of results; the second half of the way of the data.

Keypoints of everybody ──choose_worker──▶ one person's ──fit_motion──▶ Motion ──measure──▶ JointAngles
  ──assess──▶ Assessments ──write──▶ files
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ergo.assess.angles import measure
from ergo.assess.certainty import with_certainty
from ergo.assess.moments import Moment, worst_moments
from ergo.assess.overrides import check_overrides
from ergo.assess.plausible import plausible
from ergo.assess.score import assess
from ergo.assess.task import assess_task
from ergo.assess.visibility import warnings
from ergo.body.load import load_body
from ergo.body.model import BodyModel, betas_for_stature
from ergo.config import Settings
from ergo.cores import cores_here, spread_over
from ergo.errors import SettingsError
from ergo.fitting.fit import FitSettings, fit_motion
from ergo.fitting.gravity import from_user
from ergo.fitting.view import find_tilt, steady
from ergo.geometry.camera import default_intrinsics
from ergo.person import parts_of
from ergo.pose.joining import joined, part_of
from ergo.pose.runtimes import PoseDevice
from ergo.pose.selection import choose_worker, describe_tracks
from ergo.progress import Clock
from ergo.report.glb import write_glb
from ergo.report.measured import ANGLES_FILE, as_kept, write_angle_arrays
from ergo.report.motion_file import write_motion
from ergo.report.pictures import crop, write_jpeg
from ergo.report.result import moment_picture, person_picture, result, write_result
from ergo.report.seen import KEYPOINTS, Seen, kept_seen
from ergo.report.tables import write_angles, write_scores
from ergo.report.task import write_lifts
from ergo.report.viewer import write_viewer
from ergo.types import Analysis, AnalysisSettings, Camera, Sex
from ergo.video.grabbing import grab_frames
from ergo.video.limits import DecodeLimits
from ergo.video.probing import probe

TYPICAL_STATURE_M: dict[Sex, float] = {"neutral": 1.70, "male": 1.76, "female": 1.63}
"""Used when the height is not given. It sizes the figure; angles and scores do not depend on it."""

PREVIEW = "preview.mp4"
WORST_MOMENTS = 3
_FRAMES_A_CORE = 600
"""With fewer frames for each, starting processes takes longer than they save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineOptions:
    """What the machine, not the user, decides: where licensed bodies are, what a decoder may use, in what pieces a
    long film is looked at (see :mod:`ergo.looking.plan`), how many processes evaluate it (see :mod:`ergo.cores`), on
    what the pose networks run (see :mod:`ergo.pose.runtimes`)."""

    smplx_dir: Path | None = None
    piece_s: float = 120.0
    cores: int = 1
    pose_device: PoseDevice = "auto"
    limits: DecodeLimits = field(default_factory=DecodeLimits)

    @classmethod
    def from_settings(cls, settings: Settings) -> PipelineOptions:
        """The options an operator has set."""
        limits = DecodeLimits.from_settings(settings)
        cores = settings.cores or cores_here()
        return cls(
            smplx_dir=settings.smplx_dir,
            piece_s=settings.piece_s,
            cores=cores,
            pose_device=settings.pose_device,
            limits=limits,
        )


def evaluate(seen: Seen, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: Clock) -> Analysis:
    """Pose, measure and score the worker and write all files into `work`, where the preview already is.

    Raises:
        NoPersonFound, SettingsError: there is nobody, or not the person that was asked for.
        ModelError: a body file is missing or damaged.
    """
    seen = kept_seen(work / KEYPOINTS, seen)
    info = seen.video
    check_overrides(settings.overrides, info.duration_s)
    tracks = describe_tracks(seen.people, info)
    track_ids = choose_worker(tracks, settings.person)
    by_id = {person.track_id: person for person in seen.people}
    parts = parts_of(track_ids if settings.person is None else settings.person)
    keypoints = joined([part_of(by_id[part.track_id], part) for part in parts])
    clock.enter("body")
    K = default_intrinsics(info.width_px, info.height_px)
    others = [person for person in seen.people if person.track_id not in track_ids]
    tilt = find_tilt([keypoints, *others], seen.view, K)
    gravity = from_user(settings.camera_pitch_deg, settings.camera_roll_deg) or tilt.gravity
    steadied = steady(keypoints, seen.view, tilt, gravity, K)
    body = load_body(options.smplx_dir, settings.sex)
    stature_m = settings.height_m or TYPICAL_STATURE_M[settings.sex]
    fit = FitSettings.for_quality(seen.quality)
    betas = betas_for_stature(body, stature_m)
    context, said = settings.context, settings.overrides
    with spread_over(min(options.cores, len(steadied.timestamps_s) // _FRAMES_A_CORE)) as spread:
        motion = fit_motion(steadied, K, gravity, body, betas, sex=settings.sex, settings=fit, spread=spread)
        clock.enter("assess")
        angles = plausible(measure(motion, steadied, gravity, K, seen.quality))
        motion, angles = as_kept(motion, angles)
        assessments = assess(motion, angles, context, said)
        assessments = with_certainty(assessments, motion, angles, gravity, context, overrides=said, spread=spread)
    task = assess_task(motion, angles, settings)
    clock.enter("report")
    analysis = Analysis(
        video=info,
        settings=settings,
        camera=Camera(K=K, T_cam_world=np.eye(4)),
        gravity=gravity,
        tracks=tracks,
        track_id=track_ids[0],
        track_ids=track_ids,
        keypoints=keypoints,
        motion=motion,
        angles=angles,
        assessments=assessments,
        warnings=warnings(
            keypoints,
            info,
            gravity,
            len(tracks) - len(track_ids),
            seen.damage,
            turn_deg=seen.turn_deg,
            pictures=seen.pictures,
            camera=seen.view.motion,
        ),
        timings_s=clock.timings_s,
        camera_motion=seen.view.motion,
        runtimes=seen.runtimes,
    )
    moments = worst_moments(assessments, angles, settings.context, WORST_MOMENTS, settings.overrides)
    _write_files(work, analysis, body, moments)
    write_lifts(work / "lifts.csv", task.lifting)
    _write_pictures(work, analysis, options, moments)
    clock.stop()
    content = result(analysis, body, stature_m, moments, task, seen.video_name)
    write_result(work / "result.json", {**content, "files": sorted(path.name for path in work.iterdir())})
    return analysis


@contextmanager
def whole_or_nothing(out_dir: Path) -> Iterator[Path]:
    """A folder beside `out_dir` that takes its name when all went well and is removed when not."""
    if out_dir.exists() and (not out_dir.is_dir() or any(out_dir.iterdir())):
        raise SettingsError(f"{out_dir} already exists.", "Name a new folder for the results.")
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out_dir.name}-", dir=out_dir.parent))
    try:
        yield work
        if out_dir.exists():
            out_dir.rmdir()
        work.chmod(0o755)
        work.rename(out_dir)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _write_files(work: Path, analysis: Analysis, body: BodyModel, moments: tuple[Moment, ...]) -> None:
    write_motion(work / "motion.npz", analysis.motion, analysis.gravity)
    write_angles(work / "angles.csv", analysis.angles)
    write_angle_arrays(work / ANGLES_FILE, analysis.angles)
    write_scores(work / "scores.csv", analysis.assessments)
    write_glb(work / "body.glb", body, analysis.motion)
    write_viewer(work / "viewer.bin", analysis, body, moments)


def _write_pictures(work: Path, analysis: Analysis, options: PipelineOptions, moments: tuple[Moment, ...]) -> None:
    """Thumbnails of everybody tracked and of the worst moments, out of the preview: it is small and quick to seek."""
    info = analysis.video
    preview = probe(work / PREVIEW, options.limits)
    times_s = [track.thumbnail_time_s for track in analysis.tracks] + [moment.time_s for moment in moments]
    pictures = grab_frames(work / PREVIEW, preview, times_s, options.limits)
    for track, rgb in zip(analysis.tracks, pictures, strict=False):
        scale = max(rgb.shape) / max(info.width_px, info.height_px)
        write_jpeg(work / person_picture(track.track_id), crop(rgb, track.bbox_px, scale), max_side_px=256)
    for number, rgb in enumerate(pictures[len(analysis.tracks) :], 1):
        write_jpeg(work / moment_picture(number), rgb, max_side_px=640)
