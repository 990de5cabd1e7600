"""Angles as they might truly be: the measured ones plus errors of their standard deviation, drawn at random.

A drawn error keeps its sign and its size in standard deviations over the film. About half of the true errors' variance
does that anyway (docs/accuracy.md); the rest wanders within a fraction of a second, and the measured angles have it
already: to add it once more would not change the spread in any one frame, but would raise every peak, because a peak
picks the highest of many values. Angles that share a limb share its error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from ergo.types import SIDES, JointAngles

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


def drawn_errors(count: int, seed: int = 0) -> Float[np.ndarray, "count sources"]:
    """Errors of `count` versions, in standard deviations."""
    return np.random.default_rng(seed).standard_normal((count, len(_SOURCES)))


def perturbed(angles: JointAngles, drawn: Float[np.ndarray, "count sources"]) -> Iterator[JointAngles]:
    """Versions of `angles`, each with its own errors (:func:`drawn_errors`); what is not seen stays unseen.

    An arm's error tilts it (elevation) and turns its plane; flexion and abduction follow from both.
    """
    for errors in drawn:
        yield _version(angles, errors)


def leaning(angles: JointAngles, forward_deg: float) -> JointAngles:
    """`angles` as they would be with gravity turned so that everybody leans `forward_deg` further forward."""
    values = angles.values_deg.copy()
    column = {name: index for index, name in enumerate(angles.names)}
    backward = values[:, column["trunk_flexion"]] < 0
    for name in ("trunk_flexion", "head_inclination"):
        values[:, column[name]] += forward_deg
    inclination = values[:, column["trunk_inclination"]] + np.where(backward, -forward_deg, forward_deg)
    values[:, column["trunk_inclination"]] = np.abs(inclination)
    return replace(angles, values_deg=values)


def _version(angles: JointAngles, drawn: Float[np.ndarray, "sources"]) -> JointAngles:
    values = angles.values_deg.copy()
    column = {name: index for index, name in enumerate(angles.names)}
    errors = np.zeros_like(values)
    for source, names in enumerate(_SOURCES):
        for name in names:
            errors[:, column[name]] = drawn[source] * angles.sd_deg[:, column[name]]
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
