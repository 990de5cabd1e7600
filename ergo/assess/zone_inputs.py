"""From observations to the zones of the standards on working postures: ISO 11226 and EN 1005-4.

Zones never fall as an unknown turns unfavourable, so its ends give the range.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from ergo.assess.inputs import Guess, Points, Unseen, settled, settled_helpful
from ergo.assess.pace import Pace, Paces
from ergo.assess.posture import Arm, Body
from ergo.methods import en1005_4, iso11226
from ergo.types import TaskContext

BEHIND_DEG = 20.0
"""An upper arm further behind the trunk than this is behind it (engineering choice: the edge of RULA and REBA)."""
EXTREME_ELBOW_DEG, EXTREME_FOREARM_DEG, EXTREME_WRIST_DEG = 140.0, 75.0, 60.0
"""Flexion, rotation, and flexion or extension from here on are extreme (engineering choice: near the usual ends)."""
OFTEN_A_MINUTE = 60.0
"""Any frequency above the highest that EN 1005-4 asks for."""

_ANY_ISO, _ANY_EN = Unseen(1, 1, 4), Unseen(1, 1, 3)
ISO_UNSEEN: Mapping[str, Unseen] = MappingProxyType(
    dict.fromkeys(("head", "neck", "left_upper_arm", "right_upper_arm", "legs"), _ANY_ISO)
    # hardly ever seen: left out of the result, and said so, as the range would always reach its end
    | {name: Unseen(1, 1, 1) for name in ("left_forearm", "right_forearm")}
)
EN_UNSEEN: Mapping[str, Unseen] = MappingProxyType(
    dict.fromkeys(("trunk_turn", "left_upper_arm", "right_upper_arm", "neck", "neck_turn"), _ANY_EN)
)
"""Parts a frame is assessed without; an unseen trunk leaves it not assessed."""


def iso11226_points(
    body: Body, left: Arm, right: Arm, paces: Paces, context: TaskContext, guess: Guess
) -> dict[str, Points]:
    """Zones of every argument of :func:`ergo.methods.iso11226.score`, NaN where a part was not seen."""
    trunk_rest, head_rest = (settled_helpful(rest, guess) for rest in (body.back_supported, body.head_supported))
    turned = np.maximum(settled(body.trunk_twisted, guess), settled(body.trunk_side_bent, guess))
    neck_turned = np.maximum(settled(body.neck_twisted, guess), settled(body.neck_side_bent, guess))
    head_hold_s = np.minimum(paces.trunk.hold_s, paces.head.hold_s)
    zones = {
        "trunk": iso11226.trunk_points(
            paces.trunk.angle, hold_s=paces.trunk.hold_s, asymmetric=turned, supported=trunk_rest
        ),
        "head": iso11226.head_points(
            paces.head.angle, hold_s=paces.head.hold_s, trunk_supported=trunk_rest, head_supported=head_rest
        ),
        "neck": iso11226.neck_points(
            paces.head.angle, paces.trunk.angle, hold_s=head_hold_s, asymmetric=neck_turned
        ),
        "legs": _legs(body, paces.knees, guess),
    }  # fmt: skip
    arms_supported = guess == "low" if context.arms_supported is None else context.arms_supported
    for arm in (left, right):
        pace, elbow = paces.upper_arms[arm.side], paces.elbows[arm.side]
        zones[f"{arm.side}_upper_arm"] = iso11226.upper_arm_points(
            pace.angle,
            hold_s=pace.hold_s,
            awkward=settled(_behind(arm), guess),
            raised=settled(arm.raised, guess),
            supported=arms_supported,
        )
        zones[f"{arm.side}_forearm"] = iso11226.forearm_hand_points(hold_s=elbow.hold_s, extreme=_extreme(arm))
    return zones


def en1005_4_points(
    body: Body, left: Arm, right: Arm, paces: Paces, context: TaskContext, guess: Guess
) -> dict[str, Points]:
    """Zones of every argument of :func:`ergo.methods.en1005_4.score`, NaN where a part was not seen."""
    del context  # nothing that it tells is asked for
    turned = np.maximum(settled(body.trunk_twisted, guess), settled(body.trunk_side_bent, guess))
    zones = {
        "trunk": en1005_4.trunk_points(
            paces.trunk.angle, **_moved(paces.trunk, guess), supported=settled_helpful(body.back_supported, guess)
        ),
        "trunk_turn": np.where(
            np.isnan(paces.trunk.angle), np.nan, en1005_4.trunk_turn_points(turned, **_moved(paces.trunk_turn, guess))
        ),
        "neck": en1005_4.neck_points(paces.head.angle, **_moved(paces.head, guess)),
        "neck_turn": en1005_4.neck_turn_points(
            paces.neck_turn.angle, side_bent=settled(body.neck_side_bent, guess), **_moved(paces.neck_turn, guess)
        ),
    }
    for arm in (left, right):
        pace = paces.upper_arms[arm.side]
        zones[f"{arm.side}_upper_arm"] = en1005_4.upper_arm_points(
            pace.angle, behind=settled(_behind(arm), guess), **_moved(pace, guess)
        )
    return zones


def _moved(pace: Pace, guess: Guess) -> dict[str, Points]:
    """Whether a part is held and how often it moves; unknown is moving seldom, or often at the high guess."""
    held = np.where(np.isnan(pace.hold_s), 0.0, pace.hold_s > iso11226.STATIC_S)
    often = np.where(np.isnan(pace.per_minute), OFTEN_A_MINUTE if guess == "high" else 0.0, pace.per_minute)
    return {"static": held, "per_minute": often}


def _legs(body: Body, knees: Pace, guess: Guess) -> Points:
    """Kneeling and walking have no zone: neither is standing or sitting."""
    sitting = np.where(np.isnan(body.sitting), 0.0, body.sitting)
    zone = iso11226.legs_points(knees.angle, hold_s=knees.hold_s, sitting=sitting)
    elsewhere = (body.kneeling == 1) | (body.walking == 1)
    return np.where(elsewhere & ~np.isnan(zone), iso11226.MOVING, zone)


def _behind(arm: Arm) -> Float[np.ndarray, "T"]:
    return np.where(np.isnan(arm.upper_arm_flexion), np.nan, arm.upper_arm_flexion < -BEHIND_DEG)


def _extreme(arm: Arm) -> Float[np.ndarray, "T"]:
    """1 where one of elbow, forearm and wrist is known to be; 0 only where all of them are known not to be."""
    flags = [
        np.where(np.isnan(angle), np.nan, np.abs(angle) >= limit)
        for angle, limit in (
            (arm.elbow_flexion, EXTREME_ELBOW_DEG),
            (arm.forearm_rotation, EXTREME_FOREARM_DEG),
            (arm.wrist_flexion, EXTREME_WRIST_DEG),
        )
    ]
    unknown = np.isnan(flags).any(axis=0)
    return np.where((np.array(flags) == 1).any(axis=0), 1.0, np.where(unknown, np.nan, 0.0))
