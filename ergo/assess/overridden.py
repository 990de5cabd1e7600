"""What was set by hand, put in the place of what was observed or told, before anything is scored.

So scores, certainty, reasons and what-ifs all see the same. What is set has no error: drawn versions of the angles get
the same value. Holding times, repetition and rapid changes stay as they were observed until they are set themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.observations import Observations
from ergo.assess.overridable import INPUTS, STANCES, Path
from ergo.assess.overrides import end_of, holds_at, start_of
from ergo.types import SIDES, Override, Side, TaskContext

Told: TypeAlias = tuple[tuple[Bool[np.ndarray, "T"], TaskContext], ...]
"""What is told over time: contexts, each with the frames it holds in; every frame is in exactly one."""


def frames_of(override: Override, timestamps_s: Float[np.ndarray, "T"]) -> Bool[np.ndarray, "T"]:
    """The frames inside of the span; the nearest one where it falls between two."""
    inside = (timestamps_s >= start_of(override)) & (timestamps_s < end_of(override))
    if not inside.any() and len(timestamps_s):
        middle = (start_of(override) + min(end_of(override), float(timestamps_s[-1]))) / 2
        inside[np.argmin(np.abs(timestamps_s - middle))] = True
    return inside


def overridden(seen: Observations, overrides: Iterable[Override]) -> Observations:
    """`seen` with what was set by hand in place, in frames in which the person was found."""
    for override in overrides:
        entry = INPUTS[override.input]
        where = frames_of(override, seen.timestamps_s) & seen.found
        sides = SIDES if override.side is None else (override.side,)
        if entry.id == "stance":
            for name in STANCES[1:]:
                seen = _put(seen, ("body", name), sides, where, float(override.value == name))
        for path in entry.fields:
            if path[0] != "paces" or seen.paces is not None:
                seen = _put(seen, path, sides, where, float(override.value), override.rule)
    return seen


def angle_by_hand(
    name: str,
    values: Float[np.ndarray, "T"],
    overrides: Iterable[Override],
    timestamps_s: Float[np.ndarray, "T"],
    found: Bool[np.ndarray, "T"],
) -> Float[np.ndarray, "T"]:
    """One of :data:`ergo.assess.angle_catalogue.ANGLES` over time, with the numbers that were set for it in place."""
    for override in overrides:
        entry = INPUTS[override.input]
        if entry.kind == "number" and name in entry.angles_of(override.side):
            where = frames_of(override, timestamps_s) & found
            values = np.where(where, ruled(values, float(override.value), override.rule), values)
    return values


def _put(
    seen: Observations, path: Path, sides: Sequence[Side], where: Bool[np.ndarray, "T"], value: float, rule: str = "is"
) -> Observations:
    def change(before: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.where(where, ruled(before, value, rule), before)

    return _replaced(seen, path, sides, change)


def ruled(before: Any, value: float, rule: str) -> Any:
    """A number, or many, under the rule; unseen stays unseen where only a limit is set."""
    if rule == "at_most":
        return np.minimum(before, value)
    return np.maximum(before, value) if rule == "at_least" else value


def _replaced(holder: Any, path: Path, sides: Sequence[Side], change: Any) -> Any:
    """`holder`, a frozen dataclass, with one field deep inside changed; what has sides only on `sides`."""
    name, *rest = path
    inner = getattr(holder, name)
    if isinstance(inner, MappingProxyType):
        inner = MappingProxyType(
            {side: _replaced(one, tuple(rest), sides, change) if side in sides else one for side, one in inner.items()}
        )
    elif rest:
        inner = _replaced(inner, tuple(rest), sides, change)
    else:
        inner = change(inner)
    return replace(holder, **{name: inner})


def told_over_time(context: TaskContext, overrides: Iterable[Override], timestamps_s: Float[np.ndarray, "T"]) -> Told:
    """`context` with the facts set by hand, in as few pieces as there are different ones."""
    pieces: list[tuple[Bool[np.ndarray, "T"], TaskContext]] = [(np.ones(len(timestamps_s), dtype=bool), context)]
    for override in overrides:
        if not INPUTS[override.input].told:
            continue
        where = frames_of(override, timestamps_s)
        cut = []
        for frames, facts in pieces:
            cut += [(frames & where, _told(facts, override)), (frames & ~where, facts)]
        pieces = [(frames, facts) for frames, facts in cut if frames.any()] or pieces[:1]
    merged: dict[TaskContext, Bool[np.ndarray, "T"]] = {}
    for frames, facts in pieces:
        merged[facts] = merged[facts] | frames if facts in merged else frames
    return tuple((frames, facts) for facts, frames in merged.items())


def told_when(context: TaskContext, overrides: Iterable[Override], time_s: float) -> TaskContext:
    """`context` with the facts set by hand for a time of the film."""
    for override in overrides:
        if INPUTS[override.input].told and holds_at(override, time_s):
            context = _told(context, override)
    return context


def told_at(told: Told, frame: int) -> TaskContext:
    """What is told of one frame."""
    return next(facts for frames, facts in told if frames[frame])


def least_told(told: Told) -> TaskContext:
    """What is told of every frame: a fact that is missing in some of them is missing."""
    (_, facts), *others = told
    missing = {
        name: None
        for name in TaskContext.__slots__
        if any(getattr(other, name) is None for _, other in others) and getattr(facts, name) is not None
    }
    return replace(facts, **missing)


def _told(facts: TaskContext, override: Override) -> TaskContext:
    value = override.value
    before = getattr(facts, override.input)
    if override.rule != "is":
        if before is None:
            return facts
        value = float(ruled(before, float(value), override.rule))
    return replace(facts, **{override.input: int(value) if INPUTS[override.input].whole else value})
