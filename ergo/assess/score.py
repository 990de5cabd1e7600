"""Scores over time, each with the range that unknowns leave open.

RULA and REBA judge the left and the right side, OWAS, ISO 11226 and EN 1005-4 the whole body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Protocol, TypeAlias

import numpy as np
from jaxtyping import Float

from ergo.assess.assumptions import assumptions
from ergo.assess.inputs import (
    GUESSES,
    REBA_UNSEEN,
    RULA_UNSEEN,
    Guess,
    Points,
    Unseen,
    completed,
    reba_points,
    rula_points,
)
from ergo.assess.items import ITEMS, Item
from ergo.assess.observations import Observations, observe
from ergo.assess.overridden import Told, least_told, overridden, told_over_time
from ergo.assess.owas_inputs import OWAS_UNSEEN, owas_points
from ergo.assess.whole_body_assumptions import whole_body_assumptions
from ergo.assess.zone_inputs import EN_UNSEEN, ISO_UNSEEN, en1005_4_points, iso11226_points
from ergo.methods import en1005_4, iso11226, owas, reba, rula
from ergo.types import SIDES, Assessment, JointAngles, Motion, Override, Side, TaskContext

GuessedPoints: TypeAlias = Callable[[Guess], dict[str, Points]]
"""The points of one method and side, by how unknowns are taken."""


class Score(Protocol):
    """What every method's ``score`` gives."""

    @property
    def total(self) -> Points:
        """The total of each frame."""
        ...

    @property
    def level(self) -> Points:
        """Its action level."""
        ...


@dataclass(frozen=True, slots=True)
class _Method:
    unseen: Mapping[str, Unseen]
    score: Callable[..., Score]

    def of(self, points: Mapping[str, Points], guess: Guess) -> Score:
        """The score of `points`, items a frame is assessed without filled in."""
        return self.score(**completed(points, self.unseen, guess))


_METHODS: Mapping[str, _Method] = MappingProxyType(
    {
        "rula": _Method(RULA_UNSEEN, rula.score),
        "reba": _Method(REBA_UNSEEN, reba.score),
        "owas": _Method(OWAS_UNSEEN, owas.score),
        "iso11226": _Method(ISO_UNSEEN, iso11226.score),
        "en1005_4": _Method(EN_UNSEEN, en1005_4.score),
    }
)


def assess(
    motion: Motion, angles: JointAngles, context: TaskContext, overrides: Sequence[Override] = ()
) -> tuple[Assessment, ...]:
    """RULA left and right, REBA left and right, then OWAS, ISO 11226 and EN 1005-4 of the whole body.

    RULA and REBA assess a frame where trunk, neck, upper arm and lower arm are seen; wrist and legs may be unseen and
    then widen the range. Their tables never fall as an item rises, so taking every unknown at its most favourable
    gives the lowest total there can be, and at its least favourable the highest. The others assess a frame where the
    trunk is seen; arms, neck and legs may be unseen. `overrides` take the place of what was seen and told.

    Raises:
        MethodInputError: the context holds an impossible value (a negative load).
    """
    return assess_observed(observe(motion, angles), context, overrides)


def assess_observed(
    seen: Observations, context: TaskContext, overrides: Sequence[Override] = ()
) -> tuple[Assessment, ...]:
    """:func:`assess` of what has been observed already, which is half of the work. `seen` must have its paces."""
    told = told_over_time(context, overrides, seen.timestamps_s)
    known = least_told(told)
    seen = overridden(seen, overrides)
    body, left, right, paces, t = seen.body, *(seen.arms[side] for side in SIDES), seen.paces, seen.timestamps_s
    if paces is None:
        raise ValueError("the paces were not observed")
    found = []
    for name, points_of in (("rula", rula_points), ("reba", reba_points)):
        for arm in (left, right):
            say = partial(assumptions, name, body, arm, known)
            found.append(_assess(name, arm.side, partial(_as_told, partial(points_of, body, arm), told), say, t))
    for name, points in (
        ("owas", partial(owas_points, body, left, right)),
        ("iso11226", partial(iso11226_points, body, left, right, paces)),
        ("en1005_4", partial(en1005_4_points, body, left, right, paces)),
    ):
        say = partial(whole_body_assumptions, name, body, left, right, paces, known)
        found.append(_assess(name, None, partial(_as_told, points, told), say, t))
    return tuple(found)


def _as_told(
    points_of: Callable[[TaskContext, Guess], dict[str, Points]], told: Told, guess: Guess
) -> dict[str, Points]:
    """The points of every frame with what is told of it."""
    (_, facts), *others = told
    points = points_of(facts, guess)
    for frames, other in others:
        points = {name: np.where(frames, values, points[name]) for name, values in points_of(other, guess).items()}
    return points


def neutral_totals(
    motion: Motion, angles: JointAngles, context: TaskContext, overrides: Sequence[Override] = ()
) -> Mapping[tuple[str, Side | None], Points]:
    """The totals of :func:`assess` alone, by method and side: what drawn versions of the angles need.

    ISO 11226 and EN 1005-4 are not among them: errors that wander would tear every held posture.
    """
    seen = overridden(observe(motion, angles, paces=False), overrides)
    told = told_over_time(context, overrides, seen.timestamps_s)
    body, left, right = seen.body, *(seen.arms[side] for side in SIDES)
    points: dict[tuple[str, Side | None], dict[str, Points]] = {}
    for arm in (left, right):
        points["rula", arm.side] = _as_told(partial(rula_points, body, arm), told, "neutral")
        points["reba", arm.side] = _as_told(partial(reba_points, body, arm), told, "neutral")
    points["owas", None] = _as_told(partial(owas_points, body, left, right), told, "neutral")
    return {key: _METHODS[key[0]].of(values, "neutral").total for key, values in points.items()}


def total_without(assessment: Assessment, item: Item, frame: int) -> float:
    """The total of one frame had `item` been neutral: what of the score this item is answerable for."""
    points = {name: values[frame : frame + 1] for name, values in assessment.parts.items()}
    points[item.id] = np.array([float(item.neutral_points)])
    if "force" in points:
        points["force_arm"] = points["force_body"] = points.pop("force")
    return float(_METHODS[assessment.method].of(points, "neutral").total[0])


def _assess(
    name: str,
    side: Side | None,
    points_of: GuessedPoints,
    say: Callable[[np.ndarray], tuple[str, ...]],
    timestamps_s: Float[np.ndarray, "T"],
) -> Assessment:
    points = {guess: points_of(guess) for guess in GUESSES}
    scored = {guess: _METHODS[name].of(points[guess], guess) for guess in GUESSES}
    total = scored["neutral"].total
    return Assessment(
        method=name,
        side=side,
        timestamps_s=timestamps_s,
        total=total,
        total_low=scored["low"].total,
        total_high=scored["high"].total,
        level=scored["neutral"].level,
        parts=MappingProxyType(_parts(name, points["neutral"], total)),
        assumptions=say(np.isfinite(total)),
    )


def _parts(method: str, points: Mapping[str, Points], total: Points) -> dict[str, Points]:
    """Points by item id; what is not of the posture (load, use …) only where the frame is assessed."""
    named = dict(points)
    if "force_arm" in named:
        named["force"] = named.pop("force_arm")  # one load for both groups
        del named["force_body"]
    postural = {item.id for item in ITEMS[method] if item.neutral_points > 0 and item.regions}
    return {
        item.id: named[item.id] if item.id in postural else np.where(np.isnan(total), np.nan, named[item.id])
        for item in ITEMS[method]
    }
