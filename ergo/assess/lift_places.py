"""H, V, A and D of a lift as the NIOSH equation defines them, with how wrong they may be.

H: middle of the knuckles to middle of the ankles, horizontally; V: height of the knuckles above the floor; A: angle of
that line to the mid-sagittal direction of the neutral body; D: difference of V between both ends (Applications Manual,
NIOSH 94-110, pp. 7–12). A single camera is unsure of depth, so H and A are the weakest. The standard deviations are
those of the lifts on the rendered clips (``benchmarks/lifts.py``, docs/accuracy.md), plus the share of the body's size:
without the worker's height every length is scaled by a typical one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ergo.assess.hand_path import RATE_HZ, HandPath
from ergo.assess.lifts import Lift, place_of
from ergo.types import AnalysisSettings, Sex

REACH_SD_CM, HEIGHT_SD_CM, FACING_SD_DEG = 12.0, 7.0, 15.0
"""Errors of a hand against the feet along the floor, of its height, and of where the body faces."""
GIVEN_HEIGHT_SD = 0.01
TYPICAL_HEIGHT_SD: Mapping[Sex, float] = MappingProxyType({"neutral": 0.055, "male": 0.042, "female": 0.042})
"""Standard deviation of body height as a share of it: 7 cm among men and among women, 9.5 cm among all (adults)."""
BEFORE_S, AFTER_S = 0.3, 0.5
"""A place is the median of so long before the hands leave it, or after they reach it: they still settle there."""
LEAST_H_CM = 25.0
"""Asymmetry is told no better than at this reach: closer hands have hardly a direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One end of a lift. `asymmetry_deg` is positive to the left."""

    time_s: float
    reach_cm: float
    reach_sd_cm: float
    height_cm: float
    height_sd_cm: float
    asymmetry_deg: float
    asymmetry_sd_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredLift:
    """A possible lift with its places; `travel_cm` is D, and at least that where the film cuts the lift off.

    `lever_cm` is the largest horizontal distance of the hands from the hips on the way, `speed_cm_s` the mean speed
    upward or downward.
    """

    lift: Lift
    origin: Place
    destination: Place
    travel_cm: float
    travel_sd_cm: float
    lever_cm: float
    speed_cm_s: float


def size_sd(settings: AnalysisSettings) -> float:
    """How unsure the scale of all lengths is, as a share."""
    return GIVEN_HEIGHT_SD if settings.height_m is not None else TYPICAL_HEIGHT_SD[settings.sex]


def measure_lift(path: HandPath, lift: Lift, scale_sd: float) -> MeasuredLift:
    """Both places of a lift and the way between them."""
    before = slice(max(lift.arrived, lift.start - int(BEFORE_S * RATE_HZ)), lift.start + 1)
    after = slice(lift.end, min(lift.settled, lift.end + int(AFTER_S * RATE_HZ)) + 1)
    origin = _place(path, lift, before, lift.start, scale_sd)
    destination = _place(path, lift, after, lift.end, scale_sd)
    travel = abs(destination.height_cm - origin.height_cm)
    away = place_of(path, lift.hands)[lift.start : lift.end + 1] - path.hips_m[lift.start : lift.end + 1]
    seconds = max((lift.end - lift.start) / RATE_HZ, 1.0 / RATE_HZ)
    return MeasuredLift(
        lift=lift,
        origin=origin,
        destination=destination,
        travel_cm=travel,
        travel_sd_cm=float(np.hypot(np.sqrt(2.0) * HEIGHT_SD_CM, scale_sd * travel)),
        lever_cm=100.0 * float(np.hypot(away[:, 0], away[:, 2]).max()),
        speed_cm_s=travel / seconds,
    )


def _place(path: HandPath, lift: Lift, when: slice, sample: int, scale_sd: float) -> Place:
    hand = np.median(place_of(path, lift.hands)[when], axis=0)
    out = hand - np.median(path.ankles_m[when], axis=0)
    facing = path.facing[when].mean(axis=0)
    reach, height = 100.0 * float(np.hypot(out[0], out[2])), max(0.0, 100.0 * float(hand[1]))
    angle = float(np.degrees(np.arctan2(*_turn(facing, out))))
    sideways_deg = float(np.degrees(np.arctan2(REACH_SD_CM, max(reach, LEAST_H_CM))))
    return Place(
        time_s=float(path.times_s[sample]),
        reach_cm=reach,
        reach_sd_cm=float(np.hypot(REACH_SD_CM, scale_sd * reach)),
        height_cm=height,
        height_sd_cm=float(np.hypot(HEIGHT_SD_CM, scale_sd * height)),
        asymmetry_deg=angle,
        asymmetry_sd_deg=float(np.hypot(FACING_SD_DEG, sideways_deg)),
    )


def _turn(facing: np.ndarray, out: np.ndarray) -> tuple[float, float]:
    """Sine and cosine parts of the turn about the vertical from `facing` to `out`, positive to the left."""
    return facing[2] * out[0] - facing[0] * out[2], facing[0] * out[0] + facing[2] * out[2]
