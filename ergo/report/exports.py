"""What a stored result can be made into, later and without the film: one entry a format.

Each is made from the files of the result alone, see :mod:`ergo.report.stored`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ergo.errors import SettingsError
from ergo.report.fields import ReportFields

if TYPE_CHECKING:
    from ergo.report.stored import Stored  # the page lists the formats without loading what makes them


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What may be said of an export: the moment in seconds of the film (None: the worst one), the method that colours a
    body (empty: the first), what the maker of a report says, and the film's name (empty: its file's)."""

    at_s: float | None = None
    method: str = ""
    fields: ReportFields = field(default_factory=ReportFields)
    title: str = ""


MEASURED: Final = ("result.json", "motion.npz", "angles.npz", "viewer.bin")
WITH_PICTURES: Final = (*MEASURED, "moment_*.jpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One format: the file's usual name, what people call it, what it is for, and who writes it.

    `of_moment` says that it shows a moment, not the whole film, `report` that it carries the fields of its maker.
    `needs` are patterns of the names of the result files that it is made of.
    """

    name: str
    label: str
    what: str
    write: Callable[[Path, Stored, ExportOptions], None]
    of_moment: bool = False
    report: bool = False
    needs: tuple[str, ...] = MEASURED


def _moment_s(stored: Stored, options: ExportOptions) -> float:
    return stored.worst_time_s() if options.at_s is None else options.at_s


def _bvh(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.bvh import write_bvh  # noqa: PLC0415

    write_bvh(path, stored.motion, stored.joints_rest_m)


def _trc(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.opensim import write_trc  # noqa: PLC0415

    write_trc(path, stored.motion, stored.body)


def _mot(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.opensim import write_mot  # noqa: PLC0415

    write_mot(path, stored.motion)


def _amass(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.amass import write_amass  # noqa: PLC0415

    write_amass(path, stored.motion, stored.joints_rest_m, stored.result["settings"]["sex"])


def _obj(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.mesh import write_obj  # noqa: PLC0415

    write_obj(path, stored, _moment_s(stored, options), options.method)


def _ply(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.mesh import write_ply  # noqa: PLC0415

    write_ply(path, stored, _moment_s(stored, options), options.method)


def _pdf(path: Path, stored: Stored, options: ExportOptions) -> None:
    _write_pdf(path, stored, options, short=False)


def _one_page(path: Path, stored: Stored, options: ExportOptions) -> None:
    _write_pdf(path, stored, options, short=True)


def _write_pdf(path: Path, stored: Stored, options: ExportOptions, *, short: bool) -> None:
    from ergo.report.pdf import write_pdf  # noqa: PLC0415
    from ergo.report.report import build_report  # noqa: PLC0415

    write_pdf(path, build_report(stored, options.fields, title=options.title, short=short))


def _html(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.html import write_html  # noqa: PLC0415
    from ergo.report.report import build_report  # noqa: PLC0415

    write_html(path, build_report(stored, options.fields, title=options.title))


def _interactive(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.interactive import write_interactive  # noqa: PLC0415
    from ergo.report.report import build_report  # noqa: PLC0415

    write_interactive(path, build_report(stored, options.fields, title=options.title), stored)


def _xlsx(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.workbook import write_workbook  # noqa: PLC0415

    write_workbook(path, stored, options.fields, options.title)


def _parquet(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.parquet import write_parquet  # noqa: PLC0415

    write_parquet(path, stored)


def _video(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.annotated import write_annotated  # noqa: PLC0415

    write_annotated(path, stored, "body")


def _skeleton(path: Path, stored: Stored, options: ExportOptions) -> None:
    from ergo.report.annotated import write_annotated  # noqa: PLC0415

    write_annotated(path, stored, "skeleton")


EXPORTS: Final[Mapping[str, Export]] = MappingProxyType(
    {
        "onepage": Export(
            name="report, one page.pdf", label="Report, one page", what="what is wrong, how sure, what helps; to print",
            write=_one_page, report=True, needs=WITH_PICTURES,
        ),
        "pdf": Export(
            name="report.pdf", label="Report, full", what="with figures, lifts, assumptions, methods and limits",
            write=_pdf, report=True, needs=WITH_PICTURES,
        ),
        "html": Export(
            name="report.html", label="Report as a web page", what="the full report in one file, to send or to host",
            write=_html, report=True, needs=WITH_PICTURES,
        ),
        "interactive": Export(
            name="report, interactive.html",
            label="Report with curves to zoom",
            what="the web page with scores and angles to explore, 5 MB",
            write=_interactive,
            report=True,
            needs=WITH_PICTURES,
        ),
        "xlsx": Export(
            name="result.xlsx", label="Excel workbook", write=_xlsx,
            what="statistics, per second, worst moments, lifts, assumptions, inputs",
        ),
        "parquet": Export(
            name="frames.parquet", label="Parquet", what="scores and angles of every frame, for data tools",
            write=_parquet,
        ),
        "video": Export(
            name="annotated.mp4", label="Annotated film", what="body by risk, scores and time, to show around",
            write=_video, needs=(*MEASURED, "preview.mp4"),
        ),
        "skeleton": Export(
            name="skeleton.mp4", label="Annotated film, skeleton", what="the tracked skeleton instead of the body",
            write=_skeleton, needs=(*MEASURED, "preview.mp4"),
        ),
        "bvh": Export(name="motion.bvh", label="BVH", what="skeleton and motion, for animation programs", write=_bvh),
        "trc": Export(name="markers.trc", label="TRC", what="virtual markers, for OpenSim", write=_trc),
        "mot": Export(name="angles.mot", label="MOT", what="joint coordinates, for OpenSim", write=_mot),
        "amass": Export(
            name="amass.npz", label="AMASS", what="SMPL-X motion, Z up and evenly timed, for research tools",
            write=_amass,
        ),
        "obj": Export(
            name="body.obj", label="OBJ", what="body at a moment, coloured by risk", write=_obj, of_moment=True
        ),
        "ply": Export(
            name="body.ply", label="PLY", what="body at a moment, coloured by risk", write=_ply, of_moment=True
        ),
    }
)  # fmt: skip
"""All formats by the name that the command line and the API have for them."""


def export(kind: str, stored: Stored, path: Path, options: ExportOptions | None = None) -> None:
    """Write a result to `path` in a format of :data:`EXPORTS`.

    Raises:
        SettingsError: no such format, the moment is no time, or the result lacks what it takes.
        ModelError: a licensed body is damaged.
    """
    if kind not in EXPORTS:
        raise SettingsError(f"There is no format {kind[:40]!r}.", f"Choose one of {', '.join(EXPORTS)}.")
    options = options or ExportOptions()
    duration_s = stored.result["video"]["duration_s"]
    if options.at_s is not None and not 0 <= options.at_s <= duration_s:
        raise SettingsError(f"at_s is {options.at_s:g}.", f"Give a time from 0 to {duration_s:.1f} s.")
    try:
        EXPORTS[kind].write(path, stored, options)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror}).", "Name another file.") from error
