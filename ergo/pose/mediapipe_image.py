"""Pictures as MediaPipe's tasks take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

if TYPE_CHECKING:
    from mediapipe import Image


def mediapipe_image(rgb: UInt8[np.ndarray, "H W 3"]) -> Image:
    """The picture, copied only where its rows do not lie one behind the other."""
    from mediapipe import Image, ImageFormat  # noqa: PLC0415  heavy, and only where pictures are looked at

    return Image(image_format=ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
