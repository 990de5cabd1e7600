"""From a video file to a folder of results: the whole way of the data, stage after stage.

video ──read_frames──▶ frames ──track_people──▶ Keypoints of everybody ──find_view──▶ edges and camera motion
  ──evaluate (:mod:`ergo.evaluation`)──▶ files
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ergo.evaluation import PREVIEW, PipelineOptions, evaluate, whole_or_nothing
from ergo.fitting.view import find_view
from ergo.geometry.camera import default_intrinsics
from ergo.pose.catalogue import open_estimator
from ergo.pose.hand_reader import open_reader
from ergo.pose.orientation import turn_of_film, turn_that_shows_people, turned
from ergo.pose.selection import choose_worker, describe_tracks
from ergo.pose.settings import PRESETS
from ergo.pose.tracking import track_people
from ergo.progress import Clock, Report, silent
from ergo.report.seen import Seen, small
from ergo.types import Analysis, AnalysisSettings, Keypoints, VideoInfo
from ergo.video import DecodeSettings, probe, read_frames
from ergo.video.ahead import reading_ahead
from ergo.video.background import BackgroundWatcher
from ergo.video.stills import StillKeeper


def analyse(
    video: Path,
    out_dir: Path,
    settings: AnalysisSettings,
    options: PipelineOptions | None = None,
    report: Report = silent,
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
    clock = Clock(report)
    with whole_or_nothing(out_dir) as work:
        seen = _look(video, settings, options, work, clock)
        analysis = evaluate(seen, settings, options, work, clock)
    clock.enter("done")
    return analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """What one pass over the pictures gave."""

    people: tuple[Keypoints, ...]
    damage: str | None
    stills: StillKeeper
    background: BackgroundWatcher


def _look(video: Path, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: Clock) -> Seen:
    """Everything that is to be read from the pictures."""
    clock.enter("video")
    filmed = probe(video, options.limits)
    clock.enter("people")
    info, watched = _find_upright_people(video, filmed, settings, options, work, clock)
    choose_worker(describe_tracks(watched.people, info), settings.person)  # the wrong number is told early
    stills = watched.stills
    view = find_view(
        watched.people,
        list(zip(stills.numbers, stills.kept, strict=True)),
        watched.background.matches,
        default_intrinsics(info.width_px, info.height_px),
    )
    return Seen(
        video_name=video.name,
        video=info,
        turn_deg=(info.rotation_deg - filmed.rotation_deg) % 360,
        quality=settings.quality,
        people=watched.people,
        view=view,
        pictures=tuple(small(frame.rgb) for frame in stills.kept[:5]),
        damage=watched.damage,
    )


def _find_upright_people(
    video: Path, filmed: VideoInfo, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: Clock
) -> tuple[VideoInfo, _Watched]:
    """Everybody, and the video turned so that they are on their feet; as filmed when the user gave the roll."""
    watched = _find_people(video, filmed, settings, options, work, clock)
    if settings.camera_roll_deg is not None:
        return filmed, watched
    turn_deg = turn_of_film(watched.people)
    if not watched.people:
        with open_estimator(PRESETS[settings.quality]) as estimator:
            turn_deg = turn_that_shows_people([still.rgb for still in watched.stills.kept], estimator)
    if not turn_deg:
        return filmed, watched
    info = turned(filmed, turn_deg)
    return info, _find_people(video, info, settings, options, work, clock)


def _find_people(
    video: Path, info: VideoInfo, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: Clock
) -> _Watched:
    pose = PRESETS[settings.quality]
    decode = DecodeSettings(rate_hz=pose.rate_hz, max_side_px=pose.input_side_px)
    reader = read_frames(video, info, decode, options.limits, preview_path=work / PREVIEW)
    background = BackgroundWatcher()
    stills = StillKeeper(info.duration_s, background)
    with reader, open_estimator(pose) as estimator, open_reader(pose) as hands, reading_ahead(reader) as frames:
        watched = stills.watch(background.watch(clock.watch(frames, info.duration_s)))
        people = track_people(watched, info, estimator, pose, hands)
    return _Watched(people=people, damage=reader.damage, stills=stills, background=background)
