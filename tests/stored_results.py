"""A finished result in a folder, made by formula: every file that an analysis leaves, the film of two squares too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from made_analysis import made_analysis

from ergo.assess.moments import worst_moments
from ergo.assess.task import assess_task
from ergo.body.load import load_body
from ergo.report.glb import write_glb
from ergo.report.measured import ANGLES_FILE, write_angle_arrays
from ergo.report.motion_file import write_motion
from ergo.report.pictures import write_jpeg
from ergo.report.result import moment_picture, result, write_result
from ergo.report.tables import write_angles, write_scores
from ergo.report.task import write_lifts
from ergo.report.viewer import write_viewer
from ergo.types import Analysis, AnalysisSettings, Override, TaskContext
from ergo.video.preview import PreviewWriter

BODY = load_body(None)
SETTINGS = AnalysisSettings(
    context=TaskContext(load_kg=12.0),
    overrides=(
        Override(
            input="trunk_twisted", value=False, start_s=0.5, end_s=1.5, who="A. Smith", why="seen on site",
            made_utc="2026-03-01T10:00:00+00:00",
        ),
    ),
)  # fmt: skip


def stored_result(folder: Path, frames: int = 45) -> Analysis:
    """Write the files of a small analysis into `folder`, which must be there."""
    made = made_analysis(BODY, frames)
    analysis = replace(
        made,
        settings=SETTINGS,
        warnings=("The feet are seldom seen.",),
        assessments=tuple(
            replace(entry, assumptions=("Shock not given: scored as none.",)) for entry in made.assessments
        ),
    )
    moments = worst_moments(analysis.assessments, analysis.angles, SETTINGS.context, 3, SETTINGS.overrides)
    task = assess_task(analysis.motion, analysis.angles, SETTINGS)
    write_motion(folder / "motion.npz", analysis.motion, analysis.gravity)
    write_angles(folder / "angles.csv", analysis.angles)
    write_angle_arrays(folder / ANGLES_FILE, analysis.angles)
    write_scores(folder / "scores.csv", analysis.assessments)
    write_glb(folder / "body.glb", BODY, analysis.motion)
    write_viewer(folder / "viewer.bin", analysis, BODY, moments)
    write_lifts(folder / "lifts.csv", task.lifting)
    for number in range(1, len(moments) + 1):
        write_jpeg(folder / moment_picture(number), _picture(number), max_side_px=640)
    _film(folder / "preview.mp4", analysis)
    write_result(folder / "result.json", result(analysis, BODY, 1.7, moments, task, "source.mp4"))
    return analysis


def _picture(number: int) -> np.ndarray:
    rgb = np.full((240, 320, 3), 225, np.uint8)
    rgb[60:200, 40 * number : 40 * number + 60] = 90
    return rgb


def _film(path: Path, analysis: Analysis) -> None:
    times = analysis.video.timestamps_s
    writer = PreviewWriter(str(path), (320, 240), (0.0, analysis.video.duration_s), matrix=5, threads=1)
    for number, time_s in enumerate(times):
        writer.write(av.VideoFrame.from_ndarray(_picture(1 + number % 3), "rgb24").reformat(format="yuv420p"), time_s)
    writer.close()
