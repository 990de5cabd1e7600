"""The analysis of a film in the steps of :class:`ergo.jobs.work.Work`; together they are :func:`ergo.pipeline.analyse`.

Everything heavy is imported late, so that a worker shows life at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ergo.config import Settings
from ergo.errors import VideoError
from ergo.progress import Clock
from ergo.types import AnalysisSettings

if TYPE_CHECKING:
    from ergo.looking.part import Part
    from ergo.looking.plan import Plan
    from ergo.pose.runtimes import Runtime
    from ergo.video.footage import Footage
    from ergo.video.limits import DecodeLimits


def plan(footage: Footage, settings: AnalysisSettings, options: Settings, clock: Clock) -> bytes:
    """Probe the film and cut it; see :func:`ergo.looking.plan.plan_film`. Its index will do where it has one."""
    from ergo.looking.plan import encode_plan, plan_film  # noqa: PLC0415
    from ergo.video.byte_ranges import times_are_in_the_index  # noqa: PLC0415
    from ergo.video.limits import DecodeLimits  # noqa: PLC0415

    clock.enter("video")
    limits = DecodeLimits.from_settings(options)
    if not footage.is_whole and (outline := footage.outline()) is not None:
        with suppress(VideoError):  # the whole file tells whether it is the film that is wrong
            planned = plan_film(outline, settings.quality, limits, options.piece_s, blur_faces=settings.blur_faces)
            if times_are_in_the_index(planned.video.codec):
                return encode_plan(planned)
    whole = footage.whole()
    return encode_plan(plan_film(whole, settings.quality, limits, options.piece_s, blur_faces=settings.blur_faces))


def pieces(plan: bytes) -> int:
    """How many pieces the film is cut into."""
    from ergo.looking.plan import decode_plan  # noqa: PLC0415

    return len(decode_plan(plan).pieces)


def look(
    footage: Footage, plan: bytes, number: int, folder: Path, options: Settings, report: Callable[[float], None]
) -> None:
    """Look at one piece; see :func:`ergo.looking.look.look`. Of a long film a first glimpse is left, too."""
    from ergo.looking.glimpse import encode_glimpse, glimpse  # noqa: PLC0415
    from ergo.looking.part import write_part  # noqa: PLC0415
    from ergo.looking.plan import decode_plan  # noqa: PLC0415
    from ergo.pose.runtimes import runtime_on  # noqa: PLC0415
    from ergo.video.limits import DecodeLimits  # noqa: PLC0415

    limits, runtime = DecodeLimits.from_settings(options), runtime_on(options.pose_device)
    planned = decode_plan(plan)
    part = _look(footage, planned, number, folder / f"{number}.mp4", limits, report, runtime)
    if len(planned.pieces) > 1:
        (folder / f"{number}.json").write_bytes(encode_glimpse(glimpse(planned, number, part)))
    write_part(folder / f"{number}.npz", part)


def _look(
    footage: Footage,
    plan: Plan,
    number: int,
    preview: Path,
    limits: DecodeLimits,
    report: Callable[[float], None],
    runtime: Runtime,
) -> Part:
    from ergo.looking.look import look as look_at  # noqa: PLC0415

    if plan.layout is not None and not footage.is_whole:
        with suppress(VideoError), footage.part(plan.layout, number) as video:
            part = look_at(video, plan, number, preview, limits, report, runtime)
            if part.damage is None:
                return part
    # damage seen in a part may be a byte that was not read: only the whole file tells
    return look_at(footage.whole(), plan, number, preview, limits, report, runtime)


def finish(
    plan: bytes, folder: Path, out_dir: Path, settings: AnalysisSettings, options: Settings, clock: Clock
) -> bytes | None:
    """Join the pieces and evaluate, or ask for another look at the film turned upright."""
    from ergo.evaluation import PREVIEW, PipelineOptions, evaluate, whole_or_nothing  # noqa: PLC0415
    from ergo.looking.join import conclude, join, joined_preview, turn_needed  # noqa: PLC0415
    from ergo.looking.part import read_part  # noqa: PLC0415
    from ergo.looking.plan import decode_plan, encode_plan  # noqa: PLC0415
    from ergo.pose.runtimes import runtime_on  # noqa: PLC0415

    planned, machine = decode_plan(plan), PipelineOptions.from_settings(options)
    numbers = range(len(planned.pieces))
    film = join(planned, [read_part(folder / f"{number}.npz") for number in numbers])
    if turn_deg := turn_needed(planned, film, settings, runtime_on(options.pose_device)):
        return encode_plan(planned.turned(turn_deg))
    with whole_or_nothing(out_dir) as work:
        joined_preview(planned, [folder / f"{number}.mp4" for number in numbers], work / PREVIEW, machine.limits)
        evaluate(conclude(planned, film, settings), settings, machine, work, clock)
    return None


def again(earlier: Path, out_dir: Path, settings: AnalysisSettings, options: Settings, clock: Clock) -> None:
    """See :func:`ergo.reanalysis.reanalyse`."""
    from ergo.evaluation import PipelineOptions  # noqa: PLC0415
    from ergo.reanalysis import reanalyse  # noqa: PLC0415

    reanalyse(earlier, out_dir, settings, PipelineOptions.from_settings(options), clock.report)
