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
from ergo.assess.lift_told import ToldLift, ToldLifts, in_vain, told_lifts
from ergo.assess.lifts import find_lifts
from ergo.assess.overridden import told_when
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
    """A lift with its limits (none for a single hand), which of them counts, and why the equation may not hold.

    `load_kg` is the load that is told of it, NaN where none is; `by_hand` what was set for it, in words.
    """

    measured: MeasuredLift
    load_kg: float
    by_hand: tuple[str, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLifts:
    """Every possible lift of a film, as measured, before anything is told of it."""

    lifts: tuple[MeasuredLift, ...]
    film_s: float


def assess_lifting(motion: Motion, settings: AnalysisSettings) -> Lifting:
    """Find the lifts of a motion and judge them."""
    return judge_lifting(measured_lifts(motion, settings), settings)


def measured_lifts(motion: Motion, settings: AnalysisSettings) -> FoundLifts:
    """The lifts of a motion. Of the settings only the worker's height and sex matter, which scale all lengths."""
    path, t = hand_path(motion), motion.timestamps_s
    return FoundLifts(
        lifts=tuple(measure_lift(path, lift, size_sd(settings)) for lift in find_lifts(path)),
        film_s=float(t[-1] - t[0]) if len(t) else 0.0,
    )


def judge_lifting(found: FoundLifts, settings: AnalysisSettings) -> Lifting:
    """Judge lifts with what the settings tell of them, what was set by hand included."""
    said = told_lifts(found.lifts, settings.context, settings.overrides)
    told = said.lifts
    job = told_when(settings.context, settings.overrides, 0.0)
    tasks = _tasks([lift.measured for lift in told])
    frequency = _frequency(found.film_s, sum(map(len, tasks)), job)
    lifts = tuple(_assessed(lift, _task_of(number, tasks), tasks, frequency) for number, lift in enumerate(told))
    return Lifting(
        lifts=lifts,
        frequency=frequency,
        tasks=tasks,
        composite=_composite(told, tasks, frequency, worst=False),
        composite_high=_composite(told, tasks, frequency, worst=True),
        assumptions=(*in_vain(found.lifts, settings.overrides), *_assumptions(said, frequency, settings)),
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


def _frequency(film_s: float, count: int, job: TaskContext) -> Frequency:
    film_rate = 60.0 * count / film_s if film_s > 0 else np.nan
    source: FrequencySource = "unknown"
    per_minute = np.nan
    if job.lifts_per_minute is not None:
        source, per_minute = "told", job.lifts_per_minute
    elif film_s >= LEAST_SAMPLE_S:
        source, per_minute = ("film" if film_s >= SAMPLE_S else "assumed"), film_rate
    return Frequency(
        per_minute=per_minute, source=source, count=count, film_s=film_s, film_per_minute=film_rate
    )  # fmt: skip


def _assessed(told: ToldLift, task: int, tasks: Sequence[Sequence[int]], frequency: Frequency) -> AssessedLift:
    lift, context = told.measured, told.context
    limits: list[EndLimit] = []
    if lift.lift.hands == "both":
        per_minute = _of_task(task, tasks, frequency)
        limits.append(_end_limit("origin", lift, per_minute, context))
        if not lift.lift.cut:
            limits.append(_end_limit("destination", lift, per_minute, context))
    controlled = context.control_at_destination is True and len(limits) > 1
    return AssessedLift(
        measured=lift,
        load_kg=np.nan if context.load_kg is None else context.load_kg,
        by_hand=told.by_hand,
        task=task,
        limits=tuple(limits),
        counts="destination" if controlled and limits[1].rwl < limits[0].rwl else "origin",
        outside=tuple(_outside(lift)),
    )


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
    lifts: Sequence[ToldLift], tasks: Sequence[Sequence[int]], frequency: Frequency, *, worst: bool
) -> float:
    """CLI over the tasks, each by the mean of its lifts; NaN without load, frequency or lifts.

    The equation knows one duration of a job: where several are told, the longest counts.
    """
    counted = [lifts[number].context for task in tasks for number in task]
    if not counted or any(facts.load_kg is None for facts in counted) or np.isnan(frequency.per_minute):
        return np.nan
    durations: list[Duration] = [_durations(facts)[worst] for facts in counted]
    duration = max(durations, key=niosh.DURATIONS.index)
    members = [[lifts[number] for number in task] for task in tasks]
    rates = [_of_task(index, tasks, frequency) for index in range(len(tasks))]
    loads = [[lift.context.load_kg or 0.0 for lift in task] for task in members]
    return niosh.composite_index(
        firwl=[
            float(np.mean([_least_firwl(lift, rate, duration, worst) for lift in task]))
            for task, rate in zip(members, rates, strict=True)
        ],
        load_weight=[float(np.mean(task)) for task in loads],
        largest_load=[max(task) for task in loads],
        lifts_per_minute=rates,
        height=[float(np.mean([lift.measured.origin.height_cm for lift in task])) for task in members],
        duration=duration,
    )


def _least_firwl(told: ToldLift, per_minute: float, duration: Duration, worst: bool) -> float:
    """Of the ends at which the load must be controlled."""
    lift, context = told.measured, told.context
    controlled = context.control_at_destination or (worst and context.control_at_destination is None)
    ends = [lift.origin, lift.destination] if controlled and not lift.lift.cut else [lift.origin]
    coupling = _couplings(context)[worst]
    return min(float(_limit(end, lift, per_minute, duration, coupling).firwl) for end in ends)


def _assumptions(said: ToldLifts, frequency: Frequency, settings: AnalysisSettings) -> Iterator[str]:
    yield from _left_out(said, settings.context)
    if not said.lifts:
        return
    facts = [lift.context for lift in said.lifts]
    yield "Whether the hands hold anything cannot be seen: these are possible lifts, found from how the hands move."
    if any(context.load_kg is None for context in facts):
        yield "Load not given: the recommended weight is told, the lifting index needs the load."
    yield from _about_frequency(frequency)
    if any(context.lifting_duration is None for context in facts):
        yield "Duration not given: taken as up to an hour; the range covers up to eight."
    if any(context.coupling is None for context in facts):
        yield "Grip not given: taken as good; the range covers a poor one."
    if any(context.coupling == "unacceptable" for context in facts):
        yield "The equation knows no unacceptable grip: taken as poor."
    if any(context.control_at_destination is None for context in facts):
        yield "Control at the destination not given: the origin counts; the destination is told beside it."
    if settings.height_m is None:
        share = size_sd(settings)
        yield f"Height of the worker not given: all lengths may be off by {share:.0%} (one standard deviation)."


def _left_out(said: ToldLifts, context: TaskContext) -> Iterator[str]:
    if said.struck_out:
        yield f"{_possible_lifts(said.struck_out)} struck out by hand."
    if said.empty_handed:
        yield f"{_possible_lifts(said.empty_handed)} left out, as the hands are said to be empty."
    elif context.load_kg == 0:
        yield "The hands are said to be empty."


def _possible_lifts(count: int) -> str:
    return "1 possible lift was" if count == 1 else f"{count} possible lifts were"


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
