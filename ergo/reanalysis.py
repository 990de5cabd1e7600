"""Another analysis of a film that has been analysed: same landmarks, other settings, no look at the film."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from ergo.errors import SettingsError
from ergo.evaluation import PREVIEW, PipelineOptions, evaluate, whole_or_nothing
from ergo.progress import Clock, Report, silent
from ergo.report.seen import KEYPOINTS, read_seen
from ergo.types import Analysis, AnalysisSettings


def reanalyse(
    result_dir: Path,
    out_dir: Path,
    settings: AnalysisSettings,
    options: PipelineOptions | None = None,
    report: Report = silent,
) -> Analysis:
    """Pose, measure and score again what an earlier analysis saw, and write all results into `out_dir`.

    Everything but the quality and whether faces are blurred may differ: that was decided when the pictures were looked
    at, and stays. Takes about a second a minute of film.

    Args:
        result_dir: folder of the earlier results, of which the landmarks and the preview are used.
        out_dir: folder to make; it must not exist, or be empty.
        settings: what the user says now.
        options: what the machine offers.
        report: called with the progress.

    Raises:
        SettingsError: a setting does not fit, or `result_dir` holds no results that can be used again.
        ModelError: a body file is missing or damaged.
        StorageFull: the results could not be written.
    """
    for name in (KEYPOINTS, PREVIEW):
        if not (result_dir / name).is_file():
            raise SettingsError(f"{result_dir} has no {name}.", "Analyse the video again.")
    seen = read_seen(result_dir / KEYPOINTS)
    clock = Clock(report)
    with whole_or_nothing(out_dir) as work:
        shutil.copyfile(result_dir / PREVIEW, work / PREVIEW)
        settings = replace(settings, quality=seen.quality, blur_faces=seen.faces_blurred)
        analysis = evaluate(seen, settings, options or PipelineOptions(), work, clock)
    clock.enter("done")
    return analysis
