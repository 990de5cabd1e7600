"""Colours and materials drawn at random."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, field

import numpy as np

from scenes.raster import MATERIAL_TERMS


def linear(srgb: np.ndarray) -> np.ndarray:
    """Linear light of sRGB values 0 to 255."""
    value = np.asarray(srgb, float) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def cloth(rng: np.random.Generator) -> np.ndarray:
    """A colour that clothes and things have: greys, blues, browns, now and then a bright one (linear)."""
    kind = rng.random()
    if kind < 0.3:
        return linear(np.full(3, rng.uniform(25, 235)) + rng.normal(0, 6, 3))
    if kind < 0.55:
        hue, saturation, value = rng.uniform(0.55, 0.68), rng.uniform(0.3, 0.8), rng.uniform(0.2, 0.75)
    elif kind < 0.7:
        hue, saturation, value = rng.uniform(0.05, 0.12), rng.uniform(0.2, 0.6), rng.uniform(0.25, 0.8)
    else:
        hue, saturation, value = rng.random(), rng.uniform(0.4, 1.0), rng.uniform(0.3, 1.0)
    return linear(255 * np.array(colorsys.hsv_to_rgb(hue, saturation, value)))


@dataclass(frozen=True)
class Palette:
    """The materials of one scene, in the order of ``Material`` in ``raster.c``; they grow as things are added."""

    rows: list[list[float]] = field(default_factory=list)

    def add(
        self,
        rng: np.random.Generator,
        *,
        grain: float | None = None,
        grain_per_m: float | None = None,
        striped: float = 0.0,
        upright: bool = False,
        gloss: float = 0.0,
    ) -> int:
        """A material; returns its row.

        Args:
            rng: draws what is not given.
            grain: brightness noise.
            grain_per_m: how fine it is.
            striped: probability of stripes; `upright`: stripes across the vertical.
            gloss: strength of highlights.
        """
        stripes = float(rng.uniform(2, 14)) if rng.random() < striped else 0.0
        self.rows.append(
            [
                float(rng.uniform(0.05, 0.4)) if grain is None else grain,
                float(rng.choice([6, 15, 35])) if grain_per_m is None else grain_per_m,
                stripes,
                float(rng.uniform(0.05, 0.5)),
                1.0 if upright else float(rng.integers(0, 3)),
                *map(float, cloth(rng)),
                gloss,
            ]
        )
        return len(self.rows) - 1

    def array(self) -> np.ndarray:
        """float32[M, 9]."""
        return np.array(self.rows, np.float32).reshape(-1, MATERIAL_TERMS)
