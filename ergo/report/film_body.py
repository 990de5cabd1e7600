"""The fitted body over a picture of the film, painted by risk: what ``assets/viewer/video_body.js`` does in the page.

Drawn without a graphics card: far triangles first, those that look away left out, each in one colour.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from jaxtyping import Float, UInt8

from ergo.report.film_mesh import FilmMesh
from ergo.report.filmed import cameras
from ergo.report.mesh import RISK_RGB
from ergo.report.stored import Stored

OPACITY: Final = 0.72
RISK_TINTS: Final = (0.0, 0.44, 0.6, 0.68, 0.76)
"""How much of a step's colour covers the clothes: as in ``assets/viewer/risk.js``."""

_GAMMA: Final = 2.2
_NEAREST_M: Final = 0.1
_FARTHEST_PX: Final = 30_000.0
_SUBPIXEL_BITS: Final = 4
_EDGE_PX: Final = 2
_RISK_LINEAR: Final = (RISK_RGB / 255.0) ** _GAMMA
_KEY_RGB: Final = 0.9 * np.array([1.0, 0.97, 0.93])
_GROUND_RGB, _SKY_RGB = np.array([0.27, 0.26, 0.26]), np.array([0.60, 0.63, 0.67])
_LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722])


class FilmBody:
    """Draws the body of one result."""

    def __init__(self, stored: Stored) -> None:
        self._mesh = FilmMesh(dict(stored.arrays))
        self._cameras = cameras(stored)
        video = stored.meta["video"]
        self._focal = stored.meta["gravity"]["focal_px"] / np.array([video["width_px"], video["height_px"]])
        self._cloth = self._mesh.rgb**_GAMMA
        self._shade = 0.9 + 0.5 * self._cloth @ _LUMINANCE

    def draw(
        self, rgb: UInt8[np.ndarray, "H W 3"], frames: tuple[int, int], part: float, steps: UInt8[np.ndarray, "R"]
    ) -> None:
        """Draw it into the picture, `part` of the way between two frames; nothing where it is not known from where."""
        camera = (1 - part) * self._cameras[frames[0]] + part * self._cameras[frames[1]]
        if not np.isfinite(camera).all():
            return
        corners = self._mesh.posed(*frames, part) @ camera[:, :3].T + camera[:, 3]
        triangles = corners[self._mesh.faces]
        normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        towards = (normals * triangles[:, 0]).sum(axis=1) < 0
        shown = np.flatnonzero(towards & (triangles[..., 2] > _NEAREST_M).all(axis=1))
        shown = shown[np.argsort(-triangles[shown, :, 2].sum(axis=1))]
        size = np.array([rgb.shape[1], rgb.shape[0]])
        pixels = (triangles[shown, :, :2] / triangles[shown, :, 2:] * self._focal + 0.5) * size - 0.5
        middles = triangles[shown].mean(axis=1)
        colours = self._colours(shown, self._mesh.smooth(normals)[shown], middles, camera[:, 1], steps)
        _lay(rgb, np.clip(pixels, -_FARTHEST_PX, _FARTHEST_PX), colours)

    def _colours(
        self,
        shown: np.ndarray,
        normals: Float[np.ndarray, "f 3"],
        middles_m: Float[np.ndarray, "f 3"],
        up: Float[np.ndarray, "3"],
        steps: UInt8[np.ndarray, "R"],
    ) -> UInt8[np.ndarray, "f 3"]:
        """The light of the page: a key up and to the left of the camera, sky and ground, darker rims."""
        step = steps[self._mesh.regions[shown]]  # of each corner, so that the seam of two regions is soft
        tint = np.array(RISK_TINTS)[step][..., None]
        risk = (tint * _RISK_LINEAR[step]).mean(axis=1)
        albedo = (1 - tint.mean(axis=1)) * self._cloth[shown] + risk * self._shade[shown, None]
        key = np.array([-0.48, 0.0, -0.62]) + 0.62 * up
        lit = np.maximum(normals @ (key / np.linalg.norm(key)), 0.0)[:, None]
        sky = (0.5 + 0.5 * normals @ up)[:, None]
        eye = middles_m / np.linalg.norm(middles_m, axis=1, keepdims=True)
        rim = 1.0 - np.abs((normals * eye).sum(axis=1))[:, None]
        light = _KEY_RGB * lit + (1 - sky) * _GROUND_RGB + sky * _SKY_RGB
        colour = np.clip(albedo * light * (1 - 0.32 * rim**3), 0.0, 1.0) ** (1 / _GAMMA)
        return np.rint(255 * colour).astype(np.uint8)


def _lay(
    rgb: UInt8[np.ndarray, "H W 3"], pixels: Float[np.ndarray, "f 3 2"], colours: UInt8[np.ndarray, "f 3"]
) -> None:
    """Lay triangles, the farthest first, half transparent over the picture as one sheet with soft edges."""
    import cv2  # noqa: PLC0415  the page, which lists the formats, need not load it

    if len(pixels) == 0:
        return
    low = np.maximum(np.floor(pixels.min(axis=(0, 1))).astype(int) - _EDGE_PX, 0)
    high = np.minimum(np.ceil(pixels.max(axis=(0, 1))).astype(int) + _EDGE_PX + 1, [rgb.shape[1], rgb.shape[0]])
    if (high <= low).any():
        return
    sheet = np.zeros((high[1] - low[1], high[0] - low[0], 4), np.uint8)
    places = np.rint((pixels - low) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    paints: list[Any] = np.column_stack([colours, np.full(len(colours), 255, np.uint8)]).tolist()
    for triangle, paint in zip(places, paints, strict=True):
        cv2.fillConvexPoly(sheet, triangle, paint, cv2.LINE_8, _SUBPIXEL_BITS)
    soft = cv2.GaussianBlur(sheet, (3, 3), 0).astype(np.float32)
    under = rgb[low[1] : high[1], low[0] : high[0]]
    under[...] = np.rint(under * (1 - OPACITY / 255 * soft[..., 3:]) + OPACITY * soft[..., :3]).astype(np.uint8)
