"""Lifts, fatigue, repetition and dose in ``result.json``, and ``lifts.csv``: one row a possible lift."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ergo.methods.catalogue import TASK_METHODS

if TYPE_CHECKING:  # what finds lifts takes scipy, which the page loads late
    from ergo.assess.fatigue import DayDamage
    from ergo.assess.lift_places import Place
    from ergo.assess.lifting import AssessedLift, Lifting
    from ergo.assess.task import Task

_ENDS = ("origin", "destination")
_PLACE = ("reach_cm", "reach_sd_cm", "height_cm", "height_sd_cm", "asymmetry_deg", "asymmetry_sd_deg")
_LIMIT = ("firwl", "rwl", "rwl_low", "rwl_p05", "rwl_p95", "index", "index_high", "limiting")


def task_content(task: Task) -> dict[str, Any]:
    """The parts of ``result.json`` that are about the task, as plain JSON values."""
    return {
        "lifting": lifting_content(task.lifting),
        "fatigue": fatigue_content(task.fatigue),
        "cycles": _json(task.repetition),
        "doses": _json(task.doses),
    }


def lifting_content(lifting: Lifting) -> dict[str, Any]:
    """The lifts and their limits."""
    return {
        "lifts": [_lift(number, lift) for number, lift in enumerate(lifting.lifts, 1)],
        "tasks": [[number + 1 for number in numbers] for numbers in lifting.tasks],
        "frequency": _json(lifting.frequency),
        "composite": _json(lifting.composite),
        "composite_high": _json(lifting.composite_high),
        "assumptions": list(lifting.assumptions),
        "levels": _levels("niosh"),
    }


def fatigue_content(tools: Sequence[DayDamage]) -> dict[str, Any]:
    """LiFFT and DUET by their ids."""
    return {
        tool.method: {
            **_json(tool),
            "label": TASK_METHODS[tool.method].label,
            "name": TASK_METHODS[tool.method].name,
            "levels": _levels(tool.method),
        }
        for tool in tools
    }


def write_lifts(path: Path, lifting: Lifting) -> None:
    """Places with their standard deviations, way, limits at both ends; what is not told stays empty."""
    header = ["number", "start_s", "end_s", "hands", "kind", "belief", "task", "cut", "walked_m", "travel_cm",
              "travel_sd_cm", "lever_cm", "speed_cm_s", "counts"]  # fmt: skip
    header += [f"{end}_{name}" for end in _ENDS for name in (*_PLACE, *_LIMIT)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*header, "outside", "signs", "load_kg", "by_hand"])
        for number, lift in enumerate(lifting.lifts, 1):
            writer.writerow(_row(number, lift))


def _row(number: int, lift: AssessedLift) -> list[Any]:
    measured, found = lift.measured, lift.measured.lift
    row = [number, measured.origin.time_s, measured.destination.time_s, found.hands, found.kind, found.belief,
           lift.task + 1 or "", int(found.cut), found.walked_m, measured.travel_cm, measured.travel_sd_cm,
           measured.lever_cm, measured.speed_cm_s, lift.counts if lift.limits else ""]  # fmt: skip
    limits = {limit.end: limit for limit in lift.limits}
    for end, place in zip(_ENDS, (measured.origin, measured.destination), strict=True):
        row += [getattr(place, name) for name in _PLACE]
        row += [getattr(limits.get(end), name, "") for name in _LIMIT]
    row += ["; ".join(lift.outside), "; ".join(found.signs), lift.load_kg, "; ".join(lift.by_hand)]
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return "" if not math.isfinite(value) else f"{value:.2f}"
    return value


def _lift(number: int, lift: AssessedLift) -> dict[str, Any]:
    measured, found = lift.measured, lift.measured.lift
    return {
        "number": number,
        "hands": found.hands,
        "kind": found.kind,
        "belief": found.belief,
        "signs": list(found.signs),
        "cut": found.cut,
        "walked_m": found.walked_m,
        "task": lift.task + 1 if lift.task >= 0 else None,
        **{end: _json(place) for end, place in _places(lift)},
        "travel_cm": measured.travel_cm,
        "travel_sd_cm": measured.travel_sd_cm,
        "lever_cm": measured.lever_cm,
        "speed_cm_s": measured.speed_cm_s,
        "limits": _json(lift.limits),
        "counts": lift.counts if lift.limits else None,
        "outside": list(lift.outside),
        "load_kg": _json(lift.load_kg),
        "by_hand": list(lift.by_hand),
    }


def _places(lift: AssessedLift) -> list[tuple[str, Place]]:
    return [("origin", lift.measured.origin), ("destination", lift.measured.destination)]


def _levels(method_id: str) -> list[dict[str, Any]]:
    return [
        {"level": b.level, "label": b.label, "text": b.text, "risk_step": b.risk_step}
        for b in TASK_METHODS[method_id].bands
    ]


def _json(value: Any) -> Any:
    """JSON values: dataclasses become objects, NaN and infinity null, keys text (20 for 20.0)."""
    if is_dataclass(value):
        return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {f"{key:g}" if isinstance(key, float) else str(key): _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
