"""Time series with holes: which frames are there, bridging short gaps, smoothing without mixing across long ones."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import gaussian_filter1d

MAX_GAP_S = 0.3
"""Longest gap that is bridged: a posture can change within half a second, so a longer one stays unknown."""


def complete(values: Float[np.ndarray, "T *d"]) -> Bool[np.ndarray, "T"]:
    """Frames of which every number is there."""
    return np.asarray(np.isfinite(values.reshape(len(values), -1)).all(axis=1))


def bridge_gaps(
    values: Float[np.ndarray, "T *d"], timestamps_s: Float[np.ndarray, "T"]
) -> tuple[Float[np.ndarray, "T *d"], Bool[np.ndarray, "T"]]:
    """Linear interpolation over missing (NaN) frames no more than :data:`MAX_GAP_S` from both neighbours.

    Returns the values and the mask of frames that now have one.
    """
    flat = values.reshape(len(values), -1)
    known = np.flatnonzero(complete(flat))
    filled = flat.astype(float, copy=True)
    if len(known) == 0:
        return filled.reshape(values.shape), np.zeros(len(values), dtype=bool)
    gap = np.diff(timestamps_s[known])
    for left, right, width_s in zip(known[:-1], known[1:], gap, strict=True):
        if right - left > 1 and width_s <= MAX_GAP_S:
            weight = (timestamps_s[left + 1 : right] - timestamps_s[left]) / width_s
            filled[left + 1 : right] = flat[left] + weight[:, None] * (flat[right] - flat[left])
    return filled.reshape(values.shape), complete(filled)


def smooth(
    values: Float[np.ndarray, "T *d"], timestamps_s: Float[np.ndarray, "T"], sd_s: float
) -> Float[np.ndarray, "T *d"]:
    """Gaussian over time within each run of valid frames; runs are never mixed across a gap."""
    step_s = float(np.median(np.diff(timestamps_s))) if len(timestamps_s) > 1 else 1.0
    smoothed = values.astype(float, copy=True)
    for run in runs(complete(values)):
        smoothed[run] = gaussian_filter1d(values[run].astype(float), sd_s / step_s, axis=0, mode="nearest")
    return smoothed


def runs(mask: Bool[np.ndarray, "T"]) -> list[slice]:
    """Slices of consecutive true frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
