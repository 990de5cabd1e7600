"""Which way is up in the picture: the tilt of the camera, with its uncertainty.

Trunk inclination is measured against gravity, so a degree of tilt error is a degree of trunk error in every frame.
Three sources, the best one that is there wins:

- ``user``: pitch and roll were given
- ``lines``: straight edges of the room (door frames, shelves, walls) point to the vertical vanishing point; searched
  around what the body says, so that edges of slanted things cannot win on their own
- ``body``: in its most upright frames a standing person's shoulders are above the ankles
- ``prior``: nothing was seen; a hand-held phone looks down a little
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.landmarks import Landmark as L
from ergo.geometry.camera import rays, up_from_tilt
from ergo.geometry.rotations import angle_between_deg, unit
from ergo.types import Gravity

USER_SD_DEG = 1.0
BODY_SD_DEG = 6.0
"""Mean error of the upright-body estimate on the development clips."""
PRIOR_SD_DEG = 12.0
PRIOR_PITCH_DEG = 12.0

LINE_SD_DEG = 0.8
"""Spread of image edges about their common vanishing point."""
SEARCH_SD_DEG = 14.0
"""How far the lines may move the answer away from what the body says (standard deviation)."""
MIN_LINE_SUPPORT = 0.35
"""Total length of agreeing edges, in picture sides, below which the lines are not believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A picture from the clip in which edges are looked for, and where the person is in it (x, y, width, height)."""

    rgb: UInt8[np.ndarray, "H W 3"]
    bbox_px: tuple[float, float, float, float]


def from_user(pitch_deg: float | None, roll_deg: float | None) -> Gravity | None:
    """The user's own tilt; a missing one of the two is taken as 0. None when neither was given."""
    if pitch_deg is None and roll_deg is None:
        return None
    return Gravity(up_cam=up_from_tilt(pitch_deg or 0.0, roll_deg or 0.0), sd_deg=USER_SD_DEG, source="user")


def from_body(points_m: Float[np.ndarray, "T 33 3"], legs_seen: np.ndarray) -> Gravity:
    """Up from the frames in which the person stands most upright.

    Args:
        points_m: joints in the camera frame.
        legs_seen: [T] frames in which the ankles can be trusted.
    """
    usable = points_m[np.isfinite(points_m).all(axis=(1, 2)) & legs_seen]
    if len(usable) == 0:
        return Gravity(up_cam=up_from_tilt(PRIOR_PITCH_DEG, 0.0), sd_deg=PRIOR_SD_DEG, source="prior")
    shoulders = usable[:, [L.LEFT_SHOULDER, L.RIGHT_SHOULDER]].mean(axis=1)
    hips = usable[:, [L.LEFT_HIP, L.RIGHT_HIP]].mean(axis=1)
    ankles = usable[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]].mean(axis=1)
    bend = angle_between_deg(shoulders - hips, hips - ankles)
    for hip, knee, ankle in ((L.LEFT_HIP, L.LEFT_KNEE, L.LEFT_ANKLE), (L.RIGHT_HIP, L.RIGHT_KNEE, L.RIGHT_ANKLE)):
        bend = bend + 0.5 * angle_between_deg(usable[:, knee] - usable[:, hip], usable[:, ankle] - usable[:, knee])
    upright = bend <= np.percentile(bend, 30)
    up = unit(unit(shoulders - ankles)[upright].mean(axis=0))
    bent = float(np.percentile(bend, 30))
    # Somebody who never stands up tells little of the vertical.
    return Gravity(up_cam=up, sd_deg=float(np.clip(BODY_SD_DEG * bent / 30.0, BODY_SD_DEG, 20.0)), source="body")


def refine_with_lines(gravity: Gravity, stills: Sequence[Still], K: Float[np.ndarray, "3 3"]) -> Gravity:
    """The vertical vanishing direction of the pictures' edges near `gravity`; `gravity` itself when too few agree.

    `K` are the intrinsics of the stills' own pixels.
    """
    found = [_edges(still, K) for still in stills]
    normals = np.concatenate([n for n, _ in found]) if found else np.zeros((0, 3))
    if len(normals) < 3:
        return gravity
    lengths = np.concatenate([length for _, length in found]) / len(stills)
    candidates = _tilt_grid()
    support = lengths @ _agreement(normals, candidates)
    log_prior = -0.5 * (angle_between_deg(candidates, gravity.up_cam) / SEARCH_SD_DEG) ** 2
    best = int(np.argmax(6.0 * support / (MIN_LINE_SUPPORT + 0.6 * support.max()) + log_prior))
    if support[best] < MIN_LINE_SUPPORT:
        return gravity
    up = _polish(candidates[best], normals, lengths)
    weight = _agreement(normals, up[None])[:, 0] * lengths
    effective = weight.sum() ** 2 / np.sum(weight**2)
    sd_deg = float(np.hypot(1.0, 3.0 / np.sqrt(max(effective, 1.0))))
    return Gravity(up_cam=up, sd_deg=sd_deg, source="lines")


def _tilt_grid() -> Float[np.ndarray, "N 3"]:
    return np.array([up_from_tilt(p, r) for p in np.arange(-20.0, 61.0) for r in np.arange(-40.0, 41.0)])


def _agreement(normals: Float[np.ndarray, "E 3"], up: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "E N"]:
    off_deg = np.degrees(np.arcsin(np.clip(normals @ up.T, -1.0, 1.0)))
    return np.exp(-0.5 * (off_deg / LINE_SD_DEG) ** 2)


def _polish(up: Float[np.ndarray, "3"], normals: np.ndarray, lengths: np.ndarray) -> Float[np.ndarray, "3"]:
    """Least squares over the agreeing edges: the direction most nearly in all their planes."""
    for _ in range(5):
        weight = lengths * _agreement(normals, up[None])[:, 0]
        direction = np.linalg.eigh((normals * weight[:, None]).T @ normals)[1][:, 0]
        direction = direction * np.sign(direction @ up)
        if angle_between_deg(direction, up) > 3.0:
            break
        up = direction
    return up


def _edges(still: Still, K: Float[np.ndarray, "3 3"]) -> tuple[Float[np.ndarray, "E 3"], Float[np.ndarray, "E"]]:
    """Normals of the planes through the camera and each edge, and the edges' lengths in picture sides.

    Edges on the person are left out: clothes and limbs are no walls.
    """
    import cv2  # noqa: PLC0415  only this estimate needs it

    grey = cv2.cvtColor(np.ascontiguousarray(still.rgb), cv2.COLOR_RGB2GRAY)
    shrink = 800 / max(grey.shape)
    if shrink < 1:
        grey = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    segments = cv2.createLineSegmentDetector().detect(grey)[0]
    if segments is None:
        return np.zeros((0, 3)), np.zeros(0)
    ends = segments.reshape(-1, 2, 2).astype(float) / min(shrink, 1.0)
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) / max(still.rgb.shape)
    x, y, w, h = still.bbox_px
    middle = ends.mean(axis=1)
    on_person = (middle[:, 0] > x) & (middle[:, 0] < x + w) & (middle[:, 1] > y) & (middle[:, 1] < y + h)
    keep = ~on_person & (length > 0.03)
    direction = rays(ends[keep], K)
    return unit(np.cross(direction[:, 0], direction[:, 1])), length[keep]
