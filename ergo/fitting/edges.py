"""Straight edges of the room in a few stills of a clip, as directions that do not depend on the pictures' size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, UInt8

from ergo.geometry.camera import rays
from ergo.geometry.rotations import unit

_LONG_SIDE_PX = 800
"""Pictures are shrunk to this before edges are looked for."""
_SHORTEST = 0.03
"""Shortest edge, in long sides of the picture; shorter ones are texture."""
_USUAL = 0.06
_MOST_USUAL = 4.0
"""An edge weighs by its length, up to this many usual edges."""
_END_SD_PX = 0.7
"""Spread of an edge's ends across it, in the shrunk picture."""
_LENS_SD_DEG = 0.35
"""Even a long edge is not straighter than the lens and the carpenter made it."""
_AROUND_PERSON = 0.03
"""Margin around a person's landmarks, in their height."""
_BLACK = 2
"""Grey value up to which a side of an edge is a black border (letter box), not a scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A picture from the clip in which edges are looked for, and where people are in it (x, y, width, height each).

    `R_ref_cam` turns this picture's camera frame into the one in which gravity is wanted; they differ when the
    camera turns during the clip.
    """

    rgb: UInt8[np.ndarray, "H W 3"]
    people_px: Float[np.ndarray, "P 4"] = field(default_factory=lambda: np.zeros((0, 4)))
    R_ref_cam: Float[np.ndarray, "3 3"] = field(default_factory=lambda: np.eye(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Edges of all stills together.

    `ends` are in focal lengths from the principal point, `weight` sums to about the number of edges in one still,
    `sd_rad` is the uncertainty of an edge's direction in the picture, `R_ref_cam` as in :class:`Still`.
    """

    ends: Float[np.ndarray, "E 2 2"]
    weight: Float[np.ndarray, "E"]
    sd_rad: Float[np.ndarray, "E"]
    R_ref_cam: Float[np.ndarray, "E 3 3"]

    def planes(self, log_focal: float = 0.0) -> tuple[Float[np.ndarray, "E 3"], Float[np.ndarray, "E 3"]]:
        """Unit normals of the planes through camera and edge, and unit rays to the edges' middles.

        `log_focal` is the logarithm of the true focal length over the one that the ends were made with.
        """
        z = np.full((*self.ends.shape[:2], 1), np.exp(log_focal))
        directions = np.einsum("eij,enj->eni", self.R_ref_cam, unit(np.concatenate([self.ends, z], axis=-1)))
        return unit(np.cross(directions[:, 0], directions[:, 1])), unit(directions.sum(axis=1))


def find_edges(stills: Sequence[Still], K: Float[np.ndarray, "3 3"]) -> Edges:
    """Edges in all the stills, without those on people or along black borders.

    `K` are the intrinsics of the stills' own pixels.
    """
    ends, length, turn = [np.zeros((0, 2, 2))], [np.zeros(0)], [np.zeros((0, 3, 3))]
    sd = [np.zeros(0)]
    for still in stills:
        found, long_side_px = _edges_of(still)
        length_px = np.linalg.norm(found[:, 1] - found[:, 0], axis=1)
        ends.append(rays(found, K)[..., :2])
        length.append(length_px / max(still.rgb.shape))
        turn.append(np.broadcast_to(still.R_ref_cam, (len(found), 3, 3)))
        sd.append(np.hypot(np.radians(_LENS_SD_DEG), _END_SD_PX / (length[-1] * long_side_px)))
    weight = np.minimum(np.concatenate(length) / _USUAL, _MOST_USUAL) / max(len(stills), 1)
    return Edges(ends=np.concatenate(ends), weight=weight, sd_rad=np.concatenate(sd), R_ref_cam=np.concatenate(turn))


def _edges_of(still: Still) -> tuple[Float[np.ndarray, "E 2 2"], int]:
    """Ends of the edges in the still's pixels, and the long side of the picture they were found in."""
    import cv2  # noqa: PLC0415  only this estimate needs it

    grey = cv2.cvtColor(np.ascontiguousarray(still.rgb), cv2.COLOR_RGB2GRAY)
    shrink = min(1.0, _LONG_SIDE_PX / max(grey.shape))
    if shrink < 1.0:
        grey = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    segments = cv2.createLineSegmentDetector().detect(grey)[0]
    if segments is None:
        return np.zeros((0, 2, 2)), max(grey.shape)
    ends = segments.reshape(-1, 2, 2).astype(float)
    ends = ends[np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) > _SHORTEST * max(grey.shape)]
    ends = ends[~_beside_black(ends, grey)] / shrink
    return ends[~_on_people(ends, still.people_px)], max(grey.shape)


def _beside_black(ends: Float[np.ndarray, "E 2 2"], grey: UInt8[np.ndarray, "H W"]) -> np.ndarray:
    along = ends[:, 1] - ends[:, 0]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    beside = np.zeros(len(ends), dtype=bool)
    for side in (-1.0, 1.0):
        black = np.ones(len(ends), dtype=bool)
        for share in (0.2, 0.5, 0.8):
            for away_px in (4.0, 8.0):
                x, y = np.rint(ends[:, 0] + share * along + side * away_px * across).astype(int).T
                black &= grey[np.clip(y, 0, grey.shape[0] - 1), np.clip(x, 0, grey.shape[1] - 1)] <= _BLACK
        beside |= black
    return beside


def _on_people(ends: Float[np.ndarray, "E 2 2"], people_px: Float[np.ndarray, "P 4"]) -> np.ndarray:
    """Clothes and limbs are no walls."""
    x, y, width, height = people_px.T[..., None]
    pad = _AROUND_PERSON * height
    mx, my = ends.mean(axis=1).T
    return ((mx > x - pad) & (mx < x + width + pad) & (my > y - pad) & (my < y + height + pad)).any(axis=0)
