"""Thumbnails: who was tracked, and the worst moments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from ergo.errors import StorageFull

_PORTRAIT_MARGIN = 0.12
_JPEG_QUALITY = 82


def crop(
    rgb: UInt8[np.ndarray, "H W 3"], bbox_px: tuple[float, float, float, float], scale: float
) -> UInt8[np.ndarray, "h w 3"]:
    """The part of a picture around a box given in displayed pixels; `scale` is picture pixels per displayed pixel."""
    height, width = rgb.shape[:2]
    x, y, w, h = (value * scale for value in bbox_px)
    margin = _PORTRAIT_MARGIN * max(w, h)
    x0, y0 = max(0, int(x - margin)), max(0, int(y - margin))
    x1, y1 = min(width, int(x + w + margin) + 1), min(height, int(y + h + margin) + 1)
    return rgb[y0:y1, x0:x1] if x1 > x0 and y1 > y0 else rgb


def write_jpeg(path: Path, rgb: UInt8[np.ndarray, "H W 3"], max_side_px: int) -> None:
    """Write a picture, made smaller when a side is longer than `max_side_px`.

    Raises:
        StorageFull: it could not be written.
    """
    import cv2  # noqa: PLC0415  the page, which names these files, need not load it

    shrink = max_side_px / max(rgb.shape[:2])
    if shrink < 1:
        rgb = cv2.resize(rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    bgr = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]):
        raise StorageFull(f"The picture {path.name} could not be written.", "Free some disk space and try again.")
