"""REBA, Rapid Entire Body Assessment (Hignett & McAtamney, Applied Ergonomics 31(2), 2000, 201–205).

First the points of each item from angles, then the score from the points. All functions take numbers or arrays
that broadcast; NaN in gives NaN out, "not assessed".

An angle exactly on an edge takes the **lower** score: the source writes "> 20°", "> 60°". (RULA is the other
way round.) Where the source names a posture without a number, the tolerance is one of the constants below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ergo.errors import MethodInputError
from ergo.methods.lookup import (
    Flag,
    Points,
    banded,
    broadcasting,
    checked_amount,
    checked_angle,
    checked_flag,
    checked_points,
    level_of,
    look_up,
    table,
)

UPRIGHT_TOLERANCE_DEG = 5.0
"""The source scores 1 for a trunk that is upright; up to this much it is (engineering choice, as in public tools)."""
NECK_EXTENSION_TOLERANCE_DEG = 5.0
"""The source scores 2 for a neck in extension; noise up to this much is not (engineering choice)."""

LOWEST_TOTALS = (1, 2, 4, 8, 11)
"""The lowest score of action levels 0, 1, 2, 3, 4."""
COUPLINGS: tuple[str, ...] = ("good", "fair", "poor", "unacceptable")
"""Grips in the order of their points 0–3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RebaScore:
    """Result of :func:`score`; every field has the shape the inputs broadcast to, NaN where not assessed.

    `posture_a` is table A (neck, trunk, legs), `score_a` adds the load; `posture_b` is table B (arm, wrist),
    `score_b` adds the coupling; `table_c` joins both; `total` adds the activity, 1–15; `level` is 0–4.
    """

    posture_a: Points
    score_a: Points
    posture_b: Points
    score_b: Points
    table_c: Points
    total: Points
    level: Points


def neck_points(flexion_deg: ArrayLike, *, twisted: Flag = False, side_bent: Flag = False) -> Points:
    """1–3 from the angle of the head against the trunk, + forward, − extension.

    Twisted or bent to the side is one point for either: table A has three rows.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    flexion = checked_angle("neck flexion_deg", flexion_deg)
    base = banded(
        flexion,
        (flexion > 20, 2),
        (flexion >= -NECK_EXTENSION_TOLERANCE_DEG, 1),
        (flexion < -NECK_EXTENSION_TOLERANCE_DEG, 2),
    )
    return base + np.maximum(checked_flag("twisted", twisted), checked_flag("side_bent", side_bent))


def trunk_points(flexion_deg: ArrayLike, *, twisted: Flag = False, side_bent: Flag = False) -> Points:
    """1–5 from the angle of the trunk to gravity, + forward, − extension.

    Twisted or bent to the side is one point for either: table A has five rows.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    flexion = checked_angle("trunk flexion_deg", flexion_deg)
    base = banded(
        flexion,
        (flexion > 60, 4),
        (flexion > 20, 3),
        (flexion > UPRIGHT_TOLERANCE_DEG, 2),
        (flexion >= -UPRIGHT_TOLERANCE_DEG, 1),
        (flexion >= -20, 2),
        (flexion < -20, 3),
    )
    return base + np.maximum(checked_flag("twisted", twisted), checked_flag("side_bent", side_bent))


def legs_points(knee_flexion_deg: ArrayLike, *, unstable: Flag = False, sitting: Flag = False) -> Points:
    """1–4: 1 for weight on both legs, walking or sitting, 2 when `unstable` (one leg, feather weight, unstable).

    The larger knee flexion adds 1 from 30° to 60° and 2 beyond, not when sitting (the source says so of the 2;
    here it holds for both).

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    knee = checked_angle("knee_flexion_deg", knee_flexion_deg)
    bent = banded(knee, (knee > 60, 2), (knee >= 30, 1), (knee < 30, 0))
    return 1.0 + checked_flag("unstable", unstable) + bent * (1.0 - checked_flag("sitting", sitting))


def load_points(load_kg: ArrayLike, *, shock: Flag = False) -> Points:
    """0–3: 0 below 5 kg, 1 from 5 to 10 kg, 2 beyond; `shock` or rapid build-up of force adds one.

    Raises:
        MethodInputError: the load is negative, or the flag neither yes nor no.
    """
    load = checked_amount("load_kg", load_kg)
    return banded(load, (load > 10, 2), (load >= 5, 1), (load < 5, 0)) + checked_flag("shock", shock)


def upper_arm_points(
    flexion_deg: ArrayLike, *, raised: Flag = False, abducted: Flag = False, supported: Flag = False
) -> Points:
    """1–6 from the angle between upper arm and trunk, + forward, − extension.

    `raised` shoulder and `abducted` (or rotated) arm add one each; `supported` (leaning, the weight of the arm
    carried, or helped by gravity) takes one away, never below 1.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    flexion = checked_angle("upper arm flexion_deg", flexion_deg)
    base = banded(
        flexion,
        (flexion > 90, 4),
        (flexion > 45, 3),
        (flexion > 20, 2),
        (flexion >= -20, 1),
        (flexion < -20, 2),
    )
    added = checked_flag("raised", raised) + checked_flag("abducted", abducted)
    return np.maximum(base + added - checked_flag("supported", supported), 1.0)


def lower_arm_points(flexion_deg: ArrayLike) -> Points:
    """1 for elbow flexion (0 straight) from 60° to 100°, else 2.

    Raises:
        MethodInputError: an angle is no angle in degrees.
    """
    flexion = checked_angle("lower arm flexion_deg", flexion_deg)
    return banded(flexion, (flexion > 100, 2), (flexion >= 60, 1), (flexion < 60, 2))


def wrist_points(flexion_deg: ArrayLike, *, deviated: Flag = False) -> Points:
    """1–3 from wrist flexion or extension of either sign; `deviated` is deviated or twisted.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    bend = np.abs(checked_angle("wrist flexion_deg", flexion_deg))
    return banded(bend, (bend > 15, 2), (bend <= 15, 1)) + checked_flag("deviated", deviated)


def coupling_points(coupling: Literal["good", "fair", "poor", "unacceptable"]) -> int:
    """0 good, 1 fair, 2 poor, 3 unacceptable.

    Raises:
        MethodInputError: another word.
    """
    if coupling not in COUPLINGS:
        raise MethodInputError(f"coupling is {coupling!r}.", f"Give coupling as one of {', '.join(COUPLINGS)}.")
    return COUPLINGS.index(coupling)


def activity_points(*, static: Flag, repeated: Flag, rapid: Flag) -> Points:
    """0–3, one for each: a body part held longer than 1 minute; small actions repeated more than 4 times a
    minute (not walking); rapid large changes of posture or an unstable base.

    Raises:
        MethodInputError: a flag is neither yes nor no.
    """
    return checked_flag("static", static) + checked_flag("repeated", repeated) + checked_flag("rapid", rapid)


@broadcasting
def score(
    *,
    neck: ArrayLike,
    trunk: ArrayLike,
    legs: ArrayLike,
    load: ArrayLike = 0,
    upper_arm: ArrayLike,
    lower_arm: ArrayLike,
    wrist: ArrayLike,
    coupling: ArrayLike = 0,
    activity: ArrayLike = 0,
) -> RebaScore:
    """REBA score of one side from the points of each item; arguments broadcast.

    Raises:
        MethodInputError: points outside the range of their item; names it.
    """
    posture_a = look_up(
        table("reba", "table_a"),
        checked_points("neck", neck, 1, 3),
        checked_points("trunk", trunk, 1, 5),
        checked_points("legs", legs, 1, 4),
    )
    posture_b = look_up(
        table("reba", "table_b"),
        checked_points("upper_arm", upper_arm, 1, 6),
        checked_points("lower_arm", lower_arm, 1, 2),
        checked_points("wrist", wrist, 1, 3),
    )
    score_a = posture_a + checked_points("load", load, 0, 3)
    score_b = posture_b + checked_points("coupling", coupling, 0, 3)
    table_c = look_up(table("reba", "table_c"), score_a, score_b)
    total = table_c + checked_points("activity", activity, 0, 3)
    return RebaScore(
        posture_a=posture_a,
        score_a=score_a,
        posture_b=posture_b,
        score_b=score_b,
        table_c=table_c,
        total=total,
        level=level(total),
    )


def level(total: ArrayLike) -> Points:
    """Action level 0–4 of a score 1–15.

    Raises:
        MethodInputError: the score is none from 1 to 15.
    """
    return level_of(checked_points("total", total, 1, 15), LOWEST_TOTALS, 0)


def risk_step(total: ArrayLike) -> Points:
    """The score on the common scale 0 negligible … 4 very high, which is REBA's own.

    Raises:
        MethodInputError: the score is none from 1 to 15.
    """
    return level(total)
