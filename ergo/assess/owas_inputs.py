"""From observations to the codes of OWAS.

OWAS ranks no codes: a higher one can have the lower category. What is unknown is therefore not taken at its end;
every combination it leaves open is tried, and the lowest and highest category of them make the range.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.inputs import Guess, Points, Unseen, settled
from ergo.assess.posture import Arm, Body
from ergo.methods import owas
from ergo.types import TaskContext

STRAIGHT_LEGS = 2
OWAS_UNSEEN: Mapping[str, Unseen] = MappingProxyType({"arms": Unseen(1, 1, 3), "legs": Unseen(STRAIGHT_LEGS, 1, 7)})
"""Codes a frame is assessed with where arms or legs are unseen; the range tries them all."""
_CODES: Mapping[str, int] = MappingProxyType({"back": 4, "arms": 3, "legs": 7, "load": 3})
_OTHER_KNEE_UNSEEN = ((2, 3, 5), (3, 4, 5))
"""Codes of somebody standing with the one knee that is seen straight, or bent."""


def owas_points(body: Body, left: Arm, right: Arm, context: TaskContext, guess: Guess) -> dict[str, Points]:
    """Codes of every argument of :func:`ergo.methods.owas.score`.

    At the neutral guess NaN where a part was not seen; else the codes of the lowest or highest category there can be.
    """
    if guess == "neutral":
        return _neutral(body, left, right, context)
    allowed = np.concatenate([_back(body), _arms(left, right), _legs(body), _load(body, context)], axis=1)
    different, which = np.unique(allowed, axis=0, return_inverse=True)  # a film knows few kinds of ignorance
    codes = _end_of_range(different, "low" if guess == "low" else "high")
    return {name: values[which.ravel()] for name, values in codes.items()}


def _end_of_range(allowed: Bool[np.ndarray, "N 17"], end: Guess) -> dict[str, Float[np.ndarray, "N"]]:
    """The codes of the lowest or the highest category among those that are possible; NaN where none is."""
    parts = np.split(allowed, np.cumsum(list(_CODES.values()))[:-1], axis=1)
    best = np.full(len(allowed), np.nan)
    codes = {name: np.full(len(best), np.nan) for name in _CODES}
    sign = 1.0 if end == "low" else -1.0
    for combination in itertools.product(*(range(count) for count in _CODES.values())):
        possible = np.logical_and.reduce([part[:, code] for part, code in zip(parts, combination, strict=True)])
        if not possible.any():
            continue
        point = dict(zip(_CODES, (code + 1 for code in combination), strict=True))
        category = sign * float(owas.score(**point).total)
        better = possible & ~(best <= category)  # NaN, nothing found yet, gives way
        best[better] = category
        for name, code in point.items():
            codes[name][better] = code
    return codes


def _neutral(body: Body, left: Arm, right: Arm, context: TaskContext) -> dict[str, Points]:
    """An unseen arm hangs, an unseen knee is bent like the other one, an unknown load is light."""
    raised = [_at_shoulder_level(arm) for arm in (left, right)]
    arms = 1.0 + np.where(np.isnan(raised[0]), 0.0, raised[0]) + np.where(np.isnan(raised[1]), 0.0, raised[1])
    bearing = np.where(np.isnan(body.bearing_knee), body.knee_flexion, body.bearing_knee)
    other = np.where(np.isnan(body.other_knee), body.knee_flexion, body.other_knee)
    legs = owas.legs_points(
        bearing,
        other,
        one_leg=settled(body.one_leg, "neutral"),
        sitting=settled(body.sitting, "neutral"),
        kneeling=settled(body.kneeling, "neutral"),
        walking=settled(body.walking, "neutral"),
    )
    load = 1.0 if context.load_kg is None else float(owas.load_points(context.load_kg))
    return {
        "back": owas.back_points(body.trunk_flexion, sideways=settled(body.back_sideways, "neutral")),
        "arms": np.where(np.isnan(raised[0]) & np.isnan(raised[1]), np.nan, arms),
        "legs": legs,
        "load": load * np.ones_like(body.trunk_flexion),
    }


def _at_shoulder_level(arm: Arm) -> Float[np.ndarray, "T"]:
    return owas.arms_points(arm.elevation, 0.0) - 1.0


def _back(body: Body) -> Bool[np.ndarray, "T 4"]:
    """Which codes are possible; none where the trunk is unseen."""
    allowed = np.zeros((len(body.trunk_flexion), 4), dtype=bool)
    for sideways in (0.0, 1.0):
        code = owas.back_points(body.trunk_flexion, sideways=sideways)
        allowed |= _one(code, 4) & ~(body.back_sideways == 1.0 - sideways)[:, None]
    return allowed


def _arms(left: Arm, right: Arm) -> Bool[np.ndarray, "T 3"]:
    flags = [_at_shoulder_level(arm) for arm in (left, right)]
    allowed = np.zeros((len(flags[0]), 3), dtype=bool)
    for a, b in itertools.product((0.0, 1.0), repeat=2):
        allowed[:, int(a + b)] |= ~(flags[0] == 1.0 - a) & ~(flags[1] == 1.0 - b)
    return allowed


def _legs(body: Body) -> Bool[np.ndarray, "T 7"]:
    code = owas.legs_points(
        body.bearing_knee,
        body.other_knee,
        one_leg=body.one_leg,
        sitting=body.sitting,
        kneeling=body.kneeling,
        walking=body.walking,
    )
    allowed = _one(code, 7)
    standing = np.isnan(code) & (body.sitting == 0) & (body.kneeling == 0) & (body.walking == 0)
    for bent, codes in enumerate(_OTHER_KNEE_UNSEEN):
        half_seen = standing & ((body.knee_flexion > owas.KNEE_BENT_DEG) == bool(bent)) & ~np.isnan(body.knee_flexion)
        allowed[np.ix_(half_seen, [c - 1 for c in codes])] = True
    allowed[~allowed.any(axis=1)] = True
    return allowed


def _load(body: Body, context: TaskContext) -> Bool[np.ndarray, "T 3"]:
    code = np.nan if context.load_kg is None else float(owas.load_points(context.load_kg))
    allowed = _one(np.full(len(body.trunk_flexion), code), 3)
    allowed[~allowed.any(axis=1)] = True
    return allowed


def _one(code: Points, count: int) -> np.ndarray:
    """The one code that is known; none where it is NaN."""
    return code[:, None] == np.arange(1, count + 1)
