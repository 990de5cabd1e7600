"""Rotations built from directions. Conversions between representations are scipy's ``Rotation``.

All functions broadcast over leading dimensions; vectors are the last axis, matrices the last two.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

_TINY = 1e-12


def unit(v: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
    """`v` at length one; NaN where its length is zero."""
    length = np.linalg.norm(v, axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(length > _TINY, v / length, np.nan)


def angle_between_deg(a: Float[np.ndarray, "*n 3"], b: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n"]:
    """Unsigned angle between two directions, 0 to 180 degrees.

    Uses atan2 of cross and dot, which keeps its precision near 0 and 180 where arccos loses it.
    """
    cross = np.linalg.norm(np.cross(a, b), axis=-1)
    return np.degrees(np.arctan2(cross, np.sum(a * b, axis=-1)))


def reject(v: Float[np.ndarray, "*n 3"], axis: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
    """The part of `v` perpendicular to the unit vector `axis`."""
    return v - axis * np.sum(v * axis, axis=-1, keepdims=True)


def skew(v: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3 3"]:
    """The matrix of the cross product with `v`."""
    x, y, z = np.moveaxis(np.asarray(v), -1, 0)
    zero = np.zeros_like(x)
    return np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)


def rotation_between(a: Float[np.ndarray, "*n 3"], b: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3 3"]:
    """The smallest rotation that turns direction `a` onto direction `b` (the swing).

    For opposite directions the axis is any one perpendicular to `a`.
    """
    a, b = np.broadcast_arrays(unit(a), unit(b))
    axis = np.cross(a, b)
    cos = np.sum(a * b, axis=-1)[..., None, None]
    k = skew(axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        regular = np.eye(3) + k + k @ k / (1.0 + cos)
    # Towards opposite directions 1 + cos runs out of digits; half turns about a and the middle of a and b do not.
    helper = np.where(np.abs(a[..., :1]) < 0.9, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    apart = np.linalg.norm(a + b, axis=-1, keepdims=True) > 1e-8
    middle = np.where(apart, unit(a + b), unit(np.cross(a, helper)))
    return np.where(cos < -1.0 + 1e-6, _half_turn(middle) @ _half_turn(a), regular)


def _half_turn(axis: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3 3"]:
    return 2.0 * axis[..., :, None] * axis[..., None, :] - np.eye(3)


def rotation_about(axis: Float[np.ndarray, "*n 3"], angle_rad: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 3 3"]:
    """Rotation by `angle_rad` about the unit vector `axis` (Rodrigues)."""
    k = skew(axis)
    angle = np.asarray(angle_rad)[..., None, None]
    return np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k)


def frame_from_axes(
    primary: Float[np.ndarray, "*n 3"], secondary: Float[np.ndarray, "*n 3"]
) -> Float[np.ndarray, "*n 3 3"]:
    """Right-handed frame with columns x, y, z: y along `primary`, x the part of `secondary` perpendicular to it."""
    y = unit(primary)
    x = unit(reject(secondary, y))
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def signed_angle_deg(
    a: Float[np.ndarray, "*n 3"], b: Float[np.ndarray, "*n 3"], axis: Float[np.ndarray, "*n 3"]
) -> Float[np.ndarray, "*n"]:
    """Angle in degrees (−180 to 180) from `a` to `b` about `axis`, after both are projected perpendicular to it."""
    n = unit(axis)
    pa, pb = reject(a, n), reject(b, n)
    return np.degrees(np.arctan2(np.sum(np.cross(pa, pb) * n, axis=-1), np.sum(pa * pb, axis=-1)))
