"""Discs of a picture reduced to a few colours, with a soft edge: enough to tell that there is a head, not whose."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # a decoder starts in half the time without it
    from jaxtyping import Float, UInt8

CELLS = 4
"""So many colours are left along each side of a disc's square."""
EDGE = 1.15
"""The picture is whole again at this many radii."""


def blur_discs(picture: UInt8[np.ndarray, "H W *C"], discs: Float[np.ndarray, "N 3"]) -> None:
    """Blur, in place, all that lies within discs given as x, y, radius in pixels of the picture.

    The square about a disc is averaged over 4 × 4 cells, which are blended into one another: within the disc nothing
    else is left of the picture. What a disc shows beyond the picture's edge is left out.
    """
    height, width = picture.shape[:2]
    for x, y, radius in discs:
        outer = radius * EDGE + 1.0
        columns, rows = _span(x, outer, width), _span(y, outer, height)
        if not (columns and rows):
            continue
        patch = picture[rows.start : rows.stop, columns.start : columns.stop]
        weight = _weight(x, y, radius, outer, columns, rows)
        across, down = (_flattened(len(span), _cells(len(span), outer)) for span in (columns, rows))
        planes = patch.reshape(*patch.shape[:2], -1)
        for channel in range(planes.shape[2]):
            before = planes[..., channel].astype(np.float32)
            flat = down @ before @ across.T
            planes[..., channel] = np.rint(before + weight * (flat - before)).astype(np.uint8)
        patch[...] = planes.reshape(patch.shape)


def _span(middle: float, reach: float, size: int) -> range:
    return range(max(0, math.floor(middle - reach)), min(size, math.ceil(middle + reach) + 1))


def _cells(pixels: int, outer: float) -> int:
    """As many cells as the part of the square that lies within the picture is worth."""
    return max(1, min(pixels, round(CELLS * pixels / (2 * outer + 1))))


def _weight(x: float, y: float, radius: float, outer: float, columns: range, rows: range) -> Float[np.ndarray, "h w"]:
    away = np.hypot(np.array(columns, np.float32)[None] - x, np.array(rows, np.float32)[:, None] - y)
    return np.clip((outer - away) / (outer - radius), 0.0, 1.0).astype(np.float32)


@lru_cache(maxsize=512)
def _flattened(pixels: int, cells: int) -> Float[np.ndarray, "pixels pixels"]:
    """What turns a row of pixels into the means over `cells` equal parts of it, blended linearly into one another."""
    bounds = np.linspace(0.0, pixels, cells + 1)
    at = np.arange(pixels)
    share = np.minimum(at[None] + 1, bounds[1:, None]) - np.maximum(at[None], bounds[:-1, None])
    means = np.clip(share, 0.0, 1.0) * (cells / pixels)
    place = (at + 0.5) * cells / pixels - 0.5
    blend = np.clip(1.0 - np.abs(np.clip(place, 0, cells - 1)[:, None] - np.arange(cells)[None]), 0.0, 1.0)
    return (blend @ means).astype(np.float32)
