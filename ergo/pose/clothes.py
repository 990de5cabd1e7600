"""The colours somebody wears: a cheap second opinion on who is who where paths cross.

Median colours of shirt and trousers, read at a few dozen points. They tell a blue overall from a red one; two people in
the same overall look alike, and then nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.landmarks import LANDMARK
from ergo.pose.estimator import Detection

_SEEN = 0.3
_DIFFERENT = 25.0  # grey values, root mean square over shirt and trousers
_CLEARLY = 0.5
_ALIKE = 15.0
_TRUNK = [LANDMARK[name] for name in ("left_shoulder", "right_shoulder", "left_hip", "right_hip")]
_THIGHS = [(LANDMARK[f"{side}_hip"], LANDMARK[f"{side}_knee"]) for side in ("left", "right")]
_ACROSS = np.linspace(0.2, 0.8, 5)
_DOWN, _ALONG = np.meshgrid(_ACROSS, _ACROSS)
_FEWEST = 0.6

Colours = Float[np.ndarray, "6"]


def colours(rgb: UInt8[np.ndarray, "H W 3"], detection: Detection) -> Colours:
    """Median red, green, blue of the shirt, then of the trousers; NaN for what is not seen."""
    corners = detection.xy_px[_TRUNK].astype(float)
    top = corners[0] + _ALONG[..., None] * (corners[1] - corners[0])
    bottom = corners[2] + _ALONG[..., None] * (corners[3] - corners[2])
    shirt = (top + _DOWN[..., None] * (bottom - top)).reshape(-1, 2)
    legs = [
        detection.xy_px[hip] + _ACROSS[:, None] * (detection.xy_px[knee] - detection.xy_px[hip])
        for hip, knee in _THIGHS
        if min(detection.confidence[hip], detection.confidence[knee]) >= _SEEN
    ]
    trunk_seen = detection.confidence[_TRUNK].min() >= _SEEN
    return np.concatenate(
        [
            _median(rgb, shirt) if trunk_seen else np.full(3, np.nan),
            _median(rgb, np.concatenate(legs)) if legs else np.full(3, np.nan),
        ]
    )


def _median(rgb: UInt8[np.ndarray, "H W 3"], points_px: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, "3"]:
    height, width = rgb.shape[:2]
    x, y = np.round(points_px).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    if inside.mean() < _FEWEST:
        return np.full(3, np.nan)
    return np.median(rgb[y[inside], x[inside]], axis=0)


def difference(one: Colours, other: Colours) -> float:
    """Root mean square over what both show; NaN when they have nothing in common."""
    squares = (one - other) ** 2
    known = np.isfinite(squares)
    return float(np.sqrt(squares[known].mean())) if known.any() else np.nan


def somebody_else(seen: Colours, own: Colours, others: Sequence[Colours]) -> bool:
    """Whether what is seen differs from one's own clothes and is clearly more like somebody else's."""
    apart = difference(seen, own)
    return apart > _DIFFERENT and any(difference(seen, other) < _CLEARLY * apart for other in others)


def only_this_one(seen: Colours, own: Colours, others: Sequence[Colours]) -> bool:
    """Whether what is seen looks like one's own clothes and like nobody else's."""
    return difference(seen, own) < _ALIKE and not any(difference(seen, other) < _DIFFERENT for other in others)
