"""Sizes of pictures and choice of frames: plain arithmetic that both sides of the pipe agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # a decoder starts in half the time without it
    from jaxtyping import Float, Int

PREVIEW_MAX_SIDE_PX = 960
PREVIEW_MAX_FPS = 30.0


def fitted_size(width_px: int, height_px: int, max_side_px: int, *, even: bool = False) -> tuple[int, int]:
    """Width and height that fit in `max_side_px`, never enlarged.

    Reduced sizes are even, because colour is stored for 2 × 2 pixels; a picture that already fits keeps its
    size unless `even` asks for it.
    """
    scale = min(1.0, max_side_px / max(width_px, height_px))
    if scale == 1.0 and not even:
        return width_px, height_px
    return max(2, 2 * round(width_px * scale / 2)), max(2, 2 * round(height_px * scale / 2))


def displayed_size(width_px: int, height_px: int, pixel_aspect: float, rotation_deg: int) -> tuple[int, int]:
    """Size as displayed of a coded picture: square pixels, upright.

    `pixel_aspect` is width over height of one pixel; absurd ones are taken for a damaged header and ignored.
    """
    if 0.2 < pixel_aspect < 5.0:
        width_px = max(1, round(width_px * pixel_aspect))
    return (height_px, width_px) if rotation_deg in (90, 270) else (width_px, height_px)


def sampled_frames(timestamps_s: Float[np.ndarray, "frames"], rate_hz: float | None) -> Int[np.ndarray, "picked"]:
    """Indices of the frames nearest to the ticks of `rate_hz`, each once, rising; all of them for None.

    A video whose usual frame distance is already that of the ticks (within a tenth) is taken whole:
    a jittering clock must not lose frames to a tick that fell between two of them.
    """
    count = len(timestamps_s)
    if rate_hz is None or count < 2 or rate_hz * float(np.median(np.diff(timestamps_s))) > 0.9:
        return np.arange(count)
    ticks = np.arange(int(timestamps_s[-1] * rate_hz + 1e-6) + 1) / rate_hz
    return np.unique(nearest_frames(timestamps_s, ticks))


def nearest_frames(
    timestamps_s: Float[np.ndarray, "frames"], times_s: Float[np.ndarray, "times"]
) -> Int[np.ndarray, "times"]:
    """Index of the frame nearest to each time; the earlier one of two that are equally near."""
    after = np.clip(np.searchsorted(timestamps_s, times_s), 1, max(1, len(timestamps_s) - 1))
    if len(timestamps_s) < 2:
        return np.zeros(len(times_s), dtype=np.intp)
    before = after - 1
    nearer_before = times_s - timestamps_s[before] <= timestamps_s[after] - times_s
    return np.where(nearer_before, before, after)
