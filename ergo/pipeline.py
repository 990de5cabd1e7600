"""From a video file to a folder of results: the whole way of the data, stage after stage.

video ──read_frames──▶ frames ──track_people──▶ Keypoints of everybody ──choose_worker──▶ one person's
  ──fit_motion──▶ Motion ──measure──▶ JointAngles ──assess──▶ Assessments ──write──▶ files
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ergo.assess.angles import MIN_CONFIDENCE, measure
from ergo.assess.certainty import with_certainty
from ergo.assess.moments import Moment, worst_moments
from ergo.assess.score import assess
from ergo.assess.visibility import warnings
from ergo.body.landmarks import Landmark as L
from ergo.body.load import load_body
from ergo.body.model import BodyModel, betas_for_stature
from ergo.config import Settings
from ergo.errors import SettingsError
from ergo.fitting.edges import Still
from ergo.fitting.fit import FitSettings, fit_motion
from ergo.fitting.gravity import from_body, from_user, refine_with_lines
from ergo.fitting.lift import lift
from ergo.geometry.camera import default_intrinsics
from ergo.pose.catalogue import open_estimator
from ergo.pose.hand_reader import open_reader
from ergo.pose.orientation import turn_of_film, turn_that_shows_people, turned
from ergo.pose.selection import choose_worker, describe_tracks
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import track_people
from ergo.report.glb import write_glb
from ergo.report.motion_file import write_motion
from ergo.report.pictures import crop, write_jpeg
from ergo.report.result import moment_picture, person_picture, result, write_result
from ergo.report.tables import write_angles, write_scores
from ergo.report.viewer import write_viewer
from ergo.types import (
    Analysis,
    AnalysisSettings,
    Camera,
    Gravity,
    Keypoints,
    Progress,
    Sex,
    Stage,
    VideoInfo,
)
from ergo.video import DecodeLimits, DecodeSettings, Frame, grab_frames, probe, read_frames
from ergo.video.ahead import reading_ahead

Report = Callable[[Progress], None]

TYPICAL_STATURE_M: dict[Sex, float] = {"neutral": 1.70, "male": 1.76, "female": 1.63}
"""Used when the height is not given. It sizes the figure; angles and scores do not depend on it."""

PREVIEW = "preview.mp4"
STILLS_FOR_GRAVITY = 5
WORST_MOMENTS = 3

_BEGINS: dict[Stage, float] = {"video": 0.0, "people": 0.02, "body": 0.86, "assess": 0.92, "report": 0.94, "done": 1.0}
_MESSAGES: dict[Stage, str] = {
    "video": "Reading the video",
    "people": "Following the people",
    "body": "Posing the body",
    "assess": "Scoring the postures",
    "report": "Writing the results",
    "done": "Done",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineOptions:
    """What the machine, not the user, decides: where licensed bodies are, what a decoder may use."""

    smplx_dir: Path | None = None
    limits: DecodeLimits = field(default_factory=DecodeLimits)

    @classmethod
    def from_settings(cls, settings: Settings) -> PipelineOptions:
        """The options an operator has set."""
        return cls(smplx_dir=settings.smplx_dir, limits=DecodeLimits.from_settings(settings))


class _Clock:
    """Reports progress in order and takes the time of each stage."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._seq = 0
        self._fraction = 0.0
        self._stage: Stage = "queue"
        self._since = time.perf_counter()
        self.timings_s: dict[str, float] = {}

    def enter(self, stage: Stage) -> None:
        self.stop()
        self._stage, self._since = stage, time.perf_counter()
        self.at(_BEGINS[stage])

    def stop(self) -> None:
        """Note the time of the stage so far."""
        if self._stage != "queue":
            self.timings_s[self._stage] = round(time.perf_counter() - self._since, 3)

    def at(self, fraction: float) -> None:
        self._seq += 1
        self._fraction = max(self._fraction, fraction)  # a second look at the film does not turn progress back
        message = _MESSAGES[self._stage]
        self._report(Progress(seq=self._seq, stage=self._stage, fraction=self._fraction, message=message))

    def watch(self, frames: Iterator[Frame], duration_s: float) -> Iterator[Frame]:
        """The same frames, reporting how far into the video they are."""
        begin, end = _BEGINS["people"], _BEGINS["body"]
        for frame in frames:
            self.at(begin + (end - begin) * min(1.0, frame.timestamp_s / max(duration_s, 1e-3)))
            yield frame


class _StillKeeper:
    """Keeps a few pictures, spread over the video, out of those that pass by."""

    def __init__(self, duration_s: float) -> None:
        self.kept: list[Frame] = []
        self._due_s = [duration_s * (index + 0.5) / STILLS_FOR_GRAVITY for index in range(STILLS_FOR_GRAVITY)]

    def watch(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The same frames."""
        last: Frame | None = None
        for frame in frames:
            while self._due_s and frame.timestamp_s >= self._due_s[0]:
                self._due_s.pop(0)
                self.kept.append(frame)
            last = frame
            yield frame
        if last is not None and not self.kept:
            self.kept.append(last)


def _silent(_: Progress) -> None:
    """Nobody watches."""


def analyse(
    video: Path,
    out_dir: Path,
    settings: AnalysisSettings,
    options: PipelineOptions | None = None,
    report: Report = _silent,
) -> Analysis:
    """Analyse one video and write all results into `out_dir`, which appears whole or not at all.

    Args:
        video: the video file.
        out_dir: folder to make; it must not exist, or be empty.
        settings: what the user said.
        options: what the machine offers.
        report: called with the progress, often; it should return quickly.

    Raises:
        InputError: the video, a setting or the scene cannot be used (see :mod:`ergo.errors`).
        ModelError: a model or body file is missing or damaged.
        StorageFull: the results could not be written.
    """
    options = options or PipelineOptions()
    clock = _Clock(report)
    with _whole_or_nothing(out_dir) as work:
        clock.enter("video")
        filmed = probe(video, options.limits)
        clock.enter("people")
        info, people, damage, stills = _find_upright_people(video, filmed, settings, options, work, clock)
        tracks = describe_tracks(people, info)
        track_id = choose_worker(tracks, settings.person)
        keypoints = next(person for person in people if person.track_id == track_id)
        clock.enter("body")
        K = default_intrinsics(info.width_px, info.height_px)
        gravity = _find_gravity(settings, keypoints, stills, K)
        body = load_body(options.smplx_dir, settings.sex)
        stature_m = settings.height_m or TYPICAL_STATURE_M[settings.sex]
        estimator = PRESETS[settings.quality].model
        fit = FitSettings.for_estimator(estimator)
        betas = betas_for_stature(body, stature_m)
        motion = fit_motion(keypoints, K, gravity, body, betas, sex=settings.sex, settings=fit)
        clock.enter("assess")
        angles = measure(motion, keypoints, gravity, K, estimator)
        assessments = assess(motion, angles, settings.context)
        assessments = with_certainty(assessments, motion, angles, gravity, settings.context)
        clock.enter("report")
        analysis = Analysis(
            video=info,
            settings=settings,
            camera=Camera(K=K, T_cam_world=np.eye(4)),
            gravity=gravity,
            tracks=tracks,
            track_id=track_id,
            keypoints=keypoints,
            motion=motion,
            angles=angles,
            assessments=assessments,
            warnings=warnings(
                keypoints,
                info,
                gravity,
                len(tracks) - 1,
                damage,
                turn_deg=(info.rotation_deg - filmed.rotation_deg) % 360,
                pictures=[still.rgb for still in stills],
            ),
            timings_s=clock.timings_s,
        )
        moments = worst_moments(assessments, angles, settings.context, WORST_MOMENTS)
        _write_files(work, analysis, body, moments)
        _write_pictures(work, analysis, options, moments)
        clock.stop()
        content = result(analysis, body, stature_m, moments, video.name)
        write_result(work / "result.json", {**content, "files": sorted(path.name for path in work.iterdir())})
    clock.enter("done")
    return analysis


@contextmanager
def _whole_or_nothing(out_dir: Path) -> Iterator[Path]:
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


def _find_upright_people(
    video: Path, filmed: VideoInfo, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: _Clock
) -> tuple[VideoInfo, tuple[Keypoints, ...], str | None, list[Frame]]:
    """Everybody, and the video turned so that they are on their feet; as filmed when the user gave the roll."""
    people, damage, stills = _find_people(video, filmed, settings, options, work, clock)
    if settings.camera_roll_deg is not None:
        return filmed, people, damage, stills
    turn_deg = turn_of_film(people)
    if not people:
        with open_estimator(PRESETS[settings.quality]) as estimator:
            turn_deg = turn_that_shows_people([still.rgb for still in stills], estimator)
    if not turn_deg:
        return filmed, people, damage, stills
    info = turned(filmed, turn_deg)
    return info, *_find_people(video, info, settings, options, work, clock)


def _find_people(
    video: Path, info: VideoInfo, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: _Clock
) -> tuple[tuple[Keypoints, ...], str | None, list[Frame]]:
    pose = PRESETS[settings.quality]
    decode = DecodeSettings(rate_hz=pose.rate_hz, max_side_px=pose.input_side_px)
    reader = read_frames(video, info, decode, options.limits, preview_path=work / PREVIEW)
    keeper = _StillKeeper(info.duration_s)
    with reader, open_estimator(pose) as estimator, open_reader(pose) as hands, reading_ahead(reader) as frames:
        people = track_people(keeper.watch(clock.watch(frames, info.duration_s)), info, estimator, pose, hands)
    return people, reader.damage, keeper.kept


def _find_gravity(settings: AnalysisSettings, keypoints: Keypoints, frames: list[Frame], K: np.ndarray) -> Gravity:
    given = from_user(settings.camera_pitch_deg, settings.camera_roll_deg)
    if given is not None:
        return given
    ankles = np.nan_to_num(np.asarray(keypoints.confidence)[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]], nan=0.0)
    upright = from_body(lift(keypoints, K), np.asarray((ankles >= MIN_CONFIDENCE).all(axis=1)))
    stills = []
    for frame in frames:
        xy = keypoints.xy_px[np.argmin(np.abs(keypoints.timestamps_s - frame.timestamp_s))] * frame.scale
        low, high = (xy.min(axis=0), xy.max(axis=0)) if np.isfinite(xy).all() else (np.zeros(2), np.zeros(2))
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        stills.append(Still(rgb=frame.rgb, bbox_px=box))
    scale = frames[0].scale if frames else 1.0
    return refine_with_lines(upright, stills, K * np.array([[scale], [scale], [1.0]]))


def _write_files(work: Path, analysis: Analysis, body: BodyModel, moments: tuple[Moment, ...]) -> None:
    write_motion(work / "motion.npz", analysis.motion, analysis.gravity)
    write_angles(work / "angles.csv", analysis.angles)
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
