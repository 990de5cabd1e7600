"""The revised NIOSH lifting equation over the lifts found in a film.

What the film shows (H, V, D, A) is measured, with its error; what it cannot show (load, grip, duration, frequency,
control at the destination) is told or unknown. Unknown is taken at its most favourable for the number and at its least
favourable for the range, as everywhere in Ergo; the errors of the measures give a 90 % interval of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from ergo.assess.hand_path import hand_path
from ergo.assess.lift_places import MeasuredLift, Place, measure_lift, size_sd
from ergo.assess.lifts import find_lifts
from ergo.methods import niosh
from ergo.methods.niosh import Coupling, Duration, Limit
from ergo.types import AnalysisSettings, Motion, TaskContext

FrequencySource: TypeAlias = Literal["told", "film", "assumed", "unknown"]
End: TypeAlias = Literal["origin", "destination"]

SAMPLE_S, LEAST_SAMPLE_S = 900.0, 60.0
"""NIOSH asks for the mean over 15 minutes (p. 14). From a minute on the rate of the film is taken for it, and said to
be assumed; below, none is told."""
FAST_CM_S = 76.0
"""The equation is not for lifts faster than this (30 inches a second, p. 6)."""
DRAWS = 400
SAME_REACH_CM, SAME_HEIGHT_CM, SAME_ANGLE_DEG = 15.0, 20.0, 30.0
"""Lifts that differ less than this at both ends are one task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """How often is lifted: `per_minute` is what counts (NaN when unknown: then the least, 0.2, is taken)."""

    per_minute: float
    source: FrequencySource
    count: int
    film_s: float
    film_per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLimit:
    """The recommended weight limit at one end of a lift, kilograms.

    `rwl` with every unknown at its most favourable, `rwl_low` at its least; `rwl_p05` to `rwl_p95` is the 90 %
    interval that the errors of H, V, D, A leave. `limiting` is the lowest multiplier. Indices are NaN without a load.
    """

    end: End
    multipliers: Mapping[str, float]
    limiting: str
    firwl: float
    rwl: float
    rwl_low: float
    rwl_p05: float
    rwl_p95: float
    index: float
    index_high: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessedLift:
    """A lift with its limits (none for a single hand), which of them counts, and why the equation may not hold."""

    measured: MeasuredLift
    task: int
    limits: tuple[EndLimit, ...]
    counts: End
    outside: tuple[str, ...]

    @property
    def limit(self) -> EndLimit | None:
        """The limit that counts."""
        return next((limit for limit in self.limits if limit.end == self.counts), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting:
    """All lifts of a film; `composite` is CLI, NaN where it cannot be told, `tasks` the numbers of their lifts."""

    lifts: tuple[AssessedLift, ...]
    frequency: Frequency
    tasks: tuple[tuple[int, ...], ...]
    composite: float
    composite_high: float
    assumptions: tuple[str, ...]


def assess_lifting(motion: Motion, settings: AnalysisSettings) -> Lifting:
    """Find the lifts of a motion and judge them."""
    path = hand_path(motion)
    context = settings.context
    found = () if context.load_kg == 0 else find_lifts(path)
    measured = [measure_lift(path, lift, size_sd(settings)) for lift in found]
    tasks = _tasks(measured)
    frequency = _frequency(motion, sum(map(len, tasks)), context)
    lifts = tuple(
        _assessed(lift, _task_of(number, tasks), tasks, frequency, context) for number, lift in enumerate(measured)
    )
    composite = [_composite(lifts, tasks, frequency, context, worst) for worst in (False, True)]
    return Lifting(
        lifts=lifts,
        frequency=frequency,
        tasks=tasks,
        composite=composite[0],
        composite_high=composite[1],
        assumptions=tuple(_assumptions(lifts, frequency, settings)),
    )


def _tasks(lifts: Sequence[MeasuredLift]) -> tuple[tuple[int, ...], ...]:
    """Numbers of the two-handed lifts, those of one task together."""
    tasks: list[list[int]] = []
    for number, lift in enumerate(lifts):
        if lift.lift.hands != "both":
            continue
        home = next((task for task in tasks if _alike(lift, lifts[task[0]])), None)
        if home is None:
            tasks.append([number])
        else:
            home.append(number)
    return tuple(map(tuple, tasks))


def _alike(one: MeasuredLift, other: MeasuredLift) -> bool:
    return one.lift.kind == other.lift.kind and all(
        abs(a.reach_cm - b.reach_cm) < SAME_REACH_CM
        and abs(a.height_cm - b.height_cm) < SAME_HEIGHT_CM
        and abs(a.asymmetry_deg - b.asymmetry_deg) < SAME_ANGLE_DEG
        for a, b in ((one.origin, other.origin), (one.destination, other.destination))
    )


def _task_of(number: int, tasks: Sequence[Sequence[int]]) -> int:
    return next((index for index, task in enumerate(tasks) if number in task), -1)


def _frequency(motion: Motion, count: int, context: TaskContext) -> Frequency:
    t = motion.timestamps_s
    film_s = float(t[-1] - t[0]) if len(t) else 0.0
    film_rate = 60.0 * count / film_s if film_s > 0 else np.nan
    source: FrequencySource = "unknown"
    per_minute = np.nan
    if context.lifts_per_minute is not None:
        source, per_minute = "told", context.lifts_per_minute
    elif film_s >= LEAST_SAMPLE_S:
        source, per_minute = ("film" if film_s >= SAMPLE_S else "assumed"), film_rate
    return Frequency(
        per_minute=per_minute, source=source, count=count, film_s=film_s, film_per_minute=film_rate
    )  # fmt: skip


def _assessed(
    lift: MeasuredLift, task: int, tasks: Sequence[Sequence[int]], frequency: Frequency, context: TaskContext
) -> AssessedLift:
    outside = tuple(_outside(lift))
    if lift.lift.hands != "both":
        return AssessedLift(measured=lift, task=task, limits=(), counts="origin", outside=outside)
    per_minute = _of_task(task, tasks, frequency)
    limits = [_end_limit("origin", lift, per_minute, context)]
    if not lift.lift.cut:
        limits.append(_end_limit("destination", lift, per_minute, context))
    controlled = context.control_at_destination is True and len(limits) > 1
    counts: End = "destination" if controlled and limits[1].rwl < limits[0].rwl else "origin"
    return AssessedLift(measured=lift, task=task, limits=tuple(limits), counts=counts, outside=outside)


def _of_task(task: int, tasks: Sequence[Sequence[int]], frequency: Frequency) -> float:
    """Lifts a minute of one task: its share of all."""
    if np.isnan(frequency.per_minute) or task < 0:
        return niosh.LEAST_FREQUENCY
    return frequency.per_minute * len(tasks[task]) / sum(map(len, tasks))


def _outside(lift: MeasuredLift) -> Iterator[str]:
    """Why the equation does not hold for this lift, as far as a film tells."""
    if lift.lift.hands != "both":
        yield f"{lift.lift.hands} hand alone"
    if lift.lift.walked_m:
        yield f"carried {lift.lift.walked_m:.1f} m"
    if lift.speed_cm_s > FAST_CM_S:
        yield f"fast, {lift.speed_cm_s:.0f} cm/s"


def _durations(context: TaskContext) -> tuple[Duration, Duration]:
    """Most and least favourable."""
    told = context.lifting_duration
    return (told, told) if told else ("short", "long")


def _couplings(context: TaskContext) -> tuple[Coupling, Coupling]:
    if context.coupling is None:
        return "good", "poor"
    told: Coupling = "poor" if context.coupling == "unacceptable" else context.coupling
    return told, told


def _end_limit(end: End, lift: MeasuredLift, per_minute: float, context: TaskContext) -> EndLimit:
    place = lift.origin if end == "origin" else lift.destination
    best, worst = (
        _limit(place, lift, per_minute, duration, coupling)
        for duration, coupling in zip(_durations(context), _couplings(context), strict=True)
    )
    drawn = _drawn(place, lift, per_minute, _durations(context)[0], _couplings(context)[0])
    load = np.nan if context.load_kg is None else context.load_kg
    index = float(niosh.lifting_index(load, best.rwl))
    return EndLimit(
        end=end,
        multipliers=MappingProxyType({name: float(getattr(best, name)) for name in niosh.MULTIPLIERS}),
        limiting=best.most_limiting(),
        firwl=float(best.firwl),
        rwl=float(best.rwl),
        rwl_low=float(worst.rwl),
        rwl_p05=float(np.percentile(drawn, 5)),
        rwl_p95=float(np.percentile(drawn, 95)),
        index=index,
        index_high=float(niosh.lifting_index(load, worst.rwl)),
        level=float(niosh.level(index)),
    )


def _limit(place: Place, lift: MeasuredLift, per_minute: float, duration: Duration, coupling: Coupling) -> Limit:
    return niosh.recommended_weight(
        reach=place.reach_cm,
        height=place.height_cm,
        travel=lift.travel_cm,
        asymmetry_deg=place.asymmetry_deg,
        lifts_per_minute=per_minute,
        duration=duration,
        coupling=coupling,
        height_at_origin=lift.origin.height_cm,
    )


def _drawn(
    place: Place, lift: MeasuredLift, per_minute: float, duration: Duration, coupling: Coupling
) -> np.ndarray:  # fmt: skip
    """Recommended weights with the errors of the measures drawn at random (the same for every lift)."""
    errors = np.random.default_rng(0).standard_normal((4, DRAWS))
    return niosh.recommended_weight(
        reach=np.maximum(place.reach_cm + place.reach_sd_cm * errors[0], 0.0),
        height=np.maximum(place.height_cm + place.height_sd_cm * errors[1], 0.0),
        travel=np.maximum(lift.travel_cm + lift.travel_sd_cm * errors[2], 0.0),
        asymmetry_deg=np.clip(place.asymmetry_deg + place.asymmetry_sd_deg * errors[3], -180.0, 180.0),
        lifts_per_minute=per_minute,
        duration=duration,
        coupling=coupling,
        height_at_origin=np.full(DRAWS, lift.origin.height_cm),
    ).rwl


def _composite(
    lifts: Sequence[AssessedLift],
    tasks: Sequence[Sequence[int]],
    frequency: Frequency,
    context: TaskContext,
    worst: bool,
) -> float:
    """CLI over the tasks, each by the mean of its lifts; NaN without load, frequency or lifts."""
    if not tasks or context.load_kg is None or np.isnan(frequency.per_minute):
        return np.nan
    duration, coupling = _durations(context)[worst], _couplings(context)[worst]
    controlled = context.control_at_destination or (worst and context.control_at_destination is None)
    firwl, heights = [], []
    for index, task in enumerate(tasks):
        limits = []
        for lift in (lifts[number].measured for number in task):
            ends = [lift.origin, lift.destination] if controlled and not lift.lift.cut else [lift.origin]
            per_minute = _of_task(index, tasks, frequency)
            limits.append(min(float(_limit(end, lift, per_minute, duration, coupling).firwl) for end in ends))
        firwl.append(float(np.mean(limits)))
        heights.append(float(np.mean([lifts[number].measured.origin.height_cm for number in task])))
    return niosh.composite_index(
        firwl=firwl,
        load_weight=context.load_kg,
        lifts_per_minute=[_of_task(index, tasks, frequency) for index in range(len(tasks))],
        height=heights,
        duration=duration,
    )


def _assumptions(
    lifts: Sequence[AssessedLift], frequency: Frequency, settings: AnalysisSettings
) -> Iterator[str]:  # fmt: skip
    context = settings.context
    if context.load_kg == 0:
        yield "The hands are said to be empty: no lifts are looked for."
        return
    if not lifts:
        return
    yield "Whether the hands hold anything cannot be seen: these are possible lifts, found from how the hands move."
    if context.load_kg is None:
        yield "Load not given: the recommended weight is told, the lifting index needs the load."
    yield from _about_frequency(frequency)
    if context.lifting_duration is None:
        yield "Duration not given: taken as up to an hour; the range covers up to eight."
    if context.coupling is None:
        yield "Grip not given: taken as good; the range covers a poor one."
    elif context.coupling == "unacceptable":
        yield "The equation knows no unacceptable grip: taken as poor."
    if context.control_at_destination is None:
        yield "Control at the destination not given: the origin counts; the destination is told beside it."
    if settings.height_m is None:
        share = size_sd(settings)
        yield f"Height of the worker not given: all lengths may be off by {share:.0%} (one standard deviation)."


def _about_frequency(frequency: Frequency) -> Iterator[str]:
    if frequency.source == "unknown":
        yield (
            f"How often is lifted cannot be told from {frequency.film_s:.0f} s of film: the limits are for a lift now "
            "and then (0.2 a minute or fewer)."
        )
    elif frequency.source == "assumed":
        yield (
            f"Frequency assumed: the film's {frequency.film_per_minute:.1f} lifts a minute stand for the job; the "
            "equation asks for 15 minutes."
        )
