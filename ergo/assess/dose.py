"""How much of a posture adds up over the film, for each part of the body.

The dose of a part is the time its angle is beyond a level, and the integral of the angle beyond the first level (degree
minutes): exposure as its size, frequency and duration together, after Winkel and Mathiassen (Ergonomics 37, 1994). The
levels are edges that others judge by: 20° and 60° of trunk and upper arm (EN 1005-4), 45° of the trunk (Punnett et al.,
Scand. J. Work Environ. Health 17, 1991), 90° of the upper arm (Svendsen et al., Occup. Environ. Med. 61, 2004), 25° of
head inclination (ISO 11226), 30° and 60° of the knee (REBA); 45° of the head is a choice. No limit for a shift follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Bool, Float

from ergo.assess.exposure import weighted_percentile
from ergo.assess.overridden import angle_by_hand
from ergo.assess.posture import filtered
from ergo.assess.signals import LONGEST_FILLED_GAP_S, MIN_WINDOW_COVERAGE, frame_durations, runs
from ergo.types import JointAngles, Override

CURVE_POINTS = 61
"""Samples of a cumulative curve, the ends included."""


@dataclass(frozen=True, slots=True)
class DosePart:
    """A part of the body: its angle and the levels in degrees, rising."""

    label: str
    angle: str
    levels_deg: tuple[float, ...]


PARTS: Mapping[str, DosePart] = MappingProxyType(
    {
        "trunk": DosePart("Trunk bent forward", "trunk_flexion", (20.0, 45.0, 60.0)),
        "head": DosePart("Head bent forward", "head_inclination", (25.0, 45.0)),
        "left_upper_arm": DosePart("Left upper arm raised", "left_arm_elevation_gravity", (20.0, 60.0, 90.0)),
        "right_upper_arm": DosePart("Right upper arm raised", "right_arm_elevation_gravity", (20.0, 60.0, 90.0)),
        "left_knee": DosePart("Left knee bent", "left_knee_flexion", (30.0, 60.0)),
        "right_knee": DosePart("Right knee bent", "right_knee_flexion", (30.0, 60.0)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """One part over the film; everything NaN or empty where it is seen in under 80 % of it (`assessed` False).

    `seconds_above`, `share_above` (of the seen time) and `longest_s` (unbroken) go by level in degrees;
    `degree_minutes` is the integral of the angle beyond the first level. `curve_s` are the seconds above each level
    added up until each of the times `curve_times_s`.
    """

    part: str
    label: str
    coverage: float
    assessed: bool
    median_deg: float
    p90_deg: float
    seconds_above: Mapping[float, float]
    share_above: Mapping[float, float]
    longest_s: Mapping[float, float]
    degree_minutes: float
    curve_times_s: tuple[float, ...]
    curve_s: Mapping[float, tuple[float, ...]]


def doses(angles: JointAngles, found: Bool[np.ndarray, "T"], overrides: Sequence[Override] = ()) -> tuple[Dose, ...]:
    """The dose of every part; angles set by hand take the place of those seen, where somebody was `found`."""
    t = angles.timestamps_s
    return tuple(
        _dose(part, entry, angle_by_hand(entry.angle, filtered(angles, entry.angle), overrides, t, found), t)
        for part, entry in PARTS.items()
    )


def _dose(part: str, entry: DosePart, values: Float[np.ndarray, "T"], t: Float[np.ndarray, "T"]) -> Dose:
    shown_s = frame_durations(t)
    weights_s = np.where(np.isfinite(values), np.minimum(shown_s, LONGEST_FILLED_GAP_S), 0.0)
    film_s, seen_s = float(shown_s.sum()), float(weights_s.sum())
    coverage = seen_s / film_s if film_s > 0 else 0.0
    if coverage < MIN_WINDOW_COVERAGE:
        return Dose(
            part=part, label=entry.label, coverage=coverage, assessed=False, median_deg=np.nan, p90_deg=np.nan,
            seconds_above=MappingProxyType({}), share_above=MappingProxyType({}), longest_s=MappingProxyType({}),
            degree_minutes=np.nan, curve_times_s=(), curve_s=MappingProxyType({}),
        )  # fmt: skip
    above = {level: np.where(values > level, weights_s, 0.0) for level in entry.levels_deg}  # NaN is not above
    times = np.linspace(t[0], t[-1] + shown_s[-1], CURVE_POINTS)
    beyond = np.nan_to_num(np.maximum(values - entry.levels_deg[0], 0.0))
    return Dose(
        part=part,
        label=entry.label,
        coverage=coverage,
        assessed=True,
        median_deg=weighted_percentile(values, weights_s, 50.0),
        p90_deg=weighted_percentile(values, weights_s, 90.0),
        seconds_above=MappingProxyType({level: float(s.sum()) for level, s in above.items()}),
        share_above=MappingProxyType({level: float(s.sum()) / seen_s for level, s in above.items()}),
        longest_s=MappingProxyType(
            {level: float(runs(values > level, t)[2].max(initial=0.0)) for level in entry.levels_deg}
        ),
        degree_minutes=float((beyond * weights_s).sum()) / 60.0,
        curve_times_s=tuple(float(time) for time in times),
        curve_s=MappingProxyType({level: _until(times, t, shown_s, s) for level, s in above.items()}),
    )


def _until(
    times: Float[np.ndarray, "P"],
    timestamps_s: Float[np.ndarray, "T"],
    shown_s: Float[np.ndarray, "T"],
    seconds: Float[np.ndarray, "T"],
) -> tuple[float, ...]:
    """Seconds added up until each of `times`."""
    edges = np.append(timestamps_s, timestamps_s[-1] + shown_s[-1])
    return tuple(float(s) for s in np.interp(times, edges, np.concatenate([[0.0], np.cumsum(seconds)])))
