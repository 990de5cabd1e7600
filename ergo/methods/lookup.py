"""What every method needs: published tables from their files, points checked against their range, look-ups.

Points travel as numbers or arrays that broadcast against each other. NaN is "not assessed" and makes every
score that depends on it NaN.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib import resources
from inspect import signature
from types import MappingProxyType
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ergo.errors import MethodInputError

Points: TypeAlias = Float[np.ndarray, "..."]
"""Points of an item: whole numbers held as floats, NaN where not assessed."""

Flag: TypeAlias = ArrayLike
"""Yes or no (bool, or 1 and 0), NaN where nobody knows; a number or an array."""


P = ParamSpec("P")
R = TypeVar("R")


def broadcasting(of: Callable[P, R]) -> Callable[P, R]:
    """The same function, which names arguments whose shapes do not fit together in a MethodInputError."""

    @wraps(of)
    def named(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return of(*args, **kwargs)
        except ValueError as error:
            given = signature(of).bind(*args, **kwargs).arguments
            shapes = {name: np.shape(value) for name, value in given.items() if np.ndim(value) > 0}
            if isinstance(error, MethodInputError) or len(set(shapes.values())) < 2:
                raise
            told = ", ".join(f"{name} {'×'.join(map(str, shape))}" for name, shape in shapes.items())
            raise MethodInputError(
                f"The arguments do not fit together: {told}.", "Give numbers, or arrays of one shape."
            ) from error

    return named


@cache
def load(method_id: str) -> Mapping[str, Any]:
    """The table file of a method: sources, rules in words, tables, worked example."""
    text = resources.files("ergo.methods").joinpath("tables", f"{method_id}.json").read_text(encoding="utf-8")
    return MappingProxyType(json.loads(text))


@cache
def table(method_id: str, name: str) -> np.ndarray:
    """A published table as int8, shaped so that index 0 stands for the lowest points of each item; read only."""
    entry = load(method_id)[name]
    values = np.array(entry["rows"], dtype=np.int8).reshape(entry["shape"])
    values.setflags(write=False)
    return values


def checked_points(field: str, points: ArrayLike, low: int, high: int) -> Points:
    """`points` as floats, NaN allowed.

    Raises:
        MethodInputError: a value is no whole number from `low` to `high`; names `field`.
    """
    values = _numbers(field, points)
    right = (values >= low) & (values <= high) & (values == np.rint(values))
    if not np.all(right):
        wrong = ~(right | np.isnan(values))
        if np.any(wrong):
            raise MethodInputError(
                f"{field} is {values[wrong].flat[0]:g}.",
                f"Give {field} as a whole number from {low} to {high}, or NaN where it was not assessed.",
            )
    return values


def checked_angle(field: str, angle_deg: ArrayLike, limit_deg: float = 360.0) -> Float[np.ndarray, "..."]:
    """`angle_deg` as floats, NaN allowed.

    Raises:
        MethodInputError: an angle is beyond ±`limit_deg` (radians and infinities are caught here); names `field`.
    """
    values = _numbers(field, angle_deg)
    wrong = np.abs(values) > limit_deg
    if np.any(wrong):
        raise MethodInputError(
            f"{field} is {values[wrong].flat[0]:g}°.",
            f"Give {field} in degrees between −{limit_deg:g} and {limit_deg:g}, or NaN where it was not seen.",
        )
    return values


def checked_amount(field: str, amount: ArrayLike) -> Float[np.ndarray, "..."]:
    """`amount` (a mass, a count) as floats, NaN allowed.

    Raises:
        MethodInputError: an amount is negative or infinite; names `field`.
    """
    values = _numbers(field, amount)
    wrong = (values < 0) | np.isinf(values)
    if np.any(wrong):
        raise MethodInputError(
            f"{field} is {values[wrong].flat[0]:g}.", f"Give {field} as a number that is not negative."
        )
    return values


def checked_flag(field: str, flag: Flag) -> Points:
    """`flag` as 1, 0 or NaN.

    Raises:
        MethodInputError: a value is neither yes nor no; names `field`.
    """
    return checked_points(field, flag, 0, 1)


def banded(angle: Float[np.ndarray, "..."], *bands: tuple[Float[np.ndarray, "..."] | np.ndarray, int]) -> Points:
    """Points of the first band whose condition holds; NaN where `angle` is NaN.

    The bands must cover every angle; one that is in none of them is a mistake in the method's module.
    """
    conditions = [np.isnan(angle), *(condition for condition, _ in bands)]
    values = [np.nan, *(float(points) for _, points in bands)]
    return np.select(conditions, values, default=np.inf)[()]


def look_up(values: np.ndarray, *points: Points) -> Points:
    """`values` at `points` (1 is the first row), each checked before; NaN where any of them is NaN."""
    place: Points = points[0] - 1.0
    for size, other in zip(values.shape[1:], points[1:], strict=True):  # NaN spreads through the sum
        place = place * size + (other - 1.0)
    unknown = np.isnan(place)
    if not np.any(unknown):
        return values.ravel()[np.asarray(place, dtype=np.intp)].astype(np.float64)[()]
    index = np.where(unknown, 0, place).astype(np.intp)
    return np.where(unknown, np.nan, values.ravel()[index])[()]


def level_of(total: Points, lowest_totals: tuple[int, ...], first_level: int) -> Points:
    """The action level: `first_level` plus how many of `lowest_totals` (after the first) `total` has reached."""
    level = first_level - 1.0 + np.searchsorted(lowest_totals, total, side="right")
    return np.where(np.isnan(total), np.nan, level)[()]


def _numbers(field: str, values: ArrayLike) -> Float[np.ndarray, "..."]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MethodInputError(
            f"{field} is not a number: {values!r}.", f"Give {field} as numbers; NaN stands for unknown."
        ) from error
