"""The result as an Excel workbook: a sheet for each question, units in the headers, header rows that stay in sight.

Times are seconds of the film. An empty cell is "not seen" or "not assessed", never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from ergo.assess.angle_catalogue import ANGLE_BY_ID
from ergo.assess.signals import frame_durations
from ergo.methods.catalogue import METHODS
from ergo.report.fields import ReportFields
from ergo.report.levels import by_level, level_entry
from ergo.report.stored import Stored
from ergo.report.verdicts import side_word
from ergo.report.words import clock

_HEAD: Final = Font(bold=True, color="FF14507A")
_GROUND: Final = PatternFill("solid", fgColor="FFE6F0F7")
_PERCENT, _TENTH, _HUNDREDTH, _WHOLE = "0%", "0.0", "0.00", "0"
_WIDEST = 70

Row = Sequence[Any]


def write_workbook(path: Path, stored: Stored, fields: ReportFields | None = None, title: str = "") -> None:
    """Write all sheets.

    Raises:
        SettingsError: a file of the result is missing.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "Ergo"
    book.properties.title = title or stored.result["video"]["name"]
    _sheet(book, "Summary", ("", ""), _summary(stored.result, fields or ReportFields(), title), ())
    _sheet(book, "Methods", _METHODS, _methods(stored.result), _METHOD_FORMATS)
    header, rows, formats = per_second(stored)
    _sheet(book, "Per second", header, rows, formats, frozen_columns=1)
    _sheet(book, "Worst moments", _MOMENTS, _moments(stored.result), (_TENTH,))
    _sheet(book, "Lifts", _LIFTS, _lifts(stored.result), (_WHOLE, _TENTH, _TENTH, "", "", "", *[_TENTH] * 16))
    _sheet(book, "Assumed and not seen", ("Kind", "About", "What"), _assumed(stored.result), ())
    _sheet(book, "Inputs", ("Input", "Value", "When", "Who", "Why", "Made (UTC)"), _inputs(stored.result), ())
    book.save(path)


def _sheet(
    book: Workbook, title: str, header: Row, rows: Iterable[Row], formats: Sequence[str], frozen_columns: int = 0
) -> None:
    """A sheet whose header stays in sight; the columns are as wide as their longest cell, up to a limit."""
    sheet = book.create_sheet(title)
    content = [list(row) for row in rows]
    sheet.freeze_panes = f"{get_column_letter(frozen_columns + 1)}2"
    for column, name in enumerate(header):
        longest = max((len(_shown(row[column])) for row in content if column < len(row)), default=0)
        heading = max((len(word) for word in str(name).split()), default=0)
        sheet.column_dimensions[get_column_letter(column + 1)].width = min(_WIDEST, max(longest, heading + 2, 8) + 2)
    top = []
    for name in header:
        cell = WriteOnlyCell(sheet, value=name)
        cell.font, cell.fill, cell.alignment = _HEAD, _GROUND, Alignment(wrap_text=True, vertical="top")
        top.append(cell)
    sheet.append(top)
    for row in content:
        sheet.append([_cell(sheet, value, formats[n] if n < len(formats) else "") for n, value in enumerate(row)])
    if content:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(content) + 1}"


def _cell(sheet: Any, value: Any, number_format: str) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"  # a text that begins with = is no formula here
        cell.alignment = Alignment(wrap_text=len(value) > _WIDEST, vertical="top")
        return cell
    plain = _plain(value)
    cell = WriteOnlyCell(sheet, value=plain)
    if plain is not None and number_format:
        cell.number_format = number_format
    return cell


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    return float(value) if np.isfinite(value) else None


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


# -- sheets -----------------------------------------------------------------------------------------------------


def _summary(result: Mapping[str, Any], fields: ReportFields, title: str) -> Iterable[Row]:
    video, gravity = result["video"], result["gravity"]
    for name, value in (
        ("Company", fields.company),
        ("Assessor", fields.assessor),
        ("Job or workplace", fields.job_title),
        ("Notes", fields.notes),
    ):
        if value:
            yield name, value
    yield "Film", title or video["name"]
    yield "Length (s)", round(video["duration_s"], 2)
    yield "Analysed (UTC)", result["created_utc"][:16].replace("T", " ")
    yield "Software", f"Ergo {result['ergo_version']}"
    yield "Quality", result["settings"]["quality"]
    yield "Person seen (share of the film)", round(result["coverage"]["frames"], 3)
    yield "Camera pitch (°)", round(gravity["pitch_deg"], 1)
    yield "Camera roll (°)", round(gravity["roll_deg"], 1)
    yield "Camera tilt, standard deviation (°)", round(gravity["sd_deg"], 1)
    for method in result["methods"].values():
        for name, side in method["sides"].items():
            entry = level_entry(method, side["peak_level"])
            yield f"{method['label']}, {side_word(name)}", f"{_score(method, side)}{entry['label']}. {entry['text']}"


def _score(method: Mapping[str, Any], side: Mapping[str, Any]) -> str:
    return "" if side["peak"] is None or method["scale"] == "zones" else f"{side['peak']:.0f}: "


_METHODS: Final = (
    "Method", "Side", "Peak", "Peak, 5th percentile", "Peak, 95th percentile", "Lowest possible peak",
    "Highest possible peak", "Median", "90th percentile", "Action level", "What it means", "Seen (share of the film)",
    "Level", "Share of the time seen", "Longest at this level or above (s)", "Chance to be the peak's level",
)  # fmt: skip
_METHOD_FORMATS: Final = ("", "", *[_WHOLE] * 7, "", "", _PERCENT, "", _PERCENT, _TENTH, _PERCENT)


def _methods(result: Mapping[str, Any]) -> Iterable[Row]:
    """A row for each action level of each method and side."""
    for method in result["methods"].values():
        for name, side in method["sides"].items():
            entry = level_entry(method, side["peak_level"])
            numbers = [
                side.get(key) for key in ("peak", "peak_p05", "peak_p95", "peak_low", "peak_high", "median", "p90")
            ]
            for level in method["levels"]:
                yield (
                    method["label"],
                    side_word(name),
                    *numbers,
                    entry["label"],
                    entry["text"],
                    side["coverage"],
                    level["label"],
                    by_level(side["share_of_time"], level["level"]),
                    by_level(side["longest_spell_s"], level["level"]),
                    by_level(side.get("level_chance") or {}, level["level"]),
                )


_MOMENTS: Final = ("Time (s)", "Time", "Method", "Side", "Score", "Level", "Item", "Points", "What was seen",
                   "Score without it")  # fmt: skip


def _moments(result: Mapping[str, Any]) -> Iterable[Row]:
    """A row for each reason of each moment."""
    for moment in result["worst_moments"]:
        method = result["methods"][moment["method"]]
        for reason in moment["reasons"]:
            yield (
                moment["time_s"], clock(moment["time_s"]), method["label"], side_word(moment["side"]), moment["total"],
                moment["level_label"], reason["label"], reason["points"], reason.get("text", ""),
                reason.get("total_without"),
            )  # fmt: skip


_ENDS: Final = ("origin", "destination")
_LIFTS: Final = (
    "Number", "Start (s)", "End (s)", "Kind", "Hands", "How sure", "Way up or down (cm)", "± (cm)",
    *(
        f"{end}: {name}"
        for end in ("Origin", "Destination")
        for name in ("reach (cm)", "± (cm)", "height (cm)", "± (cm)", "turn aside (°)", "± (°)", "weight limit (kg)")
    ),
    "Lifting index", "Outside of the method",
)  # fmt: skip
_PLACE: Final = ("reach_cm", "reach_sd_cm", "height_cm", "height_sd_cm", "asymmetry_deg", "asymmetry_sd_deg")


def _lifts(result: Mapping[str, Any]) -> Iterable[Row]:
    for lift in (result.get("lifting") or {"lifts": ()})["lifts"]:
        limits = {limit["end"]: limit for limit in lift["limits"]}
        row = [lift["number"], lift["origin"]["time_s"], lift["destination"]["time_s"], lift["kind"], lift["hands"],
               lift["belief"], lift["travel_cm"], lift["travel_sd_cm"]]  # fmt: skip
        for end in _ENDS:
            row += [lift[end][name] for name in _PLACE]
            row.append(limits[end]["rwl"] if end in limits else None)
        counted = limits.get(lift["counts"])
        yield [*row, counted["index"] if counted else None, "; ".join(lift["outside"])]


def _assumed(result: Mapping[str, Any]) -> Iterable[Row]:
    for text in result["warnings"]:
        yield "Warning", "the film", text
    for part, share in result["coverage"].get("parts", {}).items():
        lost = part in result["coverage"].get("not_assessed", ())
        yield "Seen", part.replace("_", " "), f"{share:.0%} of the film" + (", not assessed" if lost else "")
    for method in result["methods"].values():
        for name, side in method["sides"].items():
            for text in side["assumptions"]:
                yield "Assumed", f"{method['label']}, {side_word(name)}", text
    for text in (result.get("lifting") or {"assumptions": ()})["assumptions"]:
        yield "Assumed", "lifts", text
    for name in result["methods"]:
        if name in METHODS:
            yield "Source", METHODS[name].label, METHODS[name].citation


def _inputs(result: Mapping[str, Any]) -> Iterable[Row]:
    for said in result.get("overrides", ()):
        yield (
            said["text"],
            "set by hand",
            said["span"],
            said["who"],
            said["why"],
            said["made_utc"][:16].replace("T", " "),
        )
    settings = result["settings"]
    told = {**settings["context"], **{name: settings[name] for name in ("height_m", "sex", "quality")}}
    for name, value in told.items():
        yield name, "not told" if value is None else value


# -- per second -------------------------------------------------------------------------------------------------


def per_second(stored: Stored) -> tuple[list[str], list[Row], list[str]]:
    """Header, rows and number formats of the statistics of each second of the film.

    Of each method and side the highest score and action level, of each angle its mean over what was seen of the second,
    weighted by how long each frame is shown, and its largest value.
    """
    times = stored.motion.timestamps_s
    seconds = np.floor(times + 1e-6).astype(int)
    count = int(seconds.max()) + 1
    weights = frame_durations(times)
    weights = weights if weights.any() else np.ones(len(times))
    columns: dict[str, np.ndarray] = {"Second (s)": np.arange(count, dtype=float)}
    formats = [_WHOLE]
    for entry in stored.meta["methods"]:
        for side in entry["sides"]:
            name = f"{entry['label']}{'' if side == 'both' else f' {side}'}"
            for what, key in (("score", "total"), ("level", "level")):
                scores = stored.arrays[f"{entry['id']}.{side}.{key}"].astype(float)
                seen = stored.arrays[f"{entry['id']}.{side}.total"] > 0
                columns[f"{name}, highest {what}"] = _highest(np.where(seen, scores, np.nan), seconds, count)
                formats.append(_WHOLE)
    for name in stored.angles.names:
        values = stored.angles[name]
        if np.isfinite(values).any():
            label, unit = ANGLE_BY_ID[name].label, ANGLE_BY_ID[name].unit
            columns[f"{label}, mean ({unit})"] = _mean(values, weights, seconds, count)
            columns[f"{label}, largest ({unit})"] = _highest(values, seconds, count)
            formats += [_TENTH, _TENTH]
    return list(columns), np.column_stack(list(columns.values())).tolist(), formats


def _highest(values: Float[np.ndarray, "T"], seconds: np.ndarray, count: int) -> Float[np.ndarray, "S"]:
    found = np.full(count, -np.inf)
    np.maximum.at(found, seconds, np.where(np.isfinite(values), values, -np.inf))
    return np.where(np.isfinite(found), found, np.nan)


def _mean(
    values: Float[np.ndarray, "T"], weights: Float[np.ndarray, "T"], seconds: np.ndarray, count: int
) -> Float[np.ndarray, "S"]:
    seen = np.isfinite(values)
    total = np.bincount(seconds[seen], weights[seen], count)
    summed = np.bincount(seconds[seen], weights[seen] * values[seen], count)
    return np.divide(summed, total, out=np.full(count, np.nan), where=total > 0)
