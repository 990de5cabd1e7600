"""The report of a stored result: the page on paper, in the page's order, methods and limits at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ergo.body.skeleton import REGIONS
from ergo.report.advised import advised
from ergo.report.appendix import appendix
from ergo.report.blocks import (
    Beside,
    Block,
    Drawn,
    MomentCard,
    Moments,
    Paragraph,
    Points,
    Report,
    Section,
    Verdicts,
)
from ergo.report.fields import ReportFields
from ergo.report.figures import (
    Figure,
    Lane,
    angle_figure,
    body_figure,
    body_steps,
    legend_figure,
    shares_figure,
    timeline_figure,
)
from ergo.report.levels import by_level, level_entry
from ergo.report.stored import Stored
from ergo.report.verdicts import side_word, verdict
from ergo.report.words import clock, duration_words, percent
from ergo.types import SIDES

SHORT_REASONS: Final = 3
_CURVES: Final = (
    ("Trunk forward", "trunk_flexion"),
    ("Neck forward", "neck_flexion"),
    ("Left arm raised", "left_arm_elevation_gravity"),
    ("Right arm raised", "right_arm_elevation_gravity"),
)
_DISCLAIMER: Final = "Scores support a judgement on the spot by somebody who knows the work; they do not replace it."


def build_report(stored: Stored, fields: ReportFields | None = None, *, title: str = "", short: bool = False) -> Report:
    """The report in blocks.

    Args:
        stored: the result.
        fields: what its maker says.
        title: of the film, as its owner knows it; its file name if empty.
        short: only what fits on one page.

    Raises:
        SettingsError: a file of the result is missing.
    """
    result = stored.result
    sections = [
        Section("Verdict", (_verdicts(result), *_seen_note(result))),
        Section("Where and how long", _where(stored, short)),
        *_moments(stored, short),
        *_advice(result, short),
    ]
    if not short:
        sections += [_over_time(stored), *appendix(stored)]
    return Report(
        title=title or result["video"]["name"],
        facts=_facts(result),
        fields=fields or ReportFields(),
        sections=tuple(sections),
        footer=f"Ergo {result['ergo_version']}. {_DISCLAIMER}",
        created_utc=result["created_utc"],
        short=short,
    )


def _facts(result: Mapping[str, Any]) -> str:
    video = result["video"]
    facts = [
        f"analysed {result['created_utc'][:10]}",
        duration_words(video["duration_s"]),
        f"person seen {percent(result['coverage']['frames'])} of the film",
        f"camera tilt known to ±{result['gravity']['sd_deg']:.1f}°",
    ]
    return " · ".join(facts)


def _verdicts(result: Mapping[str, Any]) -> Verdicts:
    return Verdicts(tuple(verdict(method) for method in result["methods"].values()))


def _seen_note(result: Mapping[str, Any]) -> list[Block]:
    lost = [part.replace("_", " ") for part in result["coverage"].get("not_assessed", ())]
    words = (
        "Each score is the peak: what only the worst 5 % of the time seen exceed, counting what lasts half a second."
    )
    if lost:
        words += f" Hardly seen, and so not assessed: {', '.join(lost)}."
    return [Paragraph(words, quiet=True)]


# -- where, and for how long ------------------------------------------------------------------------------------


def _where(stored: Stored, short: bool) -> tuple[Block, ...]:
    bodies = {label: steps for key, label, steps in _bodies(stored) if key in ("rula", "reba")}
    figures: list[Block] = [
        Beside(body_figure(bodies), shares_figure(_share_rows(stored.result)), 0.27 if short else 0.32),
        Drawn(legend_figure(), 0.6),
    ]
    if not short:
        text = "The colour of a region is the risk it keeps or exceeds for a tenth of the time seen. "
        text += "The bars are shares of the whole film."
        figures.append(Paragraph(text, quiet=True))
    return tuple(figures)


def _bodies(stored: Stored) -> list[tuple[str, str, list[int | None]]]:
    found = []
    for entry in stored.meta["methods"]:
        prefixes = [f"{entry['id']}.{side}" for side in entry["sides"]]
        regions = np.max([stored.arrays[f"{prefix}.regions"] for prefix in prefixes], axis=0)
        seen = np.any([stored.arrays[f"{prefix}.total"] > 0 for prefix in prefixes], axis=0)
        steps: list[int | None] = list(body_steps(regions, seen, stored.motion.timestamps_s))
        lost = set(stored.result["coverage"].get("not_assessed", ()))
        for place, region in enumerate(REGIONS):
            part = region.replace("upper_", "").replace("lower_", "")
            if part in lost:
                steps[place] = None
        found.append((entry["id"], entry["label"], steps))
    return found


def _share_rows(result: Mapping[str, Any]) -> list[tuple[str, list[tuple[int | None, float]]]]:
    rows = []
    for method in result["methods"].values():
        for name, side in method["sides"].items():
            shares: list[tuple[int | None, float]] = []
            for entry in method["levels"]:
                shares.append(
                    (entry["risk_step"], (by_level(side["share_of_time"], entry["level"]) or 0.0) * side["coverage"])
                )
            shares.append((None, 1.0 - side["coverage"]))
            rows.append((_lane_name(method["label"], name), shares))
    return rows


def _lane_name(label: str, side: str) -> str:
    return f"{label} {side}" if side in SIDES else label


# -- moments and advice -----------------------------------------------------------------------------------------


def _moments(stored: Stored, short: bool) -> list[Section]:
    cards = []
    for number, moment in enumerate(stored.result["worst_moments"], 1):
        method = stored.result["methods"][moment["method"]]
        picture = stored.folder / moment["thumbnail"]
        reasons = [reason.get("text") or reason["label"] for reason in moment["reasons"]]
        cards.append(
            MomentCard(
                picture=picture if picture.is_file() else None,
                alt=f"The worker at {clock(moment['time_s'])}",
                title=f"{number}   {clock(moment['time_s'])}   {method['label']} {moment['total']:.0f}, "
                f"{side_word(moment['side'])}",
                step=level_entry(method, moment["level"]).get("risk_step"),
                level=moment["level_label"],
                reasons=tuple(reasons[:SHORT_REASONS] if short else reasons),
            )
        )
    return [Section("Worst moments", (Moments(tuple(cards)),))] if cards else []


def _advice(result: Mapping[str, Any], short: bool) -> list[Section]:
    found = advised(result)
    if not found:
        return []
    note = Paragraph("General design principles for what made the worst moments; judge on the spot what fits.", True)
    if short:
        return [Section("What could help", (Points(tuple(f"{name}: {entry.text[0]}" for name, entry in found)),))]
    blocks = [Points(entry.text, name, entry.source) for name, entry in found]
    return [Section("What could help", (*blocks, note))]


# -- over time --------------------------------------------------------------------------------------------------


def _over_time(stored: Stored) -> Section:
    times, duration_s = stored.motion.timestamps_s, stored.result["video"]["duration_s"]
    lanes = [
        Lane(label=_lane_name(entry["label"], side), steps=_steps(stored, entry, side))
        for entry in stored.meta["methods"]
        for side in entry["sides"]
    ]
    moments = {n: moment["time_s"] for n, moment in enumerate(stored.result["worst_moments"], 1)}
    curves = [
        (label, stored.angles[name], stored.angles.sd_deg[:, stored.angles.names.index(name)])
        for label, name in _CURVES
        if name in stored.angles.names
    ]
    figures: list[Figure] = [timeline_figure(lanes, times, duration_s, moments)]
    figures.append(angle_figure(curves, stored.motion.valid, times, duration_s))
    text = (
        "Above: risk by method; numbers mark the worst moments. Below: angles with a band of one standard deviation."
        " Hatched: the worker was not seen; dotted: only this part was not."
    )
    return Section("Over time", (*(Drawn(figure) for figure in figures), Paragraph(text, quiet=True)))


def _steps(stored: Stored, entry: Mapping[str, Any], side: str) -> np.ndarray:
    levels = stored.arrays[f"{entry['id']}.{side}.level"].astype(float)
    scored = stored.arrays[f"{entry['id']}.{side}.total"] > 0
    steps = np.full(len(levels), np.nan)
    for level in entry["levels"]:
        steps[scored & (levels == level["level"])] = level["step"]
    return steps
