"""LiFFT and DUET where their inputs are known: damage of a day, probability, or what is still to be told.

Both are made of amounts that a film does not show (load, effort, repetitions a day); LiFFT's lever is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ergo.assess.lifting import Lifting
from ergo.assess.overridden import told_when
from ergo.methods import duet, lifft
from ergo.types import AnalysisSettings, TaskContext

_NAMES = {"load_kg": "the load", "repetitions_per_day": "repetitions a day", "exertion": "the effort of the hand"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDamage:
    """One tool: NaN and what is `missing` in words, or damage of a day, probability and level.

    `lever_cm` and its range are LiFFT's measured part, over all lifts.
    """

    method: str
    damage: float
    probability: float
    level: float
    missing: tuple[str, ...]
    lever_cm: float = np.nan
    lever_low_cm: float = np.nan
    lever_high_cm: float = np.nan


def assess_fatigue(lifting: Lifting, settings: AnalysisSettings) -> tuple[DayDamage, DayDamage]:
    """LiFFT over the two-handed lifts of the film, shared among the day's repetitions as in the film; and DUET."""
    job = told_when(settings.context, settings.overrides, 0.0)
    return _lifft(lifting, job), _duet(job)


def _missing(context: TaskContext, *names: str) -> tuple[str, ...]:
    return tuple(_NAMES[name] for name in names if getattr(context, name) is None)


def _lifft(lifting: Lifting, context: TaskContext) -> DayDamage:
    lifts = [lift for lift in lifting.lifts if lift.measured.lift.hands == "both"]
    levers, loads = (np.array(values) for values in ([x.measured.lever_cm for x in lifts], [x.load_kg for x in lifts]))
    missing = _missing(context, "repetitions_per_day")
    if np.isnan(loads).any() or (len(lifts) == 0 and context.load_kg is None):
        missing = (_NAMES["load_kg"], *missing)
    if len(lifts) == 0:
        missing = ("a lift with both hands in the film", *missing)
    if missing:
        return _unknown("lifft", missing, levers)
    assert context.repetitions_per_day is not None  # noqa: S101
    each = lifft.damage(loads, levers, context.repetitions_per_day / len(levers))
    dose = float(np.sum(each))
    return DayDamage(
        method="lifft",
        damage=dose,
        probability=float(lifft.probability(dose)),
        level=float(lifft.level(dose)),
        missing=(),
        lever_cm=float(levers.mean()),
        lever_low_cm=float(levers.min()),
        lever_high_cm=float(levers.max()),
    )


def _duet(context: TaskContext) -> DayDamage:
    missing = _missing(context, "exertion", "repetitions_per_day")
    if missing:
        return _unknown("duet", missing, np.zeros(0))
    assert context.exertion is not None and context.repetitions_per_day is not None  # noqa: S101
    dose = float(duet.damage(context.exertion, context.repetitions_per_day))
    return DayDamage(
        method="duet",
        damage=dose,
        probability=float(duet.probability(dose)),
        level=float(duet.level(dose)),
        missing=(),
    )


def _unknown(method: str, missing: tuple[str, ...], levers: np.ndarray) -> DayDamage:
    known = len(levers) > 0
    return DayDamage(
        method=method,
        damage=np.nan,
        probability=np.nan,
        level=np.nan,
        missing=missing,
        lever_cm=float(levers.mean()) if known else np.nan,
        lever_low_cm=float(levers.min()) if known else np.nan,
        lever_high_cm=float(levers.max()) if known else np.nan,
    )
