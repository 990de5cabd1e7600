"""Angles as they might truly be: the measured ones plus errors of their standard deviation, drawn at random.

Errors of a fitted body are not white: about half of their variance stays the same over a clip (the network sees
this person from this side a little wrong), the rest wanders within a fraction of a second. Both were measured on
the clips with known joints (docs/accuracy.md). Angles that share a limb share its error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from ergo.types import SIDES, JointAngles

CONSTANT_SHARE = 0.5
"""Share of an error's variance that stays over a clip (measured: 0.40 knee … 0.59 elbow)."""
CORRELATION_S = 0.3
"""Time after which the wandering rest has lost two thirds of its memory (measured: 0.1 to 0.5 s)."""
_PLANE_FLOOR = 0.25
"""Sine of the elevation below which the plane of an arm is not turned any further: near hanging it has none."""

_SOURCES: tuple[tuple[str, ...], ...] = (
    ("trunk_flexion", "trunk_inclination"),
    ("trunk_side_bend",),
    ("trunk_twist",),
    ("neck_flexion", "head_inclination"),
    ("neck_side_bend",),
    ("neck_twist",),
    *(
        tuple(f"{side}_{part}" for part in parts)
        for side in SIDES
        for parts in (
            ("shoulder_elevation", "arm_elevation_gravity"),
            ("shoulder_abduction",),
            ("shoulder_raised_cm",),
            ("elbow_flexion",),
            ("wrist_flexion",),
            ("wrist_deviation",),
            ("forearm_rotation",),
            ("hip_flexion",),
            ("knee_flexion",),
            ("hand_across_cm", "hand_out_cm"),
        )
    ),
)
"""Angles whose errors are one error: trunk bend in two readings, an arm against trunk and against gravity."""

_UNSIGNED = ("trunk_inclination", *(f"{s}_{p}" for s in SIDES for p in ("elbow_flexion", "knee_flexion")))


def perturbed(angles: JointAngles, count: int, seed: int = 0) -> Iterator[JointAngles]:
    """`count` versions of `angles`, each with its own errors; what is not seen stays unseen.

    An arm's error tilts it (elevation) and turns its plane; flexion and abduction follow from both.
    """
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield _version(angles, rng)


def _version(angles: JointAngles, rng: np.random.Generator) -> JointAngles:
    values = angles.values_deg.copy()
    column = {name: index for index, name in enumerate(angles.names)}
    errors = np.zeros_like(values)
    drawn = standard_errors(angles.timestamps_s, len(_SOURCES), rng)
    for source, names in enumerate(_SOURCES):
        for name in names:
            errors[:, column[name]] = drawn[:, source] * angles.sd_deg[:, column[name]]
    for name, index in column.items():
        if name == "trunk_inclination":  # leans further where the flexion does
            errors[:, index] *= np.where(values[:, column["trunk_flexion"]] < 0, -1.0, 1.0)
        if not name.endswith(("shoulder_flexion", "shoulder_abduction")):
            values[:, index] += errors[:, index]
    for name in _UNSIGNED:
        values[:, column[name]] = np.abs(values[:, column[name]])
    for side in SIDES:
        _turn_arm(values, angles.values_deg, errors, {key: column[f"{side}_{key}"] for key in _ARM})
    return replace(angles, values_deg=values)


_ARM = ("shoulder_flexion", "shoulder_abduction", "shoulder_elevation", "arm_elevation_gravity")


def _turn_arm(values: np.ndarray, measured: np.ndarray, errors: np.ndarray, at: dict[str, int]) -> None:
    """Flexion and abduction of an arm whose elevation has already been moved."""
    for name in ("shoulder_elevation", "arm_elevation_gravity"):
        values[:, at[name]] = np.abs(values[:, at[name]])
    elevation = values[:, at["shoulder_elevation"]]
    flexion, abduction = measured[:, at["shoulder_flexion"]], measured[:, at["shoulder_abduction"]]
    plane_sd = np.maximum(np.abs(np.sin(np.radians(elevation))), _PLANE_FLOOR)
    plane = np.arctan2(abduction, flexion) + np.radians(errors[:, at["shoulder_abduction"]]) / plane_sd
    told = (flexion != 0) | (abduction != 0)
    values[:, at["shoulder_flexion"]] = np.where(told, elevation * np.cos(plane), flexion)
    values[:, at["shoulder_abduction"]] = np.where(told, elevation * np.sin(plane), abduction)


def standard_errors(
    timestamps_s: Float[np.ndarray, "T"], count: int, rng: np.random.Generator
) -> Float[np.ndarray, "T count"]:
    """Independent errors over time with a standard deviation of 1: a constant part and one that wanders."""
    steps_s = np.diff(timestamps_s, prepend=-np.inf)
    memory = np.exp(-steps_s / CORRELATION_S)
    wander = rng.standard_normal((len(timestamps_s), count)) * np.sqrt(1.0 - memory**2)[:, None]
    for frame in range(1, len(timestamps_s)):
        wander[frame] += memory[frame] * wander[frame - 1]
    return np.sqrt(CONSTANT_SHARE) * rng.standard_normal(count) + np.sqrt(1.0 - CONSTANT_SHARE) * wander
