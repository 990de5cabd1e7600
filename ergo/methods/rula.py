"""RULA, Rapid Upper Limb Assessment (McAtamney & Corlett, Applied Ergonomics 24(2), 1993, 91–99).

First the points of each item from angles, then the score from the points. All functions take numbers or arrays
that broadcast; NaN in gives NaN out, "not assessed".

An angle exactly on an edge takes the **higher** score: the paper words its top classes "20° or more", "60° or
more". (REBA is the other way round.) Where the paper names a posture without a number, the tolerance is one of
the constants below.
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

ERECT_TOLERANCE_DEG = 5.0
"""The paper scores 1 for a trunk that is erect; within this much it is (engineering choice, as in public tools)."""
NECK_EXTENSION_TOLERANCE_DEG = 5.0
"""The paper scores 4 for a neck "in extension"; noise up to this much is not (engineering choice)."""
WRIST_NEUTRAL_DEG = 5.0
"""The paper scores 1 for a wrist "in neutral"; within this much it is (engineering choice)."""
TWIST_MID_RANGE_DEG = 45.0
"""The paper scores 1 for a twist "in mid-range"; less than this from thumb-up is (engineering choice)."""

LOWEST_TOTALS = (1, 3, 5, 7)
"""The lowest grand score of action levels 1, 2, 3, 4."""
RISK_STEPS = (0, 1, 2, 4)
"""Action levels 1–4 on the common scale 0 negligible … 4 very high (wording of the ErgoPlus worksheet)."""
PATTERNS: tuple[str, ...] = ("intermittent", "static", "repeated")
"""How a force acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulaScore:
    """Result of :func:`score`; every field has the shape the inputs broadcast to, NaN where not assessed.

    `posture_a` is table A (arm and wrist), `score_c` adds muscle use and force; `posture_b` is table B (neck,
    trunk, legs), `score_d` adds muscle use and force; `total` is the grand score 1–7, `level` the action level 1–4.
    """

    posture_a: Points
    score_c: Points
    posture_b: Points
    score_d: Points
    total: Points
    level: Points


def upper_arm_points(
    flexion_deg: ArrayLike, *, raised: Flag = False, abducted: Flag = False, supported: Flag = False
) -> Points:
    """1–6 from the angle between upper arm and trunk, + forward, − extension.

    `raised` shoulder and `abducted` arm add one each; `supported` (leaning, or the weight of the arm carried)
    takes one away, never below 1.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    flexion = checked_angle("upper arm flexion_deg", flexion_deg)
    base = banded(
        flexion,
        (flexion >= 90, 4),
        (flexion >= 45, 3),
        (flexion >= 20, 2),
        (flexion >= -20, 1),  # "20° of extension" is still 1: the paper scores 2 for greater than 20°
        (flexion < -20, 2),
    )
    added = checked_flag("raised", raised) + checked_flag("abducted", abducted)
    return np.maximum(base + added - checked_flag("supported", supported), 1.0)


def lower_arm_points(flexion_deg: ArrayLike, *, out_of_line: Flag = False) -> Points:
    """1–3 from elbow flexion (0 straight); `out_of_line` is across the midline or out to the side of the body.

    One point for either, as table A has three rows (a worksheet prints two).

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    flexion = checked_angle("lower arm flexion_deg", flexion_deg)
    base = banded(flexion, (flexion >= 100, 2), (flexion >= 60, 1), (flexion < 60, 2))
    return base + checked_flag("out_of_line", out_of_line)


def wrist_points(flexion_deg: ArrayLike, *, deviated: Flag = False) -> Points:
    """1–4 from wrist flexion or extension of either sign; `deviated` is radial or ulnar deviation.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    bend = np.abs(checked_angle("wrist flexion_deg", flexion_deg))
    base = banded(bend, (bend >= 15, 3), (bend >= WRIST_NEUTRAL_DEG, 2), (bend < WRIST_NEUTRAL_DEG, 1))
    return base + checked_flag("deviated", deviated)


def wrist_twist_points(rotation_deg: ArrayLike) -> Points:
    """1 or 2 from the rotation of the forearm, 0 thumb up, of either sign.

    Raises:
        MethodInputError: an angle is no angle in degrees.
    """
    twist = np.abs(checked_angle("wrist rotation_deg", rotation_deg))
    return banded(twist, (twist >= TWIST_MID_RANGE_DEG, 2), (twist < TWIST_MID_RANGE_DEG, 1))


def neck_points(flexion_deg: ArrayLike, *, twisted: Flag = False, side_bent: Flag = False) -> Points:
    """1–6 from the angle of the head against the trunk, + forward, − extension.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    flexion = checked_angle("neck flexion_deg", flexion_deg)
    base = banded(
        flexion,
        (flexion >= 20, 3),
        (flexion >= 10, 2),
        (flexion >= -NECK_EXTENSION_TOLERANCE_DEG, 1),
        (flexion < -NECK_EXTENSION_TOLERANCE_DEG, 4),
    )
    return base + checked_flag("twisted", twisted) + checked_flag("side_bent", side_bent)


def trunk_points(
    flexion_deg: ArrayLike,
    *,
    twisted: Flag = False,
    side_bent: Flag = False,
    back_supported: Flag = False,
    back_unsupported: Flag = False,
) -> Points:
    """1–6 from the angle of the trunk to gravity, + forward, − extension.

    `back_supported` is seated, the back well supported, with 90° or more between hip and trunk: 1 for the flexion;
    `back_unsupported` is seated without: at least 2 for it (Cornell worksheet). Extension, which the paper leaves
    out, is scored as flexion of its magnitude.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    bend = np.abs(checked_angle("trunk flexion_deg", flexion_deg))
    base = banded(
        bend, (bend >= 60, 4), (bend >= 20, 3), (bend >= ERECT_TOLERANCE_DEG, 2), (bend < ERECT_TOLERANCE_DEG, 1)
    )
    base = np.maximum(base, 1.0 + checked_flag("back_unsupported", back_unsupported))
    # subtracting a multiple keeps an unknown support unknown, which a `where` would turn into "no"
    base = base - (base - 1.0) * checked_flag("back_supported", back_supported)
    return base + checked_flag("twisted", twisted) + checked_flag("side_bent", side_bent)


def legs_points(unbalanced: Flag) -> Points:
    """2 when legs and feet are not supported or the weight is uneven, else 1.

    Raises:
        MethodInputError: a flag is neither yes nor no.
    """
    return 1.0 + checked_flag("unbalanced", unbalanced)


def muscle_use_points(*, static: Flag, repeated: Flag) -> Points:
    """1 when held longer than 1 minute or repeated 4 times a minute or more, else 0 (never 2).

    Raises:
        MethodInputError: a flag is neither yes nor no.
    """
    return np.maximum(checked_flag("static", static), checked_flag("repeated", repeated))


def force_points(
    load_kg: ArrayLike, *, pattern: Literal["intermittent", "static", "repeated"], shock: Flag = False
) -> Points:
    """0–3 from the load in kilograms, how it acts, and `shock` (or rapid build-up), which is 3 whatever the load.

    Below 2 kg is 0, 2 to 10 kg is 1 or, static or repeated, 2; above 10 kg is 2 or, static or repeated, 3.

    Raises:
        MethodInputError: the load is negative, the pattern unknown or the flag neither yes nor no.
    """
    load = checked_amount("load_kg", load_kg)
    if pattern not in PATTERNS:
        raise MethodInputError(f"pattern is {pattern!r}.", f"Give pattern as one of {', '.join(PATTERNS)}.")
    by_load = banded(load, (load > 10, 2), (load >= 2, 1), (load < 2, 0))
    if pattern != "intermittent":
        by_load = by_load + (load >= 2)
    return by_load + (3.0 - by_load) * checked_flag("shock", shock)


@broadcasting
def score(
    *,
    upper_arm: ArrayLike,
    lower_arm: ArrayLike,
    wrist: ArrayLike,
    wrist_twist: ArrayLike,
    muscle_use_arm: ArrayLike = 0,
    force_arm: ArrayLike = 0,
    neck: ArrayLike,
    trunk: ArrayLike,
    legs: ArrayLike,
    muscle_use_body: ArrayLike = 0,
    force_body: ArrayLike = 0,
) -> RulaScore:
    """Grand score of one arm from the points of each item; arguments broadcast.

    `muscle_use_arm` and `force_arm` belong to arm and wrist (A), `muscle_use_body` and `force_body` to neck, trunk
    and legs (B).

    Raises:
        MethodInputError: points outside the range of their item; names it.
    """
    posture_a = look_up(
        table("rula", "table_a"),
        checked_points("upper_arm", upper_arm, 1, 6),
        checked_points("lower_arm", lower_arm, 1, 3),
        checked_points("wrist", wrist, 1, 4),
        checked_points("wrist_twist", wrist_twist, 1, 2),
    )
    posture_b = look_up(
        table("rula", "table_b"),
        checked_points("neck", neck, 1, 6),
        checked_points("trunk", trunk, 1, 6),
        checked_points("legs", legs, 1, 2),
    )
    use_a = checked_points("muscle_use_arm", muscle_use_arm, 0, 1)
    force_a = checked_points("force_arm", force_arm, 0, 3)
    use_b = checked_points("muscle_use_body", muscle_use_body, 0, 1)
    force_b = checked_points("force_body", force_body, 0, 3)
    score_c = posture_a + use_a + force_a
    score_d = posture_b + use_b + force_b
    # the last row of table C is "8+", its last column "7+"
    total = look_up(table("rula", "table_c"), np.minimum(score_c, 8.0), np.minimum(score_d, 7.0))
    return RulaScore(
        posture_a=posture_a, score_c=score_c, posture_b=posture_b, score_d=score_d, total=total, level=level(total)
    )


def level(total: ArrayLike) -> Points:
    """Action level 1–4 of a grand score 1–7.

    Raises:
        MethodInputError: the score is none from 1 to 7.
    """
    return level_of(checked_points("total", total, 1, 7), LOWEST_TOTALS, 1)


def risk_step(total: ArrayLike) -> Points:
    """The grand score on the common scale 0 negligible … 4 very high.

    Raises:
        MethodInputError: the score is none from 1 to 7.
    """
    return look_up(np.array(RISK_STEPS), level(total))
