"""OWAS, Ovako Working posture Analysing System (Karhu, Kansi & Kuorinka, Applied Ergonomics 8(4), 1977, 199–201).

First the code of each part from angles, then the category of the four codes together; how often a posture of one
part may occur is a table of its own. All functions take numbers or arrays that broadcast; NaN in gives NaN out,
"not assessed".

Codes name postures, they do not rank them: a higher code can have a lower category.
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
    banded,
    broadcasting,
    checked_amount,
    checked_angle,
    checked_flag,
    checked_points,
    look_up,
    table,
)

Part: TypeAlias = Literal["back", "arms", "legs"]
PARTS: tuple[Part, ...] = ("back", "arms", "legs")

BENT_DEG = 20.0
"""A back inclined further than this is bent (later descriptions of the method; the paper draws it)."""
SHOULDER_LEVEL_DEG = 90.0
"""An upper arm raised this far from the vertical has its elbow at shoulder level."""
KNEE_BENT_DEG = 30.0
"""A knee bent further than this is bent (an angle of 150° between thigh and shank, as in Ergonautas)."""

LOWEST_TOTALS = (1, 2, 3, 4)
"""The category is the action level."""
RISK_STEPS = (0, 2, 3, 4)
"""Categories 1–4 on the common scale 0 negligible … 4 very high (wording of the categories against REBA's)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwasScore:
    """Result of :func:`score`; every field has the shape the inputs broadcast to, NaN where not assessed.

    `code` is the four digits back, arms, legs, load (2151 is 2, 1, 5, 1); `total` and `level` are the category 1–4.
    """

    code: Points
    total: Points
    level: Points


def back_points(flexion_deg: ArrayLike, *, sideways: Flag = False) -> Points:
    """Code 1–4 of the back: 1 straight, 2 bent forward or backward, 3 `sideways` (twisted or bent to the side), 4 both.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    bend = np.abs(checked_angle("back flexion_deg", flexion_deg))
    base = banded(bend, (bend > BENT_DEG, 2), (bend <= BENT_DEG, 1))
    return base + 2.0 * checked_flag("sideways", sideways)


def arms_points(left_elevation_deg: ArrayLike, right_elevation_deg: ArrayLike) -> Points:
    """Code 1–3 of the arms: 1 both below shoulder level, 2 one at or above it, 3 both; elevation is from the vertical.

    Raises:
        MethodInputError: an angle is no angle in degrees.
    """
    raised = 1.0
    for name, elevation_deg in (("left", left_elevation_deg), ("right", right_elevation_deg)):
        elevation = checked_angle(f"{name} arm elevation_deg", elevation_deg)
        raised = raised + banded(
            elevation, (elevation >= SHOULDER_LEVEL_DEG, 1), (elevation < SHOULDER_LEVEL_DEG, 0)
        )  # fmt: skip
    return raised


def legs_points(
    bearing_knee_deg: ArrayLike,
    other_knee_deg: ArrayLike,
    *,
    one_leg: Flag = False,
    sitting: Flag = False,
    kneeling: Flag = False,
    walking: Flag = False,
) -> Points:
    """Code 1–7 of the legs from the knee that bears more of the weight, and the other one.

    1 sitting, 6 kneeling, 7 walking, in this order; else standing: 2 on two straight legs, 3 on one straight leg, 4 on
    two bent legs, 5 on one bent leg.

    Raises:
        MethodInputError: an angle is no angle in degrees, or a flag neither yes nor no.
    """
    bearing = checked_angle("bearing knee_deg", bearing_knee_deg)
    other = checked_angle("other knee_deg", other_knee_deg)
    lone = checked_flag("one_leg", one_leg)
    sits, kneels, walks = (
        checked_flag(name, flag) for name, flag in (("sitting", sitting), ("kneeling", kneeling), ("walking", walking))
    )
    bent = bearing > KNEE_BENT_DEG
    uneven = (lone == 1) | ((other > KNEE_BENT_DEG) != bent)
    unknown = np.isnan(bearing) | np.isnan(lone) | (np.isnan(other) & (lone != 1))
    standing = np.where(unknown, np.nan, 2.0 + 2.0 * bent + uneven)
    # an unknown state could still be the one that goes before
    return np.select(
        [np.isnan(sits), sits == 1, np.isnan(kneels), kneels == 1, np.isnan(walks), walks == 1],
        [np.nan, 1.0, np.nan, 6.0, np.nan, 7.0],
        default=standing,
    )[()]


def load_points(load_kg: ArrayLike) -> Points:
    """Code 1–3 of the load: 1 up to 10 kg, 2 up to 20 kg, 3 beyond.

    Raises:
        MethodInputError: the load is negative.
    """
    load = checked_amount("load_kg", load_kg)
    return banded(load, (load > 20, 3), (load > 10, 2), (load <= 10, 1))


@broadcasting
def score(*, back: ArrayLike, arms: ArrayLike, legs: ArrayLike, load: ArrayLike = 1) -> OwasScore:
    """Code and category of a posture; arguments broadcast.

    Raises:
        MethodInputError: a code outside the range of its part; names it.
    """
    codes = (
        checked_points("back", back, 1, 4),
        checked_points("arms", arms, 1, 3),
        checked_points("legs", legs, 1, 7),
        checked_points("load", load, 1, 3),
    )
    category = look_up(table("owas", "table_category"), *codes)
    code = 1000.0 * codes[0] + 100.0 * codes[1] + 10.0 * codes[2] + codes[3]
    return OwasScore(code=code, total=category, level=level(category))


def time_category(part: Part, code: ArrayLike, share_of_time: ArrayLike) -> Points:
    """Category 1–4 of a posture of one part from the share of the time (0 to 1) it is taken in.

    A share on an edge takes the column it closes: 10 % is the first column.

    Raises:
        MethodInputError: no such part, a code outside its range, or a share that is none.
    """
    if part not in PARTS:
        raise MethodInputError(f"part is {part!r}.", f"Give part as one of {', '.join(PARTS)}.")
    values = table("owas", f"table_time_{part}")
    share = checked_amount("share_of_time", share_of_time)
    if np.any(share > 1 + 1e-9):
        raise MethodInputError(f"share_of_time is {np.nanmax(share):g}.", "Give the share of the time from 0 to 1.")
    column = np.clip(np.ceil(share * 10 - 1e-9), 1, 10)
    return look_up(values, checked_points(part, code, 1, len(values)), column)


def level(total: ArrayLike) -> Points:
    """The action level of a category, which is the category.

    Raises:
        MethodInputError: the category is none from 1 to 4.
    """
    return checked_points("total", total, 1, 4)[()]


def risk_step(total: ArrayLike) -> Points:
    """The category on the common scale 0 negligible … 4 very high.

    Raises:
        MethodInputError: the category is none from 1 to 4.
    """
    return look_up(np.array(RISK_STEPS), level(total))
