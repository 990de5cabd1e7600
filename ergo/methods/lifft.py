"""LiFFT, Lifting Fatigue Failure Tool (Gallagher, Sesek, Schall, Huangfu, Applied Ergonomics 63, 2017, 142–150).

Damage of the low back over a day from the load moment of each lift and how often it comes. The coefficients are those
of the authors' workbook (version 1.4.0), which takes the moment in foot-pounds.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ergo.methods.lookup import broadcasting, checked_amount, load

Values = Float[np.ndarray, "..."]

GRAVITY_M_S2 = 9.80665
NEWTON_METRES_A_FOOT_POUND = 1.3558179483


def moment_nm(load_kg: ArrayLike, lever_cm: ArrayLike) -> Values:
    """Moment of the load about the low back: weight times its largest horizontal distance from the hips.

    Raises:
        MethodInputError: a value is negative or no number; names it.
    """
    return checked_amount("load_kg", load_kg) * GRAVITY_M_S2 * checked_amount("lever_cm", lever_cm) / 100.0


@broadcasting
def damage(load_kg: ArrayLike, lever_cm: ArrayLike, repetitions_per_day: ArrayLike) -> Values:
    """Damage of a day by one task: damage of one lift, times the repetitions.

    The damage of several tasks is the sum of theirs (Palmgren–Miner).

    Raises:
        MethodInputError: a value is negative or no number; names it.
    """
    data = load("lifft")["damage_per_lift"]
    foot_pounds = moment_nm(load_kg, lever_cm) / NEWTON_METRES_A_FOOT_POUND
    per_lift = 10.0 ** (data["intercept"] + data["slope"] * foot_pounds)
    return per_lift * checked_amount("repetitions_per_day", repetitions_per_day)


def probability(damage_per_day: ArrayLike) -> Values:
    """Probability (0–1) that the job is one with high risk of low-back disorders; 0 for no damage."""
    data = load("lifft")["probability"]
    dose = checked_amount("damage_per_day", damage_per_day)
    log_dose = np.log10(dose, out=np.full(np.shape(dose), -np.inf), where=(dose > 0) | np.isnan(dose))
    return (1.0 / (1.0 + np.exp(-(data["intercept"] + data["slope"] * log_dose))))[()]


def level(damage_per_day: ArrayLike) -> Values:
    """1 below a probability of 25 %, 2 up to 50 %, 3 above."""
    chance = probability(damage_per_day)
    return np.where(np.isnan(chance), np.nan, 1.0 + (chance >= 0.25) + (chance > 0.5))[()]
