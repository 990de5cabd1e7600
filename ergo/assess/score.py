"""Scores over time: RULA and REBA, left and right, with the range that unknowns leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, UInt8

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
from ergo.assess.posture import Arm, Body, observe_arm, observe_body
from ergo.body.skeleton import REGIONS
from ergo.methods import reba, rula
from ergo.types import SIDES, Assessment, JointAngles, Motion, Side, TaskContext

RISK_STEPS = 4
"""Highest step of the tint of a body region; 0 is none."""

_SIDE = "side_"
_LEGS = ("left_leg", "right_leg")
_UPPER_ARM, _LOWER_ARM, _HAND = (f"{_SIDE}upper_arm",), (f"{_SIDE}lower_arm",), (f"{_SIDE}hand",)


@dataclass(frozen=True, slots=True)
class Item:
    """One posture item of a method, as :attr:`ergo.types.Assessment.parts` holds it.

    `regions` names regions of the body, with ``side_`` for the assessed side.
    """

    id: str
    label: str
    max_points: int
    neutral_points: int
    regions: tuple[str, ...] = ()

    def regions_of(self, side: str | None) -> tuple[str, ...]:
        """The regions of the body this item is about, for an assessment of `side`."""
        return tuple(name.replace(_SIDE, f"{side}_") for name in self.regions)


ITEMS: Mapping[str, tuple[Item, ...]] = MappingProxyType(
    {
        "rula": (
            Item("upper_arm", "Upper arm", 6, 1, _UPPER_ARM),
            Item("lower_arm", "Lower arm", 3, 1, _LOWER_ARM),
            Item("wrist", "Wrist", 4, 1, _HAND),
            Item("wrist_twist", "Wrist twist", 2, 1, _HAND),
            Item("neck", "Neck", 6, 1, ("head",)),
            Item("trunk", "Trunk", 6, 1, ("trunk",)),
            Item("legs", "Legs", 2, 1, _LEGS),
            Item("muscle_use_arm", "Muscle use, arm", 1, 0),
            Item("muscle_use_body", "Muscle use, neck and trunk", 1, 0),
            Item("force", "Force or load", 3, 0),
        ),
        "reba": (
            Item("neck", "Neck", 3, 1, ("head",)),
            Item("trunk", "Trunk", 5, 1, ("trunk",)),
            Item("legs", "Legs", 4, 1, _LEGS),
            Item("load", "Load", 3, 0),
            Item("upper_arm", "Upper arm", 6, 1, _UPPER_ARM),
            Item("lower_arm", "Lower arm", 2, 1, _LOWER_ARM),
            Item("wrist", "Wrist", 3, 1, _HAND),
            Item("coupling", "Coupling", 3, 0, _HAND),
            Item("activity", "Activity", 3, 0),
        ),
    }
)
"""The items of each method, in the order of its worksheet."""

_Scorer: TypeAlias = Callable[[Mapping[str, Points]], tuple[Points, Points]]


@dataclass(frozen=True, slots=True)
class _Method:
    points: Callable[[Body, Arm, TaskContext, Guess], dict[str, Points]]
    unseen: Mapping[str, Unseen]
    score: _Scorer


def _rula(points: Mapping[str, Points]) -> tuple[Points, Points]:
    result = rula.score(**points)
    return result.total, result.level


def _reba(points: Mapping[str, Points]) -> tuple[Points, Points]:
    result = reba.score(**points)
    return result.total, result.level


_METHODS: Mapping[str, _Method] = MappingProxyType(
    {"rula": _Method(rula_points, RULA_UNSEEN, _rula), "reba": _Method(reba_points, REBA_UNSEEN, _reba)}
)


def assess(motion: Motion, angles: JointAngles, context: TaskContext) -> tuple[Assessment, ...]:
    """RULA left, RULA right, REBA left, REBA right.

    A frame is assessed where trunk, neck, upper arm and lower arm are seen; wrist and legs may be unseen and then
    widen the range. The tables never fall as an item rises, so taking every unknown at its most favourable gives
    the lowest total there can be, and at its least favourable the highest.

    Raises:
        MethodInputError: the context holds an impossible value (a negative load).
    """
    body = observe_body(motion, angles)
    arms = {side: observe_arm(angles, side) for side in SIDES}
    return tuple(
        _assess(method, body, arms[side], context, motion.timestamps_s) for method in _METHODS for side in SIDES
    )


def neutral_totals(
    motion: Motion, angles: JointAngles, context: TaskContext
) -> Mapping[tuple[str, Side | None], Points]:
    """The totals of :func:`assess` alone, by method and side: what drawn versions of the angles need."""
    body = observe_body(motion, angles)
    arms = {side: observe_arm(angles, side) for side in SIDES}
    return {
        (name, side): method.score(
            completed(method.points(body, arms[side], context, "neutral"), method.unseen, "neutral")
        )[0]
        for name, method in _METHODS.items()
        for side in SIDES
    }


def total_without(assessment: Assessment, item: Item, frame: int) -> float:
    """The total of one frame had `item` been neutral: what of the score this item is answerable for."""
    method = _METHODS[assessment.method]
    points = {name: values[frame : frame + 1] for name, values in assessment.parts.items()}
    points[item.id] = np.array([float(item.neutral_points)])
    if "force" in points:
        points["force_arm"] = points["force_body"] = points.pop("force")
    return float(method.score(completed(points, method.unseen, "neutral"))[0][0])


def region_levels(assessment: Assessment) -> UInt8[np.ndarray, "T R"]:
    """How much each body region adds to the risk over time, 0 none … 4 very high, in the order of REGIONS.

    Each point of an item above its neutral is one step; an item with more than four such points is compressed so
    that its highest is 4. A region takes the highest of its items; unseen items and the other arm give 0.
    """
    levels = np.zeros((len(assessment.timestamps_s), len(REGIONS)))
    for item in ITEMS[assessment.method]:
        above = np.nan_to_num(assessment.parts[item.id] - item.neutral_points)
        steps = np.floor(RISK_STEPS * above / max(RISK_STEPS, item.max_points - item.neutral_points) + 0.5)
        for region in item.regions_of(assessment.side):
            column = REGIONS.index(region)
            levels[:, column] = np.maximum(levels[:, column], steps)
    return np.clip(levels, 0, RISK_STEPS).astype(np.uint8)


def _assess(name: str, body: Body, arm: Arm, context: TaskContext, timestamps_s: Float[np.ndarray, "T"]) -> Assessment:
    method = _METHODS[name]
    points = {guess: method.points(body, arm, context, guess) for guess in GUESSES}
    scored = {guess: method.score(completed(points[guess], method.unseen, guess)) for guess in GUESSES}
    total, level = scored["neutral"]
    return Assessment(
        method=name,
        side=arm.side,
        timestamps_s=timestamps_s,
        total=total,
        total_low=scored["low"][0],
        total_high=scored["high"][0],
        level=level,
        parts=MappingProxyType(_parts(name, points["neutral"], total)),
        assumptions=assumptions(name, body, arm, context, np.isfinite(total)),
    )


def _parts(method: str, points: Mapping[str, Points], total: Points) -> dict[str, Points]:
    """Points by item id; what is not of the posture (load, use …) only where the frame is assessed."""
    named = dict(points)
    if "force_arm" in named:
        named["force"] = named.pop("force_arm")  # one load for both groups
        del named["force_body"]
    postural = {item.id for item in ITEMS[method] if item.neutral_points > 0}
    return {
        item.id: named[item.id] if item.id in postural else np.where(np.isnan(total), np.nan, named[item.id])
        for item in ITEMS[method]
    }
