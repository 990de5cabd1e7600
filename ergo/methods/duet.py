"""DUET, Distal Upper Extremity Tool (Gallagher, Schall, Sesek, Huangfu, Human Factors 60(8), 2018, 1146–1162).

Damage of hand and forearm over a day from how hard each exertion is and how often it comes.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from ergo.methods.lookup import broadcasting, checked_amount, checked_points, load, look_up

Values = Float[np.ndarray, "..."]
LARGEST_EXERTION = 10


@broadcasting
def damage(exertion: ArrayLike, repetitions_per_day: ArrayLike) -> Values:
    """Damage of a day by one task: table 1 for the OMNI-RES exertion (0–10), times the repetitions.

    The damage of several tasks is the sum of theirs (equation 2).

    Raises:
        MethodInputError: an exertion that is no whole number from 0 to 10, or negative repetitions.
    """
    rating = checked_points("exertion", exertion, 0, LARGEST_EXERTION)
    return look_up(np.array(load("duet")["damage_per_cycle"]), rating + 1) * checked_amount(
        "repetitions_per_day", repetitions_per_day
    )


def probability(damage_per_day: ArrayLike) -> Values:
    """Probability (0–1) of an injury with pain in the last year (equations 6 and 7); 0 for no damage."""
    data = load("duet")
    dose = checked_amount("damage_per_day", damage_per_day)
    log_dose = np.log10(dose, out=np.full(np.shape(dose), -np.inf), where=(dose > 0) | np.isnan(dose))
    return (1.0 / (1.0 + np.exp(-(data["intercept"] + data["slope"] * log_dose))))[()]


def level(damage_per_day: ArrayLike) -> Values:
    """1 up to the paper's cut of 0.03, 2 above."""
    dose = checked_amount("damage_per_day", damage_per_day)
    return np.where(np.isnan(dose), np.nan, 1.0 + (dose > load("duet")["cut_point"]))[()]
