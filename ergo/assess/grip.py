"""How a hand is held: open, pinching, or closed about something, from the bend of its fingers.

A hint for the coupling that REBA and NIOSH ask for, never an answer: what is held is not seen. Thresholds are
engineering choices between the postures of Napier's power and precision grips (J. Bone Joint Surg. 38-B, 1956); there
are no labelled clips to test them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from ergo.assess.signals import hysteresis
from ergo.body.hand_landmarks import HandLandmark as H
from ergo.geometry.rotations import angle_between_deg
from ergo.types import SIDES, Hands, Motion, Side

Grip: TypeAlias = Literal["open", "pinch", "power"]
GRIPS: tuple[Grip, ...] = ("open", "pinch", "power")

POWER_ON_DEG, POWER_OFF_DEG = 160.0, 140.0
"""Middle, ring and little finger bent by more than this over their three knuckles (a fist has about 250°)."""
OPEN_ON_DEG, OPEN_OFF_DEG = 60.0, 80.0
"""All four fingers bent by less than this."""
PINCH_ON, PINCH_OFF = 0.30, 0.40
"""Tips of thumb and index finger nearer than this, in lengths of the palm (wrist to middle knuckle)."""

_FINGERS: Mapping[str, tuple[H, ...]] = MappingProxyType(
    {
        finger: (H.WRIST, *(H[f"{finger}_{part}"] for part in ("MCP", "PIP", "DIP", "TIP")))
        for finger in ("INDEX", "MIDDLE", "RING", "PINKY")
    }
)


def finger_bend_deg(xyz_m: Float[np.ndarray, "T 21 3"]) -> Float[np.ndarray, "T 4"]:
    """Bend of index, middle, ring and little finger: the sum of the angles at their three knuckles."""
    bends = []
    for marks in _FINGERS.values():
        bones = np.diff(np.asarray(xyz_m, dtype=float)[:, list(marks)], axis=1)
        bends.append(sum(angle_between_deg(bones[:, k], bones[:, k + 1]) for k in range(3)))
    return np.stack([np.asarray(bend) for bend in bends], axis=1)


def grips(hands: Hands, motion: Motion, side: Side) -> dict[Grip, Float[np.ndarray, "T"]]:
    """Each grip over time: 1, 0, or NaN where the hand was not seen well; at most one holds, or none (relaxed)."""
    index = SIDES.index(side)
    xyz = np.asarray(hands.xyz_m, dtype=float)[:, index]
    seen = np.asarray(np.isfinite(xyz).all(axis=(1, 2)))
    if motion.hands_seen is not None:
        seen &= motion.hands_seen[:, index]
    bend = np.where(seen[:, None], finger_bend_deg(xyz), np.nan)
    palm = np.linalg.norm(xyz[:, H.MIDDLE_MCP] - xyz[:, H.WRIST], axis=1)
    apart = np.where(seen, np.linalg.norm(xyz[:, H.THUMB_TIP] - xyz[:, H.INDEX_TIP], axis=1) / palm, np.nan)
    power = hysteresis(bend[:, 1:].mean(axis=1), POWER_ON_DEG, POWER_OFF_DEG)
    pinch = hysteresis(-apart, -PINCH_ON, -PINCH_OFF) * (1.0 - power)
    unbent = hysteresis(-bend.mean(axis=1), -OPEN_ON_DEG, -OPEN_OFF_DEG) * (1.0 - power) * (1.0 - pinch)
    return {"open": unbent, "pinch": pinch, "power": power}


def grip_shares(hands: Hands | None, motion: Motion) -> dict[Side, dict[str, float]] | None:
    """For each hand the share of the film in which it was seen well, and of that the share of each grip.

    None when nobody looked for hands; a hand never seen well has shares of NaN.
    """
    if hands is None:
        return None
    found: dict[Side, dict[str, float]] = {}
    for side in SIDES:
        held = grips(hands, motion, side)
        seen = np.isfinite(held["power"])
        shares = {grip: float(values[seen].mean()) if seen.any() else float("nan") for grip, values in held.items()}
        found[side] = {"seen": float(seen.mean()), **shares}
    return found
