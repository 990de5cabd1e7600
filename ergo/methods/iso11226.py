"""Screening against ISO 11226:2000 with Cor 1:2006, Ergonomics – Evaluation of static working postures.

A part of the body that keeps its posture for longer than 4 s is in one of three zones by its angle; the middle one
is allowed for a holding time that shrinks as the angle grows. What is not held is outside this standard and said to
be. All functions take numbers or arrays that broadcast; NaN in gives NaN out, "not assessed".

The limits here come from public texts about the standard and, where the tables say so, from memory. They screen;
they do not show conformity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ergo.errors import MethodInputError
from ergo.methods.lookup import (
    Flag,
    Points,
    broadcasting,
    checked_amount,
    checked_angle,
    checked_flag,
    checked_points,
    level_of,
    load,
    look_up,
)

Part: TypeAlias = Literal["trunk", "head", "upper_arm"]

MOVING, ACCEPTABLE, LIMITED, NOT_RECOMMENDED = 1.0, 2.0, 3.0, 4.0
"""Zones: not held; acceptable; acceptable for the holding time of its angle, not yet exceeded; not recommended."""

STATIC_S = 4.0
"""A posture held longer than this is static."""
BACKWARD_TOLERANCE_DEG = 5.0
"""The standard's zones begin at 0°; trunk and head may lean back this much (engineering choice, as in RULA, REBA)."""
KNEE_FLEXED_DEG = 30.0
"""Standing with a knee bent further than this is standing with flexed knees (engineering choice)."""
SEATED_KNEE_DEG = (45.0, 90.0)
"""Knee flexion of somebody seated: an angle between thigh and shank from 90° to 135°."""

LOWEST_TOTALS = (1, 2, 3, 4)
"""The lowest zone of action levels 0, 1, 2, 3."""
RISK_STEPS = (0, 0, 2, 3)
"""Zones 1–4 on the common scale 0 negligible … 4 very high (engineering choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Iso11226Score:
    """Result of :func:`score`: `total` is the worst zone of the parts, 1–4, `level` the action level 0–3."""

    total: Points
    level: Points


def holding_limit_s(part: Part, angle_deg: ArrayLike) -> Points:
    """The longest acceptable holding time of a posture in the middle zone, in seconds; NaN outside that zone.

    Raises:
        MethodInputError: there is no such part, or an angle is no angle in degrees.
    """
    times = load("iso11226")["holding_time"]["parts"]
    if part not in times:
        raise MethodInputError(f"part is {part!r}.", f"Give part as one of {', '.join(times)}.")
    angles, minutes = times[part]["angle_deg"], times[part]["minutes"]
    angle = checked_angle(f"{part} angle_deg", angle_deg)
    inside = (angle >= angles[0]) & (angle <= angles[1])
    return np.where(inside, 60.0 * np.interp(angle, angles, minutes), np.nan)[()]


def trunk_points(
    inclination_deg: ArrayLike, *, hold_s: ArrayLike, asymmetric: Flag = False, supported: Flag = False
) -> Points:
    """Zone of the trunk from its inclination to gravity, + forward, and the seconds it is held.

    `asymmetric` is twisted or bent to the side, `supported` with full support of the trunk.

    Raises:
        MethodInputError: an angle, a time or a flag is impossible.
    """
    lean = checked_angle("trunk inclination_deg", inclination_deg)
    free = 1.0 - checked_flag("supported", supported)
    beyond = np.where(lean > 20, LIMITED, np.where(lean < -BACKWARD_TOLERANCE_DEG, NOT_RECOMMENDED, ACCEPTABLE))
    by_angle = np.where(lean > 60, NOT_RECOMMENDED, ACCEPTABLE + (beyond - ACCEPTABLE) * free)
    return _zone(by_angle, lean, hold_s, checked_flag("asymmetric", asymmetric), holding_limit_s("trunk", lean))


def head_points(
    inclination_deg: ArrayLike, *, hold_s: ArrayLike, trunk_supported: Flag = False, head_supported: Flag = False
) -> Points:
    """Zone of the head from its inclination to gravity, + forward, and the seconds it is held.

    Raises:
        MethodInputError: an angle, a time or a flag is impossible.
    """
    lean = checked_angle("head inclination_deg", inclination_deg)
    forward = ACCEPTABLE + (LIMITED - ACCEPTABLE) * (1.0 - checked_flag("trunk_supported", trunk_supported))
    back = ACCEPTABLE + (NOT_RECOMMENDED - ACCEPTABLE) * (1.0 - checked_flag("head_supported", head_supported))
    by_angle = np.where(lean > 25, forward, np.where(lean < -BACKWARD_TOLERANCE_DEG, back, ACCEPTABLE))
    by_angle = np.where(lean > 85, NOT_RECOMMENDED, by_angle)
    return _zone(by_angle, lean, hold_s, 0.0, holding_limit_s("head", lean))


def neck_points(
    head_inclination_deg: ArrayLike, trunk_inclination_deg: ArrayLike, *, hold_s: ArrayLike, asymmetric: Flag = False
) -> Points:
    """Zone of the neck from the inclination of the head less that of the trunk, and the seconds it is held.

    Raises:
        MethodInputError: an angle, a time or a flag is impossible.
    """
    flexion = checked_angle("head inclination_deg", head_inclination_deg) - checked_angle(
        "trunk inclination_deg", trunk_inclination_deg
    )
    extreme = (flexion < -BACKWARD_TOLERANCE_DEG) | (flexion > 25)
    by_angle = np.where(extreme, NOT_RECOMMENDED, ACCEPTABLE)
    return _zone(by_angle, flexion, hold_s, checked_flag("asymmetric", asymmetric))


def upper_arm_points(
    elevation_deg: ArrayLike,
    *,
    hold_s: ArrayLike,
    awkward: Flag = False,
    raised: Flag = False,
    supported: Flag = False,
) -> Points:
    """Zone of an upper arm from its elevation from the vertical, and the seconds it is held.

    `awkward` is behind the trunk, across it, or turned outward to its end; `raised` is a raised shoulder; `supported`
    with full support of the arm.

    Raises:
        MethodInputError: an angle, a time or a flag is impossible.
    """
    elevation = checked_angle("upper arm elevation_deg", elevation_deg)
    free = 1.0 - checked_flag("supported", supported)
    by_angle = np.where(elevation > 20, ACCEPTABLE + (LIMITED - ACCEPTABLE) * free, ACCEPTABLE)
    by_angle = np.where(elevation > 60, NOT_RECOMMENDED, by_angle)
    wrong = np.maximum(checked_flag("awkward", awkward), checked_flag("raised", raised))
    return _zone(by_angle, elevation, hold_s, wrong, holding_limit_s("upper_arm", elevation))


def forearm_hand_points(*, hold_s: ArrayLike, extreme: Flag) -> Points:
    """Zone of forearm and hand: not recommended in an `extreme` posture of elbow, forearm or wrist, else acceptable.

    Raises:
        MethodInputError: a time or a flag is impossible.
    """
    return _zone(np.array(ACCEPTABLE), np.array(0.0), hold_s, checked_flag("extreme", extreme))


def legs_points(knee_flexion_deg: ArrayLike, *, hold_s: ArrayLike, sitting: Flag = False) -> Points:
    """Zone of the legs from the larger knee flexion (0 straight), and the seconds it is held.

    Raises:
        MethodInputError: an angle, a time or a flag is impossible.
    """
    knee = checked_angle("knee_flexion_deg", knee_flexion_deg)
    sits = checked_flag("sitting", sitting)
    seated_well = (knee >= SEATED_KNEE_DEG[0]) & (knee <= SEATED_KNEE_DEG[1])
    wrong = np.where(sits == 1, ~seated_well, knee > KNEE_FLEXED_DEG)
    return _zone(np.array(ACCEPTABLE), knee + 0.0 * sits, hold_s, np.where(np.isnan(knee + sits), np.nan, wrong))


@broadcasting
def score(
    *,
    trunk: ArrayLike,
    head: ArrayLike = MOVING,
    neck: ArrayLike = MOVING,
    left_upper_arm: ArrayLike = MOVING,
    right_upper_arm: ArrayLike = MOVING,
    left_forearm: ArrayLike = MOVING,
    right_forearm: ArrayLike = MOVING,
    legs: ArrayLike = MOVING,
) -> Iso11226Score:
    """The worst zone of the parts; arguments broadcast.

    Raises:
        MethodInputError: a zone that is none from 1 to 4; names its part.
    """
    zones = {
        "trunk": trunk,
        "head": head,
        "neck": neck,
        "left_upper_arm": left_upper_arm,
        "right_upper_arm": right_upper_arm,
        "left_forearm": left_forearm,
        "right_forearm": right_forearm,
        "legs": legs,
    }
    total = np.array(MOVING)
    for name, zone in zones.items():
        total = np.maximum(total, checked_points(name, zone, 1, 4))  # NaN wins
    return Iso11226Score(total=total[()], level=level(total))


def level(total: ArrayLike) -> Points:
    """Action level 0–3 of a zone 1–4.

    Raises:
        MethodInputError: the zone is none from 1 to 4.
    """
    return level_of(checked_points("total", total, 1, 4), LOWEST_TOTALS, 0)


def risk_step(total: ArrayLike) -> Points:
    """The zone on the common scale 0 negligible … 4 very high.

    Raises:
        MethodInputError: the zone is none from 1 to 4.
    """
    return look_up(np.array(RISK_STEPS), checked_points("total", total, 1, 4))


def _zone(
    by_angle: np.ndarray,
    angle: np.ndarray,
    hold_s: ArrayLike,
    wrong: ArrayLike,
    limit_s: ArrayLike = np.inf,
) -> Points:
    """The zone of what is held: the angle's own, the last one where `wrong` or held beyond the limit."""
    hold = checked_amount("hold_s", hold_s)
    wrong = np.asarray(wrong, dtype=np.float64)
    worst = (wrong == 1) | ((by_angle == LIMITED) & (hold > limit_s))
    zone = np.where(worst, NOT_RECOMMENDED, by_angle)
    zone = np.where(hold > STATIC_S, zone, MOVING)
    return np.where(np.isnan(angle) | np.isnan(hold) | np.isnan(by_angle) | np.isnan(wrong), np.nan, zone)[()]
