"""Revised NIOSH lifting equation (Waters, Putz-Anderson, Garg: Applications Manual, NIOSH 94-110, 1994, rev. 2021).

All functions take numbers or arrays that broadcast; NaN in gives NaN out. Lengths are centimetres and masses
kilograms with :data:`METRIC`, inches and pounds with :data:`US`: the manual's two sets of constants are no exact
conversions of each other, so its worked examples only come out in the units they are printed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ergo.errors import MethodInputError
from ergo.methods.lookup import broadcasting, checked_amount, checked_angle, load

Duration: TypeAlias = Literal["short", "moderate", "long"]
Coupling: TypeAlias = Literal["good", "fair", "poor"]
Values: TypeAlias = Float[np.ndarray, "..."]

DURATIONS: tuple[Duration, ...] = ("short", "moderate", "long")
"""Up to 1, 2 and 8 hours (p. 13)."""
COUPLINGS: tuple[Coupling, ...] = ("good", "fair", "poor")
MULTIPLIERS: tuple[str, ...] = ("hm", "vm", "dm", "am", "fm", "cm")
LARGEST_ASYMMETRY_DEG = 135.0
LEAST_FREQUENCY = 0.2
"""Fewer lifts a minute count as this (p. 14)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """The equation's constants in one system of units (p. 7)."""

    load: float
    reach_min: float
    reach_max: float
    height_best: float
    height_slope: float
    height_max: float
    travel_min: float
    travel_max: float
    travel_share: float


METRIC = Constants(
    load=23.0, reach_min=25.0, reach_max=63.0, height_best=75.0, height_slope=0.003, height_max=175.0, travel_min=25.0,
    travel_max=175.0, travel_share=4.5,
)  # fmt: skip
"""Centimetres and kilograms."""
US = Constants(
    load=51.0, reach_min=10.0, reach_max=25.0, height_best=30.0, height_slope=0.0075, height_max=70.0, travel_min=10.0,
    travel_max=70.0, travel_share=1.8,
)  # fmt: skip
"""Inches and pounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The multipliers at one place and what they make of the load constant.

    `firwl` is without the frequency multiplier, `rwl` with it; both in the units of the constants.
    """

    hm: Values
    vm: Values
    dm: Values
    am: Values
    fm: Values
    cm: Values
    firwl: Values
    rwl: Values

    def most_limiting(self) -> str:
        """Which multiplier of :data:`MULTIPLIERS` is lowest (for single values)."""
        return min(MULTIPLIERS, key=lambda name: float(getattr(self, name)))


def horizontal_multiplier(reach: ArrayLike, constants: Constants = METRIC) -> Values:
    """HM from the horizontal distance of the hands from the ankles; 0 beyond the largest reach (p. 8)."""
    h = checked_amount("reach", reach)
    return _cut(constants.reach_min / np.maximum(h, constants.reach_min), h > constants.reach_max)


def vertical_multiplier(height: ArrayLike, constants: Constants = METRIC) -> Values:
    """VM from the height of the hands above the floor; 0 above the highest reach (p. 9)."""
    v = checked_amount("height", height)
    return _cut(1.0 - constants.height_slope * np.abs(v - constants.height_best), v > constants.height_max)


def distance_multiplier(travel: ArrayLike, constants: Constants = METRIC) -> Values:
    """DM from the vertical distance moved; never above 1, 0 beyond the longest (p. 10)."""
    d = checked_amount("travel", travel)
    factor = 0.82 + constants.travel_share / np.maximum(d, constants.travel_min)
    return _cut(np.minimum(factor, 1.0), d > constants.travel_max)


def asymmetry_multiplier(angle_deg: ArrayLike) -> Values:
    """AM from the angle of the load to the mid-sagittal line, of either sign; 0 beyond 135° (p. 12)."""
    a = np.abs(checked_angle("asymmetry angle_deg", angle_deg))
    return _cut(1.0 - 0.0032 * a, a > LARGEST_ASYMMETRY_DEG)


def frequency_multiplier(
    lifts_per_minute: ArrayLike, duration: Duration, height: ArrayLike, constants: Constants = METRIC
) -> Values:
    """FM from table 5 (p. 15); `height` is that at the origin.

    Linear between rows (p. 7), but 0 between the last row above 0 and a row of 0.

    Raises:
        MethodInputError: another duration, or a negative frequency.
    """
    if duration not in DURATIONS:
        raise MethodInputError(f"duration is {duration!r}.", f"Give duration as one of {', '.join(DURATIONS)}.")
    frequency = checked_amount("lifts_per_minute", lifts_per_minute)
    v = checked_amount("height", height)
    rows = np.array(load("niosh")["frequency"]["rows"], dtype=np.float64)
    first = 1 + 2 * DURATIONS.index(duration)
    low, high = (_interpolated(frequency, rows[:, 0], rows[:, column]) for column in (first, first + 1))
    return np.where(np.isnan(v), np.nan, np.where(v < constants.height_best, low, high))[()]


def coupling_multiplier(coupling: Coupling, height: ArrayLike, constants: Constants = METRIC) -> Values:
    """CM from table 7 (p. 18); `height` is that of the place that is evaluated.

    Raises:
        MethodInputError: another coupling.
    """
    if coupling not in COUPLINGS:
        raise MethodInputError(f"coupling is {coupling!r}.", f"Give coupling as one of {', '.join(COUPLINGS)}.")
    v = checked_amount("height", height)
    low, high = load("niosh")["coupling"][coupling]
    return np.where(np.isnan(v), np.nan, np.where(v < constants.height_best, float(low), float(high)))[()]


@broadcasting
def recommended_weight(
    *,
    reach: ArrayLike,
    height: ArrayLike,
    travel: ArrayLike,
    asymmetry_deg: ArrayLike,
    lifts_per_minute: ArrayLike,
    duration: Duration,
    coupling: Coupling,
    height_at_origin: ArrayLike | None = None,
    constants: Constants = METRIC,
) -> Limit:
    """The recommended weight limit at one place of a lift.

    Args:
        reach: H at this place.
        height: V at this place.
        travel: D, the same for both ends.
        asymmetry_deg: A at this place.
        lifts_per_minute: F.
        duration: how long the lifting goes on.
        coupling: the grip.
        height_at_origin: V at the origin, for a destination; without it this place is the origin.
        constants: the units.

    Raises:
        MethodInputError: a value is negative or no number; names it.
    """
    hm = horizontal_multiplier(reach, constants)
    vm = vertical_multiplier(height, constants)
    dm = distance_multiplier(travel, constants)
    am = asymmetry_multiplier(asymmetry_deg)
    origin = height if height_at_origin is None else height_at_origin
    fm = frequency_multiplier(lifts_per_minute, duration, origin, constants)
    cm = coupling_multiplier(coupling, height, constants)
    firwl = constants.load * hm * vm * dm * am * cm
    return Limit(hm=hm, vm=vm, dm=dm, am=am, fm=fm, cm=cm, firwl=firwl, rwl=firwl * fm)


def lifting_index(load_weight: ArrayLike, limit: ArrayLike) -> Values:
    """LI (or FILI, STLI with their limits); infinite where the limit is 0, 0 for no load."""
    weight, most = np.broadcast_arrays(checked_amount("load_weight", load_weight), checked_amount("limit", limit))
    index = np.divide(weight, most, out=np.full(weight.shape, np.inf), where=(most > 0) | np.isnan(most))
    return np.where(weight == 0, 0.0, index)[()]


def level(index: ArrayLike) -> Values:
    """1 up to an index of 1, 2 up to 3, 3 above (p. 20)."""
    value = np.asarray(index, dtype=np.float64)
    return np.where(np.isnan(value), np.nan, 1.0 + (value > 1.0) + (value > 3.0))[()]


@broadcasting
def composite_index(
    *,
    firwl: ArrayLike,
    load_weight: ArrayLike,
    lifts_per_minute: ArrayLike,
    height: ArrayLike,
    duration: Duration,
    largest_load: ArrayLike | None = None,
    constants: Constants = METRIC,
) -> float:
    """CLI of a job of several tasks (pp. 26–28); one value a task in each argument.

    `load_weight` is the mean load of the task, `largest_load` the largest where they differ. Each term takes the
    frequency multiplier in the column of its own task's height at the origin. Ties go to the higher frequency.

    Raises:
        MethodInputError: a value is negative or no number; names it.
    """
    limit = np.atleast_1d(checked_amount("firwl", firwl))
    weight = np.broadcast_to(checked_amount("load_weight", load_weight), limit.shape)
    heaviest = weight if largest_load is None else checked_amount("largest_load", largest_load)
    largest = np.broadcast_to(heaviest, limit.shape)
    frequency = np.broadcast_to(checked_amount("lifts_per_minute", lifts_per_minute), limit.shape)
    v = np.broadcast_to(checked_amount("height", height), limit.shape)
    fm = np.atleast_1d(frequency_multiplier(frequency, duration, v, constants))
    stli = np.atleast_1d(lifting_index(weight, limit * fm))
    fili = np.atleast_1d(lifting_index(largest, limit))
    order = np.lexsort((-frequency, -stli))
    total = float(stli[order[0]])
    summed = float(frequency[order[0]])
    for task in order[1:]:
        before = float(frequency_multiplier(summed, duration, v[task], constants))
        summed += float(frequency[task])
        after = float(frequency_multiplier(summed, duration, v[task], constants))
        if not np.isfinite(total) or after == 0.0:
            return np.inf if not np.isnan(total) else np.nan
        total += float(fili[task]) * (1.0 / after - 1.0 / before)
    return total


def _cut(factor: Values, beyond: np.ndarray) -> Values:
    return np.where(beyond, 0.0, factor)[()]


def _interpolated(frequency: Values, rows: np.ndarray, factors: np.ndarray) -> Values:
    highest = rows[factors > 0][-1]
    value = np.interp(np.maximum(frequency, LEAST_FREQUENCY), rows, factors)
    return np.where(frequency > highest, 0.0, value)[()]
