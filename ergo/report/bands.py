"""The bands of an angle in which an item's points stay the same, found by asking the method's own function.

The page draws them behind the angle's curve. What is added for twist, support or the load is left out, and where a
standard asks how long or how often, the posture counts as held (ISO 11226) or as moved now and then (EN 1005-4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float

from ergo.methods import en1005_4, iso11226, owas, reba, rula
from ergo.types import SIDES

STEP_DEG: Final = 0.5
"""Width of the net that the methods are asked over; their edges are whole degrees."""

HELD_S: Final = 5.0
"""ISO 11226 judges what is held longer than 4 s."""

Degrees = Float[np.ndarray, "N"]


class Band(NamedTuple):
    """Points from one angle up to the next, both in degrees."""

    start_deg: float
    end_deg: float
    points: float


def _en(function: Callable[..., np.ndarray]) -> Callable[[Degrees], np.ndarray]:
    return lambda degrees: function(degrees, static=False, per_minute=1.0)


def _iso(function: Callable[..., np.ndarray]) -> Callable[[Degrees], np.ndarray]:
    return lambda degrees: function(degrees, hold_s=HELD_S)


def _arms(degrees: Degrees) -> np.ndarray:
    return owas.arms_points(degrees, 0.0)


_SIDED_ARMS: Final = {f"{side}_upper_arm": f"{side}_arm_elevation_gravity" for side in SIDES}

_ASKED: Final[Mapping[str, Mapping[str, tuple[str, Callable[[Degrees], np.ndarray]]]]] = {
    "rula": {
        "upper_arm": ("shoulder_flexion", rula.upper_arm_points),
        "lower_arm": ("elbow_flexion", rula.lower_arm_points),
        "wrist": ("wrist_flexion", rula.wrist_points),
        "neck": ("neck_flexion", rula.neck_points),
        "trunk": ("trunk_flexion", rula.trunk_points),
    },
    "reba": {
        "upper_arm": ("shoulder_flexion", reba.upper_arm_points),
        "lower_arm": ("elbow_flexion", reba.lower_arm_points),
        "wrist": ("wrist_flexion", reba.wrist_points),
        "neck": ("neck_flexion", reba.neck_points),
        "trunk": ("trunk_flexion", reba.trunk_points),
        "legs": ("knee_flexion", reba.legs_points),
    },
    "owas": {
        "back": ("trunk_flexion", owas.back_points),
        "arms": ("arm_elevation_gravity", _arms),
    },
    "iso11226": {
        "trunk": ("trunk_flexion", _iso(iso11226.trunk_points)),
        "head": ("head_inclination", _iso(iso11226.head_points)),
        **{item: (angle, _iso(iso11226.upper_arm_points)) for item, angle in _SIDED_ARMS.items()},
    },
    "en1005_4": {
        "trunk": ("trunk_flexion", _en(en1005_4.trunk_points)),
        **{item: (angle, _en(en1005_4.upper_arm_points)) for item, angle in _SIDED_ARMS.items()},
    },
}
"""For each method and item: the angle (without its side, where both have one) and what gives its points."""


_ASSUMED: Final[Mapping[str, str]] = {
    "rula": "What is added for twist, support or load is not in here.",
    "reba": "What is added for twist, support or load is not in here.",
    "owas": "Bending alone: twist and side bend have codes of their own.",
    "iso11226": "As if held longer than 4 s and without support.",
    "en1005_4": "As if moved less than twice a minute and not held still.",
}


def assumed(method: str, item: str) -> str:
    """What the bands of an item take for given, as a sentence."""
    if (method, item) == ("owas", "arms"):
        return "As if the other arm were down; both at shoulder level or above are code 3."
    return _ASSUMED.get(method, "")


def banded_angle(method: str, item: str) -> str | None:
    """The angle whose bands :func:`bands` tells, without its side where it is that of either; None where the points
    follow no angle alone."""
    asked = _ASKED.get(method, {}).get(item)
    return None if asked is None else asked[0]


def is_banded(method: str, item: str, angle: str) -> bool:
    """Whether :func:`bands` are those of this angle."""
    return banded_angle(method, item) in (angle, angle.removeprefix("left_").removeprefix("right_"))


@cache
def bands(method: str, item: str) -> tuple[Band, ...]:
    """The bands of the item's angle from −90° to 180°, rising; empty where :func:`banded_angle` is None."""
    asked = _ASKED.get(method, {}).get(item)
    if asked is None:
        return ()
    degrees = np.arange(-90.0, 180.0, STEP_DEG)
    points = np.asarray(asked[1](degrees + 0.1 * STEP_DEG), dtype=float)  # just inside, whichever way an edge counts
    starts = np.flatnonzero(np.append(True, np.diff(points) != 0))
    ends = np.append(degrees[starts[1:]], 180.0)
    return tuple(
        Band(float(degrees[start]), float(end), float(points[start])) for start, end in zip(starts, ends, strict=True)
    )
