"""Screening against EN 1005-4:2005+A1:2008, Evaluation of working postures and movements in relation to machinery.

Each part of the body is in one of three zones by its angle and by how it moves: held (longer than 4 s), moved less
than twice a minute, or moved more often. All functions take numbers or arrays that broadcast; NaN in gives NaN out,
"not assessed", unless the zone is the same whatever the unknown.

The limits here come from public texts about the standard and, where the tables say so, from memory. They screen;
they do not show conformity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ergo.methods.lookup import (
    Flag,
    Points,
    broadcasting,
    checked_amount,
    checked_angle,
    checked_flag,
    checked_points,
    level_of,
    look_up,
)

ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE = 1.0, 2.0, 3.0

OFTEN_A_MINUTE = 2.0
"""Movements a minute from here on are of high frequency."""
ARM_LIMIT_A_MINUTE = 10.0
"""An upper arm between 20° and 60° that moves this often is not acceptable."""
BACKWARD_TOLERANCE_DEG = 5.0
"""The standard's zones begin at 0°; trunk and head may lean back this much (engineering choice, as in RULA, REBA)."""

LOWEST_TOTALS = (1, 2, 3)
"""The lowest zone of action levels 1, 2, 3."""
RISK_STEPS = (0, 2, 3)
"""Zones 1–3 on the common scale 0 negligible … 4 very high (engineering choice)."""

_FINE = (ACCEPTABLE, ACCEPTABLE, ACCEPTABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class En1005Score:
    """Result of :func:`score`: `total` is the worst zone of the parts, 1–3, and so is `level`."""

    total: Points
    level: Points


def trunk_points(flexion_deg: ArrayLike, *, static: Flag, per_minute: ArrayLike, supported: Flag = False) -> Points:
    """Zone of the trunk from its flexion to gravity, + forward; `supported` with full support of the trunk.

    Raises:
        MethodInputError: an angle, a frequency or a flag is impossible.
    """
    flexion = checked_angle("trunk flexion_deg", flexion_deg)
    rest = checked_flag("supported", supported)
    return _by_column(
        flexion + 0.0 * rest,
        static,
        per_minute,
        (flexion > 60, (NOT_ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE)),
        (flexion > 20, (CONDITIONAL, ACCEPTABLE, CONDITIONAL)),
        (flexion >= -BACKWARD_TOLERANCE_DEG, _FINE),
        (rest == 1, (CONDITIONAL, CONDITIONAL, NOT_ACCEPTABLE)),
        (flexion < -BACKWARD_TOLERANCE_DEG, (NOT_ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE)),
    )


def trunk_turn_points(asymmetric: Flag, *, static: Flag, per_minute: ArrayLike) -> Points:
    """Zone of the trunk from `asymmetric`: clearly twisted or bent to the side.

    Raises:
        MethodInputError: a frequency or a flag is impossible.
    """
    turned = checked_flag("asymmetric", asymmetric)
    return _by_column(
        turned,
        static,
        per_minute,
        (turned == 1, (NOT_ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE)),
        (turned == 0, _FINE),
    )


def upper_arm_points(elevation_deg: ArrayLike, *, behind: Flag = False, static: Flag, per_minute: ArrayLike) -> Points:
    """Zone of an upper arm from its elevation from the vertical; `behind` is behind the trunk.

    Raises:
        MethodInputError: an angle, a frequency or a flag is impossible.
    """
    elevation = checked_angle("upper arm elevation_deg", elevation_deg)
    back = checked_flag("behind", behind)
    often = np.where(checked_amount("per_minute", per_minute) >= ARM_LIMIT_A_MINUTE, NOT_ACCEPTABLE, CONDITIONAL)
    return _by_column(
        elevation + 0.0 * back,
        static,
        per_minute,
        ((back == 1) | (elevation > 60), (NOT_ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE)),
        (elevation > 20, (CONDITIONAL, ACCEPTABLE, often)),
        (elevation <= 20, _FINE),
    )


def neck_points(below_horizontal_deg: ArrayLike, *, static: Flag, per_minute: ArrayLike) -> Points:
    """Zone of the neck from the line of sight, degrees below the horizontal.

    Raises:
        MethodInputError: an angle, a frequency or a flag is impossible.
    """
    sight = checked_angle("line of sight below_horizontal_deg", below_horizontal_deg)
    fine = (sight >= -BACKWARD_TOLERANCE_DEG) & (sight <= 40)
    return _by_column(sight, static, per_minute, (fine, _FINE), (~fine, (NOT_ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE)))


def neck_turn_points(twist_deg: ArrayLike, *, side_bent: Flag, static: Flag, per_minute: ArrayLike) -> Points:
    """Zone of the neck from its twist of either sign and `side_bent`: clearly bent to the side.

    Raises:
        MethodInputError: an angle, a frequency or a flag is impossible.
    """
    twist = np.abs(checked_angle("neck twist_deg", twist_deg))
    bent = checked_flag("side_bent", side_bent)
    return _by_column(
        twist + 0.0 * bent,
        static,
        per_minute,
        ((bent == 1) | (twist > 45), (NOT_ACCEPTABLE, CONDITIONAL, NOT_ACCEPTABLE)),
        (twist <= 45, _FINE),
    )


@broadcasting
def score(
    *,
    trunk: ArrayLike,
    trunk_turn: ArrayLike = ACCEPTABLE,
    left_upper_arm: ArrayLike = ACCEPTABLE,
    right_upper_arm: ArrayLike = ACCEPTABLE,
    neck: ArrayLike = ACCEPTABLE,
    neck_turn: ArrayLike = ACCEPTABLE,
) -> En1005Score:
    """The worst zone of the parts; arguments broadcast.

    Raises:
        MethodInputError: a zone that is none from 1 to 3; names its part.
    """
    zones = {
        "trunk": trunk,
        "trunk_turn": trunk_turn,
        "left_upper_arm": left_upper_arm,
        "right_upper_arm": right_upper_arm,
        "neck": neck,
        "neck_turn": neck_turn,
    }
    total = np.array(ACCEPTABLE)
    for name, zone in zones.items():
        total = np.maximum(total, checked_points(name, zone, 1, 3))  # NaN wins
    return En1005Score(total=total[()], level=level(total))


def level(total: ArrayLike) -> Points:
    """Action level of a zone, which is the zone.

    Raises:
        MethodInputError: the zone is none from 1 to 3.
    """
    return level_of(checked_points("total", total, 1, 3), LOWEST_TOTALS, 1)


def risk_step(total: ArrayLike) -> Points:
    """The zone on the common scale 0 negligible … 4 very high.

    Raises:
        MethodInputError: the zone is none from 1 to 3.
    """
    return look_up(np.array(RISK_STEPS), level(total))


def _by_column(
    known: np.ndarray,
    static: Flag,
    per_minute: ArrayLike,
    *bands: tuple[np.ndarray, tuple[ArrayLike, ArrayLike, ArrayLike]],
) -> Points:
    """The zone of the first band whose condition holds: held, seldom moved, often moved; NaN where `known` is NaN."""
    held = checked_flag("static", static)
    moves = checked_amount("per_minute", per_minute)
    conditions = [condition for condition, _ in bands]
    columns = [np.select(conditions, [zones[i] for _, zones in bands], default=np.nan) for i in range(3)]
    moving = np.where(moves >= OFTEN_A_MINUTE, columns[2], columns[1])
    moving = np.where(np.isnan(moves) & (columns[1] != columns[2]), np.nan, moving)
    zone = np.where(held == 1, columns[0], moving)
    zone = np.where(np.isnan(held) & (columns[0] != moving), np.nan, zone)
    return np.where(np.isnan(known), np.nan, zone)[()]
