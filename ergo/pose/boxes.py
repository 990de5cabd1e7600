"""Upright boxes in a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, slots=True)
class Box:
    """A box in pixels of the picture it belongs to: left, top, width, height."""

    x_px: float
    y_px: float
    width_px: float
    height_px: float

    @staticmethod
    def around(xy_px: Float[np.ndarray, "N 2"]) -> Box:
        """The smallest box that holds the points."""
        low, high = xy_px.min(axis=0), xy_px.max(axis=0)
        return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))

    @property
    def side_px(self) -> float:
        """The longer side."""
        return max(self.width_px, self.height_px)

    @property
    def centre_px(self) -> tuple[float, float]:
        """The middle point."""
        return self.x_px + self.width_px / 2, self.y_px + self.height_px / 2

    def grown(self, factor: float) -> Box:
        """The square about the same centre whose side is `factor` times the longer side."""
        side = self.side_px * factor
        x, y = self.centre_px
        return Box(x - side / 2, y - side / 2, side, side)

    def clipped(self, width_px: int, height_px: int) -> Box:
        """The part inside a picture of the given size, in whole pixels; may be empty."""
        left, top = (int(np.clip(v, 0, top)) for v, top in ((self.x_px, width_px), (self.y_px, height_px)))
        right = int(np.clip(np.ceil(self.x_px + self.width_px), 0, width_px))
        bottom = int(np.clip(np.ceil(self.y_px + self.height_px), 0, height_px))
        return Box(left, top, max(right - left, 0), max(bottom - top, 0))

    def contains(self, other: Box) -> bool:
        """Whether `other` lies inside, edges included."""
        return (
            self.x_px <= other.x_px
            and self.y_px <= other.y_px
            and other.x_px + other.width_px <= self.x_px + self.width_px
            and other.y_px + other.height_px <= self.y_px + self.height_px
        )

    @property
    def area_px2(self) -> float:
        """Width times height."""
        return self.width_px * self.height_px

    def shared_px2(self, other: Box) -> float:
        """Area of the common part."""
        width = min(self.x_px + self.width_px, other.x_px + other.width_px) - max(self.x_px, other.x_px)
        height = min(self.y_px + self.height_px, other.y_px + other.height_px) - max(self.y_px, other.y_px)
        return max(width, 0.0) * max(height, 0.0)

    def overlap(self, other: Box) -> float:
        """Shared area over joint area, 0 to 1."""
        shared = self.shared_px2(other)
        joint = self.area_px2 + other.area_px2 - shared
        return shared / joint if joint > 0 else 0.0

    def share_inside(self, other: Box) -> float:
        """How much of this box lies in `other`, 0 to 1."""
        return self.shared_px2(other) / self.area_px2 if self.area_px2 > 0 else 0.0
