"""From a video file to a folder of results: the whole way of the data, stage after stage.

video ──plan_film──▶ pieces ──look (read_frames, track)──▶ what was seen in each ──join──▶ Keypoints of everybody
  ──conclude──▶ edges of the room and camera motion ──evaluate (:mod:`ergo.evaluation`)──▶ files

A short film is one piece. The pieces of a long one may be looked at by several workers (:mod:`ergo.jobs.film`); the
results are the same.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from ergo.evaluation import PREVIEW, PipelineOptions, evaluate, whole_or_nothing
from ergo.looking.join import conclude, join, joined_preview, turn_needed
from ergo.looking.look import look
from ergo.looking.part import Part
from ergo.looking.plan import Plan, plan_film
from ergo.pose.runtimes import Runtime, runtime_on
from ergo.progress import Clock, Report, silent
from ergo.report.seen import Seen
from ergo.types import Analysis, AnalysisSettings


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
        ModelError: a model or body file is missing or damaged, or the GPU cannot take the networks.
        StorageFull: the results could not be written.
    """
    options = options or PipelineOptions()
    clock = Clock(report)
    with whole_or_nothing(out_dir) as work:
        clock.enter("video")
        plan = plan_film(video, settings.quality, options.limits, options.piece_s, blur_faces=settings.blur_faces)
        clock.enter("people")
        seen = _see(video, plan, settings, options, work, clock)
        analysis = evaluate(seen, settings, options, work, clock)
    clock.enter("done")
    return analysis


def _see(
    video: Path, plan: Plan, settings: AnalysisSettings, options: PipelineOptions, work: Path, clock: Clock
) -> Seen:
    """Everything that is to be read from the pictures, a second time when the film turns out to lie on its side."""
    runtime = runtime_on(options.pose_device)
    with tempfile.TemporaryDirectory(prefix="pieces-", dir=work) as folder:
        previews = [Path(folder) / f"{number}.mp4" for number in range(len(plan.pieces))]
        film = join(plan, _look_at_all(video, plan, previews, options, runtime, clock))
        if turn_deg := turn_needed(plan, film, settings, runtime):
            plan = plan.turned(turn_deg)
            film = join(plan, _look_at_all(video, plan, previews, options, runtime, clock))
        joined_preview(plan, previews, work / PREVIEW, options.limits)
    return conclude(plan, film, settings)


def _look_at_all(
    video: Path, plan: Plan, previews: list[Path], options: PipelineOptions, runtime: Runtime, clock: Clock
) -> list[Part]:
    return [
        look(video, plan, number, preview, options.limits, clock.piece(number, len(previews)), runtime)
        for number, preview in enumerate(previews)
    ]
