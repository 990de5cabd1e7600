"""How parts of the body move: their angles, how long a posture is held and how often it changes.

ISO 11226 and EN 1005-4 ask for both; unlike RULA and REBA they ask for seconds, not for a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from ergo.assess.posture import filtered
from ergo.assess.signals import GRID_HZ, STATIC_SPAN_DEG, Grid, cycles_a_minute
from ergo.types import SIDES, JointAngles, Side

SHORTEST_HOLD_S = 4.0
"""ISO 11226 and EN 1005-4 call a posture static when it is held for longer than this; on a shorter film none can be
found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A part of the body over time; NaN where it is not seen.

    `angle` in degrees; `hold_s` how long the posture of this frame is kept within ±5°, before and after it, NaN on a
    film too short to tell; `per_minute` movements there and back of 20° or more in the minute around the frame, NaN on
    a film under a minute.
    """

    angle: Float[np.ndarray, "T"]
    hold_s: Float[np.ndarray, "T"]
    per_minute: Float[np.ndarray, "T"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """The parts that the standards on working postures judge.

    `trunk` is flexion to gravity, `trunk_turn` twist with side bend (its angle is the twist), `head` inclination to
    gravity, `neck_turn` twist with side bend against the trunk, `knees` the larger flexion; `upper_arms` elevation from
    the vertical, `elbows` flexion.
    """

    trunk: Pace
    trunk_turn: Pace
    head: Pace
    neck_turn: Pace
    knees: Pace
    upper_arms: Mapping[Side, Pace]
    elbows: Mapping[Side, Pace]


def observe_paces(angles: JointAngles) -> Paces:
    """How the parts move, from the filtered angles."""

    def of(name: str) -> Pace:
        return _pace(filtered(angles, name), angles.timestamps_s)

    knee = np.fmax(filtered(angles, "left_knee_flexion"), filtered(angles, "right_knee_flexion"))
    return Paces(
        trunk=of("trunk_flexion"),
        trunk_turn=_together(of("trunk_twist"), of("trunk_side_bend")),
        head=of("head_inclination"),
        neck_turn=_together(of("neck_twist"), of("neck_side_bend")),
        knees=_pace(knee, angles.timestamps_s),
        upper_arms=MappingProxyType({side: of(f"{side}_arm_elevation_gravity") for side in SIDES}),
        elbows=MappingProxyType({side: of(f"{side}_elbow_flexion") for side in SIDES}),
    )


def held_s(values: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """Seconds of the longest stretch around each frame in which `values` stays within 10° (±5°).

    A gap ends a stretch. NaN where `values` is, and everywhere on a film too short for a static posture.
    """
    if len(timestamps_s) == 0 or timestamps_s[-1] - timestamps_s[0] <= SHORTEST_HOLD_S:
        return np.full(len(values), np.nan)
    grid = Grid(timestamps_s)
    sampled = grid.sample(values)
    ends = _ends(sampled)
    lengths = np.where(np.isfinite(sampled), ends - np.arange(len(ends)), 0)
    # ends never fall, so the stretches that reach a sample begin in one run of samples, which ends with it
    first = np.searchsorted(ends, np.arange(len(ends)), side="left")
    seconds = _largest(lengths, np.minimum(first, np.arange(len(ends)))) / GRID_HZ
    return np.where(np.isfinite(values), grid.at_frames(seconds), np.nan)


def _pace(angle: Float[np.ndarray, "T"], timestamps_s: Float[np.ndarray, "T"]) -> Pace:
    return Pace(angle=angle, hold_s=held_s(angle, timestamps_s), per_minute=cycles_a_minute(angle, timestamps_s))


def _together(first: Pace, second: Pace) -> Pace:
    """Held only while both are, moved as often as either is."""
    return Pace(
        angle=first.angle,
        hold_s=np.minimum(first.hold_s, second.hold_s),
        per_minute=np.fmax(first.per_minute, second.per_minute),
    )


def _ends(sampled: Float[np.ndarray, "G"]) -> np.ndarray:
    """Last sample of the longest stretch from each sample on that stays within the span; before it where unseen.

    Stretches grow by powers of two, the largest that fits first.
    """
    count = len(sampled)
    lows, highs = [np.where(np.isfinite(sampled), sampled, -np.inf)], [np.where(np.isfinite(sampled), sampled, np.inf)]
    while 2 ** len(lows) <= count:
        half = 2 ** (len(lows) - 1)
        lows.append(np.minimum(lows[-1][:-half], lows[-1][half:]))
        highs.append(np.maximum(highs[-1][:-half], highs[-1][half:]))
    ends = np.arange(count)  # first sample that is not yet in the stretch
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    for power in range(len(lows) - 1, -1, -1):
        fits = np.flatnonzero(ends + 2**power <= count)
        at = ends[fits]
        new_low = np.minimum(low[fits], lows[power][at])
        new_high = np.maximum(high[fits], highs[power][at])
        taken = fits[new_high - new_low <= STATIC_SPAN_DEG]
        kept = new_high - new_low <= STATIC_SPAN_DEG
        low[taken], high[taken] = new_low[kept], new_high[kept]
        ends[taken] += 2**power
    return ends - 1


def _largest(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The largest of `values` from `first` up to each sample."""
    tables = [values]
    while 2 ** len(tables) <= len(values):
        half = 2 ** (len(tables) - 1)
        tables.append(np.maximum(tables[-1][:-half], tables[-1][half:]))
    last = np.arange(len(values))
    power = np.frexp(last - first + 1)[1] - 1
    result = np.empty(len(values), dtype=values.dtype)
    for level in np.unique(power):
        at = np.flatnonzero(power == level)
        result[at] = np.maximum(tables[level][first[at]], tables[level][last[at] - 2**level + 1])
    return result
