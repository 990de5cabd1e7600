"""What is told of each lift: the facts that hold when it begins, and what was set by hand instead of measured.

A lift belongs to the span in which it begins. What is set has no error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ergo.assess.lift_places import MeasuredLift, Place
from ergo.assess.overridable import INPUTS
from ergo.assess.overridden import ruled, told_when
from ergo.assess.overrides import described, holds_at, span_words
from ergo.types import Override, TaskContext

_ERROR_OF: Mapping[str, str] = MappingProxyType(
    {"reach_cm": "reach_sd_cm", "height_cm": "height_sd_cm", "asymmetry_deg": "asymmetry_sd_deg"}
)
"""Measures of a place and their standard deviations."""
_PLACES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        f"lift_{prefix}_{name}": (end, measure)
        for prefix, end in (("from", "origin"), ("to", "destination"))
        for name, measure in (("reach_cm", "reach_cm"), ("height_cm", "height_cm"), ("turn_deg", "asymmetry_deg"))
    }
)
"""Inputs that are a measure of a place: at which end, and which."""
LIFT_METHODS = ("niosh", "lifft")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLift:
    """A lift as it counts: its places, the facts that hold for it, and in words what was set by hand for it."""

    measured: MeasuredLift
    context: TaskContext
    by_hand: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLifts:
    """The lifts that count; how many were struck out, and how many fall into times in which the hands are empty."""

    lifts: tuple[ToldLift, ...]
    struck_out: int
    empty_handed: int


def told_lifts(found: Sequence[MeasuredLift], context: TaskContext, overrides: Sequence[Override]) -> ToldLifts:
    """What is told of the lifts that were found."""
    kept: list[ToldLift] = []
    struck_out = empty_handed = 0
    for lift in found:
        held = [override for override in overrides if holds_at(override, lift.origin.time_s)]
        facts = told_when(context, held, lift.origin.time_s)
        if any(override.input == "lift" and override.value is False for override in held):
            struck_out += 1
        elif facts.load_kg == 0:
            empty_handed += 1
        else:
            said = tuple(described(override) for override in held if _of_one_lift(override))
            kept.append(ToldLift(measured=_with_places(lift, held), context=facts, by_hand=said))
    return ToldLifts(lifts=tuple(kept), struck_out=struck_out, empty_handed=empty_handed)


def _of_one_lift(override: Override) -> bool:
    """Whether it says something of single lifts; that a lift is one goes without saying."""
    entry = INPUTS[override.input]
    return override.input != "lift" and not entry.of_the_job and any(name in LIFT_METHODS for name in entry.methods)


def in_vain(found: Sequence[MeasuredLift], overrides: Sequence[Override]) -> Iterator[str]:
    """What is set for lifts in spans in which none begins, in words."""
    for override in overrides:
        of_lifts_alone = all(name in LIFT_METHODS for name in INPUTS[override.input].methods)
        if of_lifts_alone and not any(holds_at(override, lift.origin.time_s) for lift in found):
            yield f"{described(override)}, set by hand {span_words(override)}: no lift was found to begin there."


def _with_places(lift: MeasuredLift, held: Sequence[Override]) -> MeasuredLift:
    """The lift with what was set in place of what was measured."""
    told = lift
    known_of_destination: set[str] = set()
    for override in held:
        if override.input == "lift_lever_cm":
            told = replace(told, lever_cm=float(ruled(told.lever_cm, float(override.value), override.rule)))
        elif override.input in _PLACES:
            end, measure = _PLACES[override.input]
            told = replace(told, **{end: _with_measure(getattr(told, end), measure, override)})
            if end == "destination" and override.rule == "is":
                known_of_destination.add(measure)
    if known_of_destination == set(_ERROR_OF):  # the film does not show it, but it is known now
        told = replace(told, lift=replace(told.lift, cut=False))
    return _with_travel(told)


def _with_measure(place: Place, measure: str, override: Override) -> Place:
    before = getattr(place, measure)
    value = math.copysign(float(ruled(abs(before), float(override.value), override.rule)), before)
    if override.rule != "is" and value == before:
        return place
    return replace(place, **{measure: value, _ERROR_OF[measure]: 0.0})


def _with_travel(told: MeasuredLift) -> MeasuredLift:
    """D follows from heights that were set; its error is that of the height that is still a measured one."""
    ends = (told.origin, told.destination)
    if all(end.height_sd_cm > 0 for end in ends):
        return told
    travel = abs(told.destination.height_cm - told.origin.height_cm)
    return replace(told, travel_cm=travel, travel_sd_cm=math.hypot(*(end.height_sd_cm for end in ends)))
