"""The smoothing of a person followed through a video, as MediaPipe does it.

The one-euro filter (Casiez, Roussel & Vogel, CHI 2012): what hardly moves is smoothed strongly, what moves fast hardly.
The values are those of ``pose_landmarks_detector_graph.cc``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ergo.pose.blazepose import Look

_FIRST_HZ = 30.0
_SPEED_CUTOFF_HZ = 1.0
_VISIBILITY_SHARE = 0.1
_PICTURE_CUTOFF_HZ, _PICTURE_BETA = 0.05, 80.0
_SPACE_CUTOFF_HZ, _SPACE_BETA = 0.1, 40.0


def _share(cutoff_hz: float | Float[np.ndarray, "*shape"], rate_hz: float) -> Float[np.ndarray, "*shape"]:
    """How much of a new value a low-pass filter takes."""
    return np.asarray(1 / (1 + rate_hz / (2 * np.pi * cutoff_hz)))


class OneEuro:
    """One filter for each number of an array.

    Args:
        cutoff_hz: cutoff for what does not move.
        beta: by how much speed raises it.
    """

    def __init__(self, cutoff_hz: float, beta: float) -> None:
        self._cutoff_hz, self._beta = cutoff_hz, beta
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._rate_hz, self._last_ms = _FIRST_HZ, 0
        self._raw: np.ndarray | None = None
        self._speed = self._smooth = np.zeros(0)

    def __call__(self, values: Float[np.ndarray, "*shape"], at_ms: int, scale: float) -> Float[np.ndarray, "*shape"]:
        """The values smoothed; `scale` makes their speed one in sizes a second. At 0 ms nothing is known yet."""
        if at_ms <= self._last_ms:
            return values
        if self._last_ms:
            self._rate_hz = 1000.0 / (at_ms - self._last_ms)
        self._last_ms = at_ms
        if self._raw is None:
            self._speed, self._smooth = np.zeros_like(values), values
        else:
            share = _share(_SPEED_CUTOFF_HZ, self._rate_hz)
            self._speed = share * (values - self._raw) * scale * self._rate_hz + (1 - share) * self._speed
            share = _share(self._cutoff_hz + self._beta * np.abs(self._speed), self._rate_hz)
            self._smooth = share * values + (1 - share) * self._smooth
        self._raw = values
        return self._smooth


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothed:
    """Landmarks of one person after smoothing: pixels, metres, visibility."""

    xy_px: Float[np.ndarray, "33 2"]
    xyz_m: Float[np.ndarray, "33 3"]
    visibility: Float[np.ndarray, "33"]


class LandmarkSmoother:
    """Smooths what successive looks at one person say.

    Somebody lost makes it forget pixels only: in MediaPipe's graph nothing tells the other two filters of it.
    """

    def __init__(self) -> None:
        self._picture = OneEuro(_PICTURE_CUTOFF_HZ, _PICTURE_BETA)
        self._space = OneEuro(_SPACE_CUTOFF_HZ, _SPACE_BETA)
        self._visibility: np.ndarray | None = None

    def lost(self) -> None:
        """Nobody was seen in a picture."""
        self._picture.reset()

    def __call__(self, look: Look, at_ms: int) -> Smoothed:
        """The landmarks of a look, smoothed."""
        before = look.visibility if self._visibility is None else self._visibility
        self._visibility = before + _VISIBILITY_SHARE * (look.visibility - before)
        return Smoothed(
            xy_px=self._picture(look.xy_px, at_ms, 1 / max(look.next_region.side_px, 1e-6)),
            xyz_m=self._space(look.xyz_m, at_ms, 1.0),
            visibility=self._visibility,
        )
